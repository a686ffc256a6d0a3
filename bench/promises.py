"""What people were promised while `make chaos` ran, and whether it was kept.

Each kind of work is done as a browser does it, by several at once. A receipt is a promise: it must be there once. What
got no answer, or a fault, may be there once or not at all.
"""

import contextlib
import http.client
import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bench import booking, dialogues, load, world
from bench.gateways import Mail, Sms

UNSURE = (OSError, http.client.HTTPException)
Patient = dict[str, Any]
Attempt = Callable[[load.Client, Patient, str], tuple[str, int]]  # the mark it can be found by, and the answer


@dataclass
class Kind:
    """One kind of work. `attempt` is given a client, whose turn it is, and a mark that nothing else has."""

    name: str
    attempt: Attempt
    there: Callable[[], Counter[str]]
    pause: float = 0.3  # seconds between two, so that there is enough of it for the whole run
    kept: list[str] = field(default_factory=list)  # marks with a receipt
    perhaps: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, turns: Iterator[Patient], number: int, over: threading.Event) -> None:
        for at, patient in enumerate(turns):
            if over.wait(self.pause):
                return
            client = load.Client(world.PORT, patient["session"], at)
            mark = f"merke-{self.name.split()[0]}-{number}-{at}-"
            try:
                mark, status = self.attempt(client, patient, mark)
            except UNSURE:
                status = 0
            except Lost as lost:
                mark, status = lost.mark, 0
            except IndexError:  # an error page in place of the form
                status = 500
            finally:
                if client.connection:
                    client.connection.close()
            with self.lock:
                self.answers[str(status)] += 1
                if status == 302:
                    self.kept.append(mark)
                elif status == 0 or status >= 500:
                    self.perhaps.append(mark)

    def compared(self) -> dict[str, int]:
        found = self.there()
        return {
            "receipts": len(self.kept),
            "lost": sum(not found[mark] for mark in self.kept) + len(self.kept) - len(set(self.kept)),
            "twice": sum(number > 1 for number in found.values()),
            "no answer": len(self.perhaps),
            "of those there": sum(bool(found[mark]) for mark in self.perhaps),
        }


class Lost(Exception):
    """The answer did not come; `mark` is what it would have made."""

    def __init__(self, mark: str) -> None:
        super().__init__(mark)
        self.mark = mark


def prepare(patients: list[Patient]) -> list[tuple[Kind, list[Iterator[Patient]]]]:
    """Each kind with the turns of those who work at it; nobody works for the same patient as another. `patients` are
    all of one list."""
    booking, writing, renewing, answered = (patients[at::4] for at in range(4))
    _can_be_told(patients)
    _prescribe(renewing)
    doctor = _doctor(patients[0])
    waiting = _ask(answered)
    starts = world.starts(range(1, 26))
    return [
        (
            Kind("bookings", _book, _booked),
            [_with("start", _again(booking[at::3]), starts[at::3]) for at in range(3)],
        ),
        (Kind("messages", _write, _written), [_again(writing[at::2]) for at in range(2)]),
        (Kind("renewals", _renew, _ordered, pause=3), [_times(renewing[at::2], 4) for at in range(2)]),
        (
            Kind("answers of the office", _answer, _written, pause=2),
            [iter([{"session": doctor, "dialogue": each} for each in waiting[at::2]]) for at in range(2)],
        ),
    ]


def _again(those: list[Patient]) -> Iterator[Patient]:
    return itertools.cycle(those)


def _times(those: list[Patient], number: int) -> Iterator[Patient]:
    return iter([each for _at in range(number) for each in those])


def _with(name: str, turns: Iterator[Patient], values: list[Any]) -> Iterator[Patient]:
    return ({**each, name: value} for each, value in zip(turns, values, strict=False))


def _book(client: load.Client, patient: Patient, mark: str) -> tuple[str, int]:
    from legedialog.appointments.picker import time_value

    mark = f"{patient['calendar']} {patient['start'].isoformat()} {patient['person']}"
    with _losing(mark):
        _, page, _ = client.ask("GET", "/timeavtaler/bestill/")
        return mark, booking.book(client, load.token(page), time_value(patient["calendar"], patient["start"]))


