"""A citizen's own data, in a file to read and a file for other systems. Made in the background, sealed, hers for a day.

Source: GDPR articles 15 and 20, docs/facts.md#law.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from procrastinate.contrib.django import app

from legedialog.access.actor import Actor, Kind
from legedialog.access.queries import locked_since
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.audit.models import Kind as Did
from legedialog.core import broken, events, writing
from legedialog.core.errors import Denied, NotFound
from legedialog.core.ids import new_id
from legedialog.journeys import own_fhir, own_files, own_pdf
from legedialog.journeys.models import Export
from legedialog.journeys.own_rows import enclosed, gather, reader
from legedialog.patients.models import Language

LASTS = timedelta(hours=24)
SLOW = timedelta(minutes=2)  # then something has gone wrong, and she may begin again herself
STEPS = 3  # gathered, written for people, written for systems
MAKE = "own_data.make"  # the job, in tasks.py
FILES = {
    "pdf": ("application/pdf", "mine-opplysninger.pdf"),
    "fhir": ("application/fhir+json", "mine-opplysninger.json"),
}
ATTACHMENTS, ARCHIVE = "vedlegg", "mine-vedlegg.zip"


@dataclass(frozen=True, slots=True)
class State:
    """How far it has come, for the page. `done` of `steps`."""

    asked_at: datetime
    ends_at: datetime
    done: int
    is_ready: bool
    has_failed: bool
    is_slow: bool
    is_void: bool = False  # something about her is changed since she asked, so that they may say too much
    steps: int = STEPS

    @property
    def is_waiting(self) -> bool:
        return not (self.is_ready or self.has_failed or self.is_void)


def state(actor: Actor, now: datetime) -> State | None:
    """Her latest, or None when there is none (any more). Two queries that open no file."""
    row = (
        _mine(actor).filter(ends_at__gt=now).values_list("asked_at", "ends_at", "step", "ready_at", "failed_at").first()
    )
    if row is None:
        return None
    asked_at, ends_at, step, ready_at, failed_at = row
    is_waiting = ready_at is None and failed_at is None
    is_void = ready_at is not None and _is_void(actor.person_id, asked_at)
    return State(
        asked_at,
        ends_at,
        step,
        ready_at is not None and not is_void,
        failed_at is not None,
        is_slow=is_waiting and now - asked_at > SLOW,
        is_void=is_void,
    )


@transaction.atomic
def ask(*, actor: Actor, now: datetime) -> None:
    """Begin; one that is being made goes on unless it is slow, and a finished one is replaced. Raises Denied.

    The job of one that is replaced finds nothing to write to.
    """
    if actor.kind is not Kind.CITIZEN or not actor.person_id:
        raise Denied
    old = _mine(actor)
    writing.remove(old.exclude(ready_at=None, failed_at=None, ends_at__gt=now, asked_at__gte=now - SLOW))
    made = Export.objects.bulk_create(
        [Export(id=new_id(), person_id=actor.person_id, asked_at=now, ends_at=now + LASTS, pdf="", fhir="")],
        ignore_conflicts=True,
    )[0]
    if Export.objects.filter(pk=made.pk).exists():
        audit.record(actor, "own_data.asked", made.pk, at=now, patient_id=actor.person_id)
        app.configure_task(MAKE).defer(export_id=str(made.pk))


def make(export_id: UUID, now: datetime) -> None:
    """Run by the job. Nothing happens for one that is finished, removed, or over; a fault leaves it as failed."""
    export = Export.objects.select_related("person").filter(_open(now), pk=export_id).first()
    if export is None:
        return
    try:
        _make(export, now)
    except Exception:
        with transaction.atomic():
            Export.objects.filter(_open(now), pk=export_id).update(failed_at=now)
            events.publish(f"person:{export.person_id}")
        raise


def fetch(*, actor: Actor, file: str, now: datetime) -> bytes:
    """The file's bytes: "pdf" or "fhir". Only for herself, while it lasts. Raises NotFound."""
    if file not in FILES:
        raise NotFound
    export = _fetched(actor, file, now)
    return base64.b64decode(export.pdf) if file == "pdf" else export.fhir.encode()


def fetch_attachments(*, actor: Actor, now: datetime) -> Iterator[bytes]:
    """The third file, a ZIP, as it is written: from what stands sealed where it was sent. As `fetch`."""
    person = _fetched(actor, ATTACHMENTS, now).person
    herself = reader(person, now)
    return own_files.stream(enclosed(herself, person, now))


def _fetched(actor: Actor, file: str, now: datetime) -> Export:
    export = _mine(actor).filter(ends_at__gt=now, ready_at__isnull=False).first()
    if export is None or _is_void(export.person_id, export.asked_at):
        raise NotFound
    audit.looked(actor, "own_data.fetched", export.pk, at=now, patient_id=export.person_id, file=file)
    return export


def _is_void(person_id: UUID | None, asked_at: datetime) -> bool:
    """Anything about her has been changed by anybody since she asked: moved out of her record, hidden, merged, locked,
    corrected, or only added to. What she may see is decided again, by making the files again."""
    later = Event.objects.filter(patient_id=person_id, kind=Did.CHANGE, at__gt=asked_at)
    return later.exclude(action__startswith="own_data.").exists()


def forget(*, actor: Actor) -> None:
    """She does not want it any more."""
    writing.remove(_mine(actor))


def tidy(now: datetime) -> None:
    """Remove what has ended: run by a job every hour (operations/tasks.py)."""
    writing.remove(Export.objects.filter(ends_at__lte=now))


def _mine(actor: Actor) -> QuerySet[Export]:
    """Hers, and never those of somebody she acts for."""
    if actor.kind is not Kind.CITIZEN or not actor.person_id:
        return Export.objects.none()
    return Export.objects.filter(person=actor.person_id)


def _open(now: datetime) -> Q:
    return Q(ready_at=None, failed_at=None, ends_at__gt=now)


def _make(export: Export, now: datetime) -> None:
    person = export.person
    if locked_since(person.pk):  # whoever asked may not have been she
        raise Denied
    with translation.override(person.language or Language.NB.value), broken.reading():
        rows = gather(reader(person, now), person, now)
        _step(export)
        pdf = own_pdf.make(rows, now)
        _step(export)
        fhir = json.dumps(own_fhir.bundle(rows, now), ensure_ascii=False, indent=1)
    with transaction.atomic():
        current = Export.objects.select_for_update().filter(_open(now), pk=export.pk).first()
        if current is None:  # she turned everything off meanwhile
            return
        current.pdf, current.fhir = base64.b64encode(pdf).decode(), fhir
        current.step, current.ready_at = STEPS, now
        current.save(update_fields=["pdf", "fhir", "step", "ready_at"])
        events.publish(f"person:{person.pk}")


@transaction.atomic
def _step(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(step=F("step") + 1)
    events.publish(f"person:{export.person_id}")
