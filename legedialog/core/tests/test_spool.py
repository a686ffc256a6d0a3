import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.core import spool
from legedialog.core.spool import Spool, SpoolFailed


@given(parts=st.lists(st.binary(max_size=100), max_size=20), start=st.integers(0, 500), length=st.integers(0, 500))
def test_what_is_written_is_read_from_any_place(parts: list[bytes], start: int, length: int) -> None:
    whole = b"".join(parts)
    with Spool() as kept:
        for part in parts:
            kept.write(part)
        kept.seek(start)
        assert kept.read(length) == whole[start : start + length]
        kept.seek(0)
        assert io.BufferedReader(kept).read() == whole


def test_what_lies_on_the_disk_is_not_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 10)
    with Spool() as kept:
        kept.write(b"utslett " * 1000)
        kept._file.flush()
        stored = Path(f"/proc/self/fd/{kept._file.fileno()}").read_bytes()
        assert len(stored) == 8000
        assert b"utslett" not in stored
        assert os.readlink(f"/proc/self/fd/{kept._file.fileno()}").endswith(" (deleted)")  # it has no name
    assert kept.closed


def test_a_folder_that_cannot_be_written_to_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with Spool() as kept, pytest.raises(SpoolFailed):
        kept.write(bytes(spool.IN_MEMORY + 1))
