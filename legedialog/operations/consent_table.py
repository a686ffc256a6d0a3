"""docs/consent.md: what each level opens, in words from the rules and in addresses from the pages' own guards."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

from legedialog.consent import rules
from legedialog.consent.rules import Level

HEAD = """# Consent

What a citizen's level opens. Made from `legedialog/consent/rules.py` and the guards of the pages. Who has never chosen
is on {default}. Withdrawing works at once, in pages that are open too. Source: docs/facts.md#consent-levels.

| what | {levels} |
| --- | {lines} |
"""
PAGES = """
## Pages

An address that is not here needs no consent, or is not the citizen's.

| address | least level |
| --- | --- |
"""


def page() -> str:
    with translation.override("nb"):
        names = [str(rules.NAMES[level]) for level in Level]
        text = HEAD.format(
            default=rules.NAMES[rules.DEFAULT], levels=" | ".join(names), lines=" | ".join("-" for each in names)
        )
        for what, opened in rules.table():
            text += f"| {what} | {' | '.join('yes' if each else '–' for each in opened)} |\n"
        text += PAGES
        for address, level in sorted(guarded()):
            text += f"| `/{address}` | {rules.NAMES[level]} |\n"
        return text


def guarded() -> Iterator[tuple[str, Level]]:
    """Address pattern and least level of every page with a guard of the consent's."""
    for address, view in _views(get_resolver().url_patterns, ""):
        if level := getattr(view, "needed_level", None):
            yield address, level


def _views(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, object]]:
    for each in patterns:
        address = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _views(each.url_patterns, address)
        else:
            yield address, each.callback
