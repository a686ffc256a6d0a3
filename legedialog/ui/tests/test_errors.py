from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from legedialog.ui import errors

# No test here has a database mark: a query in an error page fails.


@pytest.mark.parametrize(
    ("language", "title"),
    [("nb", "Noe gikk galt hos oss"), ("nn", "Noko gjekk gale hos oss"), ("en", "Something went wrong at our end")],
)
def test_a_failure_is_said_in_the_readers_language(rf: RequestFactory, language: str, title: str) -> None:
    with translation.override(language):
        response = errors.page(rf.get("/timeavtaler/"), 500)
    html = response.content.decode()
    assert response.status_code == 500
    assert f">{title}</h1>" in html
    assert f'<html lang="{language}"' in html
    assert 'href="/timeavtaler/"' in html  # try again


@pytest.mark.parametrize("status", sorted(errors.TEXTS))
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_has_its_own_words_and_a_way_on(rf: RequestFactory, status: int, language: str) -> None:
    with translation.override(language):
        response = errors.page(rf.get("/"), status)
        title, advice = (str(text) for text in errors.TEXTS[status])
    html = response.content.decode()
    assert response.status_code == status
    assert title in html.replace("&#x27;", "'")
    assert advice in html.replace("&#x27;", "'")
    assert 'action="/ui/sprak/"' in html
    if language != "nb":
        with translation.override("nb"):
            assert title != str(errors.TEXTS[status][0])


def test_the_message_and_the_request_id_are_shown_and_escaped(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.request_id = "abc123"  # type: ignore[attr-defined]
    html = errors.page(request, 409, "Timen er <tatt>.").content.decode()
    assert "Timen er &lt;tatt&gt;." in html
    assert "<code>abc123</code>" in html


@pytest.mark.parametrize(("status", "replaced"), [(404, True), (409, True), (403, False), (429, False), (500, False)])
def test_htmx_replaces_the_page_only_when_nothing_typed_is_lost(
    rf: RequestFactory, status: int, replaced: bool
) -> None:
    response: HttpResponse = errors.page(rf.get("/", headers={"HX-Request": "true"}), status)
    assert (response.get("HX-Retarget") == "#content") is replaced


def test_a_missing_page_uses_it(client: "Callable[..., HttpResponse]") -> None:
    response = client.get("/finnes-ikke/", headers={"Accept-Language": "en"})  # type: ignore[attr-defined]
    assert response.status_code == 404
    assert b"We cannot find the page" in response.content
