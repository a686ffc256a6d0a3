"""Settings of written dialogues through HTTP."""

import json
from datetime import time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import Office
from legedialog.dialogues import ready, topics
from legedialog.dialogues.models import Intake, QuestionSet, Template, Topic

INDEX = reverse("workspace:intake")
QUESTIONS = reverse("workspace:intake-questions", args=["rash"])
TAKE_IN = reverse("workspace:intake-take-in")


def send(client: Client, url: str, data: dict[str, Any]) -> Any:
    """From the page as it is now."""
    return client.post(url, {"mark": Tab(client).open(url).form(url).fields["mark"]} | data)


def taken_in(**fields: str) -> dict[str, str]:
    return {"do": "save", "guidance_nb": "Passer til det legen kjenner."} | fields


def test_guidance_and_limits_are_shown_before_they_are_saved(office: Office, doctor: Client) -> None:
    shown = send(doctor, TAKE_IN, taken_in(do="preview", opens="11:00", closes="14:00")).content.decode()
    assert "Slik blir det for innbyggeren" in shown
    assert "Passer til det legen kjenner." in shown
    assert "Åpner mandag 23. november kl. 11.00." in shown
    assert not Intake.objects.exists()
    saved = taken_in(opens="11:00", closes="14:00", max_open="20", secretary_reads="on")
    assert send(doctor, TAKE_IN, saved).status_code == 302
    row = Intake.objects.get()
    assert (row.opens, row.closes, row.max_open, row.practice.secretary_reads) == (time(11), time(14), 20, True)
    page = doctor.get(INDEX).content.decode()
    assert "Hverdager 11.00–14.00" in page
    assert "20 ubesvarte hos en lege" in page
    assert "helsesekretærene kan lese og fordele dem" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"opens": "11:00"}, "Skriv begge klokkeslettene"),
        ({"opens": "14:00", "closes": "11:00"}, "Det må stenge etter at det åpner."),
        ({"max_open": "0"}, "1"),
        ({"guidance_nb": "x" * 1501}, "1500"),
    ],
)
def test_what_cannot_be_is_told_at_the_field(fields: dict[str, str], words: str, doctor: Client) -> None:
    answer = send(doctor, TAKE_IN, taken_in(**fields))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Intake.objects.exists()


@pytest.mark.parametrize("page", ["intake", "questions", "template"])
def test_a_colleagues_change_is_not_saved_over_without_a_word(page: str, office: Office, doctor: Client) -> None:
    row = Template.objects.create(practice=office.practice, name="Prøver", text_nb="Hei.")
    found: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "intake": (TAKE_IN, taken_in(guidance_nb="Mitt."), taken_in(guidance_nb="Kollegaens.")),
        "questions": (QUESTIONS, asking("Mitt?"), asking("Kollegaens?")),
        "template": (
            reverse("workspace:intake-template", args=[row.pk]),
            written(nb="Mitt."),
            written(nb="Kollegaens."),
        ),
    }
    url, mine, theirs = found[page]
    tab = Tab(doctor).open(url)
    assert send(doctor, url, theirs).status_code == 302

    answer = tab.press(url, **mine)

    assert answer.status_code == 409
    assert "Noe er endret etter at du åpnet siden." in tab.html
    assert "Mitt" in tab.html, "what she typed stays"
    if page != "questions":
        assert "Kollegaens." in tab.html, "and what is saved now stands beside it"
    saved = str(list(Intake.objects.values()) + list(QuestionSet.objects.values()) + list(Template.objects.values()))
    assert "Kollegaens" in saved
    assert "Mitt" not in saved
    tab.press(url, **mine)  # she has seen it now
    assert "Mitt" in str(
        list(Intake.objects.values()) + list(QuestionSet.objects.values()) + list(Template.objects.values())
    )


def asking(words: str) -> dict[str, str]:
    return {"do": "save", "questions": "1", "q0-id": "q1", "q0-kind": "yes-no", "q0-nb": words}


def test_an_office_gets_a_topic_of_its_own_and_can_put_one_away(office: Office, doctor: Client) -> None:
    new = reverse("workspace:intake-new-topic", args=["contact"])
    assert doctor.post(new, {"name": "", "position": "1"}).status_code == 422
    fields = {
        "name": "Førerkort",
        "name_nn": "Førarkort",
        "name_en": "Driving licence",
        "position": "1",
        "is_active": "on",
    }
    assert doctor.post(new, fields).status_code == 302
    listed = [row.name for row in topics.of_office(office.practice.pk, "contact")]
    assert "Førerkort" in listed
    assert "Regning" in listed
    bill = reverse("workspace:intake-topic", args=["contact", "bill"])
    send(doctor, bill, {"name": "Regning", "position": "3"})
    assert "Regning" not in [row.name for row in topics.of_office(office.practice.pk, "contact")]
    assert "Ikke i bruk" in doctor.get(INDEX).content.decode()


