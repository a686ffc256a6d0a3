"""The demo's register file: its offices, the people who work there, their lists and the citizens on them.

Nothing here is real: organisation numbers are from the synthetic series, telephones and addresses are invented.
Source: docs/house.md#the-demos-people.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from legedialog.api.story import NAME, NUMBER, PHONE
from legedialog.demo.people import PEOPLE, DemoPerson
from legedialog.practices.rules import Service

FJORDBYEN, DALEN = "313000028", "313000036"  # organisation numbers
AAS, VIK, LUND = "10001", "10002", "10003"  # lists
SINCE = "2015-01-01"  # the doctors
JOINED = "2020-01-01"  # the citizens

OFFERS = {
    "Ingrid Aas": list(Service),
    "Jonas Vik": [Service.REQUEST, Service.RENEW, Service.CONTACT],
}
LISTS = {"Arne Testmo": LUND, "Hassan Testrud": VIK}  # the others are on Ingrid Aas's
ADDRESSES = {
    "Testdal": "Solbakken 4, 5599 Fjordbyen",
    "Testvik": "Strandgata 18, 5599 Fjordbyen",
    "Testmo": "Dalsvegen 210, 5598 Dalen",
    "Testberg": "Kirkegata 7B, 5599 Fjordbyen",
    "Testhaug": "Haugveien 31, 5599 Fjordbyen",
    "Testli": "Lia 12, 5599 Fjordbyen",
    "Testrud": "Torget 1, 5599 Fjordbyen",
}  # Lise Testnes and her children have a protected one, which the register does not tell
PARENTS = {
    "Kari Testdal": ["Ola Testdal", "Nora Testdal"],
    "Ida Testhaug": ["Emil Testhaug"],
    "Anders Testberg": ["Sara Testberg"],
    "Lise Testnes": ["Liv Testnes", "Jon Testnes"],
}


def lines(today: date) -> Iterator[dict[str, Any]]:
    """As in docs/registers.md. The same for the same day; the children's birth dates move with it."""
    staff = {person.name: person for person in PEOPLE if person.kind == "staff"}
    yield from _offices()
    yield {
        "type": "source",
        "organisation_number": NUMBER,
        "name": NAME,
        "phone": PHONE,
        "silent_after_minutes": 525_600,
    }
    yield from _work(staff)
    for name, services in OFFERS.items():
        for service in services:
            yield {
                "type": "offer",
                "office": FJORDBYEN,
                "hpr_number": staff[name].hpr,
                "service": service.value,
            }
    for at, person in enumerate(person for person in PEOPLE if person.kind == "citizen"):
        yield _citizen(person, at, today)
        contract = LISTS.get(person.name, AAS)
        yield {"type": "membership", "person": person.number, "contract": contract, "starts_date": JOINED}
    citizens = {person.name: person for person in PEOPLE if person.kind == "citizen"}
    for parent, children in PARENTS.items():
        for child in children:
            yield {
                "type": "responsibility",
                "parent": citizens[parent].number,
                "child": citizens[child].number,
                "starts_date": citizens[child].birth_date(today).isoformat(),
            }


def _offices() -> Iterator[dict[str, Any]]:
    yield {
        "type": "office",
        "organisation_number": FJORDBYEN,
        "name": "Fjordbyen legesenter",
        "her_id": 8990001,
        "street": "Storgata 12",
        "postal_code": "5599",
        "city": "Fjordbyen",
        "phone": "55 55 55 55",
        "email": "post@fjordbyen-legesenter.example",
        "website": "https://fjordbyen-legesenter.example",
        "directions": "Inngang fra gårdsrommet, andre etasje med heis. Bussen stopper på Torget.",
        "supported_services": [service.value for service in Service],
        "supports_representation": True,
    }
    yield {
        "type": "office",
        "organisation_number": DALEN,
        "name": "Dalen legekontor",
        "her_id": 8990002,
        "street": "Dalsvegen 2",
        "postal_code": "5598",
        "city": "Dalen",
        "phone": "55 55 55 66",
        "directions": "Parkering ved inngangen.",
        "supported_services": [],
    }
    week = ("monday", "tuesday", "wednesday", "thursday", "friday")
    yield {"type": "opening-hours", "office": FJORDBYEN, "week": {day: [["08:00", "15:30"]] for day in week}}
    shorter = {day: [["08:30", "11:30"], ["12:00", "15:00"]] for day in week if day != "wednesday"}
    yield {"type": "opening-hours", "office": DALEN, "week": shorter}


def _work(staff: dict[str, DemoPerson]) -> Iterator[dict[str, Any]]:
    for at, (name, office, role, contract) in enumerate(
        (
            ("Ingrid Aas", FJORDBYEN, "doctor", AAS),
            ("Jonas Vik", FJORDBYEN, "doctor", VIK),
            ("Leif Strand", FJORDBYEN, "substitute", ""),
            ("Mona Haug", FJORDBYEN, "secretary", ""),
            ("Siri Berge", FJORDBYEN, "manager", ""),
            ("Odd Lund", DALEN, "doctor", LUND),
        )
    ):
        person = staff[name]
        doctor = {"hpr_number": person.hpr} if person.hpr else {}
        if doctor:
            yield {
                "type": "clinician",
                "name": name,
                "her_id": 8990010 + at,
                "is_specialist": role == "doctor",
                **doctor,
            }
        yield {
            "type": "employee",
            "office": office,
            "national_number": person.number,
            "name": name,
            "role": role,
            "starts_date": SINCE,
            **doctor,
        }
        if contract:
            yield {"type": "contract", "number": contract, "office": office, "max_patients": 1200}
            yield {"type": "contract-doctor", "contract": contract, "starts_date": SINCE, **doctor}


def _citizen(person: DemoPerson, at: int, today: date) -> dict[str, Any]:
    is_protected = person.family_name == "Testnes"
    row = {
        "type": "person",
        "national_number": person.number,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "birth_date": person.birth_date(today).isoformat(),
        "address": "" if is_protected else ADDRESSES[person.family_name],
        "address_grading": "confidential" if is_protected else "open",
    }
    if person.name == "Hassan Testrud":
        row["language"] = "en"
    if not person.is_child:
        row["phone"] = f"555555{at + 10}"
        row["email"] = f"{person.key}@post.example"
        row["contact_confirmed_at"] = f"{today - timedelta(days=60)}T10:00:00Z"
    return row
