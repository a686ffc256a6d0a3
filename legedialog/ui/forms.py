"""`{{ form }}` draws fields of the design system. Set as FORM_RENDERER, so no form does anything for it."""

from contextvars import ContextVar
from datetime import date
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.core import reading

# What was typed before a login ended, while its page is drawn with it: config/middleware.py: given_back.
GIVEN: ContextVar[QueryDict | None] = ContextVar("given", default=None)


class BoundField(forms.BoundField):
    """A field with the design system's classes, and ids that an error summary can point to."""

    def value(self) -> Any:
        given = GIVEN.get()
        if given is None or self.form.is_bound or self.is_hidden or not _is_of(self.form, given):
            return super().value()
        typed = self.field.widget.value_from_datadict(given, MultiValueDict(), self.html_name)
        return self.field.prepare_value(self.field.bound_data(typed, self.initial))

    @property
    def data(self) -> Any:
        """What was typed, without what nobody sees: of one line each such sign, of a longer text all when it is all."""
        value = super().data
        if not isinstance(value, str) or not isinstance(self.field, forms.CharField) or self.is_hidden:
            return value
        text = value if isinstance(self.field.widget, forms.Textarea) else reading.line(value)
        return text if reading.is_seen(text) else ""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        attrs["class"] = f"{widget.attrs.get('class', '')} ds-input".strip()
        if isinstance(widget, forms.Textarea) or getattr(widget, "input_type", "") in ("text", "search"):
            attrs["dir"] = "auto"  # what people write goes the way of its own letters
        if isinstance(widget, forms.Textarea | forms.Select):
            attrs["autocomplete"] = "off"  # its form's word is not heard by all browsers: ADR 142
        if self.limit:
            described = [attrs.get("aria-describedby"), self.counter_id]
            attrs["aria-describedby"] = " ".join(str(name) for name in described if name)
        return attrs

    @property
    def kind(self) -> str:
        """How the field is drawn: "group" of choices, one "checkbox", or a "single" input."""
        widget = self.field.widget
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "group"
        return "checkbox" if isinstance(widget, forms.CheckboxInput) else "single"

    @property
    def target(self) -> str:
        """The id that a link to this field points to; in a group the first choice."""
        return f"{self.auto_id}_0" if self.kind == "group" else self.auto_id

    @property
    def problems(self) -> list[str]:
        """The errors as the summary says them: away from the field, "must be filled in" needs the field's name."""
        unnamed = str(forms.Field.default_error_messages["required"])
        named = _("Fyll ut «%(label)s».") % {"label": self.label}
        return [named if str(text) == unnamed else str(text) for text in self.errors]

    @property
    def limit(self) -> int | None:
        """The most signs a text area takes. The counter shows it; the browser does not cut what is pasted."""
        if isinstance(self.field.widget, forms.Textarea) and isinstance(self.field, forms.CharField):
            return self.field.max_length
        return None

    @property
    def counter_id(self) -> str:
        return f"{self.auto_id}_counter"


def _is_of(form: forms.BaseForm, given: QueryDict) -> bool:
    """A browser sends every field of a form but ticks and files that are not there."""
    ticks = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.SelectMultiple)
    needed = (name for name, each in form.fields.items() if not isinstance(each.widget, (*ticks, forms.FileInput)))
    return all(form.add_prefix(name) in given for name in needed)


class Renderer(TemplatesSetting):
    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    bound_field_class = BoundField


class Textarea(forms.Textarea):
    """For longer text. Browsers send line ends as two signs and count them as one; here they are one."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 5, "cols": False, **(attrs or {})})

    def value_from_datadict(self, data: MultiValueDict[str, Any] | Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        attrs.pop("maxlength", None)  # a pasted text is never cut silently; the server and the counter say it
        return attrs


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class DayField(forms.DateField):
    """A day that can be reckoned with: see core/reading.py. `typed` signs nobody sees are no part of it."""

    widget = DateInput

    def to_python(self, value: Any) -> date | None:
        found = super().to_python(reading.typed(value) if isinstance(value, str) else value)
        if found is not None and reading.within(found) is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class NumberField(forms.IntegerField):
    """A whole number, typed with the digits 0-9: core/reading.py says why."""

    default_error_messages = {"invalid": gettext_lazy("Skriv et helt tall med sifrene 0 til 9.")}

    def to_python(self, value: Any) -> int | None:
        found: Any = value.strip() if isinstance(value, str) else value
        if isinstance(found, str) and found:
            found = reading.whole(found)
            if found is None:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(found)
