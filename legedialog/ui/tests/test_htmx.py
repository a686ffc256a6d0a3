from collections.abc import Callable

import pytest
from django import forms
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from legedialog.ui import htmx
from legedialog.ui.gallery import ExampleForm

PAGE = "ui/gallery.html"


@pytest.fixture
def ask(rf: RequestFactory) -> Callable[..., HttpRequest]:
    def make(**headers: str) -> HttpRequest:
        request = rf.get("/ui/", headers=headers)
        request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
        request.session = {}  # type: ignore[assignment]
        request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
        return request

    return make


def context(form: forms.Form) -> dict[str, object]:
    return {"layout": "ui/citizen.html", "form": form, "until": timezone.now()}


def test_a_browser_gets_the_whole_page_and_htmx_its_part(ask: Callable[..., HttpRequest]) -> None:
    form = ExampleForm()
    whole = htmx.page(ask(), PAGE, context(form), part="form", form=form)
    part = htmx.page(ask(HX_Request="true"), PAGE, context(form), part="form", form=form)
    assert b"<!doctype html>" in whole.content
    assert part.content.strip().startswith(b"<form")
    assert whole["Vary"] == part["Vary"] == "HX-Request"
    assert whole.status_code == part.status_code == 200


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_htmx_gets_the_whole_page_when_it_replaces_the_whole_page(ask: Callable[..., HttpRequest], header: str) -> None:
    request = ask(**{"HX-Request": "true", header: "true"})
    assert b"<!doctype html>" in htmx.page(request, PAGE, context(ExampleForm()), part="form").content


def test_a_form_with_errors_is_422_unless_the_view_says_otherwise(ask: Callable[..., HttpRequest]) -> None:
    form = ExampleForm({})
    assert htmx.page(ask(), PAGE, context(form), form=form).status_code == 422
    assert htmx.page(ask(), PAGE, context(form), form=form, status=409).status_code == 409


def test_messages_come_beside_a_part(ask: Callable[..., HttpRequest]) -> None:
    request = ask(HX_Request="true")
    messages.success(request, "Timen er bestilt.")
    html = htmx.page(request, PAGE, context(ExampleForm()), part="form").content.decode()
    assert '<div hx-swap-oob="innerHTML:#messages"><div class="ds-alert" data-color="success">' in " ".join(
        html.split()
    )


def test_a_part_that_renews_itself_leaves_the_message_to_the_page_it_belongs_to(
    ask: Callable[..., HttpRequest],
) -> None:
    request = ask(HX_Request="true", X_Live="1")
    messages.success(request, "Timen er bestilt.")
    assert "Timen er bestilt" not in htmx.page(request, PAGE, context(ExampleForm()), part="form").content.decode()
    assert [str(message) for message in messages.get_messages(request)] == ["Timen er bestilt."]


def test_a_redirect_is_one_for_the_browser_and_one_for_htmx(ask: Callable[..., HttpRequest]) -> None:
    plain = htmx.redirect(ask(), "ui:gallery")
    swapped = htmx.redirect(ask(HX_Request="true"), "ui:gallery")
    assert (plain.status_code, plain["Location"]) == (302, "/ui/")
    assert (swapped.status_code, swapped["HX-Redirect"]) == (200, "/ui/")


def test_a_page_with_an_error_says_so_first_of_all_in_its_title(ask: Callable[..., HttpRequest]) -> None:
    for form, says in ((ExampleForm({}), True), (ExampleForm(), False)):
        html = htmx.page(ask(), PAGE, context(form), part="form", form=form).content.decode()
        assert ('<title data-error="Feil:">Feil: ' in html) is says
