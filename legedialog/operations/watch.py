"""What a person on duty must know, each thing measured in one place: for `/health/ready`, the metrics and `doctor`."""

import json
import shutil
import ssl
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, connections

from legedialog.core import contexts, fence, outside, reading
from legedialog.core.contexts import Measure
from legedialog.operations import fence as fences

NEVER = float("inf")
CERTIFICATE_KEPT = 3600  # seconds
FULL = 32 * 1024 * 1024  # bytes left: nothing can be written any more


@fence.system("ages and numbers for those on duty")
def queues() -> dict[str, float]:
    """What only the database knows, by its own clock. One statement; raises DatabaseError."""
    asked = {each.name: each.sql for each in contexts.measures() if each.sql}
    with connection.cursor() as cursor:
        offset = "abs(extract(epoch FROM clock_timestamp() - %s::timestamptz))"  # the clock itself is what is asked for
        cursor.execute("SELECT " + ", ".join([offset, *(f"({sql})" for sql in asked.values())]), [datetime.now(UTC)])
        row = cursor.fetchone()
    names = ["clock_offset_seconds", *asked]
    return {name: round(float(value), 1) for name, value in zip(names, row, strict=True) if value is not None}


CLOCKS_DIFFER = timedelta(minutes=5)  # between this machine and the one that made the copy


def here(now: datetime) -> dict[str, float]:
    """What this process and its machine know. Asks no database."""
    found: dict[str, float] = {}
    disk = shutil.disk_usage(_existing(settings.VAR))
    found["disk_used_ratio"] = round(1 - disk.free / disk.total, 3)
    if "pool" in settings.DATABASES["default"]["OPTIONS"]:
        own = connections.create_connection("default")
        pool: Any = own.pool  # type: ignore[attr-defined]
        found["pool_waiting"] = pool.get_stats().get("requests_waiting", 0)
    if (done := last_backup(now)) is not None:
        found["backup_age_seconds"] = round((now - done).total_seconds())
    return found


def disk_is_full() -> bool:
    return shutil.disk_usage(_existing(settings.VAR)).free < FULL


def worries(found: dict[str, float]) -> list[Measure]:
    """Those that somebody should look at, in their order."""
    return [each for each in contexts.measures() if each.name in found and each.is_worrying(found[each.name])]


def never(found: dict[str, float]) -> list[Measure]:
    """Those that must be there and are not: no worker has ever reported, no backup was ever made here."""
    return [each for each in contexts.measures() if each.must_be and each.name not in found]


def slow(now: datetime) -> dict[str, float]:
    """What takes longer than a probe should: for the metrics and `doctor`. Raises DatabaseError."""
    found: dict[str, float] = {
        "fence_faults": len(fences.faults()),
        **{each.name: each.value(now) for each in contexts.measures() if each.value},
    }
    days = certificate_days_left(int(time.monotonic() // CERTIFICATE_KEPT))
    return found if days is None else {**found, "certificate_days_left": days}


@lru_cache(maxsize=1)
def certificate_days_left(hour: int) -> float | None:
    """Of the certificate that people's browsers are shown, asked once an hour. None without HTTPS, or an answer."""
    address = urlsplit(settings.BASE_URL)
    if address.scheme != "https":
        return None

    def shown_to(talk: outside.Talk) -> dict[str, Any]:
        host, port = str(address.hostname), address.port or 443
        with (
            outside.connect(talk, host, port, seconds=3) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            return dict(secured.getpeercert() or {})

    try:
        shown = outside.within(5, shown_to)
    except ssl.SSLCertVerificationError:
        return 0
    except OSError:
        return None
    return round((ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) / 86400, 1)


def note_backup(now: datetime) -> None:
    settings.VAR.mkdir(parents=True, exist_ok=True)
    (settings.VAR / "last-backup.json").write_text(json.dumps({"done_at": now.isoformat()}), encoding="utf-8")


def last_backup(now: datetime) -> datetime | None:
    """None also for a note that cannot be read, or that a wrong clock has written: nothing is known of such a copy."""
    try:
        done = reading.moment(json.loads((settings.VAR / "last-backup.json").read_text())["done_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return done if done and done <= now + CLOCKS_DIFFER else None


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
