"""The web server: granian around asgi.py, and the metrics beside it."""

import multiprocessing

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from legedialog.operations import metrics

OTHERS = 1000  # requests of one process at the same time, beside open pages: what waits for a thread waits here


def run() -> None:
    """Serves until SIGINT or SIGTERM. Requests that have begun get ten seconds to end."""
    multiprocessing.set_start_method("spawn", force=True)  # a fork would copy the metrics thread's locks
    metrics.prepare(settings.VAR / "metrics")
    if settings.METRICS_PORT:
        metrics.serve(settings.METRICS_PORT)
    Granian(
        "legedialog.config.asgi:application",
        address=settings.BIND,
        port=settings.PORT,
        interface=Interfaces.ASGI,
        workers=settings.PROCESSES,
        # Open pages are requests that last: without this the 513th would keep every page of two processes waiting.
        backpressure=settings.STREAMS + OTHERS,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()
