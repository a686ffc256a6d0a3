"""When a patient is told of what she owes, and when that may cost. No database, no clock."""

from datetime import datetime, timedelta

TELLS_AFTER = timedelta(hours=1)  # she may pay at the counter first
PAYS_FIRST = timedelta(days=2)  # after she was told, before an invoice is sent in a run or costs anything
# After the day an invoice was due; once. A fee may not be asked for sooner. Source: docs/facts.md#prices.
REMIND_AFTER = timedelta(days=14)
LATE_DAYS = 14  # and then she has these to pay


def fee_of_invoice(fee: int | None, *, notified_at: datetime | None, was_told: bool, now: datetime) -> int | None:
    """Only who was told that there was something to pay, and had some days to do it, pays for an invoice."""
    had_days = notified_at is not None and now >= notified_at + PAYS_FIRST
    return fee if was_told and had_days else None
