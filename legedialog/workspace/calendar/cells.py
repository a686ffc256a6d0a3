"""What stands in the cells of the calendar, in words and in HTML.

Not a template: a week has hundreds of cells, and drawing them was four fifths of its page.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

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

SOONEST = 3  # free times of a doctor's day in the line of her week

SPAN = 'data-tens="{}" data-ones="{}"'
CELL = '<li class="cell" data-kind="{}" {}>{}</li>\n'
IN_PANEL = '<a id="{}" data-cell="{}"{} href="{url}" hx-get="{url}"><span class="at">{}</span>{}\n{}\n{}{}</a>'
FREE = (
    '<a id="{}" data-cell="{}" data-free href="{url}" hx-get="{url}"><span class="at">{}</span>\n'
    '<span class="word">{}</span>{}</a>'
)
MOVE = (
    '<button id="{}" data-cell="{}" form="moving" name="pick" value="{}"><span class="at">{}</span>\n'
    '<span class="word">{}</span>{}</button>'
)
ALOUD = '<span class="ds-sr-only">, {}</span>'
PLAINLY = '<span class="plainly{}" id="{}"><span class="at">{}</span>\n<span class="word">{}</span></span>'
LINE = '<li class="line"><a class="line__day" href="{}"><span class="line__name">{}:</span>\n{}</a>\n{}{}{}</li>\n'
SHARE = (
    '<svg class="line__share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
    '<rect width="{}" height="6"/></svg>'
)
NOTE = '<p class="column__note"><bdi>{}</bdi></p>'
SOON = '<a class="line__time" href="{}">{}{}</a>'
SOON_MOVE = '<button class="line__time" form="moving" name="pick" value="{}">{}{}</button>'
SOON_TOLD = '<span class="line__time">{}{}</span>'


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
    visit: str = ""  # the kind in the national list
    url: str = ""
    in_panel: bool = False
    pick: str = ""  # what the time sends when something is moved to it
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
        self.line = _("%(booked)s booket, %(free)s ledig")


@dataclass(frozen=True, slots=True)
class Press:
    """What pressing a free time does: books there, or moves what is being moved to one of those that it `fits`.
    Neither for those who do not book."""

    may_book: bool
    fits: frozenset[tuple[UUID, datetime]] | None = None

    def is_offered(self, cell: grid.Cell, column: grid.Column) -> bool:
        return self.fits is None or (column.calendar_id, cell.starts_at) in self.fits

    def address(self, column: grid.Column) -> str:
        books = self.may_book and self.fits is None
        return f"{reverse('workspace:book')}?kalender={column.calendar_id}&start={column.day}T" if books else ""


def span(tracks: int) -> SafeString:
    """How tall something is, or how far down it stands: no style stands in a page."""
    return format_html(SPAN, *divmod(tracks, 10))


def drawn(column: grid.Column, words: Words, press: Press) -> SafeString:
    """The cells of a column."""
    book = press.address(column)
    key = f"{column.calendar_id.hex[-12:]}-{column.day:%m%d}"
    day = dates.long_date(column.day, today=words.today)
    rows = []
    for cell in column.cells:
        taken = [_taken(claim, words) for claim in cell.items]
        items = taken or [_untaken(cell, column, day, key, book, words, press)]
        rows.append((cell.kind, span(cell.tracks), format_html_join("", "{}", ((_one(each),) for each in items))))
    return format_html_join("", CELL, rows)


def line(column: grid.Column, words: Words, press: Press, day_url: str, note: str) -> SafeString:
    """A doctor's day in the line of her week: how much, and the next free times."""
    day = dates.long_date(column.day, today=words.today)
    free = [cell for cell in column.cells if cell.kind == "free"]
    counts = {"booked": column.booked, "free": len(free)}
    if column.is_absent:
        said = words.cells["absent"].capitalize()
    else:
        said = words.line % counts if column.planned else words.cells["outside"].capitalize()
    soonest = [cell for cell in free if press.is_offered(cell, column)][:SOONEST]
    soon = format_html_join("", "{}", ((_soon(cell, column, day, words, press),) for cell in soonest))
    parts = column.booked + len(free)
    share = format_html(SHARE, round(100 * column.booked / parts)) if parts else ""
    return format_html(LINE, day_url, day.capitalize(), said, share, soon, _if(NOTE, note))


def _soon(cell: grid.Cell, column: grid.Column, day: str, words: Words, press: Press) -> SafeString:
    clock, start = words.clock(cell.starts_at), f"{cell.starts_at.astimezone(CLINIC):%H:%M}"
    aloud = _if(ALOUD, words.with_whom % {"when": day, "doctor": column.clinician_name})
    if press.fits:
        return format_html(SOON_MOVE, _pick(cell, column), clock, aloud)
    if press.may_book:
        return format_html(SOON, f"{press.address(column)}{start}", clock, aloud)
    return format_html(SOON_TOLD, clock, aloud)


def _pick(cell: grid.Cell, column: grid.Column) -> str:
    return f"{column.calendar_id}@{cell.starts_at.astimezone(CLINIC):%Y-%m-%dT%H:%M}"


def _one(item: Item) -> SafeString:
    if item.in_panel:
        return format_html(
            IN_PANEL,
            item.id,
            item.at,
            _marks(item),
            item.clock,
            _if(" <strong>{}</strong>", item.name),
            _if('<span class="kind">{}</span>', item.kind),
            _if('<span class="word">{}</span>', item.word),
            _if(ALOUD, item.more),
            url=item.url,
        )
    if item.pick:
        return format_html(MOVE, item.id, item.at, item.pick, item.clock, item.word, _if(ALOUD, item.more))
    if item.url:
        return format_html(FREE, item.id, item.at, item.clock, item.word, _if(ALOUD, item.more), url=item.url)
    return format_html(PLAINLY, SafeString(" ds-sr-only") if item.is_aside else "", item.id, item.clock, item.word)


def _marks(item: Item) -> SafeString | str:
    return format_html(' data-status="{}" data-visit="{}"', item.status, item.visit) if item.status else ""


def _if(form: str, words: str) -> SafeString | str:
    return format_html(form, words) if words else ""


def _untaken(cell: grid.Cell, column: grid.Column, day: str, key: str, book: str, words: Words, press: Press) -> Item:
    at, clock = str(int(cell.starts_at.timestamp())), words.clock(cell.starts_at)
    name, word = f"{cell.kind}-{key}-{at}", words.cells[cell.kind]
    if cell.kind == "free":
        when = {"when": words.at % {"date": day, "clock": clock}, "doctor": column.clinician_name}
        url = f"{book}{cell.starts_at.astimezone(CLINIC):%H:%M}" if book else ""
        pick = _pick(cell, column) if press.fits and press.is_offered(cell, column) else ""
        return Item(name, at, clock, word, more=words.with_whom % when, url=url, pick=pick)
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
        visit=claim.visit_kind,
        url=words.visit_url(claim.appointment_id),
        in_panel=True,
    )
