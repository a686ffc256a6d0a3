"""The inbox through HTTP: lists, reading, claiming, answering, sorting, and taking back."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Actor, Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office
from legedialog.audit.models import Event
from legedialog.core.times import at_local
from legedialog.dialogues import services
from legedialog.dialogues.models import Comment, Dialogue, Kind, Message, OfferedTime, Status
from legedialog.dialogues.tests import factories
from legedialog.fees import story as fees
from legedialog.fees.models import Charge
from legedialog.journal.models import Entry
from legedialog.practices.models import Clinician

INBOX = reverse("workspace:inbox")
Queries = Callable[[int], object]


def url(view: str, dialogue: Dialogue, query: str = "") -> str:
    return reverse(f"workspace:{view}", args=[dialogue.pk]) + query


def post(client: Client, view: str, dialogue: Dialogue, data: Any = None, query: str = "") -> Any:
    """From a page that was opened now."""
    return client.post(url(view, dialogue, query), {"mark": factories.mark(dialogue)} | (data or {}))


@pytest.fixture
def question(office: Office) -> Dialogue:
    """An e-consultation from Kari to Ingrid Aas, sent yesterday."""
    return factories.sent(office.patient(), now=NOW - timedelta(days=1))


@pytest.fixture
def contact(office: Office) -> Dialogue:
    return factories.sent(office.patient("Per Testvik"), kind=Kind.CONTACT, text="Jeg trenger en attest.")


def test_the_list_tells_who_what_and_when_but_not_what_was_written(
    question: Dialogue, contact: Dialogue, doctor: Client
) -> None:
    page = doctor.get(INBOX).content.decode()
    for words in ("Kari Testdal", "E-konsultasjon", "Per Testvik", "Kontakt med kontoret", "Svar "):
        assert words in page
    assert "utslett på armen" not in page
    assert not Event.objects.filter(action="dialogue.read").exists()


@pytest.mark.parametrize(
    ("who", "sees", "reads"),
    [
        ("doctor", True, True),
        ("colleague", False, False),
        ("secretary", False, False),
        ("manager", True, False),
        ("stranger", False, False),
    ],
)
def test_who_sees_that_an_econsultation_waits_and_who_reads_it(
    who: str, sees: bool, reads: bool, office: Office, question: Dialogue, stranger: Client
) -> None:
    other = Clinician.objects.create(name="Jonas Vik", hpr_number="7999991")
    clients = {
        "doctor": lambda: logged_in(office.staff(Role.DOCTOR)),
        "colleague": lambda: logged_in(office.staff(Role.DOCTOR, other)),
        "secretary": lambda: logged_in(office.staff(Role.SECRETARY)),
        "manager": lambda: logged_in(office.staff(Role.MANAGER)),
        "stranger": lambda: stranger,
    }
    client = clients[who]()
    assert ("Kari Testdal" in client.get(INBOX).content.decode()) is sees
    answer = client.get(url("dialogue", question))
    assert answer.status_code == (200 if sees else 404)
    assert ("utslett på armen" in answer.content.decode()) is reads
    assert Event.objects.filter(action="dialogue.read").exists() is reads


def test_a_contact_is_receptions(contact: Dialogue, secretary: Client) -> None:
    page = secretary.get(url("dialogue", contact)).content.decode()
    assert "Jeg trenger en attest." in page
    assert "E-konsultasjon" not in page.split('id="dialogue-name"')[1].split("</h1>")[0]
    contact.refresh_from_db()
    assert contact.status == Status.OPENED


@pytest.mark.parametrize(
    ("tab", "found"),
    [
        ("mine", {"Per Testvik"}),
        ("kontorets", {"Kari Testdal", "Per Testvik"}),
        ("frist", {"Kari Testdal"}),
        ("lukket", set()),
    ],
)
def test_each_tab_has_its_own(tab: str, found: set[str], office: Office) -> None:
    factories.sent(office.patient(), kind=Kind.CONTACT, now=NOW - timedelta(days=7))
    mine = factories.sent(office.patient("Per Testvik"), kind=Kind.CONTACT)
    actor = office.staff(Role.SECRETARY)
    services.assign(actor=actor, dialogue_id=mine.pk, employee_id=actor.employee_id, now=NOW)
    page = logged_in(actor).get(f"{INBOX}?fane={tab}").content.decode()
    assert {name for name in ("Kari Testdal", "Per Testvik") if name in page} == found
    for words in ("Mine", "Kontorets", "Forfaller snart", "Lukket"):
        assert words in page


def test_what_nears_its_date_stands_first_and_says_so_in_words(office: Office, secretary: Client) -> None:
    factories.sent(office.patient("Per Testvik"), kind=Kind.CONTACT)
    factories.sent(office.patient(), kind=Kind.CONTACT, now=NOW - timedelta(days=10))
    page = secretary.get(INBOX).content.decode()
    assert page.index("Kari Testdal") < page.index("Per Testvik")
    assert "dager over fristen" in page


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_asks_the_database_as_often_for_one_as_for_twenty(
    count: int, office: Office, secretary: Client, django_assert_num_queries: Queries
) -> None:
    for number in range(count):
        factories.sent(office.patient(f"Kari Test{number}"), kind=Kind.CONTACT)
    secretary.get(INBOX)
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        secretary.get(INBOX)


@pytest.mark.parametrize("count", [1, 20])
def test_one_dialogue_asks_as_often_whatever_it_holds(
    count: int, office: Office, secretary: Client, contact: Dialogue, django_assert_num_queries: Queries
) -> None:
    actor = office.staff(Role.SECRETARY)
    for _number in range(count):
        services.comment(actor=actor, dialogue_id=contact.pk, text="Ring arkivet.", now=NOW)
        services.answer(actor=actor, dialogue_id=contact.pk, key=uuid4(), text="Den kommer.", now=NOW)
    secretary.get(url("dialogue", contact))
    with django_assert_num_queries(10):  # type: ignore[attr-defined]
        secretary.get(url("dialogue", contact))


def test_the_next_page_goes_on_where_the_first_ended(
    office: Office, secretary: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("legedialog.dialogues.office.PAGE", 2)
    names = ["Kari Testen", "Per Testto", "Anne Testre"]
    for number, name in enumerate(names):
        factories.sent(office.patient(name), kind=Kind.CONTACT, now=NOW - timedelta(days=3 - number))
    first = secretary.get(INBOX)
    shown = first.content.decode()
    assert [name in shown for name in names] == [True, True, False]
    shown = secretary.get(first.context["next_page"]).content.decode()
    assert [name in shown for name in names] == [False, False, True]
    assert secretary.get(f"{INBOX}?etter=tull_x").status_code == 200


def begin(client: Client, dialogue: Dialogue) -> int:
    return int(post(client, "dialogue-answer", dialogue, {"do": "begin"}).status_code)


def test_only_one_of_two_who_press_answer_gets_it_and_the_other_is_told_who(
    office: Office, contact: Dialogue, secretary: Client
) -> None:
    colleague = logged_in(office.staff(Role.SECRETARY))
    assert begin(secretary, contact) == 302
    lost = post(colleague, "dialogue-answer", contact, {"do": "begin"})
    assert lost.status_code == 409
    assert "Mona Haug svarer nå" in lost.content.decode()
    assert "Mona Haug svarer nå" in colleague.get(INBOX).content.decode()
    assert "Svar til pasienten" not in lost.content.decode()
    answer = post(colleague, "dialogue-answer", contact, typed())
    assert answer.status_code == 409
    assert Message.objects.filter(dialogue=contact, by_person=None).count() == 0


def typed(**fields: object) -> dict[str, object]:
    return {"do": "answer", "key": str(uuid4()), "text": "Attesten ligger klar.", "language": "nb"} | fields


def test_an_answer_is_sent_and_filed_and_the_next_one_waits_unread_for_her_to_open_it(
    office: Office, contact: Dialogue, secretary: Client
) -> None:
    other = factories.sent(office.patient("Arne Testmo"), kind=Kind.CONTACT)
    begin(secretary, contact)
    page = secretary.get(url("dialogue", contact)).content.decode()
    assert "Svar til pasienten" in page
    answer = post(secretary, "dialogue-answer", contact, typed(), "?fane=kontorets")
    assert answer.status_code == 302
    assert answer["Location"] == f"{INBOX}?fane=kontorets#row-{other.pk}"
    secretary.get(answer["Location"])
    other.refresh_from_db()
    assert other.status == Status.DELIVERED
    contact.refresh_from_db()
    assert (contact.status, contact.is_reply_open, contact.claimed_by) == (Status.ANSWERED, True, None)
    assert Entry.objects.filter(title__isnull=False, patient=contact.patient).count() == 2


@pytest.mark.parametrize("do", ["answer", "close", "appointment"])
def test_times_that_are_ticked_are_offered_whichever_button_sends(
    do: str, office: Office, contact: Dialogue, secretary: Client
) -> None:
    begin(secretary, contact)
    starts_at = at_local(TOMORROW, time(9, 0))
    value = f"{office.calendar.pk}|{office.visit_type.pk}|attendance|{starts_at.isoformat()}"
    assert post(secretary, "dialogue-answer", contact, typed(do=do, time=[value])).status_code == 302
    assert [each.starts_at for each in OfferedTime.objects.filter(message__dialogue=contact)] == [starts_at]


def test_an_empty_answer_is_told_at_the_field_and_sends_nothing(contact: Dialogue, secretary: Client) -> None:
    begin(secretary, contact)
    answer = post(secretary, "dialogue-answer", contact, typed(text=" "))
    assert answer.status_code == 422
    assert "Skriv et svar til pasienten." in answer.content.decode()
    assert Message.objects.filter(dialogue=contact).count() == 1


def test_a_doctor_needs_a_problem_code_and_it_is_filed(question: Dialogue, doctor: Client) -> None:
    begin(doctor, question)
    answer = post(doctor, "dialogue-answer", question, typed())
    assert answer.status_code == 422
    assert "Velg en problemkode" in answer.content.decode()
    assert post(doctor, "dialogue-answer", question, typed(problem="hoste")).status_code == 422
    assert post(doctor, "dialogue-answer", question, typed(problem="s07 utslett")).status_code == 302
    assert [entry.problem_code for entry in Entry.objects.order_by("at", "id")] == ["", "S07"]


def test_answer_and_close_ends_it(contact: Dialogue, secretary: Client) -> None:
    begin(secretary, contact)
    post(secretary, "dialogue-answer", contact, typed(do="close"))
    contact.refresh_from_db()
    assert (contact.status, contact.is_reply_open) == (Status.CLOSED, False)


@pytest.mark.parametrize(
    ("do", "chosen", "found"),
    [
        ("close", "2ae", [("approved", ["2ae"])]),
        ("close", "1bd", [("approved", ["1bd"])]),
        ("close", "", [("proposed", ["2ae"])]),
        ("answer", "2ae", []),
    ],
)
def test_answer_and_close_approves_what_it_costs_by_the_code_that_is_chosen(
    do: str, chosen: str, found: list[Any], office: Office, question: Dialogue, doctor: Client
) -> None:
    fees.load(managers=[office.staff(Role.MANAGER)], today=NOW.date(), now=NOW)
    begin(doctor, question)
    page = doctor.get(url("dialogue", question)).content.decode()
    assert "2ae E-konsultasjon hos lege, tekst eller video: 235" in page
    post(doctor, "dialogue-answer", question, typed(problem="S07", do=do, charge=chosen))
    charges = Charge.objects.filter(object_id=question.pk)
    assert [(each.status, [line.code for line in each.lines.all()]) for each in charges] == found


def test_an_office_that_charges_nothing_is_asked_nothing_of_money(question: Dialogue, doctor: Client) -> None:
    begin(doctor, question)
    assert "Egenandel når du lukker" not in doctor.get(url("dialogue", question)).content.decode()
    post(doctor, "dialogue-answer", question, typed(problem="S07", do="close"))
    assert not Charge.objects.exists()


def test_an_econsultation_is_not_closed_without_an_answer(question: Dialogue, doctor: Client) -> None:
    assert "lukk/" not in doctor.get(url("dialogue", question)).content.decode()
    answer = post(
        doctor,
        "dialogue-close",
        question,
    )
    assert answer.status_code == 409
    assert "kan ikke lukkes uten svar" in answer.content.decode()


def test_chosen_free_times_come_with_the_answer(office: Office, question: Dialogue, doctor: Client) -> None:
    office.visit_type.is_bookable_by_citizens = True
    office.visit_type.save()
    begin(doctor, question)
    looked = post(doctor, "dialogue-answer", question, typed(do="times", text="Kom innom.", day=str(TOMORROW)))
    page = looked.content.decode()
    assert looked.status_code == 200
    assert "Kom innom." in page
    assert "tirsdag 24. november kl. 08.00" in page
    assert "Velg en problemkode." not in page
    start = at_local(TOMORROW, time(8))
    value = f"{office.calendar.pk}|{office.visit_type.pk}|attendance|{start.isoformat()}"
    assert value in page
    sent = typed(do="appointment", problem="S07", time=[value])
    assert post(doctor, "dialogue-answer", question, sent).status_code == 302
    question.refresh_from_db()
    assert question.status == Status.NEEDS_APPOINTMENT
    offered = Message.objects.get(dialogue=question, by_person=None).offered.get()
    assert (offered.starts_at, offered.calendar_id) == (start, office.calendar.pk)
    assert "08.00" in doctor.get(url("dialogue", question)).content.decode()


def test_free_times_are_looked_for_when_somebody_wants_them_and_stay(
    office: Office, contact: Dialogue, secretary: Client
) -> None:
    office.visit_type.is_bookable_by_citizens = True
    office.visit_type.save()
    begin(secretary, contact)
    page = secretary.get(url("dialogue", contact)).content.decode()
    assert "Finn ledige" in page
    assert 'name="time"' not in page
    looked = typed(do="times", day=str(TOMORROW), text="Kom innom.")
    assert 'name="time"' in post(secretary, "dialogue-answer", contact, looked).content.decode()
    kept = looked | {"do": "template", "template": "0", "visit_type": str(office.visit_type.pk)}
    assert 'name="time"' in post(secretary, "dialogue-answer", contact, kept).content.decode()


@pytest.mark.parametrize("times", [["x"], ["a|b|c|d"], [f"{uuid4()}|{uuid4()}|attendance|2026-11-24T08:00"], ["1"] * 6])
def test_times_that_were_never_offered_are_not_sent(times: list[str], question: Dialogue, doctor: Client) -> None:
    begin(doctor, question)
    sent = typed(do="appointment", problem="S07", time=times)
    assert post(doctor, "dialogue-answer", question, sent).status_code in (404, 422)
    assert not Message.objects.filter(dialogue=question, by_person=None).exists()


def test_a_ready_answer_comes_in_the_patients_language_with_her_name(contact: Dialogue, secretary: Client) -> None:
    contact.patient.language = "en"
    contact.patient.save()
    begin(secretary, contact)
    page = secretary.get(url("dialogue", contact)).content.decode()
    assert "Attesten er klar" in page
    assert "Pasienten har valgt engelsk." in page
    answer = post(secretary, "dialogue-answer", contact, typed(do="template", template="0", language="en", text=""))
    assert "Hello Per. The certificate is ready." in answer.content.decode()
    assert Message.objects.filter(dialogue=contact).count() == 1


def test_assign_forward_and_comment_leave_their_words_and_the_patient_does_not_see_them(
    office: Office, contact: Dialogue, secretary: Client
) -> None:
    colleague = office.staff(Role.SECRETARY)
    post(secretary, "dialogue-assign", contact, {"employee": "meg"})
    contact.refresh_from_db()
    assert contact.assigned_to is not None
    post(secretary, "dialogue-forward", contact, {"text": "Kan du ta denne?", "employee": colleague.employee_id})
    contact.refresh_from_db()
    assert contact.assigned_to_id == colleague.employee_id
    assert Comment.objects.get().text == "Kan du ta denne?"
    assert "Kan du ta denne?" in logged_in(colleague).get(url("dialogue", contact)).content.decode()
    assert post(secretary, "dialogue-forward", contact, {"text": ""}).status_code == 422


def test_a_clinical_question_is_moved_to_the_doctor(contact: Dialogue, secretary: Client, doctor: Client) -> None:
    assert "Flytt til legen" in secretary.get(url("dialogue", contact)).content.decode()
    assert post(secretary, "dialogue-move", contact, {"kind": "econsultation"}).status_code == 302
    contact.refresh_from_db()
    assert (contact.kind, contact.status) == (Kind.ECONSULTATION, Status.DELIVERED)
    assert secretary.get(url("dialogue", contact)).status_code == 404
    assert doctor.get(url("dialogue", contact)).status_code == 200


@pytest.mark.parametrize(
    ("view", "data"),
    [
        ("dialogue-close", {}),
        ("dialogue-assign", {"employee": "meg"}),
        ("dialogue-move", {"kind": "econsultation"}),
    ],
)
def test_nothing_is_done_with_more_than_was_seen(
    view: str, data: dict[str, Any], contact: Dialogue, secretary: Client
) -> None:
    tab = Tab(secretary).open(url("dialogue", contact))
    before = Dialogue.objects.values("kind", "status", "assigned_to").get()
    factories.written_since(contact)

    answer = tab.send(url(view, contact), **data)

    assert answer.status_code == 409
    assert "Noe er endret etter at du åpnet siden." in answer.content.decode()
    assert Dialogue.objects.values("kind", "status", "assigned_to").get() == before
    assert post(secretary, view, contact, data).status_code == 302, "she has seen it now"


def test_a_comment_to_a_colleague_is_kept_when_somebody_else_was_given_it(
    office: Office, contact: Dialogue, secretary: Client
) -> None:
    guro, jonas = (office.staff(Role.SECRETARY, name=name).employee_id for name in ("Guro Lie", "Jonas Vik"))
    tab = Tab(secretary).open(url("dialogue", contact))
    services.assign(actor=office.staff(Role.SECRETARY), dialogue_id=contact.pk, employee_id=jonas, now=NOW)

    answer = tab.press(url("dialogue-forward", contact), text="Kan du ta denne?", employee=str(guro))

    assert answer.status_code == 409
    assert "Noe er endret etter at du åpnet siden." in tab.html
    assert (Dialogue.objects.get().assigned_to_id, Comment.objects.count()) == (jonas, 0)
    assert f'<option value="{guro}" selected>' in tab.html
    tab.press(url("dialogue-forward", contact), employee=str(guro))
    assert (Dialogue.objects.get().assigned_to_id, Comment.objects.get().text) == (guro, "Kan du ta denne?")


def test_an_answer_to_less_than_is_written_is_kept_for_her_to_see_over(contact: Dialogue, secretary: Client) -> None:
    tab = Tab(secretary).open(url("dialogue", contact))
    tab.press(url("dialogue-answer", contact), do="begin")
    factories.written_since(contact)

    answer = tab.press(url("dialogue-answer", contact), text="Attesten er klar.", do="answer")

    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#content", "with what was written meanwhile"
    assert "Noe er endret etter at du åpnet siden." in tab.html
    assert Message.objects.count() == 1
    tab.press(url("dialogue-answer", contact), do="answer")
    assert Message.objects.get(number=2).text == "Attesten er klar."


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SUBSTITUTE])
def test_what_nears_its_date_is_the_managers_and_the_substitutes_too(role: Role, office: Office) -> None:
    stand_in = Clinician.objects.create(name="Leif Strand", hpr_number="7999992") if role is Role.SUBSTITUTE else None
    client = logged_in(office.staff(role, stand_in) if stand_in else office.staff(role))
    factories.sent(office.patient(), now=NOW - timedelta(days=6))
    factories.sent(office.patient("Per Testvik"))
    assert "Kari Testdal" not in client.get(f"{INBOX}?fane=mine").content.decode()
    assert services.escalate(NOW) == 1
    page = client.get(f"{INBOX}?fane=mine").content.decode()
    assert "Kari Testdal" in page
    assert "varslet" in page
    assert "Per Testvik" not in page


POSTS = [
    ("dialogue-answer", {"do": "begin"}),
    ("dialogue-answer", {"do": "answer", "key": str(uuid4()), "text": "Hei", "language": "nb"}),
    ("dialogue-close", {}),
    ("dialogue-reopen", {}),
    ("dialogue-assign", {"employee": "meg"}),
    ("dialogue-forward", {"text": "Hei"}),
    ("dialogue-move", {"kind": "econsultation"}),
]


@pytest.mark.parametrize(("view", "data"), POSTS)
def test_another_office_does_nothing_and_learns_nothing(
    view: str, data: dict[str, str], contact: Dialogue, stranger: Client
) -> None:
    assert stranger.post(url(view, contact), data).status_code == 404
    contact.refresh_from_db()
    assert (contact.status, contact.assigned_to, contact.claimed_by) == (Status.DELIVERED, None, None)


def test_the_manager_gives_it_to_somebody_without_reading_it(
    office: Office, question: Dialogue, manager: Client
) -> None:
    doctor = office.staff(Role.DOCTOR)
    page = manager.get(url("dialogue", question)).content.decode()
    assert "Du leser ikke hva pasienter skriver" in page
    post(manager, "dialogue-assign", question, {"employee": doctor.employee_id})
    question.refresh_from_db()
    assert question.assigned_to_id == doctor.employee_id
    assert post(manager, "dialogue-answer", question, {"do": "begin"}).status_code == 403
    assert not Event.objects.filter(action="dialogue.read").exists()


def test_a_substitute_sees_what_has_been_escalated(office: Office, question: Dialogue) -> None:
    other = Clinician.objects.create(name="Siri Vikar", hpr_number="7999992")
    substitute = logged_in(office.staff(Role.SUBSTITUTE, other))
    assert "Kari Testdal" not in substitute.get(INBOX).content.decode()
    later = NOW + timedelta(days=4)
    services.escalate(later)
    page = substitute.get(INBOX).content.decode()
    assert "Kari Testdal" in page
    assert "varslet" in page


def test_an_old_closed_dialogue_asks_for_a_purpose(
    office: Office, contact: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor: Actor = office.staff(Role.SECRETARY)
    services.close(actor=actor, dialogue_id=contact.pk, now=NOW)
    long_after: datetime = NOW + timedelta(days=60)
    monkeypatch.setattr("django.utils.timezone.now", lambda: long_after)
    client = logged_in(actor)
    answer = client.get(url("dialogue", contact))
    assert answer.status_code == 302
    assert "/formal/" in answer["Location"]
    client.post(answer["Location"], {"purpose": "follow-up", "note": ""})
    assert "Jeg trenger en attest." in client.get(url("dialogue", contact)).content.decode()


def test_the_doctor_writes_first(office: Office, doctor: Client, secretary: Client) -> None:
    patient = office.patient()
    start = reverse("workspace:dialogue-start", args=[patient.pk])
    fields = {
        "key": str(uuid4()),
        "kind": "econsultation",
        "subject": "Prøvesvar",
        "text": "Prøvene er fine.",
        "problem_code": "A97",
        "is_reply_open": "on",
    }
    for browser in (doctor, secretary):
        answer = browser.post(start, fields)
        assert "/formal/" in answer["Location"]  # her record is opened to nobody by a message of the office's own
        assert not Dialogue.objects.exists()
        assert browser.post(answer["Location"], {"purpose": "follow-up", "note": ""})["Location"] == start
    assert doctor.post(start, fields | {"text": ""}).status_code == 422
    assert doctor.post(start, fields).status_code == 302
    assert doctor.post(start, fields).status_code == 302
    made = Dialogue.objects.get()
    assert (made.status, made.is_reply_open, made.answerer) == (Status.ANSWERED, True, office.doctor)
    assert secretary.post(start, fields | {"key": str(uuid4())}).status_code == 422
    listed = doctor.get(f"{INBOX}?fane=lukket").content.decode()
    assert "fra kontoret" in listed
    assert "Prøvesvar" not in listed


def test_the_numbers_tell_what_came_and_how_soon_it_was_answered(
    office: Office, doctor: Client, secretary: Client
) -> None:
    for number, hours in enumerate((2, 3, 4, 5, 50)):
        asked = factories.sent(office.patient(f"Kari Test{number}"), kind=Kind.CONTACT, now=NOW - timedelta(days=9))
        services.answer(
            actor=office.staff(Role.SECRETARY), dialogue_id=asked.pk, key=uuid4(), text="Ja.",
            now=NOW - timedelta(days=9) + timedelta(hours=hours),
        )  # fmt: skip
    factories.sent(office.patient("Per Testvik"), now=NOW - timedelta(days=10))
    page = doctor.get(reverse("workspace:numbers"))
    assert page.status_code == 200
    line = page.context["report"].found.all
    assert (line.received, line.answered, line.overdue) == (6, 5, 1)
    assert (line.median, line.ninety) == (timedelta(hours=4), timedelta(hours=32))
    html = page.content.decode()
    assert "Kontoret mottok 6 meldinger og besvarte 5 av dem." in html
    assert "Halvparten fikk svar innen 4 t, ni av ti innen 1 d 8 t. 1 gikk over fristen." in html
    file = doctor.get(reverse("workspace:numbers-file")).content.decode("utf-8-sig").splitlines()
    assert file[1] == "Alle;6;5;4;32;1"
    assert secretary.get(reverse("workspace:numbers")).status_code == 403
