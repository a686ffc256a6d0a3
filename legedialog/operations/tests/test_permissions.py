"""Every address of the URL conf, opened and sent to as everybody, with ids of their own and of others.

What must happen is what docs/permissions.md says. One world for all: the demo's people.
"""

import logging
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.test.signals import template_rendered
from django.urls import resolve, reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from legedialog.access import cookies, seals, services
from legedialog.access.actor import Assurance, Kind, system
from legedialog.access.middleware import identify
from legedialog.access.models import KeptForm, Login, Operator
from legedialog.access.tests.pages import Forms
from legedialog.appointments.models import Appointment, Claim, TimeRequest, VisitType
from legedialog.attachments.models import Attachment
from legedialog.audit.models import Concern
from legedialog.config import middleware
from legedialog.consent.middleware import narrow
from legedialog.consent.models import Consent
from legedialog.consent.rules import Level
from legedialog.core import crypto, fence
from legedialog.core.contexts import RowOf, Word
from legedialog.core.crypto import blind_index
from legedialog.core.ids import new_id
from legedialog.core.tests import owner
from legedialog.demo import engine as demo
from legedialog.demo.people import PEOPLE
from legedialog.dialogues.models import Dialogue, Template
from legedialog.fees.models import Charge, OwnPrice, Received
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType, CorrectionRequest, Misfiling
from legedialog.journal.models import Kind as EntryKind
from legedialog.journeys.models import Change, RegisterChange
from legedialog.operations import permissions
from legedialog.operations.permissions import VISITORS, Outcome, Route
from legedialog.operations.tests import objects
from legedialog.operations.tests.test_threats import WITHOUT_TOKEN
from legedialog.patients import queries as patients
from legedialog.patients.models import Assignment, Membership, Person, PowerOfAttorney
from legedialog.pending.models import PendingAct
from legedialog.practices.models import Employee
from legedialog.video.models import Room, Seat
from legedialog.visibility.rules import Content

ROUTES = permissions.routes()

# Who plays whom: a name of the demo, and for whom she acts.
CAST: dict[str, tuple[str, str]] = {
    "full": ("Kari Testdal", ""),
    "basis": ("Per Testvik", ""),
    "none": ("Anders Testberg", ""),
    "parent": ("Kari Testdal", "Ola Testdal"),
    "parent-12": ("Kari Testdal", "Nora Testdal"),
    "attorney": ("Tor Testli", "Grethe Testli"),
    "youth": ("Emil Testhaug", ""),
    "child": ("Nora Testdal", ""),
    "protected": ("Lise Testnes", ""),
    "secretary": ("Mona Haug", ""),
    "doctor": ("Ingrid Aas", ""),
    "substitute": ("Leif Strand", ""),
    "manager": ("Siri Berge", ""),
    "elsewhere": ("Odd Lund", ""),
    "operator": ("Drift Operatør", ""),
}
INSTEAD = {
    "consent/needed.html": Outcome.CONSENT,
    "consent/under_16.html": Outcome.TOO_YOUNG,
    "consent/closed.html": Outcome.CLOSED,
    "access/own_only.html": Outcome.SWITCH_BACK,
}


@dataclass
class Who:
    """One who is logged in, and the ids she meets in addresses."""

    token: str = ""
    patient_id: UUID | None = None
    practice_id: UUID | None = None
    clinician_id: UUID | None = None


@dataclass
class World:
    who: dict[str, Who]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    crypto.forget_keys()  # an earlier test's went with its rows; halfway through the demo they would be asked for anew
    with django_db_blocker.unblock(), owner.rolled_back():
        demo.populate(lambda done, total: None)
        none = patients.id_of(_number("Anders Testberg"))
        Consent.objects.filter(person=none, ends_at=None).update(level=Level.NONE)
        who = {key: _log_in(key) for key in CAST}
        _rows_that_the_demo_lacks(who)
        yield World({"anonymous": Who(), **who})
        transaction.set_rollback(True)


