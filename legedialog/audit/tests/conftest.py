import pytest

from legedialog.audit import sealing
from legedialog.audit.tests.sealed import all_written


@pytest.fixture
def all_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other runs on this server may hold transactions open, so the horizon is set to all that is written."""
    monkeypatch.setattr(sealing, "_horizon", all_written)
