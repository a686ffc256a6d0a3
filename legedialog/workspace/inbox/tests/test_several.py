"""Several that are ticked in the list: given away, closed, and taken back."""

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.dialogues import services
from legedialog.dialogues.models import Dialogue, Kind, Status
from legedialog.dialogues.tests import factories

INBOX = reverse("workspace:inbox")
SEVERAL = reverse("workspace:inbox-several")


def ticked(*dialogues: Dialogue, do: str = "close") -> dict[str, object]:
    return {"do": do, "employee": "meg", "id": [f"{each.pk}.{factories.mark(each)}" for each in dialogues]}


@pytest.mark.parametrize(("choice", "closed"), [("", 0), ("leave", 1), ("close", 3)])
def test_unread_ones_are_named_before_they_are_closed_with_others(
    choice: str, closed: int, office: Office, secretary: Client
) -> None:
    several = [factories.sent(office.patient(f"Kari Test{name}"), kind=Kind.CONTACT) for name in "abc"]
    secretary.get(reverse("workspace:dialogue", args=[several[0].pk]))
    page = secretary.post(SEVERAL, ticked(*several)).content.decode()
    assert ["Kari Testa" in page, "Kari Testb" in page, "Kari Testc" in page] == [False, True, True]
    assert not Dialogue.objects.filter(status=Status.CLOSED).exists()
    secretary.post(SEVERAL, ticked(*several) | {"unread": choice})
    assert Dialogue.objects.filter(status=Status.CLOSED).count() == closed


def test_several_are_assigned_and_go_back_to_who_had_them(office: Office, secretary: Client) -> None:
    colleague = office.staff(Role.SECRETARY)
    several = [factories.sent(office.patient(f"Kari Test{name}"), kind=Kind.CONTACT) for name in "ab"]
    services.assign(actor=colleague, dialogue_id=several[0].pk, employee_id=colleague.employee_id, now=NOW)
    secretary.post(SEVERAL, ticked(*several, do="assign"))
    assert not Dialogue.objects.filter(assigned_to=None).exists()
    assert not Dialogue.objects.filter(assigned_to=colleague.employee_id).exists()
    secretary.post(reverse("workspace:undo"))
    assert Dialogue.objects.get(pk=several[0].pk).assigned_to_id == colleague.employee_id
    assert Dialogue.objects.get(pk=several[1].pk).assigned_to_id is None


def test_what_a_colleague_has_given_away_since_is_not_taken_back(office: Office, secretary: Client) -> None:
    guro, jonas = office.staff(Role.SECRETARY), office.staff(Role.SECRETARY, name="Jonas Vik")
    moved, left = [factories.sent(office.patient(f"Kari Test{name}"), kind=Kind.CONTACT) for name in "ab"]
    for each in (moved, left):
        services.assign(actor=guro, dialogue_id=each.pk, employee_id=guro.employee_id, now=NOW)
    secretary.post(SEVERAL, ticked(moved, left, do="assign"))
    services.assign(actor=guro, dialogue_id=moved.pk, employee_id=jonas.employee_id, now=NOW)

    page = secretary.post(reverse("workspace:undo"), follow=True).content.decode()

    assert "Angret for 1 melding." in page
    assert "1 melding ble stående. Kari Testa: Meldingen er endret etterpå. Jonas Vik har den nå." in page
    assert Dialogue.objects.get(pk=moved.pk).assigned_to_id == jonas.employee_id
    assert Dialogue.objects.get(pk=left.pk).assigned_to_id == guro.employee_id


def test_the_manager_gives_several_to_a_colleague_and_takes_them_back(office: Office, manager: Client) -> None:
    guro = office.staff(Role.SECRETARY)
    several = [factories.sent(office.patient(f"Kari Test{name}"), kind=Kind.CONTACT) for name in "ab"]
    page = manager.get(INBOX).content.decode()
    assert f'<option value="{guro.employee_id}">' in page
    assert 'value="meg"' not in page.split('id="several-to"')[1].split("</select>")[0]
    form = ticked(*several, do="assign") | {"employee": str(guro.employee_id)}
    page = manager.post(SEVERAL, form, follow=True).content.decode()
    assert "2 meldinger er tildelt." in page
    assert set(Dialogue.objects.values_list("assigned_to", flat=True)) == {guro.employee_id}
    manager.post(reverse("workspace:undo"))
    assert set(Dialogue.objects.values_list("assigned_to", flat=True)) == {None}


def test_several_are_closed_as_they_stood_in_the_list(office: Office, secretary: Client) -> None:
    still, changed = (factories.sent(office.patient(f"Kari Test{name}"), kind=Kind.CONTACT) for name in "ab")
    form = ticked(still, changed) | {"unread": "close"}
    factories.written_since(changed)
    page = secretary.post(SEVERAL, form, follow=True).content.decode()
    assert "1 melding er lukket." in page
    assert "Kari Testb: Noe er endret etter at du åpnet siden." in page
    assert [Dialogue.objects.get(pk=each.pk).status for each in (still, changed)] == [Status.CLOSED, Status.DELIVERED]


def test_what_cannot_be_closed_is_told_and_the_rest_is_done(office: Office, doctor: Client) -> None:
    question = factories.sent(office.patient())
    contact = factories.sent(office.patient("Per Testvik"), kind=Kind.CONTACT)
    page = doctor.post(SEVERAL, ticked(question, contact) | {"unread": "close"}, follow=True).content.decode()
    assert "1 melding er lukket." in page
    assert "1 melding ble stående." in page
    assert "kan ikke lukkes uten svar" in page
