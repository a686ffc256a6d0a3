"""What the population register (Folkeregisteret) answers, as our own values. Pure functions from JSON.

Source: Skatteetaten's description of the look-up service, rights package "offentlig med hjemmel", version 1.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from legedialog.core import reading
from legedialog.core.times import local_day
from legedialog.integrations.registers.mapping import RegisterError
from legedialog.patients.models import Grading
from legedialog.patients.registers import Registered

PARTS = ("person-basis", "relasjon-utvidet")
GRADINGS = {
    "ugradert": Grading.OPEN,
    "klientadresse": Grading.OPEN,
    "fortrolig": Grading.CONFIDENTIAL,
    "strengtFortrolig": Grading.STRICTLY_CONFIDENTIAL,
}
PERSONAL = ("personligeInteresser", "personligeOgOekonomiskeInteresser")  # of what a guardian is there for
FUTURE_POWER = "stadfestetFremtidsfullmakt"  # is no guardianship


def registered(answer: object) -> dict[str, Registered]:
    """Of a look-up of many, by the number asked for. Raises RegisterError.

    Who is not there is left out, and so is one whose document cannot be read: she keeps no other from being confirmed.
    """
    try:
        rows = {str(row["foedselsEllerDNummer"]): row.get("folkeregisterperson") for row in answer["oppslag"]}  # type: ignore[index]
    except (KeyError, TypeError, AttributeError) as error:
        raise RegisterError("unreadable") from error
    found = {}
    for number, row in rows.items():
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            found[number] = person(row)
    return found


def person(row: Mapping[str, Any]) -> Registered:
    """One person's document. Raises KeyError, TypeError or ValueError for what is no such thing."""
    numbers = {str(one["foedselsEllerDNummer"]): one for one in row["identifikasjonsnummer"]}
    (current,) = [number for number, one in numbers.items() if one.get("erGjeldende") and one.get("status") == "iBruk"]
    name, birth, death = _now(row, "navn"), _now(row, "foedsel"), _now(row, "doedsfall")
    grading = _grading(row)
    return Registered(
        number=current,
        former=frozenset(numbers.keys() - {current}),
        given_name=" ".join(filter(None, (name.get("fornavn"), name.get("mellomnavn")))),
        family_name=str(name["etternavn"]),
        birth_date=reading.told(reading.day(birth["foedselsdato"])),
        death_date=reading.told(reading.day(death["doedsdato"])) if death else None,
        address="" if grading != Grading.OPEN else _address(_now(row, "bostedsadresse")),
        grading=grading.value,
        parents=_others(row, "foreldreansvar", "ansvarlig"),
        children=_others(row, "foreldreansvar", "ansvarssubjekt"),
        guardians={
            str(one["verge"]["foedselsEllerDNummer"]): _since(one)
            for one in _all_now(row, "vergemaalEllerFremtidsfullmakt")
            if one.get("vergemaaltype") != FUTURE_POWER and _is_personal(one.get("verge") or {})
        },
    )


def _all_now(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [one for one in row.get(name) or () if one.get("erGjeldende", True) and not one.get("opphoerstidspunkt")]


def _now(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What holds now of a list that also has what held before; {} for nothing."""
    return next(iter(_all_now(row, name)), {})


def _others(row: Mapping[str, Any], name: str, who: str) -> dict[str, date | None]:
    return {str(one[who]): _since(one) for one in _all_now(row, name) if one.get(who)}


def _since(one: Mapping[str, Any]) -> date | None:
    text = one.get("gyldighetstidspunkt")
    return local_day(reading.told(reading.moment(text))) if text else None


def _is_personal(guardian: Mapping[str, Any]) -> bool:
    return bool(guardian.get("foedselsEllerDNummer")) and (
        guardian.get("omfangetErInnenPersonligOmraade") is True or guardian.get("omfang") in PERSONAL
    )


def _grading(row: Mapping[str, Any]) -> Grading:
    """The strictest that is told, of the person or of her address; a word that we do not know protects."""
    told = [one.get("graderingsnivaa") for one in _all_now(row, "adressebeskyttelse")]
    told += [one.get("adressegradering") for one in _all_now(row, "bostedsadresse")]
    lower = {word.casefold(): grading for word, grading in GRADINGS.items()}
    found = [lower.get(str(word).casefold(), Grading.CONFIDENTIAL) for word in told if word]
    return max(found, key=list(Grading).index, default=Grading.OPEN)


def _address(row: Mapping[str, Any]) -> str:
    """One line, the same for those who live together: the street or the farm, the flat, and the place."""
    street, farm = row.get("vegadresse"), row.get("matrikkeladresse")
    found = street or farm or {}
    if street:
        number = street.get("adressenummer") or {}
        first = " ".join(
            filter(None, (street.get("adressenavn"), _join(number.get("husnummer"), number.get("husbokstav"))))
        )
    elif farm:
        parts = farm.get("matrikkelnummer") or {}
        kept = ("kommunenummer", "gaardsnummer", "bruksnummer", "festenummer")
        first = "/".join(str(parts[name]) for name in kept if name in parts)
    else:
        return ""
    place = found.get("poststed") or {}
    unit = found.get("bruksenhetsnummer") or ""
    last = " ".join(filter(None, (place.get("postnummer"), place.get("poststedsnavn"))))
    return ", ".join(filter(None, (" ".join(filter(None, (first, unit))), last)))


def _join(number: object, letter: object) -> str:
    return f"{number or ''}{letter or ''}"
