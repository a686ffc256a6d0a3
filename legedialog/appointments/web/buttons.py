"""The buttons of a day's free times, in HTML.

Not a template: a week has seventy, and drawing them was a quarter of the page that citizens wait for most.
"""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from legedialog.appointments.picker import Row
from legedialog.ui.dates import clocks, long_date

TIME = (
    '<li><button class="time" name="time" value="{}"{}>'
    '<span><span class="ds-sr-only">{} {} </span>{}{}</span></button></li>\n'
)
PRESSED = SafeString(' aria-pressed="true"')


def drawn(row: Row, held: str) -> SafeString:
    """`held`: the value of the time that is kept for her."""
    day, at, clock = long_date(row.day), _("kl."), clocks()
    return format_html_join(
        "",
        TIME,
        (
            (
                each.value,
                PRESSED if each.value == held else "",
                day,
                at,
                clock(each.starts_at),
                format_html('<span class="ds-sr-only">, {}</span>', each.clinician_name) if each.clinician_name else "",
            )
            for each in row.times
        ),
    )
