"""Where prescriptions are kept: a port with the embedded registry behind it.

Another registry, such as the national one behind e-prescription messages, implements the same three functions and is
named by LEGEDIALOG_PRESCRIPTION_REGISTRY; the rest of the product does not notice. See docs/integrator.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from legedialog.core.errors import Refused
from legedialog.prescriptions import rules
from legedialog.prescriptions.models import Prescription, Source


@dataclass(frozen=True, slots=True)
class SourceState:
    """Whether what it holds is in the list now. `name` is empty for the office's own, which the page names itself."""

    name: str
    phone: str
    heard_at: datetime | None
    answers: bool


class Registry(Protocol):
    def write(self, new: Sequence[Prescription]) -> None:
        """Inside the transaction that signs. They have their identity already; writing twice is an error."""

    def withdraw(self, prescription: Prescription, reason: str, now: datetime) -> None:
        """Nothing is dispensed on it. Raises Refused "dispensed" when something has been."""

    def sources(self, now: datetime) -> list[SourceState]:
        """Each place prescriptions come from, the registry itself first, and whether it answered."""


class Embedded:
    """This product's own tables, and the other systems whose files were loaded into them."""

    def write(self, new: Sequence[Prescription]) -> None:
        Prescription.objects.bulk_create(new)

    def withdraw(self, prescription: Prescription, reason: str, now: datetime) -> None:
        last = prescription.collected.order_by("-dispensed_date").first()
        if last:
            raise Refused(rules.DISPENSED, on=last.dispensed_date)
        prescription.withdrawn_at, prescription.withdrawal = now, reason
        prescription.save(update_fields=["withdrawn_at", "withdrawal"])

    def sources(self, now: datetime) -> list[SourceState]:
        return [SourceState("", "", now, True), *(_state(row, now) for row in Source.objects.order_by("name"))]


def _state(source: Source, now: datetime) -> SourceState:
    heard = source.heard_at
    fresh = heard is not None and heard > now - timedelta(minutes=source.silent_after_minutes)
    failed = source.failed_at is not None and (heard is None or source.failed_at > heard)
    return SourceState(source.name, source.phone, heard, fresh and not failed)


@lru_cache(maxsize=1)
def registry() -> Registry:
    return cast(Registry, import_string(settings.PRESCRIPTION_REGISTRY)())
