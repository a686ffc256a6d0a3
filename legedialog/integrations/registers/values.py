"""The kinds of values that stand in the files of registers and of prescriptions, each with why it is refused."""

import re
from datetime import date, datetime, time
from typing import Annotated

from django.conf import settings
from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    PlainValidator,
)
from pydantic_core import PydanticCustomError

from legedialog.core import reading
from legedialog.core.identifiers import (
    BadIdentifier,
    parse_hpr_number,
    parse_national_number,
    parse_organisation_number,
)
from legedialog.patients.rules import clean_email, clean_phone

LONGEST_LINE = 65_536  # bytes


def wrong(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, message)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise wrong("not-printable", "must be one line of text without control characters")
    return text


NUMBER_FAULTS = {
    "not-digits": "must be digits only",
    "wrong-length": "has the wrong number of digits",
    "wrong-first-digit": "begins with a digit that such numbers do not have",
    "wrong-date": "begins with a day that does not exist",
    "wrong-control-digits": "has wrong control digits",
    "synthetic-in-production": "is synthetic, and this is production",
    "real-outside-production": "is not synthetic, and only production may hold real persons",
    "help-number-not-accepted": "is a help number; a national number or D-number is expected",
}


def _fault(error: BadIdentifier) -> PydanticCustomError:
    return wrong(error.code, NUMBER_FAULTS.get(error.code, "is not such a number"))


def _national_number(text: str) -> str:
    try:
        return parse_national_number(text, synthetic=settings.SYNTHETIC_PERSONS).reveal()
    except BadIdentifier as error:
        raise _fault(error) from None


def _organisation_number(text: str) -> str:
    try:
        return parse_organisation_number(text, synthetic=settings.SYNTHETIC_PERSONS)
    except BadIdentifier as error:
        raise _fault(error) from None


def _hpr_number(text: str) -> str:
    try:
        return parse_hpr_number(text)
    except BadIdentifier as error:
        raise _fault(error) from None


def a_phone(text: str) -> str:
    try:
        return clean_phone(text)
    except ValueError:
        raise wrong("not-a-phone", "must be a telephone number: 8 digits, or + and the country code") from None


def _within_reach(day: date) -> date:
    if reading.within(day) is None:
        raise wrong("out-of-reach", f"must be a day from {reading.FIRST} to {reading.LAST}")
    return day


def _moment_within_reach(at: datetime) -> datetime:
    _within_reach(at.date())
    return at


def _clock(value: object) -> time:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise wrong("not-a-clock", 'must be a clock time such as "08:00"')
    return time.fromisoformat(value)


def an_email(text: str) -> str:
    try:
        return clean_email(text)
    except ValueError:
        raise wrong("not-an-email", "must be an e-mail address") from None


def a_website(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s]+", text):
        raise wrong("not-an-address", "must begin with https:// or http://")
    return text


Printable = AfterValidator(_printable)
Day = Annotated[date, AfterValidator(_within_reach)]
Moment = Annotated[AwareDatetime, AfterValidator(_moment_within_reach)]
NationalNumber = Annotated[
    str, AfterValidator(_national_number), Field(description="national number or D-number, 11 digits")
]
OrganisationNumber = Annotated[
    str, AfterValidator(_organisation_number), Field(description="organisation number, 9 digits")
]
Office = Annotated[
    str, AfterValidator(_organisation_number), Field(description="the office's organisation number: must be known")
]
HprNumber = Annotated[str, AfterValidator(_hpr_number), Field(description="HPR number")]
Doctor = Annotated[str, AfterValidator(_hpr_number), Field(description="a clinician's HPR number: must be known")]
ContractNumber = Annotated[
    str, Printable, Field(min_length=1, max_length=20, description="the list's number in the GP register")
]
HerId = Annotated[int, Field(ge=1, le=999_999_999, description="HER-id, different from all others")]
Name = Annotated[str, Printable, Field(min_length=1, max_length=200)]
Text200 = Annotated[str, Printable, Field(max_length=200)]
Phone = Annotated[str, Printable, Field(max_length=20, description="as the office writes it")]
Clock = Annotated[time, PlainValidator(_clock)]
Start = Annotated[Day, Field(description="the first day")]
Confirmed = Annotated[
    Moment | None,
    Field(description="when the register said so, with its zone; left out: when the file is loaded"),
]
End = Annotated[Day | None, Field(description="the first day that no longer counts; left out: until the next begins")]
