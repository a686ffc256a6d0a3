"""What stands in the wrong person's record: out of sight there at once, filed where it belongs, told, and undone.

And what a citizen asks to have corrected or erased. See docs/adr/0049-misfiled.md.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise

from legedialog.access.actor import Actor
from legedialog.attachments import queries as files
from legedialog.attachments import services as attachments
from legedialog.attachments.queries import Attachment
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.audit.models import Kind as Did
from legedialog.cautions import services as cautions
from legedialog.core import events, fence, seen, sql
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.dialogues.models import Message
from legedialog.journal import policy, rules
from legedialog.journal import queries as record
from legedialog.journal.models import Asked, CorrectionRequest, Entry, Kind, Misfiling, Moved, Outcome
from legedialog.journal.texts import right_to_complain
from legedialog.journeys import log
from legedialog.outbox import services as outbox
from legedialog.patients import policy as patients
from legedialog.patients import queries as persons
from legedialog.patients import walk_ins

WRITTEN = frozenset({Kind.MESSAGE, Kind.ATTACHMENT, Kind.NOTE, Kind.CORRECTION, Kind.CAUTION})
TELLS, UNDONE = "journal.moved", 1  # the notice, and its sequence when the move is undone
# Whoever was shown the record, all the messages, or a copy of all of it, was shown this.
OF_THE_OTHER = (" pasienten: ", " en annen pasient: ")  # in the titles of messages
OF_ALL = (
    *("journal.read", "journal.printed", "journal.searched", "messages.listed", "cautions.read", "own_data.fetched"),
)


@dataclass(frozen=True, slots=True)
class Things:
    """What goes together: the entries, and the ids under which anybody could reach it."""

    entries: list[Entry]
    ids: set[UUID]
    files: tuple[str, ...]  # their names


@dataclass(frozen=True, slots=True)
class Would:
    """What is done when the doctor says yes, for her to see over first."""

    count: int  # entries, with their corrections and files
    mark: str
    files: tuple[str, ...]  # the names of those that go along
    to_name: str = ""  # whose record they come into; empty for nobody's
    to_birth_date: date | None = None


def would(*, actor: Actor, entry: Entry, number: str, whole: bool, own: list[Attachment], now: datetime) -> Would:
    """Of an entry as journal.policy.find gave it, with its own files. Who is shown has it in her log. Raises NotFound,
    Denied, or Refused."""
    to_id = _asked(actor, entry, number, now)
    things = _things(entry, whole=whole, own=own)
    made = Would(len(things.entries), seen.mark(*_seen(to_id, things.entries)), things.files)
    if to_id is None:
        return made
    audit.looked_many(actor, "patient.found", {to_id}, at=now, practice_id=entry.practice_id)
    found = persons.profile_of_record(actor, to_id, now)
    return replace(made, to_name=found.name, to_birth_date=found.birth_date)


def _seen(to_id: UUID | None, entries: list[Entry]) -> tuple[object, ...]:
    return to_id, *(each.pk for each in entries)


@transaction.atomic
def misfile(
    *,
    actor: Actor,
    entry_id: UUID,
    number: str,
    whole: bool,
    reason: str,
    tells: bool,
    tells_other: bool,
    mark: str | None = None,
    now: datetime,
) -> Misfiling:
    """Take an entry out of sight, with its corrections and files, and a message's whole dialogue when `whole`.

    `number`: the national number of the patient whose it is; empty when it is nobody's. `tells` and `tells_other`: who
    gets a notice. Raises NotFound, Denied, or Refused.
    """
    entry = policy.find(actor, entry_id)
    to_id = _asked(actor, entry, number, now)
    things = _things(entry, whole=whole)
    seen.check(mark, *_seen(to_id, things.entries))
    assert actor.employee_id  # noqa: S101  check_misfile
    made = Misfiling.objects.create(
        practice_id=entry.practice_id,
        patient_id=entry.patient_id,
        to_patient_id=to_id,
        reason=reason,
        stood_from=min(each.at for each in things.entries),
        at=now,
        by_employee_id=actor.employee_id,
    )
    filed = (
        things.entries
        if entry.kind == Kind.ATTACHMENT
        else [
            each
            for each in things.entries
            if each.kind != Kind.ATTACHMENT  # it comes with what it was sent with
        ]
    )
    copies = _file_again(actor, made, filed, to_id, now) if to_id else {}
    _mark(made, made.patient_id, things.ids, is_hidden=True)
    if to_id:
        _mark(made, to_id, copies.values(), is_hidden=False, is_copy=True)
    where = {"at": now, "practice_id": made.practice_id}
    audit.record(actor, "journal.taken-out", made.pk, patient_id=made.patient_id, **where)  # type: ignore[arg-type]
    if to_id:
        audit.record(actor, "journal.put-in", made.pk, patient_id=to_id, **where)  # type: ignore[arg-type]
    for whom, told in ((made.patient_id, tells), (to_id, tells_other)):
        if whom and told:
            outbox.put(TELLS, made.pk, recipient_id=whom, practice_id=made.practice_id, now=now)
    _changed(made)
    return made


def already(actor: Actor, entry_id: UUID) -> Misfiling | None:
    """The move that took it out of sight, for a doctor who presses a second time."""
    if actor.role not in policy.DOCTORS:
        return None
    made = Misfiling.objects.filter(practice__in=actor.practices, undone_at=None, things__object_id=entry_id)
    return made.filter(things__is_copy=False).first()


@transaction.atomic
def undo(*, actor: Actor, misfiling_id: UUID, now: datetime) -> Misfiling:
    """All is as it was: the entry is seen where it stood, and its copy is out of sight. Raises NotFound or Refused."""
    made = policy.find_misfiling(actor, misfiling_id, lock=True)
    if made.undone_at:
        raise Refused(rules.ALREADY_UNDONE)
    if now > made.at + rules.UNDO_WITHIN:
        raise Refused(rules.TOO_LATE)
    made.undone_at, made.undone_by_id = now, actor.employee_id
    made.save(update_fields=["undone_at", "undone_by"])
    made.things.filter(is_copy=False).update(is_hidden=False)
    made.things.filter(is_copy=True).update(is_hidden=True)
    for whom in filter(None, (made.patient_id, made.to_patient_id)):
        audit.record(actor, "journal.move-undone", made.pk, at=now, patient_id=whom, practice_id=made.practice_id)
    for whom in outbox.recipients(TELLS, made.pk):  # who was told of the move is told of this too
        outbox.put(TELLS, made.pk, recipient_id=whom, practice_id=made.practice_id, sequence=UNDONE, now=now)
    _changed(made)
    return made


def who_saw(actor: Actor, made: Misfiling, now: datetime) -> list[log.Occasion]:
    """Reads of it, of the dialogue it was a part of, and of the record it stood in while it stood there, the newest
    first: who has seen what was another's. From the log, so only as long as the log is kept; what the person reads of
    her own is not in it, but what she fetches is."""
    audit.looked(actor, "journal.moved-read", made.pk, at=now, patient_id=made.patient_id, practice_id=made.practice_id)
    ids = set(made.things.filter(is_copy=False).values_list("object_id", flat=True))
    for filed, dialogue_id in Entry.objects.filter(object_id__in=ids).values_list("pk", "thing_id"):
        ids |= {filed, dialogue_id}
    ids |= {each.pk for some in files.of(ids).values() for each in some}
    with fence.system("who was shown what stood in a wrong record"):
        looks = Event.objects.filter(
            Q(object_id__in=ids) | Q(action__in=OF_ALL),
            patient_id=made.patient_id,
            kind=Did.READ,
            at__range=(made.stood_from, made.at),
        )
        return log.occasions(actor, list(looks.order_by("-at", "-pk")[:500]))


def misfilings(actor: Actor, patient_id: UUID) -> list[Misfiling]:
    """Those out of this patient's record, for doctors; the newest first."""
    if actor.role not in policy.DOCTORS:
        return []
    rows = Misfiling.objects.filter(practice__in=actor.practices, patient=patient_id)
    return list(rows.select_related("by_employee", "to_patient").order_by("-at")[:20])


