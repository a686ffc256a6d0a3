"""What the registers tell of a person, in our own values.

integrations/registers/people.py asks them, the real ones and the demo's, which behave alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, repr=False)
class Registered:
    """The population register's answer. `number` is hers now; another than the one asked for when it has changed.

    The others are national numbers of those with parental responsibility for her, of her children, and of guardians
    for her personal affairs, each with the day it began where that is told.
    """

    number: str
    former: frozenset[str]  # numbers of hers that are out of use
    given_name: str
    family_name: str
    birth_date: date
    death_date: date | None
    address: str
    grading: str  # patients.models.Grading
    parents: Mapping[str, date | None]
    children: Mapping[str, date | None]
    guardians: Mapping[str, date | None]


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """The contact register's answer. The times are when she last said that it is right."""

    is_reserved: bool
    phone: str = ""
    phone_confirmed_at: datetime | None = None
    email: str = ""
    email_confirmed_at: datetime | None = None
