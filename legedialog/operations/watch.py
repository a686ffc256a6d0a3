"""What a person on duty must know, each thing measured in one place: for `/health/ready`, the metrics and `doctor`."""

import json
import shutil
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, connections

from legedialog.core import fence, outside, reading
from legedialog.operations import fence as fences
from legedialog.patients import queries as patients


@dataclass(frozen=True, slots=True)
class Measure:
    """`worry`: above this (below it when `is_least`) somebody should look. `advice` is what to do then. As a metric it
    is `legedialog_` and the name, and in deploy/prometheus/ an alert stands for each."""

    name: str
    about: str
    worry: float
    advice: str
    is_least: bool = False

    def is_worrying(self, value: float) -> bool:
        return value < self.worry if self.is_least else value > self.worry


MEASURES = (
    Measure(
        *("worker_heartbeat_age_seconds", "Since a worker last reported.", 90),
        "Start `legedialog worker`; its log says why it ended.",
    ),
    Measure(
        *("oldest_due_job_seconds", "How long the oldest job that is due has waited.", 600),
        "Look in the worker's log, and start one more worker if it is busy.",
    ),
    Measure(
        *("stalled_jobs", "Jobs whose worker is gone.", 0),
        "They are taken back by themselves within minutes; if not, start the worker again.",
    ),
    Measure(
        *("failed_jobs", "Jobs that failed for good in the last day.", 0),
        "The worker's log says which and why; `/drift/` counts them.",
    ),
    Measure(
        *("oldest_due_notice_seconds", "How long the oldest notice that is due has waited.", 900),
        "Look whether the e-mail server and the SMS gateway answer; the worker's log names them.",
    ),
    Measure(
        *("dead_notices", "Notices given up in the last day.", 0),
        "The offices see them in Varsler; many at once mean that a gateway refuses.",
    ),
    Measure(
        *("unsealed_log_seconds", "Age of the oldest row of the log that is not sealed.", 900),
        "Look for `audit.seal` in the worker's log, and for a transaction that has been open since then.",
    ),
    Measure(
        *("fence_faults", "Holes in row-level security.", 0),
        "Run `legedialog migrate`; the log of `legedialog web` names each.",
    ),
    Measure(
        *("stale_register_facts", "Facts from the registers that are too old to be relied upon.", 0),
        "Somebody cannot act for another: look whether the registers answer, in the worker's log.",
    ),
    Measure(
        *("clock_offset_seconds", "How far this machine's clock is from the database's.", 2),
        "Keep both machines' clocks by NTP (Debian: systemd-timesyncd or chrony).",
    ),
    Measure(
        *("certificate_days_left", "Days until the site's certificate is over.", 14),
        "Renew it, and let the proxy read it anew.",
        is_least=True,
    ),
    Measure(
        *("disk_used_ratio", "How full the disk of LEGEDIALOG_VAR is, from 0 to 1.", 0.9),
        "Free some space, or make the disk larger.",
    ),
    Measure(
        *("pool_waiting", "Requests that wait for a connection to the database.", 0),
        "More processes, or fewer LEGEDIALOG_THREADS: see Connections in docs/operator.md.",
    ),
    Measure(
        *("replication_lag_seconds", "How far the slowest copy of the database is behind.", 60),
        "Look at the standby server and the network to it.",
    ),
    Measure(
        *("backup_age_seconds", "Since `legedialog backup` last succeeded here.", 26 * 3600),
        "Run `legedialog backup FOLDER`; its timer is legedialog-backup.timer.",
    ),
)
BY_NAME = {measure.name: measure for measure in MEASURES}
NEVER = float("inf")
CERTIFICATE_KEPT = 3600  # seconds
FULL = 32 * 1024 * 1024  # bytes left: nothing can be written any more

# Ages as the database's clock has them. A row each time, with NULL where there is nothing.
_QUEUES = """
SELECT
  extract(epoch FROM now() - (SELECT max(last_heartbeat) FROM procrastinate_workers)),
  (SELECT coalesce(extract(epoch FROM max(now() - coalesce(job.scheduled_at, deferred.at))), 0)
     FROM procrastinate_jobs job
     LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id) deferred ON true
    WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()),
  (SELECT count(*) FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND coalesce(worker.last_heartbeat, '-infinity') < now() - interval '90 seconds'),
  (SELECT coalesce(extract(epoch FROM max(now() - due_at)), 0)
     FROM outbox_notification WHERE status = 'waiting' AND due_at <= now()),
  (SELECT count(*) FROM outbox_notification WHERE status = 'dead' AND status_at > now() - interval '1 day'),
  (SELECT coalesce(extract(epoch FROM max(now() - at)), 0)
     FROM audit_event WHERE position >= (SELECT coalesce(max(until_position), 0) FROM audit_sealedbatch)),
  (SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication),
  (SELECT count(*) FROM procrastinate_jobs job WHERE status = 'failed' AND EXISTS
    (SELECT FROM procrastinate_events WHERE job_id = job.id AND at > now() - interval '1 day')),
  abs(extract(epoch FROM clock_timestamp() - %s::timestamptz))
"""


@fence.system("ages and numbers for those on duty")
def queues() -> dict[str, float]:
    """What only the database knows. One statement; raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUES, [datetime.now(UTC)])  # the clock itself is what is asked for
        row = cursor.fetchone()
    names = (
        "worker_heartbeat_age_seconds",
        "oldest_due_job_seconds",
        "stalled_jobs",
        "oldest_due_notice_seconds",
        "dead_notices",
        "unsealed_log_seconds",
        "replication_lag_seconds",
        "failed_jobs",
        "clock_offset_seconds",
    )
    return {name: round(float(value), 1) for name, value in zip(names, row, strict=True) if value is not None}


def here(now: datetime) -> dict[str, float]:
    """What this process and its machine know. Asks no database."""
    found: dict[str, float] = {}
    disk = shutil.disk_usage(_existing(settings.VAR))
    found["disk_used_ratio"] = round(1 - disk.free / disk.total, 3)
    if "pool" in settings.DATABASES["default"]["OPTIONS"]:
        own = connections.create_connection("default")
        pool: Any = own.pool  # type: ignore[attr-defined]
        found["pool_waiting"] = pool.get_stats().get("requests_waiting", 0)
    if (done := last_backup()) is not None:
        found["backup_age_seconds"] = round((now - done).total_seconds())
    return found


def disk_is_full() -> bool:
    return shutil.disk_usage(_existing(settings.VAR)).free < FULL


def worries(found: dict[str, float]) -> list[Measure]:
    """Those that somebody should look at, in the table's order."""
    return [each for each in MEASURES if each.name in found and each.is_worrying(found[each.name])]


def slow(now: datetime) -> dict[str, float]:
    """What takes longer than a probe should: for the metrics and `doctor`. Raises DatabaseError."""
    found: dict[str, float] = {
        "fence_faults": len(fences.faults()),
        "stale_register_facts": sum(age.too_old for age in patients.ages(now)),
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


def last_backup() -> datetime | None:
    try:
        return reading.moment(json.loads((settings.VAR / "last-backup.json").read_text())["done_at"])
    except (OSError, ValueError, KeyError):
        return None


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
