"""Who a cookie belongs to, and which logins a person has open."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q
from django.urls import Resolver404, resolve

from legedialog.access import rules
from legedialog.access.actor import ANONYMOUS, Actor, Assurance, Kind, Role, Stated
from legedialog.access.models import KeptForm, Lock, Login
from legedialog.core import contexts, crypto, fence, proof, reading, typed
from legedialog.core.contexts import RowOf
from legedialog.core.sql import Statement, ask
from legedialog.core.times import local_day

PERSON = "patients.Person"


@dataclass(frozen=True, slots=True)
class Session:
    """A cookie's login. `actor` is anonymous when it is over; `login_id` then still says whose it was."""

    login_id: UUID
    actor: Actor
    created_at: datetime
    seen_at: datetime
    must_end: str  # why it must be marked as ended now, or "" when it runs or is marked already
    language: str  # her own choice, or ""
    acting_for_id: UUID | None = None  # whom she has chosen to act for; whether she may is asked at every request
    birth_date: date | None = None  # a citizen's
    about_id: UUID | None = None  # whom her choice makes the request about: herself or the one she acts for,
    about_birth_date: date | None = None
    about_level: str = ""  # and what that one has agreed to, or "" for nothing said
    drawn_at: datetime | None = None  # by the database's clock, before anything of the page was read: core/live.py


def hashed(token: str) -> bytes:
    """Tokens are long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def proof_of(login: Login, token: str) -> bytes:
    """That the row was made for this cookie, and for this one's affairs: docs/adr/0095-a-login-is-ours.md."""
    return proof.proof(*_proved(login, token))


def _proved(login: "Login | _Login", token: str) -> tuple[str, *tuple[object, ...]]:
    holder = login.person_id or login.employee_id or login.operator_id
    return ("login", login.id, token, login.kind, holder, login.assurance, login.created_at.timestamp())


@dataclass(frozen=True, slots=True)
class _Login:
    id: UUID
    proof: bytes | None
    kind: str
    assurance: str
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    acting_for_id: UUID | None
    person_id: UUID | None
    operator_id: UUID | None
    given_name: bytes | None
    family_name: bytes | None
    language: str | None
    birth_date: date | None
    death_date: date | None
    former_ids: list[UUID] | None
    about_id: UUID | None
    about_birth_date: date | None
    about_level: str | None
    employee_id: UUID | None
    employee_name: str | None
    role: str | None
    practice_id: UUID | None
    clinician_id: UUID | None
    starts_date: date | None
    ends_date: date | None
    operator_name: str | None
    stated: str | None
    drawn_at: datetime


SESSION = Statement(
    "session",
    """
    SELECT l.id, l.proof, l.kind, l.assurance, l.created_at, l.seen_at, l.ended_at, l.acting_for_id, l.person_id,
           l.operator_id,
           p.given_name, p.family_name, p.language, p.birth_date, p.death_date, p.former_ids,
           about.id AS about_id, about.birth_date AS about_birth_date,
           (SELECT c.level FROM consent_consent c WHERE c.person_id = about.id AND c.ends_at IS NULL) AS about_level,
           l.employee_id, e.name AS employee_name, e.role, e.practice_id, e.clinician_id, e.starts_date, e.ends_date,
           o.name AS operator_name,
           (SELECT jsonb_agg(jsonb_build_array(s.patient_id, s.code, s.ends_at) ORDER BY s.stated_at)
              FROM audit_statedpurpose s WHERE s.login_id = l.id AND s.ends_at > %(now)s) AS stated,
           clock_timestamp() AS drawn_at
      FROM access_login l
      LEFT JOIN patients_person p ON p.id = l.person_id
      LEFT JOIN patients_person about
             ON about.id = CASE WHEN l.acting_for_id IS NULL THEN l.person_id ELSE l.acting_for_id END
      LEFT JOIN practices_employee e ON e.id = l.employee_id
      LEFT JOIN access_operator o ON o.id = l.operator_id
     WHERE l.token_hash = %(token_hash)s
    """,
    _Login,
)