def _number(name: str) -> str:
    return next(person.number for person in PEOPLE if person.name == name)


def _log_in(key: str) -> Who:
    name, other = CAST[key]
    kind = VISITORS[key].kind
    index = blind_index(_number(name), purpose="national-number")
    practice_id = clinician_id = None
    if kind is Kind.STAFF:
        employee = Employee.objects.get(national_number_index=index)
        holder, practice_id, clinician_id = employee.pk, employee.practice_id, employee.clinician_id
    elif kind is Kind.OPERATOR:
        holder = Operator.objects.get(national_number_index=index).pk
    else:
        holder = patients.id_of(_number(name)) or holder_is_missing(name)
    token, login_id = services.start_login(
        kind=kind,
        holder_id=holder,
        assurance=Assurance.HIGH,
        issuer="https://login.example",
        sid="",
        sub="someone",
        user_agent="",
        replaces="",
        now=timezone.now(),
    )
    patient_id = holder if kind is Kind.CITIZEN else None
    if other:
        patient_id = patients.id_of(_number(other))
        Login.objects.filter(pk=login_id).update(acting_for=patient_id)
    return Who(token, patient_id, practice_id, clinician_id)


def holder_is_missing(name: str) -> UUID:
    raise AssertionError(f"{name} is not in the demo")


