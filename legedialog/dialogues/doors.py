"""May she write to her doctor or the office now, to whom, and by when is it answered."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language

from legedialog.core import fence
from legedialog.core.errors import Refused
from legedialog.core.sql import Asked, Statement, ask, ask_as_one, ask_for, known
from legedialog.core.times import local_day, local_period
from legedialog.dialogues import rules, topics
from legedialog.dialogues.models import Dialogue, Intake, Kind
from legedialog.dialogues.topics import TopicRow
from legedialog.patients import queries as patients
from legedialog.patients.queries import Gp
from legedialog.practices.queries import Doctor, PracticeRow
from legedialog.practices.rules import Service
from legedialog.visibility.rules import Content
from legedialog.visibility.texts import readers

SERVICES = {Kind.ECONSULTATION: Service.ECONSULTATION, Kind.CONTACT: Service.CONTACT}


@dataclass(frozen=True, slots=True)
class Door:
    """Where something of a kind would go if she sent it now, told before she writes; or why it is closed.

    `answerer_id` is None where reception answers. `opens_at` and `closed_until` are filled in where they are known.
    """

    kind: str
    practice: PracticeRow
    contract_id: UUID
    doctor: Doctor
    answerer_id: UUID | None
    answerer_name: str
    due_date: date
    secretary_reads: bool  # she is told
    guidance: str
    is_external: bool
    topics: list[TopicRow]  # of the office, hidden ones too
    refused: Refused | None = None
    closed_reason: str | Promise = ""
    closed_until: date | None = None
    opens_at: datetime | None = None
    open_services: tuple[str, ...] = ()  # what of the doctor's is open instead

    @property
    def is_open(self) -> bool:
        return self.refused is None

    def topic(self, code: str) -> TopicRow | None:
        return next((row for row in self.topics if row.code == code), None)

    @property
    def stands_in(self) -> bool:
        return self.answerer_id not in (None, self.doctor.clinician_id)

    @property
    def readers(self) -> list[str]:
        """Who would read it, as she is told before she writes."""
        return readers(
            Content(self.kind),
            office=self.practice.name,
            answerer=self.answerer_name,
            stands_in_for=self.doctor.name if self.stands_in else "",
            is_told=self.secretary_reads,
        )


def door(patient_id: UUID, kind: str, now: datetime) -> Door | None:
    """None for one without a GP or on a list without a doctor. Four queries at most."""
    return door_of(patients.gp_of(patient_id, local_day(now)), kind, now)


def door_of(gp: Gp | None, kind: str, now: datetime) -> Door | None:
    """As `door`, where her GP is known. Three queries at most."""
    today = local_day(now)
    if gp is None or not gp.doctors:
        return None
    service = SERVICES[Kind(kind)]
    doctor = next((each for each in gp.doctors if each.offers_on(service).is_open), gp.doctors[0])
    offer = doctor.offers_on(service)
    chosen, away, about = ask_as_one(
        Asked(INTAKE, {"practice": gp.practice.id}),
        _asks_unattended(gp.practice.id, doctor.clinician_id, today),
        topics.asks(gp.practice.id, kind),
    )
    settings = _intake(gp.practice.id, chosen)
    clinical = kind == Kind.ECONSULTATION
    answerer_id, answerer_name = answerer_of(doctor) if clinical else (None, "")
    refused = None if offer.is_open else Refused(rules.NOT_OFFERED)
    if clinical and refused is None:
        refused = _too_much(settings, answerer_id, now)
    return Door(
        kind=kind,
        practice=gp.practice,
        contract_id=gp.contract_id,
        doctor=doctor,
        answerer_id=answerer_id,
        answerer_name=answerer_name,
        due_date=rules.due_date(today, _days(away) if clinical else ()),
        secretary_reads=not clinical or gp.practice.secretary_reads,
        guidance=_guidance(settings, clinical),
        is_external=settings.is_external,
        topics=topics.told(kind, about),
        refused=refused,
        closed_reason="" if refused is None else offer.closed_reason or refused.message,
        closed_until=offer.closed_until_date,
        opens_at=refused.facts.get("opens_at") if refused else None,
        open_services=tuple(row.service for row in doctor.offers if row.is_open),
    )


def answerer_of(doctor: Doctor) -> tuple[UUID, str]:
    """The doctor, or who stands in for her today."""
    if doctor.away and doctor.away.substitute_id:
        return doctor.away.substitute_id, doctor.away.substitute_name
    return doctor.clinician_id, doctor.name


@dataclass(frozen=True, slots=True)
class _Away:
    first_date: date
    last_date: date


UNATTENDED = Statement(
    "unattended",
    """
    SELECT first_date, last_date FROM practices_absence
     WHERE practice_id = %(practice)s AND clinician_id = %(clinician)s AND substitute_id IS NULL
       AND last_date >= %(today)s
     ORDER BY first_date
    """,
    _Away,
)


def unattended(practice_id: UUID, clinician_id: UUID, today: date) -> list[tuple[date, date]]:
    """First and last dates, both included, of running and coming absences in which nobody stands in."""
    return _days(ask_for(_asks_unattended(practice_id, clinician_id, today)))


def _asks_unattended(practice_id: UUID, clinician_id: UUID, today: date) -> Asked[_Away]:
    return Asked(UNATTENDED, {"practice": practice_id, "clinician": clinician_id, "today": today})


def _days(found: Iterable[_Away]) -> list[tuple[date, date]]:
    return [(each.first_date, each.last_date) for each in found]


@dataclass(frozen=True, slots=True)
class _Settings:
    guidance: str
    guidance_nn: str
    guidance_en: str
    contact_guidance: str
    contact_guidance_nn: str
    contact_guidance_en: str
    opens: time | None
    closes: time | None
    max_open: int | None
    max_a_day: int | None
    is_external: bool


INTAKE = Statement(
    "intake",
    """
    SELECT guidance, guidance_nn, guidance_en, contact_guidance, contact_guidance_nn, contact_guidance_en, opens,
           closes, max_open, max_a_day, is_external
      FROM dialogues_intake WHERE practice_id = %(practice)s
    """,
    _Settings,
)


def intake_of(practice_id: UUID) -> Intake:
    """The office's own settings, or those of an office that has made none (not stored)."""
    return _intake(practice_id, ask(INTAKE, practice=practice_id))


