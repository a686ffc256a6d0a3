"""What an office does that tells a patient waits, and has not happened when it is taken back. See ADR 90."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Claim, TimeRequest
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen
from legedialog.core import contexts
from legedialog.core.ids import new_id
from legedialog.core.tests import owner
from legedialog.core.times import CLINIC, at_local, local_day
from legedialog.dialogues.models import Dialogue, Kind, Status
from legedialog.dialogues.tests import factories
from legedialog.fees import charging, online
from legedialog.fees.charge_rules import Stand
from legedialog.fees.models import Charge, Invoice, Transfer
from legedialog.fees.online import Told
from legedialog.fees.tests.factories import charged, owed
from legedialog.outbox.models import Notification
from legedialog.pending import services as pending
from legedialog.pending.models import PendingAct
from legedialog.practices.models import Absence, Employee
from legedialog.prescriptions.tests.factories import prescription

UNDO = reverse("workspace:undo")
WATCHED = (
    *("dialogues.Dialogue", "dialogues.Message", "dialogues.Step", "journal.Entry", "outbox.Notification"),
    *("appointments.Appointment", "appointments.Claim", "appointments.TimeRequest", "practices.Absence"),
    "appointments.Recall",
    *("prescriptions.Prescription", "journeys.Handover", "journeys.HandoverItem"),
    *("fees.Line", "fees.Payment", "fees.Transfer", "fees.Invoice", "fees.Run"),
)
FREE = at_local(TOMORROW, time(9, 0))
Press = Callable[[], Any]


@pytest.fixture(autouse=True)
def waits(settings: Any) -> None:
    settings.REGRET_SECONDS = 10


@pytest.fixture
def contact(office: Office, secretary: Client) -> Dialogue:
    """From Per Testvik, opened at the office."""
    made = factories.sent(office.patient("Per Testvik"), kind=Kind.CONTACT, text="Jeg trenger en attest.")
    secretary.get(reverse("workspace:dialogue", args=[made.pk]))
    return made


@pytest.fixture
def wish(office: Office) -> TimeRequest:
    patient = office.patient("Anne Testmo")
    return appointments.send_request(
        actor=citizen(patient),
        patient_id=patient.pk,
        clinician_id=office.doctor.pk,
        key=uuid4(),
        wishes="Helst på morgenen.",
        coarse_times=[],
        channels=[],
        now=NOW,
    )


@pytest.fixture
def press(office: Office, contact: Dialogue, wish: TimeRequest, secretary: Client) -> dict[str, Press]:
    """By the act's name: somebody at the office does it on its page."""
    manager, doctor = logged_in(office.staff(Role.MANAGER)), logged_in(office.staff(Role.DOCTOR))
    written = prescription(contact.patient, office, dispensed=0, days_left=100)
    later = TOMORROW + timedelta(days=60)
    away = Absence.objects.create(
        practice=office.practice, clinician=office.doctor, first_date=later, last_date=later, note=""
    )

    def send(client: Client, name: str, row: UUID | None, **form: object) -> Press:
        address = reverse(f"workspace:{name}", args=[row] if row else [])
        return lambda: (client, client.post(address, form))

    def to_dialogue(name: str, **form: object) -> Press:
        return lambda: send(secretary, name, contact.pk, mark=factories.mark(contact), **form)()

    unpaid, over = owed(office, wish.patient), owed(office, office.patient("Siv Testås"))
    charged(office, office.patient("Liv Testås"))
    Invoice.objects.update(due_date=local_day(NOW) - timedelta(days=20))
    Charge.objects.update(notified_at=NOW - timedelta(days=3))  # she has had time to pay
    paid = Transfer.objects.create(
        practice=office.practice, charge=over, direction="in", ore=5000, begun_at=NOW, stand_at=NOW
    )
    online.take(transfer_id=paid.pk, told=Told(Stand.DONE, 5000), now=NOW)
    charging.waive(actor=office.staff(), charge_id=over.pk, reason="Avtalt", now=NOW)
    visit = office.booked(wish.patient, reason="Kontroll")
    gone = Employee.objects.create(
        practice=office.practice,
        clinician=office.doctor,
        name="Ingrid Aas",
        role="substitute",
        national_number_index=b"gone",
        starts_date=local_day(NOW) - timedelta(days=30),
        ends_date=local_day(NOW),
    )
    left = secretary.get(reverse("workspace:leaver", args=[gone.pk])).content.decode()
    [shown] = re.findall(r'name="confirmed" value="([^"]+)"', left)
    page = secretary.get(reverse("workspace:change", args=[visit.pk]))
    form = page.context["form"]
    change = {name: form[name].value() or "" for name in form.fields} | {"mark": page.context["mark"]}
    book = {name: change[name] for name in ("calendar", "visit_type", "channel", "reason")}
    given = f"{office.calendar.pk}|{office.visit_type.pk}|attendance|{FREE.isoformat()}"
    month = local_day(NOW) + timedelta(days=30)
    asked = {
        "patient": str(office.patient("Eva Testås").pk),
        "visit_type": str(office.visit_type.pk),
        "calendar": "",
        "first_date": TOMORROW.isoformat(),
        "last_date": later.isoformat(),
        "round": str(uuid4()),
    }
    looked = secretary.post(reverse("workspace:recall-new"), asked | {"do": "look"})
    called = appointments.ask_to_book(
        actor=office.staff(),
        practice_id=office.practice.pk,
        round_id=uuid4(),
        patient_ids=[office.patient(name).pk for name in ("Ida Testås", "Mia Testås")],
        visit_type_id=office.visit_type.pk,
        calendar_id=None,
        first_date=local_day(NOW),
        last_date=later,
        now=NOW - timedelta(hours=1),
    )
    return {
        "recall.ask": send(secretary, "recall-new", None, **asked, confirmed=looked.context["mark"]),
        "recall.stop-all": send(secretary, "recall-stop-all", called[0].pk),
        "appointment.book": lambda: (
            secretary,
            secretary.post(
                f"{reverse('workspace:book')}?pasient={wish.patient_id}",
                {**book, "day": TOMORROW.isoformat(), "clock": "10:00"},
            ),
        ),
        "appointment.move": send(secretary, "change", visit.pk, **change | {"clock": "08:20", "minutes": 40}),
        "appointment.cancel": send(secretary, "cancel", visit.pk, note="Legen er syk.", mark=change["mark"]),
        "dialogue.answer": to_dialogue(
            "dialogue-answer", do="answer", key=str(uuid4()), text="Attesten ligger klar.", language="nb"
        ),
        "dialogue.close": to_dialogue("dialogue-close"),
        "dialogue.move": to_dialogue("dialogue-move", kind="econsultation"),
        "dialogue.start": send(
            secretary,
            "dialogue-start",
            wish.patient_id,
            key=str(uuid4()),
            kind="contact",
            subject="Attest",
            text="Den er klar.",
        ),
        "request.assign": send(secretary, "assign", wish.pk, time=given),
        "request.propose": send(secretary, "propose", wish.pk, time=given),
        "request.refuse": send(secretary, "refuse", wish.pk, text="Vi har ingen time."),
        "absence.report": send(
            manager,
            "absences",
            None,
            clinician=str(office.doctor.pk),
            first_date=month.isoformat(),
            last_date=month.isoformat(),
        ),
        "prescription.withdraw": send(doctor, "prescription-withdraw", written.pk, text="Feil styrke."),
        "handover.begin": send(
            secretary, "leaver", gone.pk, **{"confirmed": shown, f"way-{visit.pk}": "cancel", "text": ""}
        ),
        "absence.end": send(manager, "end-absence", away.pk),
        "charge.invoice": send(secretary, "charge-invoice", unpaid.pk),
        "charge.refund": send(secretary, "charge-refund", over.pk, **money_back("refund")),
        "charge.refund-online": send(secretary, "charge-refund", over.pk, **money_back("online")),
        "invoices.run": send(secretary, "charges-run", None),
        "invoices.remind": send(secretary, "charges-remind", None),
    }


