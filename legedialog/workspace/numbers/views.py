"""Tall: what the office received and how soon it answered, as charts with a sentence, a table behind, and a file."""

import csv
from datetime import date, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from legedialog.access.web.guards import staff_required
from legedialog.dialogues import numbers
from legedialog.dialogues.numbers import WEEKS, Line, Numbers
from legedialog.dialogues.texts import KINDS
from legedialog.ui import charts, htmx
from legedialog.ui.charts import Chart, Number, Series
from legedialog.workspace import policy
from legedialog.workspace.common import cell

ROLES = policy.PAGES["numbers"]
HOUR = 3600  # seconds


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    weeks = _weeks(request)
    found = numbers.of_office(request.actor, timezone.now(), weeks=weeks)
    context = {
        "found": found,
        "weeks": weeks,
        "choices": WEEKS,
        "facts": _facts(found.all),
        "charts": _charts(found),
        "lines": [(words, _cells(line)) for words, line in _lines(found)],
    }
    return htmx.page(request, "workspace/numbers/numbers.html", context)


@staff_required(*ROLES)
@require_GET
def file(request: htmx.Request) -> HttpResponse:
    """The same as CSV with semicolons, as Norwegian spreadsheets read it. Numbers only, nobody's name but doctors'."""
    found = numbers.of_office(request.actor, timezone.now(), weeks=_weeks(request))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="tall-{found.first}-{found.last}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";")
    writer.writerow(
        [_("Hva"), _("Mottatt"), _("Besvart"), _("Median timer"), _("90 prosent innen timer"), _("Over fristen")]
    )
    for words, line in _lines(found):
        row = [cell(words), line.received, line.answered, _hours(line.median), _hours(line.ninety), line.overdue]
        writer.writerow(row)
    return response


def _weeks(request: htmx.Request) -> int:
    asked = request.GET.get("uker", "")
    return int(asked) if asked.isdecimal() and int(asked) in WEEKS else WEEKS[1]


def _lines(found: Numbers) -> list[tuple[str, Line]]:
    return [
        (_("Alle"), found.all),
        *((str(KINDS[kind]), line) for kind, line in found.kinds),
        *((name or _("Resepsjonen"), line) for name, line in found.doctors),
        *((_week(day), line) for day, line in found.weeks),
    ]


def _week(monday: date) -> str:
    return _("Uke %(number)d") % {"number": monday.isocalendar().week}


def _cells(line: Line) -> list[str]:
    return [
        str(line.received), str(line.answered), _span(line.median), _span(line.ninety), str(line.overdue),
    ]  # fmt: skip


def _facts(line: Line) -> list[tuple[str, str]]:
    return [
        (_("Mottatt"), str(line.received)),
        (_("Besvart"), str(line.answered)),
        (_("Venter"), str(line.waiting)),
        (_("Halvparten fikk svar innen"), _span(line.median)),
        (_("Ni av ti fikk svar innen"), _span(line.ninety)),
        (_("Over fristen"), str(line.overdue)),
    ]


def _charts(found: Numbers) -> list[Chart]:
    weeks = [_week(day) for day, _line in found.weeks]
    lines = [line for _day, line in found.weeks]
    return [
        charts.bars(
            "volume",
            _("Mottatt og besvart"),
            _volume_says(found),
            _("Uke"),
            weeks,
            [
                Series(_("Mottatt"), [line.received for line in lines]),
                Series(_("Besvart"), [line.answered for line in lines]),
                Series(_("Over fristen"), [line.overdue for line in lines]),
            ],
            _count,
        ),
        charts.bars(
            "times",
            _("Hvor lenge innbyggerne ventet på svar, i timer"),
            _times_says(found.all),
            _("Uke"),
            weeks,
            [
                Series(_("Halvparten"), [_in_hours(line.median) for line in lines]),
                Series(_("Ni av ti"), [_in_hours(line.ninety) for line in lines]),
            ],
            _count,
        ),
        _shared(
            "kinds",
            _("Fordelt på slag"),
            _kinds_says(found),
            _("Slag"),
            [(str(KINDS[kind]), line) for kind, line in found.kinds],
        ),
        _shared(
            "doctors",
            _("Fordelt på hvem som svarer"),
            _doctors_says(found),
            _("Hvem"),
            [(name or _("Resepsjonen"), line) for name, line in found.doctors],
        ),
    ]


def _shared(name: str, title: str, says: str, of: str, lines: list[tuple[str, Line]]) -> Chart:
    """How what came is shared out."""
    series = [
        Series(_("Mottatt"), [line.received for _words, line in lines]),
        Series(_("Besvart"), [line.answered for _words, line in lines]),
        Series(_("Over fristen"), [line.overdue for _words, line in lines]),
    ]
    return charts.bars(name, title, says, of, [words for words, _line in lines], series, _count)


def _volume_says(found: Numbers) -> str:
    line = found.all
    busiest, most = max(found.weeks, key=lambda each: each[1].received)
    if not line.received:
        return _("Kontoret mottok ingen meldinger i perioden.")
    received = ngettext("Kontoret mottok %(count)d melding", "Kontoret mottok %(count)d meldinger", line.received)
    return _("%(received)s og besvarte %(answered)d av dem. Flest kom i %(week)s: %(most)d.") % {
        "received": received % {"count": line.received},
        "answered": line.answered,
        "week": _week(busiest).lower(),
        "most": most.received,
    }


def _times_says(line: Line) -> str:
    if line.median is None:
        return _("Ingen meldinger er besvart i perioden.")
    return _("Halvparten fikk svar innen %(median)s, ni av ti innen %(ninety)s. %(late)d gikk over fristen.") % {
        "median": _span(line.median),
        "ninety": _span(line.ninety),
        "late": line.overdue,
    }


def _kinds_says(found: Numbers) -> str:
    if not found.all.received:
        return _("Ingen meldinger i perioden.")
    return " ".join(
        _("%(kind)s: %(received)d mottatt, halvparten fikk svar innen %(median)s.")
        % {"kind": KINDS[kind], "received": line.received, "median": _span(line.median)}
        if line.median is not None
        else _("%(kind)s: %(received)d mottatt.") % {"kind": KINDS[kind], "received": line.received}
        for kind, line in found.kinds
    )


def _doctors_says(found: Numbers) -> str:
    if not found.doctors:
        return _("Ingen meldinger i perioden.")
    name, line = max(found.doctors, key=lambda each: each[1].received)
    return _("%(name)s fikk flest: %(count)d. %(waiting)d venter fortsatt på svar.") % {
        "name": name or _("Resepsjonen"),
        "count": line.received,
        "waiting": found.all.waiting,
    }


def _count(value: Number) -> str:
    return "–" if value is None else f"{value:.1f}".rstrip("0").rstrip(".").replace(".", _(","))


def _in_hours(span: timedelta | None) -> Number:
    return None if span is None else round(span.total_seconds() / HOUR, 1)


def _hours(span: timedelta | None) -> str:
    return "" if span is None else _count(_in_hours(span))


def _span(span: timedelta | None) -> str:
    """ "2 d 4 t", "3 t 20 min", "3 t", "12 min"; a dash where there is nothing to measure."""
    if span is None:
        return "–"
    minutes = round(span.total_seconds() / 60)
    days, hours = divmod(minutes // 60, 24)
    if days and not hours:
        return _("%(days)d d") % {"days": days}
    if days:
        return _("%(days)d d %(hours)d t") % {"days": days, "hours": hours}
    if hours and not minutes % 60:
        return _("%(hours)d t") % {"hours": hours}
    if hours:
        return _("%(hours)d t %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    return _("%(minutes)d min") % {"minutes": minutes}
