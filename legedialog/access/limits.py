"""How often one person, or one address, may do what costs: begin a login, send a form, upload a file.

Counted in PostgreSQL, so all processes count together. A window begins with the clock, not with the first try: who is
at the edge of two may do twice as much, which is no harm, and one row for each window is all there is to keep.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.access.models import Tally
from legedialog.core import fence, writing
from legedialog.core.errors import TooMany

KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    setting: str  # how many in a window
    window: timedelta
    text: str | Promise


LOGIN = Limit(
    "login",
    "LOGIN_ATTEMPTS",
    timedelta(minutes=10),
    _("Det er gjort for mange forsøk på å logge inn herfra. Vent noen minutter og prøv igjen."),
)
SEND = Limit(
    "send",
    "SENDS_PER_MINUTE",
    timedelta(minutes=1),
    _("Du har sendt mye på kort tid. Det siste ble ikke sendt. Vent et minutt, gå tilbake og send det på nytt."),
)
UPLOAD = Limit(
    "upload",
    "UPLOADS_PER_HOUR",
    timedelta(hours=1),
    _("Du har lastet opp mange filer den siste timen. Vent litt, gå tilbake og last opp på nytt."),
)


def count(limit: Limit, who: str, now: datetime) -> None:
    """One more by `who`. Raises TooMany above the limit. One statement, and no transaction of the caller's is open."""
    seconds = int(limit.window.total_seconds())
    since = int(now.timestamp()) // seconds * seconds
    with fence.system("what is counted names nobody"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_tally (who_hash, name, window_at, number) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (who_hash, name, window_at) DO UPDATE SET number = access_tally.number + 1 RETURNING number",
            [_hashed(who), limit.name, datetime.fromtimestamp(since, UTC)],
        )
        (number,) = cursor.fetchone()
    if number > getattr(settings, limit.setting):
        raise TooMany(limit.text, seconds=max(1, since + seconds - int(now.timestamp())))


def who(actor: Actor, request: HttpRequest) -> str:
    """The person or employee, in all her browsers; for who is not logged in, the address."""
    return str(actor.person_id or actor.employee_id or actor.login_id or address(request))


def address(request: HttpRequest) -> str:
    """The browser's network. Behind the proxy it is what the proxy wrote last; all before that anybody may write."""
    if settings.BEHIND_PROXY:
        return network(request.headers.get("X-Forwarded-For", "").rpartition(",")[2])
    return network(str(request.META.get("REMOTE_ADDR", "")))


def network(text: str) -> str:
    """Whom an address counts as. One subscriber has a whole /64 of IPv6, and IPv4 may be written as IPv6.

    Source: RFC 4291 section 2.5.1 and 2.5.5.2. What is no address counts as it is written.
    """
    try:
        found = ip_address(text.strip().strip("[]"))
    except ValueError:
        return text.strip()
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), 64), strict=False))


def tidy(now: datetime) -> None:
    """Remove windows that are over: run by a job every hour (operations/tasks.py)."""
    over = Tally.objects.filter(window_at__lte=now - KEPT - UPLOAD.window)
    writing.remove_by(Tally, "window_at", set(over.values_list("window_at", flat=True)))


def _hashed(who: str) -> bytes:
    return salted_hmac("legedialog.access.limits", who, algorithm="sha256").digest()