def _rows_that_the_demo_lacks(who: dict[str, Any]) -> None:
    """So that every address has a row of somebody's and a row of somebody else's."""
    kari, emil, per = who["full"].patient_id, who["youth"].patient_id, who["basis"].patient_id
    login = Login.objects.filter(person=kari).first()
    assert login
    KeptForm.objects.create(
        login=login, acting_for_id=kari, browser_hash=b"b" * 32, path="/", fields="[]", created_at=timezone.now()
    )
    _copy(TimeRequest, patient_id=kari, key=new_id())
    _copy(PowerOfAttorney, giver_id=kari, receiver_id=per)
    _copy(VisitType, practice_id=who["elsewhere"].practice_id)
    _copy(OwnPrice, practice_id=who["elsewhere"].practice_id)
    _copy(Template, practice_id=who["elsewhere"].practice_id)
    _copy(Dialogue, practice_id=who["elsewhere"].practice_id, key=new_id(), kind="contact", status="delivered")
    ingrid = Employee.objects.filter(practice=who["doctor"].practice_id, role="doctor").order_by("pk")[0]
    _copy(
        Dialogue,
        patient_id=emil,
        practice_id=ingrid.practice_id,
        key=new_id(),
        kind="contact",
        status="delivered",
        started_by_person_id=None,
        started_by_employee_id=ingrid.pk,
        restriction="N",
    )
    for key, relative in (("doctor", kari), ("doctor", per), ("elsewhere", emil)):
        practice_id = who[key].practice_id
        list_ = {"contract__practice": practice_id, "contract__doctors__clinician": who[key].clinician_id}
        patient = Membership.objects.filter(**list_).exclude(person=relative).first()
        assert patient
        Assignment.objects.create(
            practice_id=practice_id,
            person_id=patient.person_id,
            relative_id=relative,
            relation="søster",
            confirmed_by=Employee.objects.filter(practice=practice_id).order_by("pk")[0],
            confirmed_at=timezone.now(),
        )
    for key in ("doctor", "elsewhere"):
        Received.objects.create(
            **{"practice_id": who[key].practice_id, "key": new_id(), "kid": "1", "ore": 1, "finding": "unknown"},
            **{"paid_date": timezone.now().date(), "read_at": timezone.now()},
        )
    of_emil = {
        "patient_id": emil,
        "by_person_id": None,
        "object_id": new_id(),
        "content": "visit-price",
        "exemption": "",
    }
    decided = {"status": "approved", "by_employee_id": ingrid.pk, "reason": None, "restriction": "N"}
    _copy(Charge, practice_id=who["elsewhere"].practice_id, **of_emil, **decided)
    for key in ("doctor", "elsewhere"):
        now = timezone.now()
        ours = {"practice_id": who[key].practice_id}
        CorrectionRequest.objects.create(
            **{**ours, "patient_id": kari, "key": new_id(), "asked": "correct", "text": "Feil."},
            **{"sent_at": now, "answer_by_date": now.date()},
        )
        Misfiling.objects.create(
            **{**ours, "reason": "Feil.", "stood_from": now, "at": now},
            patient=Person.objects.filter(memberships__contract__practice=who[key].practice_id).order_by("pk")[0],
            by_employee=Employee.objects.filter(practice=who[key].practice_id, role="doctor").order_by("pk")[0],
        )
        RegisterChange.objects.create(
            practice_id=who[key].practice_id, person_id=kari, kind=Change.NO_DEATH, at=timezone.now()
        )
        PendingAct.objects.create(
            **{**ours, "name": "dialogue.close", "object_id": new_id(), "given": "{}", "reason": "changed"},
            **{"done_at": now, "due_at": now + timedelta(seconds=10), "failed_at": now},
            employee=Employee.objects.filter(practice=who[key].practice_id).order_by("pk")[0],
        )
        Concern.objects.create(
            event_id=new_id(),
            event_at=timezone.now(),
            patient_id=kari,
            practice_id=who[key].practice_id,
            text="Hvorfor?",
            sent_at=timezone.now(),
            answer_by=timezone.now().date(),
        )
    _copy(Seat, person_id=kari, room_id=Room.objects.get(appointment__patient=kari).pk)
    _copy(Claim, kind="block", is_overbooked=True)
    for key in ("full", "basis", "secretary", "elsewhere"):
        employee = Employee.objects.filter(practice=who[key].practice_id, role=_role(key)).first()
        Attachment.objects.create(
            practice_id=who["secretary" if employee is None else key].practice_id,
            patient_id=who[key].patient_id or kari,
            by_person_id=who[key].patient_id,
            by_employee=employee,
            name="a.jpg",
            media_type="image/jpeg",
            size=0,
            is_scanned=False,
            received_at=timezone.now(),
        )
    for key in ("secretary", "elsewhere"):
        listed = Person.objects.filter(memberships__contract__practice=who[key].practice_id).first()
        sender = Employee.objects.filter(practice=who[key].practice_id).first()
        assert listed
        assert sender
        thing = new_id()
        journal.file(
            system(),
            EntryKind.NOTE,
            thing,
            patient_id=listed.pk,
            practice_id=sender.practice_id,
            contact_type=ContactType.PHONE,
            made_of=journal.Made(Content.NOTE, thing),
            title="Notat",
            at=timezone.now(),
        )
        Attachment.objects.create(
            practice_id=sender.practice_id,
            patient=listed,
            by_employee=sender,
            name="a.jpg",
            media_type="image/jpeg",
            size=0,
            is_scanned=False,
            received_at=timezone.now(),
            object_id=thing,
            attached_at=timezone.now(),
        )
    coming = Appointment.objects.filter(status="booked").order_by("-starts_at")[0]
    coming.patient_id = emil
    sealed = [field.name for field in crypto.sealed_fields(Appointment)]
    coming.save(update_fields=["patient", *sealed])  # sealed anew, as it is bound to whose it is


def _role(key: str) -> str:
    return (VISITORS[key].role or "").lower()


def _copy(model: Any, **changes: Any) -> None:
    row = model.objects.order_by("pk").first()
    for name, value in {"pk": new_id(), **changes}.items():
        setattr(row, name, value)
    row.save(force_insert=True)


