"""The citizen's pages: what is told before writing, each step, one dialogue, and the list."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.models import Login
from legedialog.access.tests.pages import Forms, Tab
from legedialog.appointments.tests.browsing import browser_of as logged_in
from legedialog.consent.models import Consent
from legedialog.dialogues import rules, services
from legedialog.dialogues.models import Dialogue, Draft, Intake, Kind, Message
from legedialog.dialogues.tests.factories import CALM, TEXT, Office, office, secretary, sent
from legedialog.patients.models import Person, PowerOfAttorney
from legedialog.portal.representation.tests.test_representation import listed
from legedialog.practices.models import Offer as Offered
from legedialog.practices.models import Practice

pytestmark = pytest.mark.django_db
START, CONTACT = "/meldinger/ny/e-konsultasjon/", "/meldinger/ny/kontakt/"
SEEN = ("page", "version", "draft")
STEPS = "/meldinger/ny/{}/{}/"


@pytest.fixture
def at() -> Office:
    return office()


@pytest.fixture
def kari(at: Office) -> Person:
    return at.patient()


@pytest.fixture
def browser(kari: Person) -> Client:
    return logged_in(kari)


def page(browser: Client, url: str, status: int = 200) -> str:
    response = browser.get(url)
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def go(browser: Client, url: str, data: dict[str, str], status: int = 302) -> str:
    """She opens the page and sends its form, with what it knows of the draft."""
    found = [form for form in Forms(browser.get(url).content.decode()).found if form.action == url]
    known = {name: values for name, values in found[0].fields.items() if name in SEEN} if found else {}
    response = browser.post(url, known | data)
    assert response.status_code == status, response.content.decode()[:2000]
    return response["Location"] if status == 302 else response.content.decode()


def walk(browser: Client, text: str = TEXT) -> str:
    """To the last step of an e-consultation; the draft's id."""
    assert go(browser, START, {"topic": "follow-up"}) == STEPS.format("e-konsultasjon", "sporsmal")
    answers = {f"q-{name}": value for name, value in CALM.items()}
    assert go(browser, STEPS.format("e-konsultasjon", "sporsmal"), answers) == STEPS.format("e-konsultasjon", "skriv")
    assert go(browser, STEPS.format("e-konsultasjon", "skriv"), {"text": text}) == STEPS.format(
        "e-konsultasjon", "se-over"
    )
    return str(Draft.objects.get().pk)


def test_who_reads_names_everybody_who_sees_it_and_nobody_else(kari: Person, browser: Client, at: Office) -> None:
    """Those who may act for her with its area, told to her by name; who acts for her is told that she reads herself."""
    Practice.objects.update(supports_representation=True)
    tor, nils = listed(at, "Tor Testvik", date(1980, 1, 2)), listed(at, "Nils Testås", date(1980, 1, 2))
    today = timezone.localdate()
    for receiver, area in ((tor, 3), (nils, 1)):  # the office's services; only who the GP is
        PowerOfAttorney.objects.create(
            giver=kari, receiver=receiver, areas=[area], starts_date=today, given_at=timezone.now()
        )
    url = reverse("dialogues:show", args=[sent(kari).pk])
    his = logged_in(tor)
    Login.objects.filter(person=tor).update(acting_for=kari)
    for address in (START, CONTACT, url):
        hers, as_tor = page(browser, address), page(his, address)
        assert "Tor Testvik kan også lese, på dine vegne." in hers
        assert "Nils Testås" not in hers + as_tor
        assert f"{kari.name} kan også lese." in as_tor
        assert "Tor Testvik kan også lese" not in as_tor
    PowerOfAttorney.objects.filter(receiver=tor).update(ended_at=timezone.now(), ended_by=kari)
    assert "Tor Testvik" not in page(browser, url)


def test_the_first_page_says_when_not_to_write_who_reads_by_when_and_the_price(browser: Client, at: Office) -> None:
    Intake.objects.create(practice=at.practice, guidance="Hud passer godt.")
    html = page(browser, START)
    assert 'href="tel:113"' in html
    assert 'href="tel:116117"' in html
    assert "Hud passer godt." in html
    assert "Ingrid Aas" in html
    assert "Vanlig egenandel" in html
    due = rules.due_date(timezone.localdate())
    assert f'datetime="{due.isoformat()}"' in html
    assert not re.search(r"\d+ kr", html)


def test_contact_says_that_no_health_care_is_given_before_the_text(browser: Client) -> None:
    assert "Her gir vi ikke helsehjelp" in page(browser, CONTACT)
    go(browser, CONTACT, {"topic": "bill"})
    html = page(browser, STEPS.format("kontakt", "skriv"))
    assert html.index("Vi gir ikke helsehjelp her") < html.index("<textarea")


