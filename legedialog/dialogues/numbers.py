"""What the office received and how soon it answered, counted by PostgreSQL: two queries whatever the period holds.

One question is what a citizen wrote, from when she sent it to the office's first answer after it; what she took back
is not counted. A question is overdue when its answer came, or still has not come, after the date she was promised.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.core.errors import Denied
from legedialog.core.names import sort_key
from legedialog.core.times import at_local, local_day
from legedialog.dialogues.models import Kind
from legedialog.practices.models import Clinician

READERS = frozenset({Role.MANAGER, Role.DOCTOR})
WEEKS = (4, 12, 26, 52)  # that may be asked for

QUESTIONS = """
WITH asked AS (
  SELECT d.kind, COALESCE(d.answerer_id::text, '') AS doctor, m.at,
         (SELECT min(a.at) FROM dialogues_message a
           WHERE a.dialogue_id = m.dialogue_id AND a.number > m.number AND a.by_employee_id IS NOT NULL) AS answered_at,
         COALESCE((SELECT s.due_date FROM dialogues_step s
           WHERE s.dialogue_id = m.dialogue_id AND s.due_date IS NOT NULL AND s.at >= m.at
             AND s.at < COALESCE((SELECT min(n.at) FROM dialogues_message n
               WHERE n.dialogue_id = m.dialogue_id AND n.number > m.number), 'infinity')
           ORDER BY s.at DESC LIMIT 1), d.due_date) AS due
    FROM dialogues_message m JOIN dialogues_dialogue d ON d.id = m.dialogue_id
   WHERE m.practice_id = %(practice)s AND m.by_person_id IS NOT NULL AND m.at >= %(begin)s AND m.at < %(end)s
     AND d.status <> 'withdrawn'
), measured AS (
  SELECT kind, doctor, date_trunc('week', at AT TIME ZONE 'Europe/Oslo')::date AS week,
         extract(epoch FROM answered_at - at) AS seconds,
         due < COALESCE((answered_at AT TIME ZONE 'Europe/Oslo')::date, %(today)s) AS late
    FROM asked
)
SELECT CASE WHEN GROUPING(week) = 0 THEN 'week' WHEN GROUPING(kind) = 0 THEN 'kind'
            WHEN GROUPING(doctor) = 0 THEN 'doctor' ELSE 'all' END,
       COALESCE(week::text, kind, doctor, ''), count(*), count(seconds),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds),
       count(*) FILTER (WHERE late)
  FROM measured
 GROUP BY GROUPING SETS ((week), (kind), (doctor), ())
"""


@dataclass(frozen=True, slots=True)
class Line:
    """`median` and `ninety` are how long half and nine of ten waited, None where nothing is answered."""

    received: int = 0
    answered: int = 0
    median: timedelta | None = None
    ninety: timedelta | None = None
    overdue: int = 0

    @property
    def waiting(self) -> int:
        return self.received - self.answered


@dataclass(frozen=True, slots=True)
class Numbers:
    """By week (Mondays, every one of the period), by kind, and by doctor ("Ingrid Aas"; "" is reception)."""

    first: date
    last: date
    all: Line
    weeks: list[tuple[date, Line]]
    kinds: list[tuple[str, Line]]
    doctors: list[tuple[str, Line]]


def of_office(actor: Actor, now: datetime, *, weeks: int) -> Numbers:
    """Of the office she works at. The manager and the doctors. Raises Denied, NotFound."""
    _check(actor)
    today = local_day(now)
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=weeks - 1)
    found = _counted(
        {
            "practice": actor.practice_id,
            "begin": at_local(first, time.min),
            "end": now,
            "today": today,
        }
    )
    names = _doctor_names({key for what, key in found if what == "doctor" and key})
    mondays = [first + timedelta(weeks=number) for number in range(weeks)]
    return Numbers(
        first=first,
        last=today,
        all=found.get(("all", ""), Line()),
        weeks=[(day, found.get(("week", day.isoformat()), Line())) for day in mondays],
        kinds=[(kind, found.get(("kind", kind), Line())) for kind in Kind.values],
        doctors=sorted(
            ((names.get(key, ""), line) for (what, key), line in found.items() if what == "doctor"),
            key=lambda each: sort_key(each[0]),
        ),
    )


def _check(actor: Actor) -> None:
    """Those who run the office: numbers hold nobody's words, but they compare colleagues."""
    if not actor.is_staff or actor.role not in READERS:
        raise Denied(_("Bare lederen og legene ser tallene."))


def _counted(parameters: Mapping[str, Any]) -> dict[tuple[str, str], Line]:
    with connection.cursor() as cursor:
        cursor.execute(QUESTIONS, parameters)
        return {
            (what, key): Line(received, answered, _span(median), _span(ninety), late)
            for what, key, received, answered, median, ninety, late in cursor.fetchall()
        }


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=round(seconds))


def _doctor_names(ids: Collection[str]) -> dict[str, str]:
    return {str(key): name for key, name in Clinician.objects.filter(pk__in=ids).values_list("pk", "name")}
