"""A page of settings saves over what it showed, and over nothing newer: core/seen.py."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _


def seen_in(form: forms.Form, mark: str, *, changed: bool) -> dict[str, Any]:
    """For `workspace/settings/seen.html`. `mark` is of what is saved now; a page that goes on keeps the one it began
    with, until it has been told that somebody has `changed` what it is about, with each field that differs."""
    if not changed:
        return {"mark": form.data.get("mark", "") if form.is_bound else mark, "saved": []}
    saved = [
        (field.label, _said(form.initial.get(name)))
        for name, field in form.fields.items()
        if (form.initial.get(name) or "") != (form.cleaned_data.get(name) or "")
    ]
    return {"mark": mark, "saved": saved}


def _said(value: object) -> object:
    return {True: _("Ja"), False: _("Nei")}.get(value, value) if isinstance(value, bool) else value
