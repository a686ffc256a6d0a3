import io
import tempfile
from pathlib import Path

import pytest
from pytest_django import Settings

from legedialog.attachments.malware import ScannerAway, scanner
from legedialog.integrations.clamav import client, fake


def test_a_clean_file_over_tcp(settings: Settings) -> None:
    with fake.running() as settings.CLAMAV:
        assert client.scan(io.BytesIO(b"a" * 200_000)) is None


def test_the_test_file_is_found_over_a_unix_socket(settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as folder, fake.running(path=Path(folder, "clamd")) as settings.CLAMAV:
        assert client.scan(io.BytesIO(fake.EICAR)) == "Win.Test.EICAR_HDB-1"


def test_the_setting_chooses_the_scanner(settings: Settings) -> None:
    settings.MALWARE_SCANNER = ""
    assert scanner() is None
    settings.MALWARE_SCANNER = "legedialog.integrations.clamav.client.scan"
    assert scanner() is client.scan


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"OK\0"])
def test_an_answer_that_is_no_verdict_lets_nothing_through(answer: bytes, settings: Settings) -> None:
    with fake.running(answer=answer) as settings.CLAMAV, pytest.raises(ScannerAway):
        client.scan(io.BytesIO(b"a"))


def test_a_scanner_that_does_not_answer_is_away(settings: Settings) -> None:
    with fake.running(silent=True) as settings.CLAMAV, pytest.raises(ScannerAway):
        client.scan(io.BytesIO(b"a"), seconds=0.2)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd"])
def test_a_scanner_that_is_not_there_is_away(address: str, settings: Settings) -> None:
    settings.CLAMAV = address
    with pytest.raises(ScannerAway):
        client.scan(io.BytesIO(b"a"))
