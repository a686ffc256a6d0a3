"""Take a file in, make it harmless, seal it, and attach it to what it was sent with.

How another context uses this, and what the page needs: docs/adr/0012-attachments.md and web/fields.py.
"""

from collections.abc import Collection
from datetime import datetime
from typing import IO
from uuid import UUID

import structlog
from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.attachments import malware, policy, rules, sandbox, turns
from legedialog.attachments.models import Attachment, Chunk
from legedialog.attachments.queries import open_chunks, pack
from legedialog.audit import services as audit
from legedialog.core import writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.patients import policy as patients

log = structlog.get_logger("legedialog.attachments")


def receive(
    *, actor: Actor, practice_id: UUID, patient_id: UUID, name: str, file: IO[bytes], now: datetime
) -> Attachment:
    """Take one file in. It then waits, seen by `actor` alone, until `attach`; after 30 days it is removed.

    `file` can be read and sought. What it is, is read from the content. What is kept is written again by us: photos
    upright and without place and camera, documents without anything that acts. No transaction is open meanwhile.
    Raises NotFound or Denied, or Refused with a text for the person and one of the codes in rules.
    """
    policy.check_receive(actor, practice_id, patient_id)
    if actor.is_staff:
        patients.find_of_record(actor, patient_id, local_day(now))
    if policy.waiting(actor).filter(patient=patient_id).count() >= rules.WAITING:
        raise Refused(rules.TOO_MANY_WAITING)
    size = file.seek(0, 2)
    file.seek(0)
    if size > rules.MOST:
        raise Refused(rules.TOO_LARGE)
    if size == 0:
        raise Refused(rules.EMPTY)
    sandbox.check_type(file)
    if not sandbox.takes_files():
        log.error("no sandbox", fault=sandbox.fault())
        raise Refused(rules.NOT_TAKEN)
    with turns.turn(actor.person_id or actor.employee_id):
        is_scanned = _scan(actor, practice_id, patient_id, file, now)
        with sandbox.cleaned(file) as clean:
            return _keep(actor, practice_id, patient_id, name, clean, is_scanned, now)


@transaction.atomic
def attach(
    *, actor: Actor, ids: Collection[UUID], object_id: UUID, practice_id: UUID, patient_id: UUID, now: datetime
) -> list[Attachment]:
    """Hand her waiting files over to an object of the calling context, inside its transaction. Twice is as once.

    Raises NotFound unless all of `ids` are her own, wait, and were uploaded for this patient and office; Refused
    "too-many-files".
    """
    wanted = set(ids)
    if len(wanted) > rules.AT_ONCE:
        raise Refused(rules.TOO_MANY)
    rows = list(
        policy.attachable(actor, practice_id, patient_id, object_id)
        .filter(pk__in=wanted)
        .select_for_update()
        .order_by("received_at", "pk")
    )
    if len(rows) != len(wanted):
        raise NotFound
    for row in rows:
        if row.object_id is None:
            row.object_id, row.attached_at = object_id, now
            row.save(update_fields=["object_id", "attached_at"])
            audit.record(
                actor, "attachment.sent", row.pk, at=now, patient_id=row.patient_id, practice_id=row.practice_id
            )
    return rows


@transaction.atomic
def remove(*, actor: Actor, attachment_id: UUID, now: datetime) -> None:
    """Take back one of her files that is not sent yet. Raises NotFound."""
    row = policy.find_waiting(actor, attachment_id)
    _forget([row.pk])
    audit.record(actor, "attachment.removed", row.pk, at=now, patient_id=row.patient_id, practice_id=row.practice_id)


def forget(object_id: UUID) -> None:
    """What an object was sent with is taken back with it. The caller has decided, and leaves the trace."""
    _forget(list(Attachment.objects.filter(object_id=object_id).values_list("pk", flat=True)))


def forget_waiting(*, actor: Actor, person_id: UUID) -> None:
    """She turned the services off: files that she, or others for her, had uploaded and not sent."""
    waiting = Attachment.objects.filter(object_id=None, by_employee=None, patient=person_id, patient__in=actor.patients)
    _forget(list(waiting.values_list("pk", flat=True)))


@transaction.atomic
def copy(attachment: Attachment, *, actor: Actor, patient_id: UUID, object_id: UUID, now: datetime) -> Attachment:
    """The same file with another object and another patient of the same office. The caller has decided, and leaves the
    trace."""
    made = Attachment.objects.create(
        practice_id=attachment.practice_id,
        patient_id=patient_id,
        by_employee_id=attachment.by_employee_id or actor.employee_id,  # never in the name of another patient
        name=attachment.name,
        media_type=attachment.media_type,
        size=attachment.size,
        left_out=attachment.left_out,
        is_scanned=attachment.is_scanned,
        received_at=attachment.received_at,
        object_id=object_id,
        attached_at=now,
    )
    for number, data in enumerate(open_chunks(attachment)):
        Chunk(attachment=made, practice_id=made.practice_id, number=number, data=pack(made.pk, number, data)).save(
            force_insert=True
        )
    return made


def looked(actor: Actor, attachment: Attachment, now: datetime) -> None:
    """Somebody opens the file. What is her own leaves no trace."""
    if actor.is_citizen and attachment.patient_id == actor.person_id:
        return
    audit.looked(
        actor,
        "attachment.read",
        attachment.pk,
        at=now,
        patient_id=attachment.patient_id,
        practice_id=attachment.practice_id,
    )


def tidy(now: datetime) -> None:
    """Remove files that were uploaded and never sent."""
    with transaction.atomic():
        old = Attachment.objects.filter(object_id=None, received_at__lt=now - rules.WAITS)
        _forget(list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)))


def _forget(ids: Collection[UUID]) -> None:
    writing.remove(Chunk.objects.filter(attachment__in=ids))
    writing.remove(Attachment.objects.filter(pk__in=ids))


def _scan(actor: Actor, practice_id: UUID, patient_id: UUID, file: IO[bytes], now: datetime) -> bool:
    """Whether it was scanned. Raises Refused."""
    scan = malware.scanner()
    if scan is None:
        return False
    try:
        found = scan(file)
    except malware.ScannerAway:
        log.warning("malware scanner away")
        raise Refused(rules.NOT_CHECKED) from None
    finally:
        file.seek(0)
    if found:
        log.warning("malware stopped", signature=found)
        audit.record(actor, "attachment.stopped", None, at=now, patient_id=patient_id, practice_id=practice_id)
        raise Refused(rules.INFECTED)
    return True


@transaction.atomic
def _keep(
    actor: Actor,
    practice_id: UUID,
    patient_id: UUID,
    name: str,
    clean: sandbox.Clean,
    is_scanned: bool,
    now: datetime,
) -> Attachment:
    attachment = Attachment.objects.create(
        practice_id=practice_id,
        patient_id=patient_id,
        by_person_id=actor.person_id if actor.is_citizen else None,
        by_employee_id=None if actor.is_citizen else actor.employee_id,
        name=rules.clean_name(name, clean.media_type),
        media_type=clean.media_type,
        size=0,
        left_out=clean.left_out or None,
        is_scanned=is_scanned,
        received_at=now,
    )
    for number, part in enumerate(clean.parts):
        Chunk(
            attachment=attachment,
            practice_id=practice_id,
            number=number,
            data=pack(attachment.pk, number, part),
        ).save(force_insert=True)
        attachment.size += len(part)
    attachment.save(update_fields=["size"])
    audit.record(
        actor,
        "attachment.received",
        attachment.pk,
        at=now,
        patient_id=patient_id,
        practice_id=practice_id,
        type=clean.media_type,
        bytes=attachment.size,
    )
    return attachment
