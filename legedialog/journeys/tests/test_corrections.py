"""What a citizen asks to have corrected or erased."""

from datetime import timedelta
from uuid import UUID

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.audit.models import Event
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.sql import ask_for
from legedialog.core.times import local_day
from legedialog.journal import rules
from legedialog.journal.models import Asked, CorrectionRequest, Outcome
from legedialog.journeys import misfiling, own_rows
from legedialog.journeys.tests.test_misfiling import LATER, NOW, doctor, kari, noted, office, own_data, per
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db
__all__ = ["doctor", "kari", "office", "per"]


def ask(person: Person, office: Office, key: UUID | None = None) -> CorrectionRequest:
    return misfiling.ask(
        actor=citizen(person),
        key=key or new_id(),
        practice_id=office.practice.pk,
        asked=Asked.ERASE,
        text="Jeg har aldri røykt.",
        now=NOW,
    )


def test_a_citizen_asks_once_and_gets_an_answer(office: Office, kari: Person, doctor: Actor) -> None:
    noted(doctor, office, kari)
    key = new_id()
    asked = ask(kari, office, key)
    assert ask(kari, office, key).pk == asked.pk
    assert asked.answer_by_date == local_day(NOW + rules.ANSWER_WITHIN)
    (row,) = misfiling.waiting_from(ask_for(misfiling.unanswered(doctor)), NOW)
    assert (row.id, row.is_late, row.text) == (asked.pk, False, "")
    assert misfiling.waiting_from(ask_for(misfiling.unanswered(doctor)), NOW + timedelta(days=31))[0].is_late
    assert misfiling.opened(doctor, asked.pk, NOW).text == "Jeg har aldri røykt."
    assert Event.objects.filter(action="correction.read", patient_id=kari.pk).exists()
    misfiling.answer(actor=doctor, correction_id=asked.pk, outcome=Outcome.DONE, text="Det er rettet.", now=LATER)
    assert misfiling.waiting_from(ask_for(misfiling.unanswered(doctor)), LATER) == []
    (own,) = misfiling.own(citizen(kari), LATER)
    assert (own.answer, own.outcome) == ("Det er rettet.", "done")
    assert Notification.objects.get(event="correction.answered").recipient_id == kari.pk
    assert "Jeg har aldri røykt." in own_data(kari)[1]
    with pytest.raises(Refused):
        misfiling.answer(actor=doctor, correction_id=asked.pk, outcome=Outcome.DONE, text="Igjen", now=LATER)


@pytest.mark.parametrize(
    ("outcome", "complains"), [(Outcome.REFUSED, True), (Outcome.PARTLY, True), (Outcome.DONE, False)]
)
def test_who_is_told_no_is_told_where_to_complain_whatever_the_office_wrote(
    outcome: Outcome, complains: bool, office: Office, kari: Person, doctor: Actor
) -> None:
    noted(doctor, office, kari)
    asked = ask(kari, office)
    misfiling.answer(actor=doctor, correction_id=asked.pk, outcome=outcome, text="Vi vet best.", now=LATER)
    (own,) = misfiling.own(citizen(kari), LATER)
    rows = own_rows.gather(own_rows.reader(kari, LATER), kari, LATER)
    written = [str(part.own.line(row)) for part in rows.parts for row in part.rows if row == asked]
    seen = misfiling.opened(doctor, asked.pk, LATER)
    for told in (str(own.complaint), str(seen.complaint), *written, own_data(kari)[1]):
        assert ("Statsforvalteren" in told) is complains


@pytest.mark.parametrize("who", ["another patient", "secretary", "elsewhere"])
def test_a_stranger_learns_nothing_of_what_she_asked(
    who: str, office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    noted(doctor, office, kari)
    asked = ask(kari, office)
    elsewhere = factories.office("Dalen legekontor", "Odd Lund")
    actor = {
        "another patient": citizen(per),
        "secretary": office.staff(Role.SECRETARY),
        "elsewhere": elsewhere.staff(Role.DOCTOR),
    }[who]
    with pytest.raises(NotFound):
        misfiling.opened(actor, asked.pk, NOW)
    with pytest.raises(NotFound):
        misfiling.answer(actor=actor, correction_id=asked.pk, outcome=Outcome.DONE, text="x", now=LATER)
    assert misfiling.own(actor, NOW) == misfiling.waiting_from(ask_for(misfiling.unanswered(actor)), NOW) == []
    with pytest.raises(NotFound):
        ask(per, office)  # she has no record there
    with pytest.raises(NotFound):
        ask(kari, elsewhere)
