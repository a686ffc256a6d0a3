"""A reply is kept from its first word and its first file, told of in each window, and gone when it is sent."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.browsing import browser_of as logged_in
from legedialog.attachments import services as attachments
from legedialog.attachments.tests import files
from legedialog.core.errors import NotFound
from legedialog.dialogues import drafts, services
from legedialog.dialogues.merging import settle_drafts
from legedialog.dialogues.models import Dialogue, Draft, Kind, Message
from legedialog.dialogues.services import Seen
from legedialog.dialogues.tests.factories import NOW, Office, answered, citizen, draft, office
from legedialog.dialogues.tests.people import LATER, doctor, refused
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db
AUTOSAVE = {"HX-Request": "true", "HX-Trigger": "id_text", "X-Autosave": "1"}


@pytest.fixture
def at() -> Office:
    return office()


@pytest.fixture
def kari(at: Office) -> Person:
    return at.patient()


@pytest.fixture
def dialogue(at: Office, kari: Person) -> Dialogue:
    return answered(at, kari)


@pytest.fixture
def browser(kari: Person, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    return logged_in(kari)


def begin(who: Person, dialogue: Dialogue, text: str = "Takk. Og", seen: Seen | None = None) -> Draft:
    return services.save_reply(
        actor=citizen(who), dialogue_id=dialogue.pk, text=text, attachment_ids=[], seen=seen, now=LATER
    )


def test_it_is_one_in_each_dialogue_beside_one_of_something_new(at: Office, kari: Person, dialogue: Dialogue) -> None:
    new = draft(kari)
    first, again = begin(kari, dialogue), begin(kari, dialogue, "Takk. Og ansiktet?")
    assert first.pk == again.pk
    found = drafts.of_reply(citizen(kari), dialogue.pk, LATER)
    assert found
    assert (found.text, found.version) == ("Takk. Og ansiktet?", 2)
    of_new = drafts.of_kind(citizen(kari), kari.pk, Kind.ECONSULTATION, LATER)
    assert of_new
    assert of_new.id == new.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.create(
            owner=kari,
            patient=kari,
            practice=at.practice,
            kind=Kind.ECONSULTATION,
            dialogue=dialogue,
            started_at=LATER,
            saved_at=LATER,
        )


def test_it_is_gone_when_it_is_sent_and_after_thirty_days(kari: Person, dialogue: Dialogue) -> None:
    seen = Seen(begin(kari, dialogue).version)
    assert drafts.of_reply(citizen(kari), dialogue.pk, LATER + timedelta(days=30)) is None
    services.reply(
        actor=citizen(kari), dialogue_id=dialogue.pk, key=uuid4(), text="Takk. Og armen?", seen=seen, now=LATER
    )
    assert not Draft.objects.exists()
    with refused("reply-closed"):  # what was on its way when she sent it does not come back
        begin(kari, dialogue)
    assert not Draft.objects.exists()


def test_a_stranger_neither_keeps_nor_finds_it(at: Office, kari: Person, dialogue: Dialogue) -> None:
    begin(kari, dialogue)
    per = at.patient("Per Testvik")
    with pytest.raises(NotFound):
        begin(per, dialogue)
    assert drafts.of_reply(citizen(per), dialogue.pk, LATER) is None
    stranger = logged_in(per)
    assert stranger.post(f"/meldinger/{dialogue.pk}/svar/", {"text": "x", "save": "1"}).status_code == 404
    assert stranger.post(f"/meldinger/{dialogue.pk}/slett-kladd/").status_code == 404
    assert Draft.objects.get().text == "Takk. Og"


def test_what_another_window_wrote_is_neither_sent_nor_lost(kari: Person, dialogue: Dialogue) -> None:
    old = Seen(begin(kari, dialogue).version)
    begin(kari, dialogue, "Fra det andre vinduet", old)
    with refused("draft-changed"):
        begin(kari, dialogue, "Fra det første", old)
    with refused("draft-changed"):
        services.reply(actor=citizen(kari), dialogue_id=dialogue.pk, key=uuid4(), text="Først", seen=old, now=LATER)
    assert Draft.objects.get().text == "Fra det andre vinduet"
    assert Message.objects.count() == 2


def test_two_rows_of_one_person_keep_the_latest(at: Office, kari: Person, dialogue: Dialogue) -> None:
    begin(kari, dialogue)
    twin = at.patient("Kari Tvilling")
    draft(twin)
    settle_drafts(kari.pk, twin.pk, LATER)
    assert Draft.objects.count() == 2  # one of something new, one of a reply


def test_she_writes_leaves_and_goes_on(browser: Client, kari: Person, dialogue: Dialogue) -> None:
    photo = attachments.receive(
        actor=citizen(kari),
        practice_id=dialogue.practice_id,
        patient_id=kari.pk,
        name="Arm.jpg",
        file=BytesIO(files.jpeg()),
        now=NOW,
    )
    url, reply = f"/meldinger/{dialogue.pk}/", f"/meldinger/{dialogue.pk}/svar/"
    tab = Tab(browser).open(url)
    answer = tab.send(reply, text="Takk. Og armen", attachment=str(photo.pk), headers=AUTOSAVE)
    assert "Kladden er lagret kl." in answer.content.decode()
    assert "<h1" not in answer.content.decode()
    again = Tab(browser).open(url)
    assert again.form(reply).fields["text"] == ["Takk. Og armen"]
    assert "Arm.jpg" in again.html
    assert f'href="{url}#reply"' in browser.get("/meldinger/").content.decode()
    again.press(reply)
    assert "Svaret er sendt." in again.html
    assert (Message.objects.count(), Draft.objects.count()) == (3, 0)
    assert "Arm.jpg" in again.html

    late = tab.press(reply, text="Takk. Og armen, sa jeg")  # the tab that was left
    assert late.status_code == 409
    assert "Takk. Og armen, sa jeg" in tab.html
    assert Message.objects.count() == 3


def test_two_windows_are_told(browser: Client, dialogue: Dialogue) -> None:
    url, reply = f"/meldinger/{dialogue.pk}/", f"/meldinger/{dialogue.pk}/svar/"
    first, second = Tab(browser).open(url), Tab(browser).open(url)
    for text in ("Fra", "Fra det andre"):  # a page goes on from its own change though the answer was lost
        assert second.send(reply, text=text, headers=AUTOSAVE).status_code == 200
    told = first.send(reply, text="Fra det første", headers=AUTOSAVE)
    assert (told.status_code, "Ikke lagret." in told.content.decode()) == (409, True)
    assert first.press(reply, text="Fra det første").status_code == 409
    assert "Kladden er endret i et annet vindu" in first.html
    assert "Fra det andre" in first.html
    assert first.form(reply).fields["text"] == ["Fra det første"]
    assert Message.objects.count() == 2
    first.press(reply)  # now she has seen both
    assert Message.objects.latest("at").text == "Fra det første"


def test_without_script_it_is_saved_and_deleted_by_a_button(browser: Client, dialogue: Dialogue) -> None:
    url, reply = f"/meldinger/{dialogue.pk}/", f"/meldinger/{dialogue.pk}/svar/"
    tab = Tab(browser).open(url)
    tab.press(reply, text="Halv", save="1")
    assert "Kladden er lagret kl." in tab.html
    assert Draft.objects.get().text == "Halv"
    other = Tab(browser).open(url)
    other.press(reply, text="Halv og mer", save="1")
    tab.press(reply, to=f"{url}slett-kladd/")
    assert "Ingenting er slettet." in tab.html
    tab.press(reply, to=f"{url}slett-kladd/")
    assert "Kladden er slettet." in tab.html
    assert not Draft.objects.exists()


def test_what_can_no_longer_be_sent_is_shown(at: Office, browser: Client, kari: Person, dialogue: Dialogue) -> None:
    begin(kari, dialogue, "Det jeg ville si")
    services.close(actor=doctor(at), dialogue_id=dialogue.pk, now=LATER)
    tab = Tab(browser).open(f"/meldinger/{dialogue.pk}/")
    assert "Det jeg ville si" in tab.html
    assert "Du kan ikke svare her nå." in tab.html
    tab.press(f"/meldinger/{dialogue.pk}/slett-kladd/")
    assert not Draft.objects.exists()
