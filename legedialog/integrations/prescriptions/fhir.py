"""FHIR R4 MedicationRequest and MedicationDispense as lines. Pure functions.

Source: hl7.org/fhir/R4; HL7 Norway's no-basis-Medication and no-basis-prescriptiongroup (docs/facts.md#fhir) for ATC,
form, FEST and prescription group; docs/facts.md#fhir for the identifiers' systems.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from legedialog.core import fhir, reading
from legedialog.core.times import local_day
from legedialog.integrations.prescriptions.schema import AnyLine, BadLine, take

PERSON = ("urn:oid:2.16.578.1.12.4.1.4.1", "urn:oid:2.16.578.1.12.4.1.4.2")
HPR = "urn:oid:2.16.578.1.12.4.1.4.4"
ORGANISATION = "urn:oid:2.16.578.1.12.4.1.4.101"
ATC = ("http://www.whocc.no/atc", "urn:oid:2.16.578.1.12.4.1.1.7180")
FEST = "http://ehelse.no/fhir/CodeSystem/FEST"
FORM = "urn:oid:2.16.578.1.12.4.1.1.7448"
GROUP = "urn:oid:2.16.578.1.12.4.1.1.7421"
GROUP_EXTENSION = "http://hl7.no/fhir/StructureDefinition/no-basis-prescriptiongroup"
RESTRICTION = "urn:oid:2.16.578.1.12.4.1.1.9603"

TAKEN = {"MedicationRequest", "MedicationDispense"}
HELPERS = {"Medication", "Patient", "Practitioner", "PractitionerRole", "Organization", "Location"}
WITHDRAWN = {"stopped", "cancelled", "entered-in-error"}
GOING_ON = {"active", "completed"}
# Parts of a Dosage that say how much and when, or when not.
STRUCTURED = frozenset({"timing", "doseAndRate", "maxDosePerPeriod", "maxDosePerAdministration", "maxDosePerLifetime"})
UNITS = {"d": "døgn", "h": "time", "wk": "uke"}  # of the codes for time, as people read them
DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "mo": 30, "a": 365}

Resource = Mapping[str, Any]


class Bundle:
    """Resources by what they are called, so that references are found."""

    def __init__(self, resources: list[tuple[str, Resource]]) -> None:
        self._by_name: dict[str, Resource] = {}
        for url, resource in resources:
            name = f"{resource.get('resourceType')}/{resource.get('id')}"
            self._by_name[name] = resource
            if url:
                self._by_name[url] = resource
        self._dispenses = [each for _, each in resources if each.get("resourceType") == "MedicationDispense"]

    def find(self, reference: Any, within: Resource) -> Resource:
        """What a Reference points at, or an empty resource."""
        text = reference.get("reference", "") if isinstance(reference, dict) else ""
        if text.startswith("#"):
            contained = (each for each in _list(within, "contained") if each.get("id") == text[1:])
            return next(contained, {})
        return self._by_name.get(text) or self._by_name.get("/".join(text.rsplit("/", 2)[-2:]), {})

    def line(self, resource: Resource) -> AnyLine | None:
        """None for what only helps others. Raises BadLine."""
        kind = str(resource.get("resourceType"))
        if kind in HELPERS:
            return None
        if kind not in TAKEN:
            raise BadLine("resource-not-taken", "must be a MedicationRequest or a MedicationDispense")
        try:
            fields = self._request(resource) if kind == "MedicationRequest" else self._dispense(resource)
        except BadLine:
            raise
        except (AttributeError, TypeError, KeyError, IndexError, ValueError, ArithmeticError, RecursionError):
            raise BadLine("not-fhir", "is not shaped as FHIR R4 says") from None
        return take({name: value for name, value in fields.items() if value not in (None, "")})

    def _request(self, resource: Resource) -> dict[str, Any]:
        status = resource.get("status")
        if status not in WITHDRAWN | GOING_ON:
            raise BadLine(
                "status-not-taken", "status must be active, completed, stopped, cancelled or entered-in-error"
            )
        if resource.get("intent") != "order":
            raise BadLine("intent-not-taken", "intent must be order")
        if resource.get("doNotPerform"):
            raise BadLine("do-not-perform", "says what must not be given; only prescriptions are taken")
        medication = self.find(resource.get("medicationReference"), resource)
        check_modifiers(resource, medication)
        if medication.get("status", "active") != "active":
            raise BadLine("medication-not-active", "its medication is inactive or entered in error")
        code = resource.get("medicationCodeableConcept") or medication.get("code") or {}
        dispense = resource.get("dispenseRequest") or {}
        prescriber = self.find(resource.get("requester"), resource)
        atc = _coding(code, ATC[0]) or _coding(code, ATC[1])
        fest = _coding(code, FEST)
        form = medication.get("form") or {}
        validity = dispense.get("validityPeriod") or {}
        written, begins = _day(resource.get("authoredOn")), _day(validity.get("start"))
        if written and begins and begins > written:
            raise BadLine("begins-later", "is not valid from the day it was written, which cannot be shown")
        quantity = dispense.get("quantity") or {}
        return {
            "type": "prescription",
            "identifier": own(resource),
            "patient": self._person(resource.get("subject"), resource),
            "written_date": written,
            "valid_until_date": _day(validity.get("end")),
            "name": code.get("text") or fest.get("display") or atc.get("display"),
            "substance": atc.get("display"),
            "atc": atc.get("code"),
            "strength": _strength(medication),
            "form": _coding(medication.get("form") or {}, FORM).get("display")
            or (medication.get("form") or {}).get("text"),
            "form_code": _coding(form, FORM).get("code"),
            "pack": _quantity(quantity),
            "use": "; ".join(_use(each) for each in _list(resource, "dosageInstruction")),
            "group": _group(medication),
            "dispensings": self._given_out(resource)
            if status == "completed"
            else _whole(dispense.get("numberOfRepeatsAllowed", 0)) + 1,
            "supply_days": _days(dispense.get("expectedSupplyDuration")),
            "prescriber_name": _name(prescriber) or (resource.get("requester") or {}).get("display"),
            "prescriber_hpr": _identifier(prescriber, HPR) or _logical(resource.get("requester"), HPR),
            "office": _logical(resource.get("recorder"), ORGANISATION),
            "is_withdrawn": status in WITHDRAWN,
            "restriction": _restriction(resource),
        }

    def _given_out(self, request: Resource) -> int:
        """How often it is collected, where nothing is left to collect: with fewer told it would look open. BadLine."""
        told = self._dispenses
        found = [each for each in told if self.find(_first(each, "authorizingPrescription"), each) is request]
        if not found:
            raise BadLine("completed-not-dispensed", "is completed, and none of its MedicationDispense comes with it")
        return len(found)

    def _dispense(self, resource: Resource) -> dict[str, Any]:
        if resource.get("status") != "completed":
            raise BadLine("status-not-taken", "status must be completed")
        check_modifiers(resource)
        authorized = _first(resource, "authorizingPrescription")
        request = self.find(authorized, resource)
        logical = (authorized.get("identifier") or {}).get("value")
        pharmacy = _first(resource, "performer").get("actor") or {}
        return {
            "type": "dispensing",
            "identifier": own(resource),
            "prescription": (own(request) if request else None) or logical,
            "dispensed_date": _day(resource.get("whenHandedOver")),
            "pharmacy": pharmacy.get("display") or (resource.get("location") or {}).get("display"),
        }

    def _person(self, reference: Any, within: Resource) -> str | None:
        person = self.find(reference, within)
        for system in PERSON:
            if number := _identifier(person, system) or _logical(reference, system):
                return number
        return None


def resources(document: Any) -> Iterator[tuple[str, Resource]]:
    """(full URL, resource) of a Bundle's entries, or the resource itself."""
    if isinstance(document, dict) and document.get("resourceType") == "Bundle":
        for entry in document.get("entry") or []:
            entry = entry if isinstance(entry, dict) else {}
            resource = entry.get("resource")
            yield str(entry.get("fullUrl", "")), resource if isinstance(resource, dict) else {}
    else:
        yield "", document if isinstance(document, dict) else {}


