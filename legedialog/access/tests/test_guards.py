"""Who may open which page, as a table to read aloud."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from legedialog.access.actor import ANONYMOUS, Actor, Kind, Role
from legedialog.access.web import citizen_required, operator_required, staff_required
from legedialog.core.errors import Denied

ACTORS = {
    "a stranger": ANONYMOUS,
    "a citizen": Actor(kind=Kind.CITIZEN, login_id=uuid4(), person_id=uuid4()),
    "a secretary": Actor(kind=Kind.STAFF, login_id=uuid4(), role=Role.SECRETARY),
    "a doctor": Actor(kind=Kind.STAFF, login_id=uuid4(), role=Role.DOCTOR),
    "an operator": Actor(kind=Kind.OPERATOR, login_id=uuid4()),
}


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("here")


GUARDS = {
    "citizens": citizen_required(page),
    "staff": staff_required()(page),
    "doctors": staff_required(Role.DOCTOR, Role.SUBSTITUTE)(page),
    "operators": operator_required(page),
}
ALLOWED = {
    ("a citizen", "citizens"),
    ("a secretary", "staff"),
    ("a doctor", "staff"),
    ("a doctor", "doctors"),
    ("an operator", "operators"),
}


def asked(who: str, whose: str, **kwargs: Any) -> Any:
    request: Any = RequestFactory().get("/kontor/kalender/?dag=2", **kwargs)
    request.actor = ACTORS[who]
    return GUARDS[whose](request)


@pytest.mark.parametrize("whose", GUARDS)
@pytest.mark.parametrize("who", [who for who in ACTORS if who != "a stranger"])
def test_who_may_open_a_page(who: str, whose: str) -> None:
    if (who, whose) in ALLOWED:
        assert asked(who, whose).content == b"here"
    else:
        with pytest.raises(Denied):
            asked(who, whose)


@pytest.mark.parametrize(
    ("whose", "login"),
    [("citizens", "/logg-inn/"), ("staff", "/logg-inn/ansatt/"), ("operators", "/logg-inn/ansatt/")],
)
def test_a_stranger_is_sent_to_log_in_and_comes_back(whose: str, login: str) -> None:
    response = asked("a stranger", whose)
    assert response["Location"] == f"{login}?next=%2Fkontor%2Fkalender%2F%3Fdag%3D2"
    response = asked("a stranger", whose, headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == f"{login}?next=%2Fkontor%2Fkalender%2F%3Fdag%3D2"
