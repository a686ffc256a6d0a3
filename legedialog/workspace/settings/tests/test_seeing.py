"""No page of settings saves over what a colleague has changed since it was opened."""

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Forms, Tab
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Block, VisitType
from legedialog.appointments.tests.factories import NOW, TODAY, Office
from legedialog.dialogues.models import Template, Topic
from legedialog.fees import story as fees
from legedialog.practices.models import OpeningException, OpeningHours
from legedialog.prescriptions.models import Allowance
from legedialog.workspace.urls import urlpatterns

HOURS = reverse("workspace:settings-hours")
EXCEPTION = reverse("workspace:settings-exception")
UNDO_EXCEPTION = reverse("workspace:settings-remove-exception")
LIST = reverse("workspace:settings-prescriptions")
NOT_SAVED_OVER = {
    "settings-leave": "what somebody leaves behind is confirmed by its own mark",
    "settings-own-price": "a price is never changed, only removed; two of one name are refused",
    "settings-remove-allowance": "a line is never changed: what replaces it has another id",
}
NEW = {
    "settings-new-visit-type",
    "settings-new-column",
    "settings-new-employee",
    "settings-new-block",
    "intake-new-topic",
    "intake-new-template",
    "intake-import",
}
ADDED = {"settings-exception", "settings-prescriptions"}  # blank as they are drawn


def of(view: str, office: Office) -> str:
    """The address of the office's own row of each page."""
    if view in ("intake-template",):
        row = Template.objects.get_or_create(practice=office.practice, name="Prøver", text_nb="Hei.")[0]
        return reverse(f"workspace:{view}", args=[row.pk])
    if view in ("settings-employee", "settings-leave"):
        return reverse(f"workspace:{view}", args=[office.staff(Role.SECRETARY).employee_id])
    if view == "settings-column":
        column = appointments.save_column(
            actor=office.staff(Role.MANAGER),
            practice_id=office.practice.pk,
            column_id=None,
            name=f"Rom {office.practice.columns.count()}",
            column="room",
            responsible_id=office.doctor.pk,
            is_active=True,
            now=NOW,
        )
        return reverse(f"workspace:{view}", args=[column.clinician_id])
    if view == "settings-rates":
        fees.load(managers=[], today=TODAY, now=NOW)
    args: dict[str, list[Any]] = {
        "settings-rates": [fees.NAME],
        "settings-service": [office.doctor.pk, "book"],
        "settings-visit-type": [office.visit_type.pk],
        "settings-plan": [office.calendar.pk],
        "settings-new-block": [office.calendar.pk],
        "settings-block": [office.block_by_weekday[0].pk],
        "intake-new-topic": ["contact"],
        "intake-topic": ["contact", "bill"],
        "intake-questions": ["rash"],
        "intake-export": ["rash"],
    }
    return reverse(f"workspace:{view}", args=args.get(view, []))


PAGES = sorted(
    str(each.name)
    for each in urlpatterns
    if str(each.name).startswith(("settings", "intake"))
    and not any(word in str(each.name) for word in ("remove", "end-", "import", "export"))
)


@pytest.mark.parametrize("view", PAGES)
def test_every_form_of_settings_says_what_it_showed(view: str, office: Office) -> None:
    for role in (Role.MANAGER, Role.DOCTOR):
        client = logged_in(office.staff(role))
        OpeningException.objects.get_or_create(practice=office.practice, date=TODAY)
        Allowance.objects.get_or_create(practice=office.practice, atc="C09", label="Blodtrykk", verdict="allowed")
        answer = client.get(of(view, office))
        if answer.status_code == 403:
            continue
        for form in Forms(answer.content.decode()).found:
            action = form.action or of(view, office)
            name = str(resolve(action.partition("?")[0]).url_name)
            if not name.startswith(("settings", "intake")) or name in NOT_SAVED_OVER:
                continue
            assert "mark" in form.fields, f"{name} on {view}"
            if name in NEW | ADDED:
                continue
            sent = {**form.fields, "do": "save", "mark": "of-another-time"}
            stale = client.post(action, sent, follow=True)
            assert "Noe er endret etter at du åpnet siden." in stale.content.decode(), f"{name} on {view}"


