"""An e-consultation that is opened and closed again, and what it costs."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.core.errors import Refused
from legedialog.dialogues import services
from legedialog.dialogues.models import Dialogue
from legedialog.fees import story as fees
from legedialog.fees.models import Charge
from legedialog.workspace.inbox.tests.test_dialogues import begin, post, question, typed, url

__all__ = ["question"]  # a fixture


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        ("", "1bd", ("approved", [("2ae", 23500), ("2ae", -23500), ("1bd", 6500)])),
        ("", "2ae", ("approved", [("2ae", 23500)])),
        ("", "", ("proposed", [("2ae", 23500)])),
    ],
)
def test_closing_again_approves_the_code_that_is_chosen_then(
    first: str, second: str, stands: Any, office: Office, question: Dialogue, doctor: Client
) -> None:
    fees.load(managers=[office.staff(Role.MANAGER)], today=NOW.date(), now=NOW)
    close_again(doctor, office, question, first)
    post(doctor, "dialogue-answer", question, typed(problem="S07", do="close", charge=second, key=str(uuid4())))
    charge = Charge.objects.get(object_id=question.pk)
    assert (charge.status, [(line.code, line.ore) for line in charge.lines.order_by("number")]) == stands


def test_what_was_decided_before_says_so_and_no_other_code_is_taken_silently(
    office: Office, question: Dialogue, doctor: Client
) -> None:
    fees.load(managers=[office.staff(Role.MANAGER)], today=NOW.date(), now=NOW)
    close_again(doctor, office, question, "2ae")
    page = doctor.get(url("dialogue", question)).content.decode()
    assert "Avgjort fra før: Godkjent, 235\u00a0kr. Endre det under Betaling." in page
    post(doctor, "dialogue-answer", question, {"do": "release"})
    again: dict[str, Any] = {
        "actor": office.staff(Role.DOCTOR),
        "dialogue_id": question.pk,
        "text": "Ja.",
        "problem_code": "S07",
    }
    with pytest.raises(Refused) as refused:
        services.answer(**again, key=uuid4(), closes=True, charge_code="1bd", now=NOW)
    assert refused.value.code == "charge-decided"
    services.answer(**again, key=uuid4(), closes=True, charge_code="2ae", now=NOW)
    charge = Charge.objects.get(object_id=question.pk)
    assert [line.code for line in charge.lines.all()] == ["2ae"]


def close_again(doctor: Client, office: Office, question: Dialogue, charge: str) -> None:
    """Answered and closed with a code, then opened again and claimed."""
    begin(doctor, question)
    post(doctor, "dialogue-answer", question, typed(problem="S07", do="close", charge=charge))
    services.reopen(actor=office.staff(Role.DOCTOR), dialogue_id=question.pk, now=timezone.now())
    begin(doctor, question)
