"""What can be said of the comparison without installing anybody."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bench import sections
from bench.peers import django_appointment, gnuhealth, page, place
from bench.peers.sides import LeftOut

PEERS = Path(place.__file__).parent
FAST = {"rate": 1000.0, "p50": 1.0, "p95": 2.0, "site": 0.5, "worker": 0.1, "postgres": 0.2}
SLOW = {name: value * 3 for name, value in FAST.items()}


def requirements() -> list[Path]:
    found = sorted(PEERS.glob("*.txt"))
    assert [file.stem for file in found] == ["django_appointment", "gnuhealth"]
    return found


@pytest.mark.parametrize("file", requirements(), ids=lambda file: file.stem)
def test_all_that_a_peer_needs_is_pinned_with_its_hashes(file: Path) -> None:
    pins = re.split(r"\n(?=[a-z])", re.sub(r"^ *#.*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert all(re.match(r"[a-z0-9-]+==\d\S* \\\n    --hash=sha256:[0-9a-f]{64}", pin) for pin in pins)
    assert len(pins) == len(place.pinned(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", requirements(), ids=lambda file: file.stem)
def test_what_is_asked_for_is_among_what_is_pinned(file: Path) -> None:
    asked = re.findall(r"^[\w-]+", file.with_suffix(".in").read_text(encoding="utf-8"), re.MULTILINE)
    assert asked
    assert set(asked) <= set(place.pinned(file.read_text(encoding="utf-8")))


def test_no_peer_is_among_what_the_product_needs() -> None:
    ours = "".join(file.read_text(encoding="utf-8") for file in (place.ROOT / "requirements").glob("*.txt"))
    assert not {"gnuhealth", "trytond", "django-appointment"} & set(place.pinned(ours))


def test_the_middle_of_the_rounds_stands_beside_the_floor() -> None:
    measured = {"book": {"Ours": ("three requests", [FAST, SLOW, FAST]), "Theirs": ("one", [SLOW])}}
    lines = page.lines("About.", measured, {"book": {"rate": 4000.0, "p50": 0.1, "p95": 0.2}}, {}, {})
    assert "| floor | pgbench on our tables | 4,000 | | 0.1 | 0.2 | | | |" in lines
    assert "| Ours | three requests | 1,000 | 25.0% | 1.0 | 2.0 | 0.5 | 0.1 | 0.2 |" in lines
    assert "| Theirs | one | 3,000 | 75.0% | 3.0 | 6.0 | 1.5 | 0.3 | 0.6 |" in lines


def test_every_line_of_a_table_has_as_many_cells() -> None:
    measured: dict[str, Any] = {"own list": {"Ours": ("a page", [FAST]), "Theirs": ("no such page", [])}}
    lines = page.lines("About.", measured, {"own list": FAST}, {}, {})
    cells = [line.count("|") for line in lines if line.startswith("|")]
    assert len(cells) == 5
    assert set(cells) == {10}


def test_who_gives_a_time_twice_and_who_is_left_out_is_said() -> None:
    measured = {"book": {"Ours": ("three requests", [FAST]), "Another": ("three requests", [FAST])}}
    lines = page.lines("About.", measured, {}, {"Ours": False, "Theirs": True}, {"Another": "lists 4 instead of 5"})
    assert "Ours, asked twice for one time: refuses the second." in lines
    assert "Theirs, asked twice for one time: gives it twice." in lines
    assert "Left out: Another, which lists 4 instead of 5." in lines
    assert not [line for line in lines if line.startswith("| Another")]


def test_what_fails_is_told_by_its_last_line() -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('first\\nno such package')"]
    with pytest.raises(LeftOut, match=r"^does not install$") as fault:
        place.run(command, {}, "does not install")
    assert fault.value.its_own == "no such package"
    with pytest.raises(LeftOut, match="does not start"):
        place.run(["no-such-program-of-a-peer"], {}, "does not start")


def test_why_a_peer_is_left_out_names_no_machine() -> None:
    assert page.why(LeftOut("does not install", "https://packages.example.no/simple: refused")) == "does not install"
    assert page.why(FileNotFoundError("/somewhere/.cache/peers/one/bin/gunicorn")) == "fails (FileNotFoundError)"


def test_a_peer_is_given_no_setting_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGEDIALOG_MASTER_KEY", "5" * 64)
    told = place.run([sys.executable, "-c", "import os; print(*os.environ)"], {"OWN": "1"}, "fails")
    assert "OWN" in told.split()
    assert not [name for name in told.split() if name.startswith("LEGEDIALOG")]


def test_a_section_takes_the_place_of_the_one_before_and_leaves_the_rest() -> None:
    first = sections.put("# Page\n\nText.\n", "peers", ["One."])
    both = sections.put(first, "video", ["Film."])
    assert sections.put(both, "peers", ["Two."]) == both.replace("One.", "Two.")
    assert first == "# Page\n\nText.\n\n<!-- peers -->\n\nOne.\n\n<!-- /peers -->\n"


def test_each_peer_is_told_the_same_time_in_its_own_words() -> None:
    at = datetime(2026, 7, 1, 8, 20, tzinfo=ZoneInfo("Europe/Oslo"))
    assert django_appointment.local(at.astimezone(UTC)).isoformat() == "2026-07-01T08:20:00"
    assert gnuhealth.said(at)["hour"] == 6
