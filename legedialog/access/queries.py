"""Who a cookie belongs to, and which logins a person has open."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import DateTimeField, Func, Q

from legedialog.access import rules
from legedialog.access.actor import ANONYMOUS, Actor, Assurance, Kind, Role
from legedialog.access.models import KeptForm, Lock, Login
from legedialog.core import fence
from legedialog.core.times import local_day


@dataclass(frozen=True, slots=True)
class Session:
    """A cookie's login. `actor` is anonymous when it is over; `login_id` then still says whose it was."""

    login_id: UUID
    actor: Actor
    seen_at: datetime
    must_end: str  # why it must be marked as ended now, or "" when it runs or is marked already
    language: str  # her own choice, or ""
    acting_for_id: UUID | None = None  # whom she has chosen to act for; whether she may is asked at every request
    birth_date: date | None = None  # a citizen's
    drawn_at: datetime | None = None  # by the database's clock, before anything of the page was read: core/live.py


def hashed(token: str) -> bytes:
    """Tokens are long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def session(token: str, now: datetime) -> Session | None:
    """The login of a cookie, open or over; None for an unknown cookie. One query, `now` aware."""
    login = (
        Login.objects.annotate(drawn_at=Func(function="clock_timestamp", output_field=DateTimeField()))
        .filter(token_hash=hashed(token))
        .select_related("person", "employee", "operator")
        .only(
            *("kind", "assurance", "created_at", "seen_at", "ended_at", "acting_for_id"),
            *("person__given_name", "person__family_name", "person__language", "person__birth_date"),
            *("person__death_date", "person__former_ids"),
            *("employee__name", "employee__role", "employee__practice_id", "employee__clinician_id"),
            *("employee__starts_date", "employee__ends_date", "operator__name"),
        )
        .first()
    )
    if login is None:
        return None
    must_end = "" if login.ended_at else _why_over(login, now)
    actor = ANONYMOUS if login.ended_at or must_end else _actor(login)
    language = login.person.language if login.person else ""
    birth_date = login.person.birth_date if login.person else None
    return Session(login.pk, actor, login.seen_at, must_end, language, login.acting_for_id, birth_date, login.drawn_at)


def still_open(login_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of the logins that have not ended, for all open streams of a process. One query."""
    rows = Login.objects.filter(pk__in=list(login_ids), ended_at=None).select_related("employee")
    only = ("kind", "created_at", "seen_at", "employee__starts_date", "employee__ends_date")
    return {login.pk for login in rows.only(*only) if not _why_over(login, now)}


def _why_over(login: Login, now: datetime) -> str:
    if rules.is_over(Kind(login.kind), login.created_at, login.seen_at, now):
        return "time"
    if login.person and login.person.death_date:
        return "deceased"
    if login.employee and not rules.is_employed(login.employee.starts_date, login.employee.ends_date, local_day(now)):
        return "employment"
    return ""


def _actor(login: Login) -> Actor:
    actor = Actor(kind=Kind(login.kind), login_id=login.pk, assurance=Assurance(login.assurance))
    if person := login.person:
        return replace(
            actor,
            display_name=person.name,
            person_id=person.pk,
            acting_for_id=person.pk,
            patients=frozenset({person.pk}),
            former_ids=frozenset(person.former_ids),
        )
    if employee := login.employee:
        return replace(
            actor,
            display_name=employee.name,
            employee_id=employee.pk,
            clinician_id=employee.clinician_id,
            role=Role(employee.role),
            practice_id=employee.practice_id,
            practices=frozenset({employee.practice_id}),
        )
    assert login.operator  # noqa: S101  the table's constraint
    return replace(actor, display_name=login.operator.name)


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


@dataclass(frozen=True, slots=True)
class Kept:
    """What she had typed, and for whom. `is_here` when it is for the one she handles things for now."""

    id: UUID
    path: str
    fields: list[tuple[str, str]]
    name: str  # the person's, or the office's
    birth_date: date | None
    acting_for_id: UUID | None
    is_here: bool

    @property
    def words(self) -> list[str]:
        """What looks like a person's own words, to recognise it by."""
        return words(self.fields)


def words(fields: Iterable[tuple[str, str]]) -> list[str]:
    return [value for _, value in fields if len(value.split()) > 1]


@fence.system("whom her own text was for, also while she acts for another or works at another office")
def kept_forms(actor: Actor, browser: str, now: datetime) -> list[Kept]:
    """What she had typed in this browser when a login of hers ended or was for another, oldest first. One query."""
    if not (browser and (actor.person_id or actor.employee_id)):
        return []
    mine = (
        Q(login__person=actor.person_id) if actor.person_id else Q(employee=actor.employee_id) | Q(login=actor.login_id)
    )
    rows = (
        KeptForm.objects.filter(mine, browser_hash=hashed(browser), created_at__gt=now - rules.KEPT_LASTS)
        .select_related("acting_for", "employee__practice")
        .order_by("created_at")
    )
    found = []
    for row in rows:
        person, employee = row.acting_for, row.employee
        found.append(
            Kept(
                id=row.pk,
                path=row.path,
                fields=[(name, value) for name, value in json.loads(row.fields)],
                name=person.name if person else employee.practice.name if employee else "",
                birth_date=person.birth_date if person else None,
                acting_for_id=row.acting_for_id,
                is_here=(row.acting_for_id, row.employee_id) == (actor.acting_for_id, actor.employee_id),
            )
        )
    return found
