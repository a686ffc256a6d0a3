"""Kolonner: the manager makes a calendar for what is no doctor, and everybody there sees it."""

from typing import Any

from django.test import Client
from django.urls import reverse

from legedialog.access.tests.pages import Tab
from legedialog.appointments.models import Calendar
from legedialog.appointments.tests.factories import Office

COLUMNS = reverse("workspace:settings-columns")
NEW = reverse("workspace:settings-new-column")


def given(office: Office, **changes: object) -> dict[str, Any]:
    return {
        "name": "Laboratoriet",
        "column": "laboratory",
        "responsible": str(office.doctor.pk),
        "is_active": "on",
    } | changes


def made(office: Office, manager: Client) -> str:
    Tab(manager).open(NEW).press(NEW, **given(office))
    column = Calendar.objects.get(clinician__name="Laboratoriet")
    return reverse("workspace:settings-column", args=[column.clinician_id])


def test_the_manager_makes_a_column_and_it_stands_in_the_calendar(
    office: Office, manager: Client, secretary: Client
) -> None:
    made(office, manager)
    assert "Laboratoriet" in secretary.get(reverse("workspace:calendar")).content.decode()
    page = secretary.get(COLUMNS).content.decode()
    assert "Ingrid Aas er ansvarlig" in page
    assert NEW not in page
    assert secretary.get(NEW).status_code == 403


def test_it_has_one_service_and_is_opened_by_the_manager(office: Office, manager: Client) -> None:
    made(office, manager)
    column = Calendar.objects.get(clinician__name="Laboratoriet").clinician_id
    address = reverse("workspace:settings-service", args=[column, "book"])
    assert address in manager.get(reverse("workspace:settings")).content.decode()
    Tab(manager).open(address).press(address, state="open", do="save")
    assert manager.get(reverse("workspace:settings-service", args=[column, "renew"])).status_code == 404


def test_a_strangers_column_is_not_found(office: Office, manager: Client, stranger: Client) -> None:
    address = made(office, manager)
    assert stranger.get(address).status_code == 404
    assert "Laboratoriet" not in stranger.get(COLUMNS).content.decode()


def test_a_name_that_is_taken_keeps_what_was_typed(office: Office, manager: Client) -> None:
    made(office, manager)
    answer = Tab(manager).open(NEW).press(NEW, **given(office, column="room"))
    page = answer.content.decode()
    assert "allerede en kolonne med dette navnet" in page
    assert 'value="Laboratoriet"' in page
    assert Calendar.objects.filter(clinician__name="Laboratoriet").count() == 1


def test_somebody_else_changed_it_meanwhile(office: Office, manager: Client) -> None:
    address = made(office, manager)
    one, other = Tab(manager).open(address), Tab(manager).open(address)
    one.press(address, **given(office, name="Labben"))
    assert other.press(address, **given(office, name="Prøver")).status_code == 409
    assert Calendar.objects.filter(clinician__name="Labben").exists()
