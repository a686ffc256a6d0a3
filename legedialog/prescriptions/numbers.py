"""What the office was asked to renew and how soon it was decided. practices/numbers.py counts.

One is one prescription of an order, from when it was sent to when a doctor decided; what was taken back is not counted.
It is late when it was decided, or lapsed, or still waits, after the date the patient was told.
"""

from datetime import datetime

from legedialog.access.actor import Actor
from legedialog.practices import numbers
from legedialog.practices.numbers import Numbers

OUTCOMES = ("renewed", "changed", "refused", "needs-appointment", "lapsed", "waiting")
RENEWALS = """
SELECT CASE WHEN i.status IN ('sent', 'received', 'prepared', 'with-doctor') THEN 'waiting' ELSE i.status END AS kind,
       i.clinician_id::text AS doctor, date_trunc('week', r.sent_at AT TIME ZONE 'Europe/Oslo')::date AS week,
       CASE WHEN i.status IN ('renewed', 'changed', 'refused', 'needs-appointment')
            THEN extract(epoch FROM i.status_at - r.sent_at) END AS seconds,
       i.status = 'lapsed' OR r.due_date < CASE WHEN i.status IN ('renewed', 'changed', 'refused', 'needs-appointment')
            THEN (i.status_at AT TIME ZONE 'Europe/Oslo')::date ELSE %(today)s END AS late
  FROM prescriptions_item i JOIN prescriptions_renewal r ON r.id = i.renewal_id
 WHERE i.practice_id = %(practice)s AND r.sent_at >= %(begin)s AND r.sent_at < %(end)s AND i.status <> 'withdrawn'
"""


def of_office(actor: Actor, now: datetime, *, weeks: int) -> Numbers:
    """Of the office she works at, by what came of it. The manager and the doctors. Raises Denied."""
    return numbers.of_office(actor, now, received=RENEWALS, kinds=OUTCOMES, weeks=weeks)
