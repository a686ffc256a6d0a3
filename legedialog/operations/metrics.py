"""What Prometheus reads on a port of its own. Labels hold route names, never paths or anything about people."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import DatabaseError, connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from legedialog.core import broken, contexts
from legedialog.operations import watch

METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")  # a client may send any word

_locks: list[int] = []  # file descriptors of this server's folder

requests = Counter("legedialog_requests", "Answers.", ["method", "route", "status"])
not_shown = Counter("legedialog_not_shown", "Values that cannot be shown, each once for a process.", ["field"])
durations = Histogram(
    *("legedialog_request_seconds", "Time to make an answer.", ["route"]),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


broken.counted.append(lambda field: not_shown.labels(field).inc())


def observe(*, method: str, route: str, status: int, seconds: float) -> None:
    requests.labels(method if method in METHODS else "other", route, str(status)).inc()
    durations.labels(route).observe(seconds)


class Measures(Collector):
    """What a person on duty must know (`measures` and `gauges` of the contexts), read when Prometheus asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        gauges = []
        up = GaugeMetricFamily("legedialog_database_up", "1 when the database answers.")
        found = watch.here(timezone.now())
        try:
            found |= watch.queues() | watch.slow(timezone.now())
            for gauge in contexts.gauges():
                gauges.append(GaugeMetricFamily(f"legedialog_{gauge.name}", gauge.about, labels=gauge.labels))
                for labels, value in gauge.read(timezone.now()):
                    gauges[-1].add_metric(labels, value)
            up.add_metric([], 1)
        except DatabaseError:
            up.add_metric([], 0)
        finally:
            connection.close()
        yield from (*gauges, up)
        for measure in contexts.measures():
            if measure.name in found:
                family = GaugeMetricFamily(f"legedialog_{measure.name}", measure.about)
                family.add_metric([], found[measure.name])
                yield family


def prepare(place: Path) -> None:
    """Before the server's processes start: each of them counts in a file of its own, in a folder of this server.

    In memory where there is room: a full disk would kill who writes to such a file. Folders of dead servers go.
    """
    memory = Path("/dev/shm")  # noqa: S108  the folder below it is our own
    name = f"legedialog-metrics-{os.geteuid()}"
    home = memory / name if os.access(memory, os.W_OK) else place
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home.lstat().st_uid != os.geteuid():
        home = place
        home.mkdir(parents=True, exist_ok=True)
    for folder in home.iterdir():
        if not _is_used(folder):
            shutil.rmtree(folder, ignore_errors=True)
    mine = Path(tempfile.mkdtemp(dir=home))
    _locks.append(os.open(mine, os.O_RDONLY))
    fcntl.flock(_locks[-1], fcntl.LOCK_SH)  # held until this process ends
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(mine)


def _is_used(folder: Path) -> bool:
    try:
        lock = os.open(folder, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def serve(port: int) -> None:
    """Answers in a thread of this process until it ends."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Measures())
    start_http_server(port, addr="127.0.0.1", registry=registry)