def money_back(way: str) -> dict[str, str]:
    return {"back-key": str(uuid4()), "back-ore": "50", "back-way": way}


def rows() -> dict[str, list[Any]]:
    """All that a patient, the record or a colleague could see of it."""
    found = {label: list(apps.get_model(label).objects.order_by("pk").values()) for label in WATCHED}
    found["appointments.Claim"] = [each for each in found["appointments.Claim"] if each["kind"] != "block"]
    return found


def test_every_act_is_pressed_here(press: dict[str, Press]) -> None:
    assert set(press) == set(contexts.acts())


@pytest.mark.parametrize("name", sorted(contexts.acts()))
def test_nothing_has_happened_while_an_act_waits_nor_when_it_is_taken_back(name: str, press: dict[str, Press]) -> None:
    before = rows()

    client, answer = press[name]()

    assert answer.status_code == 302
    assert rows() == before
    assert "Angre" in client.get(answer["Location"].partition("#")[0]).content.decode()
    page = client.post(UNDO, follow=True).content.decode()
    assert "Angret. Ingenting er sendt" in page
    pending.do_due(NOW + timedelta(minutes=1))
    assert rows() == before
    assert not Claim.objects.filter(kind="block").exists()


@pytest.mark.parametrize("name", sorted(contexts.acts()))
def test_an_act_is_done_once_when_its_time_has_come(name: str, press: dict[str, Press]) -> None:
    before = rows()
    press[name]()
    press[name]()  # a double click
    pending.do_due(NOW + timedelta(seconds=9))
    assert rows() == before

    client, _answer = press[name]()
    pending.do_due(NOW + timedelta(seconds=10))

    done = rows()
    assert done != before
    assert not PendingAct.objects.exists()
    assert "For sent å angre" in client.post(UNDO, follow=True).content.decode()
    pending.do_due(NOW + timedelta(minutes=1))
    assert rows() == done


