"""The catalogs: one entry once, in the order of their texts, and nothing that changes when code moves."""

from pathlib import Path

from legedialog.operations import texts


def test_writing_the_catalogs_again_changes_nothing() -> None:
    before = {file: file.read_bytes() for file in texts._files()}
    texts.update()
    assert {file: file.read_bytes() for file in texts._files()} == before


def test_no_entry_stands_twice_and_none_names_a_file() -> None:
    assert not list(texts._twice())
    assert not [file for file in texts._files() if "\n#: " in file.read_text()]


def test_two_words_for_one_thing_are_found(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "locale" / "en" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text(
        texts.HEADER.format(language="en") + 'msgid "Time"\nmsgstr "Visit"\n\nmsgid "Besøk"\nmsgstr "Visit"\n'
    )
    monkeypatch.setattr(texts, "PACKAGE", tmp_path)
    assert list(texts._alike()) == ["en: one word for Besøk, Time: Visit"]
