"""A page that is only read is one transaction."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import NOW, Office, citizen, office
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.config.middleware import OneTransaction
from legedialog.core import fence, page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic(db: None, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return office()


@pytest.fixture
def elsewhere() -> Iterator[psycopg.Connection]:
    """A connection of its own, which sees what has been committed."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        yield other


def request(method: str = "GET", *, has_cookie: bool = True) -> HttpRequest:
    made = RequestFactory().generic(method, "/")
    if has_cookie:
        made.COOKIES[cookies.name("session")] = "x"
    return made


def shown(view: Callable[[HttpRequest], HttpResponse], method: str = "GET", *, has_cookie: bool = True) -> bytes:
    response = OneTransaction(view)(request(method, has_cookie=has_cookie))
    assert isinstance(response, HttpResponse)
    return response.content


def said(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{connection.in_atomic_block}")


@pytest.mark.parametrize(
    ("method", "has_cookie", "is_one"),
    [("GET", True, True), ("HEAD", True, True), ("POST", True, False), ("GET", False, False)],
)
def test_a_get_of_somebody_who_is_logged_in_is_one(method: str, has_cookie: bool, is_one: bool) -> None:
    assert shown(said, method, has_cookie=has_cookie) == str(is_one).encode()
    assert not connection.in_atomic_block


def test_a_page_says_whom_it_works_for_at_most_twice(clinic: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is known whose the cookie is, and then."""
    client = logged_in(citizen(clinic.patient()))
    client.get("/timeavtaler/")
    scopes: list[str] = []
    real = fence.signed

    def signed(scope: str, backend: int, turn: int) -> str:
        scopes.append(scope)
        return real(scope, backend, turn)

    monkeypatch.setattr(fence, "signed", signed)
    assert client.get("/timeavtaler/").status_code == 200
    assert len(scopes) == 2


def test_a_trace_of_reading_is_there_before_the_page_is_shown(clinic: Office, elsewhere: Any) -> None:
    patient = clinic.patient()
    count = "SELECT count(*) FROM audit_event WHERE action = 'x'"

    def view(request: HttpRequest) -> HttpResponse:
        audit.record(citizen(patient), "x", None, at=NOW, patient_id=patient.pk)
        with fence.system("a look from outside"):
            assert elsewhere.execute(count).fetchone() == (0,)
        return HttpResponse()

    shown(view)
    with fence.system("a look from outside"):
        assert elsewhere.execute(count).fetchone() == (1,)


def test_a_page_that_fails_leaves_nothing_and_what_is_shown_instead_may_ask(clinic: Office) -> None:
    patient = clinic.patient()

    def view(request: HttpRequest) -> HttpResponse:
        audit.record(citizen(patient), "x", None, at=NOW, patient_id=patient.pk)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        except Exception as error:  # as Django's handler does around a view
            OneTransaction(said).process_exception(request, error)
        return HttpResponse(f"{Event.objects.filter(action='x').count()}")

    assert shown(view) == b"0"
    assert not connection.in_atomic_block


def test_no_transaction_is_open_while_another_machine_is_spoken_to(clinic: Office, elsewhere: Any) -> None:
    patient = clinic.patient()

    def view(request: HttpRequest) -> HttpResponse:
        audit.record(citizen(patient), "x", None, at=NOW, patient_id=patient.pk)
        with page.left():
            assert not connection.in_atomic_block
            with fence.system("a look from outside"):
                assert elsewhere.execute("SELECT count(*) FROM audit_event WHERE action = 'x'").fetchone() == (1,)
        return said(request)

    assert shown(view) == b"True"
    with page.left():  # where there is no page it changes nothing
        assert not connection.in_atomic_block
