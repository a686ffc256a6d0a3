"""What of a form that was sent is a person's own words, to be shown and given back when nothing was done with it."""

from collections.abc import Iterable, Iterator
from functools import cache

from django import forms


def words(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Of name and value: all that stood in a field for text, be it one word, and what is more than one word."""
    return [value for name, value in fields if len(value.split()) > 1 or (value.strip() and is_for_text(name))]


def is_for_text(name: str) -> bool:
    """Whether a form of ours has a text under that name. A prefix tells apart forms of one page: `<id>-text`."""
    return name.rpartition("-")[2] in _names_of_texts()


@cache  # after the first request all forms are there, and a page's form is before it is sent
def _names_of_texts() -> frozenset[str]:
    return frozenset(
        name for form in _below(forms.BaseForm) for name, field in form.base_fields.items() if _is_text(field)
    )


def _is_text(field: forms.Field) -> bool:
    return isinstance(field, forms.CharField) and not isinstance(field, forms.UUIDField) and not field.widget.is_hidden


def _below(kind: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for each in kind.__subclasses__():
        if hasattr(each, "base_fields"):
            yield each
        yield from _below(each)
