"""Searches for patients that led to nobody being opened: told from the log, for a limit and for the manager.

A search is followed by an opening when the same employee did or read anything within OPENED_WITHIN about a patient who
was shown to her, other than to see her in a list of hits, and had not done so in the AGAIN before: who opens the same
one again and again has opened one. At most TRIES searches lead to it. One who looks for a patient tries a few
times and opens her; one who is curious, or who copies the office's list, searches on.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from legedialog.access.actor import Actor, Role
from legedialog.core.errors import Denied

OPENED_WITHIN = timedelta(minutes=10)
TRIES = 4  # ways of writing a name, until she is found
AGAIN = timedelta(hours=1)
NOTICED = 10  # of one employee in a day
DAYS = 30  # that the manager sees

UNOPENED = """
  FROM audit_event s
 WHERE s.practice_id = %(practice)s AND s.at > %(since)s AND s.at <= %(until)s AND s.action = 'patients.searched'
   AND s.facts->>'hits' <> '0'
   AND NOT EXISTS (
     SELECT FROM audit_event o
      WHERE o.practice_id = s.practice_id AND o.employee_id = s.employee_id AND o.patient_id IS NOT NULL
        AND o.action <> 'patient.found' AND o.at >= s.at AND o.at <= s.at + %(within)s
        AND (SELECT count(*) FROM audit_event b
              WHERE b.practice_id = s.practice_id AND b.employee_id = s.employee_id AND b.action = 'patients.searched'
                AND b.at > s.at AND b.at <= o.at) < %(tries)s
        AND EXISTS (
          SELECT FROM audit_event f
           WHERE f.practice_id = s.practice_id AND f.employee_id = s.employee_id AND f.patient_id = o.patient_id
             AND f.action = 'patient.found' AND f.at <= o.at AND f.at > s.at - %(again)s)
        AND NOT EXISTS (
          SELECT FROM audit_event e
           WHERE e.practice_id = s.practice_id AND e.employee_id = s.employee_id AND e.patient_id = o.patient_id
             AND e.action <> 'patient.found' AND e.at < s.at AND e.at > s.at - %(again)s))
"""
OF_ONE = f"SELECT s.at {UNOPENED} AND s.employee_id = %(employee)s ORDER BY s.at"
OF_DAYS = f"""
WITH unopened AS (
  SELECT s.employee_id, (s.at AT TIME ZONE 'Europe/Oslo')::date AS day, count(*) AS number {UNOPENED}
  GROUP BY 1, 2 HAVING count(*) >= %(noticed)s
)
SELECT u.employee_id, u.day, u.number,
       (SELECT count(DISTINCT f.patient_id) FROM audit_event f
         WHERE f.practice_id = %(practice)s AND f.employee_id = u.employee_id AND f.action = 'patient.found'
           AND f.at >= u.day::timestamp AT TIME ZONE 'Europe/Oslo'
           AND f.at < (u.day + 1)::timestamp AT TIME ZONE 'Europe/Oslo')
  FROM unopened u ORDER BY u.day DESC, u.number DESC, u.employee_id
"""  # noqa: S608  fixed words


@dataclass(frozen=True, slots=True)
class Noticed:
    """A day on which an employee searched `searches` times without opening anybody, and saw `patients` names."""

    employee_id: UUID
    day: date
    searches: int
    patients: int


def without_opening(actor: Actor, practice_id: UUID, since: datetime, now: datetime) -> list[datetime]:
    """When the actor herself did, the oldest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(OF_ONE, {**_period(practice_id, since, now), "employee": actor.employee_id})
        return [at for (at,) in cursor.fetchall()]


def noticed(actor: Actor, practice_id: UUID, now: datetime) -> list[Noticed]:
    """Of the office's employees, the latest first. One query. Raises Denied for all but the manager."""
    if actor.role is not Role.MANAGER or practice_id not in actor.practices:
        raise Denied
    with connection.cursor() as cursor:
        cursor.execute(OF_DAYS, {**_period(practice_id, now - timedelta(days=DAYS), now), "noticed": NOTICED})
        return [Noticed(*row) for row in cursor.fetchall()]


def _period(practice_id: UUID, since: datetime, until: datetime) -> dict[str, Any]:
    return {
        "practice": practice_id,
        "since": since,
        "until": until,
        "within": OPENED_WITHIN,
        "tries": TRIES,
        "again": AGAIN,
    }