def session(token: str, now: datetime) -> Session | None:
    """The login of a cookie, open or over; None for an unknown cookie and a row not of our making. One query."""
    login = next(iter(ask(SESSION, token_hash=hashed(token), now=now)), None)
    if login is None or not proof.is_ours(login.proof, *_proved(login, token)):
        return None
    must_end = "" if login.ended_at else _why_over(login, login.death_date, login.starts_date, login.ends_date, now)
    return Session(
        login.id,
        ANONYMOUS if login.ended_at or must_end else _actor(login),
        login.created_at,
        login.seen_at,
        must_end,
        login.language or "",
        login.acting_for_id,
        login.birth_date,
        login.about_id,
        login.about_birth_date,
        login.about_level or "",
        login.drawn_at,
    )


def still_open(login_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of the logins that have not ended, for all open streams of a process. One query."""
    rows = Login.objects.filter(pk__in=list(login_ids), ended_at=None).select_related("person", "employee")
    only = ("kind", "created_at", "seen_at", "person__death_date", "employee__starts_date", "employee__ends_date")
    return {login.pk for login in rows.only(*only) if not _why_over(login, *_dates(login), now)}


def _dates(login: Login) -> tuple[date | None, date | None, date | None]:
    death_date = login.person.death_date if login.person else None
    if login.employee is None:
        return death_date, None, None
    return death_date, login.employee.starts_date, login.employee.ends_date


def _why_over(
    login: Login | _Login,
    death_date: date | None,
    starts_date: date | None,
    ends_date: date | None,
    now: datetime,
) -> str:
    """The last two dates are her employment's, if she is employed."""
    if rules.is_over(Kind(login.kind), login.created_at, login.seen_at, now):
        return "time"
    if death_date:
        return "deceased"
    if starts_date and not rules.is_employed(starts_date, ends_date, local_day(now)):
        return "employment"
    return ""


def _actor(login: _Login) -> Actor:
    actor = Actor(kind=Kind(login.kind), login_id=login.id, assurance=Assurance(login.assurance))
    if login.person_id:
        return replace(
            actor,
            display_name=name_of(login.person_id, login.given_name, login.family_name),
            person_id=login.person_id,
            acting_for_id=login.person_id,
            patients=frozenset({login.person_id}),
            former_ids=frozenset(login.former_ids or ()),
        )
    if login.employee_id and login.practice_id and login.role:
        return replace(
            actor,
            display_name=login.employee_name or "",
            employee_id=login.employee_id,
            clinician_id=login.clinician_id,
            role=Role(login.role),
            practice_id=login.practice_id,
            practices=frozenset({login.practice_id}),
            stated=tuple(
                Stated(UUID(patient_id), code, reading.told(reading.moment(ends_at)))
                for patient_id, code, ends_at in json.loads(login.stated or "[]")
            ),
        )
    return replace(actor, display_name=login.operator_name or "")


def name_of(person_id: UUID | None, given_name: bytes | None, family_name: bytes | None) -> str:
    """A person's name, of the sealed parts that a statement of our own selected."""
    parts = (("given_name", given_name), ("family_name", family_name))
    return " ".join(crypto.text_of(PERSON, name).read(value, id=person_id) for name, value in parts).strip()


@dataclass(frozen=True, slots=True)
class OpenLogin:
    id: UUID
    device: str  # "Firefox, Windows", or "" when the browser said nothing we know
    created_at: datetime
    seen_at: datetime
    is_this: bool


def open_logins(actor: Actor, now: datetime) -> list[OpenLogin]:
    """The actor's own, this one first, then the last seen."""
    rows = [
        OpenLogin(row.pk, row.device, row.created_at, row.seen_at, is_this=row.pk == actor.login_id)
        for row in Login.objects.filter(same_person(actor), ended_at=None).order_by("-seen_at")
        if not rules.is_over(Kind(row.kind), row.created_at, row.seen_at, now)
    ]
    return sorted(rows, key=lambda row: not row.is_this)


def locked_since(person_id: UUID) -> datetime | None:
    """Since when nobody may use the services as this person, or for her; None when they are open. One query."""
    return Lock.objects.filter(person=person_id, lifted_at=None).values_list("locked_at", flat=True).first()


def same_person(actor: Actor) -> Q:
    """Logins of the actor's own, in every browser."""
    if actor.person_id:
        return Q(person=actor.person_id)
    if actor.employee_id:
        return Q(employee=actor.employee_id)
    return Q(pk=actor.login_id)


def working_now(employee_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of them who are logged in. One query."""
    limit = rules.LIMITS[Kind.STAFF]
    rows = Login.objects.filter(employee__in=employee_ids, ended_at=None, seen_at__gt=now - limit.idle)
    return {key for key in rows.values_list("employee_id", flat=True) if key}


@dataclass(frozen=True, slots=True)
class Kept:
    """What she had typed, and for whom. `is_here` when it is for the one she handles things for now."""

    id: UUID
    path: str
    fields: list[tuple[str, str]]
    name: str  # of the person whose record it goes to, or the office's where it is no patient's
    birth_date: date | None
    office: str  # of an employee's
    acting_for_id: UUID | None
    is_here: bool
    files: list[str]  # names of those that were still in her browser, and are chosen again

    @property
    def words(self) -> list[str]:
        """Her own words in it, to recognise it by."""
        return typed.words(self.fields)


def row_now(person_id: UUID | None) -> UUID | None:
    """Which row is hers who had this one: itself, or the one that it has become. None when there is none that the one
    who asks may know of. One query."""
    if person_id is None:
        return None
    rows = apps.get_model(PERSON).objects.filter(pk__in=fence.with_those_they_became([person_id]))
    found: UUID | None = rows.values_list("pk", flat=True).first()
    return found


@fence.system("whom her own text was for, also while she acts for another or works at another office")
def kept_forms(actor: Actor, browser: str, now: datetime) -> list[Kept]:
    """What she had typed in this browser when a login of hers ended or was for another, oldest first. One query."""
    if not (browser and (actor.person_id or actor.employee_id)):
        return []
    mine = (
        Q(login__person=actor.person_id) if actor.person_id else Q(employee=actor.employee_id) | Q(login=actor.login_id)
    )
    rows = (
        KeptForm.objects.exclude(acting_for=None, employee=None)  # for whom nobody knows
        .filter(mine, browser_hash=hashed(browser), created_at__gt=now - rules.KEPT_LASTS)
        .select_related("acting_for", "employee__practice")
        .order_by("created_at")
    )
    found = []
    for row in rows:
        person, employee = row.acting_for, row.employee
        fields = [(name, value) for name, value in json.loads(row.fields)]
        is_here = (row.acting_for_id, row.employee_id) == (actor.acting_for_id, actor.employee_id)
        patient = _patient_at(row.path) if employee and is_here else person
        office = employee.practice.name if employee else ""
        found.append(
            Kept(
                id=row.pk,
                path=row.path,
                fields=[(name, value) for name, value in fields if name != rules.NOT_KEPT],
                name=patient.name if patient else office,
                birth_date=patient.birth_date if patient else None,
                office=office,
                acting_for_id=row.acting_for_id,
                is_here=is_here,
                files=[value for name, value in fields if name == rules.NOT_KEPT],
            )
        )
    return found


def _patient_at(path: str) -> Any:
    """Whose record the text goes to when it is sent: the patient of the row that the address names."""
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:  # of a version that had other addresses
        return None
    return _patient_of(match.view_name, match.kwargs)


@fence.system("whose record her own page was about, also when she works at another office now")
def patient_of(route: str, rows: Mapping[str, str]) -> str:
    """The name that stood on a page of the office, by its seal; "" when it was about no patient."""
    found = _patient_of(route, rows)
    return found.name if found else ""


def _patient_of(route: str, rows: Mapping[str, Any]) -> Any:
    for parameter, key in rows.items():
        row = contexts.named(route, parameter)
        if not isinstance(row, RowOf) or not row.is_hers:
            continue
        lookup = "pk" if row.model == PERSON else (row.patient.split() or ["patient"])[0]
        patient_id = apps.get_model(row.model).objects.filter(pk=key).values_list(lookup, flat=True).first()
        return apps.get_model(PERSON).objects.filter(pk=patient_id).first()
    return None
