"""The lines of a register file: one JSON object a line, told apart by `type`. docs/registers.md is made from this file.

A reason why a line is refused never repeats what stood there: a register file is full of personal data.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from legedialog.access.actor import Role
from legedialog.core.errors import Refused
from legedialog.integrations.registers.values import (
    LONGEST_LINE,
    Clock,
    Confirmed,
    ContractNumber,
    Day,
    Doctor,
    End,
    HerId,
    HprNumber,
    Moment,
    Name,
    NationalNumber,
    Office,
    OrganisationNumber,
    Phone,
    Printable,
    Start,
    Text200,
    a_phone,
    a_website,
    an_email,
    wrong,
)
from legedialog.practices.rules import Hours, Service, check_week

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class BadLine(ValueError):
    """Why a line cannot be taken, in words for the operator and without anything of what stood in it."""


class Line(BaseModel):
    """`KEY` names the fields by which a row is found again. Rows of a lower `STEP` are loaded first."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, hide_input_in_errors=True)
    KEY: ClassVar[tuple[str, ...]]
    STEP: ClassVar[int]
    EXAMPLE: ClassVar[dict[str, Any]]

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.KEY)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the fields that stand in the line."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


class OfficeLine(Line):
    """An office. What is left out stays as it is."""

    KEY = ("organisation_number",)
    STEP = 0
    type: Literal["office"]
    organisation_number: OrganisationNumber
    name: Name
    her_id: HerId | None = None
    street: Text200 = ""
    postal_code: Annotated[str, Field(pattern=r"^(\d{4})?$", description="four digits")] = ""
    city: Annotated[str, Printable, Field(max_length=100)] = ""
    phone: Phone = ""
    email: Annotated[str, AfterValidator(an_email), Field(max_length=254)] = ""
    website: Annotated[str, AfterValidator(a_website), Field(max_length=200)] = ""
    directions: Annotated[str, Printable, Field(max_length=500, description="entrance, parking, bus")] = ""
    supported_services: Annotated[
        list[Service], Field(strict=False, description="what its record system can carry")
    ] = []
    supports_representation: Annotated[bool, Field(description="its record system knows who acts for whom")] = False
    EXAMPLE = {
        "type": "office",
        "organisation_number": "310000019",
        "name": "Eksempelbyen legesenter",
        "her_id": 90001,
        "street": "Storgata 1",
        "postal_code": "5555",
        "city": "Eksempelbyen",
        "phone": "55 55 55 55",
        "supported_services": ["book", "request", "renew"],
    }


class ClinicianLine(Line):
    """A doctor, whichever office she works at. What is left out stays as it is."""

    KEY = ("hpr_number",)
    STEP = 0
    type: Literal["clinician"]
    hpr_number: HprNumber
    name: Name
    her_id: HerId | None = None
    is_specialist: Annotated[bool, Field(description="in general practice")] = False
    EXAMPLE = {"type": "clinician", "hpr_number": "9000101", "name": "Eva Eksempel", "is_specialist": True}


class SourceLine(Line):
    """Another system that sends appointments: a hospital or a municipality. What is left out stays as it is."""

    KEY = ("organisation_number",)
    STEP = 0
    type: Literal["source"]
    organisation_number: OrganisationNumber
    name: Name
    kind: Annotated[
        Literal["hospital", "municipality"], Field(description="parents of children from 12 no longer see a hospital's")
    ] = "hospital"
    phone: Annotated[Phone, Field(description="whom to call when appointments are missing")] = ""
    silent_after_minutes: Annotated[int, Field(ge=1, le=525_600, description="when silence means a fault; 1440")] = 1440
    EXAMPLE = {"type": "source", "organisation_number": "310000027", "name": "Eksempelbyen sykehus"}


class OpeningHoursLine(Line):
    """The whole ordinary week of an office; a day that is left out is closed."""

    KEY = ("office",)
    STEP = 1
    type: Literal["opening-hours"]
    office: Office
    week: Annotated[
        dict[Literal[WEEKDAYS], list[tuple[Clock, Clock]]],  # type: ignore[valid-type]
        Field(strict=False, description='for each weekday a list of ["opens", "closes"]'),
    ]
    EXAMPLE = {
        "type": "opening-hours",
        "office": "310000019",
        "week": {"monday": [["08:00", "11:30"], ["12:00", "15:30"]], "tuesday": [["08:00", "15:30"]]},
    }

    @property
    def hours(self) -> dict[int, Sequence[Hours]]:
        return {WEEKDAYS.index(day): [Hours(*pair) for pair in pairs] for day, pairs in self.week.items()}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        try:
            check_week(self.hours)
        except Refused:
            raise wrong(
                "overlapping-hours", "the hours of a day must come one after another and close after they open"
            ) from None
        return self


