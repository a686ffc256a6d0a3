from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.models import Block, VisitType
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import TODAY, TOMORROW, Office
from legedialog.fees.models import OwnPrice
from legedialog.fees.rules import Stated
from legedialog.practices.models import Offer, OpeningException, OpeningHours

SETTINGS = reverse("workspace:settings")
HOURS = reverse("workspace:settings-hours")


def service_url(office: Office, service: str = "book") -> str:
    return reverse("workspace:settings-service", args=[office.doctor.pk, service])


def send(client: Client, url: str, data: dict[str, Any]) -> Any:
    """From the page as it is now."""
    return client.post(url, {"mark": Tab(client).open(url).form(url).fields["mark"]} | data)


def visit_type(**changes: object) -> dict[str, object]:
    return {
        "name": "Vaksine",
        "name_nn": "",
        "name_en": "Vaccine",
        "kind": "vaccine",
        "minutes": 10,
        "channels": ["attendance"],
        "is_bookable_by_citizens": "on",
        "horizon_days": 30,
        "lead_minutes": 60,
        "cutoff_hours": 24,
        "max_coming": 1,
        "buffer_minutes": 10,
        "release_clock": "08:00",
        "preparation": "Ha på en kortermet genser.",
        "position": 2,
        "is_active": "on",
        **changes,
    }


def block(office: Office, **changes: object) -> dict[str, object]:
    return {
        "weekday": 1,
        "starts": "12:30",
        "ends": "15:00",
        "step_minutes": 30,
        "visit_types": [office.visit_type.pk],
        "channels": ["phone"],
        "first_date": TODAY,
        "last_date": "",
        **changes,
    }


def test_what_the_citizen_will_see_is_shown_before_it_is_saved(office: Office, manager: Client) -> None:
    closed = {"state": "closed", "reason": "Stengt i ferien.", "until": "2026-12-01"}
    preview = send(manager, service_url(office), {**closed, "do": "preview"}).content.decode()
    assert "Slik blir det for innbyggeren" in preview
    assert "Stengt i ferien. Åpner tirsdag 1. desember." in preview
    assert Offer.objects.get(clinician=office.doctor, service="book").is_open
    assert send(manager, service_url(office), {**closed, "do": "save"}).status_code == 302
    assert not Offer.objects.get(clinician=office.doctor, service="book").is_open
    assert "Stengt i ferien." in manager.get(SETTINGS).content.decode()
    send(manager, service_url(office), {"state": "open", "reason": "", "until": "", "do": "save"})
    assert Offer.objects.get(clinician=office.doctor, service="book").is_open


def test_a_service_is_changed_as_it_was_seen(office: Office, manager: Client) -> None:
    tab = Tab(manager).open(service_url(office))
    send(manager, service_url(office), {"state": "closed", "reason": "Kurs.", "until": "", "do": "save"})
    answer = tab.press(service_url(office), state="closed", reason="Ferie.", do="save")
    assert answer.status_code == 409
    assert "Kurs." in tab.html
    assert Offer.objects.get(clinician=office.doctor, service="book").closed_reason == "Kurs."
    tab.press(service_url(office), do="save")
    assert Offer.objects.get(clinician=office.doctor, service="book").closed_reason == "Ferie."


def test_a_service_does_not_open_again_in_the_past(office: Office, manager: Client) -> None:
    answer = send(manager, service_url(office), {"state": "closed", "reason": "", "until": TODAY, "do": "save"})
    assert answer.status_code == 422
    assert "Velg en dag fram i tid" in answer.content.decode()


def test_a_service_the_record_system_lacks_cannot_be_opened(office: Office, manager: Client) -> None:
    office.practice.supported_services = ["book"]
    office.practice.save(update_fields=["supported_services"])
    answer = send(manager, service_url(office, "video"), {"state": "open", "reason": "", "until": "", "do": "save"})
    assert answer.status_code == 422
    assert "støtter ikke denne tjenesten" in answer.content.decode()
    assert manager.get(service_url(office, "ukjent")).status_code == 404


