"""Sentences about one prescription, and the links that lead on from a refusal."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from legedialog.prescriptions import rules
from legedialog.prescriptions.queries import Doors
from legedialog.prescriptions.reading import Medicine
from legedialog.prescriptions.rules import Next, State
from legedialog.prescriptions.texts import STATES
from legedialog.ui import dates

SOON = 30  # days for which the number of days is told


def when_it_ends(each: Medicine, today: date) -> str:
    """`Resepten går ut om 9 dager, 2. desember.`, or, where what she has ends before it, `Nok i 9 dager, til …`."""
    days = (each.runs_out - today).days
    day = dates.long_date(each.runs_out)
    if each.state is State.WITHDRAWN:
        return _("Trukket tilbake av legen.")
    is_prescription = each.runs_out == each.valid_until
    if days < 0:
        past = _("Resepten gikk ut %(day)s.") if is_prescription else _("Det var nok til %(day)s.")
        return past % {"day": dates.short_date(each.runs_out)}
    if days == 0:
        return _("Resepten går ut i dag.") if is_prescription else _("Nok til og med i dag.")
    if days == 1:
        return _("Resepten går ut i morgen.") if is_prescription else _("Nok til og med i morgen.")
    if days <= SOON:
        soon = (
            _("Resepten går ut om %(days)s dager, %(day)s.")
            if is_prescription
            else _("Nok i %(days)s dager, til %(day)s.")
        )
        return soon % {"days": days, "day": day}
    later = _("Resepten varer til %(day)s.") if is_prescription else _("Nok til %(day)s.")
    return later % {"day": dates.short_date(each.runs_out)}


def what_is_left(each: Medicine) -> str:
    """`2 av 4 uttak igjen`."""
    return ngettext("%(left)s av %(all)s uttak igjen", "%(left)s av %(all)s uttak igjen", each.facts.dispensings) % {
        "left": each.left,
        "all": each.facts.dispensings,
    }


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str
    is_main: bool


def links(stop: rules.Stop, each: Medicine, doors: Doors, *, can_book: bool, can_write: bool) -> list[Link]:
    """Where the next step leads, of those that are open. The first is the main one."""
    found: list[tuple[str, str]] = []
    for step in stop.next:
        if step is Next.BOOK and doors.books and can_book:
            found.append((_("Bestill time"), reverse("appointments:book")))
        elif step is Next.ECONSULTATION and doors.econsults and can_write:
            found.append((_("Start e-konsultasjon"), reverse("dialogues:econsultation")))
        elif step is Next.ORDER and each.order_id:
            found.append((_("Se bestillingen"), reverse("prescriptions:order", args=[each.order_id])))
    return [Link(text, url, is_main=not at) for at, (text, url) in enumerate(found)]


def advice(stop: rules.Stop, each: Medicine) -> str:
    """What she can do that needs no link."""
    if Next.WAIT in stop.next:
        day = dates.long_date(rules.earliest_order(each.facts))
        return _("Du kan fornye den fra %(day)s.") % {"day": day}
    if Next.COLLECT in stop.next and each.left:
        return _("Den ligger klar på apoteket.")
    return ""


@dataclass(frozen=True, slots=True)
class Card:
    """One prescription with its words ready."""

    medicine: Medicine
    word: str | Promise
    color: str
    ends: str
    left: str
    is_soon: bool
    stop_text: str | Promise
    advice: str
    links: list[Link]


def card(each: Medicine, doors: Doors, today: date, *, can_book: bool, can_write: bool) -> Card:
    word, color = STATES[each.state]
    is_soon = each.is_current and (each.runs_out - today).days <= rules.NUDGE_DAYS
    if each.state is State.USED_UP and each.is_current and each.runs_out >= today:
        color = "warning" if is_soon else color
    return Card(
        medicine=each,
        word=word,
        color="warning" if is_soon and each.stop is None else color,
        ends=when_it_ends(each, today),
        left=what_is_left(each),
        is_soon=is_soon,
        stop_text=each.stop.refusal.to_patient if each.stop else "",
        advice=advice(each.stop, each) if each.stop else "",
        links=links(each.stop, each, doors, can_book=can_book, can_write=can_write) if each.stop else [],
    )
