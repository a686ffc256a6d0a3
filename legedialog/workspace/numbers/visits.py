"""Visits: how many, of which kind, who did not come, what the waitlist filled, and days to the third free time."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from legedialog.access.actor import Actor
from legedialog.appointments import numbers
from legedialog.appointments.numbers import Line, Refill, Used
from legedialog.ui import charts
from legedialog.ui.charts import Chart, Series
from legedialog.workspace.numbers.report import (
    Report,
    busiest_says,
    count,
    filed,
    of_week,
    percent,
    told,
    too_few,
    week,
)


def visits(actor: Actor, now: datetime, weeks: int) -> Report:
    found = numbers.of_office(actor, now, weeks=weeks)
    lines = _lines(found)
    refills = [(_of_waitlist(week(day)), each) for day, each in found.refills if each and each.offered]
    nothing: list[str | int] = [""] * 6
    head = [_("Timer"), _("Ikke møtt"), _("Avbestilt"), _("Avbestilt sent")]
    return Report(
        first=found.first,
        last=found.last,
        facts=_facts(found),
        charts=_charts(found),
        head=head,
        lines=[(name, [told(each) for each in _cells(line)]) for name, line in lines],
        file_head=[*head, _("Tilbudt fra ventelisten"), _("Tatt fra ventelisten"), _("Dager til tredje ledige time")],
        rows=[
            *((name, [*_filed(line), "", "", ""]) for name, line in lines),
            *((name, [*nothing[:4], each.offered, each.filled, ""]) for name, each in refills),
            *((name, [*nothing, "" if days is None else days]) for name, days in found.third_free),
        ],
        note=_(
            "En time regnes som holdt når den har begynt og verken er avbestilt eller merket «Ikke møtt», også når "
            "ingen har trykket «Fullført». Dager til tredje ledige time er regnet nå, og teller alle dager."
        )
        + f" {too_few()}",
        name="timer",
        found=found,
    )


def _lines(found: Used) -> list[tuple[str, Line | None]]:
    return [
        (_("Alle"), found.all),
        *found.kinds,
        *found.doctors,
        *((week(day), line) for day, line in found.weeks),
        *((of_week(name, day), line) for name, day, line in found.doctor_weeks),
    ]


def _cells(line: Line | None) -> list[int | None]:
    return [line.held, line.missed, line.cancelled, line.late] if line else [None] * 4


def _filed(line: Line | None) -> list[str | int]:
    return [filed(each) for each in _cells(line)]


def _facts(found: Used) -> list[tuple[str, str]]:
    held, missed, cancelled, _late = _cells(found.all)
    return [
        (_("Timer"), told(held)),
        (_("Ikke møtt"), told(missed)),
        (_("Andel som ikke møtte"), percent(found.all.share_missed if found.all else None)),
        (_("Avbestilt"), told(cancelled)),
        (_("Fylt fra ventelisten"), percent(_share(found.refill))),
    ]


def _charts(found: Used) -> list[Chart]:
    return [
        _held("weeks", _("Timer"), _weeks_says(found), _("Uke"), [(week(day), line) for day, line in found.weeks]),
        _held("kinds", _("Fordelt på timetype"), _kinds_says(found), _("Timetype"), found.kinds),
        _held("doctors", _("Fordelt på lege"), _missed_says(found), _("Lege"), found.doctors),
        charts.bars(
            "third",
            _("Dager til tredje ledige time"),
            _third_says(found),
            _("Lege"),
            [name for name, _days in found.third_free],
            [Series(_("Dager"), [days for _name, days in found.third_free])],
            count,
        ),
        charts.bars(
            "refill",
            _("Tider tilbudt fra ventelisten"),
            _refill_says(found.refill),
            _("Uke"),
            [week(day) for day, _each in found.refills],
            [
                Series(_("Tilbudt"), [each.offered if each else None for _day, each in found.refills]),
                Series(_("Tatt"), [each.filled if each else None for _day, each in found.refills]),
            ],
            count,
        ),
    ]


def _held(name: str, title: str, says: str, of: str, lines: list[tuple[str, Line | None]]) -> Chart:
    series = [
        Series(_("Timer"), [line.held if line else None for _name, line in lines]),
        Series(_("Avbestilt"), [line.cancelled if line else None for _name, line in lines]),
        Series(_("Ikke møtt"), [line.missed if line else None for _name, line in lines]),
    ]
    return charts.bars(name, title, says, of, [each for each, _line in lines], series, count)


def _weeks_says(found: Used) -> str:
    if found.all is None:
        return too_few()
    if not found.all.held:
        return _("Ingen timer i perioden.")
    most, busiest = max((line.held if line else 0, day) for day, line in found.weeks)
    text = ngettext("Kontoret hadde %(count)d time.", "Kontoret hadde %(count)d timer.", found.all.held)
    return " ".join([text % {"count": found.all.held}, *busiest_says(most, busiest)])


def _kinds_says(found: Used) -> str:
    if found.all is None:
        return too_few()
    held = [(name, line) for name, line in found.kinds if line and line.held]
    return " ".join(f"{name}: {line.held}." for name, line in held) or _("Ingen timer i perioden.")


def _missed_says(found: Used) -> str:
    if found.all is None:
        return too_few()
    if found.all.share_missed is None:
        return _("Ingen timer i perioden.")
    return _("%(count)d møtte ikke: %(share)s av timene som ikke var avbestilt.") % {
        "count": found.all.missed,
        "share": percent(found.all.share_missed),
    }


def _third_says(found: Used) -> str:
    told = [
        ngettext("%(name)s: %(count)d dag.", "%(name)s: %(count)d dager.", days) % {"name": name, "count": days}
        if days is not None
        else _("%(name)s: færre enn tre ledige tider kan bestilles nå.") % {"name": name}
        for name, days in found.third_free
    ]
    if not told:
        return _("Pasientene kan ikke bestille noen timetype selv.")
    return " ".join([_("For «%(kind)s» med oppmøte.") % {"kind": found.third_of}, *told])


def _refill_says(refill: Refill | None) -> str:
    if refill is None:
        return too_few()
    if not refill.offered:
        return _("Ingen tider ble tilbudt fra ventelisten i perioden.")
    return _("%(offered)d tider ble tilbudt, og %(filled)d ble tatt: %(share)s.") % {
        "offered": refill.offered,
        "filled": refill.filled,
        "share": percent(_share(refill)),
    }


def _share(refill: Refill | None) -> float | None:
    return refill.filled / refill.offered if refill and refill.offered else None


def _of_waitlist(words: str) -> str:
    return _("Ventelisten, %(week)s") % {"week": words.lower()}
