"""What the office received of messages and how soon it answered. practices/numbers.py counts.

One question is what a citizen wrote, from when she sent it to the office's first answer after it; what she took back
is not counted. A question is overdue when its answer came, or still has not come, after the date she was promised.
"""

from datetime import datetime

from legedialog.access.actor import Actor
from legedialog.dialogues.models import Kind
from legedialog.practices import numbers
from legedialog.practices.numbers import Numbers

QUESTIONS = """
SELECT kind, doctor, date_trunc('week', at AT TIME ZONE 'Europe/Oslo')::date AS week,
       extract(epoch FROM answered_at - at) AS seconds,
       due < COALESCE((answered_at AT TIME ZONE 'Europe/Oslo')::date, %(today)s) AS late
  FROM (
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
     AND d.status <> 'withdrawn') asked
"""


def of_office(actor: Actor, now: datetime, *, weeks: int) -> Numbers:
    """Of the office she works at. The manager and the doctors. Raises Denied."""
    return numbers.of_office(actor, now, received=QUESTIONS, kinds=Kind.values, weeks=weeks)