@transaction.atomic
def ask(*, actor: Actor, key: UUID, practice_id: UUID, asked: Asked, text: str, now: datetime) -> CorrectionRequest:
    """A citizen asks an office to correct or erase something in her record, or in that of the one she acts for.

    The same key twice asks once. Raises Denied, or NotFound for an office that is none of offices().
    """
    policy.check_asks(actor)
    patient_id = actor.acting_for_id or actor.person_id
    if patient_id is None or practice_id not in offices(actor, now):
        raise NotFound
    made, is_new = CorrectionRequest.objects.get_or_create(
        key=key,
        defaults={
            "practice_id": practice_id,
            "patient_id": patient_id,
            "by_person_id": actor.person_id if actor.acts_for_another else None,
            "asked": asked,
            "text": text,
            "sent_at": now,
            "answer_by_date": local_day(now + rules.ANSWER_WITHIN),
        },
    )
    if is_new:
        audit.record(actor, "correction.asked", made.pk, at=now, patient_id=made.patient_id, practice_id=practice_id)
        events.publish(f"requests:{practice_id}")
    return made


@transaction.atomic
def answer(*, actor: Actor, correction_id: UUID, outcome: Outcome, text: str, now: datetime) -> CorrectionRequest:
    """Raises NotFound for another office's and for those who do not answer, Refused when a colleague has."""
    found = policy.corrections_visible_to(actor).select_for_update(of=("self",)).filter(pk=correction_id).first()
    if found is None or not actor.is_staff:
        raise NotFound
    if found.answered_at:
        raise Refused(rules.ALREADY_ANSWERED)
    found.outcome, found.answer, found.answered_at, found.answered_by_id = outcome, text, now, actor.employee_id
    found.save(update_fields=["outcome", "answer", "answered_at", "answered_by"])
    where = {"patient_id": found.patient_id, "practice_id": found.practice_id}
    audit.record(actor, "correction.answered", found.pk, at=now, **where)  # type: ignore[arg-type]
    outbox.put(
        "correction.answered",
        found.pk,
        recipient_id=found.by_person_id or found.patient_id,
        practice_id=found.practice_id,
        now=now,
    )
    events.publish(f"requests:{found.practice_id}", f"person:{found.patient_id}")
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a citizen has asked. `text` only when one is opened."""

    id: UUID
    patient_id: UUID
    patient_name: str
    asked: str
    sent_at: datetime
    answer_by: date
    is_late: bool
    text: str = ""
    answer: str = ""
    outcome: str = ""
    complaint: str | Promise = ""  # what the product adds to an answer that says no
    answered_at: datetime | None = None
    answered_by: str = ""
    by_name: str = ""  # who asked on behalf of the patient


@dataclass(frozen=True, slots=True)
class _Unanswered:
    id: UUID
    patient_id: UUID
    asked: str
    sent_at: datetime
    answer_by_date: date
    answered_at: datetime | None
    given_name: bytes | None
    family_name: bytes | None


# Those that policy.corrections_visible_to shows to who answers.
UNANSWERED = sql.Statement(
    "what is asked to be corrected",
    """
    SELECT c.id, c.patient_id, c.asked, c.sent_at, c.answer_by_date, c.answered_at, p.given_name,
           p.family_name
      FROM journal_correctionrequest c LEFT JOIN patients_person p ON p.id = c.patient_id
     WHERE c.practice_id = ANY(%(practices)s) AND c.answered_at IS NULL
     ORDER BY c.answer_by_date, c.sent_at LIMIT 200
    """,
    _Unanswered,
)


def unanswered(actor: Actor) -> sql.Asked[_Unanswered]:
    """What the office must answer, the most urgent first; nothing for those who do not answer."""
    practices = actor.practices if actor.is_staff and actor.role in policy.ANSWERS else ()
    return sql.Asked(UNANSWERED, {"practices": list(practices)})


def waiting_from(found: Collection[_Unanswered], now: datetime) -> list[Waiting]:
    """One query where the office does not reach somebody any more."""
    names = persons.names_in(found)
    return [_waiting(each, names.get(each.patient_id, ""), now) for each in found]


def opened(actor: Actor, correction_id: UUID, now: datetime) -> Waiting:
    """One with its words, which is logged. Raises NotFound."""
    found = policy.corrections_visible_to(actor).select_related("answered_by").filter(pk=correction_id).first()
    if found is None:
        raise NotFound
    if actor.is_staff:
        where = {"patient_id": found.patient_id, "practice_id": found.practice_id}
        audit.looked(actor, "correction.read", found.pk, at=now, **where)  # type: ignore[arg-type]
    names = persons.names({found.patient_id, *filter(None, [found.by_person_id])})
    row = _waiting(found, names.get(found.patient_id, ""), now)
    return replace(
        row,
        text=found.text,
        answer=found.answer or "",
        outcome=found.outcome,
        complaint=right_to_complain(found.outcome),
        answered_at=found.answered_at,
        answered_by=found.answered_by.name if found.answered_by else "",
        by_name=names.get(found.by_person_id, "") if found.by_person_id else "",
    )


def own(actor: Actor, now: datetime) -> list[Waiting]:
    """What was asked that she may read, with the answers, the newest first."""
    if not actor.is_citizen:
        return []
    found = policy.corrections_visible_to(actor).select_related("answered_by", "practice").order_by("-sent_at", "-pk")
    rows = list(found)
    if actor.acting_for_id:
        audit.looked_on_behalf(actor, "corrections.listed", None, at=now, patient_id=actor.acting_for_id)
    others = persons.names({each.by_person_id for each in rows if each.by_person_id})
    return [
        replace(
            _waiting(each, each.practice.name, now),
            text=each.text,
            answer=each.answer or "",
            outcome=each.outcome,
            complaint=right_to_complain(each.outcome),
            answered_at=each.answered_at,
            answered_by=each.answered_by.name if each.answered_by else "",
            by_name=others[each.by_person_id] if each.by_person_id and not actor.acts_for_another else "",
        )
        for each in rows
    ]


def offices(actor: Actor, now: datetime) -> dict[UUID, str]:
    """Where she has a record; for another that one's GP alone, as it tells no secret where else he has been."""
    if actor.is_citizen and actor.acts_for_another and actor.acting_for_id:
        gp = persons.gp_of(actor.acting_for_id, local_day(now))
        return {gp.practice.id: gp.practice.name} if gp else {}
    rows = Entry.objects.filter(patient=actor.person_id).order_by("practice__name").distinct()
    return dict(rows.values_list("practice", "practice__name")) if actor.is_citizen and actor.person_id else {}


