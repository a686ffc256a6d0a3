"""Dialogues in every state, reached through the services, at the office of the appointments' factories."""

from datetime import datetime, timedelta
from uuid import uuid4

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests.factories import (
    NOW,
    TODAY,
    TOMORROW,
    Office,
    citizen,
    office,
    person,
)
from legedialog.core import seen
from legedialog.dialogues import rules, services
from legedialog.dialogues.models import Dialogue, Draft, Kind
from legedialog.patients.models import Person

__all__ = [
    "NOW",
    "TODAY",
    "TOMORROW",
    "Office",
    "citizen",
    "draft",
    "mark",
    "office",
    "person",
    "secretary",
    "sent",
    "written_since",
]

CALM = {"urgent": "none", "since": "weeks"}  # answers without a red flag to the default questions
TEXT = "Jeg har fått et utslett på armen som klør."


def draft(
    who: Person,
    *,
    kind: str = Kind.ECONSULTATION,
    topic: str = "",
    text: str = TEXT,
    answers: dict[str, str] | None = None,
    actor: Actor | None = None,
    patient: Person | None = None,
    now: datetime = NOW,
) -> Draft:
    clinical = kind == Kind.ECONSULTATION
    given = CALM if answers is None and clinical else answers or {}
    actor, patient = actor or citizen(who), patient or who
    services.save_draft(
        actor=actor,
        patient_id=patient.pk,
        kind=kind,
        topic_code=topic or ("follow-up" if clinical else "certificate"),
        now=now,
    )
    return services.save_draft(actor=actor, patient_id=patient.pk, kind=kind, answers=given, text=text, now=now)


def sent(who: Person, *, kind: str = Kind.ECONSULTATION, text: str = TEXT, now: datetime = NOW) -> Dialogue:
    return services.send(actor=citizen(who), draft_id=draft(who, kind=kind, text=text, now=now).pk, now=now)


def answered(
    at: Office, who: Person, *, kind: str = Kind.ECONSULTATION, closes: bool = False, now: datetime = NOW
) -> Dialogue:
    return services.answer(
        actor=at.staff(Role.DOCTOR),
        dialogue_id=sent(who, kind=kind, now=now).pk,
        key=uuid4(),
        text="Bruk fuktighetskrem i to uker.",
        closes=closes,
        problem_code=problem(kind),
        now=now,
    )


def problem(kind: str) -> str:
    """An answer to an e-consultation is filed with one."""
    return "S87" if kind == Kind.ECONSULTATION else ""


def secretary(at: Office) -> Actor:
    return at.staff(Role.SECRETARY)


def mark(dialogue: Dialogue) -> str:
    """Of the dialogue as it is now, as a page that is opened now has it."""
    return seen.mark(*rules.seen_of(Dialogue.objects.get(pk=dialogue.pk)))


def written_since(dialogue: Dialogue) -> None:
    """The patient writes once more while the page stands open at the office."""
    Dialogue.objects.filter(pk=dialogue.pk).update(last_message_at=NOW + timedelta(minutes=1))
