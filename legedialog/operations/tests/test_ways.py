"""Every way to one piece of content, for every kind of person: what shows anywhere is what the table says, no more.

Each piece holds a word of its own. All addresses that take what a person could name are opened as everybody, with
files, searches and her own data beside; the words that come back are what she sees. See docs/visibility.md.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time
from typing import Any
from uuid import UUID

import pytest
import typst
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from legedialog.access.actor import Actor, Role
from legedialog.access.actor import Kind as ActorKind
from legedialog.access.models import Login, Operator
from legedialog.access.tests.logins import begin, logged_in, with_token
from legedialog.api.tests.hospital import hospital
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Channel, TimeRequest
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.attachments.models import Attachment
from legedialog.cautions.models import Caution
from legedialog.cautions.tests.factories import caution
from legedialog.core import crypto
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.dialogues import queries as dialogues
from legedialog.dialogues import services as writing
from legedialog.dialogues.models import Dialogue, Message
from legedialog.dialogues.tests.factories import draft
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType, Entry, Kind
from legedialog.journal.services import Made, write_note
from legedialog.journeys import own_fhir, own_pdf
from legedialog.journeys.own_rows import gather, reader
from legedialog.operations import permissions
from legedialog.patients.models import Guardianship, Person, PowerOfAttorney, YouthAccess
from legedialog.patients.representation import Restriction
from legedialog.portal.representation.tests.test_representation import born, child_of, listed
from legedialog.practices.models import Clinician, Practice
from legedialog.prescriptions import services as renewals
from legedialog.prescriptions.models import Prescription, Renewal
from legedialog.prescriptions.tests.factories import ordered, prescription
from legedialog.visibility.rules import Content

ECON, CONT, REAS, WISH, PRES, CAUT, RENE, VIDE, NOTE = (
    *(Content.ECONSULTATION, Content.CONTACT, Content.REASON, Content.WISH),
    *(Content.PRESCRIPTION, Content.CAUTION, Content.RENEWAL, Content.VIDEO, Content.NOTE),
)
ALL = {ECON, CONT, REAS, WISH, PRES, CAUT, RENE, VIDE, NOTE}
FOR_ANOTHER = ALL - {VIDE, NOTE}  # the record is nobody's but the patient's and the office's
OF_HERS = {REAS, PRES, CAUT, RENE}
NOTHING: set[Content] = set()

# Who reads, of whom, and what shows somewhere: of what is plain, of what a parent wrote, hidden from parents, and
# hidden from the youth. Pieces of the last three are made for the youth of 14 alone.
TABLE: dict[str, tuple[str, set[Content], set[Content], set[Content], set[Content]]] = {
    "herself": ("adult", ALL, NOTHING, NOTHING, NOTHING),
    "attorney for the services": ("adult", FOR_ANOTHER, NOTHING, NOTHING, NOTHING),
    "attorney for who the GP is": ("adult", NOTHING, NOTHING, NOTHING, NOTHING),
    "parent of 8": ("child", FOR_ANOTHER, NOTHING, NOTHING, NOTHING),
    "guardian of 8": ("child", FOR_ANOTHER, NOTHING, NOTHING, NOTHING),
    "parent of 14": ("youth", FOR_ANOTHER - {ECON, CONT}, OF_HERS | {WISH}, NOTHING, OF_HERS),
    "alone at 14": ("youth", ALL, {PRES, CAUT, VIDE}, {ECON, REAS, PRES, CAUT, RENE, VIDE}, NOTHING),
    "parent of 16": ("grown", NOTHING, NOTHING, NOTHING, NOTHING),
    "another patient": ("adult", NOTHING, NOTHING, NOTHING, NOTHING),
    "the patient's doctor": ("adult", ALL, NOTHING, NOTHING, NOTHING),
    "another doctor there": ("adult", ALL, NOTHING, NOTHING, NOTHING),
    "substitute": ("adult", ALL, NOTHING, NOTHING, NOTHING),
    "reception that reads": ("adult", ALL, NOTHING, NOTHING, NOTHING),
    "reception": ("adult", ALL - {ECON}, NOTHING, NOTHING, NOTHING),
    "manager": ("adult", NOTHING, NOTHING, NOTHING, NOTHING),
    "doctor elsewhere": ("adult", NOTHING, NOTHING, NOTHING, NOTHING),
    "operator": ("adult", NOTHING, NOTHING, NOTHING, NOTHING),
    "another system": ("adult", NOTHING, NOTHING, NOTHING, NOTHING),
    "nobody": ("adult", NOTHING, NOTHING, NOTHING, NOTHING),
}
VARIANTS = ("plain", "byparent", "noparent", "noyouth")
MEDICINES = dict(zip(VARIANTS, ("C07AB02", "G03AC09", "R06AX27", "C09AA05"), strict=True))
# What an inbox shows by an address of its own: of another doctor's it is not found, though she reads it in the record.
AT_THE_OFFICE = {
    *("the patient's doctor", "another doctor there", "substitute", "reception that reads", "reception", "manager"),
}
HERS_ALONE = {"another doctor there", "substitute"}
SKIPPED = ("access:", "identity:", "operations:", "ui:", "outbox:")  # logins, machines, looks, the demo's outbox


def word(content: Content, variant: str, whose: str) -> str:
    return f"ord{content.value}{variant}{whose}"


@dataclass
class World:
    at: Office
    people: dict[str, Person]
    actors: dict[str, Actor]
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One for all: whatever reading changes is taken back."""
    crypto.forget_keys()
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched, transaction.atomic():
        yield _world(patched)
        transaction.set_rollback(True)