def _booked() -> Counter[str]:
    from legedialog.appointments.models import Appointment, Status

    rows = Appointment.objects.filter(status=Status.BOOKED).values_list("calendar", "starts_at", "patient")
    return Counter(f"{calendar} {start.isoformat()} {patient}" for calendar, start, patient in rows)


def _write(client: load.Client, patient: Patient, mark: str) -> tuple[str, int]:
    """Kontakt legekontoret: what it is about, the text, see over, send."""
    base = "/meldinger/ny/kontakt/"
    with _losing(mark):
        _, page, _ = client.ask("GET", base)
        form = {"csrfmiddlewaretoken": load.token(page), "topic": load.value(page, "topic")}
        form |= {"version": "0", "page": str(uuid4())}
        status, _, write = client.ask("POST", base, form)
        if status != 302:
            return mark, status
        _, page, _ = client.ask("GET", write)
        form |= {
            "version": load.value(page, "version"),
            "page": load.value(page, "page"),
            "text": f"Når har dere åpent? {mark}",
        }
        status, _, review = client.ask("POST", write, form)
        if status != 302:
            return mark, status
        _, page, _ = client.ask("GET", review)
        form = {"csrfmiddlewaretoken": load.token(page)}
        form |= {name: load.value(page, name) for name in ("draft", "topic", "version")}
        return mark, client.ask("POST", review, form)[0]


def _renew(client: load.Client, patient: Patient, mark: str) -> tuple[str, int]:
    with _losing(mark):
        _, page, _ = client.ask("GET", "/legemidler/forny/")
        if 'name="prescriptions"' not in page:  # all are ordered
            return mark, 409 if "<form" in page else 500
        form = {"csrfmiddlewaretoken": load.token(page), "note": mark, "pickup": "AP"}
        form |= {name: load.value(page, name) for name in ("prescriptions", "key")}
        return mark, client.ask("POST", "/legemidler/forny/", form)[0]


def _ordered() -> Counter[str]:
    from legedialog.prescriptions.models import Item

    notes = (item.renewal.note for item in Item.objects.select_related("renewal"))
    return Counter(note for note in notes if note.startswith("merke-"))


def _answer(client: load.Client, turn: Patient, mark: str) -> tuple[str, int]:
    address = f"/kontor/innboks/{turn['dialogue']}/"
    with _losing(mark):
        _, page, _ = client.ask("GET", address)
        form = {"csrfmiddlewaretoken": load.token(page), "do": "begin"}
        status, _, _ = client.ask("POST", f"{address}svar/", form)
        if status != 302:
            return mark, status
        _, page, _ = client.ask("GET", address)
        form |= {"do": "close", "key": load.value(page, "key"), "mark": load.value(page, "mark"), "problem": "A97"}
        form |= {"text": f"Det går over av seg selv. {mark}", "language": "nb"}
        return mark, client.ask("POST", f"{address}svar/", form)[0]


def _written() -> Counter[str]:
    from legedialog.dialogues.models import Message

    found: Counter[str] = Counter()
    for message in Message.objects.all():
        found.update(re.findall(r"merke-\S+", message.text))
    return found


@contextlib.contextmanager
def _losing(mark: str) -> Iterator[None]:
    try:
        yield
    except UNSURE as error:
        raise Lost(mark) from error


def _can_be_told(patients: list[Patient]) -> None:
    """Half of them by SMS, half by e-mail."""
    from django.utils import timezone

    from legedialog.patients.models import Person

    for at, person in enumerate(Person.objects.filter(pk__in=[each["person"] for each in patients]).order_by("pk")):
        person.phone, person.email = ("+4799999999", "") if at // 4 % 2 else ("", "person@post.example")
        person.contact_confirmed_at = timezone.now()
        person.save(update_fields=["phone", "email", "contact_confirmed_at"])