class Browser:
    """Requests without the test client's bookkeeping: thousands of them. Whatever one changes is undone."""

    def __init__(self, world: World, visitor: str) -> None:
        self.handler = WSGIHandler()
        self.factory = RequestFactory()
        if token := world.who[visitor].token:
            self.factory.cookies[cookies.name("session")] = token
        self.templates: set[str] = set()
        self.errors: list[str] = []

    def ask(self, method: str, path: str) -> tuple[HttpResponseBase, set[str]]:
        self.templates.clear()
        self.errors.clear()
        request = self.request(method, path)
        with owner.rolled_back():
            response = self.handler.get_response(request)
            transaction.set_rollback(True)
        return response, set(self.templates)

    def request(self, method: str, path: str) -> Any:
        request: Any = self.factory.generic(method, path, content_type="application/x-www-form-urlencoded")
        request._dont_enforce_csrf_checks = True
        return request

    def __enter__(self) -> Self:
        logging.disable(logging.CRITICAL)  # a line for each request costs more than the request
        template_rendered.connect(self._rendered)
        got_request_exception.connect(self._failed)
        return self

    def __exit__(self, *problem: object) -> None:
        logging.disable(logging.NOTSET)
        template_rendered.disconnect(self._rendered)
        got_request_exception.disconnect(self._failed)

    def _rendered(self, template: Any, **kwargs: Any) -> None:
        self.templates.add(template.name)

    def _failed(self, **kwargs: Any) -> None:
        self.errors.append(repr(sys.exc_info()[1]))


def _met(route: Route, response: HttpResponseBase, templates: set[str]) -> Outcome:
    status = response.status_code
    if status == 401:
        return Outcome.TOKEN
    if status == 403:
        return Outcome.DENIED
    if status == 302 and route.gate and response["Location"].startswith("/logg-inn/"):
        return Outcome.LOG_IN
    return next((met for name, met in INSTEAD.items() if name in templates), Outcome.OPEN)


def _path(route: Route, who: Who, whose: str) -> str | None:
    """With ids of her own or of others; None when there are none such."""
    values: dict[str, object] = {}
    for parameter in route.parameters:
        each = objects.of(route.name, parameter)
        if isinstance(each, Word):
            values[parameter] = each.value
        elif isinstance(each, RowOf):
            find = objects.own if whose == "own" else objects.foreign
            found = find(each, who.patient_id, who.practice_id, who.clinician_id)
            if found is None:
                return None
            values[parameter] = found
    return reverse(route.name, kwargs=values)


def _any_path(route: Route) -> str:
    values = {}
    for parameter in route.parameters:
        each = objects.of(route.name, parameter)
        values[parameter] = each.value if isinstance(each, Word) else objects.unknown_id()
    return reverse(route.name, kwargs=values)


def _methods(route: Route, visitor: str) -> tuple[str, ...]:
    """Both; but those whom the guard refuses for what they are try one each, in turn, for there are many of them."""
    if route.gate and VISITORS[visitor].kind is not route.gate.kind:
        return ("GET", "POST")[(ROUTES.index(route) + list(VISITORS).index(visitor)) % 2 :][:1]
    return ("GET", "POST")


def _says_it_otherwise(route: Route, expected: Outcome, status: int, own: str | None) -> bool:
    """A system's own login is no person's; and where a policy would refuse, a row that is not hers is not found."""
    if route.name in permissions.for_everybody():
        return status == 401
    return expected is Outcome.DENIED and route.name in permissions.finer() and own is None and status == 404


def _kept(route: Route, visitor: str, status: int) -> str:
    """What a browser may keep: nothing, but for the named few pages of who is nobody."""
    is_public = route.name in middleware.PUBLIC and visitor == "anonymous" and status == 200
    return middleware.HERE if is_public else middleware.NOWHERE


def test_every_address_has_a_guard_or_a_reason() -> None:
    missing = permissions.faults(ROUTES)
    assert not missing, "\n".join(["", *missing])


