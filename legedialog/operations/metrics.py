"""What Prometheus reads on a port of its own. Labels hold route names, never paths or anything about people."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.db import DatabaseError, connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from legedialog.operations import health
from legedialog.outbox import queries as outbox
from legedialog.patients import queries as patients

METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")  # a client may send any word

requests = Counter("legedialog_requests", "Answers.", ["method", "route", "status"])
durations = Histogram(
    *("legedialog_request_seconds", "Time to make an answer.", ["route"]),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def observe(*, method: str, route: str, status: int, seconds: float) -> None:
    requests.labels(method if method in METHODS else "other", route, str(status)).inc()
    durations.labels(route).observe(seconds)


class Queue(Collector):
    """Read from the database when Prometheus asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        jobs = GaugeMetricFamily("legedialog_jobs", "Jobs by state.", labels=["status"])
        heartbeat = GaugeMetricFamily("legedialog_worker_heartbeat_age_seconds", "Since a worker last reported.")
        notices = GaugeMetricFamily("legedialog_notices", "Notices not sent.", labels=["event", "status"])
        facts = GaugeMetricFamily(
            *("legedialog_register_facts", "Facts from the registers, by how long ago they were confirmed."),
            labels=["fact", "state"],
        )
        up = GaugeMetricFamily("legedialog_database_up", "1 when the database answers.")
        try:
            with connection.cursor() as cursor:
                for status, count in health.jobs().items():
                    jobs.add_metric([status], count)
                for (event, status), count in outbox.counts().items():
                    notices.add_metric([event, status], count)
                for age in patients.ages(timezone.now()):
                    facts.add_metric([age.fact.value, "all"], age.number)
                    facts.add_metric([age.fact.value, "must_be_asked"], age.must_be_asked)
                    facts.add_metric([age.fact.value, "too_old"], age.too_old)
                cursor.execute("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
                (age,) = cursor.fetchone()
            if age is not None:
                heartbeat.add_metric([], float(age))
            up.add_metric([], 1)
        except DatabaseError:
            up.add_metric([], 0)
        finally:
            connection.close()
        yield from (jobs, notices, facts, heartbeat, up)


def prepare(folder: Path) -> None:
    """Before the server's processes start: each of them counts in a file of its own here."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def serve(port: int) -> None:
    """Answers in a thread of this process until it ends."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Queue())
    start_http_server(port, addr="127.0.0.1", registry=registry)
