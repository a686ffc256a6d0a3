"""Tall: visits, renewals and messages by week, kind and doctor; the waitlist, the third free time, and the files."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import numbers as visits
from legedialog.appointments import services
from legedialog.appointments.models import Channel
from legedialog.appointments.numbers import Line, Refill
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.appointments.tests.factories import office as another_office
from legedialog.core.errors import Denied
from legedialog.core.times import at_local, local_day
from legedialog.dialogues import numbers as messages
from legedialog.practices.numbers import WEEKS, Key, without_few
from legedialog.prescriptions import numbers as renewals
from legedialog.prescriptions.rules import Status
from legedialog.prescriptions.tests.factories import item_in

PAGE, FILE = reverse("workspace:numbers"), reverse("workspace:numbers-file")
PARTS = ("meldinger", "timer", "fornyelser")
FRIDAY = local_day(NOW) - timedelta(days=3)  # of the week before
NEXT, LATER = FRIDAY + timedelta(weeks=1), FRIDAY + timedelta(weeks=2)
Read = Callable[..., object]


def visit(at: Office, number: int, then: str = "") -> None:
    """Held on Friday, unless something else came of it."""
    mona, day = at.staff(), FRIDAY - timedelta(days=1)
    begun = at_local(FRIDAY, time(8))
    made = services.book_for_patient(
        actor=mona,
        patient_id=at.patient(f"Kari Test{number}").pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=begun,
        reason="",
        overbook_reason="Rygget inn",
        now=at_local(day, time(9)),
    )
    if then == "no-show":
        services.no_show(actor=mona, appointment_id=made.pk, now=begun + timedelta(hours=1))
    elif then == "cancelled":
        services.cancel(actor=mona, appointment_id=made.pk, now=at_local(day, time(10)))


@pytest.fixture
def used(office: Office) -> Office:
    """Six on Friday: four were held, one did not come, one was cancelled."""
    for number, then in enumerate(("", "", "", "", "no-show", "cancelled")):
        visit(office, number, then)
    return office


def test_visits_are_told_by_week_kind_and_doctor(used: Office) -> None:
    visit(another_office("Dalen legekontor", "Odd Lund"), 9)
    found = visits.of_office(used.staff(Role.MANAGER), NOW, weeks=4)
    line = found.all
    assert line is not None
    assert (line.held, line.missed, line.cancelled) == (4, 1, 1)
    assert line.share_missed == pytest.approx(1 / 5)
    assert [each for each in found.weeks if each[1] != Line()] == [(FRIDAY - timedelta(days=4), line)]
    assert (len(found.weeks), found.kinds) == (4, [(used.visit_type.label, line)])
    assert found.doctors == [(used.doctor.name, line)]
    assert found.doctor_weeks == [(used.doctor.name, FRIDAY - timedelta(days=4), line)]


def test_the_third_free_time_is_that_which_a_citizen_finds(office: Office) -> None:
    """She sees three on the first day that has as many, or that a day later has the third."""
    found = visits.of_office(office.staff(Role.MANAGER), NOW, weeks=4).third_free
    ((name, days),) = found
    assert name == office.doctor.name
    assert days is not None
    office.calendar.blocks.all().delete()
    assert visits.of_office(office.staff(Role.MANAGER), NOW, weeks=4).third_free == [(name, None)]


def test_the_waitlist_fills_what_is_taken(office: Office) -> None:
    from legedialog.appointments.models import TimeOffer, Wait, WaitStatus  # rows as the job leaves them

    kari = office.patient()
    booked = office.booked(kari)
    wait = Wait.objects.create(
        appointment=booked, patient=kari, practice=office.practice, asked_by=kari,
        status=WaitStatus.MOVED, asked_at=NOW, status_at=NOW,
    )  # fmt: skip
    for hour, status in enumerate(("accepted", "lapsed", "refused", "lapsed", "lapsed"), start=8):
        at = at_local(local_day(NOW) + timedelta(days=2), time(hour))
        TimeOffer.objects.create(
            wait=wait, calendar=office.calendar, starts_at=at, offered_at=NOW - timedelta(hours=1),
            answer_by=NOW, status=status, status_at=NOW,
        )  # fmt: skip
    found = visits.of_office(office.staff(Role.MANAGER), NOW, weeks=4)
    assert found.refill == Refill(offered=5, filled=1)
    page = logged_in(office.staff(Role.MANAGER)).get(PAGE, {"hva": "timer"}).content.decode()
    assert "5 tider ble tilbudt, og 1 ble tatt: 20 prosent." in page


def test_renewals_are_told_by_what_came_of_them(office: Office) -> None:
    came = [Status.RENEWED] * 5 + [Status.SENT] * 5 + [Status.WITHDRAWN]
    for number, status in enumerate(came):
        item_in(status, office, office.patient(f"Kari Test{number}"))
    found = renewals.of_office(office.staff(Role.DOCTOR), NOW + timedelta(hours=1), weeks=4)
    assert found.all is not None
    assert (found.all.received, found.all.answered, found.all.waiting) == (10, 5, 5)
    assert [(kind, line.received) for kind, line in found.kinds if line and line.received] == [
        ("renewed", 5),
        ("waiting", 5),
    ]
    assert [(name, line and line.received) for name, line in found.doctors] == [(office.doctor.name, 10)]
    assert [(name, line and line.received) for name, _day, line in found.doctor_weeks] == [(office.doctor.name, 10)]


@pytest.mark.parametrize("few", [1, 4])
def test_what_is_about_few_is_told_nowhere(few: int, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(few):
        visit(office, number, "no-show" if number == 0 else "")
        item_in(Status.REFUSED, office, office.patient(f"Kari Prøve{number}"))
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=1))
    client = logged_in(office.staff(Role.MANAGER))
    for part in ("timer", "fornyelser"):
        page = client.get(PAGE, {"hva": part})
        assert page.context["report"].found.all is None
        assert "færre enn fem" in page.context["report"].charts[0].says
        rows = list(csv.reader(io.StringIO(client.get(FILE, {"hva": part}).content.decode("utf-8-sig")), delimiter=";"))
        assert rows[1][1:5] == ["", "", "", ""]
        assert not [row for row in rows[1:] if row[1] not in ("", "0")]


def lines(**sizes: int) -> dict[Key, int]:
    return {("kind", name, None): size for name, size in sizes.items()}


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"a": 9, "b": 5, "c": 0}, set()),
        ({"a": 9, "b": 4, "c": 7}, {"b", "c"}),  # the least of the others too: nobody reckons it from the sum
        ({"a": 9, "b": 3, "c": 2}, {"b", "c"}),
        ({"a": 4}, {"a"}),
    ],
)
def test_few_are_hidden_and_what_they_could_be_reckoned_from(sizes: dict[str, int], hidden: set[str]) -> None:
    told = without_few(lines(**sizes), lambda size: size)
    assert {name for (_what, name, _week), size in told.items() if size is None} == hidden


def test_of_doctor_and_week_nothing_few_can_be_reckoned_in_either_direction() -> None:
    counts = [[9, 9, 9], [2, 9, 9], [9, 9, 9]]  # by doctor, by week
    told = without_few(
        {
            ("doctor-week", str(doctor), FRIDAY + timedelta(weeks=week)): size
            for doctor, row in enumerate(counts)
            for week, size in enumerate(row)
        },
        lambda size: size,
    )
    hidden = [(which, week) for (_what, which, week), size in told.items() if size is None]
    assert ("1", FRIDAY) in hidden
    for side in (0, 1):
        alone = [each for each in hidden if [other[side] for other in hidden].count(each[side]) == 1]
        assert not alone
    assert len(hidden) < 9


def test_a_week_that_is_hidden_is_not_told_by_its_doctors() -> None:
    of_weeks: dict[Key, int] = {("week", "", FRIDAY): 4, ("week", "", NEXT): 6, ("week", "", LATER): 9}
    of_doctor: dict[Key, int] = {("doctor-week", "a", day): size for (_of, _all, day), size in of_weeks.items()}
    told = without_few(of_weeks | of_doctor, lambda size: size)
    assert [week for (_what, _which, week), size in told.items() if size] == [LATER, LATER]


def test_where_one_doctor_was_alone_the_week_is_hidden_with_hers() -> None:
    """Else it would tell what hers was, and her sum the few of her other week."""
    told = without_few(
        {
            ("week", "", FRIDAY): 23, ("week", "", NEXT): 6, ("week", "", LATER): 30,
            ("doctor", "a", None): 9, ("doctor", "b", None): 50,
            ("doctor-week", "a", FRIDAY): 3, ("doctor-week", "b", FRIDAY): 20,
            ("doctor-week", "a", NEXT): 6, ("doctor-week", "b", LATER): 30,
        },
        lambda size: size,
    )  # fmt: skip
    assert told["doctor-week", "a", NEXT] is None
    assert told["week", "", NEXT] is None


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("role", "status"), [(Role.MANAGER, 200), (Role.DOCTOR, 200), (Role.SECRETARY, 403), (Role.SUBSTITUTE, 403)]
)
def test_who_sees_the_numbers(role: Role, status: int, part: str, office: Office) -> None:
    client = logged_in(office.staff(role))
    assert client.get(PAGE, {"hva": part}).status_code == status
    assert client.get(FILE, {"hva": part}).status_code == status


@pytest.mark.parametrize("read", [messages.of_office, visits.of_office, renewals.of_office])
def test_the_readers_ask_it_again(read: Read, office: Office) -> None:
    with pytest.raises(Denied):
        read(office.staff(Role.SECRETARY), NOW, weeks=4)


def test_a_stranger_sees_nothing_of_it(used: Office) -> None:
    item_in(Status.RENEWED, used, used.patient())
    elsewhere = another_office("Dalen legekontor", "Odd Lund").staff(Role.MANAGER)
    assert visits.of_office(elsewhere, NOW, weeks=4).all == Line()
    found = renewals.of_office(elsewhere, NOW, weeks=4).all
    assert found is not None
    assert found.received == 0
    for part in PARTS:
        assert used.doctor.name not in logged_in(elsewhere).get(PAGE, {"hva": part}).content.decode()


@pytest.mark.parametrize("part", PARTS)
def test_the_file_holds_every_line_under_its_heading(part: str, used: Office, manager: Client) -> None:
    item_in(Status.RENEWED, used, used.patient())
    text = manager.get(FILE, {"hva": part, "uker": "4"}).content.decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert all(len(row) == len(head) for row in rows)
    assert rows[0][0] == "Alle"
    if part == "timer":
        assert rows[0][1:4] == ["4", "1", "1"]
        assert [used.doctor.name, "", "", "", "", "", ""] == rows[-1][:-1]


@pytest.mark.parametrize("part", PARTS)
def test_it_says_it_in_words_and_in_a_table_and_asks_as_often_for_many(part: str, used: Office) -> None:
    client = logged_in(used.staff(Role.MANAGER))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page = client.get(PAGE, {"hva": part}).content.decode()
        assert page.count('class="chart"') == page.count("Vis tallene i en tabell") >= 4
        return len(queries)

    asked()
    few = asked()
    for number in range(10, 20):
        visit(used, number)
    assert asked() == few <= 9


@pytest.mark.parametrize("address", ["?hva=alt", "?uker=3", "?uker=x&hva=", "?hva=timer&uker=999"])
def test_an_address_that_says_nothing_shows_the_first(address: str, manager: Client) -> None:
    assert manager.get(PAGE + address).context["weeks"] == WEEKS[1]


def test_the_words_of_a_period_without_anything(manager: Client, now: datetime) -> None:
    page = manager.get(PAGE, {"hva": "timer"}).content.decode()
    assert "Ingen timer i perioden." in page
    assert "Ingen tider ble tilbudt fra ventelisten i perioden." in page
    assert "Ingen bestilte fornyelse i perioden." in manager.get(PAGE, {"hva": "fornyelser"}).content.decode()
