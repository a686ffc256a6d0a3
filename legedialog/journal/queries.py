"""The record as staff read it: newest first, in pages, and searched a window at a time. Every read leaves a trace."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from legedialog.access.actor import Actor
from legedialog.attachments import queries as attachments
from legedialog.attachments.queries import Attachment
from legedialog.audit import services as audit
from legedialog.core.errors import NotFound
from legedialog.core.times import local_day, local_period
from legedialog.journal import icpc2, policy, texts
from legedialog.journal.models import ContactType as ContactType
from legedialog.journal.models import Entry as Entry
from legedialog.journal.models import Kind as Kind
from legedialog.journal.models import Misfiling

PAGE = 30
WINDOW = 200  # entries opened at a time in a search,
AT_ONCE = 1000  # and at most before it asks whether to go on
HITS = 30
PRINTED = 2000  # entries on paper; older ones by choosing a period

SHOWN = ("patient", "by_person", "by_employee", "moved_by")

Place = tuple[datetime, UUID]  # of the last entry that was shown


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means all. Days are the clinic's, both included."""

    kind: str = ""
    contact_type: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An entry ready to show. `author` is who wrote or did it; `ground` by which right she acted for the patient."""

    id: UUID
    patient_id: UUID
    at: datetime
    kind: str
    contact_type: str
    problem: str  # "S07 utslett flere steder", or ""
    title: str
    text: str
    author: str
    is_by_patient: bool
    ground: str
    restriction: str
    reason: str  # of a correction
    moved: str  # when and by whom it was filed here, out of another patient's record; or ""
    corrects: "Item | None"  # without its own corrections
    corrections: "list[Item]"  # oldest first
    files: list[Attachment]

    @property
    def day(self) -> date:
        return local_day(self.at)


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Item]
    after: Place | None  # where the next page begins; None at the end


@dataclass(frozen=True, slots=True)
class Found:
    """A search so far. `looked_at` entries were opened, back to `until`; `after` is where to go on, None at the end."""

    items: list[Item] = field(default_factory=list)
    looked_at: int = 0
    until: date | None = None
    after: Place | None = None


def page(
    actor: Actor,
    patient_id: UUID,
    now: datetime,
    *,
    filters: Filters = Filters(),
    after: Place | None = None,
    size: int = PAGE,
) -> Page:
    """Three queries and the trace, whatever there is."""
    rows = list(_before(_of(actor, patient_id, filters), after)[: size + 1])
    audit.looked(actor, "journal.read", None, at=now, patient_id=patient_id, kind=filters.kind or "all")
    return Page(_items(rows[:size]), _place(rows[size - 1]) if len(rows) > size else None)


def one(actor: Actor, entry: Entry, now: datetime) -> Item:
    """An entry as policy.find gave it, with what it corrects or is corrected by. It is logged."""
    audit.looked(actor, "journal.entry", entry.pk, at=now, patient_id=entry.patient_id, practice_id=entry.practice_id)
    return _items([entry])[0]


def file_of_record(actor: Actor, attachment_id: UUID) -> Attachment:
    """A file of something that stands in a record she may read. Raises NotFound."""
    found = attachments.find(attachment_id)
    if found.object_id is None or policy.hidden([found.pk]):
        raise NotFound
    if not policy.visible_to(actor).filter(patient=found.patient_id, object_id=found.object_id).exists():
        raise NotFound
    return found


def search(
    actor: Actor,
    patient_id: UUID,
    words: str,
    now: datetime,
    *,
    filters: Filters = Filters(),
    after: Place | None = None,
) -> Found:
    """Entries that hold all the words, newest first. The text is sealed, so it is opened a window at a time.

    Stops at HITS or when AT_ONCE entries were opened; the caller goes on from `after`.
    """
    wanted = words.casefold().split()
    hits: list[Entry] = []
    looked_at = 0
    place = after
    is_over = not wanted
    audit.looked(actor, "journal.searched", None, at=now, patient_id=patient_id)
    while not is_over and looked_at < AT_ONCE and len(hits) < HITS:
        window = list(_before(_of(actor, patient_id, filters), place)[:WINDOW])
        is_over = len(window) < WINDOW
        for entry in window:
            looked_at += 1
            place = _place(entry)
            if _holds(entry, wanted):
                hits.append(entry)
                if len(hits) == HITS:
                    is_over = is_over and entry is window[-1]
                    break
    return Found(_items(hits), looked_at, local_day(place[0]) if place else None, None if is_over else place)


def printed(actor: Actor, patient_id: UUID, filters: Filters, now: datetime, *, form: str) -> tuple[list[Item], bool]:
    """What goes on paper, oldest first, and whether something older was left out. `form` is for the trace."""
    rows = list(_of(actor, patient_id, filters)[: PRINTED + 1])
    audit.looked(actor, "journal.printed", None, at=now, patient_id=patient_id, form=form)
    return _items(list(reversed(rows[:PRINTED]))), len(rows) > PRINTED


def files_of(ids: Collection[UUID], *, alone: Collection[UUID] = ()) -> dict[UUID, list[Attachment]]:
    """As attachments.queries.of, without what stood in the wrong record. Two queries where there are files."""
    found = attachments.of(ids, alone=alone)
    gone = policy.hidden({each.pk for some in found.values() for each in some}) if found else set()
    return {key: left for key, some in found.items() if (left := [each for each in some if each.pk not in gone])}


def _of(actor: Actor, patient_id: UUID, filters: Filters) -> QuerySet[Entry]:
    rows = policy.visible_to(actor).filter(patient=patient_id).select_related(*SHOWN)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.contact_type:
        rows = rows.filter(contact_type=filters.contact_type)
    if filters.first:
        rows = rows.filter(at__gte=local_period(filters.first)[0])
    if filters.last:
        rows = rows.filter(at__lt=local_period(filters.last)[1])
    return rows.order_by("-at", "-pk")


def _before(rows: QuerySet[Entry], place: Place | None) -> QuerySet[Entry]:
    if place is None:
        return rows
    return rows.filter(Q(at__lt=place[0]) | Q(at=place[0], pk__lt=place[1]), at__lte=place[0])


def _place(entry: Entry) -> Place:
    return entry.at, entry.pk


def _holds(entry: Entry, wanted: list[str]) -> bool:
    text = " ".join((entry.title, entry.text, entry.reason or "", icpc2.label(entry.problem_code))).casefold()
    return all(word in text for word in wanted)


def _items(rows: list[Entry]) -> list[Item]:
    """With corrections, what they correct, and files: two more queries."""
    ids = {row.pk for row in rows} | {row.corrects_id for row in rows if row.corrects_id}
    related = Entry.objects.filter(Q(corrects__in=ids) | Q(pk__in=ids - {row.pk for row in rows}))
    others = list(related.select_related(*SHOWN).order_by("at", "sequence", "pk"))
    by_id = {row.pk: row for row in (*rows, *others)}
    alone = {row.object_id for row in rows if row.kind == Kind.ATTACHMENT}
    files = files_of({row.object_id for row in rows}, alone=alone)
    corrections: dict[UUID, list[Item]] = {}
    for row in others:
        if row.corrects_id:
            corrections.setdefault(row.corrects_id, []).append(_item(row))
    return list(_with_relations(rows, by_id, corrections, files))


def _with_relations(
    rows: list[Entry],
    by_id: dict[UUID, Entry],
    corrections: dict[UUID, list[Item]],
    files: dict[UUID, list[Attachment]],
) -> Iterator[Item]:
    for row in rows:
        corrected = by_id[row.corrects_id] if row.corrects_id else None
        yield _item(
            row,
            corrects=_item(corrected) if corrected else None,
            corrections=corrections.get(row.pk, []),
            # The files of a thing that is told of several times stand where it was first told.
            files=files.get(row.object_id, [])
            if row.sequence == 0 and not corrected and row.kind != Kind.DECISION
            else [],
        )


def _item(
    row: Entry,
    *,
    corrects: Item | None = None,
    corrections: list[Item] | None = None,
    files: list[Attachment] | None = None,
) -> Item:
    return Item(
        id=row.pk,
        patient_id=row.patient_id,
        at=row.at,
        kind=row.kind,
        contact_type=row.contact_type,
        problem=icpc2.label(row.problem_code),
        title=row.title,
        text=row.text,
        author=author(row),
        is_by_patient=row.by_person_id == row.patient_id,
        ground=row.ground,
        restriction="" if row.restriction == "N" else row.restriction,
        reason=row.reason or "",
        moved=moved(row),
        corrects=corrects,
        corrections=corrections or [],
        files=files or [],
    )


def author(row: Entry) -> str:
    """Who wrote or did it. What another patient wrote about somebody else is in nobody's name: docs/adr/0049."""
    by = row.by_employee or row.by_person
    if by:
        return by.name
    return gettext("En annen pasient") if row.moved_at else "Legedialog"


