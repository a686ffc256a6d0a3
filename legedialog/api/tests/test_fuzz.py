"""Nonsense at the machines' door: never a fault of ours, and always the standard's own answer."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from legedialog.api.tests.hospital import Hospital, hospital
from legedialog.appointments.models import ExternalAppointment
from legedialog.appointments.tests import factories

pytestmark = pytest.mark.django_db

NONSENSE: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, 10**40, "", " ", "\x00", "\ud83d", "\u202e", "A" * 70_000),
    *("9999-99-99", "2026-02-30T25:61:00Z", "0000-00-00T00:00:00+99:99", "urn:oid:", "javascript:alert(1)"),
    *("'; DROP TABLE patients_person; --", "{{ 7 * 7 }}", [], {}, [[]], [None], {"a": {"b": {}}}),
    *({"resourceType": "Patient"}, {"reference": "#"}, {"value": None}),
)
RAW: tuple[bytes, ...] = (
    *(b"", b"null", b"[]", b"0", b'"text"', b"{", b"\xff\xfe", b"{}" * 3, b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    *(b"[" * 50_000, b'{"resourceType": NaN}', b'{"id": 1e999}', b'{"id": "\\ud800"}', b"\x00" * 100),
)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*at, key))


def with_nonsense(resource: dict[str, Any], at: tuple[Any, ...], nonsense: Any) -> dict[str, Any]:
    changed = deepcopy(resource)
    inner: Any = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = nonsense
    return changed


def answered(sender: Hospital, token: str, at: str, body: bytes) -> None:
    answer = sender.put({}, token=token, at=at, body=body)
    assert answer.status_code < 500, (answer.status_code, body[:300])
    assert answer["Content-Type"].startswith("application/fhir+json"), body[:300]
    told = json.loads(answer.content)
    if answer.status_code >= 400:
        assert told["resourceType"] == "OperationOutcome"
        assert told["issue"][0]["details"]["coding"][0]["code"]


def test_every_place_of_an_appointment_takes_any_nonsense() -> None:
    """Each place in turn holds three kinds of it, drawn by a seed, so that a failing one can be asked for again."""
    kari, sender = factories.person(), hospital()
    token, draw = sender.token(), random.Random(20261128)
    resource = sender.appointment(kari.national_number)
    for at in places(resource):
        for nonsense in draw.sample(NONSENSE, 3):
            answered(sender, token, resource["id"], json.dumps(with_nonsense(resource, at, nonsense)).encode())
    assert ExternalAppointment.objects.filter(patient=kari).count() <= 1  # the one it was about


@pytest.mark.parametrize("body", RAW, ids=range(len(RAW)))
def test_a_body_that_is_no_resource(body: bytes) -> None:
    sender = hospital()
    answered(sender, sender.token(), "0b2f3a52-2f0e-4c1b-9a57-0d6a3a7f0001", body)


@pytest.mark.parametrize("path", ["%00", "..%2f..", "0" * 5_000, "æ", "?_format=%ff", "a/b/c"])
def test_addresses_that_name_nothing(path: str) -> None:
    sender = hospital()
    answer = sender.get(path)
    assert answer.status_code in (400, 404)
    assert json.loads(answer.content)["resourceType"] == "OperationOutcome"


def test_the_token_endpoint_takes_nonsense_too() -> None:
    sender = hospital()
    for fields in (
        {},
        {"grant_type": "\x00"},
        {"client_assertion": "a.b.c"},
        {"client_assertion": "A" * 50_000},
        {"scope": "\ufffd"},
    ):
        answer = sender.http.post("/oauth/token", fields)
        assert answer.status_code in (400, 401)
        assert "error" in json.loads(answer.content)
