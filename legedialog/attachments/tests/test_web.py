import io
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone

from legedialog.access.actor import Actor
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.attachments import rules, sandbox, services
from legedialog.attachments.models import Attachment, Chunk
from legedialog.attachments.tests import files
from legedialog.attachments.web import field
from legedialog.attachments.web.answers import serve
from legedialog.audit.models import Event
from legedialog.core.errors import NotFound, Refusal, Refused
from legedialog.core.ids import new_id
from legedialog.core.tests import owner
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def kari(office: Office) -> Person:
    return office.patient()


@pytest.fixture
def browser(kari: Person) -> Client:
    return logged_in(citizen(kari))


def upload(
    browser: Client, office: Office, patient: Person, sent: SimpleUploadedFile | None = None, side: str = ""
) -> Any:
    """The answer to the file field's script."""
    data = {"practice": office.practice.pk, "patient": patient.pk, **({"file": sent} if sent else {})}
    return browser.post(f"/vedlegg/{side}", data)


def file(data: bytes, name: str = "utslett.jpg", content_type: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=content_type)


def test_a_file_is_uploaded_shown_and_removed(office: Office, kari: Person, browser: Client) -> None:
    told = upload(browser, office, kari, file(files.jpeg())).json()
    assert (told["name"], told["shown"]) == ("utslett.jpg", True)
    shown = browser.get(told["url"])
    assert b"".join(shown).startswith(b"\xff\xd8\xff")
    assert shown["Content-Type"] == "image/jpeg"
    assert browser.post(f"{told['url']}fjern/").status_code == 200
    assert browser.get(told["url"]).status_code == 404


def test_a_large_file_through_the_form_goes_by_the_spool(office: Office, kari: Person, browser: Client) -> None:
    told = upload(browser, office, kari, file(files.large_photo())).json()
    assert Attachment.objects.get(pk=told["id"]).size > 1_000_000


def test_a_document_is_only_ever_downloaded(office: Office, kari: Person, browser: Client) -> None:
    told = upload(browser, office, kari, file(files.pdf(), 'prøve "svar".pdf', "text/html")).json()
    shown = browser.get(told["url"])
    b"".join(shown)
    assert shown["Content-Type"] == "application/pdf"
    way, plain, full = shown["Content-Disposition"].split("; ")
    assert (way, plain, full) == (
        "attachment",
        'filename="pr_ve svar.pdf"',
        "filename*=UTF-8''pr%C3%B8ve%20svar.pdf",
    )
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "JPG, PNG, WebP, HEIC"),
        (files.small_zip(), "lagre dokumentet som pdf"),
        (files.pdf(user_password="hemmelig"), "låst med passord"),
    ],
)
def test_a_refused_file_is_told_why_whatever_it_calls_itself(
    data: bytes, text: str, office: Office, kari: Person, browser: Client
) -> None:
    answer = upload(browser, office, kari, file(data, "bilde.png", "image/png"))
    assert answer.status_code == 422
    assert text.casefold() in answer.json()["problem"].casefold()


@pytest.mark.parametrize(
    ("refusal", "status"), [(rules.TWO_AT_ONCE, 429), (rules.BUSY, 503), (rules.NOT_CHECKED, 503), (rules.LOCKED, 422)]
)
def test_what_is_busy_says_when_to_come_again(
    refusal: Refusal, status: int, office: Office, kari: Person, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**given: object) -> None:
        raise Refused(refusal)

    monkeypatch.setattr(services, "receive", busy)
    answer = upload(browser, office, kari, file(files.jpeg()))
    assert (answer.status_code, answer.json()["problem"]) == (status, str(refusal.to_patient))
    assert ("Retry-After" in answer) is (status != 422)