def _waiting(each: CorrectionRequest | _Unanswered, name: str, now: datetime) -> Waiting:
    return Waiting(
        id=each.id,
        patient_id=each.patient_id,
        patient_name=name,
        asked=each.asked,
        sent_at=each.sent_at,
        answer_by=each.answer_by_date,
        is_late=each.answered_at is None and each.answer_by_date < local_day(now),
    )


def _asked(actor: Actor, entry: Entry, number: str, now: datetime) -> UUID | None:
    """To whom it is moved: the same for who sees over and who decides."""
    policy.check_misfile(actor, entry.practice_id)
    if entry.kind not in WRITTEN:
        raise Refused(rules.ONLY_WRITTEN)
    to_id = _whose(actor, number, now)
    if to_id == entry.patient_id:
        raise Refused(rules.SAME_PATIENT)
    return to_id


def _whose(actor: Actor, number: str, now: datetime) -> UUID | None:
    """One of the office's patients. Whoever is not is as unknown as one who does not exist."""
    if not number:
        return None
    found = walk_ins.with_number(actor, number) or persons.id_of(number)
    try:
        return patients.find_of_record(actor, found, local_day(now)).pk if found else _unknown()
    except NotFound:
        return _unknown()


def _unknown() -> UUID:
    raise Refused(rules.UNKNOWN_PATIENT)


