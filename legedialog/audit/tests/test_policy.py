"""Whose log one reads, and how much of it while one is under 16."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from legedialog.access import queries as sessions
from legedialog.access.actor import Actor, Kind, Role
from legedialog.access.tests.logins import begin
from legedialog.appointments.tests.factories import NOW, citizen, office
from legedialog.audit import policy
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.audit.rules import PURPOSE_LASTS, Purpose
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


def test_what_is_stated_is_told_with_the_session_as_it_is_asked_for_without_one() -> None:
    at, elsewhere = office(), office("Nabo legesenter", "Jonas Vik")
    kari, per = at.patient(), at.patient("Per Testvik")
    tokens = [
        begin(Kind.STAFF, who.employee_id, now=NOW)[0]
        for who in (at.staff(), at.staff(Role.DOCTOR), elsewhere.staff())
        if who.employee_id
    ]

    def told(token: str) -> Actor:
        session = sessions.session(token, NOW)
        assert session
        return session.actor

    before = told(tokens[0])
    for patient, code, now in (
        (kari, Purpose.CALLED, NOW),
        (kari, Purpose.FOLLOW_UP, NOW + timedelta(minutes=1)),
        (per, Purpose.CALLED, NOW - PURPOSE_LASTS),
    ):
        audit.state_purpose(actor=before, patient_id=patient.pk, code=code, note="", now=now)
    actor, asks = told(tokens[0]), replace(before, stated=None)
    for patient, now, purpose in (
        (kari, NOW, Purpose.FOLLOW_UP),
        (kari, NOW + PURPOSE_LASTS, Purpose.FOLLOW_UP),
        (kari, NOW + PURPOSE_LASTS + timedelta(minutes=1), None),
        (per, NOW, None),
    ):
        assert policy.stated(actor, patient.pk, now) == policy.stated(asks, patient.pk, now) == purpose
        assert policy.stated_for(actor, [patient.pk], now) == policy.stated_for(asks, [patient.pk], now)
    assert [told(token).stated for token in tokens[1:]] == [(), ()]
    said = Event.objects.filter(action="purpose.stated").order_by("at").values_list("purpose", flat=True)
    assert list(said) == ["called", "called", "follow-up"]
