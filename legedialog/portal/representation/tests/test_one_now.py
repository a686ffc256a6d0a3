"""A page stands open while two rows of one person become one: nothing is lost, and nothing fails."""

import pytest
from django.test import Client

from legedialog.access.models import KeptForm
from legedialog.access.tests import pages
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.models import TimeRequest
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.journeys import merging
from legedialog.patients.models import Person
from legedialog.portal.representation.tests.test_representation import born, listed
from legedialog.portal.representation.tests.test_representation import clock as clock
from legedialog.portal.representation.tests.test_representation import gp as gp
from legedialog.portal.representation.tests.test_representation import kari as kari
from legedialog.portal.representation.tests.test_representation import ola as ola
from legedialog.portal.tests.test_pages import text

pytestmark = pytest.mark.django_db
ASK = "/timeavtaler/be-om-time/"
WISHES = "Vondt i øret siden mandag"


@pytest.fixture
def browser(kari: Person) -> Client:
    return logged_in(citizen(kari), pages.browser())


def test_what_was_written_for_a_child_is_kept_for_the_one_that_remains(
    browser: Client, gp: Office, ola: Person
) -> None:
    new = listed(gp, "Ola Testdal", born(8))
    Tab(browser).open("/representasjon/velg/").press("/representasjon/velg/", person=str(ola.pk))
    tab = Tab(browser).open(ASK)
    merging.merge(kept_id=new.pk, gone_id=ola.pk, now=NOW)

    answer = tab.press(ASK, wishes=WISHES)

    assert answer.status_code == 409
    assert "Ingenting er sendt ennå: to oppføringer av Ola Testdal er blitt én" in text(answer)
    assert WISHES in text(answer)
    assert not TimeRequest.objects.exists()
    assert KeptForm.objects.get().acting_for_id == new.pk
    tab.open("/logg-inn/tekst/").press("/logg-inn/tekst/")
    assert WISHES in tab.html
    tab.press(ASK)
    assert TimeRequest.objects.get().patient_id == new.pk


def test_what_she_wrote_herself_is_kept_over_her_next_login(browser: Client, gp: Office, kari: Person) -> None:
    new = listed(gp, "Kari Testdal", born(42))
    tab = Tab(browser).open(ASK)
    merging.merge(kept_id=new.pk, gone_id=kari.pk, now=NOW)  # which ends her login

    assert tab.send(ASK, wishes=WISHES).status_code == 302

    logged_in(citizen(new), browser)
    assert "Åpne skjemaet for Kari Testdal" in text(browser.get("/logg-inn/tekst/"))


def test_an_old_page_chooses_the_child_that_remains(browser: Client, gp: Office, kari: Person, ola: Person) -> None:
    tab = Tab(browser).open("/representasjon/velg/")
    new = listed(gp, "Ola Testdal", born(8))
    merging.merge(kept_id=new.pk, gone_id=ola.pk, now=NOW)
    tab.press("/representasjon/velg/", person=str(ola.pk))
    assert "Du handler for Ola Testdal" in tab.html