def _world(monkeypatch: pytest.MonkeyPatch) -> World:
    system = Client(headers={"Authorization": f"Bearer {hospital().token()}"})
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(typst, "compile", lambda *_, sys_inputs, **__: sys_inputs["data"].encode())  # its words alone
    at = office(max_coming=9)
    Practice.objects.filter(pk=at.practice.pk).update(supports_representation=True, secretary_reads=True)
    people = {
        "adult": listed(at, "Kari Testdal", born(42)),
        "child": listed(at, "Ola Testdal", born(8)),
        "youth": listed(at, "Emil Testdal", born(14)),
        "grown": listed(at, "Ida Testdal", born(16)),
    }
    relatives = {name: listed(at, f"{name} Testvik", born(45)) for name in ("Mor", "Verge", "Far", "Nabo")}
    for child in ("child", "youth", "grown"):
        child_of(relatives["Mor"], people[child])
    YouthAccess.objects.create(person=people["youth"], given_by=relatives["Mor"], given_at=NOW)
    Guardianship.objects.create(guardian=relatives["Verge"], person=people["child"], starts_date=NOW.date())
    for areas, receiver in (([3], "Far"), ([1], "Nabo")):
        PowerOfAttorney.objects.create(
            giver=people["adult"], receiver=relatives[receiver], areas=areas, starts_date=NOW.date(), given_at=NOW
        )
    clock = iter(time(8 + number // 3, number % 3 * 20) for number in range(12))
    for who, person in people.items():
        _pieces(at, who, person, "plain", person, next(clock))
        if who == "youth":
            _pieces(at, who, person, "byparent", relatives["Mor"], next(clock))
            _pieces(at, who, person, "noparent", person, next(clock), Restriction.FROM_PARENTS)
            _pieces(at, who, person, "noyouth", person, next(clock), Restriction.FROM_YOUTH)
    colleague = Clinician.objects.create(name="Jonas Vik", hpr_number="7999901")
    other = Clinician.objects.create(name="Leif Strand", hpr_number="7999902")
    actors = {
        "the patient's doctor": at.staff(Role.DOCTOR),
        "another doctor there": at.staff(Role.DOCTOR, colleague),
        "substitute": at.staff(Role.SUBSTITUTE, other),
        "reception that reads": at.staff(),
        "reception": at.staff(),
        "manager": at.staff(Role.MANAGER),
        "doctor elsewhere": office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR),
    }
    clients = {name: logged_in(actor) for name, actor in actors.items()}
    for name, person, acts_for in (
        ("herself", people["adult"], None),
        ("attorney for the services", relatives["Far"], people["adult"]),
        ("attorney for who the GP is", relatives["Nabo"], people["adult"]),
        ("parent of 8", relatives["Mor"], people["child"]),
        ("guardian of 8", relatives["Verge"], people["child"]),
        ("parent of 14", relatives["Mor"], people["youth"]),
        ("alone at 14", people["youth"], None),
        ("parent of 16", relatives["Mor"], people["grown"]),
        ("another patient", relatives["Nabo"], None),
    ):
        actors[name] = citizen(person)
        clients[name] = logged_in(actors[name])
        Login.objects.filter(person=person, acting_for=None).update(acting_for=acts_for)
    clients["nobody"] = Client()
    clients["operator"] = _operator()
    clients["another system"] = system
    return World(at, people, actors, clients)


def _operator() -> Client:
    row = Operator.objects.create(name="Drift", national_number_index=b"o" * 32)
    return with_token(begin(ActorKind.OPERATOR, row.pk, now=NOW)[0])


def _pieces(
    at: Office,
    whose: str,
    person: Person,
    variant: str,
    writer: Person,
    clock: time,
    hidden: Restriction = Restriction.NORMAL,
) -> None:
    """One of each content, with its word in it, as `writer` wrote it and as somebody has hidden it since."""
    doctor = at.staff(Role.DOCTOR)
    hers = replace(citizen(person), person_id=writer.pk)
    restricts = hidden is not Restriction.NORMAL
    for content in (ECON, CONT):
        if restricts and content is CONT:
            continue  # one hidden dialogue is enough
        text = f"felles {word(content, variant, whose)}"
        row = draft(writer, kind=content.value, text=text, actor=hers, patient=person)
        dialogue = writing.send(actor=hers, draft_id=row.pk, now=NOW)
        message = Message.objects.get(dialogue=dialogue)
        Attachment.objects.create(
            practice=at.practice, patient=person, by_person=writer, name=f"fil {word(content, variant, whose)}.jpg",
            media_type="image/jpeg", size=0, is_scanned=True, received_at=NOW, object_id=message.pk, attached_at=NOW,
        )  # fmt: skip
        writing.open_(actor=doctor, dialogue_id=dialogue.pk, now=NOW)
        if restricts:
            writing.restrict(actor=doctor, dialogue_id=dialogue.pk, restriction=hidden, now=NOW)
    held = appointments.hold(
        actor=hers, patient_id=person.pk, calendar_id=at.calendar.pk, visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE, starts_at=at_local(TOMORROW, clock), now=NOW,
    )  # fmt: skip
    reason = f"felles {word(REAS, variant, whose)}"
    visit = appointments.book(actor=hers, hold_id=held.pk, reason=reason, now=NOW)
    _video(at, person, visit, f"felles {word(VIDE, variant, whose)}")
    medicine = prescription(
        person, at, name=word(PRES, variant, whose).capitalize(), use=word(PRES, variant, whose), substance=variant,
        atc=MEDICINES[variant],
    )  # fmt: skip
    caution(doctor, person.pk, NOW, f"felles {word(CAUT, variant, whose)}", restriction=hidden)
    ordered(person, medicine, actor=hers, note=f"felles {word(RENE, variant, whose)}")
    if restricts:
        appointments.restrict(actor=doctor, appointment_id=visit.pk, restriction=hidden, now=NOW)
        renewals.restrict(actor=doctor, prescription_id=medicine.pk, restriction=hidden, now=NOW)
        return
    for earlier in TimeRequest.objects.filter(patient=person, status="sent"):  # one at a time
        appointments.withdraw_request(actor=citizen(person), request_id=earlier.pk, now=NOW)
    appointments.send_request(
        actor=hers, patient_id=person.pk, clinician_id=at.doctor.pk, wishes=f"felles {word(WISH, variant, whose)}",
        key=new_id(), coarse_times=[], channels=[], now=NOW,
    )  # fmt: skip
    if variant == "plain":
        write_note(
            actor=doctor, patient_id=person.pk, practice_id=at.practice.pk, key=new_id(),
            contact_type=ContactType.PHONE, text=f"felles {word(NOTE, variant, whose)}", now=NOW,
        )  # fmt: skip


def _video(at: Office, person: Person, visit: Appointment, text: str) -> None:
    journal.file(
        at.staff(Role.DOCTOR), Kind.VIDEO, new_id(), patient_id=person.pk, practice_id=at.practice.pk,
        contact_type=ContactType.VIDEO, title="Videotime", text=text,
        made_of=Made(VIDE, visit.pk, visit.restriction), at=NOW,
    )  # fmt: skip


def _named(person: Person) -> dict[str, list[UUID]]:
    """What a person could name in an address, by the parameter's name."""

    def ids(model: type, **where: object) -> list[UUID]:
        return list(model.objects.filter(**where or {"patient": person}).values_list("pk", flat=True))  # type: ignore[attr-defined]

    return {
        "patient_id": [person.pk],
        "dialogue_id": ids(Dialogue),
        "appointment_id": ids(Appointment),
        "request_id": ids(TimeRequest),
        "prescription_id": ids(Prescription),
        "renewal_id": ids(Renewal),
        "caution_id": ids(Caution),
        "entry_id": ids(Entry),
        "attachment_id": ids(Attachment),
        "identifier": ids(Appointment),
    }


def _addresses(person: Person, kind: ActorKind, turn: int) -> Iterator[str]:
    """Of those that a guard closes to her kind every third, in turn: it is one guard."""
    named = _named(person)
    for place, route in enumerate(permissions.routes()):
        if route.name.startswith(SKIPPED) or not set(route.parameters) <= named.keys():
            continue
        if route.gate and route.gate.kind is not kind and (place + turn) % 3:
            continue
        if not route.parameters:
            yield reverse(route.name)
        elif len(route.parameters) == 1:
            for each in named[route.parameters[0]]:
                yield reverse(route.name, args=[each])


def _read(client: Client, address: str, words: str = "") -> str:
    """What comes back, with the names of files; whatever reading changed is taken back."""
    with transaction.atomic():
        answer = client.post(address, {"words": words}) if words else client.get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return body.decode("utf-8", "replace") + str(answer.headers)


def _opened(bundle: dict[str, Any]) -> str:
    """With the texts that stand packed in it."""
    packed = [
        base64.b64decode(content["attachment"]["data"]).decode()
        for each in bundle["entry"]
        for content in each["resource"].get("content", [])
        if "data" in content["attachment"]
    ]
    return json.dumps(bundle) + "\n".join(packed)


def _shown(world: World, who: str, person: Person) -> dict[str, str]:
    """By address, or another way, what it shows her."""
    client = world.clients[who]
    kind = world.actors[who].kind if who in world.actors else ActorKind.OPERATOR
    shown = {address: _read(client, address) for address in _addresses(person, kind, list(TABLE).index(who))}
    shown["search in the record"] = _read(client, reverse("workspace:journal", args=[person.pk]), "felles")
    shown["search of patients"] = _read(client, reverse("workspace:patients"), "Kari Testdal")
    if who in ("herself", "alone at 14"):
        actor = reader(person, NOW)
        rows = gather(actor, person, NOW)
        shown["own data for systems"] = _opened(own_fhir.bundle(rows, NOW))
        shown["own data for people"] = own_pdf.make(rows, NOW).decode()
        for content in (ECON, CONT):
            for variant in VARIANTS:
                wanted = word(content, variant, TABLE[who][0])
                found = dialogues.mine(actor, person.pk, words=wanted)
                shown[f"search in {content} {variant}"] = wanted if found else ""
    return shown


@pytest.mark.parametrize("who", TABLE)
def test_every_way_shows_what_the_table_says_and_no_more(
    who: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    whose, *by_variant = TABLE[who]
    with django_db_blocker.unblock():
        Practice.objects.filter(pk=world.at.practice.pk).update(secretary_reads=who == "reception that reads")
        shown = _shown(world, who, world.people[whose])
    lower = {way: text.casefold() for way, text in shown.items()}
    faults = []
    for other in world.people:
        if other != whose and who in AT_THE_OFFICE:
            continue  # her office's too
        for variant, contents in zip(VARIANTS, by_variant, strict=True):
            for content in Content:
                may = content in contents and other == whose
                ways = [way for way, text in lower.items() if word(content, variant, other) in text]
                if ways and not may:
                    faults.append(f"{content} {variant} of {other} shows, and must not: {ways}")
                if may and not ways:
                    faults.append(f"{content} {variant} shows nowhere, and must")
                if content is ECON and who in HERS_ALONE and any("/innboks/" in way for way in ways):
                    faults.append(f"a colleague's e-consultation in the inbox: {ways}")
    assert not faults, "\n".join(["", f"{who}:", *faults])


def test_reception_does_not_read_what_was_sent_before_it_was_switched_on(
    world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        Practice.objects.filter(pk=world.at.practice.pk).update(secretary_reads=True)
        early = word(ECON, "plain", "child")
        Dialogue.objects.filter(patient=world.people["child"]).update(told_reception=False)
        writing.trace.follow(Dialogue.objects.get(patient=world.people["child"], kind=ECON))
        shown = _shown(world, "reception that reads", world.people["child"])
        transaction.set_rollback(True)
    assert not [way for way, text in shown.items() if early in text]
