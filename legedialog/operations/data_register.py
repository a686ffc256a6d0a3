"""Every stored field: what kind of data it is, what it is for, and how long it is kept, as its context says.

A test fails for a field that is not told of. The page is docs/data-register.md.
Source: GDPR article 30, docs/facts.md#law.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField, RangeField
from django.db.models import BooleanField, CharField, DateField, DateTimeField, Field, IntegerField, Model

from legedialog.core import contexts
from legedialog.core.contexts import Category, Plain, Table
from legedialog.core.crypto import SealedField

HEAD = """# Data register

Made from what each context says of its tables in its `about.py`; a test fails for a field that is missing. What has a
job is removed by the hourly job `retention` (`legedialog/operations/tasks.py`). Finished jobs, which hold ids and
codes, are removed after {hours} hours. Proof (consents, locks, the log) is not removed because a citizen turns
everything off. Sealed fields are encrypted in the database (docs/adr/0005-encryption.md). Each field that tells of care
is sealed, or open for a reason (docs/adr/0048-health-is-sealed.md):
{openly}
"""


OPENLY: dict[Plain, "tuple[type[Field[Any, Any]], ...]"] = {
    Plain.TIME: (DateField, DateTimeField, RangeField),
    Plain.NUMBER: (IntegerField, BooleanField),
    Plain.CODE: (CharField,),
    Plain.ADDRESS: (CharField,),
}


def models() -> Iterator[type[Model]]:
    """Ours, with the tables between them."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed:  # a view stores nothing
            continue
        if model._meta.app_config and model._meta.app_config.name.startswith("legedialog."):
            yield model


def fields(model: type[Model]) -> dict[str, "Field[object, object]"]:
    return {each.name: each for each in model._meta.concrete_fields}


def faults() -> list[str]:
    """What no context has told of, and what is told of and not there: one line each, with the place to say it."""
    told, stored = contexts.tables(), {model._meta.label: model for model in models()}
    found = [f"{label} is no table: remove it from {_place(label)}." for label in told.keys() - stored.keys()]
    for label, model in stored.items():
        if label not in told:
            found.append(f"{label}: say whose its rows are and what its fields are, in `tables` of {_place(label)}.")
            continue
        names, there = Counter(told[label].names), fields(model)
        for name in there.keys() - names.keys():
            found.append(f"{label}.{name}: say what kind of data it is, in `tables` of {_place(label)}.")
        for name in names.keys() - there.keys():
            found.append(f"{label} has no field {name}: remove it from {_place(label)}.")
        for name in there.keys() & names.keys():
            found += _openly(label, name, told[label], there[name])
        for name, times in names.items():
            if times > 1:
                found.append(f"{label}.{name} is told of {times} times in {_place(label)}: once is right.")
    return sorted(found)


def _openly(label: str, name: str, table: Table, stored: "Field[object, object]") -> list[str]:
    """A field that tells of care is sealed, or says why not and is of the kind that it says."""
    reason, is_sealed = table.why_plain(name), isinstance(stored, SealedField)
    if (table.category(name) == Category.HEALTH and not is_sealed) is not (reason is not None):
        return [f"{label}.{name}: seal it, or say in `plain` of {_place(label)} why it is read openly; never both."]
    inner = stored.base_field if isinstance(stored, ArrayField) else stored
    if reason is not None and not isinstance(inner, OPENLY[reason]):
        return [f"{label}.{name} is no {reason.name.lower()}: seal it."]
    return []


def _place(label: str) -> str:
    return contexts.place(label.partition(".")[0])


def page() -> str:
    from legedialog.operations.tasks import JOBS_KEPT

    parts, tables = (
        [HEAD.format(hours=JOBS_KEPT, openly="\n".join(f"- {each.name.lower()}: {each}" for each in Plain))],
        contexts.tables(),
    )
    for model in models():
        table = tables[model._meta.label]
        job = "" if table.kept.removed_by is None else f" (job: `{table.kept.removed_by.__module__}`)"
        parts.append(f"\n## {model._meta.label}\n\n{table.purpose}\nKept: {table.kept.text}{job}.\n\n")
        parts.append("| field | category | purpose |\n| --- | --- | --- |\n")
        for name, stored in fields(model).items():
            why = table.why_plain(name)
            sealed = ", sealed" if isinstance(stored, SealedField) else f", open: {why.name.lower()}" if why else ""
            parts.append(f"| `{name}` | {table.category(name)}{sealed} | {table.about.get(name, 'as the table')} |\n")
    return "".join(parts)