def test_what_would_be_refused_is_refused_at_once(contact: Dialogue, secretary: Client) -> None:
    answer = secretary.post(
        reverse("workspace:dialogue-close", args=[contact.pk]), {"mark": "of another page"}, follow=True
    )
    assert answer.status_code == 409
    assert not PendingAct.objects.exists()


def test_what_the_patient_does_meanwhile_comes_first_and_the_text_is_kept(
    office: Office, press: dict[str, Press], contact: Dialogue, secretary: Client
) -> None:
    press["dialogue.answer"]()
    Dialogue.objects.filter(pk=contact.pk).update(last_message_at=NOW + timedelta(seconds=3))  # she wrote once more

    pending.do_due(NOW + timedelta(seconds=10))

    assert not Notification.objects.filter(event="dialogue.answered").exists()
    page = secretary.get(reverse("workspace:inbox")).content.decode()
    assert "Ble ikke gjort" in page
    assert "Noe ble endret før det gikk ut." in page
    secretary.post(reverse("workspace:dialogue-answer", args=[contact.pk]), {"do": "begin"})
    assert "Attesten ligger klar." in secretary.get(reverse("workspace:dialogue", args=[contact.pk])).content.decode()
    secretary.post(reverse("workspace:not-done", args=[PendingAct.objects.get().pk]))
    assert "Ble ikke gjort" not in secretary.get(reverse("workspace:inbox")).content.decode()


def test_an_answer_that_is_taken_back_stands_in_the_box_again(
    press: dict[str, Press], contact: Dialogue, secretary: Client
) -> None:
    secretary.post(reverse("workspace:dialogue-answer", args=[contact.pk]), {"do": "begin"})
    press["dialogue.answer"]()
    page = secretary.post(UNDO, follow=True).content.decode()
    assert "Attesten ligger klar." in page
    press["dialogue.answer"]()
    assert PendingAct.objects.get().failed_at is None, "what is sent anew takes the place of what was taken back"


def test_a_colleague_does_no_second_thing_to_what_waits_and_sees_that_it_does(
    office: Office, press: dict[str, Press], contact: Dialogue
) -> None:
    press["dialogue.answer"]()
    guro = logged_in(office.staff(Role.SECRETARY, name="Guro Moen"))
    assert "Svaret sendes straks" in guro.get(reverse("workspace:inbox")).content.decode()
    mark = {"mark": factories.mark(contact)}
    for name, form in (("close", {}), ("assign", {"employee": "meg"}), ("answer", {"do": "begin"})):
        answer = guro.post(reverse(f"workspace:dialogue-{name}", args=[contact.pk]), mark | form)
        assert answer.status_code == 409, name
        assert "Vent noen sekunder" in answer.content.decode()
    guro.post(UNDO)
    pending.do_due(NOW + timedelta(seconds=10))
    contact.refresh_from_db()
    assert contact.status == Status.ANSWERED


def test_anothers_undo_does_nothing(office: Office, press: dict[str, Press], secretary: Client) -> None:
    press["dialogue.close"]()
    other = logged_in(office.staff(Role.SECRETARY))
    other.cookies.update({name: cookie for name, cookie in secretary.cookies.items() if "undo" in name})
    other.post(UNDO)
    assert PendingAct.objects.filter(failed_at=None).exists()


