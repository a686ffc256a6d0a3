"""Every page opens for the roles it is for, and for nobody else."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.models import Appointment
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.dialogues.tests import factories as dialogues
from legedialog.journeys import changes
from legedialog.journeys.models import Change, RegisterChange
from legedialog.practices.models import Absence
from legedialog.workspace import policy

ANYONE = {Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE, Role.MANAGER}
CARES = {Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE}


def pages(office: Office, appointment: Appointment) -> dict[str, str]:
    asked = office.patient("Per Testvik")
    audit.looked(office.staff(), "request.wishes", None, at=factories.NOW, patient_id=asked.pk)
    event = Event.objects.get(patient_id=asked.pk)
    concern = audit.raise_concern(actor=citizen(asked), event_id=event.pk, text="Hvem er det?", now=factories.NOW)
    changes.tell(asked.pk, Change.NO_DEATH, [appointment], factories.NOW)
    later = factories.TOMORROW + timedelta(days=60)
    away = Absence.objects.create(
        practice=office.practice, clinician=office.doctor, first_date=later, last_date=later, note=""
    )
    return {
        "Endring": reverse("workspace:register-change", args=[RegisterChange.objects.get(practice=office.practice).pk]),
        "Innsyn": reverse("workspace:concern", args=[concern.pk]),
        "Formål": reverse("workspace:purpose", args=[appointment.patient_id]),
        "Innboks": reverse("workspace:inbox"),
        "Melding": reverse("workspace:dialogue", args=[dialogues.sent(asked, kind="contact").pk]),
        "Ny melding": reverse("workspace:dialogue-start", args=[asked.pk]),
        "Tall": reverse("workspace:numbers"),
        "Timeønsker": reverse("workspace:requests"),
        "Kalender": reverse("workspace:calendar"),
        "Kalender, uke": reverse("workspace:calendar") + "?visning=uke",
        "Dagsliste": reverse("workspace:day-list"),
        "Ny time": reverse("workspace:book"),
        "Sperr tid": reverse("workspace:block"),
        "Time": reverse("workspace:visit", args=[appointment.pk]),
        "Avbestill": reverse("workspace:cancel", args=[appointment.pk]),
        "Videotimer": reverse("workspace:video"),
        "Pasienter": reverse("workspace:patients"),
        "Pasient": reverse("workspace:patient", args=[appointment.patient_id]),
        "Innstillinger": reverse("workspace:settings"),
        "Tjeneste": reverse("workspace:settings-service", args=[office.doctor.pk, "book"]),
        "Ny timetype": reverse("workspace:settings-new-visit-type"),
        "Timetype": reverse("workspace:settings-visit-type", args=[office.visit_type.pk]),
        "Ukeplan": reverse("workspace:settings-plan", args=[office.calendar.pk]),
        "Ny blokk": reverse("workspace:settings-new-block", args=[office.calendar.pk]),
        "Blokk": reverse("workspace:settings-block", args=[office.block_by_weekday[0].pk]),
        "Fravær": reverse("workspace:absences"),
        "Det som står igjen": reverse("workspace:absence", args=[away.pk]),
        "Åpningstider": reverse("workspace:settings-hours"),
        "Unntak": reverse("workspace:settings-exception"),
        "Meldinger": reverse("workspace:intake"),
        "Mottak": reverse("workspace:intake-take-in"),
        "Nytt emne": reverse("workspace:intake-new-topic", args=["contact"]),
        "Emne": reverse("workspace:intake-topic", args=["contact", "bill"]),
        "Spørsmål": reverse("workspace:intake-questions", args=["rash"]),
        "Ny mal": reverse("workspace:intake-new-template"),
    }


ROLES = {
    "Endring": CARES,
    "Innsyn": {Role.DOCTOR, Role.MANAGER},
    "Formål": CARES,
    "Innboks": ANYONE,
    "Melding": ANYONE,
    "Ny melding": CARES,
    "Tall": {Role.DOCTOR, Role.MANAGER},
    "Timeønsker": CARES,
    "Kalender": ANYONE,
    "Kalender, uke": ANYONE,
    "Dagsliste": ANYONE,
    "Ny time": CARES,
    "Sperr tid": CARES,
    "Time": ANYONE,
    "Avbestill": CARES,
    "Videotimer": CARES,
    "Pasienter": CARES,
    "Pasient": CARES,
    "Innstillinger": ANYONE,
    "Tjeneste": {Role.DOCTOR, Role.MANAGER},
    "Ny timetype": {Role.MANAGER},
    "Timetype": {Role.MANAGER},
    "Ukeplan": ANYONE,
    "Ny blokk": {Role.DOCTOR, Role.MANAGER},
    "Blokk": {Role.DOCTOR, Role.MANAGER},
    "Fravær": ANYONE,
    "Det som står igjen": ANYONE,
    "Åpningstider": {Role.MANAGER},
    "Unntak": {Role.MANAGER},
    "Meldinger": ANYONE,
    "Mottak": {Role.DOCTOR, Role.MANAGER},
    "Nytt emne": {Role.DOCTOR, Role.MANAGER},
    "Emne": {Role.DOCTOR, Role.MANAGER},
    "Spørsmål": {Role.DOCTOR, Role.MANAGER},
    "Ny mal": ANYONE,
}


OF_AN_OFFICE = {"Det som står igjen", "Time", "Pasient", "Ukeplan", "Avbestill", "Melding", "Ny melding"}


@pytest.mark.parametrize("role", sorted(ANYONE))
def test_each_role_opens_its_pages_and_no_other(role: Role, office: Office) -> None:
    found = pages(office, office.booked(office.patient()))
    assert found.keys() == ROLES.keys()
    client = logged_in(office.staff(role))
    opened = {name for name, url in found.items() if client.get(url).status_code == 200}
    assert opened == {name for name, roles in ROLES.items() if role in roles}
    assert {client.get(found[name]).status_code for name in found.keys() - opened} <= {403}


@pytest.mark.parametrize("name", [name for name, roles in ROLES.items() if name in OF_AN_OFFICE])
def test_another_offices_rows_are_not_found(name: str, office: Office, stranger: Client) -> None:
    url = pages(office, office.booked(office.patient()))[name]
    assert stranger.get(url).status_code == 404


def test_a_citizen_is_denied_and_a_passer_by_is_sent_to_log_in(office: Office) -> None:
    patient = office.patient()
    for url in pages(office, office.booked(patient)).values():
        assert logged_in(citizen(patient)).get(url).status_code == 403
        assert Client().get(url).status_code == 302


def test_the_navigation_shows_what_the_role_may_open(secretary: Client, manager: Client) -> None:
    words = ["I dag", "Innboks", "Kalender", "Pasienter", "Resepter", "Videotimer", "Betaling", "Innstillinger"]
    page = secretary.get(reverse("workspace:calendar"))
    assert [str(place.text) for place in page.context["navigation"]] == words
    assert [str(place.text) for place in page.context["navigation"] if place.current] == ["Kalender"]
    page = manager.get(reverse("workspace:calendar"))
    assert [str(place.text) for place in page.context["navigation"]] == [
        "I dag",
        "Innboks",
        "Kalender",
        "Betaling",
        "Innstillinger",
    ]


@pytest.mark.parametrize(
    ("page", "roles"),
    [
        ("inbox", ANYONE),
        ("answers", CARES),
        ("numbers", {Role.DOCTOR, Role.MANAGER}),
        ("requests", CARES),
        ("calendar", ANYONE),
        ("visits", ANYONE),
        ("absences", ANYONE),
        ("booking", CARES),
        ("video", CARES),
        ("prescriptions", CARES),
        ("patients", CARES),
        ("assigning", {Role.DOCTOR, Role.SUBSTITUTE}),
        ("concerns", {Role.DOCTOR, Role.MANAGER}),
        ("changes", CARES),
        ("searches", {Role.MANAGER}),
        ("charges", ANYONE),
        ("settlement", {Role.DOCTOR, Role.MANAGER}),
        ("own", ANYONE),
        ("settings", ANYONE),
        ("start", ANYONE),
        ("errands", ANYONE),
    ],
)
def test_who_may_open_what(page: str, roles: set[Role], office: Office) -> None:
    assert {role for role in ANYONE if policy.may(office.staff(role), page)} == roles
    assert not policy.may(citizen(office.patient()), page)


def test_every_page_is_in_the_table_above() -> None:
    assert set(policy.PAGES) == {
        "inbox",
        "answers",
        "numbers",
        "requests",
        "calendar",
        "visits",
        "absences",
        "booking",
        "video",
        "prescriptions",
        "patients",
        "assigning",
        "concerns",
        "changes",
        "searches",
        "charges",
        "settlement",
        "own",
        "settings",
        "start",
        "errands",
    }


def test_an_unknown_row_is_not_found(secretary: Client) -> None:
    for view in ("visit", "patient", "request", "blocked", "settings-plan", "settings-block"):
        assert secretary.get(reverse(f"workspace:{view}", args=[new_id()])).status_code == 404, view


@pytest.mark.parametrize("role", sorted(ANYONE))
def test_no_link_leads_where_the_role_may_not_go(role: Role, office: Office) -> None:
    found = pages(office, office.booked(office.patient()))
    client = logged_in(office.staff(role))
    links = set()
    for url in found.values():
        page = client.get(url).content.decode()
        links |= {html.unescape(link) for link in re.findall(r'href="(/kontor/[^"]*)"', page)}
    assert len(links) > 20
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code >= 400} == {}
