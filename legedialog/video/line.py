"""What is told to the open pages of a room. Called inside the transaction of the change, with the room's row locked."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import events, writing
from legedialog.video.models import Room, Seat, Signal, SignalKind


def lock(room_id: UUID) -> Room:
    """Nobody else changes or tells anything in the room until the transaction ends.

    So the numbers of its signals are committed in order, and a page that has number 7 has missed none before it.
    """
    return Room.objects.select_related("appointment").select_for_update(of=("self",), no_key=True).get(pk=room_id)


def changed(room: Room, now: datetime, *, office: bool = False) -> None:
    """Everybody in the room is told anew what she may know; with `office` also its list of who waits."""
    Signal.objects.create(practice_id=room.practice_id, room=room, kind=SignalKind.STATE, data="", sent_at=now)
    events.publish(topic(room.pk), *([f"video:{room.practice_id}"] if office else []))


def tell(
    room: Room,
    kind: SignalKind,
    *,
    to: Seat | None = None,
    sender: Seat | None = None,
    data: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """To one seat, or to everybody in the room."""
    Signal.objects.create(
        practice_id=room.practice_id,
        room=room,
        kind=kind,
        to=to,
        sender=sender,
        data=json.dumps(data, ensure_ascii=False) if data is not None else "",
        sent_at=now,
    )
    events.publish(topic(to.pk if to else room.pk))


def forget_signals(room: Room) -> None:
    """They hold network addresses, and nobody connects any more."""
    writing.remove(Signal.objects.filter(room=room, kind=SignalKind.SIGNAL))


def trace(actor: Actor, action: str, room: Room, at: datetime, **facts: str | int | bool) -> None:
    """In the log, as something about the patient."""
    patient_id, practice_id = room.appointment.patient_id, room.practice_id
    audit.record(actor, action, room.pk, at=at, patient_id=patient_id, practice_id=practice_id, purpose=None, **facts)


def topic(key: UUID) -> str:
    """Of a room or of one seat."""
    return f"room:{key}"