def _intake(practice_id: UUID, found: Sequence[_Settings]) -> Intake:
    return known(Intake, practice_id=practice_id, **asdict(found[0])) if found else Intake(practice_id=practice_id)


def capacity_of(settings: Intake) -> rules.Capacity:
    return rules.Capacity(settings.opens, settings.closes, settings.max_open, settings.max_a_day)


def load_of(practice_id: UUID, clinician_id: UUID, now: datetime) -> tuple[int, int]:
    """How many e-consultations wait for this doctor, and how many citizens began today. Two queries, of everybody's."""
    rows = Dialogue.objects.filter(practice=practice_id, answerer=clinician_id, kind=Kind.ECONSULTATION)
    begin, end = local_period(local_day(now))
    today = rows.filter(started_by_person__isnull=False, started_at__gte=begin, started_at__lt=end)
    with fence.system("a queue is full of what others sent, and no more than how long it is is told"):
        return rows.filter(status__in=rules.WAITING).count(), today.count()


def _too_much(settings: Intake, answerer_id: UUID | None, now: datetime) -> Refused | None:
    capacity = capacity_of(settings)
    counted = answerer_id and (capacity.max_open is not None or capacity.max_a_day is not None)
    open_count, sent_today = load_of(settings.pk, answerer_id, now) if answerer_id and counted else (0, 0)
    return rules.closed_now(capacity, open_count=open_count, sent_today=sent_today, now=now)


def _guidance(settings: Intake, clinical: bool) -> str:
    if clinical:
        words = {"nn": settings.guidance_nn, "en": settings.guidance_en}
        return words.get(get_language() or "", "") or settings.guidance
    words = {"nn": settings.contact_guidance_nn, "en": settings.contact_guidance_en}
    return words.get(get_language() or "", "") or settings.contact_guidance
