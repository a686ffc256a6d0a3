"""Two rows are the same person: one level is in force, the stricter of what she has chosen. See ADR 0052."""

from datetime import datetime
from uuid import UUID

from legedialog.consent import rules
from legedialog.consent.models import Consent


def settle(kept: UUID, gone: UUID, now: datetime) -> None:
    """The choice that does not count any more ends; who has never chosen has not chosen anything stricter."""
    rows = Consent.objects.filter(person__in=[kept, gone], ends_at=None)
    strictest_first = sorted(
        rows, key=lambda row: (list(rules.Level).index(rules.Level(row.level)), row.person_id != kept)
    )
    for row in strictest_first[1:]:
        Consent.objects.filter(pk=row.pk).update(ends_at=max(now, row.starts_at))
