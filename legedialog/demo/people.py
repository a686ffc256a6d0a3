"""The people of the demo: who may log in at the demo's identity provider, and who the demo population is made of.

All are invented. Their identity numbers are synthetic (Tenor style, month + 80) and always the same, so that a login
finds the person whenever the database was populated. The birth dates of the children move with the day of population,
because the demo is about their age: Sara has turned 16 a month ago on whatever day it is. On REFERENCE they agree with
the numbers; on other days they need not, and nothing may care: a birth date comes from the register, never from digits.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.core.identifiers import synthetic_number

REFERENCE = date(2026, 11, 23)  # the ages in `about` are right on this day


@dataclass(frozen=True, slots=True)
class DemoPerson:
    key: str  # "kari-testdal": her name at the demo's login, in place of her number
    given_name: str
    family_name: str
    number: str = field(repr=False)
    kind: Literal["citizen", "staff", "operator"]
    about: str | Promise  # for the login page and the terminal
    reference_birth_date: date = field(repr=False)
    hpr: str = ""
    is_child: bool = False

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def birth_date(self, today: date) -> date:
        """As it must stand in a register that is populated on `today`."""
        return self.reference_birth_date + (today - REFERENCE) if self.is_child else self.reference_birth_date


def _person(
    name: str,
    born: str,
    kind: Literal["citizen", "staff", "operator"],
    about: str | Promise,
    hpr: str = "",
    is_child: bool = False,
) -> DemoPerson:
    given_name, family_name = name.split(" ")
    born_date = date(*(int(part) for part in born.split("-")))
    return DemoPerson(
        key=name.lower().replace(" ", "-").replace("ø", "o"),
        given_name=given_name,
        family_name=family_name,
        number=synthetic_number(born_date, 0),
        kind=kind,
        about=about,
        reference_birth_date=born_date,
        hpr=hpr,
        is_child=is_child,
    )


# Source: docs/house.md#the-demos-people. Every birth date stands once, so that serial 0 makes every number unique.
PEOPLE = [
    _person("Kari Testdal", "1984-05-14", "citizen", _("42 år, full tilgang, på listen til Ingrid Aas, to barn")),
    _person("Ola Testdal", "2018-03-09", "citizen", _("8 år, barn av Kari"), is_child=True),
    _person("Nora Testdal", "2012-06-21", "citizen", _("14 år, barn av Kari"), is_child=True),
    _person("Per Testvik", "1971-02-03", "citizen", _("55 år, har bare basistilgang")),
    _person("Arne Testmo", "1955-08-17", "citizen", _("71 år, fastlegen tilbyr ingen digitale tjenester")),
    _person("Sara Testberg", "2010-10-12", "citizen", _("16 år siden forrige måned"), is_child=True),
    _person("Emil Testhaug", "2012-01-30", "citizen", _("14 år, ungdomstilgang gitt av en forelder"), is_child=True),
    _person("Lise Testnes", "1988-04-25", "citizen", _("38 år, adressesperre, to barn")),
    _person("Grethe Testli", "1946-07-02", "citizen", _("80 år, har gitt sønnen Tor fullmakt")),
    _person("Tor Testli", "1976-09-11", "citizen", _("50 år, har fullmakt fra moren Grethe")),
    _person("Hassan Testrud", "1993-11-05", "citizen", _("33 år, bruker engelsk, på listen til Jonas Vik")),
    _person("Ida Testhaug", "1982-12-06", "citizen", _("43 år, mor til Emil")),
    _person("Anders Testberg", "1981-07-23", "citizen", _("45 år, far til Sara")),
    _person("Liv Testnes", "2016-05-30", "citizen", _("10 år, barn av Lise, adressesperre"), is_child=True),
    _person("Jon Testnes", "2013-02-11", "citizen", _("13 år, barn av Lise, adressesperre"), is_child=True),
    _person("Ingrid Aas", "1979-01-19", "staff", _("fastlege ved Fjordbyen legesenter"), "9000001"),
    _person("Jonas Vik", "1986-06-27", "staff", _("fastlege ved Fjordbyen legesenter"), "9000002"),
    _person("Mona Haug", "1991-03-08", "staff", _("helsesekretær ved Fjordbyen legesenter")),
    _person("Siri Berge", "1972-12-01", "staff", _("daglig leder ved Fjordbyen legesenter")),
    _person("Leif Strand", "1965-10-30", "staff", _("vikarlege ved Fjordbyen legesenter"), "9000003"),
    _person("Odd Lund", "1960-04-04", "staff", _("fastlege ved Dalen legekontor"), "9000004"),
    _person("Drift Operatør", "1990-02-15", "operator", _("drifter plattformen, ser aldri pasienter")),
]
