"""The catalogs: one entry once, in the order of their texts, and nothing that changes when code moves."""

from pathlib import Path

import pytest
import typer

from legedialog.operations import texts


def test_the_catalogs_are_as_they_would_be_written() -> None:
    texts.check()
    assert not [file for file in texts._files() if "\n#: " in file.read_text()]


def test_a_catalog_out_of_order_is_found_and_written_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(texts, "PACKAGE", tmp_path)
    (tmp_path / "garden").mkdir()
    (tmp_path / "garden" / "apps.py").write_text('_("Blomst")\n_("Avling")\n')
    for language, words in (("nn", ("Blome", "Avling")), ("en", ("Flower", "Crop"))):
        file = texts._file(tmp_path / "garden", language)
        file.parent.mkdir(parents=True)
        entries = [f'msgid "{of}"\nmsgstr "{word}"\n' for of, word in zip(("Blomst", "Avling"), words, strict=True)]
        file.write_text(texts.HEADER.format(language=language) + "\n".join(entries))
    with pytest.raises(typer.Exit):
        texts.check()
    assert "garden/locale/nn/LC_MESSAGES/django.po: out of order" in capsys.readouterr().err
    texts.update()
    texts.check()


def test_two_words_for_one_thing_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "locale" / "en" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text(
        texts.HEADER.format(language="en") + 'msgid "Time"\nmsgstr "Visit"\n\nmsgid "Besøk"\nmsgstr "Visit"\n'
    )
    monkeypatch.setattr(texts, "PACKAGE", tmp_path)
    assert list(texts._alike()) == ["en: one word for Besøk, Time: Visit"]
