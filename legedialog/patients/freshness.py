"""How old a fact from a register may be before it is asked about again, and before nothing is built on it any longer.

No database, no clock. Why these limits: docs/adr/0050-facts-that-grow-old.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Fact(StrEnum):
    PERSON = "person"  # that she lives, her name, her address and whether it is protected
    PARENTHOOD = "parenthood"
    GUARDIANSHIP = "guardianship"
    RESERVATION = "reservation"  # against digital contact
    LIST = "list"  # whose GP list she is on


@dataclass(frozen=True, slots=True)
class Limit:
    """`asked_after`: then the register is asked before the fact is used. `lasts`: then it is not used."""

    asked_after: timedelta
    lasts: timedelta
    source: str


# Whoever keeps a copy of the contact register must renew it at least once a day. Source: docs.digdir.no, "Lokal kopi".
# The population register's facts open another person's record, so they are asked for as often.
DAILY = Limit(timedelta(days=1), timedelta(days=7), 'docs.digdir.no, KRR, "Lokal kopi"; ADR 0050')
# A change of list takes effect on the first of a month (helsenorge.no, "Bytte fastlege"): at most one is unseen.
MONTHLY = Limit(timedelta(days=7), timedelta(days=35), 'helsenorge.no, "Bytte fastlege"; ADR 0050')

LIMITS: Mapping[Fact, Limit] = {
    Fact.PERSON: DAILY,
    Fact.PARENTHOOD: DAILY,
    Fact.GUARDIANSHIP: DAILY,
    Fact.RESERVATION: DAILY,
    Fact.LIST: MONTHLY,
}


def must_be_asked(fact: Fact, confirmed_at: datetime, now: datetime) -> bool:
    """Before it is used."""
    return now - confirmed_at >= LIMITS[fact].asked_after


def is_too_old(fact: Fact, confirmed_at: datetime, now: datetime) -> bool:
    return now - confirmed_at >= LIMITS[fact].lasts


def ask_before(fact: Fact, now: datetime) -> datetime:
    """What was confirmed at that time or earlier is asked about."""
    return now - LIMITS[fact].asked_after


def too_old_at(fact: Fact, now: datetime) -> datetime:
    """What was confirmed at that time or earlier is too old."""
    return now - LIMITS[fact].lasts