def test_where_no_sandbox_can_be_had_no_file_is_taken_and_the_page_says_so(
    office: Office, kari: Person, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "fault", lambda: "seccomp: Operation not permitted")
    answer = upload(browser, office, kari, file(files.jpeg()))
    assert (answer.status_code, answer.json()["code"]) == (422, "file-not-taken")
    assert not Attachment.objects.exists()
    for actor, text in (
        (citizen(kari), rules.NOT_TAKEN.to_patient),
        (office.staff(), rules.NOT_TAKEN.to_practice),
    ):
        found = field.read(sent(actor, {}), practice_id=office.practice.pk, patient_id=kari.pk, now=timezone.now())
        drawn = render_to_string("attachments/field.html", {"files": found})
        assert str(text) in drawn
        assert 'type="file"' not in drawn


@pytest.mark.parametrize("name", ["\u202e\u2066\u2069", "\u200b", "..", " "])
def test_a_file_whose_name_nobody_can_see_is_taken_under_a_name_of_ours(
    name: str, office: Office, kari: Person, browser: Client
) -> None:
    assert upload(browser, office, kari, named(name)).json()["name"] == "vedlegg.jpg"


def test_without_a_file_or_with_a_name_that_is_too_long_she_is_told_so_and_not_that_it_is_empty(
    office: Office, kari: Person, browser: Client
) -> None:
    for sent in (None, named("")):
        assert upload(browser, office, kari, sent).json()["problem"] == str(rules.NO_FILE.to_patient)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = upload(browser, office, kari, named("a" * 5000))
    assert answer.status_code == 400  # and the script says the same: ui/assets/files.js
    assert "Give the file a shorter name" in answer.content.decode()


def named(name: str) -> SimpleUploadedFile:
    sent = file(files.jpeg())
    vars(sent)["_name"] = name  # as it comes over the network; Django's own class would mend it
    return sent


def test_without_a_file_and_without_a_login(office: Office, kari: Person, browser: Client) -> None:
    assert upload(browser, office, kari).status_code == 422
    assert upload(Client(), office, kari, file(files.jpeg())).status_code == 302
    assert Client().get(f"/vedlegg/{new_id()}/").status_code == 302


def test_a_stranger_learns_nothing(office: Office, kari: Person, browser: Client) -> None:
    told = upload(browser, office, kari, file(files.jpeg())).json()
    per = logged_in(citizen(office.patient("Per Testvik")))
    assert upload(per, office, kari, file(files.jpeg())).status_code == 404
    assert per.get(told["url"]).status_code == 404
    assert per.post(f"{told['url']}fjern/").status_code == 404
    assert logged_in(office.staff()).get(told["url"].replace("vedlegg/", "vedlegg/kontor/")).status_code == 404


def test_the_office_uploads_at_its_own_address(office: Office, kari: Person) -> None:
    mona = logged_in(office.staff())
    told = upload(mona, office, kari, file(files.pdf(), "attest.pdf"), "kontor/").json()
    assert told["url"].startswith("/vedlegg/kontor/")
    assert mona.get(told["url"]).status_code == 200
    assert logged_in(office.staff()).get(told["url"]).status_code == 404  # not sent yet


@pytest.mark.parametrize("whose", ["nobody's", "another office's patient"])
def test_the_office_sends_files_only_to_those_it_knows(whose: str, office: Office) -> None:
    stranger = factories.office("Dalen legekontor", "Odd Lund").patient("Per Testvik")
    patient_id = stranger.pk if whose != "nobody's" else new_id()
    data = {"practice": office.practice.pk, "patient": patient_id, "file": file(files.pdf(), "attest.pdf")}
    assert logged_in(office.staff()).post("/vedlegg/kontor/", data).status_code == 404
    assert not Attachment.objects.exists()


def test_what_is_sent_is_no_longer_found_here(office: Office, kari: Person, browser: Client, now: datetime) -> None:
    told = upload(browser, office, kari, file(files.jpeg())).json()
    services.attach(
        actor=citizen(kari),
        ids=[Attachment.objects.get().pk],
        object_id=new_id(),
        practice_id=office.practice.pk,
        patient_id=kari.pk,
        now=now,
    )
    assert browser.get(told["url"]).status_code == 404


