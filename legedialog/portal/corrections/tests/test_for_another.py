"""Asking for correction in the record of one she acts for: who may, what each reads, and who is told. ADR 101."""

import pytest
from django.test import Client

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.audit.models import Event
from legedialog.consent import acting
from legedialog.core.ids import new_id
from legedialog.journal.models import CorrectionRequest, Outcome
from legedialog.journeys import misfiling, telling
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice, Reason, Skip
from legedialog.patients.models import Person, PowerOfAttorney, Responsibility, YouthAccess
from legedialog.portal.representation.tests.test_representation import (
    act_for,
    born,
    child_of,
    clock,
    gp,
    kari,
    listed,
    ola,
)
from legedialog.portal.tests.test_pages import browser_of

__all__ = ["clock", "gp", "kari", "ola"]
pytestmark = pytest.mark.django_db
URL = "/profil/retting/"


def ask(browser: Client, at: Office, text: str = "Han er ikke allergisk.") -> int:
    form = {"practice": str(at.practice.pk), "asked": "correct", "text": text, "key": str(new_id())}
    return browser.post(URL, form).status_code


def answered(at: Office) -> Notification:
    misfiling.answer(
        actor=at.staff(Role.DOCTOR),
        correction_id=CorrectionRequest.objects.get().pk,
        outcome=Outcome.DONE,
        text="Vi har rettet det.",
        now=NOW,
    )
    return Notification.objects.get(event="correction.answered")


def test_a_parent_asks_in_the_childs_record_and_reads_the_answer(gp: Office, kari: Person, ola: Person) -> None:
    browser = browser_of(kari)
    act_for(browser, ola)
    assert URL in browser.get("/meldinger/").content.decode()
    page = browser.get(URL).content.decode()
    assert "Er noe i journalen til Ola Testdal feil" in page
    assert "Hvem:" in page
    assert ask(browser, gp) == 302

    asked = CorrectionRequest.objects.get()
    assert (asked.patient_id, asked.by_person_id) == (ola.pk, kari.pk)
    trace = Event.objects.get(action="correction.asked")
    assert (trace.patient_id, trace.person_id, trace.role) == (ola.pk, kari.pk, "FO")
    assert misfiling.opened(gp.staff(Role.DOCTOR), asked.pk, NOW).by_name == "Kari Testdal"

    told = telling.decide(answered(gp), NOW)
    assert isinstance(told, Notice)
    assert told.contact.phone == kari.phone
    assert "Vi har rettet det." in browser.get(URL).content.decode()
    browser.post("/representasjon/tilbake/")
    assert "ikke allergisk" not in browser.get(URL).content.decode()  # not in her own
    assert "ikke allergisk" not in browser_of(ola).get(URL).content.decode()  # nor to a child, as in his log


def test_who_may_not_act_any_more_neither_asks_nor_is_told(gp: Office, kari: Person, ola: Person) -> None:
    browser = browser_of(kari)
    act_for(browser, ola)
    ask(browser, gp)
    Responsibility.objects.update(ends_date=NOW.date())
    browser.post(URL, {"practice": str(gp.practice.pk), "asked": "erase", "text": "Slett det.", "key": str(new_id())})
    assert CorrectionRequest.objects.count() == 1
    told = telling.decide(answered(gp), NOW)
    assert isinstance(told, Skip)
    assert told.reason is Reason.NOT_ALLOWED


def test_at_12_the_right_narrows_as_that_of_writing_to_the_office(gp: Office, kari: Person) -> None:
    nora = child_of(kari, listed(gp, "Nora Testdal", born(14)))
    browser = browser_of(kari)
    act_for(browser, nora)
    assert browser.get(URL).status_code == 403
    assert ask(browser, gp) == 403
    assert not CorrectionRequest.objects.exists()


def test_what_a_youth_asks_is_between_her_and_the_office(gp: Office, kari: Person) -> None:
    emil = child_of(kari, listed(gp, "Emil Testdal", born(14)))
    YouthAccess.objects.create(person=emil, given_by=kari, given_at=NOW)
    CorrectionRequest.objects.create(
        patient=emil,
        practice=gp.practice,
        key=new_id(),
        asked="erase",
        text="Slett det om røyk.",
        sent_at=NOW,
        answer_by_date=NOW.date(),
    )
    told = telling.decide(answered(gp), NOW)
    assert isinstance(told, Notice)
    assert told.contact.phone == emil.phone
    assert "Slett det om røyk." in browser_of(emil).get(URL).content.decode()
    found = acting.standing(kari.pk, emil.pk, NOW)
    assert found
    assert "røyk" not in str(misfiling.own(acting.narrowed(citizen(kari), found), NOW))


@pytest.mark.parametrize(("areas", "status"), [([1, 3], 302), ([1], 403)])
def test_a_power_of_attorney_asks_when_it_covers_writing(
    areas: list[int], status: int, gp: Office, kari: Person
) -> None:
    per = listed(gp, "Per Testvik", born(70))
    PowerOfAttorney.objects.create(giver=per, receiver=kari, areas=areas, starts_date=NOW.date(), given_at=NOW)
    browser = browser_of(kari)
    act_for(browser, per)
    assert ask(browser, gp, "Han røyker ikke.") == status
    if status == 302:
        page = browser_of(per).get(URL).content.decode()
        assert "Han røyker ikke." in page
        assert "Sendt av Kari Testdal på dine vegne." in page
        told = telling.decide(answered(gp), NOW)
        assert isinstance(told, Notice)
        assert told.contact.phone == kari.phone
