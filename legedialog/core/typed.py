"""What of a form that was sent is a person's own words, to be shown and given back when nothing was done with it."""

from collections.abc import Iterable, Iterator
from functools import cache

from django import forms
from django.http import QueryDict
from django.utils.html import escape

from legedialog.core import reading


def words(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Of name and value: all that stood in a field for text, be it one word, and what is more than one word."""
    return [text for name, text in fields if reading.is_seen(text) and (len(text.split()) > 1 or _is_for_text(name))]


def words_in(sent: QueryDict) -> list[str]:
    return words((name, text) for name, texts in sent.lists() for text in texts)


def missing(texts: Iterable[str], html: str) -> list[str]:
    """Those that do not stand in a page, however their lines were broken."""
    page = " ".join(html.split())
    return [text for text in texts if " ".join(escape(text).split()) not in page]


def _is_for_text(name: str) -> bool:
    """Whether a form of ours has a text under that name. A prefix tells apart forms of one page: `<id>-text`."""
    return name.rpartition("-")[2] in _names_of_texts()


@cache  # after the first request all forms are there, and a page's form is before it is sent
def _names_of_texts() -> frozenset[str]:
    return frozenset(name for form in forms_of_ours() for name, field in form.base_fields.items() if _is_text(field))


def _is_text(field: forms.Field) -> bool:
    return isinstance(field, forms.CharField) and not isinstance(field, forms.UUIDField) and not field.widget.is_hidden


def forms_of_ours(kind: type[forms.Form] = forms.Form) -> Iterator[type[forms.Form]]:
    for each in kind.__subclasses__():
        yield each
        yield from forms_of_ours(each)
