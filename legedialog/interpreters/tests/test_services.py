from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.appointments.tests.factories import office as another_office
from legedialog.audit.models import Event
from legedialog.core import contexts
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.interpreters import own, queries, rules, services, texts
from legedialog.interpreters.models import Need, Order
from legedialog.patients.models import Person
from legedialog.patients.representation import Area, Ground
from legedialog.workspace import top


def acts_for(who: Person, other: Person, *areas: Area, ground: Ground = Ground.GUARDIAN) -> Actor:
    hers = frozenset({other.pk})
    return replace(citizen(who), acting_for_id=other.pk, patients=hers, ground=ground, areas=frozenset(areas))


def said(actor: Actor, patient: Person, now: datetime, language: str = "so") -> None:
    services.say(actor=actor, patient_id=patient.pk, language=language, now=now)


def test_every_language_has_a_name() -> None:
    assert set(rules.LANGUAGES) == set(texts.NAMES)
    assert len(set(rules.LANGUAGES)) == len(rules.LANGUAGES)


def test_she_says_it_and_it_is_sealed_logged_and_on_top_at_her_office(office: Office, now: datetime) -> None:
    kari = office.patient()
    said(citizen(kari), kari, now)
    for reader in (office.staff(), office.staff(Role.DOCTOR)):
        (part,) = top.shown(reader, kari.pk, now)
        assert [(row.language, row.is_hers, row.employee_name) for row in part["rows"]] == [("so", True, "")]
        assert list(part["rows"]) == [queries.of(reader, kari.pk, now)]
    assert Event.objects.filter(patient_id=kari.pk, action="interpreter.needed").count() == 1
    looks = Event.objects.filter(patient_id=kari.pk, action="interpreter.read")
    assert looks.count() == 1  # of one visit: neither has a login here
    with connection.cursor() as cursor:
        cursor.execute("SELECT language FROM interpreters_need")
        assert bytes(cursor.fetchone()[0]) != b"so"


def test_the_office_says_it_and_says_that_none_is_needed(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    said(mona, kari, now, "nsl")
    row = queries.of(citizen(kari), kari.pk, now)
    assert row
    assert (row.language, row.employee_name, row.is_hers, row.is_signed) == ("nsl", "Mona Haug", False, True)
    said(mona, kari, now, "")
    said(mona, kari, now, "")  # as once
    assert queries.of(citizen(kari), kari.pk, now) is None
    assert Event.objects.filter(patient_id=kari.pk, action="interpreter.not-needed").count() == 1


@pytest.mark.parametrize(("areas", "may"), [((Area.BOOKING,), True), ((Area.APPOINTMENTS, Area.PRESCRIPTIONS), False)])
def test_who_acts_for_her_says_it_when_she_may_book(
    areas: tuple[Area, ...], may: bool, office: Office, now: datetime
) -> None:
    kari, tor = office.patient(), office.patient("Tor Testli")
    proxy = acts_for(tor, kari, *areas)
    if may:
        said(proxy, kari, now)
        row = queries.shown(proxy, kari.pk, now)
        assert row
        assert (row.language, row.is_hers) == ("so", False)
        assert Event.objects.filter(patient_id=kari.pk, action="interpreter.read", person_id=tor.pk).exists()
    else:
        said(citizen(kari), kari, now)
        with pytest.raises(Denied):
            said(proxy, kari, now, "ur")
        assert queries.of(proxy, kari.pk, now) is None


def test_strangers_find_nothing(office: Office, now: datetime) -> None:
    kari = office.patient()
    said(citizen(kari), kari, now)
    visit = office.booked(kari)
    made = services.order(actor=office.staff(), appointment_id=visit.pk, now=now)
    elsewhere = another_office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR)
    ola = citizen(office.patient("Ola Testdal"))
    for stranger in (elsewhere, ola):
        assert queries.of(stranger, kari.pk, now) is None
        assert top.beside(stranger, kari.pk, now) == []
        with pytest.raises(NotFound):
            said(stranger, kari, now, "ur")
        with pytest.raises(NotFound):
            services.undo(actor=stranger, order_id=made.pk, now=now)
        with pytest.raises((NotFound, Denied)):
            services.order(actor=stranger, appointment_id=visit.pk, now=now)
    with pytest.raises(NotFound):  # the order is the office's
        services.undo(actor=citizen(kari), order_id=made.pk, now=now)
    manager = office.staff(Role.MANAGER)
    assert top.beside(manager, kari.pk, now) == []
    with pytest.raises(Denied):
        said(manager, kari, now)
    with pytest.raises(Denied):
        services.order(actor=manager, appointment_id=visit.pk, now=now)


