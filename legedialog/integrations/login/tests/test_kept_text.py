"""What a person typed is not lost when her login has ended."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings

from legedialog.access import queries, rules, seals, services
from legedialog.access.actor import Kind
from legedialog.access.models import KeptForm
from legedialog.access.tests.logins import begin
from legedialog.access.tests.pages import began
from legedialog.access.web import citizen_or_proxy_required
from legedialog.core.identifiers import synthetic_number
from legedialog.integrations.login.tests.conftest import Browser, OidcProvider, person
from legedialog.patients.models import Person
from legedialog.ui.forms import GIVEN


@citizen_or_proxy_required
def write(request: HttpRequest) -> HttpResponse:
    """What was received, and the seal that a form on this page would have."""
    fields = sorted((name, values) for name, values in request.POST.lists() if name != "seal")
    if request.method == "GET" and (given := GIVEN.get()):
        written = escape(given["reason"])
        return HttpResponse(f"look: {request.META['QUERY_STRING']} {request.POST.dict()} {written}")
    return HttpResponse(f"received: {fields}" if request.method == "POST" else seals.draw(request))


urlpatterns = [path("skriv/", write), path("", include("legedialog.config.urls"))]
TYPED = {"reason": "Jeg har vondt i <kneet>\r\nog i ryggen", "channel": ["video", "phone"], "send": "ja"}

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def logged_out(outside: OidcProvider, browser: Browser, kari: Person) -> Browser:
    """Kari logged in, opened a form, went to lunch, and her login ran out."""
    outside.citizen()
    browser.log_in()
    open_form(browser)
    began(browser.ours, timezone.now() - timedelta(hours=1))
    return browser


def open_form(browser: Browser) -> None:
    """What is sent from now on is sent from a page that was drawn for who is logged in now."""
    browser.seal = {"seal": browser.open("/skriv/").content.decode()}


def test_a_file_that_was_still_in_the_browser_is_named_and_not_kept(logged_out: Browser) -> None:
    picture = SimpleUploadedFile("Utslett på arm.jpg", b"nobody looks at this", "image/jpeg")
    logged_out.send("/skriv/", {**TYPED, "attachment-file": picture})
    assert "nobody looks" not in KeptForm.objects.get().fields
    page = log_in_again(logged_out, "/logg-inn/tekst/").content.decode()
    assert "Disse filene må du legge ved på nytt: Utslett på arm.jpg" in " ".join(page.split())
    assert page.count("Utslett") == 1, "it is no word of hers, and is not sent again"


def log_in_again(browser: Browser, expect: str) -> Any:
    response = browser.log_in("/logg-inn/?next=/skriv/")
    assert response["Location"] == expect
    return browser.open(expect)


def test_the_text_waits_for_her_and_comes_back_to_its_page(logged_out: Browser) -> None:
    response = logged_out.send("/skriv/?steg=2", TYPED)
    assert response["Location"] == "/logg-inn/utlogget/?next=%2Fskriv%2F%3Fsteg%3D2&as=citizen"
    page = logged_out.open(response["Location"]).content.decode()
    assert "Du ble logget ut. Teksten din er tatt vare på." in page
    assert 'href="/logg-inn/?next=%2Fskriv%2F%3Fsteg%3D2"' in page

    page = log_in_again(logged_out, "/logg-inn/tekst/").content.decode()
    assert "Jeg har vondt i &lt;kneet&gt;<br>og i ryggen" in page
    assert KeptForm.objects.count() == 1  # looking at it sends nothing

    form = KeptForm.objects.get()
    response = logged_out.ours.post(f"/logg-inn/tekst/{form.pk}/", TYPED, follow=True)
    assert response.redirect_chain == [("/skriv/?steg=2&tilbake=1", 307)]
    assert (
        response.content.decode() == f"look: steg=2 {{}} {escape(TYPED['reason'])}"
    )  # whatever the page does with what is sent
    assert not KeptForm.objects.exists()


def test_the_page_holds_every_field_as_it_was(logged_out: Browser) -> None:
    logged_out.send("/skriv/", TYPED | {"csrfmiddlewaretoken": "secret"})
    page = log_in_again(logged_out, "/logg-inn/tekst/")
    ((kept, _ended),) = page.context["forms"]
    assert kept.fields == [
        ("reason", "Jeg har vondt i <kneet>\r\nog i ryggen"),
        ("channel", "video"),
        ("channel", "phone"),
        ("send", "ja"),
    ]


def test_it_is_encrypted_where_it_waits(logged_out: Browser) -> None:
    logged_out.send("/skriv/", TYPED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields FROM access_keptform")
        assert b"kneet" not in bytes(cursor.fetchone()[0])


def test_the_same_through_htmx_leads_the_whole_page_away(logged_out: Browser) -> None:
    response = logged_out.send("/skriv/", TYPED, headers={"HX-Request": "true"})
    assert response["HX-Redirect"].startswith("/logg-inn/utlogget/")
    assert KeptForm.objects.count() == 1


def test_logging_out_in_another_tab_loses_nothing_either(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    outside.citizen()
    browser.log_in()
    open_form(browser)
    browser.ours.post("/logg-ut/")
    browser.send("/skriv/", TYPED)
    assert "kneet" in log_in_again(browser, "/logg-inn/tekst/").content.decode()


def test_another_person_in_the_same_browser_never_sees_it(logged_out: Browser, outside: OidcProvider) -> None:
    logged_out.send("/skriv/", TYPED)
    form = KeptForm.objects.get()
    number = synthetic_number(date(1971, 2, 3), 0)
    person(number, given_name="Per")
    logged_out.theirs.cookies.clear()
    outside.next(sub="per", acr="idporten-loa-high", claims={"pid": number})
    log_in_again(logged_out, "/skriv/")
    assert logged_out.open("/logg-inn/tekst/")["Location"] == "/"
    assert logged_out.ours.post(f"/logg-inn/tekst/{form.pk}/", TYPED)["Location"] == "/logg-inn/tekst/"
    logged_out.ours.post("/logg-inn/tekst/")
    assert KeptForm.objects.count() == 1


def test_she_does_not_see_it_in_another_browser(logged_out: Browser, outside: OidcProvider) -> None:
    logged_out.send("/skriv/", TYPED)
    other = Browser()
    log_in_again(other, "/skriv/")
    assert other.open("/logg-inn/tekst/")["Location"] == "/"
    other.theirs.close()


def test_what_an_earlier_version_kept_without_saying_for_whom_is_not_shown(logged_out: Browser) -> None:
    """It still runs while this one takes over, on the same tables."""
    logged_out.send("/skriv/", TYPED)
    said = KeptForm.objects.get()
    unsaid = KeptForm.objects.create(
        browser_hash=said.browser_hash,
        login_id=said.login_id,
        path="/skriv/2/",
        fields="[]",
        created_at=said.created_at,
    )
    log_in_again(logged_out, "/logg-inn/tekst/")
    page = logged_out.open("/logg-inn/tekst/").content.decode()
    assert f"/logg-inn/tekst/{said.pk}/" in page
    assert f"/logg-inn/tekst/{unsaid.pk}/" not in page
    assert logged_out.ours.post(f"/logg-inn/tekst/{unsaid.pk}/", TYPED)["Location"] == "/logg-inn/tekst/"


def test_it_is_gone_after_half_an_hour(logged_out: Browser) -> None:
    logged_out.send("/skriv/", TYPED)
    KeptForm.objects.update(created_at=timezone.now() - rules.KEPT_LASTS)
    log_in_again(logged_out, "/skriv/")
    services.tidy(timezone.now())
    assert not KeptForm.objects.exists()


def test_she_may_throw_it_away(logged_out: Browser) -> None:
    logged_out.send("/skriv/", TYPED)
    log_in_again(logged_out, "/logg-inn/tekst/")
    assert logged_out.ours.post("/logg-inn/tekst/")["Location"] == "/"
    assert not KeptForm.objects.exists()


def test_forms_from_two_tabs_both_wait(logged_out: Browser) -> None:
    for text in ("Fra den ene fanen", "Fra den andre fanen"):
        logged_out.send("/skriv/", {"reason": text})
    page = log_in_again(logged_out, "/logg-inn/tekst/").content.decode()
    assert "Fra den ene fanen" in page
    assert "Fra den andre fanen" in page


def test_a_stranger_cannot_fill_the_table(client: Client) -> None:
    response = client.post("/skriv/", TYPED)
    assert "Det du sendte, kom ikke fram" in client.get(response["Location"]).content.decode()
    assert not KeptForm.objects.exists()


def test_neither_size_nor_number_is_endless(logged_out: Browser) -> None:
    logged_out.send("/skriv/", {"reason": "å" * rules.KEPT_BYTES})
    assert not KeptForm.objects.exists()
    for number in range(rules.KEPT_FORMS + 3):
        logged_out.send("/skriv/", TYPED | {"number": str(number)})
    assert KeptForm.objects.count() == rules.KEPT_FORMS


def test_a_citizens_session_shows_her_name_and_only_her_affairs(
    kari: Person, django_assert_num_queries: Any, settings: Settings
) -> None:
    now = timezone.now()
    token, _ = begin(Kind.CITIZEN, kari.pk, now=now)
    queries.session(token, now)  # keys are known from here on
    with django_assert_num_queries(1):
        session = queries.session(token, now)
    assert session
    assert session.actor.display_name == "Kari Testdal"
    assert session.actor.patients == {kari.pk}
    assert session.actor.acting_for_id == kari.pk
    assert session.actor.practices == frozenset()