def changed(office: Office) -> dict[str, tuple[str, dict[str, Any], Any]]:
    """By page: its address, what she types, and what the colleague has saved meanwhile."""
    block = office.block_by_weekday[0]
    day = {"day": "2026-12-24", "opens": "", "closes": "", "note": "Mitt"}
    line = {"atc": "C09", "label": "Mitt", "verdict": "allowed", "clinician": ""}
    return {
        "visit type": (
            of("settings-visit-type", office),
            {"preparation": "Mitt"},
            lambda: VisitType.objects.filter(pk=office.visit_type.pk).update(preparation="Kollegaens"),
        ),
        "block": (
            of("settings-block", office),
            {"ends": "11:45"},
            lambda: Block.objects.filter(pk=block.pk).update(ends="10:15"),
        ),
        "block taken out": (
            of("settings-block", office),
            {"do": "remove"},
            lambda: Block.objects.filter(pk=block.pk).update(ends="10:15"),
        ),
        "hours": (
            HOURS,
            {"dag0-opens": "08:00", "dag0-closes": "11:45"},
            lambda: OpeningHours.objects.create(practice=office.practice, weekday=0, opens="08:00", closes="10:15"),
        ),
        "exception": (
            EXCEPTION,
            day,
            lambda: OpeningException.objects.create(practice=office.practice, date="2026-12-24", note="Kollegaens"),
        ),
        "allowance": (
            LIST,
            line,
            lambda: Allowance.objects.create(
                practice=office.practice, atc="C09", label="Kollegaens", verdict="consultation"
            ),
        ),
        "topic": (
            of("intake-topic", office),
            {"name": "Mitt"},
            lambda: Topic.objects.create(practice=office.practice, kind="contact", code="bill", name="Kollegaens"),
        ),
    }


def all_rows() -> str:
    tables: list[Any] = [VisitType, Block, OpeningHours, OpeningException, Allowance, Topic]
    return str([list(table.objects.order_by("pk").values()) for table in tables])


@pytest.mark.parametrize("page", ["visit type", "block", "block taken out", "hours", "exception", "allowance", "topic"])
def test_a_colleagues_change_stands_and_what_she_typed_too(page: str, office: Office) -> None:
    tab = Tab(logged_in(office.staff(Role.DOCTOR if page == "topic" else Role.MANAGER)))
    url, mine, colleague = changed(office)[page]
    tab.open(HOURS if page == "exception" else url)
    colleague()
    stands = all_rows()

    answer = tab.press(url, **mine)

    assert answer.status_code == 409
    assert "Noe er endret etter at du åpnet siden." in tab.html
    assert all_rows() == stands
    typed = mine.get("ends") or mine.get("dag0-closes") or ("10:15" if "do" in mine else "Mitt")
    assert typed in tab.html, "what she typed stays"
    if page != "block taken out":
        assert "Kollegaens" in tab.html or "10.15" in tab.html or "10:15" in tab.html, "and what stands now beside it"
    answer = tab.press(url, **mine)
    assert answer.status_code == 200, "she has seen it now"
    assert all_rows() != stands


def test_a_day_that_a_colleague_has_changed_is_not_made_ordinary_again(office: Office, manager: Client) -> None:
    row = OpeningException.objects.create(practice=office.practice, date="2026-12-24", note="Jul")
    tab = Tab(manager).open(HOURS)
    OpeningException.objects.filter(pk=row.pk).update(note="Kurs")
    tab.press(UNDO_EXCEPTION)
    assert "Noe er endret etter at du åpnet siden." in tab.html
    assert "Kurs" in tab.html
    tab.press(UNDO_EXCEPTION)
    assert not OpeningException.objects.exists()
