"""The office opens again for a patient who has locked her access."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from legedialog.access.models import Lock
from legedialog.access.services import lock
from legedialog.access.tests import pages
from legedialog.appointments.tests.factories import NOW, Office


def test_the_patients_page_says_that_her_access_is_locked_and_the_office_lifts_it(
    office: Office, secretary: Client
) -> None:
    kari = office.patient()
    office.booked(kari)  # open contact, so that no purpose is asked for
    show, lift = (reverse(f"workspace:{name}", args=[kari.pk]) for name in ("patient", "lift-lock"))
    assert "akuttsperre" not in secretary.get(show).content.decode()
    lock(person_id=kari.pk, now=NOW)
    assert f'href="{lift}"' in secretary.get(show).content.decode()
    assert secretary.post(lift, {}).status_code == 422
    assert Lock.objects.get().lifted_at is None
    assert secretary.post(lift, pages.shown(secretary, lift) | {"is_known": "on"})["Location"] == show
    assert Lock.objects.get().lifted_at == NOW
    assert "Tilgangen er ikke sperret." in secretary.get(lift).content.decode()


def test_strangers_and_the_manager_do_not_lift_it(office: Office, stranger: Client, manager: Client) -> None:
    kari = office.patient()
    lock(person_id=kari.pk, now=NOW)
    lift = reverse("workspace:lift-lock", args=[kari.pk])
    assert stranger.get(lift).status_code == 404
    assert stranger.post(lift, {"is_known": "on"}).status_code == 404
    assert manager.post(lift, {"is_known": "on"}).status_code == 403
    assert Lock.objects.get().lifted_at is None


def test_a_lock_that_she_has_put_on_since_the_page_was_shown_is_not_lifted(office: Office, secretary: Client) -> None:
    kari = office.patient()
    office.booked(kari)
    lift = reverse("workspace:lift-lock", args=[kari.pk])
    lock(person_id=kari.pk, now=NOW)
    seen = pages.shown(secretary, lift) | {"is_known": "on"}
    secretary.post(lift, seen)
    lock(person_id=kari.pk, now=NOW + timedelta(hours=1))
    answer = secretary.post(lift, seen)
    assert answer.status_code == 409
    assert "Noe er endret etter at du åpnet siden." in answer.content.decode()
    assert Lock.objects.filter(lifted_at=None).count() == 1
