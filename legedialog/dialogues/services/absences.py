"""What waits follows the doctor: while she is away the substitute answers, or the date moves; when she has left, who
took over answers. Both sides are told."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import system
from legedialog.core.times import local_day
from legedialog.dialogues import policy, rules
from legedialog.dialogues.models import Dialogue, Kind, What
from legedialog.dialogues.services import trace
from legedialog.practices import policy as practices
from legedialog.practices.models import Absence

Away = tuple[date, date, UUID | None]  # first and last date, both included, and who stands in


def follow_absences(*, now: datetime, practice_id: UUID | None = None) -> int:
    """Put every waiting e-consultation where the absences of today say. How many were changed.

    Run at once when an absence is reported or ended, and by a job every hour, as absences begin and end by themselves.
    Running it twice changes nothing more. An answerer whom nobody stands in for stays, and the date moves.
    """
    rows = Dialogue.objects.filter(kind=Kind.ECONSULTATION, status__in=rules.WAITING, sent_at__isnull=False)
    if practice_id:
        rows = rows.filter(practice=practice_id)
    today = local_day(now)
    away: dict[tuple[UUID, UUID], list[Away]] = defaultdict(list)
    offices = Absence.objects.filter(practice__in=rows.values("practice"))
    for row in offices.order_by("first_date"):
        away[row.practice_id, row.clinician_id].append((row.first_date, row.last_date, row.substitute_id))
    left = practices.handed_over(set(rows.values_list("practice", flat=True)), today)
    for place, (first_date, heir_id) in left.items():
        away[place].insert(0, (first_date, date.max, heir_id))
    changed = 0
    for each in rows.only("practice", "clinician", "answerer", "due_date", "sent_at"):
        absences = away.get((each.practice_id, each.clinician_id), [])
        sent = local_day(each.sent_at or now)
        if _place(absences, each.clinician_id, sent, today) != (each.answerer_id, each.due_date):
            changed += _follow(each.pk, absences, now)
    return changed


def follow_leavers(*, now: datetime, practice_id: UUID | None = None) -> int:
    """What waits and is given to one who has left goes to who took over, or to nobody. How many. Twice is as once."""
    rows = Dialogue.objects.filter(status__in=rules.WAITING, assigned_to__ends_date__lte=local_day(now))
    if practice_id:
        rows = rows.filter(practice=practice_id)
    return sum(_let_go(each, now) for each in rows.values_list("pk", flat=True))


@transaction.atomic
def _let_go(dialogue_id: UUID, now: datetime) -> bool:
    today = local_day(now)
    dialogue = Dialogue.objects.select_for_update(of=("self",)).select_related("assigned_to").get(pk=dialogue_id)
    gone = dialogue.assigned_to
    if dialogue.status not in rules.WAITING or gone is None or gone.ends_date is None or gone.ends_date > today:
        return False
    able = policy.colleagues(dialogue.practice_id, dialogue.kind, today)
    heir = able.filter(pk=gone.successor_id).first() if gone.successor_id else None
    dialogue.assigned_to = heir
    dialogue.save(update_fields=["assigned_to"])
    trace.happened(system(practice_id=dialogue.practice_id), dialogue, What.ASSIGNED, now)
    return True


def _place(absences: list[Away], clinician_id: UUID, sent: date, today: date) -> tuple[UUID, date]:
    """Who answers today, and until when."""
    stand_in = next((who for first, last, who in absences if first <= today <= last and who), None)
    unattended = [(first, last) for first, last, who in absences if who is None]
    return stand_in or clinician_id, rules.due_date(sent, unattended)


@transaction.atomic
def _follow(dialogue_id: UUID, absences: list[Away], now: datetime) -> bool:
    dialogue = Dialogue.objects.select_for_update(of=("self",)).get(pk=dialogue_id)
    if dialogue.status not in rules.WAITING or dialogue.sent_at is None:
        return False
    answerer_id, due = _place(absences, dialogue.clinician_id, local_day(dialogue.sent_at), local_day(now))
    actor = system(practice_id=dialogue.practice_id)
    was_rerouted, was_moved = answerer_id != dialogue.answerer_id, due != dialogue.due_date
    if not (was_rerouted or was_moved):
        return False
    dialogue.answerer_id, dialogue.due_date = answerer_id, due
    if was_moved:
        dialogue.escalated_at = None
    trace.tell_patient(dialogue, "dialogue.rerouted", now)
    dialogue.save(update_fields=["answerer", "due_date", "escalated_at", "sequence"])
    if was_rerouted:
        trace.happened(actor, dialogue, What.REROUTED, now, clinician_id=answerer_id, due_date=due)
    if was_moved:
        trace.happened(actor, dialogue, What.DATE_MOVED, now, due_date=due)
    return True
