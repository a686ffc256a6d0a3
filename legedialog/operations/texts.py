"""The texts in three languages: the msgid is the bokmål, `nn` and `en` stand in each app's locale folder.

Done with Babel, so that neither people nor a bare machine need GNU gettext.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1]
LANGUAGES = ("nn", "en")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def update() -> None:
    """Write new texts of the code into the translation files, and mark those no longer used."""
    for folder in _apps():
        found = _extract(folder)
        for language in LANGUAGES if len(found) else ():
            file = _file(folder, language)
            catalog = _read(file, language)
            catalog.update(found, no_fuzzy_matching=True, update_header_comment=False)
            _write(file, catalog)


@app.command()
def compile() -> None:
    """Make the .mo files that the product reads."""
    for file in PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po"):
        with file.with_suffix(".mo").open("wb") as output:
            write_mo(output, _read(file, file.parts[-3]))


@app.command()
def check() -> None:
    """Fail when a text lacks nynorsk or English, or a translation lost a placeholder."""
    faults = [fault for folder in _apps() for fault in _faults(folder)]
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201
    if faults:
        print(f"{len(faults)} texts to mend. `make texts` writes them into the files.", file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)


def _apps() -> list[Path]:
    return sorted(folder.parent for folder in PACKAGE.glob("*/apps.py"))


def _file(folder: Path, language: str) -> Path:
    return folder / "locale" / language / "LC_MESSAGES" / "django.po"


def _read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale=language)


def _write(file: Path, catalog: Catalog) -> None:
    catalog.creation_date = datetime(2026, 1, 1, tzinfo=UTC)  # dates of today in every file would be noise
    catalog.revision_date = catalog.creation_date
    output = io.BytesIO()
    write_po(output, catalog, width=110, sort_by_file=True, include_lineno=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(output.getvalue())


def _extract(folder: Path) -> Catalog:
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for file in sorted({*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("templates/**/*.*")}):
        if "tests" in file.parts or "migrations" in file.parts:
            continue
        for line, text, comments, context in _messages(file):
            where = [(str(file.relative_to(PACKAGE.parent)), line)]
            catalog.add(text, locations=where, auto_comments=comments, context=context)
    return catalog


def _messages(file: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    from django.utils.translation.template import templatize

    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        # Django turns the tags into calls and the rest into names; indentation would be read as Python's.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(file)).split("\n"))
    stream = io.BytesIO(source.encode())
    yield from extract("python", stream, KEYWORDS, ("Translators:",), {"encoding": "utf-8"}, strip_comment_tags=True)


def _faults(folder: Path) -> Iterator[str]:
    found = _extract(folder)
    nynorsk = _read(_file(folder, "nn"), "nn")
    for language in LANGUAGES:
        catalog = _read(_file(folder, language), language)
        for message in found:
            if not message.id:
                continue
            where = ":".join(map(str, message.locations[0]))
            translated = catalog.get(message.id, message.context)
            fault = _fault(message, translated)
            if not fault and language == "en" and _is_nynorsk(translated, nynorsk.get(message.id, message.context)):
                fault = "the English is the nynorsk"
            if fault:
                yield f"{where}: {language}: {fault}: {_words(message.id)[0]}"


def _is_nynorsk(english: Message | None, nynorsk: Message | None) -> bool:
    """Whether a sentence got the nynorsk in both languages. Single words may be alike ("open")."""
    if english is None or nynorsk is None or " " not in str(english.string):
        return False
    return bool(english.id != english.string == nynorsk.string)


def _fault(message: Message, translated: Message | None) -> str:
    if translated is None or translated.fuzzy or not all(_words(translated.string)):
        return "not translated"
    wanted = set().union(*(PLACEHOLDER.findall(text) for text in _words(message.id)))
    if any(set(PLACEHOLDER.findall(text)) - wanted for text in _words(translated.string)):
        return "a placeholder that the text does not have"
    if wanted - set(PLACEHOLDER.findall(_words(translated.string)[-1])):
        return "a placeholder is lost"
    return ""


def _words(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)
