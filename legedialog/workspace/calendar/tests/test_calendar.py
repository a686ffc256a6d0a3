import re
from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services
from legedialog.appointments.models import Block, Calendar
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import LONG_AGO, NOW, TODAY, TOMORROW, Office, citizen
from legedialog.core.times import at_local
from legedialog.practices.models import Absence, Clinician

URL = reverse("workspace:calendar")


def text(client: Client, query: str = f"?dag={TOMORROW}") -> str:
    page = client.get(URL + query)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", page.content.decode())


def colleague(office: Office, name: str) -> Calendar:
    """Another doctor at the office, with the same weekly plan."""
    doctor = Clinician.objects.create(name=name, hpr_number=str(8_000_000 + Clinician.objects.count()))
    calendar = Calendar.objects.create(practice=office.practice, clinician=doctor)
    for weekday in range(5):
        block = Block.objects.create(
            calendar=calendar,
            weekday=weekday,
            starts=time(8),
            ends=time(16),
            step_minutes=20,
            channels=factories.CHANNELS,
            first_date=LONG_AGO,
        )
        block.visit_types.add(office.visit_type)
    return calendar


def test_a_booked_time_shows_the_name_and_the_kind_of_visit_but_not_the_reason(
    office: Office, secretary: Client
) -> None:
    office.booked(office.patient(), reason="Utslett på armen")
    page = text(secretary)
    assert 'Kari Testdal</strong> <span class="kind">Vanlig time</span>' in page
    assert ", Oppmøte, til 08.20, Booket" in page
    assert "Utslett" not in page


def test_a_free_time_is_a_link_that_books_it_with_the_full_date_in_its_name(office: Office, secretary: Client) -> None:
    page = text(secretary)
    assert 'ledig</span><span class="ds-sr-only">, tirsdag 24. november kl. 08.20 hos Ingrid Aas</span>' in page
    assert f"?kalender={office.calendar.pk}&amp;start=2026-11-24T08:20" in page


def test_the_manager_sees_free_times_and_cannot_book_them(office: Office, manager: Client) -> None:
    page = text(manager)
    assert "ledig" in page
    assert reverse("workspace:book") not in page


def test_held_blocked_and_absent_are_words_and_not_only_colours(office: Office, secretary: Client) -> None:
    patient = office.patient()
    services.hold(
        actor=citizen(patient),
        patient_id=patient.pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW, time(8)),
        now=NOW,
    )
    services.block_time(
        actor=office.staff(),
        calendar_id=office.calendar.pk,
        starts_at=at_local(TOMORROW, time(9)),
        ends_at=at_local(TOMORROW, time(10)),
        note="Legemiddelmøte",
        now=NOW,
    )
    page = text(secretary)
    assert 'data-kind="held"' in page
    assert "holdes av" in page
    assert '<span class="kind">Legemiddelmøte</span> <span class="word">sperret</span>' in page
    Absence.objects.create(practice=office.practice, clinician=office.doctor, first_date=TOMORROW, last_date=TOMORROW)
    page = text(secretary)
    assert "Fravær" in page
    assert '<li class="cell" data-kind="free"' not in page


def test_only_the_chosen_doctors_stand_side_by_side(office: Office, secretary: Client) -> None:
    other = colleague(office, "Jonas Vik")
    both = secretary.get(f"{URL}?dag={TOMORROW}").context["grid"]
    assert [column.clinician_name for column in both.columns] == ["Ingrid Aas", "Jonas Vik"]
    one = secretary.get(f"{URL}?dag={TOMORROW}&lege={other.clinician_id}").context["grid"]
    assert [column.clinician_name for column in one.columns] == ["Jonas Vik"]


def test_a_week_has_every_doctor_on_every_working_day(office: Office, secretary: Client) -> None:
    colleague(office, "Jonas Vik")
    columns = secretary.get(f"{URL}?dag={TOMORROW}&visning=uke").context["grid"].columns
    assert [column.day for column in columns[::2]] == [TODAY + timedelta(days=number) for number in range(5)]
    assert len(columns) == 10


@pytest.mark.parametrize("query", ["?dag=i-morgen", "?dag=2026-02-31", "?lege=alle&valgt=1", "?visning=år"])
def test_an_address_that_makes_no_sense_shows_the_calendar_of_today(
    query: str, office: Office, secretary: Client
) -> None:
    assert secretary.get(URL + query).context["day"] == TODAY


