"""What becomes of fees when two rows of one person become one: see journeys/merging.py."""

from datetime import datetime
from uuid import UUID

from legedialog.fees.models import ExemptionCard


def settle(kept: UUID, gone: UUID, now: datetime) -> None:
    """One card a year: it begins on the earliest day that was told of either of her numbers."""
    for card in ExemptionCard.objects.filter(patient=gone):
        later = ExemptionCard.objects.filter(patient=kept, year=card.year, from_date__gt=card.from_date)
        later.update(from_date=card.from_date)
