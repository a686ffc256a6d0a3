"""Where she says it and is told of it, and where the office sees it and notes that one is ordered."""

from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.interpreters import services
from legedialog.interpreters.models import Need, Order
from legedialog.patients.models import Person

MINE = reverse("interpreters:need")


def needs(person: Person, now: datetime, language: str = "so") -> None:
    services.say(actor=citizen(person), patient_id=person.pk, language=language, now=now)


def test_she_says_it_in_profil_changes_it_and_takes_it_back(office: Office) -> None:
    kari = office.patient()
    tab = Tab(logged_in(citizen(kari))).open(reverse("portal:reach"))
    assert f'href="{MINE}"' in tab.html
    assert "Si fra om tolk" in tab.html
    tab.open(MINE).press(MINE, language="so")
    assert tab.path == reverse("portal:reach")
    assert "Du har sagt at du trenger tolk på" in tab.html
    assert "<strong>somali</strong>" in tab.html
    assert tab.open(MINE).press(MINE, language="xx").status_code == 422
    tab.open(MINE).press(MINE, language="")
    assert not Need.objects.exists()


def test_two_tabs_do_not_write_over_each_other(office: Office) -> None:
    kari = office.patient()
    browser = logged_in(citizen(kari))
    one, other = Tab(browser).open(MINE), Tab(browser).open(MINE)
    one.press(MINE, language="so")
    assert other.press(MINE, language="ur").status_code == 409
    assert "Lagret nå: tolk på somali." in other.html
    other.press(MINE, language="ur")  # now that she has seen it
    assert Need.objects.get().language == "ur"


def test_she_is_told_when_she_asks_for_a_time_and_comes_back_from_changing_it(office: Office, now: datetime) -> None:
    kari = office.patient()
    needs(kari, now)
    ask = reverse("appointments:request")
    tab = Tab(logged_in(citizen(kari))).open(ask)
    assert "Du har sagt at du trenger tolk på" in tab.html
    there = f"{MINE}?neste={ask.replace('/', '%2F')}"
    assert there in tab.html
    tab.open(there).press(MINE, language="ur")
    assert tab.path == ask
    assert "<strong>urdu</strong>" in tab.html
    outside = Tab(logged_in(citizen(kari))).open(f"{MINE}?neste=//evil.example/")
    assert 'href="/profil/kontakt-og-beskjeder/"' in outside.html
    assert "evil" not in outside.html.replace("neste=//evil.example/", "")


def test_the_office_says_it_on_her_page_and_it_stands_on_top_wherever_she_is_met(
    office: Office, doctor: Client, now: datetime
) -> None:
    kari = office.patient()
    visit = office.booked(kari)
    page = reverse("interpreters:office", args=[kari.pk])
    tab = Tab(doctor).open(reverse("workspace:patient", args=[kari.pk]))
    assert f'href="{page}"' in tab.html
    tab.open(page).press(page, language="nsl")
    assert "Trenger tolk på norsk tegnspråk" in tab.html
    for name, key in (("journal", kari.pk), ("journal-note", kari.pk), ("visit", visit.pk), ("medicine-list", kari.pk)):
        assert "Trenger tolk på norsk tegnspråk" in tab.open(reverse(f"workspace:{name}", args=[key])).html, name


def test_without_a_contact_a_purpose_is_asked_for_and_another_office_finds_nothing(
    office: Office, doctor: Client, stranger: Client, manager: Client
) -> None:
    page = reverse("interpreters:office", args=[office.patient().pk])
    assert "/formal/" in doctor.get(page)["Location"]
    assert stranger.get(page).status_code == 404
    assert stranger.post(page, {"language": "so"}).status_code == 404
    assert manager.get(page).status_code == 403


def test_it_is_noted_as_ordered_on_the_visit_and_undone(
    office: Office, doctor: Client, stranger: Client, manager: Client, now: datetime
) -> None:
    kari = office.patient()
    visit = office.booked(kari)
    panel, order = reverse("workspace:visit", args=[visit.pk]), reverse("interpreters:order", args=[visit.pk])
    assert order not in doctor.get(panel).content.decode()
    needs(kari, now)
    tab = Tab(doctor).open(panel)
    assert "Ikke notert bestilt" in tab.html
    assert stranger.post(order).status_code == 404
    assert manager.post(order).status_code == 403
    assert order not in manager.get(panel).content.decode()
    needs(kari, now, "ur")
    tab.press(order)  # for what she has not seen
    assert not Order.objects.exists()
    needs(kari, now)
    tab.open(panel).press(order)
    assert tab.path == panel
    assert "Tolk på somali er bestilt" in tab.html
    hers = reverse("appointments:show", args=[visit.pk])
    her_page = logged_in(citizen(kari)).get(hers).content.decode()
    assert "Tolk på somali er bestilt" in " ".join(her_page.split())
    assert "før timen ble flyttet" not in her_page
    undo = reverse("interpreters:undo", args=[Order.objects.get().pk])
    assert stranger.post(undo).status_code == 404
    tab.press(undo)
    assert "Ikke notert bestilt" in tab.html
    assert Order.objects.get().undone_at == now
    assert "Tolk på" not in logged_in(citizen(kari)).get(hers).content.decode()


def test_the_panel_warns_when_order_and_visit_do_not_agree(office: Office, doctor: Client, now: datetime) -> None:
    kari = office.patient()
    visit = office.booked(kari)
    needs(kari, now)
    services.order(actor=office.staff(Role.SECRETARY), appointment_id=visit.pk, now=now)
    panel = reverse("workspace:visit", args=[visit.pk])
    assert "Bestill om tolken." not in doctor.get(panel).content.decode()
    Order.objects.update(starts_at=visit.starts_at - timedelta(days=1))
    needs(kari, now, "ur")
    page = doctor.get(panel).content.decode()
    assert "Bestill om tolken." in page
    assert "Nå trenger pasienten tolk på urdu." in page
    her_page = logged_in(citizen(kari)).get(reverse("appointments:show", args=[visit.pk])).content.decode()
    assert "før timen ble flyttet. Ring legekontoret" in " ".join(her_page.split())