def moved(row: Entry) -> str:
    return texts.moved(row.moved_at, row.moved_by.name if row.moved_by else "")


def taken_out_by(actor: Actor, object_ids: Collection[UUID | str]) -> str:
    """Who at her office took one of these out of a record where it did not belong; empty when nobody has."""
    made = Misfiling.objects.filter(practice__in=actor.practices, undone_at=None)
    made = made.filter(things__object_id__in=object_ids, things__is_copy=False).select_related("by_employee")
    found = made.order_by("-at").first() if object_ids else None
    return found.by_employee.name if found else ""


@dataclass(frozen=True, slots=True)
class Coded:
    """A diagnosis of the record, as it stands after corrections."""

    thing_id: UUID  # the dialogue that it was set on; a note's own
    patient_id: UUID
    clinician_id: UUID | None  # who wrote it
    at: datetime
    code: str


def coded(actor: Actor, patient_ids: Collection[UUID], begins: datetime, ends: datetime) -> list[Coded]:
    """What these patients' records say of a time, as far as she may read them. Whoever asks leaves the trace."""
    rows = policy.visible_to(actor).filter(patient__in=patient_ids, at__gte=begins)
    latest: dict[UUID, Entry] = {}
    for row in rows.select_related("by_employee").order_by("at", "pk"):
        if row.corrects_id in latest:
            row.at = latest[row.corrects_id].at
            latest[row.corrects_id] = row
        elif row.corrects_id is None and row.at < ends:
            latest[row.pk] = row
    return [
        Coded(row.thing_id, row.patient_id, row.by_employee.clinician_id if row.by_employee else None, row.at, code)
        for row in latest.values()
        if isinstance(code := row.problem_code, str) and code
    ]
