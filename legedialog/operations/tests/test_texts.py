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


@pytest.mark.parametrize(
    ("language", "words", "fault"),
    [
        ("en", {"Time": "Visit", "Besøk": "Visit"}, "en: one word for Besøk, Time: Visit"),
        ("nn", {"Time": "Besøk", "Besøk": "Besøk"}, "nn: one word for Besøk, Time: Besøk"),
        ("en", {"Time": "Visit", "time:": "appointment"}, "en: Visit and appointment for one text: time"),
        (
            "nn",
            {"Hvilken lege?": "Kva lege?", "Hvilken lege": "Kven"},
            "nn: Kva lege? and Kven for one text: hvilken lege",
        ),
        ("en", {"Ring kontoret": "Call the practice"}, "en: practice, where other texts say office: Ring kontoret"),
        ("en", {"Time": "Visit", "time": "visit", "Allmennmedisin": "General practice"}, ""),
    ],
)
def test_two_words_for_one_thing_and_one_thing_in_two_words_are_found(
    language: str, words: dict[str, str], fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "PACKAGE", tmp_path)
    file = texts._file(tmp_path, language)
    file.parent.mkdir(parents=True)
    entries = [f'msgid "{of}"\nmsgstr "{word}"\n' for of, word in words.items()]
    file.write_text(texts.HEADER.format(language=language) + "\n".join(entries))
    assert [*texts._alike(), *texts._apart(), *texts._instead()] == ([fault] if fault else [])
