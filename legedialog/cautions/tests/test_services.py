from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor, Role
from legedialog.access.policy import allows
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.appointments.tests.factories import office as another_office
from legedialog.audit.models import Event
from legedialog.cautions import own, policy, queries, services
from legedialog.cautions.models import Caution
from legedialog.cautions.tests.factories import caution
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.journal.models import Entry
from legedialog.journeys import misfiling
from legedialog.patients.representation import Restriction
from legedialog.workspace import top


def on_top(actor: Actor, patient_id: UUID, now: datetime) -> list[queries.Row]:
    """What the top of the patient tells, which is what the other readers say."""
    found = [row for each in top.beside(actor, patient_id, now) for row in each["rows"]]
    assert found == list(queries.running(actor, [patient_id]).get(patient_id, ()))
    return found


def test_a_caution_stands_on_top_and_in_the_record_with_who_wrote_it(office: Office, now: datetime) -> None:
    kari, doctor = office.patient(), office.staff(Role.DOCTOR, name="Ingrid Aas")
    made = caution(doctor, kari.pk, now)
    (row,) = on_top(doctor, kari.pk, now)
    assert (row.substance, row.reaction, row.added_by, row.added_at) == (
        *("Penicillin", "Elveblest og tung pust."),
        *("Ingrid Aas", now),
    )
    entry = Entry.objects.get(object_id=made.pk)
    assert (entry.title, entry.content, entry.patient_id) == ("CAVE: Penicillin", "caution", kari.pk)
    assert "Elveblest" in entry.text
    assert Event.objects.filter(action="caution.added", patient_id=kari.pk, object_id=made.pk).count() == 1


def test_the_same_form_twice_adds_one(office: Office, now: datetime) -> None:
    kari, doctor, key = office.patient(), office.staff(Role.DOCTOR), new_id()
    first, second = (caution(doctor, kari.pk, now, key=key) for _ in range(2))
    assert first.pk == second.pk
    assert Entry.objects.filter(object_id=first.pk).count() == 1
    with pytest.raises(NotFound):
        caution(doctor, office.patient("Ola Testdal").pk, now, key=key)  # another's form


def test_it_is_ended_with_why_and_never_removed(office: Office, now: datetime) -> None:
    kari, doctor = office.patient(), office.staff(Role.DOCTOR)
    made = caution(doctor, kari.pk, now)
    later = now + timedelta(days=1)
    services.end(actor=doctor, caution_id=made.pk, reason="Testet uten reaksjon.", now=later)
    assert on_top(doctor, kari.pk, now) == []
    (row,) = queries.of_patient(doctor, kari.pk, later)
    assert (row.ended_at, row.ended_by, row.reason) == (later, "Mona Haug", "Testet uten reaksjon.")
    assert Entry.objects.filter(object_id=made.pk).order_by("sequence").last().title == "CAVE avsluttet: Penicillin"  # type: ignore[union-attr]
    services.end(actor=doctor, caution_id=made.pk, reason="Testet uten reaksjon.", now=later)  # as once
    with pytest.raises(Refused, match="caution-ended"):
        services.end(actor=office.staff(Role.DOCTOR), caution_id=made.pk, reason="En annen grunn.", now=later)
    with pytest.raises(IntegrityError, match="an_ended_caution_tells_by_whom_and_why"), transaction.atomic():
        Caution.objects.filter(pk=made.pk).update(reason=None)


def test_what_was_hidden_meanwhile_is_not_ended_unseen(office: Office, now: datetime) -> None:
    kari, doctor = office.patient(), office.staff(Role.DOCTOR)
    made = caution(doctor, kari.pk, now)
    with pytest.raises(Refused, match="changed-since-seen"):
        services.end(actor=doctor, caution_id=made.pk, reason="Feil.", mark="0123456789abcdef", now=now)


@pytest.mark.parametrize(
    ("role", "adds", "ends"),
    [
        (Role.DOCTOR, True, True),
        (Role.SUBSTITUTE, True, True),
        (Role.SECRETARY, True, False),  # what another wrote
        (Role.MANAGER, False, False),
    ],
)
def test_who_adds_and_ends(role: Role, adds: bool, ends: bool, office: Office, now: datetime) -> None:
    kari = office.patient()
    made = caution(office.staff(Role.DOCTOR), kari.pk, now)
    actor = office.staff(role)
    assert allows(policy.check_add, actor, office.practice.pk) is adds
    assert allows(policy.check_end, actor, made) is ends