def test_questions_are_edited_shown_and_saved_as_a_new_version(office: Office, doctor: Client) -> None:
    page = doctor.get(QUESTIONS).content.decode()
    assert "Kontoret bruker spørsmålene som følger med." in page
    one = {"questions": "1", "q0-id": "q1", "q0-kind": "yes-no", "q0-nb": "Har du feber?", "q0-yes": "116117"}
    added = send(doctor, QUESTIONS, one | {"do": "add:date"})
    assert "Endringene er ikke lagret ennå." in added.content.decode()
    assert send(doctor, QUESTIONS, one | {"questions": "2", "q1-kind": "date", "do": "save"}).status_code == 422
    assert not QuestionSet.objects.exists()
    shown = send(doctor, QUESTIONS, one | {"do": "preview"}).content.decode()
    assert "Ring legevakten på 116 117" in shown
    assert send(doctor, QUESTIONS, one | {"do": "save"}).status_code == 302
    asked = topics.asked(office.practice.pk, "rash")
    assert (asked.version, [each.text["nb"] for each in asked.questions]) == (1, ["Har du feber?"])
    assert asked.questions[0].options[0].calls == "116117"


def test_a_questionnaire_goes_out_and_comes_in_the_same(office: Office, doctor: Client) -> None:
    resource = json.loads(doctor.get(reverse("workspace:intake-export", args=["rash"])).content)
    assert (resource["resourceType"], resource["status"]) == ("Questionnaire", "active")
    file = SimpleUploadedFile("q.json", json.dumps(resource).encode(), content_type="application/json")
    page = doctor.post(reverse("workspace:intake-import", args=["results"]), {"file": file})
    assert page.status_code == 200
    assert page.context["rows"][1].calls_on_yes == "113"
    assert "Se over og lagre" in page.content.decode()
    assert not QuestionSet.objects.exists()


@pytest.mark.parametrize(
    "data", [b"", b"x", b"[]", b'{"resourceType": "Patient"}', b"[" * 100_000, b"\xff\xfe", b'{"a":' + b" " * 300_000]
)
def test_a_file_that_is_no_questionnaire_is_refused_in_words(data: bytes, doctor: Client) -> None:
    file = SimpleUploadedFile("q.json", data)
    answer = doctor.post(reverse("workspace:intake-import", args=["rash"]), {"file": file})
    assert answer.status_code == 422
    assert "Filen er ikke et spørreskjema vi kan bruke" in answer.content.decode()


def written(**fields: str) -> dict[str, str]:
    return {"do": "save", "name": "Prøver", "kind": "", "nb": "Hei {fornavn}.", "position": "0"} | fields


def test_a_template_is_shown_in_each_language_saved_and_removed(office: Office, secretary: Client) -> None:
    new = reverse("workspace:intake-new-template")
    shown = secretary.post(new, written(do="preview", en="Hello {fornavn}. {ukjent}")).content.decode()
    assert "Hei Kari." in shown
    assert "Hello Kari. {ukjent}" in shown
    assert not Template.objects.exists()
    assert secretary.post(new, written()).status_code == 302
    row = Template.objects.get(name="Prøver")
    assert "Attesten er klar" in [each.name for each in ready.of_office(office.practice.pk)]
    edit = reverse("workspace:intake-template", args=[row.pk])
    assert send(secretary, edit, written(name="Attesten er klar")).status_code == 422
    send(secretary, edit, {"do": "remove"})
    assert not Template.objects.filter(name="Prøver").exists()


def test_a_template_that_came_with_the_product_is_changed_into_the_offices_own(
    office: Office, secretary: Client
) -> None:
    new = reverse("workspace:intake-new-template")
    tab = Tab(secretary).open(f"{new}?mal=1")
    assert "Attesten er klar" in tab.html
    same: dict[str, Any] = written(name="Attesten er klar", kind="contact")
    assert secretary.post(new, same).status_code == 422, "a new one does not take its place unseen"
    tab.press(new, **same)
    texts = {each.name: each.texts["nb"] for each in ready.of_office(office.practice.pk)}
    assert texts["Attesten er klar"] == "Hei {fornavn}."
    assert len(texts) == 3


PAGES = [TAKE_IN, QUESTIONS, reverse("workspace:intake-new-topic", args=["contact"])]


@pytest.mark.parametrize("page", PAGES)
def test_reception_looks_and_does_not_change_what_doctors_decide(page: str, secretary: Client) -> None:
    assert secretary.get(page).status_code == 403
    assert secretary.post(page, {"do": "save"}).status_code == 403
    index = secretary.get(INDEX).content.decode()
    assert page not in index
    assert "Ny mal" in index


def test_another_offices_rows_are_not_found(office: Office, doctor: Client, stranger: Client) -> None:
    other = logged_in(office.staff(Role.DOCTOR))
    other.post(
        reverse("workspace:intake-new-topic", args=["econsultation"]),
        {"name": "Vår egen", "position": "1", "is_active": "on"},
    )
    code = Topic.objects.get(name="Vår egen").code
    other.post(reverse("workspace:intake-new-template"), written())
    template = Template.objects.get(name="Prøver")
    assert stranger.get(reverse("workspace:intake-template", args=[template.pk])).status_code == 404
    assert stranger.get(reverse("workspace:intake-export", args=[code])).status_code == 404
    assert doctor.get(reverse("workspace:intake-questions", args=["finnes-ikke"])).status_code == 404
    assert doctor.get(reverse("workspace:intake-topic", args=["brev", "bill"])).status_code == 404
