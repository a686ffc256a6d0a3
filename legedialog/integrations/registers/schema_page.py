"""docs/registers.md: the lines of a register file, from the file that reads them."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from django.db.models import TextChoices
from pydantic.fields import FieldInfo

from legedialog.integrations.registers.schema import LINES


def page() -> str:
    """docs/registers.md."""
    parts = [Path(__file__).with_name("registers.md").read_text(encoding="utf-8")]
    for line in LINES:
        parts.append(f"### `{line.EXAMPLE['type']}`\n\n{line.__doc__}\n\n| field | | |\n| --- | --- | --- |\n")
        for name, field in line.model_fields.items():
            if name == "type":
                continue
            values = ", ".join(f"`{value}`" for value in _values(field.annotation))
            meaning = "; ".join(filter(None, (field.description or _described(field.annotation), values)))
            need = "required" if field.is_required() else "may be left out"
            key = ", key" if name in line.KEY else ""
            parts.append(f"| `{name}` | {need}{key} | {meaning} |\n")
        parts.append(f"\n```json\n{json.dumps(line.EXAMPLE, ensure_ascii=False)}\n```\n\n")
    return "".join(parts).rstrip() + "\n"


def _described(annotation: Any) -> str:
    """The description of what a field may hold besides null."""
    parts = (part for option in get_args(annotation) for part in getattr(option, "__metadata__", ()))
    return next((part.description for part in parts if isinstance(part, FieldInfo) and part.description), "")


def _values(annotation: Any) -> list[str]:
    """The words a field may hold, where they are few."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum | TextChoices):
        return [str(word.value) for word in annotation]
    if get_origin(annotation) is Literal:
        return [word for word in get_args(annotation) if word]
    return (
        [word for option in get_args(annotation) for word in _values(option)] if get_origin(annotation) is list else []
    )