def test_a_secretary_ends_what_she_wrote_and_hides_nothing(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    made = caution(mona, kari.pk, now)
    with pytest.raises(Denied):
        services.restrict(actor=mona, caution_id=made.pk, restriction=Restriction.FROM_PARENTS, now=now)
    services.end(actor=mona, caution_id=made.pk, reason="Skrevet på feil stoff.", now=now)


def test_strangers_find_nothing(office: Office, now: datetime) -> None:
    kari = office.patient()
    made = caution(office.staff(Role.DOCTOR), kari.pk, now)
    elsewhere = another_office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR)
    ola = citizen(office.patient("Ola Testdal"))
    for stranger in (elsewhere, ola, office.staff(Role.MANAGER)):
        assert not queries.running(stranger, [kari.pk])
        with pytest.raises(NotFound):
            services.end(actor=stranger, caution_id=made.pk, reason="Feil.", now=now)
    with pytest.raises(NotFound):  # a citizen reads her own, and ends nothing
        services.end(actor=citizen(kari), caution_id=made.pk, reason="Feil.", now=now)
    assert [row.id for row in queries.hers(citizen(kari), kari.pk)] == [made.pk]


@pytest.mark.parametrize("count", [1, 8])
def test_many_patients_take_one_statement(
    count: int, office: Office, now: datetime, django_assert_num_queries: object
) -> None:
    doctor = office.staff(Role.DOCTOR)
    people = [office.patient(f"Kari Test{number}").pk for number in range(count)]
    for each in people:
        caution(doctor, each, now)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = queries.running(doctor, people)
    assert len(found) == count
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert queries.running(doctor, []) == {}


def test_the_most_severe_stands_first(office: Office, now: datetime) -> None:
    kari, doctor = office.patient(), office.staff(Role.DOCTOR)
    for severity in ("mild", "unknown", "severe", "moderate"):
        caution(doctor, kari.pk, now, substance=severity, severity=severity)
    assert [row.substance for row in on_top(doctor, kari.pk, now)] == ["severe", "moderate", "mild", "unknown"]


def test_a_look_is_logged_once_for_a_visit_and_not_where_there_is_nothing(office: Office, now: datetime) -> None:
    kari, doctor = office.patient(), replace(office.staff(Role.DOCTOR), login_id=None)
    looks = Event.objects.filter(action="cautions.read", patient_id=kari.pk)
    assert top.shown(doctor, kari.pk, now) == []
    assert not looks.exists()
    caution(doctor, kari.pk, now)
    top.shown(doctor, kari.pk, now)
    assert looks.count() == 1
    queries.of_patient(doctor, kari.pk, now)
    assert looks.count() == 2


def test_one_of_the_wrong_person_is_out_of_sight_there_and_warns_of_the_right_one(
    office: Office, now: datetime
) -> None:
    kari, ola, doctor = office.patient(), office.patient("Ola Testdal"), office.staff(Role.DOCTOR)
    made = caution(doctor, kari.pk, now)
    moved = misfiling.misfile(
        actor=doctor,
        entry_id=Entry.objects.get(object_id=made.pk).pk,
        number=ola.national_number,
        whole=False,
        reason="Det var Ola.",
        tells=False,
        tells_other=False,
        now=now,
    )
    assert on_top(doctor, kari.pk, now) == []
    assert queries.hers(citizen(kari), kari.pk) == []
    (row,) = on_top(doctor, ola.pk, now)
    assert (row.substance, row.reaction, row.added_at) == ("Penicillin", "Elveblest og tung pust.", now)
    misfiling.undo(actor=doctor, misfiling_id=moved.pk, now=now)
    assert [row.id for row in on_top(doctor, kari.pk, now)] == [made.pk]
    assert on_top(doctor, ola.pk, now) == []


def test_her_own_data_tells_of_it_in_words_and_for_systems(office: Office, now: datetime) -> None:
    kari, doctor = office.patient(), office.staff(Role.DOCTOR, name="Ingrid Aas")
    made = caution(doctor, kari.pk, now, atc="J01CE", source="patient", certainty="possible")
    services.end(actor=doctor, caution_id=made.pk, reason="Testet.", now=now)
    (row,) = own.CAUTIONS.rows(citizen(kari), kari.pk, now)
    line = "\n".join(str(cell) for cell in own.CAUTIONS.line(row))
    for words in ("Penicillin", "J01CE", "Ingrid Aas", "Elveblest", "Alvorlig", "Mulig", "Testet."):
        assert words in line
    me = {"reference": f"urn:uuid:{kari.pk}"}
    (resource,) = own.CAUTIONS.resources(row, me)
    assert resource["resourceType"] == "AllergyIntolerance"
    assert resource["clinicalStatus"]["coding"][0]["code"] == "inactive"
    assert resource["verificationStatus"]["coding"][0]["code"] == "unconfirmed"
    assert resource["criticality"] == "high"
    assert resource["code"] == {
        "coding": [{"system": "http://www.whocc.no/atc", "code": "J01CE"}],
        "text": "Penicillin",
    }
    assert (resource["patient"], resource["asserter"]) == (me, me)
    assert resource["reaction"] == [{"manifestation": [{"text": "Elveblest og tung pust."}], "severity": "severe"}]