def test_she_goes_through_all_steps_and_sends_once(browser: Client) -> None:
    draft_id = walk(browser)
    html = page(browser, STEPS.format("e-konsultasjon", "se-over"))
    assert TEXT in html
    assert "Noen uker" in html
    first = go(browser, STEPS.format("e-konsultasjon", "se-over"), {"draft": draft_id})
    again = go(browser, STEPS.format("e-konsultasjon", "se-over"), {"draft": draft_id})
    assert first == again
    assert Dialogue.objects.count() == 1
    assert "Mottatt på kontoret" in page(browser, first)


def test_a_red_flag_stops_with_the_number_to_call_and_nothing_is_sent(browser: Client) -> None:
    go(browser, START, {"topic": "follow-up"})
    html = go(browser, STEPS.format("e-konsultasjon", "sporsmal"), {"q-urgent": "life"}, status=200)
    assert "Ring 113" in html
    assert 'href="tel:113"' in html
    assert not Dialogue.objects.exists()


def test_who_thinks_of_harming_herself_is_told_whom_to_talk_to(browser: Client) -> None:
    go(browser, START, {"topic": "follow-up"})
    html = go(browser, STEPS.format("e-konsultasjon", "sporsmal"), {"q-urgent": "self-harm"}, status=200)
    assert [number for number in ("116117", "116123", "113") if f'href="tel:{number}"' in html] == [
        "116117",
        "116123",
        "113",
    ]


def test_what_is_missing_is_said_at_the_field_and_what_was_typed_stays(browser: Client) -> None:
    go(browser, START, {}, status=422)
    go(browser, START, {"topic": "follow-up"})
    html = go(browser, STEPS.format("e-konsultasjon", "sporsmal"), {"q-urgent": "none"}, status=422)
    assert "Svar på spørsmålet «Hvor lenge har det vart?»." in html
    assert "Svar på spørsmålet «Gjelder noe av dette nå?»." not in html
    long = "x" * (rules.TEXT_LENGTH + 1)
    html = go(browser, STEPS.format("e-konsultasjon", "skriv"), {"text": long}, status=422)
    assert long in html
    assert "for lang" in html


def test_a_matter_that_belongs_elsewhere_is_led_there(browser: Client) -> None:
    html = go(browser, CONTACT, {"topic": "health"}, status=200)
    assert reverse("dialogues:econsultation") in html
    Offered.objects.filter(service="econsultation").delete()
    html = go(browser, CONTACT, {"topic": "health"}, status=200)
    assert reverse("dialogues:econsultation") not in html
    assert reverse("appointments:book") in html


@pytest.fixture
def draft_url(browser: Client) -> str:
    go(browser, START, {"topic": "follow-up"})
    go(browser, STEPS.format("e-konsultasjon", "sporsmal"), {f"q-{name}": value for name, value in CALM.items()})
    return STEPS.format("e-konsultasjon", "skriv")


AUTOSAVE = {"HX-Request": "true", "HX-Trigger": "id_text", "X-Autosave": "1"}


def test_the_draft_is_saved_while_she_types(browser: Client, draft_url: str) -> None:
    html = Tab(browser).open(draft_url).send(draft_url, text="Halv", headers=AUTOSAVE).content.decode()
    assert "Kladden er lagret" in html
    assert "<h1" not in html
    assert Draft.objects.get().text == "Halv"
    assert "Halv" in page(browser, draft_url)


def test_a_window_that_has_not_seen_the_other_overwrites_nothing(browser: Client, draft_url: str) -> None:
    first, second = Tab(browser).open(draft_url), Tab(browser).open(draft_url)
    assert second.send(draft_url, text="Fra det andre vinduet", headers=AUTOSAVE).status_code == 200

    for _ in range(2):  # however often it tries
        answer = first.send(draft_url, text="Fra det første vinduet", headers=AUTOSAVE)
        assert answer.status_code == 409
        assert "Ikke lagret." in answer.content.decode()
        assert "HX-Retarget" not in answer.headers, "the page stays, with what is typed in it"
        assert Draft.objects.get().text == "Fra det andre vinduet"

    answer = first.press(draft_url, text="Fra det første vinduet")
    assert answer.status_code == 409
    assert "Kladden er endret i et annet vindu" in first.html
    assert "Fra det andre vinduet" in first.html
    assert first.form(draft_url).fields["text"] == ["Fra det første vinduet"]
    assert Draft.objects.get().text == "Fra det andre vinduet"

    first.press(draft_url)  # now she has seen both
    assert Draft.objects.get().text == "Fra det første vinduet"


def test_a_window_goes_on_from_its_own_change_though_the_answer_was_lost(browser: Client, draft_url: str) -> None:
    tab = Tab(browser).open(draft_url)
    for text in ("Jeg", "Jeg har", "Jeg har vondt"):  # each from the page as it was drawn
        assert tab.send(draft_url, text=text, headers=AUTOSAVE).status_code == 200
    assert Draft.objects.get().text == "Jeg har vondt"


