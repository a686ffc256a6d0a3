"""What journeys tell a person: answers about her log and her record, and a birthday that changes who may act."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from legedialog.consent import acting
from legedialog.core.contexts import Subject
from legedialog.core.times import local_day
from legedialog.journal.models import CorrectionRequest
from legedialog.outbox.rules import Reason, Skip, Told, Words
from legedialog.patients.models import Person
from legedialog.patients.representation import WARN_DAYS, Area
from legedialog.patients.rules import turns


def _children(ids: Collection[UUID]) -> dict[UUID, Person]:
    return Person.objects.only("birth_date").in_bulk(ids)


CHILD = Subject(rows=_children)


def concern_answered(row: Any, told: Told, now: datetime) -> Words | Skip:
    text = _("Legekontoret har svart på et spørsmål fra deg. Logg inn på Legedialog og åpne loggen i Profil.")
    return Words(text, office_tells=True)


def _asked(ids: Collection[UUID]) -> dict[UUID, CorrectionRequest]:
    return CorrectionRequest.objects.only("patient", "by_person").in_bulk(ids)


ASKED = Subject(rows=_asked, asked_by=lambda row: row.by_person_id or row.patient_id)


def correction_answered(row: Any, told: Told, now: datetime) -> Words | Skip:
    """To who asked, as long as she may read it."""
    assert told.recipient_id  # noqa: S101  it is to a person
    if told.recipient_id != row.patient_id:
        if not acting.allowed(told.recipient_id, row.patient_id, Area.MESSAGES, now):
            return Skip(Reason.NOT_ALLOWED)
        return Words(
            _("Et ønske om retting eller sletting som du sendte for en annen, er besvart. Logg inn på Legedialog."),
            office_tells=True,
        )
    return Words(
        _("Du har fått svar på ønsket ditt om retting eller sletting. Logg inn på Legedialog for å lese det."),
        office_tells=True,
    )


def journal_moved(row: Any, told: Told, now: datetime) -> Words | Skip:
    """Says neither what, nor whose it was."""
    return Words(
        _("Legekontoret har rettet noe i journalen din. Logg inn på Legedialog og se loggen under Profil."),
        office_tells=True,
    )


def walk_in_joined(row: Any, told: Told, now: datetime) -> Words | Skip:
    """Says neither which office, nor since when."""
    return Words(_("Et legekontor har registrert deg. Logg inn på Legedialog og se loggen under Profil."))


def walk_in_parted(row: Any, told: Told, now: datetime) -> Words | Skip:
    return Words(_("Et legekontor hadde registrert deg ved en feil. Logg inn på Legedialog og se loggen under Profil."))


def birthday(child: Person, told: Told, now: datetime) -> Words | Skip:
    """In good time before what a parent may do narrows or ends. Names no child: see journeys/birthdays.py."""
    assert told.recipient_id  # noqa: S101  it is to a person
    today, day = local_day(now), turns(child.birth_date, told.sequence)
    if day <= today:
        return Skip(Reason.OVER)
    if day > today + timedelta(days=WARN_DAYS):
        return Skip(Reason.CHANGED)
    if told.recipient_id == child.pk:
        return Words(_("Snart åpner flere tjenester for deg. Logg inn på Legedialog for å se når."))
    found = acting.standing(told.recipient_id, child.pk, now)
    if found is None or not found.decision.areas:
        return Skip(Reason.NOT_ALLOWED)
    return Words(_("Snart endres det du kan gjøre for et barn. Logg inn på Legedialog for å se hva og når."))