def test_a_booked_time_is_moved_to_a_cell_that_it_fits_in_and_all_else_of_it_stays(
    office: Office, secretary: Client
) -> None:
    visit = office.booked(office.patient(), day=TOMORROW + timedelta(days=7), reason="Kontroll")
    lab = services_block(office, time(12, 0), time(12, 20))
    page = secretary.get(f"{URL}?dag={TOMORROW}&flytt={visit.pk}")
    html = page.content.decode()
    assert "Kontroll" not in html
    picks = re.findall(r'form="moving" name="pick" value="[^@"]+@([^"]+)"', html)
    assert picks[:2] == ["2026-11-24T08:00", "2026-11-24T08:20"]
    assert f"2026-11-24T{lab:%H:%M}" not in picks  # free, and not for a visit of this kind
    assert reverse("workspace:book") + "?kalender" not in html
    assert f"flytt={visit.pk}" in page.context["links"]["next"]
    moved = secretary.post(
        reverse("workspace:change", args=[visit.pk]),
        {"pick": f"{office.calendar.pk}@{picks[1]}", "mark": page.context["moving"].mark, "as-it-is": "1"},
    )
    assert moved.status_code == 302
    before = visit.visit_type, visit.channel, visit.minutes
    visit.refresh_from_db()
    assert (visit.starts_at, visit.reason) == (at_local(TOMORROW, time(8, 20)), "Kontroll")
    assert (visit.visit_type, visit.channel, visit.minutes) == before
    week = secretary.get(f"{URL}?dag={TOMORROW}&visning=uke&flytt={visit.pk}").content.decode()
    assert 'form="moving" name="pick"' in week


def services_block(office: Office, starts: time, ends: time) -> time:
    """A part of the plan of tomorrow that is for nothing that is booked here."""
    Block.objects.create(
        calendar=office.calendar,
        weekday=TOMORROW.weekday(),
        starts=starts,
        ends=ends,
        step_minutes=20,
        channels=factories.CHANNELS,
        first_date=LONG_AGO,
    )
    return starts


def test_the_week_and_the_doctors_that_were_chosen_last_stay(office: Office, secretary: Client) -> None:
    other = colleague(office, "Jonas Vik")
    secretary.get(f"{URL}?visning=uke&lege={other.clinician_id}")
    again = secretary.get(f"{URL}?dag={TOMORROW}").context
    assert again["is_week"]
    assert {column.clinician_name for column in again["grid"].columns} == {"Jonas Vik"}
    part = secretary.get(f"{URL}?dag={TOMORROW}&visning=dag", headers={"HX-Request": "true", "X-Live": "1"})
    # A page beside it that draws itself anew stays what it is, and chooses nothing.
    assert 'class="calendar" id="calendar"' in part.content.decode()
    assert secretary.get(URL).context["is_week"]
    secretary.get(f"{URL}?visning=dag")
    assert len(secretary.get(URL).context["grid"].columns) == 2


def test_a_week_of_several_doctors_is_a_line_for_each_with_the_next_free_times(
    office: Office, secretary: Client
) -> None:
    colleague(office, "Jonas Vik")
    for clock in (time(8), time(8, 40)):
        office.booked(office.patient(), clock=clock)
    page = text(secretary, f"?dag={TOMORROW}&visning=uke")
    assert page.count('class="line-row"') == 2
    assert "2 booket, " in page
    assert "start=2026-11-24T08:20" in page
    assert "start=2026-11-24T08:40" not in page.partition("Jonas Vik")[0]


def test_a_note_stands_above_the_day_and_in_the_week_and_is_taken_back(office: Office, secretary: Client) -> None:
    colleague(office, "Jonas Vik")
    url = f"{reverse('workspace:day-note')}?kalender={office.calendar.pk}&dag={TOMORROW}"
    mark = secretary.get(url).context["mark"]
    assert secretary.post(url, {"text": "Student hele dagen", "mark": mark}).status_code == 302
    for view in ("dag", "uke"):
        assert "Student hele dagen" in text(secretary, f"?dag={TOMORROW}&visning={view}")
    late = secretary.post(url, {"text": "Kurs fra 12", "mark": mark})
    assert late.status_code == 409
    assert "Student hele dagen" in late.content.decode()
    assert "Kurs fra 12" in late.content.decode()
    assert "Merknaden er lagret." in text(secretary)
    back = secretary.post(reverse("workspace:undo"), follow=True).content.decode()
    assert "Angret. Merknaden er som før." in back
    assert "Student hele dagen" not in text(secretary)


