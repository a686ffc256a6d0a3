"""Rows and single answers say the same of every piece, for everybody."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from legedialog.access.actor import ANONYMOUS, Actor, Kind, Role, system
from legedialog.appointments.tests.factories import NOW, Office, citizen, office
from legedialog.core.ids import new_id
from legedialog.journal.models import Entry
from legedialog.journal.policy import FIELDS
from legedialog.patients.models import Person
from legedialog.patients.representation import Area, Ground, Restriction
from legedialog.visibility import policy, rules
from legedialog.visibility.rules import Content, Piece
from legedialog.visibility.texts import readers

pytestmark = pytest.mark.django_db


def _acting(who: Person, patient: Person, ground: Ground, *areas: Area) -> Actor:
    return replace(
        citizen(who),
        acting_for_id=patient.pk,
        patients=frozenset({patient.pk}),
        areas=frozenset(areas),
        ground=ground.value,
    )


def _everybody(at: Office, emil: Person, kari: Person) -> dict[str, Actor]:
    youth = (Area.GP, Area.APPOINTMENTS, Area.INBOX, Area.PRESCRIPTIONS)
    return {
        "herself": citizen(emil),
        "alone at 14": _acting(emil, emil, Ground.YOUTH, *youth),
        "alone at 14 without access": _acting(emil, emil, Ground.YOUTH),
        "parent": _acting(kari, emil, Ground.PARENT, *Area),
        "parent of 14": _acting(kari, emil, Ground.PARENT, *(set(Area) - {Area.MESSAGES, Area.SPECIALIST})),
        "guardian": _acting(kari, emil, Ground.GUARDIAN, *Area),
        "attorney": _acting(kari, emil, Ground.ATTORNEY, *Area),
        "attorney for who the GP is": _acting(kari, emil, Ground.ATTORNEY, Area.GP),
        "another patient": citizen(kari),
        **{role.value: at.staff(role) for role in Role},
        "doctor elsewhere": office("Dalen legekontor").staff(Role.DOCTOR),
        "operator": Actor(kind=Kind.OPERATOR),
        "nobody": ANONYMOUS,
        "a job of the office": system(practice_id=at.practice.pk),
    }


def _every_piece(at: Office, emil: Person, kari: Person) -> list[Entry]:
    writers: list[dict[str, UUID | None]] = [
        {"by_person_id": emil.pk},
        {"by_person_id": kari.pk},
        {"by_employee_id": at.staff().employee_id},
    ]
    made = [
        Entry(
            practice=at.practice,
            patient=emil,
            kind="note",
            contact_type="phone",
            at=NOW,
            title="",
            text="",
            object_id=new_id(),
            thing_id=new_id(),
            content=content,
            restriction=restriction,
            told_reception=told,
            **writer,
        )
        for content, restriction, writer, told in product(Content, Restriction.values, writers, (True, False))
    ]
    return Entry.objects.bulk_create(made)


@pytest.mark.parametrize("switched_on", [True, False])
def test_rows_and_single_answers_agree_for_every_piece_and_everybody(switched_on: bool) -> None:
    at = office()
    at.practice.secretary_reads = switched_on
    at.practice.save()
    emil, kari = at.patient("Emil Testhaug"), at.patient()
    pieces = _every_piece(at, emil, kari)
    seen = {}
    for name, actor in _everybody(at, emil, kari).items():
        rows = set(Entry.objects.filter(policy.rows(actor, FIELDS, is_record=True)).values_list("pk", flat=True))
        one_by_one = {
            each.pk
            for each in pieces
            if policy.sees(
                actor,
                Piece(
                    Content(each.content),
                    each.patient_id,
                    each.practice_id,
                    each.restriction,
                    written_by=each.by_person_id,
                    is_told=each.told_reception and switched_on,
                ),
                is_record=True,
            )
        }
        assert rows == one_by_one, name
        seen[name] = len(rows)
    elsewhere = 2 * len(pieces) // len(Content)  # what other systems tell the citizen is no office's
    assert seen["herself"] == seen["doctor"] + elsewhere == len(pieces)
    assert not any(seen[name] for name in ("another patient", "doctor elsewhere", "operator", "nobody"))
    assert not seen["alone at 14 without access"]
    assert not seen["attorney for who the GP is"]
    assert seen["secretary"] == len(pieces) - elsewhere - len(pieces) // len(Content) // (2 if switched_on else 1)


def test_the_tables_name_every_content_and_every_role() -> None:
    assert set(rules.OFFICE) == set(rules.OWN) == set(Content) == set(rules.ABOUT)
    assert all(set(each) == set(Role) for each in rules.OFFICE.values())


@pytest.mark.parametrize(
    ("content", "is_told", "says", "not_says"),
    [
        (Content.ECONSULTATION, False, "Helsesekretærene leser ikke.", "fordele"),
        (Content.ECONSULTATION, True, "for å fordele meldingene", "leser ikke"),
        (Content.ECONSULTATION, False, "Andre leger ved kontoret kan lese den i journalen", "Legene når"),
        (Content.CONTACT, True, "og legene når de trenger det", "svarer"),
    ],
)
def test_who_reads_is_told_as_the_tables_say(content: Content, is_told: bool, says: str, not_says: str) -> None:
    told = " ".join(readers(content, office="Fjordbyen", answerer="Ingrid Aas", is_told=is_told))
    assert says in told
    assert not_says not in told
