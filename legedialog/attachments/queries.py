"""Files by what they are attached to. Whether the reader may see the object is decided by the context that owns it."""

from collections.abc import Collection, Iterator
from itertools import chain
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery

from legedialog.access.actor import Actor
from legedialog.attachments import policy, rules
from legedialog.attachments.models import Attachment as Attachment
from legedialog.attachments.models import Chunk
from legedialog.attachments.rules import CHUNK
from legedialog.core import broken, crypto
from legedialog.core.errors import Refused
from legedialog.core.finding import found

FAULTS = (ValueError, crypto.NotOpened)
PARTS = Subquery(  # how many of its file are there
    Chunk.objects.filter(attachment=OuterRef("attachment"))
    .order_by()
    .values("attachment")
    .annotate(parts=Count("pk"))
    .values("parts")
)


def of(object_ids: Collection[UUID], *, alone: Collection[UUID] = ()) -> dict[UUID, list[Attachment]]:
    """The files of each object that has some, in the order they were received. One query.

    `alone`: ids of sent files that stand there by themselves too.
    """
    found: dict[UUID, list[Attachment]] = {}
    wanted = Q(object_id__in=object_ids) | Q(pk__in=alone, object_id__isnull=False)
    for row in Attachment.objects.filter(wanted).order_by("received_at", "pk"):
        if row.object_id and row.object_id in object_ids:
            found.setdefault(row.object_id, []).append(row)
        if row.pk in alone:
            found[row.pk] = [row]
    return found


def waiting(actor: Actor, ids: Collection[UUID]) -> list[Attachment]:
    """Those of `ids` that she uploaded herself and that are attached to nothing yet, in the order received."""
    return list(policy.waiting(actor).filter(pk__in=ids).order_by("received_at", "pk"))


def find(attachment_id: UUID) -> Attachment:
    """Any file. The caller checks at once, by its `object_id`, who may see it. Raises NotFound."""
    return found(Attachment.objects.all(), attachment_id)


def open_chunks(attachment: Attachment) -> Iterator[bytes]:
    """The bytes, a part at a time, one query for each. Raises ValueError when a part is missing or in a wrong place."""
    left = attachment.size
    number = 0
    while left > 0:
        chunk = Chunk.objects.filter(attachment=attachment.pk, number=number).annotate(parts=PARTS).first()
        if chunk is None or chunk.parts < -(-attachment.size // CHUNK):
            raise ValueError("a part of the file is missing")
        data = unpack(attachment.pk, number, chunk.data)
        left -= len(data)
        number += 1
        yield data


def opened(attachment: Attachment) -> Iterator[bytes]:
    """As `open_chunks`, for an answer: that the first part cannot be opened, or that one is missing, is known before it
    begins. Raises Refused "file-gone"."""
    parts = open_chunks(attachment)
    try:
        first = next(parts, b"")
    except FAULTS as error:
        broken.instead("attachments_chunk.data", attachment.pk)
        raise Refused(rules.GONE) from error
    return chain((first,), parts)


def pack(attachment_id: UUID, number: int, data: bytes) -> bytes:
    """A part with its place, before it is sealed."""
    return attachment_id.bytes + number.to_bytes(4) + data


def unpack(attachment_id: UUID, number: int, sealed: bytes) -> bytes:
    place = attachment_id.bytes + number.to_bytes(4)
    if sealed[: len(place)] != place or not len(place) < len(sealed) <= len(place) + CHUNK:
        raise ValueError("a part of the file is in a wrong place")
    return sealed[len(place) :]