def test_the_arrows_step_over_the_weekend(office: Office, secretary: Client) -> None:
    links = secretary.get(f"{URL}?dag=2026-11-27").context["links"]
    assert "dag=2026-11-30" in links["next"]
    assert "dag=2026-11-20" in secretary.get(f"{URL}?dag=2026-11-23").context["links"]["previous"]


def test_only_the_grid_is_fetched_again(office: Office, secretary: Client) -> None:
    part = secretary.get(f"{URL}?dag={TOMORROW}", headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div class="calendar" id="calendar"')
    assert "<html" not in part
    assert 'data-live="/live/office/' in part


def test_another_office_sees_nothing_of_ours(office: Office, stranger: Client) -> None:
    office.booked(office.patient())
    assert "Kari" not in text(stranger)


@pytest.mark.parametrize("booked", [2, 40])
def test_a_week_of_four_doctors_takes_the_same_number_of_queries(
    booked: int, office: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    calendars = [office.calendar, *(colleague(office, name) for name in ("Jonas Vik", "Per Lie", "Siv Moe"))]
    actor = office.staff()
    patients = [office.patient(f"Kari Test{number}") for number in range(4)]
    for number in range(booked):
        services.book_for_patient(
            actor=actor,
            patient_id=patients[number % 4].pk,
            calendar_id=calendars[number % 4].pk,
            visit_type_id=office.visit_type.pk,
            channel="attendance",
            starts_at=at_local(TODAY + timedelta(days=1 + number // 4 % 4), time(8 + number // 16, 0)),
            reason="",
            now=NOW,
        )
    client = logged_in(office.staff(Role.SECRETARY))
    client.get(URL)  # keys of sealed names are read once in a process
    with django_assert_num_queries(3):  # the session, the calendar, and how late each doctor is today
        page = client.get(f"{URL}?dag={TODAY}&visning=uke")
    assert sum(column.booked for column in page.context["grid"].columns) == booked


def test_the_day_list_has_names_and_times_and_no_reasons(office: Office, secretary: Client) -> None:
    office.booked(office.patient(), reason="Utslett på armen")
    page = secretary.get(reverse("workspace:day-list") + f"?dag={TOMORROW}").content.decode()
    assert "Kari Testdal" in page
    assert "08.00–08.20" in page
    assert "Utslett" not in page


def test_keeping_time_for_something_else_and_giving_it_back(office: Office, secretary: Client) -> None:
    form = {"calendar": office.calendar.pk, "day": TOMORROW, "starts": "09:00", "ends": "10:00", "note": "Kurs"}
    answer = secretary.post(reverse("workspace:block"), form)
    assert answer.status_code == 302
    assert "Kurs" in text(secretary)
    (claim,) = [
        item for column in secretary.get(f"{URL}?dag={TOMORROW}").context["grid"].columns
        for cell in column.cells for item in cell.items
    ]  # fmt: skip
    url = reverse("workspace:blocked", args=[claim.id])
    assert "Opphev sperringen" in secretary.get(url).content.decode()
    assert secretary.post(url).status_code == 302
    assert "Kurs" not in text(secretary)


def test_time_with_patients_in_it_is_not_blocked(office: Office, secretary: Client) -> None:
    office.booked(office.patient())
    form = {"calendar": office.calendar.pk, "day": TOMORROW, "starts": "08:10", "ends": "10:00", "note": ""}
    answer = secretary.post(reverse("workspace:block"), form)
    assert answer.status_code == 422
    assert "Det står allerede noe i denne tiden" in answer.content.decode()


def test_another_office_can_neither_see_nor_free_our_blocked_time(office: Office, stranger: Client) -> None:
    claim = services.block_time(
        actor=office.staff(),
        calendar_id=office.calendar.pk,
        starts_at=at_local(TOMORROW, time(9)),
        ends_at=at_local(TOMORROW, time(10)),
        note="",
        now=NOW,
    )
    url = reverse("workspace:blocked", args=[claim.pk])
    assert (stranger.get(url).status_code, stranger.post(url).status_code) == (404, 404)