class OpeningExceptionLine(Line):
    """Other hours on one date at an office; closed when both times are left out."""

    KEY = ("office", "date")
    STEP = 1
    type: Literal["opening-exception"]
    office: Office
    date: Annotated[Day, Field()]
    opens: Clock | None = None
    closes: Clock | None = None
    note: Annotated[Text200, Field(description="shown to citizens")] = ""
    EXAMPLE = {"type": "opening-exception", "office": "310000019", "date": "2026-12-24", "note": "Julaften"}

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.opens is None) is not (self.closes is None):
            raise wrong("half-hours", "needs both opens and closes, or none of them")
        if self.opens and self.closes and self.closes <= self.opens:
            raise wrong("closes-first", "closes must be after opens")
        return self


class ContractLine(Line):
    """A GP list (fastlegeliste). What is left out stays as it is."""

    KEY = ("number",)
    STEP = 1
    type: Literal["contract"]
    number: ContractNumber
    office: Office
    max_patients: Annotated[int, Field(ge=0, le=100_000)] = 0
    is_common_list: Annotated[bool, Field(description="several doctors share it (fellesliste)")] = False
    EXAMPLE = {"type": "contract", "number": "70001", "office": "310000019", "max_patients": 1100}


class Period(Line):
    starts_date: Start
    ends_date: End = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_date and self.ends_date <= self.starts_date:
            raise wrong("ends-first", "ends_date must be after starts_date")
        return self


class EmployeeLine(Period):
    """A person's work at an office in one role, in a period. She logs in with her national number."""

    KEY = ("office", "national_number", "role", "starts_date")
    STEP = 2
    type: Literal["employee"]
    office: Office
    national_number: NationalNumber
    name: Name
    role: Annotated[Role, Field(strict=False)]
    hpr_number: Annotated[Doctor | None, Field(description="her HPR number; doctors and substitutes have one")] = None
    EXAMPLE = {
        "type": "employee",
        "office": "310000019",
        "national_number": "10817500019",
        "name": "Eva Eksempel",
        "role": "doctor",
        "hpr_number": "9000101",
        "starts_date": "2020-01-01",
    }

    @model_validator(mode="after")
    def _doctors_are_clinicians(self) -> Self:
        if self.role in {Role.DOCTOR, Role.SUBSTITUTE} and not self.hpr_number:
            raise wrong("hpr-number-missing", "a doctor or substitute needs hpr_number")
        return self


class ContractDoctorLine(Period):
    """A doctor who serves a list, in a period."""

    KEY = ("contract", "hpr_number", "starts_date")
    STEP = 2
    type: Literal["contract-doctor"]
    contract: Annotated[ContractNumber, Field(description="the list's number: must be known")]
    hpr_number: Doctor
    EXAMPLE = {
        "type": "contract-doctor",
        "contract": "70001",
        "hpr_number": "9000101",
        "starts_date": "2020-01-01",
    }


class OfferLine(Line):
    """One service of one doctor at one office. The doctor may change it herself afterwards: the next import wins."""

    KEY = ("office", "hpr_number", "service")
    STEP = 2
    type: Literal["offer"]
    office: Office
    hpr_number: Doctor
    service: Annotated[Service, Field(strict=False)]
    is_open: bool = True
    closed_until_date: Annotated[Day | None, Field(description="the first open day again")] = None
    closed_reason: Annotated[Text200, Field(description="shown to citizens")] = ""
    EXAMPLE = {"type": "offer", "office": "310000019", "hpr_number": "9000101", "service": "book"}


class AbsenceLine(Line):
    """A clinician's absence at an office, both dates included."""

    KEY = ("office", "hpr_number", "first_date")
    STEP = 2
    type: Literal["absence"]
    office: Office
    hpr_number: Doctor
    first_date: Day
    last_date: Day
    substitute: Annotated[Doctor | None, Field(description="the HPR number of who stands in: must be known")] = None
    note: Annotated[str, Printable, Field(max_length=300, description="shown to citizens")] = ""
    EXAMPLE = {
        "type": "absence",
        "office": "310000019",
        "hpr_number": "9000101",
        "first_date": "2026-12-21",
        "last_date": "2026-12-31",
        "note": "Ferie",
    }

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.last_date < self.first_date:
            raise wrong("ends-first", "last_date must not be before first_date")
        if self.substitute == self.hpr_number:
            raise wrong("own-stand-in", "nobody stands in for herself: substitute must be another than hpr_number")
        return self