def _things(entry: Entry, *, whole: bool, own: list[Attachment] | None = None) -> Things:
    """`own` are the entry's files, where they are known."""
    if entry.corrects_id:
        entry, own = Entry.objects.get(pk=entry.corrects_id), None
    ids = {entry.object_id}
    if whole and entry.kind == Kind.MESSAGE:
        message = Message.objects.filter(pk=entry.object_id).first()
        if message:
            ids, own = {message.dialogue_id, *message.dialogue.messages.values_list("pk", flat=True)}, None
    found = [each for some in record.files_of(ids).values() for each in some] if own is None else own
    ids |= {each.pk for each in found}  # under which they are filed too
    where = Q(object_id__in=ids, patient=entry.patient_id, practice=entry.practice_id, corrects=None)
    entries = list(policy.in_sight(Entry.objects.filter(where)).order_by("at", "sequence", "pk"))
    ids |= {each.pk for each in entries}  # under which their corrections are filed
    corrections = Entry.objects.filter(corrects__in=entries).order_by("at", "sequence", "pk")
    return Things([*entries, *corrections], ids, tuple(each.name for each in found))


def _file_again(actor: Actor, made: Misfiling, entries: list[Entry], to_id: UUID, now: datetime) -> dict[UUID, UUID]:
    """The same words at the same time in the right record, which says that they were moved, when and by whom. What
    stood in the name of the wrong person stands in nobody's name: the right one learns nothing of her. The new ids by
    the old ones."""
    new: dict[UUID, UUID] = {}
    filed: Counter[UUID] = Counter()  # an answer and what it decided are about one message, and both become notes
    copies: dict[UUID, Entry] = {}
    for entry in entries:
        corrected = copies[entry.corrects_id] if entry.corrects_id else None
        object_id = corrected.pk if corrected else new.setdefault(entry.object_id, new_id())
        copies[entry.pk] = Entry(
            id=new.setdefault(entry.pk, new_id()),
            practice_id=entry.practice_id,
            patient_id=to_id,
            kind=entry.kind if corrected else Kind.NOTE,  # no message or file stands beside it
            content=entry.content,
            thing_id=new.setdefault(entry.thing_id, new_id()) if corrected is None else corrected.thing_id,
            told_reception=entry.told_reception,
            contact_type=entry.contact_type,
            problem_code=entry.problem_code,
            at=entry.at,
            by_person_id=None if entry.by_person_id == entry.patient_id else entry.by_person_id,
            by_employee_id=entry.by_employee_id,
            # Whom it was written by or to was not the patient of this record.
            title=entry.title if entry.by_person_id == to_id else entry.title.replace(*OF_THE_OTHER, 1),
            text=entry.text,
            reason=entry.reason,
            moved_at=made.at,
            moved_by_id=made.by_employee_id,
            object_id=object_id,
            sequence=entry.sequence if corrected else filed[object_id],
            corrects=corrected,
        )
        filed[object_id] += 1
    Entry.objects.bulk_create(copies.values())
    cautions.copy(new, to_patient_id=to_id)
    for object_id, some in record.files_of(set(new), alone=set(new)).items():
        for each in some:
            attachments.copy(each, actor=actor, patient_id=to_id, object_id=new[object_id], now=now)
    return new


def _mark(made: Misfiling, patient_id: UUID, ids: Collection[UUID], *, is_hidden: bool, is_copy: bool = False) -> None:
    Moved.objects.bulk_create(
        Moved(
            misfiling=made,
            practice_id=made.practice_id,
            patient_id=patient_id,
            object_id=each,
            is_copy=is_copy,
            is_hidden=is_hidden,
        )
        for each in ids
    )


def _changed(made: Misfiling) -> None:
    events.publish(f"journal:{made.practice_id}", f"requests:{made.practice_id}")
    for whom in filter(None, (made.patient_id, made.to_patient_id)):
        events.publish(f"person:{whom}")
