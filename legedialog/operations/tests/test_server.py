import multiprocessing
from types import SimpleNamespace
from typing import Any

import pytest

from legedialog.operations import metrics, server


def test_open_pages_leave_room_for_all_other_requests(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An open page is a request that lasts. At the server's own bound the next page would wait for it."""
    given: dict[str, Any] = {}

    def granian(target: str, **options: Any) -> SimpleNamespace:
        given.update(options)
        return SimpleNamespace(serve=lambda: None)

    monkeypatch.setattr(server, "Granian", granian)
    monkeypatch.setattr(metrics, "prepare", lambda *folder: None)
    monkeypatch.setattr(multiprocessing, "set_start_method", lambda *way, force: None)
    settings.STREAMS, settings.METRICS_PORT = 6000, 0
    server.run()
    assert given["backpressure"] >= settings.STREAMS + server.OTHERS
