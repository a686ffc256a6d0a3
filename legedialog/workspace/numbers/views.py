"""Tall: how the office's time is used and how soon it answers: charts with a sentence, a table behind, and a file."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from legedialog.access.actor import Actor
from legedialog.access.web.guards import staff_required
from legedialog.practices.numbers import WEEKS
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import cell
from legedialog.workspace.numbers.answered import messages, renewals
from legedialog.workspace.numbers.report import Report
from legedialog.workspace.numbers.visits import visits

ROLES = policy.PAGES["numbers"]


@dataclass(frozen=True, slots=True)
class Part:
    """`made` by the actor, now, and how many weeks."""

    title: str | Promise
    made: Callable[[Actor, datetime, int], Report]


PARTS = {  # by the word in the address
    "meldinger": Part(gettext_lazy("Meldinger"), messages),
    "timer": Part(gettext_lazy("Timer"), visits),
    "fornyelser": Part(gettext_lazy("Fornyelser"), renewals),
}
FIRST = "meldinger"


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    weeks, part = _weeks(request), _part(request)
    report = PARTS[part].made(request.actor, timezone.now(), weeks)
    context = {
        "report": report,
        "weeks": weeks,
        "choices": WEEKS,
        "part": part,
        "parts": [(word, each.title) for word, each in PARTS.items()],
    }
    return htmx.page(request, "workspace/numbers/numbers.html", context)


@staff_required(*ROLES)
@require_GET
def file(request: htmx.Request) -> HttpResponse:
    """The same as CSV with semicolons, as Norwegian spreadsheets read it. Numbers only, nobody's name but doctors'."""
    report = PARTS[_part(request)].made(request.actor, timezone.now(), _weeks(request))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{report.name}-{report.first}-{report.last}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";")
    writer.writerow([_("Hva"), *report.file_head])
    for words, cells in report.rows:
        writer.writerow([cell(words), *cells])
    return response


def _weeks(request: htmx.Request) -> int:
    asked = request.GET.get("uker", "")
    return int(asked) if asked.isdecimal() and int(asked) in WEEKS else WEEKS[1]


def _part(request: htmx.Request) -> str:
    asked = request.GET.get("hva", "")
    return asked if asked in PARTS else FIRST