def test_what_is_sent_is_what_she_saw(browser: Client, draft_url: str) -> None:
    review = STEPS.format("e-konsultasjon", "se-over")
    first = Tab(browser).open(draft_url)
    first.press(draft_url, text="Det jeg så over")
    Tab(browser).open(draft_url).send(draft_url, text="Det andre vinduet skrev", headers=AUTOSAVE)

    answer = first.press(review)

    assert answer.status_code == 409
    assert not Dialogue.objects.exists()
    assert "Meldingen er ikke sendt" in first.html
    assert "Det jeg så over" in first.html
    assert "Det andre vinduet skrev" in first.html
    first.press(review)
    assert Message.objects.get().text == "Det andre vinduet skrev"


@pytest.mark.parametrize("how", ["sent", "deleted"])
def test_a_text_whose_draft_is_gone_is_not_lost(how: str, browser: Client, draft_url: str) -> None:
    review = STEPS.format("e-konsultasjon", "se-over")
    other, tab = Tab(browser).open(draft_url), Tab(browser).open(draft_url)
    other.press(draft_url, text="Det første")
    if how == "sent":
        other.press(review)
    else:
        other.open(draft_url).press("/meldinger/ny/e-konsultasjon/slett/")

    assert tab.send(draft_url, text="Noe mer", headers=AUTOSAVE).status_code == 409
    tab.press(draft_url, text="Noe mer")
    assert "Kladden er sendt eller slettet i et annet vindu." in tab.html
    assert "Noe mer" in tab.html
    assert not Draft.objects.exists()
    tab.press(draft_url)
    assert Draft.objects.get().text == "Noe mer"


def test_what_she_saw_over_is_not_lost_when_the_draft_was_deleted_beside_it(browser: Client, draft_url: str) -> None:
    tab = Tab(browser).open(draft_url)
    tab.press(draft_url, text="Det jeg så over")
    Tab(browser).open(draft_url).press("/meldinger/ny/e-konsultasjon/slett/")
    assert tab.press(STEPS.format("e-konsultasjon", "se-over")).status_code == 409
    assert "Det jeg så over" in tab.html
    assert not Dialogue.objects.exists()


def test_a_draft_is_deleted_only_as_she_saw_it(browser: Client, draft_url: str) -> None:
    tab = Tab(browser).open(draft_url)
    Tab(browser).open(draft_url).send(draft_url, text="Skrevet i et annet vindu", headers=AUTOSAVE)
    tab.press("/meldinger/ny/e-konsultasjon/slett/")
    assert Draft.objects.get().text == "Skrevet i et annet vindu"
    assert "Ingenting er slettet." in tab.html


def test_without_script_a_button_saves_the_draft(browser: Client) -> None:
    go(browser, START, {"topic": "follow-up"})
    html = go(browser, STEPS.format("e-konsultasjon", "skriv"), {"text": "Halv", "save": "1"}, status=200)
    assert "Kladden er lagret" in html
    assert "Halv" in html


def test_a_draft_is_thrown_away(browser: Client) -> None:
    walk(browser)
    Tab(browser).open(START).press(STEPS.format("e-konsultasjon", "slett"))
    assert not Draft.objects.exists()


def test_closed_is_told_before_writing_with_what_is_open(browser: Client, at: Office) -> None:
    Offered.objects.filter(service="econsultation").update(is_open=False, closed_reason="Mange spørsmål nå.")
    html = page(browser, START)
    assert "Mange spørsmål nå." in html
    assert reverse("dialogues:contact") in html
    assert "<textarea" not in html


def test_a_door_that_closes_before_she_sends_keeps_the_draft(browser: Client, at: Office) -> None:
    draft_id, review = walk(browser), STEPS.format("e-konsultasjon", "se-over")
    tab = Tab(browser).open(review)
    Intake.objects.create(practice=at.practice, max_open=0)
    assert tab.press(review).status_code == 409
    assert "ikke er plass til flere" in tab.html
    assert Draft.objects.filter(pk=draft_id).exists()


def test_an_ending_login_or_basis_leads_to_consent(browser: Client) -> None:
    Consent.objects.update(level="basis")
    assert "Gi full tilgang" in page(browser, START)


