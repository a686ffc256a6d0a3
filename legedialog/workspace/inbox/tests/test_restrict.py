"""A doctor hides a child's dialogue from the parents or from the youth (code 9603)."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.dialogues import services
from legedialog.dialogues.models import Dialogue
from legedialog.patients.models import Person


def written_to(office: Office, years: int) -> Dialogue:
    emil = office.patient("Emil Testhaug")
    Person.objects.filter(pk=emil.pk).update(birth_date=local_day(NOW) - timedelta(days=years * 365 + 100))
    return services.start(
        actor=office.staff(Role.DOCTOR),
        patient_id=emil.pk,
        kind="contact",
        key=new_id(),
        subject="Time",
        text="Hei",
        now=NOW,
    )


def test_the_doctor_chooses_who_sees_it_and_takes_it_back(office: Office, doctor: Client) -> None:
    dialogue = written_to(office, 14)
    page, restrict = (reverse(f"workspace:{name}", args=[dialogue.pk]) for name in ("dialogue", "dialogue-restrict"))
    assert "Skjult for ungdommen" in doctor.get(page).content.decode()
    was = "N"
    for chosen in ("NORN_UNGDOM", "NORN_FORANS", "N"):
        assert doctor.post(restrict, {"was": was, "restriction": chosen}).status_code == 302
        dialogue.refresh_from_db()
        assert dialogue.restriction == chosen
        was = chosen
    for page_said in ("NORN_FORANS", ""):
        assert doctor.post(restrict, {"was": page_said, "restriction": "NORN_UNGDOM"}).status_code == 409
    doctor.post(restrict, {"restriction": "nonsense"})
    dialogue.refresh_from_db()
    assert dialogue.restriction == "N"


def test_it_is_not_offered_for_who_is_16_nor_to_others(
    office: Office, doctor: Client, secretary: Client, stranger: Client
) -> None:
    grown, young = written_to(office, 16), written_to(office, 14)
    assert "Skjult for ungdommen" not in doctor.get(reverse("workspace:dialogue", args=[grown.pk])).content.decode()
    restrict = reverse("workspace:dialogue-restrict", args=[young.pk])
    assert "Skjult for ungdommen" not in secretary.get(reverse("workspace:dialogue", args=[young.pk])).content.decode()
    assert secretary.post(restrict, {"restriction": "NORN_UNGDOM"}).status_code == 403
    assert stranger.post(restrict, {"restriction": "NORN_UNGDOM"}).status_code in (403, 404)
    young.refresh_from_db()
    assert young.restriction == "N"
