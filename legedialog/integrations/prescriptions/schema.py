"""The lines of a prescription file: one JSON object a line. docs/prescriptions-import.md is made from this file.

A fault never repeats what stood in the line: it is health data.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from legedialog.integrations.registers.values import (
    LONGEST_LINE,
    Day,
    HprNumber,
    Name,
    NationalNumber,
    Office,
    Printable,
    Text200,
)
from legedialog.patients.representation import Restriction
from legedialog.patients.rules import months_after
from legedialog.prescriptions import rules
from legedialog.prescriptions.rules import Group, Kind

LONGEST_MONTHS = 60  # a day years away is a mistake: the longest are written for a year
Identifier = Annotated[str, Printable, Field(min_length=1, max_length=100, description="the source's own")]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line cannot be taken: a stable code, and words for the operator without anything of what stood there."""

    code: str
    text: str


class BadLine(ValueError):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(code, text)


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, hide_input_in_errors=True)
    EXAMPLE: ClassVar[dict[str, Any]]


class PrescriptionLine(Line):
    """One prescription as its source knows it. The same identifier again replaces what was loaded before."""

    type: Literal["prescription"]
    identifier: Identifier
    patient: NationalNumber
    written_date: Day
    valid_until_date: Annotated[Day | None, Field(description="the last day; left out: a year")] = None
    name: Annotated[Name, Field(description="the brand, or what it is")]
    substance: Text200 = ""
    atc: Annotated[str, Field(pattern=r"^([A-Z]\d\d[A-Z][A-Z]\d\d)?$", description="all seven signs")] = ""
    strength: Text200 = ""
    form: Text200 = ""
    form_code: Annotated[str, Field(pattern=r"^\d{0,5}$", description="system 7448")] = ""
    product_number: Annotated[str, Field(pattern=r"^(\d{6})?$", description="varenummer")] = ""
    pack: Text200 = ""
    use: Annotated[str, Printable, Field(max_length=1000, description="how to take it, in words")] = ""
    kind: Annotated[Kind, Field(strict=False)] = Kind.MEDICINE
    group: Annotated[
        Group | None, Field(strict=False, description="of medicines; one without it is not renewed online")
    ] = None
    amount: Annotated[int, Field(ge=1, le=999, description="packages at each dispensing")] = 1
    dispensings: Annotated[int, Field(ge=1, le=99, description="in all: the first and the reits")] = 1
    supply_days: Annotated[int | None, Field(ge=1, le=730, description="how long one dispensing lasts")] = None
    reimbursement: Annotated[str, Printable, Field(max_length=4, description="§; empty for a white one")] = ""
    office: Annotated[Office | None, Field(description="where it was written, when that office is known here")] = None
    prescriber_name: Name
    prescriber_hpr: HprNumber | None = None
    is_withdrawn: bool = False
    restriction: Annotated[Restriction, Field(strict=False, description="code system 9603")] = Restriction.NORMAL
    EXAMPLE = {
        "type": "prescription",
        "identifier": "a1",
        "patient": "10817500019",
        "written_date": "2026-02-02",
        "name": "Metoprolol Sandoz",
        "atc": "C07AB02",
        "strength": "50 mg",
        "dispensings": 4,
        "prescriber_name": "Eva Eksempel",
    }

    @property
    def last_date(self) -> date:
        return self.valid_until_date or months_after(self.written_date, rules.VALID_MONTHS)

    @property
    def its_group(self) -> str:
        if self.kind is not Kind.MEDICINE:
            return Group.NONE.value
        return (self.group or rules.group_left_out(self.atc)).value

    @model_validator(mode="after")
    def _can_be_written(self) -> Self:
        if self.last_date < self.written_date:
            raise PydanticCustomError("ends-first", "valid_until_date must not be before written_date")
        if self.last_date > months_after(self.written_date, LONGEST_MONTHS):
            raise PydanticCustomError("ends-too-late", "valid_until_date is years after written_date")
        if self.kind is not Kind.MEDICINE and self.group:
            raise PydanticCustomError("group-of-no-medicine", "group is for medicines only")
        if not rules.may_write(self.its_group, self.dispensings, is_reimbursed=bool(self.reimbursement)):
            raise PydanticCustomError(
                "too-many-dispensings", "groups A and B are dispensed once (B more when paid for)"
            )
        return self