class PersonLine(Line):
    """A citizen. What is left out stays as it is; `language` is taken only while she has not chosen one herself."""

    KEY = ("national_number",)
    STEP = 2
    type: Literal["person"]
    national_number: NationalNumber
    given_name: Annotated[str, Printable, Field(max_length=200, description="empty for who has one name")] = ""
    family_name: Name
    birth_date: Annotated[Day, Field(description="from the population register; never read from the number")]
    death_date: Day | None = None
    address: Annotated[
        str,
        Printable,
        Field(max_length=500, description="the registered one, written alike for those who live together"),
    ] = ""
    address_grading: Literal["open", "confidential", "strictly-confidential"] = "open"
    language: Literal["", "nb", "nn", "en"] = ""
    phone: Annotated[str, AfterValidator(a_phone)] = ""
    email: Annotated[str, AfterValidator(an_email), Field(max_length=254)] = ""
    contact_confirmed_at: Annotated[
        Moment | None, Field(description="a point in time with its zone; used for notices for 18 months")
    ] = None
    is_reserved: Annotated[
        bool, Field(description="against digital contact (KRR); left out: not confirmed by this file")
    ] = False
    confirmed_at: Confirmed = None
    EXAMPLE = {
        "type": "person",
        "national_number": "14858400113",
        "given_name": "Kari",
        "family_name": "Eksempel",
        "birth_date": "1984-05-14",
        "address": "Lia 2, 5555 Eksempelbyen",
        "phone": "45555555",
        "contact_confirmed_at": "2026-10-01T12:00:00Z",
    }


class MembershipLine(Period):
    """A person's place on a GP list, in a period. A new list ends the old one on the day it begins."""

    KEY = ("person", "starts_date")
    STEP = 3
    type: Literal["membership"]
    person: Annotated[NationalNumber, Field(description="the person's national_number: must be known")]
    contract: Annotated[ContractNumber, Field(description="the list's number: must be known")]
    confirmed_at: Confirmed = None
    EXAMPLE = {
        "type": "membership",
        "person": "14858400113",
        "contract": "70001",
        "starts_date": "2024-02-01",
    }


class ResponsibilityLine(Period):
    """Parental responsibility (foreldreansvar) of one parent for one child, in a period."""

    KEY = ("parent", "child", "starts_date")
    STEP = 3
    type: Literal["responsibility"]
    parent: Annotated[NationalNumber, Field(description="the parent's national_number: must be known")]
    child: Annotated[NationalNumber, Field(description="the child's national_number: must be known")]
    confirmed_at: Confirmed = None
    EXAMPLE = {
        "type": "responsibility",
        "parent": "14858400113",
        "child": "09831850148",
        "starts_date": "2018-03-09",
    }

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.parent == self.child:
            raise wrong("same-person", "parent and child must be two persons")
        return self


class GuardianshipLine(Period):
    """A guardian (verge) for the personal affairs of a person, in a period."""

    KEY = ("guardian", "person", "starts_date")
    STEP = 3
    type: Literal["guardianship"]
    guardian: Annotated[NationalNumber, Field(description="the guardian's national_number: must be known")]
    person: Annotated[NationalNumber, Field(description="the person's national_number: must be known")]
    confirmed_at: Confirmed = None
    EXAMPLE = {
        "type": "guardianship",
        "guardian": "14858400113",
        "person": "09831850148",
        "starts_date": "2026-01-01",
    }

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.guardian == self.person:
            raise wrong("same-person", "guardian and person must be two persons")
        return self


LINES: tuple[type[Line], ...] = (
    *(OfficeLine, OpeningHoursLine, OpeningExceptionLine, ClinicianLine, EmployeeLine, ContractLine),
    *(ContractDoctorLine, OfferLine, AbsenceLine, SourceLine, PersonLine, MembershipLine),
    *(ResponsibilityLine, GuardianshipLine),
)
TYPES = tuple(line.EXAMPLE["type"] for line in LINES)
_line: TypeAdapter[Line] = TypeAdapter(
    Annotated[
        OfficeLine
        | OpeningHoursLine
        | OpeningExceptionLine
        | ClinicianLine
        | EmployeeLine
        | ContractLine
        | ContractDoctorLine
        | OfferLine
        | AbsenceLine
        | SourceLine
        | PersonLine
        | MembershipLine
        | ResponsibilityLine
        | GuardianshipLine,
        Field(discriminator="type"),
    ]
)


def parse(raw: bytes) -> Line:
    """One line of the file. Raises BadLine with every fault of it."""
    if len(raw) > LONGEST_LINE:
        raise BadLine(f"is longer than {LONGEST_LINE} bytes")
    try:
        return _line.validate_json(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise BadLine(
            "; ".join(dict.fromkeys(_words(fault["type"], fault["loc"], fault["msg"]) for fault in faults))
        ) from None


def _words(kind: str, place: tuple[int | str, ...], message: str) -> str:
    if kind == "json_invalid":
        return "is not JSON: one object a line is expected"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"type must be one of: {', '.join(TYPES)}"
    if kind in ("model_type", "model_attributes_type", "dict_type") and len(place) < 2:
        return "must be a JSON object"
    # The first part is the type. A field's name is only repeated when it can be a name, for it may be anything.
    field = ".".join(str(part) for part in place[1:] if re.fullmatch(r"[a-z_]{1,30}|\d{1,3}", str(part)))
    if kind == "extra_forbidden":
        return f"{field or 'a field'} is not a field of this type"
    if kind == "missing":
        return f"{field} is missing"
    return f"{field}: {_lower(message)}".removeprefix(": ")


def _lower(message: str) -> str:
    return message.replace("Input should", "should").replace("String should", "should")
