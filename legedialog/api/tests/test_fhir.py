"""The endpoint from the other side: what is kept, what is answered, and what a stranger learns."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.test import Client

from legedialog.access.actor import Kind
from legedialog.api import rules
from legedialog.api.models import AccessToken
from legedialog.api.tests.hospital import NOW, Hospital, codes, hospital
from legedialog.appointments import elsewhere
from legedialog.appointments.models import ExternalAppointment, Source
from legedialog.appointments.tests import factories
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core.identifiers import synthetic_number
from legedialog.core.sql import ask_for
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> Hospital:
    return hospital()


@pytest.fixture
def kari() -> Person:
    return factories.person()


def test_a_new_appointment_is_kept_and_the_patient_is_told(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    answer = sender.put(resource)
    assert answer.status_code == 201
    assert answer["ETag"] == 'W/"1"'
    assert answer["Location"] == f"http://localhost:8000/fhir/r4/Appointment/{resource['id']}"
    assert answer["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert "Last-Modified" in answer
    [row] = elsewhere.rows(factories.citizen(kari), kari.pk, datetime.now(UTC))
    kept = ExternalAppointment.objects.get(pk=row.id)
    assert (kept.source, str(kept.identifier)) == (sender.source, resource["id"])
    assert (row.title, row.place) == ("Samtale om prøvesvar", "Hudpoliklinikken, Fjordbyen sykehus")
    assert row.join_url == "https://video.example.no/rom/1"
    assert Notification.objects.get().event == "external.changed"
    event = Event.objects.get(action="external-appointment.created")
    assert (event.patient_id, event.actor_kind) == (kari.pk, Kind.SYSTEM)


def test_the_same_again_changes_and_tells_nothing(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    first = sender.put(resource)
    again = sender.put(resource)
    assert (again.status_code, again["ETag"]) == (200, first["ETag"])
    assert again["Last-Modified"] == first["Last-Modified"]
    assert again.content == first.content
    assert Notification.objects.count() == 1
    assert Event.objects.filter(action__startswith="external-appointment").count() == 1


def test_a_change_is_a_new_version(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    sender.put(resource)
    resource["description"] = "Kontroll"
    resource["meta"]["lastUpdated"] = "2026-11-23T10:00:00Z"
    answer = sender.put(resource)
    assert (answer.status_code, answer["ETag"]) == (200, 'W/"2"')
    assert ExternalAppointment.objects.get().title == "Kontroll"
    assert Notification.objects.count() == 2


def test_a_message_that_was_overtaken_is_not_kept(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    sender.put(resource)
    resource["description"] = "Gammelt"
    resource["meta"]["lastUpdated"] = "2026-11-23T08:00:00Z"
    answer = sender.put(resource)
    assert (answer.status_code, codes(answer)) == (409, ["older"])
    assert ExternalAppointment.objects.get().title == "Samtale om prøvesvar"


def test_a_source_that_asks_for_silence_gets_it(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    resource["meta"]["tag"] = [{"system": "http://helsenorge.no/fhir/varsling", "code": "1"}]
    assert sender.put(resource).status_code == 201
    assert not Notification.objects.exists()


def test_read_back_without_the_patients_number(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    put = sender.put(resource)
    answer = sender.get(resource["id"])
    assert (answer.status_code, answer.content, answer["ETag"]) == (200, put.content, put["ETag"])
    body = json.loads(answer.content)
    assert (body["status"], body["start"]) == ("booked", resource["start"])
    assert kari.national_number not in answer.content.decode()


@pytest.mark.parametrize("status", ["booked", "fulfilled", "noshow", "cancelled"])
def test_the_status_is_read_back_as_it_was_sent(sender: Hospital, kari: Person, status: str) -> None:
    resource = sender.appointment(kari.national_number, status=status)
    sender.put(resource)
    assert json.loads(sender.get(resource["id"]).content)["status"] == status


def test_another_sources_appointment_is_not_there(sender: Hospital, kari: Person) -> None:
    other = hospital("Dalen sykehus", "313000028")
    resource = sender.appointment(kari.national_number)
    sender.put(resource)
    assert (other.get(resource["id"]).status_code, codes(other.get(resource["id"]))) == (404, ["not-found"])
    same_id = other.appointment(kari.national_number, identifier=UUID(resource["id"]), description="Annet")
    assert other.put(same_id).status_code == 201  # its own, beside the first
    assert {row.source_id for row in ExternalAppointment.objects.all()} == {sender.source.pk, other.source.pk}
    assert json.loads(sender.get(resource["id"]).content)["description"] == "Samtale om prøvesvar"


def test_an_unknown_patient_and_one_without_the_services_get_the_same_answer(sender: Hospital) -> None:
    numbers = [
        factories.person(level=Level.BASIS).national_number,
        factories.person(level=None).national_number,
        synthetic_number(datetime(1950, 1, 1, tzinfo=UTC).date(), 7),  # nobody's
    ]
    answers = [sender.put(sender.appointment(number)) for number in numbers]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert codes(answers[0]) == ["patient-unknown"]
    assert not ExternalAppointment.objects.exists()


def test_what_was_received_is_kept_right_after_consent_is_withdrawn(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    sender.put(resource)
    Consent.objects.filter(person=kari).update(level=Level.BASIS)
    cancelled = sender.appointment(kari.national_number, identifier=UUID(resource["id"]), status="cancelled")
    assert sender.put(cancelled).status_code == 200
    assert ExternalAppointment.objects.get().status == "cancelled"


def test_an_appointment_never_moves_to_another_patient(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    sender.put(resource)
    other = factories.person("Per Testvik")
    for number in (other.national_number, synthetic_number(datetime(1950, 1, 1, tzinfo=UTC).date(), 7)):
        moved = sender.appointment(number, identifier=UUID(resource["id"]))
        answer = sender.put(moved)
        assert (answer.status_code, codes(answer)) == (409, ["patient-changed"])
    assert ExternalAppointment.objects.get().patient_id == kari.pk


def test_if_match(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    assert codes(sender.put(resource, **{"If-Match": 'W/"1"'})) == ["version"]
    assert not ExternalAppointment.objects.exists()
    sender.put(resource)
    resource["description"] = "Kontroll"
    for wrong in ('W/"2"', '"x"', "*"):
        answer = sender.put(resource, **{"If-Match": wrong})
        assert (answer.status_code, codes(answer)) == (412, ["version"])
    assert sender.put(resource, **{"If-Match": 'W/"1"'}).status_code == 200


def test_if_none_match(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    assert sender.put(resource, **{"If-None-Match": "*"}).status_code == 201
    assert sender.put(resource, **{"If-None-Match": "*"}).status_code == 412
    assert sender.put(resource, **{"If-None-Match": 'W/"1"'}).status_code == 412


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic eDp5", "bearer  "])
def test_without_a_token(authorization: str, kari: Person) -> None:
    answer = Client().get(f"/fhir/r4/Appointment/{uuid4()}", headers={"Authorization": authorization})
    assert (answer.status_code, codes(answer)) == (401, ["login"])  # type: ignore[arg-type]
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token(sender: Hospital, kari: Person) -> None:
    token = sender.token()
    AccessToken.objects.update(expires_at=datetime.now(UTC))
    assert sender.put(sender.appointment(kari.national_number), token=token).status_code == 401
    assert not ExternalAppointment.objects.exists()


def test_a_token_without_the_scope(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    answer = sender.put(resource, token=sender.token(rules.READ))
    assert (answer.status_code, codes(answer)) == (403, ["scope"])
    sender.put(resource)
    assert sender.get(resource["id"], token=sender.token(rules.WRITE)).status_code == 403


def test_too_many_requests_in_a_minute(sender: Hospital, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_PER_MINUTE = 3
    token = sender.token()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    assert [sender.get(uuid4(), token=token).status_code for _ in range(4)] == [404, 404, 404, 429]
    assert sender.get(uuid4(), token=token)["Retry-After"] == "60"
    AccessToken.objects.update(expires_at=NOW + timedelta(hours=1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=1))
    assert sender.get(uuid4(), token=token).status_code == 404


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("{", {}, 400, "json"),
        ("[]", {}, 400, "json"),
        ("NaN", {}, 400, "json"),
        ('{"a": NaN}', {}, 400, "json"),
        ('{"a": "\\ud800"}', {}, 400, "json"),
        (b"\xff", {}, 400, "json"),
        ("[" * 30_000, {}, 400, "json"),
        (" ", {}, 400, "json"),
        ('{"resourceType": "Appointment"}', {}, 400, "id-mismatch"),
        ("{}", {"type": "application/fhir+xml"}, 415, "content-type"),
        ("{}", {"type": "application/fhir+json; charset=latin-1"}, 415, "content-type"),
        (" " * 65_537, {}, 413, "too-long"),
    ],
)
def test_bodies_that_are_not_read(
    sender: Hospital, body: str | bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = sender.put({}, at=str(uuid4()), body=body, **headers)
    assert (answer.status_code, codes(answer)) == (status, [code])


def test_the_id_is_a_uuid_and_the_same_in_both_places(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    for at in ("17", resource["id"].upper(), resource["id"].replace("-", "")):
        assert codes(sender.put(resource, at=at)) == ["id-uuid"]
    answer = sender.put(resource, at=str(uuid4()))
    assert (answer.status_code, codes(answer)) == (400, ["id-mismatch"])


def test_a_resource_that_breaks_the_profile(sender: Hospital, kari: Person) -> None:
    resource = sender.appointment(kari.national_number)
    resource["comment"] = "Kreft"
    resource["start"] = "i morgen"
    answer = sender.put(resource)
    assert (answer.status_code, codes(answer)) == (422, ["forbidden-element"])
    del resource["comment"]
    answer = sender.put(resource)
    assert codes(answer) == ["instant"]
    assert json.loads(answer.content)["issue"][0]["expression"] == ["Appointment.start"]
    assert not ExternalAppointment.objects.exists()


@pytest.mark.parametrize("method", ["post", "delete", "patch"])
def test_other_methods(sender: Hospital, method: str) -> None:
    headers = {"Authorization": f"Bearer {sender.token()}"}
    answer = getattr(sender.http, method)(f"/fhir/r4/Appointment/{uuid4()}", headers=headers)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, PUT")
    answer = getattr(sender.http, method)("/fhir/r4/Appointment", headers=headers)
    assert (answer.status_code, codes(answer)) == (405, ["method"])


def test_nobody_searches(sender: Hospital) -> None:
    headers = {"Authorization": f"Bearer {sender.token()}"}
    assert sender.http.get("/fhir/r4/Appointment?patient=1", headers=headers).status_code == 405
    answer = sender.http.get("/fhir/r4/Patient/1", headers=headers)
    assert (answer.status_code, codes(answer)) == (404, ["no-such-interaction"])  # type: ignore[arg-type]
    assert Client().get("/fhir/r4/Patient/1").status_code == 401


def test_the_capability_statement_is_open_and_says_what_is_here() -> None:
    answer = Client().get("/fhir/r4/metadata")
    body = json.loads(answer.content)
    assert (answer.status_code, body["resourceType"], body["fhirVersion"]) == (200, "CapabilityStatement", "4.0.1")
    [resource] = body["rest"][0]["resource"]
    assert [each["code"] for each in resource["interaction"]] == ["read", "update"]
    assert Client().post("/fhir/r4/metadata").status_code == 405


def test_a_call_tells_that_the_source_answers_and_a_bad_one_that_something_may_be_missing(
    sender: Hospital, kari: Person
) -> None:
    def answers() -> bool:
        [state] = elsewhere.sources_from(ask_for(elsewhere.asks_sources(factories.citizen(kari))), datetime.now(UTC))
        return state.answers

    Source.objects.update(heard_at=None)
    assert not answers()
    Client().get("/fhir/r4/metadata")
    Client().get(f"/fhir/r4/Appointment/{uuid4()}")
    assert not answers()
    sender.get(uuid4())
    assert answers()
    sender.put({}, at=str(uuid4()))
    assert not answers()
    sender.put(sender.appointment(kari.national_number))
    assert answers()


def test_nothing_of_the_patient_is_logged(
    sender: Hospital, kari: Person, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        good = sender.appointment(kari.national_number)
        sender.put(good)
        sender.put({**good, "description": "x" * 1001})
        sender.put(sender.appointment("12345678901"))
    everything = caplog.text + "".join(capsys.readouterr())
    for secret in (kari.national_number, "12345678901", "prøvesvar", "video.example.no"):
        assert secret not in everything


def test_a_fault_of_ours_is_an_outcome_too(sender: Hospital, kari: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**anything: Any) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("legedialog.api.services.receive", broken)
    answer = sender.put(sender.appointment(kari.national_number))
    assert (answer.status_code, codes(answer)) == (500, ["exception"])
    assert "unforeseen" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_same_from_two_threads_is_one_row_and_one_notice() -> None:
    sender, kari = hospital(), factories.person()
    resource, tokens, start = sender.appointment(kari.national_number), [sender.token(), sender.token()], Barrier(2)

    def put(token: str) -> int:
        try:
            start.wait(timeout=10)
            return sender.put(resource, token=token).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(put, tokens))
    assert statuses == [200, 201]
    assert ExternalAppointment.objects.count() == 1
    assert Notification.objects.count() == 1
    assert json.loads(sender.get(resource["id"]).content)["meta"]["versionId"] == "1"


@pytest.mark.django_db(transaction=True)
def test_of_two_that_both_must_be_new_one_is() -> None:
    sender, kari = hospital(), factories.person()
    token, start, key = sender.token(), Barrier(2), uuid4()

    def put(description: str) -> int:
        try:
            resource = sender.appointment(kari.national_number, identifier=key, description=description)
            start.wait(timeout=10)
            return sender.put(resource, token=token, **{"If-None-Match": "*"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(put, ["Første", "Andre"])) == [201, 412]
    assert json.loads(sender.get(key).content)["meta"]["versionId"] == "1"