def test_every_parameter_of_an_address_names_rows() -> None:
    missing = sorted(
        {
            f'`parameters` of its about.py needs a line for {route.name} (/{route.address}):\n    "{name}": '
            f'RowOf("context.Model", patient="lookup to the patient", practice="lookup to the office"),'
            for route in ROUTES
            for name in route.parameters
            if objects.of(route.name, name) is None
        }
    )
    assert not missing, "\n".join(["", *missing])


@pytest.mark.parametrize("visitor", VISITORS)
def test_everybody_meets_what_the_matrix_says(visitor: str, world: World, django_db_blocker: DjangoDbBlocker) -> None:
    who, faults = world.who[visitor], []
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        for route in ROUTES:
            if route.gate is None and visitor not in ("anonymous", "full", "secretary"):
                continue
            own = _path(route, who, "own")
            path = own or _any_path(route)
            for method in _methods(route, visitor):
                response, templates = browser.ask(method, path)
                expected = permissions.outcome(route, visitor, method)
                met = _met(route, response, templates)
                status = response.status_code
                if status == 500:
                    faults.append(f"{method} {route.name}: failed with {browser.errors}")
                elif status != 405 and response["Cache-Control"] != _kept(route, visitor, status):
                    faults.append(f"{method} {route.name}: {response['Cache-Control']}")
                elif status != 405 and met is not expected and not _says_it_otherwise(route, expected, status, own):
                    faults.append(f"{method} {route.name}: the matrix says “{expected}”, she met “{met}” ({status})")
    assert not faults, "\n".join(["", f"{VISITORS[visitor].title}:", *faults])


@pytest.mark.parametrize("visitor", VISITORS)
def test_ids_of_others_are_not_found(visitor: str, world: World, django_db_blocker: DjangoDbBlocker) -> None:
    who, faults = world.who[visitor], []
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        for route in ROUTES:
            if not any(isinstance(objects.of(route.name, name), RowOf) for name in route.parameters):
                continue
            if permissions.outcome(route, visitor) is not Outcome.OPEN or route.gate is None:
                continue
            path = _path(route, who, "foreign")
            for method in ("GET", "POST"):
                if permissions.outcome(route, visitor, method) is not Outcome.OPEN:
                    continue
                response, _ = browser.ask(method, path or _any_path(route))
                if response.status_code not in (404, 405):
                    faults.append(f"{method} {route.name}: {response.status_code} {browser.errors or ''}")
    assert not faults, "\n".join(["", f"{VISITORS[visitor].title} with somebody else's id:", *faults])


def test_the_rows_in_the_addresses_are_there(world: World, django_db_blocker: DjangoDbBlocker) -> None:
    """Rows that nobody can open, or that are nobody else's, would make the two tests above prove nothing."""
    faults = []
    with django_db_blocker.unblock():
        for route in ROUTES:
            if not any(isinstance(objects.of(route.name, name), RowOf) for name in route.parameters):
                continue
            may = [key for key in VISITORS if permissions.outcome(route, key) is Outcome.OPEN]
            if not any(_opens(world, key, route) for key in may):
                faults.append(f"{route.name}: none of {', '.join(may)} has a row of her own that opens")
            if route.gate and may != ["operator"] and not any(_path(route, world.who[key], "foreign") for key in may):
                faults.append(f"{route.name}: there is no row that is somebody else's to {', '.join(may)}")
    assert not faults, "\n".join(["", "Add to the demo, or to _rows_that_the_demo_lacks:", *faults])


def _opens(world: World, visitor: str, route: Route) -> bool:
    path = _path(route, world.who[visitor], "own")
    if path is None:
        return False
    with Browser(world, visitor) as browser:
        return any(browser.ask(method, path)[0].status_code not in (404, 405) for method in ("GET", "POST"))


# ---- a form acts only for the person, actor and office it was drawn for: access/seals.py

