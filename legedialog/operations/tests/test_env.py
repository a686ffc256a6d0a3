import os
from collections.abc import Callable
from pathlib import Path

import pytest

from legedialog.operations import env, kinds


@pytest.fixture(autouse=True)
def _no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "ABOUT", {})
    monkeypatch.setattr(env, "KINDS", {})
    monkeypatch.setattr(env, "SECRETS", set())
    for name in ("THING", "THING_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_a_missing_value_without_a_default_stops_and_names_the_variable() -> None:
    with pytest.raises(env.BadSetting, match="THING is not set"):
        env.text("THING", kind=kinds.words, about="A thing.")


def test_an_empty_value_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "")
    assert env.text("THING", "other", kind=kinds.words, about="A thing.") == "other"


@pytest.mark.parametrize(
    ("read", "bad"),
    [
        (lambda: env.number("THING", 3, least=1, most=9, about="."), "0"),
        (lambda: env.number("THING", 3, least=1, most=9, about="."), "10"),
        (lambda: env.number("THING", 3, about="."), "-1"),
        (lambda: env.number("THING", 3, about="."), "three"),
        (lambda: env.flag("THING", about="."), "maybe"),
        (lambda: env.choice("THING", "a", ("a", "b"), about="."), "c"),
    ],
)
def test_a_bad_value_stops_and_names_the_variable(
    read: Callable[[], object], bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THING", bad)
    with pytest.raises(env.BadSetting, match="THING must be"):
        read()


@pytest.mark.parametrize(("given", "read"), [("", True), ("no", False), ("0", False), ("True", True), ("1", True)])
def test_flags_read_as_people_write_them(given: str, read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", given)
    assert env.flag("THING", True, about=".") is read


def test_words_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "a, b,,c ")
    assert env.words("THING", kind=kinds.words, about=".") == ["a", "b", "c"]


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("hidden\n", encoding="utf-8")
    monkeypatch.setenv("THING", "seen")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))
    assert env.secret("THING", about=".") == "hidden"


@pytest.mark.parametrize(("content", "why"), [(b"\n", "is empty"), (b"\xff\xfe", "is not text")])
def test_a_secret_file_without_a_secret_stops(
    content: bytes, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))
    with pytest.raises(env.BadSetting, match=f"THING_FILE points to a file that {why}"):
        env.secret("THING", about="A thing.")


def test_a_secret_file_that_is_not_there_is_never_replaced_by_a_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THING_FILE", str(tmp_path / "none"))
    with pytest.raises(env.BadSetting, match="THING_FILE"):
        env.secret("THING", "default", about=".")


def test_a_name_that_nothing_reads_is_told_with_the_nearest_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(env.OURS)]:
        monkeypatch.delenv(name)
    for name, value in {
        "LEGEDIALOG_THINGS": "1",
        "LEGEDIALOG_THING": "1",
        "LEGEDIALOG_WORD_FIEL": "/run/word",
        "LEGEDIALOG_BANANA": "1",
        "OTHER_THING": "1",
    }.items():
        monkeypatch.setenv(name, value)
    env.text("LEGEDIALOG_THING", kind=kinds.words, about=".")
    env.secret("LEGEDIALOG_WORD", "x", about=".")
    assert env.unknown() == [
        "LEGEDIALOG_BANANA is no setting. See docs/settings.md.",
        "LEGEDIALOG_THINGS is no setting. Is LEGEDIALOG_THING meant?",
        "LEGEDIALOG_WORD_FIEL is no setting. Is LEGEDIALOG_WORD_FILE meant?",
    ]
