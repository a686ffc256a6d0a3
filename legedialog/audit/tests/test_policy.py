"""Whose log one reads, and how much of it while one is under 16."""

from dataclasses import replace
from uuid import uuid4

import pytest

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import NOW, citizen, office
from legedialog.audit import policy
from legedialog.audit import services as audit
from legedialog.patients.representation import Ground, Restriction

pytestmark = pytest.mark.django_db


def test_under_16_the_log_tells_nothing_of_a_parents_letters_or_of_what_is_kept_from_her() -> None:
    """Source: docs/facts.md#children."""
    at = office()
    emil, kari = at.patient("Emil Testhaug"), at.patient()
    doctor = at.staff(Role.DOCTOR)
    parent = replace(citizen(kari), acting_for_id=emil.pk, patients=frozenset({emil.pk}), ground=Ground.PARENT.value)
    hidden, shown = uuid4(), uuid4()
    audit.looked(parent, "dialogue.read", uuid4(), at=NOW, patient_id=emil.pk)
    audit.looked(doctor, "prescription.read", hidden, at=NOW, patient_id=emil.pk)
    for thing, restriction in ((hidden, Restriction.FROM_YOUTH), (shown, Restriction.FROM_PARENTS)):
        audit.record(doctor, "prescription.hidden", thing, at=NOW, patient_id=emil.pk, restriction=restriction.value)
    audit.looked(doctor, "journal.read", None, at=NOW, patient_id=emil.pk)
    herself = citizen(emil)
    youth = replace(herself, areas=frozenset({"inbox"}), ground=Ground.YOUTH.value)
    assert policy.own(herself).count() == 5
    assert sorted(policy.own(youth).values_list("action", flat=True)) == ["journal.read", "prescription.hidden"]
    assert not policy.own(parent).exists()
    assert Restriction.FROM_YOUTH.value == policy.FROM_YOUTH