def _list(resource: Any, name: str) -> list[Any]:
    found = resource.get(name) or []
    return found if isinstance(found, list) else []


def _first(resource: Any, name: str) -> dict[str, Any]:
    found = _list(resource, name)
    return found[0] if found else {}


def check_modifiers(*resources: Resource) -> None:
    """What changes the meaning of the rest must be understood, or nothing is. Raises BadLine. Source: FHIR R4 2.5.5."""
    for name in sorted(fhir.unknown_modifiers(list(resources))):
        raise BadLine("modifier-not-known", f"{name} may change what it means, and is not known here")


def own(resource: Resource) -> str | None:
    own = (each.get("value") for each in _list(resource, "identifier") if isinstance(each, dict))
    return next((value for value in own if isinstance(value, str) and value), resource.get("id"))


def _identifier(resource: Resource, system: str) -> str | None:
    return next((each.get("value") for each in _list(resource, "identifier") if each.get("system") == system), None)


def _logical(reference: Any, system: str) -> str | None:
    identifier = (reference or {}).get("identifier") or {}
    return identifier.get("value") if identifier.get("system") == system else None


def _coding(concept: Any, system: str) -> Mapping[str, Any]:
    return next((each for each in _list(concept, "coding") if each.get("system") == system), {})


def _name(person: Resource) -> str:
    name = _first(person, "name")
    return name.get("text") or " ".join([*(name.get("given") or []), name.get("family") or ""]).strip()