def test_she_reads_the_answer_replies_and_takes_times(browser: Client, at: Office, kari: Person) -> None:
    now = timezone.now()
    dialogue = sent(kari, now=now)
    from legedialog.dialogues.conversations import Offer

    offer = Offer(at.calendar.pk, at.doctor.pk, at.visit_type.pk, "attendance", now + timedelta(days=2))
    services.answer(
        actor=at.staff(Role.DOCTOR),
        dialogue_id=dialogue.pk,
        key=uuid4(),
        text="Kom innom.",
        offered=[offer],
        problem_code="S87",
        now=now,
    )
    to_the_answer = f'href="/meldinger/{dialogue.pk}/#nytt"'
    assert "Ulest" in page(browser, "/meldinger/")
    assert to_the_answer in page(browser, "/meldinger/")
    assert to_the_answer in page(browser, "/hjem/")
    assert "Kontoret ber deg bestille time" in page(browser, "/hjem/")
    html = page(browser, f"/meldinger/{dialogue.pk}/")
    assert html.index('id="nytt"') > html.index('id="message-1"'), "it is the answer, not what she wrote"
    assert 'id="nytt"' not in page(browser, f"/meldinger/{dialogue.pk}/"), "read it is new no more"
    assert "Kom innom." in html
    assert f"type={at.visit_type.pk}" in html
    assert "Ulest" not in page(browser, "/meldinger/")
    go(browser, f"/meldinger/{dialogue.pk}/svar/", {"text": "Takk", "key": str(uuid4())})
    assert Message.objects.filter(dialogue=dialogue).count() == 3


def test_she_withdraws_while_it_is_unopened_and_is_told_when_it_is_not(
    browser: Client, at: Office, kari: Person
) -> None:
    now = timezone.now()
    first, second = sent(kari, now=now), sent(kari, kind=Kind.CONTACT, now=now)
    assert "Trekk tilbake" in page(browser, f"/meldinger/{first.pk}/")
    go(browser, f"/meldinger/{first.pk}/trekk/", {})
    assert "Trukket tilbake" in page(browser, f"/meldinger/{first.pk}/")
    services.open_(actor=secretary(at), dialogue_id=second.pk, now=now)
    html = go(browser, f"/meldinger/{second.pk}/trekk/", {}, status=409)
    assert "Kontoret har åpnet meldingen" in html


def test_she_searches_her_own_words_and_the_words_stand_in_no_address(browser: Client, kari: Person) -> None:
    now = timezone.now()
    sent(kari, now=now)
    sent(kari, kind=Kind.CONTACT, text="Attest til skolen.", now=now)
    html = go(browser, "/meldinger/", {"words": "skolen"}, status=200)
    assert "1 dialog passer" in html
    assert "attest" in html
    assert "snakket med legen" not in html.split("Vil du spørre")[0].split("passer med")[1]


def test_a_stranger_finds_nothing(at: Office, kari: Person) -> None:
    dialogue = sent(kari, now=timezone.now())
    stranger = logged_in(at.patient("Per Testvik"))
    for url in (f"/meldinger/{dialogue.pk}/", f"/meldinger/{dialogue.pk}/dialog.pdf"):
        page(stranger, url, status=404)
    go(stranger, f"/meldinger/{dialogue.pk}/trekk/", {}, status=404)


def test_a_dialogue_is_a_pdf_whose_name_tells_nothing(browser: Client, kari: Person) -> None:
    dialogue = sent(kari, now=timezone.now())
    response = browser.get(f"/meldinger/{dialogue.pk}/dialog.pdf")
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"] == 'attachment; filename="dialog.pdf"'


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_and_a_dialogue_take_as_many_queries_however_much_there_is(
    at: Office, kari: Person, browser: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    mona = secretary(at)
    for _number in range(count):
        dialogue = services.start(
            actor=mona, patient_id=kari.pk, kind=Kind.CONTACT, key=uuid4(), subject="Time", text="Hei", now=now
        )
    with django_assert_max_num_queries(16):
        page(browser, "/meldinger/")
    with django_assert_max_num_queries(18):
        page(browser, f"/meldinger/{dialogue.pk}/")


def test_files_are_attached_and_read_by_both_sides_only(browser: Client, at: Office, kari: Person) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from legedialog.attachments.tests.files import jpeg

    go(browser, CONTACT, {"topic": "bill"})
    upload = SimpleUploadedFile("regning.jpg", jpeg(), content_type="image/jpeg")
    address = STEPS.format("kontakt", "skriv")
    typed: Any = {"text": "Se regningen.", "attachment-file": upload}
    sent_now = Tab(browser).open(address).send(address, **typed)
    assert sent_now.status_code == 302
    kept = Draft.objects.get()
    assert len(kept.attachment_ids) == 1
    assert "regning.jpg" in page(browser, STEPS.format("kontakt", "se-over"))
    url = go(browser, STEPS.format("kontakt", "se-over"), {"draft": str(kept.pk)})
    assert "regning.jpg" in page(browser, url)
    file = f"/meldinger/vedlegg/{kept.attachment_ids[0]}/"
    assert browser.get(file)["Content-Type"] == "image/jpeg"
    page(logged_in(at.patient("Per Testvik")), file, status=404)
