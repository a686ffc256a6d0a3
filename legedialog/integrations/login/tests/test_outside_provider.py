"""Our client against npm's oidc-provider: what must work, and what that provider itself can make go wrong."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from legedialog.access.models import Login, LoginAttempt, Operator
from legedialog.audit.models import Event
from legedialog.core.crypto import blind_index
from legedialog.integrations.login.tests.conftest import (
    KARI,
    MONA,
    Browser,
    OidcProvider,
    clinician,
    employee,
    practice,
)
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


def open_logins() -> int:
    return Login.objects.filter(ended_at=None).count()


def assert_failed(response: Any, status: int, code: str) -> None:
    assert response.status_code == status
    assert f'data-code="{code}"' in response.content.decode()
    assert "session" not in response.cookies
    assert open_logins() == 0


def test_a_citizen_logs_in_and_comes_to_the_page_she_wanted(
    outside: OidcProvider, browser: Browser, kari: Person
) -> None:
    outside.citizen()
    response = browser.log_in("/logg-inn/?next=/timeavtaler/%3Fdag%3D2")
    assert (response.status_code, response["Location"]) == (302, "/timeavtaler/?dag=2")
    login = Login.objects.get()
    assert (login.person_id, login.kind, login.assurance, login.issuer) == (kari.pk, "citizen", "high", outside.issuer)
    assert login.provider_sid
    cookie = response.cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert Event.objects.get(action="login.started").person_id == kari.pk
    assert browser.open("/logg-ut/").wsgi_request.actor.display_name == "Kari Testdal"


def test_her_own_language_is_shown_after_login(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    kari.language = "en"
    kari.save(update_fields=["language"])
    outside.citizen()
    browser.log_in()
    assert 'lang="en"' in browser.open("/logg-ut/").content.decode()


def test_staff_log_in_with_proof_of_possession(outside: OidcProvider, browser: Browser) -> None:
    who = employee(practice())
    outside.staff()
    response = browser.log_in("/logg-inn/ansatt/?next=/kontor/kalender/")
    assert response["Location"] == "/kontor/kalender/"
    actor = browser.open("/logg-ut/").wsgi_request.actor
    assert (actor.employee_id, actor.role, actor.practice_id) == (who.pk, "secretary", who.practice_id)


def test_a_doctor_logs_in_when_helseid_names_the_same_hpr_number(outside: OidcProvider, browser: Browser) -> None:
    doctor = clinician("9000001")
    employee(practice(), role="doctor", clinician=doctor)
    outside.staff(hpr="9000001")
    assert browser.log_in("/logg-inn/ansatt/").status_code == 302
    assert browser.open("/logg-ut/").wsgi_request.actor.clinician_id == doctor.pk


@pytest.mark.parametrize("hpr", ["", "9000002"])
def test_a_doctor_with_another_hpr_number_is_refused(outside: OidcProvider, browser: Browser, hpr: str) -> None:
    employee(practice(), role="doctor", clinician=clinician("9000001"))
    outside.staff(hpr=hpr)
    assert_failed(browser.log_in("/logg-inn/ansatt/"), 403, "wrong-hpr")


def test_an_operator_logs_in_the_way_of_staff(outside: OidcProvider, browser: Browser) -> None:
    Operator.objects.create(name="Drift Operatør", national_number_index=blind_index(MONA, purpose="national-number"))
    outside.staff()
    assert browser.log_in("/logg-inn/ansatt/").status_code == 302
    actor = browser.open("/logg-ut/").wsgi_request.actor
    assert (actor.kind, actor.patients, actor.practices) == ("operator", frozenset(), frozenset())


def test_one_who_works_at_two_offices_chooses(outside: OidcProvider, browser: Browser) -> None:
    first, second = (employee(practice(f"91000000{n}", name)) for n, name in ((1, "Aldal"), (2, "Bødal")))
    outside.staff()
    response = browser.log_in("/logg-inn/ansatt/?next=/kontor/kalender/")
    assert response["Location"] == "/logg-inn/kontor/?next=%2Fkontor%2Fkalender%2F"
    page = browser.open(response["Location"]).content.decode()
    assert "Aldal" in page
    assert "Bødal" in page

    old_token = browser.ours.cookies["session"].value
    response = browser.ours.post("/logg-inn/kontor/", {"employment": str(second.pk), "next": "/kontor/kalender/"})
    assert response["Location"] == "/kontor/kalender/"
    assert browser.open("/logg-ut/").wsgi_request.actor.practice_id == second.practice_id
    assert browser.ours.cookies["session"].value != old_token
    browser.ours.cookies["session"] = old_token
    assert not browser.open("/logg-ut/").wsgi_request.actor.is_authenticated

    assert first.pk != second.pk


def test_an_office_where_she_does_not_work_cannot_be_chosen(outside: OidcProvider, browser: Browser) -> None:
    employee(practice())
    elsewhere = employee(practice("910000002", "Dalen"), number=KARI)
    outside.staff()
    browser.log_in("/logg-inn/ansatt/")
    response = browser.ours.post("/logg-inn/kontor/", {"employment": str(elsewhere.pk)})
    assert response.status_code == 404


def test_work_that_has_ended_or_not_begun_opens_nothing(outside: OidcProvider, browser: Browser) -> None:
    today = timezone.localdate()
    employee(practice(), ends_date=today)
    employee(practice("910000002", "Dalen"), starts_date=date(today.year + 1, 1, 1))
    outside.staff()
    assert_failed(browser.log_in("/logg-inn/ansatt/"), 403, "unknown-employee")


@pytest.mark.parametrize("acr", ["idporten-loa-substantial", "idporten-loa-low"])
def test_a_citizen_below_the_high_level_is_refused(
    outside: OidcProvider, browser: Browser, kari: Person, acr: str
) -> None:
    outside.citizen(acr=acr)
    assert_failed(browser.log_in(), 403, "wrong-acr")


def test_staff_below_the_high_level_are_refused(outside: OidcProvider, browser: Browser) -> None:
    employee(practice())
    outside.staff(level="3")
    assert_failed(browser.log_in("/logg-inn/ansatt/"), 403, "wrong-acr")


def test_one_who_changes_her_mind_is_met_calmly(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    outside.next(error="access_denied")
    assert_failed(browser.log_in(), 200, "cancelled")


def test_a_person_we_do_not_know_is_told_what_to_do(
    outside: OidcProvider, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    outside.citizen()
    response = browser.log_in()
    assert_failed(response, 403, "unknown-person")
    assert "Ring legekontoret" in response.content.decode()


def test_a_dead_person_is_not_logged_in(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    kari.death_date = date(2026, 1, 1)
    kari.save(update_fields=["death_date"])
    outside.citizen()
    assert_failed(browser.log_in(), 403, "unknown-person")


@pytest.mark.parametrize("number", ["", "123", "14058400000"])
def test_without_a_right_number_nobody_is_logged_in(
    outside: OidcProvider, browser: Browser, kari: Person, number: str
) -> None:
    outside.citizen(number=number)
    assert_failed(browser.log_in(), 403, "no-number")


def test_the_same_answer_does_not_work_twice(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    outside.citizen()
    answer = browser.begin()
    browser.open(answer)
    browser.ours.cookies.pop("session")
    Login.objects.all().delete()
    assert_failed(browser.open(answer), 400, "attempt-gone")


def test_who_goes_back_after_logging_in_is_still_logged_in(
    outside: OidcProvider, browser: Browser, kari: Person
) -> None:
    outside.citizen()
    answer = browser.begin()
    browser.open(answer)
    again = browser.open(answer)
    assert (again.status_code, again["Location"]) == (302, "/")
    assert Login.objects.filter(ended_at=None).count() == 1


def test_an_answer_in_another_browser_does_not_work(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    outside.citizen()
    answer = browser.begin()
    assert_failed(Browser().open(answer), 400, "attempt-gone")


def test_a_code_that_belongs_to_another_attempt_does_not_work(
    outside: OidcProvider, browser: Browser, kari: Person
) -> None:
    outside.citizen()
    stolen = dict(part.split("=", 1) for part in browser.begin().split("?")[1].split("&"))
    mine = dict(part.split("=", 1) for part in browser.begin().split("?")[1].split("&"))
    query = "&".join(f"{name}={value}" for name, value in (mine | {"code": stolen["code"]}).items())
    assert_failed(browser.open(f"/logg-inn/svar/idporten/?{query}"), 400, "code-refused")


def test_an_attempt_that_took_too_long_does_not_work(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    outside.citizen()
    answer = browser.begin()
    LoginAttempt.objects.update(created_at=timezone.now() - timedelta(minutes=10))
    assert_failed(browser.open(answer), 400, "attempt-gone")


def test_the_other_providers_answer_does_not_work(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    outside.citizen()
    answer = browser.begin().replace("/idporten/", "/helseid/")
    assert_failed(browser.open(answer), 400, "attempt-gone")


def test_logging_in_again_ends_the_login_from_before(outside: OidcProvider, browser: Browser, kari: Person) -> None:
    outside.citizen()
    browser.log_in()
    first = browser.ours.cookies["session"].value
    browser.log_in()
    assert browser.ours.cookies["session"].value != first
    assert open_logins() == 1
    assert Login.objects.get(ended_at__isnull=False).ended_why == "replaced"


def test_logging_out_ends_it_here_and_there(
    outside: OidcProvider, browser: Browser, kari: Person, oidc_process: dict[str, Any]
) -> None:
    outside.citizen()
    browser.log_in()
    response = browser.ours.post("/logg-ut/")
    assert response.status_code == 200
    assert Login.objects.get().ended_why == "logged-out"
    assert not browser.open("/logg-ut/").wsgi_request.actor.is_authenticated

    url = response["Refresh"].removeprefix("0; url=")
    assert KARI not in url
    page = browser.theirs.get(url).text  # asks whether to log out there too
    secret = page.split('name="xsrf" value="')[1].split('"')[0]
    done = browser.theirs.post(f"{outside.issuer}/session/end/confirm", data={"xsrf": secret, "logout": "yes"})
    assert done.headers["Location"].startswith("http://testserver/logg-ut/")
    assert "Du er logget ut" in browser.open("/logg-ut/").content.decode()


def test_logging_out_elsewhere_ends_the_right_login_by_the_back_channel(
    outside: OidcProvider, browser: Browser, kari: Person, oidc_process: dict[str, Any]
) -> None:
    outside.citizen()
    other = Browser()
    browser.log_in()
    other.log_in()
    messages = oidc_process["back_channel"].messages
    messages.clear()

    page = other.theirs.get(f"{outside.issuer}/session/end?client_id=legedialog-idporten").text
    secret = page.split('name="xsrf" value="')[1].split('"')[0]
    other.theirs.post(f"{outside.issuer}/session/end/confirm", data={"xsrf": secret, "logout": "yes"})
    other.theirs.close()

    ((path, form),) = messages
    assert path == "/logg-ut/idporten/back/"
    assert browser.ours.post(path, form).status_code == 200
    assert not other.open("/logg-ut/").wsgi_request.actor.is_authenticated
    assert browser.open("/logg-ut/").wsgi_request.actor.is_authenticated
    assert browser.ours.post(path, form).status_code == 400  # once
