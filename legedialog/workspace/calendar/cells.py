"""What stands in the cells of the calendar, in words and in HTML.

Not a template: a week has hundreds of cells, and drawing them was four fifths of its page.
"""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from legedialog.appointments import days as calendars
from legedialog.core.times import CLINIC
from legedialog.ui import dates
from legedialog.workspace import texts
from legedialog.workspace.calendar import grid
from legedialog.workspace.common import addresses

SHORT = 10  # minutes, of a cell with room for one line

CELL = '<li class="cell" data-kind="{}" data-tens="{}" data-ones="{}"{}>{}</li>\n'
IN_PANEL = (
    '<a id="{}" data-cell="{}"{} href="{url}" hx-get="{url}" hx-target="#panel" hx-swap="innerHTML">'
    "<time>{}</time>{}\n{}\n{}{}</a>"
)
FREE = '<a id="{}" data-cell="{}" href="{}"><time>{}</time>\n<span class="word">{}</span>{}</a>'
ALOUD = '<span class="ds-sr-only">, {}</span>'
PLAINLY = '<span class="plainly{}" id="{}"><time>{}</time>\n<span class="word">{}</span></span>'


@dataclass(frozen=True, slots=True)
class Item:
    """What stands in a cell, in words. Without `url` it cannot be pressed; `in_panel` opens beside the calendar."""

    id: str
    at: str  # seconds since 1970, for the arrow keys
    clock: str
    word: str = ""
    name: str = ""
    kind: str = ""
    more: str = ""  # read aloud after the rest
    status: str = ""
    url: str = ""
    in_panel: bool = False
    is_aside: bool = False  # outside the plan: for those who listen


class Words:
    """What the cells say, each looked up once for a page: a week has hundreds."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.clock = dates.clocks()
        self.cells = {kind: str(word) for kind, word in texts.CELLS.items()}
        self.channels = {channel: str(word) for channel, word in texts.CHANNELS.items()}
        self.statuses = {status: str(word) for status, (word, _color) in texts.STATUSES.items()}
        self.at = _("%(date)s kl. %(clock)s")
        self.with_whom = _("%(when)s hos %(doctor)s")
        self.visit = _("%(channel)s, til %(until)s, %(status)s")
        self.visit_url = addresses("workspace:visit")
        self.block_url = addresses("workspace:blocked")


def drawn(column: grid.Column, words: Words, *, may_book: bool) -> SafeString:
    """The cells of a column."""
    book = f"{reverse('workspace:book')}?kalender={column.calendar_id}&start={column.day}T" if may_book else ""
    key = f"{column.calendar_id.hex[-12:]}-{column.day:%m%d}"
    day = dates.long_date(column.day, today=words.today)
    rows = []
    for cell in column.cells:
        taken = [_taken(claim, words) for claim in cell.items]
        items = taken or [_untaken(cell, column, day, key, book, words)]
        tens, ones = divmod(cell.steps, 10)
        short = SafeString(" data-short") if cell.minutes <= SHORT else ""
        rows.append((cell.kind, tens, ones, short, format_html_join("", "{}", ((_one(each),) for each in items))))
    return format_html_join("", CELL, rows)


def _one(item: Item) -> SafeString:
    if item.in_panel:
        return format_html(
            IN_PANEL,
            item.id,
            item.at,
            _if(' data-status="{}"', item.status),
            item.clock,
            _if(" <strong>{}</strong>", item.name),
            _if('<span class="kind">{}</span>', item.kind),
            _if('<span class="word">{}</span>', item.word),
            _if(ALOUD, item.more),
            url=item.url,
        )
    if item.url:
        return format_html(FREE, item.id, item.at, item.url, item.clock, item.word, _if(ALOUD, item.more))
    return format_html(PLAINLY, SafeString(" ds-sr-only") if item.is_aside else "", item.id, item.clock, item.word)


def _if(form: str, words: str) -> SafeString | str:
    return format_html(form, words) if words else ""


def _untaken(cell: grid.Cell, column: grid.Column, day: str, key: str, book: str, words: Words) -> Item:
    at, clock = str(int(cell.starts_at.timestamp())), words.clock(cell.starts_at)
    name, word = f"{cell.kind}-{key}-{at}", words.cells[cell.kind]
    if cell.kind == "free":
        when = {"when": words.at % {"date": day, "clock": clock}, "doctor": column.clinician_name}
        url = f"{book}{cell.starts_at.astimezone(CLINIC):%H:%M}" if book else ""
        return Item(name, at, clock, word, more=words.with_whom % when, url=url)
    if cell.kind != "past":
        clock = f"{clock}–{words.clock(cell.ends_at)}"
    return Item(name, at, clock, word, is_aside=cell.kind == "outside")


def _taken(claim: calendars.ClaimRow, words: Words) -> Item:
    at, clock = str(int(claim.starts_at.timestamp())), words.clock(claim.starts_at)
    until = words.clock(claim.until)
    if claim.kind == "hold":
        return Item(f"hold-{claim.id}", at, clock, words.cells["held"])
    if claim.kind == "offer":
        return Item(f"offer-{claim.id}", at, clock, str(texts.OFFERED))
    if claim.kind == "block":
        url = words.block_url(claim.id)
        word = words.cells["blocked"]
        return Item(f"block-{claim.id}", at, f"{clock}–{until}", word, kind=claim.note, url=url, in_panel=True)
    assert claim.appointment_id  # noqa: S101  neither a hold nor a block
    channel, status = words.channels[claim.channel], words.statuses[claim.status]
    if claim.status == "arrived" and claim.arrived_at:
        status = f"{status} {words.clock(claim.arrived_at)}"
    over = _("dobbeltbooket") if claim.is_overbooked else ""
    return Item(
        id=f"visit-{claim.appointment_id}",
        at=at,
        clock=clock,
        word=" ".join(each for each in (status if claim.status != "booked" else "", over) if each),
        name=claim.patient_name,
        kind=claim.visit_name if claim.channel == "attendance" else f"{channel} · {claim.visit_name}",
        more=words.visit % {"channel": channel, "until": until, "status": status},
        status=claim.status,
        url=words.visit_url(claim.appointment_id),
        in_panel=True,
    )
