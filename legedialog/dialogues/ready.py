"""Ready answers (maler): the office's own, or the defaults while it has none, written out in the patient's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from legedialog.core.sql import Asked, Statement
from legedialog.dialogues import defaults, intake, texts
from legedialog.dialogues.intake import Texts
from legedialog.dialogues.models import Template


@dataclass(frozen=True, slots=True)
class Ready:
    """`id` is None for a default one; `kind` is empty for both kinds."""

    id: UUID | None
    name: str
    kind: str
    texts: Texts
    position: int = 0

    def written(self, language: str, values: Mapping[str, str]) -> str:
        """In `language`, or bokmål where the office has not written it, with names put in."""
        return texts.fill(intake.said(self.texts, language), values)


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    kind: str


NAMED = Statement(
    "names of ready answers",
    "SELECT name, kind FROM dialogues_template WHERE practice_id = %(practice_id)s ORDER BY position, name, id",
    Named,
)


def asks_names(practice_id: UUID) -> Asked[Named]:
    """What `names` is told by."""
    return Asked(NAMED, {"practice_id": practice_id})


def names(found: Sequence[Named], kind: str) -> list[str]:
    """Each at its place in what `of_office` says of the kind."""
    rows = found or [Named(each.name, each.kind) for each in defaults.TEMPLATES]
    return [row.name for row in rows if row.kind in ("", kind)]


def of_office(practice_id: UUID, kind: str = "") -> list[Ready]:
    """Those of a kind, or all, in the office's order. One query."""
    rows = [
        Ready(row.pk, row.name, row.kind, {"nb": row.text_nb, "nn": row.text_nn, "en": row.text_en}, row.position)
        for row in Template.objects.filter(practice=practice_id).order_by("position", "name", "pk")
    ]
    found = rows or [Ready(None, each.name, each.kind, each.texts, at) for at, each in enumerate(defaults.TEMPLATES)]
    return [row for row in found if not kind or row.kind in ("", kind)]
