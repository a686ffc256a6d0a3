"""The web server: granian around asgi.py, and the metrics beside it."""

import multiprocessing

from django.conf import settings
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from legedialog.operations import metrics

# Bytes that the server reads at a time, and the longest head it takes (more is answered 431; a proxy takes no longer a
# line either). It keeps this much for each open page: with its own choice of 400 KB at most a page costs 11 KB more.
BUFFER = 8192
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
        http=HTTPModes.http1,  # which proxies speak to us: whether it is HTTP/2 is not asked of each connection
        workers=settings.PROCESSES,
        # Open pages are requests that last: without this the 513th would keep every page of two processes waiting.
        backpressure=settings.STREAMS + OTHERS,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=BUFFER),
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()
