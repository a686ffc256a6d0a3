"""Norwegian identity numbers of people, personnel and organisations: which kind it is and whether it can be right.

A number says what kind it is and nothing more. Sex and century are never derived: from 2032 they cannot be, and the
birth date comes from the register. Nothing here reads a setting, a clock or a table.

Sources: control digits and the change of 1 January 2032 from Skatteetaten (Folkeregisteret); H- and FH-numbers from
HIS 1001:2010, as Folkehelseinstituttet's open code reads it; the synthetic series from Skatteetaten (Tenor), Norsk
helsenett and NAV.

The month tells the series: 01-12 real, 41-52 H-number *or* NAV's synthetic, 66-77 Norsk helsenett's synthetic,
81-92 Tenor's. The month 41-52 means two things, so the environment decides: outside production it is NAV's synthetic
series; in production it is an H-number, which is refused unless the caller accepts help numbers. NAV's series is
therefore let in to production only where a caller has said that it takes help numbers (with their assigner).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.core import reading


class Kind(StrEnum):
    BIRTH_NUMBER = "birth-number"  # fødselsnummer
    D_NUMBER = "d-number"  # first digit + 4
    H_NUMBER = "h-number"  # one organisation's own help number; means nothing without its assigner
    FH_NUMBER = "fh-number"  # common help number; first digit 8 or 9, no date inside
    DUF_NUMBER = "duf-number"  # immigration


@dataclass(frozen=True, slots=True, repr=False)
class NationalNumber:
    """A checked number that hides itself: `str` shows the first six digits only, `repr` (logs, tracebacks) none.

    Made by `parse_national_number` and `parse_duf_number`. Equal when digits and kind are equal.
    """

    _digits: str
    kind: Kind

    def reveal(self) -> str:
        """All the digits, without spaces: for encryption, the blind index and messages to a counterpart."""
        return self._digits

    def __str__(self) -> str:
        return self._digits[:6] + "*" * len(self._digits[6:])

    def __repr__(self) -> str:
        return f"<NationalNumber {self.kind}>"


class BadIdentifier(ValueError):
    """Not a number we take. `code` is stable, `message` is for the person at the screen; neither holds the number.

    Codes: not-digits, wrong-length, wrong-first-digit, wrong-date, wrong-control-digits, synthetic-in-production,
    real-outside-production, help-number-not-accepted.
    """

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.code


# The control digit itself has weight 1: a whole number gives remainder 0 (or, for K1 from 2032, 1, 2 or 3).
K1_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
K2_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2, 1)
DUF_WEIGHTS = (4, 6, 3, 2, 4, 6, 3, 2, 7, 5)

NAV, NHN, TENOR = 40, 65, 80  # added to the month
DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # the century is unknown, so 29 February may be

# What people write between digits for the eye: spaces of any width, a full stop, a hyphen or dash. Never before them.
_BETWEEN = re.compile(r"(?<=\d)(?:\s+|\s*[.\-\u2010-\u2014\u2212]\s*)(?=\d)")

WRONG_NATIONAL_NUMBER = _("Fødselsnummeret eller D-nummeret er ikke riktig. Se etter om du har skrevet feil.")


def parse_national_number(text: str, *, synthetic: bool, help_numbers: bool = False) -> NationalNumber:
    """The number in `text` (spaces and hyphens between digits allowed), or BadIdentifier.

    synthetic: True outside production, where only synthetic series are taken; False in production, where none is.
    help_numbers: also take H- and FH-numbers. FH-numbers look the same in every environment, so they are taken in both.
    """
    digits = _digits(text, 11, 11, _("Skriv fødselsnummeret eller D-nummeret med 11 sifre."))
    kind, shift = _kind_and_shift(digits, synthetic)

    # Only newly issued birth and D-numbers get the wider first control digit in 2032.
    remainders = range(4) if kind in {Kind.BIRTH_NUMBER, Kind.D_NUMBER} else range(1)
    if _remainder(K1_WEIGHTS, digits[:10]) not in remainders or _remainder(K2_WEIGHTS, digits) != 0:
        raise BadIdentifier("wrong-control-digits", WRONG_NATIONAL_NUMBER)

    if kind in {Kind.H_NUMBER, Kind.FH_NUMBER}:
        if not help_numbers:
            raise BadIdentifier(
                "help-number-not-accepted", _("Hjelpenummer kan ikke brukes her. Bruk fødselsnummer eller D-nummer.")
            )
    elif shift and not synthetic:
        raise BadIdentifier("synthetic-in-production", _("Dette er et testnummer. Det kan ikke brukes her."))
    elif synthetic and not shift:
        raise BadIdentifier(
            "real-outside-production", _("Dette er et testmiljø. Bruk et syntetisk nummer, aldri et ekte.")
        )
    return NationalNumber(digits, kind)


def parse_duf_number(text: str) -> NationalNumber:
    """A DUF number: 12 digits, the year first. It has no synthetic series, so it is the same in every environment.

    The two last are the weighted sum of the ten first modulo 11. The directorate does not publish the rule; this one
    is Folkehelseinstituttet's in its open code, which calls a no certain and a yes likely.
    """
    digits = _digits(text, 12, 12, _("Skriv DUF-nummeret med 12 sifre."))
    if _remainder(DUF_WEIGHTS, digits[:10]) != int(digits[10:]):
        raise BadIdentifier("wrong-control-digits", _("DUF-nummeret er ikke riktig. Se etter om du har skrevet feil."))
    return NationalNumber(digits, Kind.DUF_NUMBER)


def parse_hpr_number(text: str) -> str:
    """A health personnel number without its padding: one to nine digits, no control digit, no synthetic series."""
    digits = "".join(reading.typed(text).split()).lstrip("0")  # no control digit: nothing but spaces is looked past
    return _checked(digits, 1, 9, _("Skriv HPR-nummeret med høyst 9 sifre."))


def parse_organisation_number(text: str, *, synthetic: bool = False) -> str:
    """Nine digits, the first 8 or 9. With `synthetic` also 2 or 3, as in Brønnøysundregistrene's published test data.

    A real organisation is no secret and stands in the test environments too, so it is taken everywhere.
    """
    digits = _digits(text, 9, 9, _("Skriv organisasjonsnummeret med 9 sifre."))
    wrong = _("Organisasjonsnummeret er ikke riktig. Se etter om du har skrevet feil.")
    if digits[0] not in ("2389" if synthetic else "89"):
        raise BadIdentifier("wrong-first-digit", wrong)
    if _remainder(ORGANISATION_WEIGHTS, digits) != 0:
        raise BadIdentifier("wrong-control-digits", wrong)
    return digits


def synthetic_number(birth_date: date, serial: int) -> str:
    """The usable Tenor-style birth number (month + 80) at place `serial`, from 0, among those of `birth_date`.

    The three individual digits are counted up from the start of the century's series (1854-1899: 500-749, 1900-1999:
    000-499, 2000-2039: 500-999); those that would need a control digit of 10 are skipped, so two serials never give
    the same number. ValueError for another year, or when the date has no more numbers.
    """
    date_digits = f"{birth_date.day:02}{birth_date.month + TENOR}{birth_date.year % 100:02}"
    usable = _usable(f"{date_digits}{individual:03}" for individual in _individual_numbers(birth_date.year))
    number = next(islice(usable, serial, None), None)
    if number is None:
        raise ValueError(f"no synthetic number {serial} on that date")
    return number


def _kind_and_shift(digits: str, synthetic: bool) -> tuple[Kind, int]:
    """The kind, and what is added to the month. BadIdentifier where no day and month can be read."""
    if digits[0] in "89":
        return Kind.FH_NUMBER, 0
    day, month = int(digits[:2]), int(digits[2:4])
    shift = next((shift for shift in (TENOR, NHN, NAV) if month > shift), 0)
    is_d_number = day > 40
    month -= shift
    day -= 40 if is_d_number else 0
    if not (1 <= month <= 12 and 1 <= day <= DAYS_IN_MONTH[month - 1]):
        raise BadIdentifier("wrong-date", WRONG_NATIONAL_NUMBER)
    if is_d_number:
        return Kind.D_NUMBER, shift
    if shift == NAV and not synthetic:
        return Kind.H_NUMBER, shift
    return Kind.BIRTH_NUMBER, shift


def _individual_numbers(year: int) -> range:
    if 1854 <= year <= 1899:
        return range(500, 750)
    if 1900 <= year <= 1999:
        return range(500)
    if 2000 <= year <= 2039:
        return range(500, 1000)
    raise ValueError("synthetic numbers are for people born 1854-2039")


def _usable(nines: Iterable[str]) -> Iterable[str]:
    """Those of the nine-digit beginnings that have control digits by the classic rule, with them."""
    for nine in nines:
        k1 = -_remainder(K1_WEIGHTS[:9], nine) % 11
        k2 = -_remainder(K2_WEIGHTS[:10], f"{nine}{k1 % 10}") % 11
        if k1 < 10 and k2 < 10:
            yield f"{nine}{k1}{k2}"


def _digits(text: str, shortest: int, longest: int, message: str | Promise) -> str:
    return _checked(_BETWEEN.sub("", reading.typed(text)), shortest, longest, message)


def _checked(digits: str, shortest: int, longest: int, message: str | Promise) -> str:
    if not (digits.isascii() and digits.isdigit()):
        raise BadIdentifier("not-digits", message)
    if not shortest <= len(digits) <= longest:
        raise BadIdentifier("wrong-length", message)
    return digits


def _remainder(weights: Sequence[int], digits: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11
