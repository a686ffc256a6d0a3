"""Fravær: who, when, all that it touches with a proposal for each, and one press. See ADR 130."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.models import Appointment, Status
from legedialog.appointments.tests.factories import NOW, TODAY, TOMORROW, Office, citizen
from legedialog.dialogues.models import Kind
from legedialog.dialogues.tests import factories as dialogues
from legedialog.journeys import handing_over
from legedialog.journeys.models import Handover
from legedialog.journeys.tests.handing import Ward, ward
from legedialog.pending import services as pending
from legedialog.practices.models import Absence, Employee

PAGE = reverse("workspace:absences")
LATER = NOW + timedelta(seconds=10)


@pytest.fixture
def at(office: Office) -> Ward:
    return ward()


@pytest.fixture
def mona(at: Ward) -> Client:
    return logged_in(at.secretary)


def absence(at: Ward, **changes: object) -> dict[str, object]:
    return {
        "clinician": at.office.doctor.pk,
        "first_date": TOMORROW,
        "last_date": TOMORROW,
        "substitute": at.substitute.pk,
        "note": "Kontoret svarer.",
        **changes,
    }


def sent_by(page: Any, form: str) -> dict[str, str]:
    """What the green button sends: the chosen of every row, and the mark of what the page shows."""
    html = page.content.decode()
    assert f'action="{form}"' in html
    found = {
        name: re.findall(r'value="([a-z]+)" selected', options)[0]
        for name, options in re.findall(r'<select [^>]*id="(way-[^"]+)"[^>]*>(.*?)</select>', html)
    }
    [found["confirmed"]] = re.findall(r'name="confirmed" value="([^"]+)"', html)
    found["rows"] = dict(re.findall(r'name="(rows)" value="([^"]*)"', html))["rows"]
    return found


def test_nobody_booked_is_registered_at_once_and_closes_the_doctors_times(at: Ward, mona: Client) -> None:
    assert mona.post(PAGE, absence(at)).status_code == 302
    assert Absence.objects.get().note == "Kontoret svarer."
    page = mona.get(f"{reverse('workspace:calendar')}?dag={TOMORROW}")
    assert next(each for each in page.context["grid"].columns if each.calendar_id == at.office.calendar.pk).is_absent
    assert mona.post(reverse("workspace:end-absence", args=[Absence.objects.get().pk])).status_code == 302
    assert not Absence.objects.exists()


def test_all_is_shown_with_a_proposal_and_done_by_one_press(at: Ward, mona: Client) -> None:
    kari, per = at.office.booked(at.office.patient()), at.office.booked(at.office.patient("Per Test"), clock=time(9))
    at.taken(time(9))

    page = mona.post(PAGE, absence(at))

    html = page.content.decode()
    assert page.status_code == 200
    assert "Dette gjelder 2 timer" in html
    assert "Slik det står nå: 1 går til Leif Strand, 1 avlyses og velger ny time." in html
    assert "Tiden er opptatt." in html, "why not with the substitute"
    assert not Absence.objects.exists()
    assert mona.post(PAGE, absence(at, **sent_by(page, PAGE), text="Legen er syk.")).status_code == 302
    handing_over.go_on(LATER)
    kari.refresh_from_db()
    per.refresh_from_db()
    assert kari.calendar_id == at.calendar.pk
    assert (per.status, per.offers_new, per.cancel_note) == (Status.CANCELLED, True, "Legen er syk.")
    listed = mona.get(PAGE).content.decode()
    assert "Ingen timer står igjen" in listed
    [absent] = Absence.objects.all()
    assert "2 av 2 ble gjort" in mona.get(reverse("workspace:absence", args=[absent.pk])).content.decode()


def test_one_choice_for_all_and_another_for_one(at: Ward, mona: Client) -> None:
    rows = [at.office.booked(at.office.patient(f"Kari Test{name}"), clock=time(8 + h)) for h, name in enumerate("ab")]
    page = mona.post(PAGE, absence(at, do="every", every="offer"))
    assert "2 avlyses og velger ny time" in page.content.decode()
    chosen = sent_by(page, PAGE) | {f"way-{rows[0].pk}": "leave"}
    mona.post(PAGE, absence(at, **chosen))
    handing_over.go_on(LATER)
    assert list(Appointment.objects.order_by("starts_at").values_list("status", flat=True)) == ["booked", "cancelled"]
    assert "1 time står igjen" in mona.get(PAGE).content.decode()


def test_what_she_has_not_seen_is_not_done_and_is_marked(at: Ward, mona: Client) -> None:
    kari = at.office.booked(at.office.patient())
    page = mona.post(PAGE, absence(at))
    chosen = sent_by(page, PAGE) | {f"way-{kari.pk}": "cancel"}
    other = mona.post(PAGE, absence(at, last_date=TOMORROW + timedelta(days=1), **chosen))
    assert other.status_code == 409, "she has not seen who is booked then"
    at.office.booked(at.office.patient("Per Test"), clock=time(9))

    again = mona.post(PAGE, absence(at, **chosen, text="Legen er syk."))

    assert again.status_code == 409
    html = again.content.decode()
    assert "Noe er endret siden du så listen" in html
    assert html.count("Ny i listen") == 1
    assert sent_by(again, PAGE)[f"way-{kari.pk}"] == "cancel", "what she chose stays"
    assert "Legen er syk." in html
    assert not Absence.objects.exists()
    assert mona.post(PAGE, absence(at, **sent_by(again, PAGE))).status_code == 302


def test_it_waits_and_what_she_had_chosen_stands_again_when_it_is_taken_back(
    at: Ward, mona: Client, settings: Any
) -> None:
    settings.REGRET_SECONDS = 10
    kari = at.office.booked(at.office.patient())
    page = mona.post(PAGE, absence(at))
    mona.post(PAGE, absence(at, **(sent_by(page, PAGE) | {f"way-{kari.pk}": "cancel"}), text="Legen er syk."))
    assert "Fravær registreres straks" in mona.get(PAGE).content.decode()
    assert not Handover.objects.exists()

    back = mona.post(reverse("workspace:undo"), follow=True)

    html = back.content.decode()
    assert "Ingenting er sendt" in html
    assert f'value="{at.office.doctor.pk}" selected' in html
    assert "Kontoret svarer." in html
    again = mona.post(PAGE, absence(at))
    assert "Legen er syk." in again.content.decode()
    assert sent_by(again, PAGE)[f"way-{kari.pk}"] == "cancel"
    mona.post(PAGE, absence(at, **sent_by(again, PAGE), text="Legen er syk."))
    pending.do_due(LATER)
    handing_over.go_on(LATER)
    kari.refresh_from_db()
    assert kari.status == Status.CANCELLED


def test_what_is_left_is_given_away_from_the_absence_s_page(at: Ward, mona: Client, settings: Any) -> None:
    row = at.office.booked(at.office.patient())
    page = mona.post(PAGE, absence(at))
    mona.post(PAGE, absence(at, **(sent_by(page, PAGE) | {f"way-{row.pk}": "leave"})))
    address = reverse("workspace:absence", args=[Absence.objects.get().pk])
    page = mona.get(address)
    all_left = sent_by(page, address) | {f"way-{row.pk}": "leave"}
    assert mona.post(address, all_left).status_code == 409
    settings.REGRET_SECONDS = 10
    assert mona.post(address, sent_by(page, address)).status_code == 302
    waits = mona.get(address).content.decode()
    assert "Fordeles straks" in waits
    assert "Gjør dette" not in waits
    pending.do_due(LATER)
    assert "0 av 1 er gjort" in mona.get(address).content.decode()
    assert mona.post(reverse("workspace:handover-stop", args=[Handover.objects.get().pk])).status_code == 302
    page = mona.get(address)
    assert "Stoppet." in page.content.decode()
    settings.REGRET_SECONDS = 0
    mona.post(address, sent_by(page, address))
    handing_over.go_on(LATER)
    assert "Ingenting står igjen" in mona.get(address).content.decode()


def test_the_times_of_one_who_has_left_stand_in_the_list(at: Ward, mona: Client) -> None:
    at.office.booked(at.office.patient())
    ingrid = at.office.staff(Role.DOCTOR, name="Ingrid Aas")
    heir = Employee.objects.get(clinician=at.substitute)
    assert ingrid.employee_id
    Employee.objects.filter(pk=ingrid.employee_id).update(ends_date=TODAY, successor=heir)
    address = reverse("workspace:leaver", args=[ingrid.employee_id])
    assert address in mona.get(PAGE).content.decode()
    assert mona.post(address, sent_by(mona.get(address), address)).status_code == 302
    handing_over.go_on(LATER)
    assert address not in mona.get(PAGE).content.decode()
    assert "Ingenting står igjen" in mona.get(address).content.decode()


def test_the_manager_reports_and_reception_gives_the_times_away(at: Ward, mona: Client) -> None:
    at.office.booked(at.office.patient())
    siri = logged_in(at.office.staff(Role.MANAGER))
    page = siri.post(PAGE, absence(at))
    assert "Resepsjonen eller en lege fordeler timene" in page.content.decode()
    assert siri.post(PAGE, absence(at, **sent_by(page, PAGE))).status_code == 302
    assert not Handover.objects.exists()
    assert "1 time står igjen" in mona.get(PAGE).content.decode()


def test_e_consultations_that_move_are_told_of_before(at: Ward, mona: Client) -> None:
    dialogues.sent(at.office.patient("Per Test"), kind=Kind.ECONSULTATION)
    page = mona.post(PAGE, absence(at, first_date=TODAY))
    assert "1 e-konsultasjon som venter på legen, følger fraværet. Leif Strand svarer" in page.content.decode()
    assert not Absence.objects.exists()


def test_an_absence_that_makes_no_sense_is_refused_in_words(at: Ward, mona: Client) -> None:
    backwards = mona.post(PAGE, absence(at, last_date=TODAY))
    assert backwards.status_code == 422
    assert "Siste dag kan ikke være før første dag" in backwards.content.decode()
    mona.post(PAGE, absence(at))
    assert "allerede et fravær i denne tiden" in mona.post(PAGE, absence(at)).content.decode()


def test_another_office_finds_nothing_of_it(at: Ward, mona: Client, stranger: Client) -> None:
    at.office.booked(at.office.patient())
    page = mona.post(PAGE, absence(at))
    mona.post(PAGE, absence(at, **sent_by(page, PAGE)))
    away, run = Absence.objects.get(), Handover.objects.get()
    assert stranger.get(reverse("workspace:absence", args=[away.pk])).status_code == 404
    for name, key in (("end-absence", away.pk), ("handover-stop", run.pk)):
        assert stranger.post(reverse(f"workspace:{name}", args=[key])).status_code == 404
    assert Absence.objects.exists()


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_asks_the_same_for_one_and_for_many(
    count: int, at: Ward, mona: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        at.office.booked(at.office.patient(f"Kari Test{number}"), clock=time(8 + number // 3, 20 * (number % 3)))
    mona.get(PAGE)
    with django_assert_max_num_queries(30):
        mona.post(PAGE, absence(at))


def test_her_page_changes_when_it_has_gone_and_shows_times_to_choose_among(at: Ward, mona: Client) -> None:
    kari = at.office.patient()
    row = at.office.booked(kari)
    hers = logged_in(citizen(kari))
    show = reverse("appointments:show", args=[row.pk])
    page = mona.post(PAGE, absence(at))
    chosen = sent_by(page, PAGE) | {f"way-{row.pk}": "offer"}
    assert "Velg en ny time" not in hers.get(show).content.decode()
    mona.post(PAGE, absence(at, **chosen, text="Legen er syk."))
    handing_over.go_on(LATER)
    html = hers.get(show).content.decode()
    assert "Velg en ny time" in html
    assert "Legen er syk." in html
    [(link, words), *_others] = re.findall(r'href="(/timeavtaler/bestill/\?[^"]+)#times">([^<]+)<', html)
    picker = hers.get(link.replace("&amp;", "&")).content.decode()
    assert words.rpartition("kl. ")[2] in picker, "the address opens at the time"