def _group(medication: Resource) -> str | None:
    for extension in _list(medication, "extension"):
        if extension.get("url") == GROUP_EXTENSION:
            for part in _list(extension, "extension"):
                if part.get("url") == "prescriptiongroup":
                    code = _coding(part.get("valueCodeableConcept") or {}, GROUP).get("code")
                    return str(code) if code else None
    return None


def _restriction(resource: Resource) -> str | None:
    for label in _list(resource.get("meta") or {}, "security"):
        if label.get("system") == RESTRICTION:
            return str(label.get("code"))
    return None


def _strength(medication: Resource) -> str:
    """Of each of its ingredients: "500 mg + 30 mg", "100 mg/5 ml"."""
    found = (each.get("strength") or {} for each in _list(medication, "ingredient"))
    return " + ".join(filter(None, (_ratio(each, "/") for each in found)))


def _use(dosage: Resource) -> str:
    """All that it says in words. Raises BadLine when it says more than that: half of it would be another dosage."""
    more = (_words(each) for each in _list(dosage, "additionalInstruction"))
    words = ". ".join(filter(None, (dosage.get("text"), *more, dosage.get("patientInstruction"))))
    if not dosage.get("text") and set(dosage) & STRUCTURED:
        raise BadLine("dosage-not-in-words", "its dosage has no text, and only words are shown")
    most = (
        _ratio(dosage.get("maxDosePerPeriod") or {}, " på "),
        _quantity(dosage.get("maxDosePerAdministration") or {}),
    )
    limits = ", ".join(filter(None, (most[0], f"{most[1]} om gangen" if most[1] else "")))
    return ". ".join(filter(None, (words, f"Høyst {limits}" if limits else "")))


def _words(concept: Resource) -> str:
    return concept.get("text") or next(
        (each["display"] for each in _list(concept, "coding") if each.get("display")), ""
    )


def _ratio(ratio: Resource, between: str) -> str:
    above, below = (_quantity(ratio.get(part) or {}) for part in ("numerator", "denominator"))
    return f"{above}{between}{below.removeprefix('1 ')}" if above and below not in ("", "1") else above


def _quantity(quantity: Mapping[str, Any]) -> str:
    value = quantity.get("value")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**9:
        raise ValueError("not a quantity")
    number = format(Decimal(str(value)).normalize(), "f").replace(".", ",")
    unit = UNITS.get(quantity.get("unit") or quantity.get("code") or "", quantity.get("unit") or "")
    return f"{number} {unit}".strip()


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not a whole number")
    return value


def _days(duration: Any) -> int | None:
    if not duration or duration.get("value") is None:
        return None
    unit = DAYS.get(duration.get("code") or duration.get("unit") or "")
    return int(duration["value"] * unit) if unit and not isinstance(duration["value"], bool) else None


def _day(text: Any) -> str | None:
    """The clinic's day of a dateTime; what is only a year or a month is not enough."""
    if not isinstance(text, str):
        return None
    at = reading.moment(text)
    return local_day(at).isoformat() if at else text[:10]
