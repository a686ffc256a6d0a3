"""Hvem har sett og endret: the citizen reads her own log by month and person or line by line, downloads it, and asks
the office about a row.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from legedialog.access.actor import Actor
from legedialog.access.web import citizen_required
from legedialog.audit import policy, queries, services
from legedialog.audit.queries import Filters
from legedialog.core import reading
from legedialog.core.errors import Refused
from legedialog.core.times import CLINIC, local_day
from legedialog.journeys import log
from legedialog.portal.log.forms import ConcernForm, LogFilterForm
from legedialog.ui import htmx

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins like this


@citizen_required
@require_safe
def index(request: htmx.Request) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    policy.check_own(actor)
    form, filters = _filters(request)
    services.read_log(actor=actor, now=now)
    if not request.GET.keys() & {*form.fields, "etter", "vis"}:
        return _overview(request, actor, local_day(now))
    events, more = queries.visits(actor, filters, reading.place(request.GET.get("etter", "")))
    occasions = log.occasions(actor, events)
    query = {name: value for name, value in request.GET.items() if name in form.fields and value}
    context = {
        "form": form,
        "is_filtered": bool(query),
        "occasions": occasions,
        "only": occasions[0].latest.who if filters.by and occasions else "",
        "query": urlencode(query),
        "more": urlencode({**query, "etter": reading.mark((events[-1].at, events[-1].pk))}) if more else "",
        "is_later_page": "etter" in request.GET,
    }
    return htmx.page(request, "portal/log/log.html", context, form=form)


def _overview(request: htmx.Request, actor: Actor, today: date) -> HttpResponse:
    """A line for each person in each of the latest months, which opens on hers alone."""
    last = min(reading.day(request.GET.get("maned", "")) or today, today)
    found, before = queries.months(actor, last)
    context = {
        "lines": log.months(actor, found),
        "before": before,
        "is_later_page": "maned" in request.GET,
        "concerns": queries.own_concerns(actor),
    }
    return htmx.page(request, "portal/log/overview.html", context)


@citizen_required
@require_safe
def export(request: htmx.Request) -> HttpResponseBase:
    """All rows of the filters as CSV or JSON, written as they are read."""
    actor, now = request.actor, timezone.now()
    policy.check_own(actor)
    _form, filters = _filters(request)
    form = "json" if request.GET.get("format") == "json" else "csv"
    services.exported_log(actor=actor, form=form, now=now)
    write, kind = (_json, "application/json") if form == "json" else (_csv, "text/csv; charset=utf-8")
    response = StreamingHttpResponse(write(actor, filters, get_language() or "nb"), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="logg-{local_day(now)}.{form}"'
    return response


@citizen_required
@require_http_methods(["GET", "POST"])
def react(request: htmx.Request, event_id: UUID) -> HttpResponse:
    """Ask the office about one row, or read what it answered."""
    actor, now = request.actor, timezone.now()
    policy.check_own(actor)
    row = log.rows(actor, [queries.own_event(actor, event_id)])[0]
    form, status = ConcernForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            services.raise_concern(actor=actor, event_id=event_id, text=form.cleaned_data["text"], now=now)
        except Refused as refused:
            messages.info(request, str(refused.refusal.to_patient))
            status = 409
        else:
            messages.success(request, _("Spørsmålet er sendt til legekontoret. Svaret kommer her."))
            return htmx.redirect(request, "portal:log_react", event_id)
    context = {"row": row, "form": form}
    return htmx.page(request, "portal/log/log_react.html", context, part="form", form=form, status=status)


def _filters(request: htmx.Request) -> tuple[LogFilterForm, Filters]:
    """What was not understood filters nothing; the form says so."""
    form = LogFilterForm(request.GET)
    form.is_valid()
    data = form.cleaned_data
    return form, Filters(
        data.get("fra"), data.get("til"), data.get("hvem", ""), data.get("hva", ""), data.get("av", "")
    )


def _columns() -> dict[str, str]:
    return {
        "at": _("Tidspunkt"),
        "who": _("Hvem"),
        "role": _("Rolle"),
        "office": _("Legekontor"),
        "what": _("Hva"),
        "kind": _("Lest eller endret"),
        "purpose": _("Formål"),
        "note": _("Med egne ord"),
        "ground": _("Grunnlag"),
    }


def _plain(row: log.Row) -> dict[str, str]:
    return {
        "at": row.at.astimezone(CLINIC).isoformat(timespec="seconds"),
        "who": row.who,
        "role": str(row.role),
        "office": row.office,
        "what": str(row.what),
        "kind": _("Endret") if row.is_change else _("Lest"),
        "purpose": str(row.purpose),
        "note": row.note,
        "ground": str(row.ground),
    }


def _csv(actor: Actor, filters: Filters, language: str) -> Iterator[str]:
    with override(language):
        yield "\ufeff" + _line(list(_columns().values()))  # the mark tells spreadsheets that it is UTF-8
    for events in queries.chunks(actor, filters):
        with override(language):
            lines = [_line(list(_plain(row).values())) for row in log.rows(actor, events)]
        yield "".join(lines)


def _line(values: list[str]) -> str:
    output = io.StringIO()
    csv.writer(output, delimiter=";").writerow([f"'{text}" if text.startswith(FORMULA) else text for text in values])
    return output.getvalue()


def _json(actor: Actor, filters: Filters, language: str) -> Iterator[str]:
    comma = ""
    yield "["
    for events in queries.chunks(actor, filters):
        with override(language):
            found = [json.dumps(_plain(row), ensure_ascii=False) for row in log.rows(actor, events)]
        yield comma + ",\n".join(found)
        comma = ",\n"
    yield "]\n"
