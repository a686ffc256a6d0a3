"""A page of settings saves over what it showed, and over nothing newer: core/seen.py."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.db import IntegrityError
from django.utils.translation import gettext as _

from legedialog.core.errors import Refused
from legedialog.workspace.common import to_office


def tried(form: forms.Form, save: Callable[[], object], *, taken: str = "") -> tuple[bool, bool]:
    """Whether the form was saved, and whether it was not because somebody had changed what it is about. `taken`: said
    beside the name that another row has."""
    if not form.is_valid():
        return False, False
    try:
        save()
    except IntegrityError:
        if not taken:
            raise
        form.add_error("name", taken)
        return False, False
    except Refused as refused:
        form.add_error(None, to_office(refused))
        return False, True
    return True, False


def seen_in(form: forms.Form, mark: str, *, changed: bool) -> dict[str, Any]:
    """For `workspace/settings/seen.html`. `mark` is of what is saved now; a page that goes on keeps the one it began
    with, until it has been told that somebody has `changed` what it is about, with each field that differs."""
    if not changed:
        return {"mark": form.data.get("mark", "") if form.is_bound else mark, "saved": []}
    saved = [
        (field.label, _said(field, form.initial.get(name)))
        for name, field in form.fields.items()
        if _plain(form.initial.get(name)) != _plain(form.cleaned_data.get(name))
    ]
    return {"mark": mark, "saved": saved}


def _plain(value: object) -> object:
    return sorted(str(each) for each in value) if isinstance(value, list) else value or ""


def _said(field: forms.Field, value: object) -> object:
    if isinstance(value, bool):
        return _("Ja") if value else _("Nei")
    if not isinstance(field, forms.ChoiceField):
        return value
    words = {str(key): str(label) for key, label in cast(Any, field.choices)}
    return ", ".join(words.get(str(each), "") for each in (value if isinstance(value, list) else [value]))
