"""Photos and documents in a form of another context. Works as a plain file input; the script adds progress and cancel.

In the view:
    files = field.read(request, practice_id=…, patient_id=…, now=now, ids=draft.attachment_ids)
    if form.is_valid() and not files.problems:
        services.send(…)  # which calls attachments.services.attach(ids=files.ids, …) in its transaction
In the template, inside the form (which needs enctype="multipart/form-data", with htmx also hx-encoding):
    {% include "attachments/field.html" with files=files %}
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format

from legedialog.access.actor import Actor
from legedialog.attachments import queries, rules, sandbox, services, texts
from legedialog.attachments.queries import Attachment
from legedialog.core import reading
from legedialog.core.errors import Refusal, Refused
from legedialog.ui.forms import GIVEN

ACCEPTED = (
    *("application/pdf", "image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"),
    *(".pdf", ".jpg", ".jpeg", ".png", ".webp", ".heic"),
)
KEPT, REMOVED, CHOSEN = "attachment", "attachment-remove", "attachment-file"  # the names of the inputs


@dataclass(frozen=True, slots=True)
class Row:
    """A file as a page shows it. `is_shown`: an `img` may show it."""

    id: UUID
    name: str
    size: str
    is_shown: bool
    url: str
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Files:
    rows: list[Row]
    problems: list[Problem]
    url: str
    practice_id: UUID
    patient_id: UUID
    closed: str = ""  # why no file is taken now
    most: int = rules.MOST
    count: int = rules.AT_ONCE
    accept: str = (
        "application/pdf,image/jpeg,image/png,image/webp,image/heic,image/heif,.pdf,.jpg,.jpeg,.png,.webp,.heic"
    )

    @property
    def ids(self) -> list[UUID]:
        return [row.id for row in self.rows]


def read(
    request: HttpRequest, *, practice_id: UUID, patient_id: UUID, now: datetime, ids: Collection[UUID] = ()
) -> Files:
    """What she has uploaded so far: by `ids` of a draft, or as the sent form says, with files that came in the form.

    A file that is refused is a problem with its text; the others are kept. Only her own that wait are ever shown.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    problems: list[Problem] = []
    given = GIVEN.get()  # what she had uploaded before her login ended comes back with her text
    wanted = [*ids, *(made for text in (given.getlist(KEPT) if given else ()) if (made := reading.uuid(text)))]
    if request.method == "POST":
        removed = set(request.POST.getlist(REMOVED))
        wanted = [made for text in request.POST.getlist(KEPT) if text not in removed and (made := reading.uuid(text))]
        for file in request.FILES.getlist(CHOSEN):
            if len(wanted) >= rules.AT_ONCE:
                problems.append(Problem(str(file.name), str(rules.TOO_MANY.to_patient)))
                continue
            try:
                wanted.append(_received(actor, practice_id, patient_id, file, now).pk)
            except Refused as refused:
                problems.append(Problem(str(file.name), words(actor, refused.refusal)))
    rows = [row(actor, each) for each in queries.waiting(actor, wanted) if each.patient_id == patient_id]
    closed = "" if sandbox.takes_files() else words(actor, rules.NOT_TAKEN)
    return Files(rows, problems, reverse(_address(actor, "receive")), practice_id, patient_id, closed)


def in_words(size: int) -> str:
    """`163 kB` or `1,2 MB`: bytes as `ui/assets/files.js` says them before the file is sent."""
    kilobytes = size / 1024
    if kilobytes < 1024:
        return f"{number_format(max(1, round(kilobytes)))} kB"
    megabytes = round(kilobytes / 1024, 1)
    return f"{number_format(megabytes, 0 if megabytes.is_integer() else 1)} MB"


def row(actor: Actor, attachment: Attachment, url: str = "") -> Row:
    """`url` is the page of the context that shows it; without one it is the uploader's own."""
    return Row(
        id=attachment.pk,
        name=attachment.name,
        size=in_words(attachment.size),
        is_shown=attachment.media_type in rules.SHOWN,
        url=url or reverse(_address(actor, "own"), args=[attachment.pk]),
        left_out=texts.left_out(attachment.pk, attachment.left_out),
    )


def words(actor: Actor, refusal: Refusal) -> str:
    return str((refusal.to_practice if actor.is_staff else "") or refusal.to_patient)


def _address(actor: Actor, name: str) -> str:
    return f"attachments:{'office-' if actor.is_staff else ''}{name}"


def _received(
    actor: Actor, practice_id: UUID, patient_id: UUID, file: "UploadedFile[bytes]", now: datetime
) -> Attachment:
    assert file.file  # noqa: S101  it was read from the form
    return services.receive(
        actor=actor, practice_id=practice_id, patient_id=patient_id, name=str(file.name), file=file.file, now=now
    )
