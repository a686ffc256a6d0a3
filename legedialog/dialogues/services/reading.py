"""Somebody reads: the patient's side what the office wrote, the office what she wrote."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core.errors import NotFound
from legedialog.dialogues import conversations, policy
from legedialog.dialogues.models import Dialogue, Kind, Message, Status, What
from legedialog.dialogues.rules import UNREAD
from legedialog.dialogues.services import trace


@transaction.atomic
def read(*, actor: Actor, dialogue_id: UUID, now: datetime) -> Dialogue:
    """A citizen sees the dialogue: the office's messages are read, and who acted for another is logged."""
    if not actor.is_citizen:
        raise NotFound
    dialogue = conversations.hers(actor, dialogue_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dialogues_message SET read_at = %s"
            " WHERE dialogue_id = %s AND by_person_id IS NULL AND read_at IS NULL",
            [now, dialogue.pk],
        )
        if cursor.rowcount:
            trace.publish(dialogue)
    audit.looked_on_behalf(actor, "dialogue.read", dialogue.pk, at=now, patient_id=dialogue.patient_id)
    return dialogue


@transaction.atomic
def open_(*, actor: Actor, dialogue_id: UUID, now: datetime, found: Dialogue | None = None) -> Dialogue:
    """Somebody at the office reads it. The first time it is opened and filed, and can no longer be withdrawn.

    `found`: as the page found it by office.head; when that is read already, nothing is to be changed or locked. Every
    read is logged. Raises NotFound, and Denied for the manager.
    """
    dialogue = found
    if dialogue is None or dialogue.status in UNREAD:
        dialogue = policy.find(actor, dialogue_id, lock=True, with_names=True)
    policy.check_reads(actor, dialogue)
    if actor.is_citizen:
        raise NotFound
    audit.looked(
        actor,
        "dialogue.read",
        dialogue.pk,
        at=now,
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
    )
    if dialogue.status not in UNREAD:
        return dialogue
    messages = unread(dialogue)
    if any(trace.is_hidden(dialogue, each) for each in messages):
        return dialogue  # who cannot be shown a part of it has not read it
    if dialogue.status == Status.SENT:  # the other system never told; it stands here all the same
        dialogue.delivered_at = now
    dialogue.status, dialogue.status_at, dialogue.opened_at = Status.OPENED, now, now
    dialogue.save(update_fields=["status", "status_at", "delivered_at", "opened_at"])
    file_unread(dialogue, messages, now)
    trace.happened(actor, dialogue, What.OPENED, now)
    return dialogue


def unread(dialogue: Dialogue) -> list[Message]:
    """What she wrote and nobody has read."""
    return list(Message.objects.filter(dialogue=dialogue, by_employee=None, read_at=None).order_by("number"))


def file_unread(dialogue: Dialogue, messages: Iterable[Message], now: datetime) -> None:
    """What `unread` found: read now, and in the record."""
    for message in messages:
        kind = "E-konsultasjon" if dialogue.kind == Kind.ECONSULTATION else "Henvendelse til kontoret"
        trace.file_message(dialogue, message, title=f"{kind} fra pasienten: {dialogue.subject}")
        message.read_at = now
        message.save(update_fields=["read_at"])