def test_what_is_not_in_the_list_and_what_was_changed_meanwhile_is_refused(office: Office, now: datetime) -> None:
    kari = office.patient()
    with pytest.raises(Refused, match="language-not-known"):
        said(citizen(kari), kari, now, "xx")
    said(office.staff(), kari, now)
    with pytest.raises(Refused, match="changed-since-seen"):
        services.say(actor=citizen(kari), patient_id=kari.pk, language="ur", mark=queries.NOTHING, now=now)
    assert Need.objects.get().language == "so"


def test_it_is_ordered_once_and_undone_with_who(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    visit = office.booked(kari)
    with pytest.raises(Refused, match="no-interpreter-needed"):
        services.order(actor=mona, appointment_id=visit.pk, now=now)
    said(citizen(kari), kari, now)
    made = services.order(actor=mona, appointment_id=visit.pk, now=now)
    assert (made.language, made.starts_at, made.by_employee_id) == ("so", visit.starts_at, mona.employee_id)
    with pytest.raises(Refused, match="interpreter-ordered"):
        services.order(actor=mona, appointment_id=visit.pk, now=now)
    later = now + timedelta(hours=1)
    services.undo(actor=mona, order_id=made.pk, now=later)
    services.undo(actor=mona, order_id=made.pk, now=later)  # as once
    with pytest.raises(Refused, match="interpreter-order-undone"):
        services.undo(actor=office.staff(), order_id=made.pk, now=later)
    assert Order.objects.get().undone_at == later
    services.order(actor=mona, appointment_id=visit.pk, now=later)
    with pytest.raises(IntegrityError, match="an_undone_interpreter_order_tells_by_whom"), transaction.atomic():
        Order.objects.filter(pk=made.pk).update(undone_by=None)
    with pytest.raises(IntegrityError, match="a_need_for_an_interpreter_is_said_by_one"), transaction.atomic():
        Need.objects.update(by_person=None)


def test_when_she_turns_everything_off_what_she_said_goes_and_what_the_office_wrote_stays(
    office: Office, now: datetime
) -> None:
    kari = office.patient()
    said(office.staff(), kari, now)
    contexts.forget(citizen(kari), kari.pk, now)
    assert Need.objects.count() == 1
    said(citizen(kari), kari, now, "ur")
    contexts.forget(citizen(kari), kari.pk, now)
    assert Need.objects.count() == 0


def test_her_own_data_tells_of_it_in_words_and_for_systems(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    said(citizen(kari), kari, now)
    visit = office.booked(kari)
    services.order(actor=mona, appointment_id=visit.pk, now=now)
    (need,) = own.NEEDS.rows(citizen(kari), kari.pk, now)
    assert own.NEEDS.line(need) == [now, "somali", kari.name]
    assert own.NEEDS.adds
    assert own.NEEDS.adds(need) == {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": True}
        ],
        "communication": [
            {
                "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "so"}], "text": "somali"},
                "preferred": True,
            }
        ],
    }
    (order,) = own.ORDERS.rows(citizen(kari), kari.pk, now)
    assert "somali" in str(own.ORDERS.line(order)[1])
    (resource,) = own.ORDERS.resources(order, {"reference": "urn:uuid:x"})
    assert (resource["status"], resource["occurrenceDateTime"]) == ("active", visit.starts_at.isoformat())
