"""The record as a PDF that looks the same everywhere. Layout: record.typ. All words arrive as text, never markup."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from legedialog.journal import texts
from legedialog.journal.queries import Item
from legedialog.ui import pdf
from legedialog.ui.dates import short_date, whole_datetime

LAYOUT = Path(__file__).with_name("record.typ")


def make(items: list[Item], *, name: str, born: date, is_cut: bool, now: datetime) -> bytes:
    return pdf.make(LAYOUT, document(items, name=name, born=born, is_cut=is_cut, now=now), now)


def document(items: list[Item], *, name: str, born: date, is_cut: bool, now: datetime) -> dict[str, Any]:
    """What record.typ draws."""
    return {
        "lang": get_language() or "nb",
        "title": _("Journal for %(name)s, født %(born)s") % {"name": name, "born": short_date(born)},
        "made": _("Skrevet ut %(time)s. Inneholder helseopplysninger.") % {"time": whole_datetime(now)},
        "cut": _("Eldre innføringer er ikke med. Velg en periode for å få dem.") if is_cut else "",
        "none": _("Ingen innføringer."),
        "page": _("Side"),
        "entries": [_entry(item) for item in items],
    }


def _entry(item: Item) -> dict[str, str]:
    who = item.author
    if ground := texts.GROUNDS.get(item.ground):
        who = f"{who} ({ground})"
    corrects = item.corrects
    return {
        "when": whole_datetime(item.at),
        "title": item.title,
        "about": " · ".join(
            str(each)
            for each in (
                *(texts.KINDS[item.kind], texts.CONTACT_TYPES[item.contact_type], who, item.problem),
                texts.RESTRICTIONS.get(item.restriction, ""),
            )
            if each
        ),
        "moved": item.moved,
        "reason": _("Rettet fordi: %(reason)s") % {"reason": item.reason} if item.reason else "",
        "corrects": _("Gjelder innføringen %(time)s") % {"time": whole_datetime(corrects.at)} if corrects else "",
        "corrected": _("Rettet %(time)s") % {"time": whole_datetime(item.corrections[-1].at)}
        if item.corrections
        else "",
        "files": _("Vedlegg: %(names)s") % {"names": ", ".join(each.name for each in item.files)} if item.files else "",
        "text": item.text,
    }
