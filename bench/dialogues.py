"""Rows of `make bench` about dialogues: send, read, an inbox with 5,000 that wait, answer, and files of 10 MB.

What waits is written in bulk, as an office that has fallen behind would have it; all that is measured goes through the
use cases or through HTTP, as browsers ask.
"""

import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bench import load

OPEN = 5000
SIDE = 2450  # pixels of a photo of noise that is 10 MB as JPEG
Rows = Iterator[tuple[str, str, dict[str, Any]]]
Patient = dict[str, Any]


def rows(patients: list[Patient], session: str, port: int, seconds: float) -> Rows:
    """`session` is a secretary's at the office of the first patients."""
    practice_id = patients[0]["visit_type"].practice_id
    mine = [patient for patient in patients if patient["visit_type"].practice_id == practice_id]
    yield (
        "dialogue: send an e-consultation (use cases: draft and send)",
        "",
        load.measure([_send(patient) for patient in mine[:8]], seconds=seconds),
    )
    waiting = _fill(mine)
    staff = [load.Client(port, session, number) for number in range(8)]
    yield (
        f"page: Innboks with {OPEN:,} that wait",
        "",
        load.measure([load.get(each, "/kontor/innboks/") for each in staff], seconds=seconds),
    )
    yield (
        "page: Innboks, deep in the list",
        "",
        load.measure([load.get(each, _deep(waiting)) for each in staff], seconds=seconds),
    )
    share = len(waiting) // 8
    yield (
        "dialogue: the office opens and answers one (three requests)",
        "",
        load.measure(
            [_answer(each, waiting[at * share : (at + 1) * share]) for at, each in enumerate(staff)], seconds=seconds
        ),
    )
    hers = [load.Client(port, patient["session"], at) for at, patient in enumerate(mine[:8])]
    yield "page: Meldinger", "", load.measure([load.get(each, "/meldinger/") for each in hers], seconds=seconds)
    yield (
        "page: one dialogue, as its patient",
        "",
        load.measure(
            [load.get(each, f"/meldinger/{_latest(patient)}/") for each, patient in zip(hers, mine, strict=False)],
            seconds=seconds,
        ),
    )


def uploads(patients: list[Patient], port: int, seconds: float, memory: Callable[[], int]) -> tuple[Rows, int]:
    """Two citizens send photos of 10 MB again and again. The row, and the most the server held meanwhile in MB."""
    photo = _photo()
    stop = threading.Event()
    most = [0]

    def watch() -> None:
        while not stop.wait(0.1):
            most[0] = max(most[0], memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        clients = [(load.Client(port, patient["session"], at), patient) for at, patient in enumerate(patients[:2])]
        figures = load.measure([_upload(each, patient, photo) for each, patient in clients], seconds=seconds)
    finally:
        stop.set()
        watcher.join()
    name = f"attachment: a photo of {len(photo) / 1e6:.0f} MB is received, cleaned and sealed (2 clients)"
    return iter([(name, "", figures)]), most[0]


def _send(patient: Patient) -> Callable[[], str]:
    from django.utils import timezone

    from legedialog.access.actor import Actor, Assurance, Kind
    from legedialog.dialogues import rules, services

    rules.MAX_OPEN = 1_000_000  # of this process: nobody meets a limit
    person = patient["person"]
    actor = Actor(
        kind=Kind.CITIZEN,
        assurance=Assurance.HIGH,
        person_id=person,
        acting_for_id=person,
        patients=frozenset({person}),
    )

    def send() -> str:
        now = timezone.now()
        begun = {"actor": actor, "patient_id": person, "kind": "econsultation", "now": now}
        services.save_draft(**begun, topic_code="follow-up")
        written = services.save_draft(
            **begun, answers={"urgent": "none", "since": "weeks"}, text="Hvordan går det? " * 20
        )
        services.send(actor=actor, draft_id=written.pk, now=now)
        return "sent"

    return send


def _fill(patients: list[Patient]) -> list[Any]:
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
    for number in range(OPEN):
        person = people[number % len(people)]
        at = now - timedelta(minutes=number)
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
            due_date=local_day(now) + timedelta(days=number % 10),
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


def _deep(waiting: list[Any]) -> str:
    last = waiting[len(waiting) * 4 // 5]
    return f"/kontor/innboks/?fane=kontorets&etter={last.due_date}_{last.pk}"


def _answer(client: load.Client, dialogues: list[Any]) -> Callable[[], str]:
    """Opens it, begins, and answers: as a secretary does it all day."""
    left = iter(dialogues)
    _, page, _ = client.ask("GET", "/kontor/innboks/")
    csrf = load.token(page)

    def answer() -> str:
        dialogue = next(left)
        address = f"/kontor/innboks/{dialogue.pk}/"
        load.must_be(client.ask("GET", address), 200, address)
        form = {"csrfmiddlewaretoken": csrf, "do": "begin"}
        load.must_be(client.ask("POST", f"{address}svar/", form), 302, address)
        form |= {"do": "close", "key": str(uuid4()), "text": "Ja, det er det. Velkommen!", "language": "nb"}
        load.must_be(client.ask("POST", f"{address}svar/", form), 302, address)
        return "answered"

    return answer


def _latest(patient: Patient) -> Any:
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
