"""Tildelt fullmakt (TD): who confirms it, for whom, what it opens, and how it ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests.factories import NOW, Office, citizen, office
from legedialog.audit.models import Event
from legedialog.consent import acting
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.times import local_day
from legedialog.journal.models import Entry
from legedialog.journeys import assigning
from legedialog.patients.models import Assignment, Grading, Person
from legedialog.patients.representation import ALL, Area, Ground
from legedialog.practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Office:
    made = office()
    Practice.objects.filter(pk=made.practice.pk).update(supports_representation=True)
    return made


@pytest.fixture
def grethe(at: Office) -> Person:
    return at.patient("Grethe Testli")


@pytest.fixture
def tor(at: Office) -> Person:
    return at.patient("Tor Testli")


def confirmed(doctor: Actor, patient: Person, relative: Person, name: str = "") -> Assignment:
    return assigning.confirm(
        actor=doctor,
        patient_id=patient.pk,
        national_number=relative.national_number,
        name=name or relative.name,
        relation="sønn",
        assessment="Langtkommen demens, vurdert i dag.",
        now=NOW,
    )


def test_the_gp_confirms_and_the_relative_may_what_the_patient_has_opened(
    at: Office, grethe: Person, tor: Person
) -> None:
    row = confirmed(at.staff(Role.DOCTOR), grethe, tor)
    standing = acting.standing(tor.pk, grethe.pk, NOW)
    assert standing
    assert standing.decision.ground is Ground.ASSIGNED
    assert standing.decision.areas == ALL - {Area.CONSENT}
    assert [each.person_id for each in acting.others(tor.pk, NOW)] == [grethe.pk]
    assert not acting.others(grethe.pk, NOW)  # never the other way
    entry = Entry.objects.get(object_id=row.pk)
    assert (entry.title, entry.text) == (
        "Tildelt fullmakt bekreftet: Tor Testli (sønn)",
        "Langtkommen demens, vurdert i dag.",
    )
    assert Event.objects.get(object_id=row.pk).action == "assignment.confirmed"


def test_both_see_it_and_neither_reads_the_assessment(at: Office, grethe: Person, tor: Person) -> None:
    confirmed(at.staff(Role.DOCTOR), grethe, tor)
    (hers, none), (nothing, his) = assigning.mine(citizen(grethe)), assigning.mine(citizen(tor))
    assert ([each.name for each in hers], none, nothing) == (["Tor Testli"], [], [])
    assert [each.name for each in his] == ["Grethe Testli"]
    assert not any(each.assessment for each in [*hers, *his])


@pytest.mark.parametrize("what", ["name", "protected", "dead", "child", "herself"])
def test_no_one_else_than_a_grown_relative_by_number_and_name(
    what: str, at: Office, grethe: Person, tor: Person
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "protected": {"address_grading": Grading.STRICTLY_CONFIDENTIAL},
        "dead": {"death_date": local_day(NOW)},
        "child": {"birth_date": local_day(NOW) - timedelta(days=17 * 365)},
    }
    Person.objects.filter(pk=tor.pk).update(**changes.get(what, {"language": ""}))
    relative = grethe if what == "herself" else tor
    with pytest.raises(Refused) as refused:
        confirmed(at.staff(Role.DOCTOR), grethe, relative, "Tor Testvik" if what == "name" else "")
    assert refused.value.code == "relative-not-found"
    assert not Assignment.objects.exists()


def test_a_child_is_her_parents_and_one_pair_has_one(at: Office, grethe: Person, tor: Person) -> None:
    doctor = at.staff(Role.DOCTOR)
    confirmed(doctor, grethe, tor)
    with pytest.raises(Refused) as twice:
        confirmed(doctor, grethe, tor)
    assert twice.value.code == "assignment-exists"
    Person.objects.filter(pk=grethe.pk).update(birth_date=local_day(NOW) - timedelta(days=15 * 365))
    with pytest.raises(Refused) as young:
        confirmed(doctor, grethe, at.patient("Ida Testli"))
    assert young.value.code == "assigned-for-under-16"


def test_only_a_doctor_who_serves_the_patient_confirms_reads_and_ends(at: Office, grethe: Person, tor: Person) -> None:
    row = confirmed(at.staff(Role.DOCTOR), grethe, tor)
    other = office("Dalen legekontor")
    for actor, error in (
        (at.staff(), Denied),
        (replace(at.staff(Role.DOCTOR), clinician_id=other.doctor.pk), Denied),
        (other.staff(Role.DOCTOR), NotFound),
        (citizen(grethe), NotFound),
        (citizen(tor), NotFound),
    ):
        with pytest.raises(error):
            confirmed(actor, grethe, at.patient("Per Testvik"))
        with pytest.raises(error):
            assigning.check_confirms(actor, grethe.pk, NOW)
        with pytest.raises(error):
            assigning.end(actor=actor, assignment_id=row.pk, reason="x", now=NOW)
    assert Assignment.objects.get().ended_at is None


def test_the_doctor_ends_it_at_once_and_the_history_stays(at: Office, grethe: Person, tor: Person) -> None:
    doctor = at.staff(Role.DOCTOR)
    row = confirmed(doctor, grethe, tor)
    assigning.end(actor=doctor, assignment_id=row.pk, reason="Pasienten er kommet seg.", now=NOW)
    assert not acting.others(tor.pk, NOW)
    found = assigning.of_patient(doctor, grethe, NOW)[0]
    assert (found.ended_at, found.end_reason, found.ended_by) == (NOW, "Pasienten er kommet seg.", "Mona Haug")
    assert Entry.objects.filter(object_id=row.pk).count() == 2
    assert Event.objects.filter(action="assignment.listed", patient_id=grethe.pk).exists()
    with pytest.raises(NotFound):
        assigning.end(actor=doctor, assignment_id=row.pk, reason="igjen", now=NOW)
    assert confirmed(doctor, grethe, tor).pk != row.pk  # and may be given anew


def test_the_relative_steps_down_and_a_stranger_cannot_do_it(at: Office, grethe: Person, tor: Person) -> None:
    row = confirmed(at.staff(Role.DOCTOR), grethe, tor)
    for stranger in (citizen(grethe), citizen(at.patient("Per Testvik"))):
        with pytest.raises(NotFound):
            assigning.step_down(actor=stranger, assignment_id=row.pk, now=NOW)
    with pytest.raises(Denied):  # never by one who acts for one of them
        assigning.step_down(
            actor=replace(citizen(tor), acting_for_id=grethe.pk, patients=frozenset({grethe.pk})),
            assignment_id=row.pk,
            now=NOW,
        )
    assigning.step_down(actor=citizen(tor), assignment_id=row.pk, now=NOW)
    assert not acting.others(tor.pk, NOW)
    titles = [entry.title for entry in Entry.objects.filter(object_id=row.pk).order_by("sequence")]
    assert titles == ["Tildelt fullmakt bekreftet: Tor Testli (sønn)", "Tildelt fullmakt avsluttet: Tor Testli"]