# Nobody's affairs: how the browser shows pages, and the way out.
FOR_ANYONE = {"access:logout", "ui:language", "ui:scheme"}
A_FEW = {"portal:contact", "portal:choose", "appointments:book", "workspace:book", "attachments:receive"}
ASKS_ITSELF = {"video:send"}  # a guest's page stays hers when somebody logs in beside it

# Who sends what was drawn for whom, in one browser: the first two to every address, the others to a few.
OTHERS = [
    ("parent", "full"),  # she has begun to act for her child
    ("doctor", "elsewhere"),  # another office
    ("full", "basis"),  # another person logged in since
    ("full", "parent"),  # she has gone back to herself
    ("parent", "parent-12"),  # she acts for another child
    ("doctor", "secretary"),  # another employee of the same office
    ("full", "doctor"),
    ("operator", "full"),
    ("full", "anonymous"),  # it was drawn before she logged in
]


class Sender(Browser):
    """With the CSRF token that the browser has now, and a seal drawn for `drawn_for`."""

    def __init__(self, world: World, visitor: str, drawn_for: str) -> None:
        super().__init__(world, visitor)
        drawn = RequestFactory()
        drawn.cookies = Browser(world, drawn_for).factory.cookies
        request: Any = drawn.get("/")
        with fence.system("tests"):
            identify(request)
            narrow(request)
        self.drawn = request
        self.seal = seals.draw(request)
        self.factory.cookies["csrf"] = "a" * 32

    def draw(self, names: Iterable[str]) -> None:
        """By a page with a row of each in its address, which no other has."""
        self.drawn.resolver_match = SimpleNamespace(kwargs={name: new_id() for name in names})
        self.seal = seals.draw(self.drawn)

    def request(self, method: str, path: str) -> Any:
        headers = {"X-CSRFToken": "a" * 32, "Accept": "text/html"}
        return self.factory.post(path, {seals.FIELD: self.seal, "text": "noe jeg skrev"}, headers=headers)


def _refusing(sender: Browser, world: World, visitor: str, routes: list[Route]) -> set[str]:
    """The addresses where nothing was done for that reason."""
    found = set()
    for route in routes:
        response, templates = sender.ask("POST", _path(route, world.who[visitor], "own") or _any_path(route))
        if "access/refused.html" in templates or response.get("Location") == "/logg-inn/tekst/":
            found.add(route.name)
    return found


