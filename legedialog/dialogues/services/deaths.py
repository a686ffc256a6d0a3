"""The population register says that a patient is dead, or that it was a mistake."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from legedialog.access.actor import Actor, system
from legedialog.core import writing
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.dialogues import policy, rules
from legedialog.dialogues.models import Dialogue, Draft, Kind, Message, Status, What
from legedialog.dialogues.services import trace
from legedialog.patients import policy as patients


@transaction.atomic
def close_for_death(*, patient_id: UUID, now: datetime) -> list[Dialogue]:
    """What is open is closed whatever its state, and what nobody had read goes into the record, unread. Drafts of
    hers, and others' for her, go. What was closed. Safe to repeat; nobody is told."""
    writing.remove(Draft.objects.filter(Q(owner=patient_id) | Q(patient=patient_id)))
    closed = []
    rows = Dialogue.objects.filter(patient=patient_id).exclude(status__in=rules.OVER)
    for dialogue in rows.select_for_update(of=("self",)).order_by("pk"):
        by = system(practice_id=dialogue.practice_id)
        kind = "E-konsultasjon" if dialogue.kind == Kind.ECONSULTATION else "Henvendelse til kontoret"
        for message in Message.objects.filter(dialogue=dialogue, by_employee=None, read_at=None).order_by("number"):
            trace.file_message(dialogue, message, title=f"{kind} fra pasienten: {dialogue.subject}")
        dialogue.closed_from, dialogue.is_ended_by_death = dialogue.status, True
        dialogue.status, dialogue.status_at, dialogue.closed_at = Status.CLOSED, now, now
        dialogue.claimed_by = dialogue.claimed_until = None
        writing.save(dialogue)
        trace.happened(by, dialogue, What.CLOSED, now)
        closed.append(dialogue)
    return closed


@transaction.atomic
def reopen_after_death(*, actor: Actor, dialogue_id: UUID, now: datetime) -> Dialogue:
    """The death was a mistake: as it was, with a new date when it waits. Raises NotFound, Denied, Refused."""
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_answers(actor, dialogue)
    patients.check_lives(dialogue.patient_id)
    if not dialogue.is_ended_by_death:
        raise Refused(rules.CANNOT_MOVE)
    dialogue.status, dialogue.status_at = Status(dialogue.closed_from), now
    dialogue.closed_from, dialogue.closed_at, dialogue.is_ended_by_death = "", None, False
    if dialogue.status in rules.WAITING:
        dialogue.due_date = rules.due_date(local_day(now))
    writing.save(dialogue)
    trace.happened(actor, dialogue, What.REOPENED, now)
    return dialogue