def sent(actor: Actor, data: dict[str, object]) -> HttpRequest:
    request = RequestFactory().post("/", data)
    request.actor = actor  # type: ignore[attr-defined]
    return request


def test_a_form_without_script_takes_the_files_itself(office: Office, kari: Person, now: datetime) -> None:
    """Given one uploaded and one to be removed, When three come in the form, Then the good ones are kept."""
    first, second = (
        services.receive(
            actor=citizen(kari),
            practice_id=office.practice.pk,
            patient_id=kari.pk,
            name=f"{number}.jpg",
            file=io.BytesIO(files.jpeg()),
            now=now,
        )
        for number in (1, 2)
    )
    request = sent(
        citizen(kari),
        {
            "attachment": [str(first.pk), str(second.pk), "no id", str(new_id())],
            "attachment-remove": [str(second.pk)],
            "attachment-file": [file(files.png(), "3.png"), file(b"<html>", "4.html"), file(files.pdf(), "5.pdf")],
        },
    )
    found = field.read(request, practice_id=office.practice.pk, patient_id=kari.pk, now=now)
    assert [row.name for row in found.rows] == ["1.jpg", "3.png", "5.pdf"]
    assert [(problem.name, "JPG" in problem.text) for problem in found.problems] == [("4.html", True)]
    assert found.ids[0] == first.pk


def test_a_draft_gives_its_files_back(office: Office, kari: Person, now: datetime) -> None:
    made = services.receive(
        actor=citizen(kari),
        practice_id=office.practice.pk,
        patient_id=kari.pk,
        name="a.jpg",
        file=io.BytesIO(files.jpeg()),
        now=now,
    )
    request = RequestFactory().get("/")
    request.actor = citizen(kari)  # type: ignore[attr-defined]
    found = field.read(request, practice_id=office.practice.pk, patient_id=kari.pk, now=now, ids=[made.pk, new_id()])
    assert found.ids == [made.pk]
    assert not found.problems


def test_more_than_ten_are_refused_one_by_one(office: Office, kari: Person, now: datetime) -> None:
    request = sent(citizen(kari), {"attachment-file": [file(files.png(), f"{number}.png") for number in range(11)]})
    found = field.read(request, practice_id=office.practice.pk, patient_id=kari.pk, now=now)
    assert (len(found.rows), len(found.problems)) == (10, 1)


def test_reading_through_another_context_is_checked_and_logged(office: Office, kari: Person, now: datetime) -> None:
    made = services.receive(
        actor=citizen(kari),
        practice_id=office.practice.pk,
        patient_id=kari.pk,
        name="a.jpg",
        file=io.BytesIO(files.jpeg()),
        now=now,
    )
    request = RequestFactory().get("/")
    request.actor = office.staff()  # type: ignore[attr-defined]

    def nobody(actor: Actor, attachment: Attachment) -> None:
        raise NotFound

    with pytest.raises(NotFound):
        serve(request, made, nobody)
    assert not Event.objects.filter(action="attachment.read").exists()
    assert len(b"".join(serve(request, made, lambda actor, attachment: None))) == made.size
    assert Event.objects.get(action="attachment.read").object_id == made.pk


@pytest.mark.parametrize("harm", ["the first part is damaged", "the last part is gone"])
def test_a_file_that_is_damaged_or_gone_is_said_to_be_before_anything_of_it_is_sent(
    harm: str, office: Office, kari: Person, browser: Client
) -> None:
    told = upload(browser, office, kari, file(files.large_photo())).json()
    parts = Chunk.objects.filter(attachment=told["id"]).order_by("number")
    if harm == "the first part is damaged":
        owner.damage("attachments_chunk", "data", parts[0].pk)
    else:
        parts.filter(number=len(parts) - 1).delete()
    shown = browser.get(told["url"])
    assert shown.status_code == 409
    assert str(rules.GONE.to_patient) in shown.content.decode()
