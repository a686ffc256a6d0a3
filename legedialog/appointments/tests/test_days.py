"""What the office's calendar and its lists read by statements is what the policy shows."""

from datetime import time, timedelta

import pytest

from legedialog.access.actor import Role
from legedialog.appointments import office as reads
from legedialog.appointments import policy, requested, services
from legedialog.appointments.tests.factories import NOW, TOMORROW, citizen, office
from legedialog.appointments.tests.reading import office_days
from legedialog.appointments.tests.test_requests import wish
from legedialog.core.sql import ask_for
from legedialog.core.times import at_local
from legedialog.practices.models import Absence

pytestmark = pytest.mark.django_db


def test_the_calendar_shows_what_takes_time_by_start_with_names_notes_and_who_is_away() -> None:
    at, elsewhere = office(), office("Nabo legesenter", "Jonas Vik")
    mona, kari = at.staff(), at.patient()
    for hour in (11, 9):
        services.block_time(
            actor=mona,
            calendar_id=at.calendar.pk,
            note=f"Møte {hour}",
            now=NOW,
            starts_at=at_local(TOMORROW, time(hour)),
            ends_at=at_local(TOMORROW, time(hour, 30)),
        )
    visit, gone = at.booked(kari), at.booked(at.patient("Per Testvik"), clock=time(8, 40))
    services.cancel(actor=mona, appointment_id=gone.pk, now=NOW)
    services.hold(
        actor=citizen(kari),
        patient_id=kari.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW, time(10)),
        now=NOW,
    )
    Absence.objects.create(practice=at.practice, clinician=at.doctor, first_date=TOMORROW, last_date=TOMORROW)
    found = office_days(mona, at.practice.pk, TOMORROW, TOMORROW, NOW)
    assert [(row.kind, row.patient_name, row.note) for row in found.claims] == [
        ("booking", "Kari Testdal", ""),
        ("block", "", "Møte 9"),
        ("hold", "", ""),
        ("block", "", "Møte 11"),
    ]
    assert (found.claims[0].appointment_id, found.claims[0].until) == (visit.pk, visit.ends_at)
    assert [row.clinician_name for row in found.calendars] == ["Ingrid Aas"]
    assert found.absent == {at.calendar.pk: [(TOMORROW, TOMORROW)]}
    assert {block.weekday for block in found.blocks} == set(range(5))
    late = office_days(mona, at.practice.pk, TOMORROW, TOMORROW, NOW + timedelta(minutes=20))
    assert [row.kind for row in late.claims] == ["booking", "block", "block"]
    stranger = office_days(elsewhere.staff(), at.practice.pk, TOMORROW, TOMORROW, NOW)
    assert (stranger.calendars, stranger.claims, stranger.blocks, stranger.absent) == ([], [], [], {})


@pytest.mark.parametrize("role", Role)
def test_wishes_at_the_office_are_those_the_policy_shows_each_role(role: Role) -> None:
    at, elsewhere = office(), office("Nabo legesenter", "Jonas Vik")
    for place, name in ((at, "Kari Testdal"), (at, "Per Testvik"), (elsewhere, "Nora Testdal")):
        who = place.patient(name)
        wish(place, who)
    reader = at.staff(role)
    told = policy.requests_visible_to(reader).filter(status="sent", practice=at.practice)
    assert {row.id for row in ask_for(requested.at_office(reader, at.practice.pk, NOW))} == {row.pk for row in told}
    assert ask_for(requested.how_many(reader, NOW))[0].number == len(told) == 2
    assert ask_for(requested.at_office(reader, elsewhere.practice.pk, NOW)) == []


def test_beside_something_of_hers_stand_the_next_and_the_latest_from_now_and_away() -> None:
    at, elsewhere = office(max_coming=9), office("Nabo legesenter", "Jonas Vik")
    kari = at.patient()
    visits = [at.booked(kari, clock=time(8 + number)) for number in range(4)]
    services.cancel(actor=at.staff(), appointment_id=visits[0].pk, now=NOW)
    then = visits[2].ends_at

    def shown(actor: object, most: int = 3) -> list[object]:
        return [row.id for row in ask_for(reads.beside(actor, kari.pk, then, most=most))]  # type: ignore[arg-type]

    assert shown(at.staff()) == [visits[3].pk, visits[2].pk, visits[1].pk]
    assert shown(at.staff(Role.MANAGER), most=1) == [visits[3].pk, visits[2].pk]
    assert shown(elsewhere.staff()) == []