@pytest.mark.parametrize(("visitor", "drawn_for"), OTHERS)
def test_a_form_that_was_drawn_for_another_does_nothing_at_any_address(
    visitor: str, drawn_for: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    routes = ROUTES if (visitor, drawn_for) in OTHERS[:2] else [each for each in ROUTES if each.name in A_FEW]
    with django_db_blocker.unblock(), Sender(world, visitor, drawn_for) as sender:
        taken = {route.name for route in routes} - _refusing(sender, world, visitor, routes)
    assert taken == (FOR_ANYONE | ASKS_ITSELF | WITHOUT_TOKEN if routes is ROUTES else set())


def _uuids(route: Route) -> list[str]:
    found = [(name, objects.of(route.name, name)) for name in route.parameters]
    return [name for name, each in found if isinstance(each, RowOf)]


@pytest.mark.parametrize("visitor", ["full", "doctor", "secretary"])
def test_what_was_typed_in_one_rows_page_is_not_sent_to_another(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    """Every address that names a row: a patient, a dialogue, a visit, a prescription."""
    routes = [route for route in ROUTES if _uuids(route) and route.name not in FOR_ANYONE | ASKS_ITSELF | WITHOUT_TOKEN]
    with django_db_blocker.unblock():
        sender = Sender(world, visitor, visitor)
    with django_db_blocker.unblock(), sender:
        taken = {route.name for route in routes}
        for rows in {tuple(_uuids(route)) for route in routes}:
            sender.draw(rows)
            taken -= _refusing(sender, world, visitor, [route for route in routes if tuple(_uuids(route)) == rows])
    assert not taken


@pytest.mark.parametrize("visitor", ["full", "parent", "doctor", "secretary", "manager", "operator"])
def test_every_form_of_a_page_about_a_row_acts_on_that_row(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    """So none that is ours is refused for it."""
    astray, seen = set(), 0
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        for route in (each for each in ROUTES if _uuids(each)):
            path = _path(route, world.who[visitor], "own")
            response, _templates = browser.ask("GET", path) if path else (None, None)
            if path is None or response is None or "text/html" not in response.get("Content-Type", ""):
                continue
            here = resolve(path).kwargs
            html = getattr(response, "content", b"").decode()
            addresses = re.findall(r'\bhx-(?:post|put|patch|delete)="(/[^"]+)"', html)
            addresses += [each for form in Forms(html).found for each in (form.action or path, *form.addresses)]
            for address in addresses:
                there = resolve(re.split(r"[?#]", address)[0]).kwargs
                seen += 1
                astray |= {f"{route.name}: {address}" for name in here if there.get(name, here[name]) != here[name]}
    assert not astray
    assert seen or visitor == "operator"


# ---- and a part is drawn only into a page of the same


class Part(Sender):
    """What htmx asks for, from a page that was drawn for `drawn_for`, or by one that does not say."""

    def request(self, method: str, path: str) -> Any:
        headers = {"HX-Request": "true", **({seals.PAGE: self.seal} if self.seal else {})}
        return self.factory.get(path, headers=headers)


def _undrawn(part: Part, world: World, visitor: str) -> set[str]:
    found = set()
    for route in ROUTES:
        response, templates = part.ask("GET", _path(route, world.who[visitor], "own") or _any_path(route))
        if response.status_code == 409 and "access/another.html" in templates:
            assert response["HX-Retarget"] == "#another"
            assert templates == {"access/another.html"}
            found.add(route.name)
    return found


@pytest.mark.parametrize(("visitor", "drawn_for"), [*OTHERS[:2], ("anonymous", "full"), ("full", "anonymous")])
def test_nothing_is_drawn_into_a_page_of_another_at_any_address(
    visitor: str, drawn_for: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Part(world, visitor, drawn_for) as part:
        assert {route.name for route in ROUTES} - _undrawn(part, world, visitor) == FOR_ANYONE | ASKS_ITSELF


def test_nothing_is_drawn_into_a_page_that_does_not_say_whom_it_is_for(
    world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Part(world, "full", "full") as part:
        part.seal = ""
        assert {route.name for route in ROUTES} - _undrawn(part, world, "full") == FOR_ANYONE | ASKS_ITSELF


@pytest.mark.parametrize("visitor", ["anonymous", "full", "parent", "doctor", "operator"])
def test_every_part_is_drawn_into_a_page_of_her_own(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Part(world, visitor, visitor) as part:
        assert not _undrawn(part, world, visitor)


@pytest.mark.parametrize("visitor", ["full", "parent", "doctor", "operator"])
def test_one_that_was_drawn_for_her_is_never_refused_so(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Sender(world, visitor, visitor) as sender:
        assert not _refusing(sender, world, visitor, [each for each in ROUTES if each.name in A_FEW])


def test_every_page_of_one_who_acts_for_another_says_whom_it_is_about(
    world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    silent, shown = [], 0
    with django_db_blocker.unblock(), Browser(world, "parent") as browser:
        for route in ROUTES:
            if route.gate is None or permissions.outcome(route, "parent") is not Outcome.OPEN:
                continue
            response: Any = browser.ask("GET", _path(route, world.who["parent"], "own") or _any_path(route))[0]
            if response.status_code != 200 or b'id="content"' not in getattr(response, "content", b""):
                continue
            shown += 1
            words = " ".join(re.sub("<[^>]+>", " ", response.content.decode().split('id="content"')[1]).split())
            if not re.search(r"Hvem: Ola Testdal, \d+ år", words):
                silent.append(route.name)
    assert shown > 15
    assert not silent
