from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from legedialog.access.actor import Actor
from legedialog.appointments import elsewhere, policy, queries, requested
from legedialog.appointments.models import (
    Appointment,
    Claim,
    ExternalAppointment,
    Source,
    SourceKind,
    TimeRequest,
)
from legedialog.appointments.tests.factories import NOW, Office, citizen, office
from legedialog.patients.models import Person
from legedialog.patients.representation import Restriction
from legedialog.practices.models import Clinician

pytestmark = pytest.mark.django_db


def visit(at: Office, who: Person, hours: int, **fields: object) -> Appointment:
    starts, ends = NOW + timedelta(hours=hours), NOW + timedelta(hours=hours, minutes=20)
    claim = Claim.objects.create(calendar=at.calendar, period=(starts, ends), kind="booking", visit_type=at.visit_type)
    given = {"patient": who, "practice": at.practice, "calendar": at.calendar, "visit_type": at.visit_type}
    times = {"starts_at": starts, "ends_at": ends, "booked_at": NOW, "status_at": NOW, "booked_by_person": who}
    return Appointment.objects.create(**given, **times, claim=claim, channel="attendance", **fields)


def acting(who: Person, other: Person, ground: str, *areas: str) -> Actor:
    hers = frozenset({other.pk})
    return replace(citizen(who), acting_for_id=other.pk, patients=hers, ground=ground, areas=frozenset(areas))


def test_the_statements_show_everybody_what_the_policy_shows_her() -> None:
    at = office()
    kari, nora = at.patient(), at.patient("Nora Testdal")
    for number, restriction in enumerate(Restriction, start=1):
        visit(at, nora, number, restriction=restriction)
        visit(at, nora, -number, restriction=restriction)
    areas = ("appointments",), ()
    readers = [citizen(nora), citizen(kari), Actor()]
    readers += [acting(kari, nora, ground, *each) for ground in ("FO", "youth", "FU") for each in areas]
    shown = [
        {row.id for row in (*queries.coming(reader, nora.pk, NOW).rows, *queries.past(reader, nora.pk, NOW))}
        for reader in readers
    ]
    assert shown == [
        set(policy.visible_to(reader).filter(patient=nora).values_list("pk", flat=True)) for reader in readers
    ]
    assert [len(each) for each in shown] == [6, 0, 0, 4, 0, 4, 0, 6, 0]


def test_wishes_and_what_others_keep_are_shown_as_the_policy_says() -> None:
    at, none = office(), {"wishes": "", "answer": "", "sent_at": NOW, "status_at": NOW}
    kari, nora = at.patient(), at.patient("Nora Testdal")
    for number, restriction in enumerate(Restriction, start=1):
        row = visit(at, nora, number, restriction=restriction)
        for sender in (nora, kari):
            doctor = Clinician.objects.create(name=f"Lege {number}", hpr_number=f"{number}{sender.name[:4]}")
            links = {"practice": at.practice, "clinician": doctor, "patient": nora, "sent_by": sender, "key": uuid4()}
            became = {"status": "assigned", "appointment": row} if sender == kari else {"status": "sent"}
            TimeRequest.objects.create(**links, **none, **became)
    for number, kind in enumerate(SourceKind):
        source = Source.objects.create(name=kind, organisation_number=str(number), kind=kind)
        given = {"patient": nora, "identifier": uuid4(), "starts_at": NOW, "status": "booked", "channel": "attendance"}
        words = {"title": f"Til {kind}", "place": "Hus 1", "instruction": "Faste", "join_url": ""}
        ExternalAppointment.objects.create(**given, **words, source=source, received_at=NOW)
    areas = ("appointments",), ()
    readers = [citizen(nora), citizen(kari), Actor(), at.staff()]
    readers += [acting(kari, nora, ground, *each) for ground in ("FO", "youth", "FU") for each in areas]
    wished = [{row.id for row in requested.requests_of(reader, nora.pk)} for reader in readers]
    assert wished == [
        set(policy.requests_visible_to(each).filter(patient__in=each.patients).values_list("pk", flat=True))
        for each in readers
    ]
    assert len(wished[0]) > len(wished[4]) > len(wished[1]) == 0
    kept = [{(row.id, row.title) for row in elsewhere.rows(reader, nora.pk, NOW)} for reader in readers]
    assert kept == [
        {(row.pk, row.title) for row in policy.elsewhere_visible_to(reader).filter(patient=nora)} for reader in readers
    ]
    assert len(kept[0]) == len(SourceKind) > len(kept[1]) == 0


def test_the_next_ones_tell_how_many_there_are_in_all() -> None:
    at = office()
    kari = at.patient()
    for hours in range(1, 6):
        visit(at, kari, hours)
    found = queries.coming(citizen(kari), kari.pk, NOW, most=2)
    assert ([row.starts_at for row in found.rows], found.more) == ([NOW + timedelta(hours=h) for h in (1, 2)], 3)
    assert len(queries.coming(citizen(kari), kari.pk, NOW).rows) == 5


def test_of_many_more_it_is_not_counted_how_many() -> None:
    at = office()
    kari = at.patient()
    for number in range(queries.COUNTED + 1):
        visit(at, kari, 1 + number)
    assert queries.coming(citizen(kari), kari.pk, NOW, most=2).more == queries.COUNTED - 1
    assert queries.coming(citizen(kari), kari.pk, NOW, most=1).more is None
    everything = queries.coming(citizen(kari), kari.pk, NOW)
    assert (len(everything.rows), everything.more) == (queries.COUNTED + 1, 0)


@pytest.mark.parametrize(
    ("channel", "minutes", "goes_on"), [("attendance", -1, False), ("video", -1, True), ("video", -61, False)]
)
def test_a_video_visit_goes_on_while_it_can_be_joined(channel: str, minutes: int, goes_on: bool) -> None:
    at = office()
    kari = at.patient()
    row = visit(at, kari, -3)
    Appointment.objects.filter(pk=row.pk).update(channel=channel, ends_at=NOW + timedelta(minutes=minutes))
    assert bool(queries.coming(citizen(kari), kari.pk, NOW).rows) is goes_on
    assert bool(queries.past(citizen(kari), kari.pk, NOW)) is not goes_on