def test_a_doctor_decides_her_own_services_and_no_colleagues(office: Office, doctor: Client) -> None:
    assert doctor.get(service_url(office)).status_code == 200
    other = Office.__new__(Office)
    other.doctor = type(office.doctor).objects.create(name="Jonas Vik", hpr_number="9999999")
    assert doctor.get(service_url(other)).status_code == 404  # a doctor elsewhere
    office.staff(Role.DOCTOR, other.doctor)
    assert doctor.get(service_url(other)).status_code == 403


def test_a_visit_type_is_made_and_changed(office: Office, manager: Client) -> None:
    new = reverse("workspace:settings-new-visit-type")
    assert manager.post(new, visit_type()).status_code == 302
    made = VisitType.objects.get(name="Vaksine")
    assert (made.minutes, made.channels, made.max_coming) == (10, ["attendance"], 1)
    change = reverse("workspace:settings-visit-type", args=[made.pk])
    assert manager.get(change).context["form"]["minutes"].value() == 10
    own = OwnPrice.objects.create(practice=office.practice, name="Influensavaksine", ore=45_000)
    elsewhere = OwnPrice.objects.create(practice=factories.office("Dalen").practice, name="Attest", ore=45_000)
    assert send(manager, change, visit_type(own_price_id=str(elsewhere.pk))).status_code == 422
    answer = send(manager, change, visit_type(own_price_id=str(own.pk), is_own_price_alone="on", laboratory="with"))
    assert answer.status_code == 302, answer.context["form"].errors
    made.refresh_from_db()
    assert made.stated == Stated("", own.pk, is_alone=True, laboratory="with")
    changed = visit_type(minutes=15, channels=["attendance", "phone"], is_bookable_by_citizens="")
    assert send(manager, change, changed).status_code == 302
    made.refresh_from_db()
    assert (made.minutes, made.channels, made.is_bookable_by_citizens) == (15, ["attendance", "phone"], False)
    assert "Bare kontoret booker" in manager.get(SETTINGS).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "Vanlig time"), ("minutes", 3), ("minutes", 500), ("channels", []), ("horizon_days", 0)],
)
def test_a_visit_type_that_makes_no_sense_is_not_saved(
    field: str, value: object, office: Office, manager: Client
) -> None:
    answer = manager.post(reverse("workspace:settings-new-visit-type"), visit_type(**{field: value}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert VisitType.objects.count() == 1


def test_another_offices_visit_type_is_not_found(office: Office) -> None:
    from legedialog.appointments.tests import factories

    client = logged_in(factories.office("Dalen legekontor", "Odd Lund").staff(Role.MANAGER))
    url = reverse("workspace:settings-visit-type", args=[office.visit_type.pk])
    assert client.get(url).status_code == 404
    assert client.post(url, visit_type()).status_code == 404
    assert client.get(reverse("workspace:settings-block", args=[office.block_by_weekday[0].pk])).status_code == 404


def test_a_block_added_to_the_plan_gives_free_times_and_one_taken_out_does_not(office: Office, doctor: Client) -> None:
    new = reverse("workspace:settings-new-block", args=[office.calendar.pk])
    assert doctor.post(new, block(office)).status_code == 302
    made = Block.objects.get(starts=time(12, 30))
    assert list(made.visit_types.all()) == [office.visit_type]
    calendar = f"{reverse('workspace:calendar')}?dag={TOMORROW}"
    assert doctor.get(calendar).context["grid"].columns[0].free == 12 + 5
    change = reverse("workspace:settings-block", args=[made.pk])
    assert doctor.get(change).context["form"]["visit_types"].value() == [str(office.visit_type.pk)]
    assert send(doctor, change, block(office, ends="13:30", last_date="2026-12-31")).status_code == 302
    assert doctor.get(calendar).context["grid"].columns[0].free == 12 + 2
    assert send(doctor, change, {"do": "remove"}).status_code == 302
    assert doctor.get(calendar).context["grid"].columns[0].free == 12


def test_extra_opening_on_one_date_is_a_block_with_one_date(office: Office, manager: Client) -> None:
    new = reverse("workspace:settings-new-block", args=[office.calendar.pk])
    form = manager.get(f"{new}?dag=2026-11-28").context["form"]
    assert (form["weekday"].value(), form["first_date"].value(), form["last_date"].value()) == (
        5,
        date(2026, 11, 28),
        date(2026, 11, 28),
    )
    saturday = block(office, weekday=5, first_date="2026-11-28", last_date="2026-11-28")
    assert manager.post(new, saturday).status_code == 302
    days = [
        column.day
        for column in manager.get(f"{reverse('workspace:calendar')}?dag={TODAY}&visning=uke").context["grid"].columns
    ]
    assert days[-1] == date(2026, 11, 28)
    assert manager.post(new, block(office, first_date="2026-11-28", last_date="2026-11-28")).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [("ends", "12:00"), ("starts", ""), ("visit_types", []), ("channels", []), ("last_date", "2026-11-01")],
)
def test_a_block_that_makes_no_sense_is_not_saved(field: str, value: object, office: Office, manager: Client) -> None:
    new = reverse("workspace:settings-new-block", args=[office.calendar.pk])
    answer = manager.post(new, block(office, **{field: value}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_opening_hours_are_saved_for_the_whole_week(office: Office, manager: Client) -> None:
    data = {f"dag{number}-opens": "08:00" for number in range(5)} | {
        f"dag{number}-closes": "15:30" for number in range(5)
    }
    data |= {"dag2-closes": "11:00", "dag2-opens_again": "12:00", "dag2-closes_again": "15:00"}
    assert send(manager, HOURS, data).status_code == 302
    rows = OpeningHours.objects.filter(practice=office.practice, weekday=2).order_by("opens")
    assert [(row.opens, row.closes) for row in rows] == [(time(8), time(11)), (time(12), time(15))]
    assert OpeningHours.objects.filter(practice=office.practice).count() == 6
    assert "08.00–11.00, 12.00–15.00" in manager.get(SETTINGS).content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"dag0-opens": "08:00"},
        {"dag0-opens": "15:00", "dag0-closes": "08:00"},
        {"dag0-opens": "08:00", "dag0-closes": "12:00", "dag0-opens_again": "11:00", "dag0-closes_again": "15:00"},
    ],
)
def test_opening_hours_that_make_no_sense_are_refused_with_what_was_typed(
    data: dict[str, str], office: Office, manager: Client
) -> None:
    answer = manager.post(HOURS, data)
    assert answer.status_code == 422
    assert 'value="08:00"' in answer.content.decode()
    assert not OpeningHours.objects.exists()


def test_a_day_that_is_different_is_added_and_removed(office: Office, manager: Client) -> None:
    url = reverse("workspace:settings-exception")
    assert manager.post(url, {"day": "2026-12-24", "opens": "", "closes": "", "note": "Jul"}).status_code == 302
    assert "torsdag 24. desember" in manager.get(HOURS).content.decode()
    assert manager.post(url, {"day": "2026-12-24", "opens": "08:00", "closes": "", "note": ""}).status_code == 422
    remove = reverse("workspace:settings-remove-exception")
    assert Tab(manager).open(HOURS).send(remove).status_code == 302
    assert not OpeningException.objects.exists()
    assert manager.post(remove, {"day": "i morgen"}).status_code == 404


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.SUBSTITUTE])
def test_those_who_only_look_see_no_way_to_change(role: Role, office: Office) -> None:
    page = logged_in(office.staff(role)).get(SETTINGS).content.decode()
    assert "Vanlig time" in page
    for view in ("settings-new-visit-type", "settings-hours"):
        assert reverse(f"workspace:{view}") not in page
    assert service_url(office) not in page
