"""What was typed at the office before a login ended comes back into its form; where that is gone it is hers to copy."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from legedialog.access import services as logins
from legedialog.access.actor import Actor, Role
from legedialog.access.models import Ended, Login
from legedialog.access.tests import pages
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.attachments.models import Attachment
from legedialog.attachments.tests.files import jpeg
from legedialog.dialogues.rules import CLAIM_LASTS
from legedialog.dialogues.tests.factories import sent

TYPED = "Ring henne <før> helgen."


@pytest.fixture
def doctor(office: Office) -> Actor:
    return office.staff(Role.DOCTOR)


@pytest.fixture
def browser(doctor: Actor) -> Client:
    return logged_in(doctor, pages.browser())


def lost_and_back(tab: Tab, doctor: Actor, form: str, **typed: object) -> None:
    """Her login ends, she presses, logs in again, and opens what was kept."""
    tab.browser.defaults["HTTP_REFERER"] = f"http://testserver{tab.path}"  # as a browser says
    logins.end(Login.objects.get(ended_at=None).pk, Ended.TIME, timezone.now())
    tab.press(form, 0, "", **typed)
    assert "Teksten din er tatt vare på" in tab.html
    logged_in(doctor, tab.browser)
    tab.open("/logg-inn/tekst/").press("/logg-inn/tekst/")


def test_a_word_to_a_colleague_stands_in_its_form_again(office: Office, doctor: Actor, browser: Client) -> None:
    thread = sent(office.patient())
    page, form = (reverse(f"workspace:{name}", args=[thread.pk]) for name in ("dialogue", "dialogue-forward"))
    tab = Tab(browser).open(page)
    lost_and_back(tab, doctor, form, text=TYPED, employee="")  # a browser sends a list with nothing chosen too
    assert tab.path == page
    assert tab.form(form).fields["text"] == [TYPED]
    tab.press(form)
    assert TYPED in tab.browser.get(page).content.decode().replace("&lt;", "<").replace("&gt;", ">")


def test_files_that_were_uploaded_come_back_with_the_text(office: Office, doctor: Actor, browser: Client) -> None:
    patient = office.patient()
    office.booked(patient)
    page = reverse("workspace:dialogue-start", args=[patient.pk])
    tab = Tab(browser).open(page)
    picture = SimpleUploadedFile("blodprove.jpg", jpeg(), "image/jpeg")
    tab.press(page, 0, "", subject="Prøver", text="", **{"attachment-file": picture})  # kept beside the form's errors
    (uploaded,) = Attachment.objects.all()
    assert tab.form(page).fields["attachment"] == [str(uploaded.pk)]
    lost_and_back(tab, doctor, page, subject="Nye prøver", text=TYPED)
    assert tab.path == page
    assert tab.form(page).fields["text"] == [TYPED]
    assert tab.form(page).fields["attachment"] == [str(uploaded.pk)]
    assert "blodprove.jpg" in tab.html


@pytest.mark.parametrize("typed", [TYPED, "Amoksicillin"])
def test_where_the_form_is_gone_the_words_are_hers_to_copy(
    typed: str, office: Office, doctor: Actor, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Her turn to answer is over, so that the page has no box."""
    thread = sent(office.patient())
    page, form = (reverse(f"workspace:{name}", args=[thread.pk]) for name in ("dialogue", "dialogue-answer"))
    tab = Tab(browser).open(page)
    tab.press(form, 0, "", do="begin")
    monkeypatch.setattr(timezone, "now", lambda: NOW + CLAIM_LASTS + timedelta(minutes=1))
    lost_and_back(tab, doctor, form, text=typed)
    assert "Skjemaet du skrev i, står ikke på siden lenger." in tab.html
    assert escape(typed) in tab.html
    assert page in tab.html
