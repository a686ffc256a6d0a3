"""A citizen's own data as a PDF to read and print. Layout: own_data.typ. All words arrive as text, never markup."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from legedialog.attachments.queries import Attachment
from legedialog.journeys import own_files
from legedialog.journeys.own_rows import Part, Rows
from legedialog.patients import own as patients
from legedialog.ui import dates, pdf

LAYOUT = Path(__file__).with_name("own_data.typ")


def make(rows: Rows, now: datetime) -> bytes:
    return pdf.make(LAYOUT, document(rows, now), now)


def document(rows: Rows, now: datetime) -> dict[str, Any]:
    """Title, facts, and tables of text: what own_data.typ draws."""
    names = {each.pk: name for name, each in own_files.names(rows.files)}
    return {
        "lang": get_language() or "nb",
        "title": _("Opplysninger om deg i Legedialog"),
        "made": _("Laget %(time)s. Inneholder helseopplysninger: ta vare på filen selv.") % {"time": _cell(now)},
        "none": _("Ingenting er lagret."),
        "page": _("Side"),
        "facts": [[str(name), _cell(value) or "–"] for name, value in patients.facts(rows.person)],
        "tables": [_table(part, names) for part in rows.parts],
    }


def _table(part: Part, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "title": str(part.own.title),
        "head": [str(each) for each in part.own.head],
        "rows": [
            _with_files([_cell(each) for each in part.own.line(row)], files, names)
            for row, files in zip(part.rows, part.files, strict=True)
        ],
    }


def _with_files(cells: list[str], files: Sequence[Attachment], names: dict[UUID, str]) -> list[str]:
    """Their names stand below the last cell, as they are called in the ZIP."""
    named = [_("Vedlegg: %(name)s") % {"name": names[each.pk]} for each in files]
    return [*cells[:-1], "\n".join([cells[-1], *named]).strip()]


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return dates.short_datetime(value)
    if isinstance(value, date):
        return dates.short_date(value)
    return "" if value is None else str(value)
