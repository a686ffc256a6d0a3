"""What the pages of dialogues are measured with: an inbox that has fallen behind, answers, and files of 10 MB.

What waits is written in bulk; all that is measured goes through the use cases or through HTTP, as browsers ask.
"""

import io
import json
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bench import booking, cpu, load
from bench.world import PORT, Patient, World, citizen, starts

SIDE = 2450  # pixels of a photo of noise that is 10 MB as JPEG


def uploads(world: World) -> tuple[load.Figures, int, float]:
    """Two citizens send photos of 10 MB again and again. The figures, the size, and the most that was held, in MB."""
    photo = _photo()
    stop = threading.Event()
    most = [0.0]

    def watch() -> None:
        while not stop.wait(0.1):
            most[0] = max(most[0], cpu.resident(world.server))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        clients = [
            (load.Client(PORT, patient["session"], at), patient) for at, patient in enumerate(world.patients[:2])
        ]
        figures = load.measure([_upload(each, patient, photo) for each, patient in clients], seconds=world.seconds)
    finally:
        stop.set()
        watcher.join()
    return figures, len(photo), most[0]


def begin(patient: Patient) -> Any:
    """A draft that is ready to send: its id."""
    from django.utils import timezone

    from legedialog.dialogues import services

    person = patient["person"]
    begun = {"actor": citizen(person), "patient_id": person, "kind": "econsultation", "now": timezone.now()}
    services.save_draft(**begun, topic_code="follow-up")
    answers = {"urgent": "none", "since": "weeks"}
    return services.save_draft(**begun, answers=answers, text="Hvordan går det? " * 20).pk


def send(patient: Patient, draft: Any) -> None:
    from django.utils import timezone

    from legedialog.dialogues import rules, services

    rules.MAX_OPEN = 1_000_000  # of this process: nobody meets a limit
    services.send(actor=citizen(patient["person"]), draft_id=draft, now=timezone.now())


def first_of_their_kind(patient: Patient) -> None:
    """One visit and one dialogue through the use cases, which the bulk is copied from."""
    from legedialog.appointments.models import Appointment
    from legedialog.dialogues.models import Dialogue

    if not Appointment.objects.filter(booked_by_person__isnull=False).exists():
        booking.use_cases([patient], starts(range(23, 24)))[0]()
    if not Dialogue.objects.filter(kind="econsultation").exists():
        send(patient, begin(patient))


def fill(patients: list[Patient], number: int) -> list[Any]:
    """Contacts that wait for reception, spread over ten days' dates."""
    from django.utils import timezone

    from legedialog.core.times import local_day
    from legedialog.dialogues.models import Dialogue, Message
    from legedialog.patients.models import Membership

    now = timezone.now()
    people = [patient["person"] for patient in patients]
    practice_id = patients[0]["visit_type"].practice_id
    places = {
        person: (contract, clinician)
        for person, contract, clinician in Membership.objects.filter(person__in=people).values_list(
            "person", "contract", "contract__doctors__clinician"
        )
    }
    made, written = [], []
    for nth in range(number):
        person = people[nth % len(people)]
        at = now - timedelta(minutes=nth)
        dialogue = Dialogue(
            key=uuid4(),
            kind="contact",
            practice_id=practice_id,
            contract_id=places[person][0],
            clinician_id=places[person][1],
            patient_id=person,
            started_by_person_id=person,
            topic_code="other",
            subject="Noe annet praktisk",
            status="delivered",
            status_at=at,
            started_at=at,
            sent_at=at,
            delivered_at=at,
            due_date=local_day(now) + timedelta(days=nth % 10),
            last_message_at=at,
        )
        made.append(dialogue)
        written.append(
            Message(
                dialogue=dialogue,
                practice_id=practice_id,
                number=1,
                key=uuid4(),
                at=at,
                by_person_id=person,
                text="Er det plass til rullestol i heisen? " * 10,
                answers="",
            )
        )
    Dialogue.objects.bulk_create(made, batch_size=500)
    Message.objects.bulk_create(written, batch_size=500)
    return sorted(made, key=lambda each: (each.due_date, each.pk))


def deep(waiting: list[Any]) -> str:
    last = waiting[len(waiting) * 4 // 5]
    return f"/kontor/innboks/?fane=kontorets&etter={last.due_date}_{last.pk}"


def answer(client: load.Client, dialogues: list[Any]) -> Callable[[], str]:
    """Opens it, begins, and answers: as a secretary does it all day."""
    left = iter(dialogues)
    _, page, _ = client.ask("GET", "/kontor/innboks/")
    csrf = load.token(page)

    def one() -> str:
        dialogue = next(left)
        address = f"/kontor/innboks/{dialogue.pk}/"
        load.must_be(client.ask("GET", address), 200, address)
        form = {"csrfmiddlewaretoken": csrf, "do": "begin"}
        load.must_be(client.ask("POST", f"{address}svar/", form), 302, address)
        page = load.must_be(client.ask("GET", address), 200, address)
        form |= {"do": "close", "key": load.value(page, "key"), "mark": load.value(page, "mark"), "language": "nb"}
        form |= {"text": "Ja, det er det. Velkommen!"}
        load.must_be(client.ask("POST", f"{address}svar/", form), 302, address)
        return "answered"

    return one


def latest(patient: Patient) -> Any:
    from legedialog.dialogues.models import Dialogue

    return (
        Dialogue.objects.filter(patient=patient["person"]).order_by("-last_message_at").values_list("pk", flat=True)[0]
    )


def _photo() -> bytes:
    from PIL import Image

    image = Image.frombytes("RGB", (SIDE, SIDE), os.urandom(SIDE * SIDE * 3))
    made = io.BytesIO()
    image.save(made, "JPEG", quality=98)
    return made.getvalue()


def _upload(client: load.Client, patient: Patient, photo: bytes) -> Callable[[], str]:
    """Receives it, and takes it back, so that nobody has too many that wait."""
    address = "/vedlegg/"
    _, page, _ = client.ask("GET", "/meldinger/")
    csrf = load.token(page)
    fields = {"practice": str(patient["visit_type"].practice_id), "patient": str(patient["person"])}

    def upload() -> str:
        told = load.must_be(client.send_file(address, fields, photo, csrf), 200, address)
        key = json.loads(told)["id"]
        load.must_be(client.ask("POST", f"{address}{key}/fjern/", {"csrfmiddlewaretoken": csrf}), 200, address)
        return "received"

    return upload
