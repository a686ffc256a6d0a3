"""Innkalling at the office: whom, what, a look, and what has become of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.appointments.models import Recall
from legedialog.appointments.tests.factories import NOW, TODAY, Office
from legedialog.patients.models import Person
from legedialog.pending import services as pending
from legedialog.workspace.recalls.views import at_patient

NEW, INDEX = reverse("workspace:recall-new"), reverse("workspace:recalls")


@pytest.fixture
def kari(office: Office) -> Person:
    return office.patient()


def read(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def asks(office: Office, page: Any, **more: Any) -> dict[str, Any]:
    """What stands in the form, with more."""
    return {
        "visit_type": office.visit_type.pk,
        "calendar": "",
        "first_date": TODAY.isoformat(),
        "last_date": (TODAY + timedelta(weeks=6)).isoformat(),
        "round": re.findall(r'name="round" value="([^"]+)"', page.content.decode())[0],
    } | more


def mark(page: Any) -> str:
    return str(page.context["mark"])


def test_some_are_found_by_number_and_by_year_and_all_of_them_asked_after_a_look(
    office: Office, secretary: Client, kari: Person
) -> None:
    ola, old = office.patient("Ola Testmo"), office.patient("Per Testnes")
    Person.objects.filter(pk=old.pk).update(birth_date=TODAY.replace(year=1950))
    page = secretary.get(f"{NEW}?pasient={kari.pk}")
    assert "1 er valgt" in read(page)
    given = asks(office, page, do="find", patient=[kari.pk], words=ola.national_number)
    found = secretary.post(NEW, given)
    assert [(each.row.id, each.is_ticked) for each in found.context["more"]] == [(ola.pk, False)]
    given |= {"patient": [kari.pk, ola.pk], "words": "", "born_last": "1960"}
    found = secretary.post(NEW, given)
    assert [(each.row.id, each.is_ticked) for each in found.context["more"]] == [(old.pk, True)]
    assert not Recall.objects.exists()
    given |= {"patient": [kari.pk, ola.pk, old.pk], "do": "look"}
    looked = secretary.post(NEW, given)
    assert "Be 3 pasienter bestille time" in read(looked)
    del given["do"]
    assert secretary.post(NEW, given | {"confirmed": mark(looked)})["Location"] == INDEX
    assert set(Recall.objects.values_list("patient", flat=True)) == {kari.pk, ola.pk, old.pk}
    assert "0 av 3 har time 3 har ikke svart" in read(secretary.get(INDEX))


def test_who_has_such_a_time_is_told_and_not_ticked_any_more(office: Office, secretary: Client, kari: Person) -> None:
    office.booked(kari)
    ola = office.patient("Ola Testmo")
    page = secretary.get(NEW)
    given = asks(office, page, patient=[kari.pk, ola.pk])
    looked = secretary.post(NEW, given | {"do": "look"})
    assert "Har time tirsdag 24. november kl. 08.00" in read(looked)
    assert "Be 1 pasient bestille time" in read(looked)
    changed = secretary.post(NEW, given | {"patient": [], "confirmed": mark(looked)})
    assert "Velg minst én pasient." in read(changed)
    unseen = secretary.post(NEW, given | {"confirmed": "another"})
    assert unseen.status_code == 409
    assert not Recall.objects.exists()


def test_it_can_be_taken_back_until_it_goes(office: Office, secretary: Client, kari: Person, settings: Any) -> None:
    settings.REGRET_SECONDS = 10
    given = asks(office, secretary.get(NEW), patient=[kari.pk])
    shown = secretary.post(NEW, given | {"do": "look"})
    waits = secretary.post(NEW, given | {"confirmed": mark(shown)}, follow=True)
    assert "Innkallingen sendes om" in read(waits)
    undone = secretary.post(reverse("workspace:undo"), follow=True)
    assert "Angret. Ingenting er sendt" in read(undone)
    assert pending.do_due(NOW + timedelta(minutes=1)) == 0
    assert not Recall.objects.exists()


def test_the_round_shows_each_and_stops_one_or_all(office: Office, secretary: Client, kari: Person) -> None:
    people = [kari, office.patient("Ola Testmo"), office.patient("Siv Testli")]
    given = asks(office, secretary.get(NEW), patient=[each.pk for each in people])
    shown = secretary.post(NEW, given | {"do": "look"})
    secretary.post(NEW, given | {"confirmed": mark(shown)})
    office.booked(people[2])
    recall = Recall.objects.get(patient=kari)
    page = reverse("workspace:recall", args=[recall.pk])
    assert "Har time: 1. Takket nei: 0. Ikke svart: 2." in read(secretary.get(page))
    assert (at_patient(office.staff(), kari.pk, NOW) or {})["rows"] == [recall]
    assert at_patient(office.staff(Role.MANAGER), kari.pk, NOW) is None
    stopped = secretary.post(page + "stopp/", {"one": Recall.objects.get(patient=people[1]).pk}, follow=True)
    assert "Stoppet." in read(stopped)
    assert "Stoppet for 1 pasient." in read(secretary.post(page + "stopp-alle/", follow=True))
    assert sorted(Recall.objects.values_list("status", flat=True)) == ["booked", "stopped", "stopped"]


def test_strangers_and_the_manager_do_not(
    office: Office, secretary: Client, manager: Client, stranger: Client, kari: Person
) -> None:
    given = asks(office, secretary.get(NEW), patient=[kari.pk])
    shown = secretary.post(NEW, given | {"do": "look"})
    secretary.post(NEW, given | {"confirmed": mark(shown)})
    page = reverse("workspace:recall", args=[Recall.objects.get().pk])
    for address in (page, page + "stopp/", page + "stopp-alle/"):
        ask = stranger.get if address == page else stranger.post
        assert ask(address).status_code == 404
    assert "0 er valgt" not in read(stranger.get(f"{NEW}?pasient={kari.pk}"))
    assert manager.get(INDEX).status_code == 403
    assert "Kari" not in read(stranger.get(f"{NEW}?pasient={kari.pk}"))
