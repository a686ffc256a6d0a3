from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from legedialog.access.actor import Role, system
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound
from legedialog.patients import queries, services
from legedialog.patients.models import Language, Membership, Person
from legedialog.patients.tests.factories import citizen, person
from legedialog.practices.models import Contract
from legedialog.practices.tests.factories import LONG_AGO, NOW, TODAY, clinician, contract, practice, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def aas() -> Contract:
    return contract(practice(), clinician("Ingrid Aas"))


@pytest.fixture
def lund() -> Contract:
    return contract(practice("Dalen legekontor"), clinician("Odd Lund"))


def join(who: Person, to: Contract, day: date) -> Membership:
    return services.join_list(actor=system(), person_id=who.pk, contract_id=to.pk, starts_date=day, now=NOW)


def places(who: Person) -> list[tuple[str, date, date | None]]:
    rows = Membership.objects.filter(person=who).order_by("starts_date")
    return [(row.contract.practice.name, row.starts_date, row.ends_date) for row in rows]


def test_saving_a_person_again_changes_the_same_row() -> None:
    kari = person()
    again = services.save_person(
        actor=system(),
        national_number=kari.national_number,
        given_name="Kari",
        family_name="Nytestdal",
        birth_date=kari.birth_date,
        now=NOW,
        phone="+4741234567",
    )
    kari.refresh_from_db()
    assert (again.pk, kari.name, kari.phone) == (kari.pk, "Kari Nytestdal", "+4741234567")
    assert Event.objects.filter(action="person.saved", patient_id=kari.pk).count() == 2


def test_name_and_number_are_not_readable_in_the_table() -> None:
    kari = person()
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM patients_person p")
        stored = "".join(row[0] for row in cursor.fetchall())
    for secret in ("Kari", "Testdal", kari.national_number):
        assert secret not in stored
        assert secret.encode().hex() not in stored


def test_only_the_register_saves_persons(aas: Contract) -> None:
    kari = person()
    with pytest.raises(Denied):
        services.save_person(
            actor=citizen(kari),
            national_number=kari.national_number,
            given_name="Rik",
            family_name="Testdal",
            birth_date=kari.birth_date,
            now=NOW,
        )
    with pytest.raises(Denied):
        services.join_list(actor=citizen(kari), person_id=kari.pk, contract_id=aas.pk, starts_date=TODAY, now=NOW)


def test_joining_another_list_ends_the_first(aas: Contract, lund: Contract) -> None:
    kari = person()
    join(kari, lund, LONG_AGO)
    join(kari, aas, TODAY)
    assert join(kari, aas, TODAY + timedelta(days=9)).starts_date == TODAY  # already there
    assert places(kari) == [
        ("Dalen legekontor", LONG_AGO, TODAY),
        ("Fjordbyen legesenter", TODAY, None),
    ]
    gp = queries.gp_of(kari.pk, TODAY)
    before = queries.gp_of(kari.pk, TODAY - timedelta(days=1))
    assert gp
    assert before
    assert (gp.name, before.name) == ("Ingrid Aas", "Odd Lund")


def test_a_place_reported_late_stops_where_the_next_begins(aas: Contract, lund: Contract) -> None:
    kari = person()
    join(kari, aas, TODAY)
    join(kari, lund, LONG_AGO)
    assert places(kari) == [("Dalen legekontor", LONG_AGO, TODAY), ("Fjordbyen legesenter", TODAY, None)]


def test_leaving_a_list_leaves_her_without_a_gp(aas: Contract) -> None:
    kari = person(on=aas)
    services.leave_list(actor=system(), person_id=kari.pk, ends_date=TODAY, now=NOW)
    assert queries.gp_of(kari.pk, TODAY) is None
    with pytest.raises(NotFound):
        services.leave_list(actor=system(), person_id=kari.pk, ends_date=TODAY, now=NOW)
    assert [event.action for event in Event.objects.filter(patient_id=kari.pk).order_by("pk")] == [
        "person.saved",
        "list.joined",
        "list.left",
    ]


def test_the_database_refuses_two_lists_at_once(aas: Contract, lund: Contract) -> None:
    kari = person(on=aas)
    with pytest.raises(IntegrityError, match="a_person_is_on_one_list_at_a_time"), transaction.atomic():
        Membership.objects.create(person=kari, contract=lund, starts_date=TODAY)


def test_she_saves_her_contact_data_and_it_is_confirmed() -> None:
    kari = person()
    services.update_contact(
        actor=citizen(kari),
        person_id=kari.pk,
        phone="412 34 567",
        email=" kari@eksempel.no ",
        now=NOW,
    )
    profile = queries.profile(citizen(kari), kari.pk, NOW)
    assert (profile.phone, profile.email) == ("+4741234567", "kari@eksempel.no")
    assert profile.contact_is_fresh
    assert kari.national_number not in repr(profile)
    assert Event.objects.filter(action="contact.updated", patient_id=kari.pk, facts={}).count() == 1


def test_confirming_makes_old_contact_data_usable_again() -> None:
    kari = person()
    assert not queries.profile(citizen(kari), kari.pk, NOW).contact_is_fresh
    services.confirm_contact(actor=citizen(kari), person_id=kari.pk, now=NOW)
    assert queries.profile(citizen(kari), kari.pk, NOW + timedelta(days=500)).contact_is_fresh
    assert not queries.profile(citizen(kari), kari.pk, NOW + timedelta(days=560)).contact_is_fresh


def test_strangers_and_the_office_do_not_touch_her_contact_data(aas: Contract) -> None:
    kari = person(on=aas)
    with pytest.raises(NotFound):
        services.confirm_contact(actor=citizen(person("Per Testvik")), person_id=kari.pk, now=NOW)
    with pytest.raises(Denied):
        services.confirm_contact(actor=staff(aas.practice_id, Role.SECRETARY), person_id=kari.pk, now=NOW)
    with pytest.raises(NotFound):
        queries.profile(citizen(person("Per Testvik")), kari.pk, NOW)


def test_her_language_is_remembered() -> None:
    kari = person()
    services.choose_language(actor=citizen(kari), person_id=kari.pk, language=Language.NN, now=NOW)
    kari.refresh_from_db()
    assert kari.language == "nn"
