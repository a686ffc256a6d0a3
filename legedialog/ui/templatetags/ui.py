"""`{% load ui %}`. What each tag draws is in legedialog/ui/README.md."""

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django import forms, template
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from legedialog.access import seals
from legedialog.access.actor import ANONYMOUS
from legedialog.core.times import CLINIC
from legedialog.ui import dates

register = template.Library()

ICONS = Path(__file__).parents[1] / "static" / "build" / "icons.json"


@cache
def _icons() -> dict[str, str]:
    if not ICONS.exists():
        raise FileNotFoundError("The front-end parts are not built. Run `npm ci && npm run build`.")
    paths: dict[str, str] = json.loads(ICONS.read_text(encoding="utf-8"))
    return paths


@register.simple_tag(name="icon")
@cache
def draw_icon(name: str, *, css: str = "") -> SafeString:
    """An icon beside a word. KeyError for one that is not in assets/icons.json."""
    return format_html(
        '<svg class="ds-icon {}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path fill="currentColor" fill-rule="evenodd" clip-rule="evenodd" d="{}"/></svg>',
        css,
        _icons()[name],
    )


@register.simple_tag(takes_context=True, name="live")
def renews_itself(context: template.Context, whose: str) -> SafeString:
    """Attributes of a part that is fetched again when something changed after it was drawn: "me" or "office"."""
    request = context["request"]
    drawn_at = getattr(getattr(request, "session_row", None), "drawn_at", None)
    drawn = f"{drawn_at.timestamp():.6f}" if drawn_at else "0"
    line = seals.mark(getattr(request, "actor", ANONYMOUS))  # pages of another have another, also in one browser
    return format_html('data-live="/live/{}/{}/" data-drawn="{}"', whose, line, drawn)


@register.filter
def as_json(value: Any) -> str:
    """For attributes; the template escapes it."""
    return json.dumps(value)


@register.filter
def written(text: str | None) -> SafeString:
    """What a person wrote, with its lines, each in the direction of its own letters, whatever the page's is."""
    return format_html('<bdi class="written">{}</bdi>', linebreaksbr(text or ""))


@register.filter
def long_date(value: date | None) -> str:
    return dates.long_date(value) if value else ""


@register.filter
def month(value: date) -> str:
    return dates.month(value)


@register.filter
def short_date(value: date | None) -> str:
    return dates.short_date(value) if value else ""


@register.filter
def long_datetime(value: datetime | None) -> str:
    return dates.long_datetime(value) if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    return dates.clock(value) if value else ""


@register.filter
def period(start: datetime, end: datetime) -> str:
    return dates.period(start, end)


@register.filter
def relative_day(value: date | None) -> str:
    return dates.relative_day(value) if value else ""


@register.simple_tag
def when(value: date | None, form: str = "") -> SafeString | str:
    """A `<time>`: full words, or `form` = "clock", "short" or "date" (also for a point in time)."""
    if not value:
        return ""
    machine = value.astimezone(CLINIC).isoformat(timespec="minutes") if isinstance(value, datetime) else f"{value}"
    if form == "short":
        text = dates.short_date(value)
    elif form == "date" or not isinstance(value, datetime):
        text = dates.long_date(value)
    else:
        text = dates.clock(value) if form == "clock" else dates.long_datetime(value)
    return format_html('<time datetime="{}">{}</time>', machine, text)


@register.filter
def iso(value: datetime) -> str:
    return value.isoformat()


@register.filter
def seconds_left(value: datetime) -> int:
    """Until `value`; the browser counts from there, so its own clock may be wrong."""
    return max(0, int((value - timezone.now()).total_seconds()))


@register.filter
def phone(number: str) -> str:
    """Grouped as in Norway: 55 55 55 55, 412 34 567, 116 117. Foreign numbers stay as they are."""
    digits = _national(number)
    if len(digits) == 8 and digits[0] in "489":
        return f"{digits[:3]} {digits[3:5]} {digits[5:]}"
    if len(digits) == 8:
        return " ".join(digits[at : at + 2] for at in range(0, 8, 2))
    if len(digits) == 6:
        return f"{digits[:3]} {digits[3:]}"
    return number.strip()


@register.simple_tag
def phone_link(number: str) -> SafeString | str:
    """A link that rings. Numbers of eight digits get the country code, so that they ring from abroad."""
    digits = _national(number)
    if not digits:
        return ""
    return format_html(
        '<a class="ds-link nowrap" href="tel:{}">{}</a>', f"+47{digits}" if len(digits) == 8 else digits, phone(number)
    )


def _national(number: str) -> str:
    kept = "".join(sign for sign in number if sign.isdecimal() or sign == "+")
    return kept.removeprefix("+47") if len(kept) == 11 else kept


@register.filter
def marks(form: forms.BaseForm) -> str:
    """How fields are marked: "all" said once, "mixed" at each field, or not, for a single field."""
    required = [field.field.required for field in form.visible_fields()]
    if len(required) < 2:
        return ""
    return "all" if all(required) else "mixed"
