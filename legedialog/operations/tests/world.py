"""One world for the tests of every address: the demo's people, what they have not done, and a browser for each."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access.actor import Kind, system
from legedialog.access.models import KeptForm, Login, Operator
from legedialog.access.tests import logins
from legedialog.appointments.models import Appointment, Calendar, Claim, Recall, TimeOffer, TimeRequest, VisitType, Wait
from legedialog.attachments.models import Attachment
from legedialog.audit.models import Concern
from legedialog.consent.models import Consent
from legedialog.consent.rules import Level
from legedialog.core import crypto
from legedialog.core.contexts import RowOf, Word
from legedialog.core.crypto import blind_index
from legedialog.core.ids import new_id
from legedialog.core.tests import owner
from legedialog.demo import engine as demo
from legedialog.demo.crowd import SINCE
from legedialog.demo.people import PEOPLE
from legedialog.dialogues.models import Dialogue, Template
from legedialog.errands.models import Errand
from legedialog.fees.models import Charge, OwnPrice, Received
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType, CorrectionRequest, Misfiling
from legedialog.journal.models import Kind as EntryKind
from legedialog.journeys.models import Change, Handover, RegisterChange
from legedialog.operations import permissions
from legedialog.operations.permissions import VISITORS, Route
from legedialog.operations.tests import objects
from legedialog.patients import queries as patients
from legedialog.patients.models import Assignment, Membership, Person, PowerOfAttorney, WalkIn
from legedialog.pending.models import PendingAct
from legedialog.practices.models import Clinician, Employee
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


@contextmanager
def made() -> Iterator[World]:
    """Where the demo's people stand already; what is of today is made anew."""
    with owner.rolled_back():
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
    token, login_id = logins.begin(kind, holder)
    patient_id = holder if kind is Kind.CITIZEN else None
    if other:
        patient_id = patients.id_of(_number(other))
        Login.objects.filter(pk=login_id).update(acting_for=patient_id)
    return Who(token, patient_id, practice_id, clinician_id)


def holder_is_missing(name: str) -> UUID:
    raise AssertionError(f"{name} is not in the demo")


def _waits(visit: Appointment, practice_id: UUID | None) -> None:
    """For an earlier time, with one that is offered."""
    assert practice_id
    now = timezone.now()
    wait = Wait.objects.create(
        appointment=visit,
        patient_id=visit.patient_id,
        practice_id=practice_id,
        asked_by_id=visit.patient_id,
        coarse_times=["monday-am"],
        asked_at=now,
        status_at=now,
    )
    TimeOffer.objects.create(
        wait=wait,
        calendar_id=visit.calendar_id,
        starts_at=now + timedelta(days=1),
        offered_at=now,
        answer_by=now + timedelta(hours=2),
        status_at=now,
    )


def _registered(practice_id: UUID | None, other_id: UUID | None) -> None:
    """One whom the office has registered itself, and one who became the register's person and is on another's list."""
    assert practice_id
    now = timezone.now()
    own = Person.objects.create(local_to_id=practice_id, given_name="Hans", family_name="Testmann", birth_date=SINCE)
    theirs = Person.objects.filter(memberships__contract__practice=other_id).order_by("-pk")[0]
    for person, joined_at in ((own, None), (theirs, now)):
        WalkIn.objects.create(
            practice_id=practice_id,
            person=person,
            proof="passport",
            registered_by=Employee.objects.filter(practice=practice_id).order_by("pk")[0],
            registered_at=now,
            joined_at=joined_at,
            merge_id=new_id() if joined_at else None,
        )


def _rows_that_the_demo_lacks(who: dict[str, Any]) -> None:
    """So that every address has a row of somebody's and a row of somebody else's."""
    kari, emil, per = who["full"].patient_id, who["youth"].patient_id, who["basis"].patient_id
    login = Login.objects.filter(person=kari).first()
    assert login
    KeptForm.objects.create(
        login=login, acting_for_id=kari, browser_hash=b"b" * 32, path="/", fields="[]", created_at=timezone.now()
    )
    _copy(TimeRequest, patient_id=kari, key=new_id())
    visits = Appointment.objects.order_by("-starts_at")
    _waits(visits.filter(patient=kari)[0], who["doctor"].practice_id)
    _waits(visits.exclude(patient=kari).filter(waits=None)[0], who["elsewhere"].practice_id)
    _copy(Recall, patient_id=kari, round=new_id())
    elsewhere = who["elsewhere"].practice_id
    assert elsewhere
    _copy(Recall, patient_id=per, round=new_id(), practice_id=elsewhere)
    _copy(PowerOfAttorney, giver_id=kari, receiver_id=per)
    room = Clinician.objects.create(
        name="Rom 1",
        column="room",
        practice_id=elsewhere,
        responsible_id=who["elsewhere"].clinician_id,
    )
    Calendar.objects.create(practice_id=elsewhere, clinician=room)
    _copy(VisitType, practice_id=who["elsewhere"].practice_id)
    _copy(OwnPrice, practice_id=who["elsewhere"].practice_id)
    _copy(Template, practice_id=who["elsewhere"].practice_id)
    _copy(Errand, practice_id=elsewhere, key=new_id(), patient_id=None, source="", done_at=None, done_by_id=None)
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
    for key, other in (("doctor", "elsewhere"), ("elsewhere", "doctor")):
        _registered(who[key].practice_id, who[other].practice_id)
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
        one = Employee.objects.filter(practice=who[key].practice_id, clinician__isnull=False).order_by("pk")[0]
        Handover.objects.create(
            **{**ours, "clinician": one.clinician, "text": "", "started_at": now, "ended_at": now, "total": 0},
            by_employee=one,
        )
        Employee.objects.create(  # whose time as an intern is over
            **{**ours, "clinician": one.clinician, "name": one.name, "role": "substitute", "starts_date": SINCE},
            ends_date=SINCE + timedelta(days=30),
            national_number_index=blind_index(f"gone:{key}", purpose="national-number"),
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
    _copy(Seat, person_id=kari, room_id=Room.objects.filter(appointment__patient=kari).latest("opened_at").pk)
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

    def __init__(self, world: World, visitor: str, *, is_compressed: bool = False) -> None:
        self.is_compressed = is_compressed  # as browsers get it
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
        headers = {"accept-encoding": "gzip", "sec-fetch-site": "same-origin"} if self.is_compressed else {}
        kind = "application/x-www-form-urlencoded"
        request: Any = self.factory.generic(method, path, content_type=kind, headers=headers)
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


def address_of(route: Route, who: Who, whose: str) -> str | None:
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


def any_address(route: Route) -> str:
    values = {}
    for parameter in route.parameters:
        each = objects.of(route.name, parameter)
        values[parameter] = each.value if isinstance(each, Word) else objects.unknown_id()
    return reverse(route.name, kwargs=values)