def test_a_time_that_is_given_is_kept_meanwhile(office: Office, press: dict[str, Press], secretary: Client) -> None:
    press["request.assign"]()
    taken = Claim.objects.get(kind="block")
    assert taken.period.lower == FREE
    pending.do_due(NOW + timedelta(seconds=10))
    assert Appointment.objects.filter(starts_at=FREE).exists()


def test_a_time_that_is_booked_or_moved_is_kept_meanwhile(press: dict[str, Press]) -> None:
    press["appointment.book"]()
    press["appointment.move"]()
    kept = Claim.objects.filter(kind="block").order_by("period")
    # From 08.20 to 09.00; the visit that is moved stands until 08.20. And the booking at 10.
    assert [(local(each.period.lower), local(each.period.upper)) for each in kept] == [
        ("08.20", "09.00"),
        ("10.00", "10.20"),
    ]
    pending.do_due(NOW + timedelta(seconds=10))
    assert sorted(local(each.starts_at) for each in Appointment.objects.all()) == ["08.20", "10.00"]
    assert not Claim.objects.filter(kind="block").exists()


def local(at: datetime) -> str:
    return at.astimezone(CLINIC).strftime("%H.%M")


def test_what_she_had_given_stands_in_the_form_again_after_the_undo(press: dict[str, Press], secretary: Client) -> None:
    for name, words in (
        ("appointment.book", 'value="10:00"'),
        ("appointment.move", 'value="08:20"'),
        ("appointment.cancel", "Legen er syk."),
    ):
        press[name]()
        assert words in secretary.post(UNDO, follow=True).content.decode(), name


def test_a_patient_who_moves_her_time_meanwhile_comes_first(
    office: Office, press: dict[str, Press], wish: TimeRequest, secretary: Client
) -> None:
    press["appointment.cancel"]()
    visit = Appointment.objects.get()
    appointments.move(
        actor=citizen(wish.patient),
        appointment_id=visit.pk,
        calendar_id=visit.calendar_id,
        visit_type_id=visit.visit_type_id,
        channel=visit.channel,
        starts_at=FREE,
        reason=None,
        now=NOW,
    )
    guro = logged_in(office.staff(Role.SECRETARY, name="Guro Moen"))
    assert "Avlyses straks" in guro.get(reverse("workspace:visit", args=[visit.pk])).content.decode()
    again = guro.post(reverse("workspace:cancel", args=[visit.pk]), {"note": ""})
    assert "Vent noen sekunder" in again.content.decode()

    pending.do_due(NOW + timedelta(seconds=10))

    visit.refresh_from_db()
    assert (visit.status, visit.starts_at) == ("booked", FREE)
    assert "Noe ble endret før det gikk ut." in secretary.get(reverse("workspace:inbox")).content.decode()


def test_several_are_taken_back_by_one_press(office: Office, secretary: Client) -> None:
    several = [factories.sent(office.patient(f"Kari Test{name}"), kind=Kind.CONTACT) for name in "abc"]
    ids = [f"{each.pk}.{factories.mark(each)}" for each in several]
    page = secretary.post(
        reverse("workspace:inbox-several"), {"do": "close", "unread": "close", "id": ids}, follow=True
    ).content.decode()
    assert "3 meldinger lukkes om 10 sekunder." in page
    secretary.post(UNDO)
    pending.do_due(NOW + timedelta(minutes=1))
    assert set(Dialogue.objects.values_list("status", flat=True)) == {Status.DELIVERED}, "nobody has opened them"


def test_one_that_cannot_be_read_any_more_does_not_keep_the_others_waiting(office: Office) -> None:
    due = NOW + timedelta(seconds=1)
    at = {"practice": office.practice, "name": "dialogue.close", "given": "{}", "done_at": NOW, "due_at": due}
    who = office.staff(Role.DOCTOR).employee_id
    assert who
    damaged, other = (PendingAct.objects.create(**at, object_id=new_id(), employee_id=who) for _ in range(2))
    owner.damage("pending_pendingact", "given", damaged.pk)
    assert pending.do_due(due) == 2
    failed = dict(PendingAct.objects.values_list("pk", "reason"))
    assert failed[damaged.pk] == failed[other.pk] == "own-fault"
    assert pending.do_due(due) == 0