def _prescribe(patients: list[Patient]) -> None:
    """Four to each, all of which were collected and may be renewed."""
    from django.utils import timezone

    from bench.prescriptions import MEDICINES
    from legedialog.core.times import local_day
    from legedialog.patients.models import Membership
    from legedialog.prescriptions.models import Dispensing, Prescription

    today = local_day(timezone.now())
    places = Membership.objects.filter(person__in=[each["person"] for each in patients])
    made = Prescription.objects.bulk_create(
        Prescription(
            **{"patient_id": person, "practice_id": practice, "prescriber_id": doctor, "prescriber_name": "Lege Test"},
            **{"kind": "medicine", "group": "C", "name": name, "substance": name, "atc": atc, "strength": strength},
            **{"use": "1 tablett om dagen", "written_date": today - timedelta(days=360), "dispensings": 1},
            valid_until_date=today + timedelta(days=5),
        )
        for person, practice, doctor in places.values_list(
            "person", "contract__practice", "contract__doctors__clinician"
        )
        for name, atc, strength in MEDICINES[:4]
    )
    Dispensing.objects.bulk_create(
        Dispensing(prescription=each, identifier="1", dispensed_date=each.written_date, amount=1) for each in made
    )


def _doctor(patient: Patient) -> str:
    """A session of the list's doctor at work."""
    from django.utils import timezone

    from legedialog.access.actor import Assurance
    from legedialog.access.actor import Kind as Who
    from legedialog.access.services import start_login
    from legedialog.appointments.models import Calendar
    from legedialog.practices.models import Employee

    calendar = Calendar.objects.select_related("clinician").get(pk=patient["calendar"])
    employee = Employee.objects.create(
        practice_id=calendar.practice_id,
        clinician=calendar.clinician,
        name=calendar.clinician.name,
        role="doctor",
        national_number_index=b"chaos",
        starts_date=timezone.now().date(),
    )
    session, _ = start_login(
        kind=Who.STAFF,
        holder_id=employee.pk,
        assurance=Assurance.HIGH,
        issuer="bench",
        sid="doctor",
        sub="doctor",
        user_agent="bench",
        replaces="",
        now=timezone.now(),
    )
    return session


def _ask(patients: list[Patient]) -> list[Any]:
    """Six e-consultations of each, which wait for an answer."""
    from legedialog.dialogues.models import Dialogue

    for patient in patients:
        for _number in range(6):
            dialogues.send(patient, dialogues.begin(patient))
    return list(Dialogue.objects.filter(kind="econsultation").values_list("pk", flat=True))


@dataclass
class Notices:
    """What the worker says that it sent, beside what the gateways took."""

    sms: Sms
    mail: Mail

    def drained(self, seconds: float) -> bool:
        """Waits until nothing is due any more, and what the office may still take back has been done."""
        from django.utils import timezone

        from legedialog.outbox.models import Notification
        from legedialog.pending.models import PendingAct

        until = time.monotonic() + seconds
        while time.monotonic() < until:
            is_due = Notification.objects.filter(status="waiting", due_at__lte=timezone.now())
            if not PendingAct.objects.filter(failed_at=None).exists() and not is_due.exists():
                return True
            time.sleep(1)
        return False

    def compared(self) -> dict[str, int]:
        from legedialog.outbox.models import Notification

        rows = {str(pk): (status, channel) for pk, status, channel in _all(Notification)}
        sent = {pk: channel for pk, (status, channel) in rows.items() if status == "sent"}
        mail, sms = self.mail.taken.ids, self.sms.taken.ids
        perhaps = [pk for pk, (status, _) in rows.items() if status == "perhaps"]
        return {
            "receipts": len(sent),
            "lost": sum(not mail[pk] and not sms[pk] for pk in sent),
            # An SMS that is given again has the same id, which the gateway takes once.
            "twice": sum(number > 1 for number in mail.values()) + sum(pk in sms for pk in mail),
            "no answer": len(perhaps),
            "of those there": sum(bool(mail[pk] or sms[pk]) for pk in perhaps),
        }

    def untold(self, bookings: Kind) -> int:
        """Bookings with a receipt of which there is not one notice."""
        from legedialog.appointments.models import Appointment
        from legedialog.outbox.models import Notification

        told = Counter(Notification.objects.filter(event="appointment.booked").values_list("object_id", flat=True))
        kept = set(bookings.kept)
        rows = Appointment.objects.values_list("pk", "calendar", "starts_at", "patient")
        return sum(told[pk] != 1 for pk, calendar, at, who in rows if f"{calendar} {at.isoformat()} {who}" in kept)


def _all(model: Any) -> Iterator[Any]:
    return iter(model.objects.values_list("pk", "status", "channel"))