class DispensingLine(Line):
    """Something was collected. Belongs to a prescription of the same source, in the file or loaded before."""

    type: Literal["dispensing"]
    identifier: Identifier
    prescription: Identifier
    dispensed_date: Day
    amount: Annotated[int, Field(ge=1, le=999)] = 1
    pharmacy: Text200 = ""
    EXAMPLE = {"type": "dispensing", "identifier": "u1", "prescription": "a1", "dispensed_date": "2026-02-05"}


AnyLine = PrescriptionLine | DispensingLine
NO_TYPE = {"union_tag_invalid", "union_tag_not_found", "model_attributes_type", "dict_type", "model_type"}
LINES = (PrescriptionLine, DispensingLine)
_line: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="type")])


def parse(raw: bytes) -> AnyLine:
    """One line of a file. Raises BadLine."""
    if len(raw) > LONGEST_LINE:
        raise BadLine("too-long", f"is longer than {LONGEST_LINE} bytes")
    try:
        return _line.validate_json(raw)
    except ValidationError as error:
        raise _bad(error) from None


def take(fields: dict[str, Any]) -> AnyLine:
    """What another format was read as. Raises BadLine."""
    try:
        return _line.validate_json(json.dumps(fields, default=str))
    except ValidationError as error:
        raise _bad(error) from None


def _bad(error: ValidationError) -> BadLine:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    words = dict.fromkeys(_words(fault["type"], fault["loc"], fault["msg"]) for fault in faults)
    return BadLine(_code(faults[0]["type"]), "; ".join(words))


def _code(kind: str) -> str:
    known = {"json_invalid": "not-json", "missing": "missing-field", "extra_forbidden": "unknown-field"}
    if kind in NO_TYPE:
        return "unknown-type"
    if kind.startswith("date_"):
        return "not-a-date"
    return known.get(kind, kind.replace("_", "-"))


def _words(kind: str, place: tuple[int | str, ...], message: str) -> str:
    if kind == "json_invalid":
        return "is not JSON: one object a line is expected"
    if kind in NO_TYPE:
        return 'must be an object whose type is "prescription" or "dispensing"'
    field = ".".join(str(part) for part in place[1:] if re.fullmatch(r"[a-z_]{1,30}", str(part)))
    if kind == "extra_forbidden":
        return f"{field or 'a field'} is not a field of this type"
    if kind == "missing":
        return f"{field} is missing"
    return f"{field}: {message.replace('Input should', 'should').replace('String should', 'should')}".removeprefix(": ")


HEAD = """# Prescription files

Made from `legedialog/integrations/prescriptions/schema.py` by `legedialog docs`. Loaded by
`legedialog prescriptions import FILE --source NAME`; `--dry-run` checks and keeps nothing.

A file is either NDJSON as below, or FHIR R4: one `Bundle`, or NDJSON of resources. Of FHIR, `MedicationRequest` and
`MedicationDispense` are taken, with the `Medication`, `Patient` and `Practitioner` they refer to; HL7 Norway's base
profiles say where ATC, form and prescription group stand. A request that is `completed` comes with what was dispensed:
without it, it would look open. All of the file is loaded or nothing: each bad line is told
by its number (in a Bundle: the entry's), a code and words, and nothing of what stood there. A file may be loaded again.
A source that loads whole is "heard from"; one that fails is shown to citizens as not answering.

"""


def page() -> str:
    """docs/prescriptions-import.md."""
    parts = [HEAD]
    for line in LINES:
        parts.append(f"## `{line.EXAMPLE['type']}`\n\n{line.__doc__}\n\n| field | | |\n| --- | --- | --- |\n")
        for name, field in line.model_fields.items():
            if name != "type":
                need = "required" if field.is_required() else "may be left out"
                parts.append(f"| `{name}` | {need} | {field.description or ''} |\n")
        parts.append(f"\n```json\n{json.dumps(line.EXAMPLE, ensure_ascii=False)}\n```\n\n")
    return "".join(parts).rstrip() + "\n"
