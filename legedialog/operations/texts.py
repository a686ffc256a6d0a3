"""The texts in three languages: the msgid is the bokmål, `nn` and `en` stand in each app's locale folder.

What more than one app says stands once, in legedialog/locale, and stays there as long as anybody says it. Entries are
sorted by their text and name no files: code that moves changes no catalog. Done with Babel, so that neither people nor
a bare machine need GNU gettext.
"""

import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
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
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
# Different in Norwegian, and rightly one word in another language.
ALIKE: tuple[tuple[str, ...], ...] = (
    ("Du", "Deg"),
    ("Fra", "Fra og med"),
    ("Til", "Til og med"),
    ("Åpne", "Åpen", "Åpent"),
    ("Lukket", "Stengt"),  # a dialogue; an office
    ("Hos", "Med"),
    ("Ned", "Nede"),
    ("Tid", "Tidspunkt", "Klokkeslett"),
    ("Antall", "Tall"),
    ("Legemiddel", "Legemidler"),
    ("Timeønske", "Timeønsker"),
    ("Bestill og avbestill time", "Bestille og avbestille time"),
    ("Trekk ønsket tilbake", "Trekk bestillingen tilbake"),  # a request for a time; an order of prescriptions
    ("Bestilt", "Booket"),
    ("Fått", "Mottatt"),
    ("Beskjeder", "Varsler"),
    ("Vis alle", "Vis alt"),
    ("Skriv melding", "Skriv en melding"),  # a button; a field's label
)
# English words that another stands for, however long the sentence is.
INSTEAD = {"practice": "office", "practices": "offices", "locum": "substitute", "stand-in": "substitute"}
RIGHTLY = re.compile(r"general practice|practice manager", re.IGNORECASE)

app = typer.Typer(no_args_is_help=True, help=__doc__)


@dataclass(frozen=True, slots=True)
class Said:
    """What the code says, by where its translations stand: an app's folder, or the package for what is shared."""

    places: dict[Path, Catalog]

    @classmethod
    def now(cls) -> "Said":
        apps = {folder: _extract(folder) for folder in _apps()}
        shared = _read(_file(PACKAGE, "en"), "en")
        times = Counter(_key(message) for each in apps.values() for message in each if message.id)
        places: dict[Path, Catalog] = defaultdict(_empty)
        for folder, found in apps.items():
            for message in found:
                if message.id:
                    is_shared = times[_key(message)] > 1 or shared.get(message.id, message.context) is not None
                    places[PACKAGE if is_shared else folder][message.id] = message
        return cls(dict(places))


@app.command()
def update() -> None:
    """Write new texts of the code into the translation files, and take out those no longer used."""
    for file, catalog, language in _catalogs(Said.now()):
        _write(file, catalog, language)


@app.command()
def compile() -> None:
    """Make the .mo files that the product reads."""
    for file in _files():
        with file.with_suffix(".mo").open("wb") as output:
            write_mo(output, _read(file, file.parts[-3]))


@app.command()
def check() -> None:
    """Fail when a text lacks nynorsk or English, lost a placeholder, or is one of two words for one thing; then also
    when `update` would write a file otherwise."""
    said = Said.now()
    faults = [fault for folder, found in said.places.items() for fault in _faults(folder, found)]
    faults += [*_twice(), *_alike(), *_apart(), *_instead()]
    faults += faults or [
        f"{file.relative_to(PACKAGE)}: out of order, or an entry that nobody uses"
        for file, catalog, language in _catalogs(said)
        if (file.read_bytes() if file.exists() else b"") != _written(catalog, language)
    ]
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
        return _empty()
    with file.open("rb") as source:
        return read_po(source, locale=language)


def _files() -> list[Path]:
    return sorted([*PACKAGE.glob("locale/*/LC_MESSAGES/*.po"), *PACKAGE.glob("*/locale/*/LC_MESSAGES/*.po")])


def _empty() -> Catalog:
    return Catalog(charset="utf-8", fuzzy=False)


def _key(message: Message) -> tuple[str, str | None]:
    return _words(message.id)[0], message.context


def _catalogs(said: Said) -> Iterator[tuple[Path, Catalog, str]]:
    """What each file should hold."""
    for language in LANGUAGES:
        known = {
            _key(message): message.string
            for folder in [*_apps(), PACKAGE]
            for message in _read(_file(folder, language), language)
            if message.id and all(_words(message.string))
        }
        for folder in [*_apps(), PACKAGE]:
            catalog = _empty()
            for message in said.places.get(folder, ()):
                if message.id:
                    catalog.add(message.id, known.get(_key(message)), context=message.context)
            yield _file(folder, language), catalog, language


def _write(file: Path, catalog: Catalog, language: str) -> None:
    if text := _written(catalog, language):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
    else:
        file.unlink(missing_ok=True)


def _written(catalog: Catalog, language: str) -> bytes:
    if not len(catalog):
        return b""
    output = io.BytesIO()
    write_po(output, catalog, width=110, sort_output=True, no_location=True, omit_header=True)
    return HEADER.format(language=language).encode() + output.getvalue()


def _extract(folder: Path) -> Catalog:
    catalog = _empty()
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


def _faults(folder: Path, found: Catalog) -> Iterator[str]:
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


def _twice() -> Iterator[str]:
    """Texts that stand in two catalogs: they could be translated in two ways."""
    places = defaultdict(set)
    for file in _files():
        for message in _read(file, file.parts[-3]):
            if message.id:
                places[file.parts[-3], *_key(message)].add(str(file.relative_to(PACKAGE).parent))
    for (language, text, _), where in places.items():
        if len(where) > 1:
            yield f"{language}: stands in {' and '.join(sorted(where))}: {text}"


def _alike() -> Iterator[str]:
    """Norwegian words with one word between them: two names for one thing, or a choice told in ALIKE."""
    words = defaultdict(set)
    for language, norwegian, translated, context in _pairs():
        words[language, translated, context].add(norwegian)
    for (language, translated, _), norwegians in sorted(words.items(), key=str):
        if len({_bare(each) for each in norwegians}) > 1 and not any(norwegians <= set(group) for group in ALIKE):
            yield f"{language}: one word for {', '.join(sorted(norwegians))}: {translated}"


def _apart() -> Iterator[str]:
    """One Norwegian text, but for capitals and the sign at its end, with two translations."""
    words: dict[tuple[str, str, str | None], dict[str, str]] = defaultdict(dict)
    for language, norwegian, translated, context in _pairs():
        words[language, _bare(norwegian), context][_bare(translated)] = translated
    for (language, bare, _), found in sorted(words.items(), key=str):
        if len(found) > 1:
            yield f"{language}: {' and '.join(sorted(found.values()))} for one text: {bare}"


def _instead() -> Iterator[str]:
    for language, norwegian, translated, _ in _pairs(plurals=True):
        for word in re.findall(r"[\w-]+", RIGHTLY.sub("", translated).casefold()) if language == "en" else ():
            if word in INSTEAD:
                yield f"en: {word}, where other texts say {INSTEAD[word]}: {norwegian}"


def _pairs(*, plurals: bool = False) -> Iterator[tuple[str, str, str, str | None]]:
    """Language, Norwegian, translation and context of each text."""
    for file in _files():
        for message in _read(file, file.parts[-3]):
            if message.id and (plurals or isinstance(message.id, str)):
                for norwegian, translated in zip(_words(message.id), _words(message.string), strict=False):
                    yield file.parts[-3], norwegian, translated, message.context


def _bare(text: str) -> str:
    return text.strip().rstrip(".:!?… ").casefold()


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
