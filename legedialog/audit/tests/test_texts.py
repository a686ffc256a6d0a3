"""Every action about a patient has plain words."""

import re
from pathlib import Path

import legedialog
from legedialog.appointments.models import RequestStatus, Status
from legedialog.audit import rules, texts
from legedialog.audit.rules import Purpose

CALL = re.compile(
    r'\b(?:record|looked|looked_on_behalf|_record|trace)\(\s*[^"()]*(?:\(\))?[^"()]*?f?"([a-z_{}-]+\.[a-z_{}-]+)"'
)
NOT_OF_A_PATIENT = re.compile(
    r"^(login|patients|employee|registers|api-client|time|plan|visit-type|absence|opening|practice|service|offer|opening-\w+|renewal-list|prescription-file|intake|topic|questions|template|rates|terms|own-price|invoice-run|handover|payment|payment-file|arrival-code|delay|day-note|column)[.-]"
)


def actions() -> set[str]:
    found: set[str] = set()
    for file in Path(legedialog.__file__).parent.rglob("*.py"):
        if "tests" not in file.parts:
            found |= set(CALL.findall(file.read_text(encoding="utf-8")))
    return found


def test_every_action_about_a_patient_has_words() -> None:
    found = actions()
    assert {"appointment.booked", "request.wishes", "purpose.stated", "log.read", "own_data.fetched"} <= found
    told = {action for action in found if not NOT_OF_A_PATIENT.match(action) and "{" not in action}
    told -= {"log.retained", "log.affected"}
    assert told - texts.words().keys() == set()


def test_every_state_of_an_appointment_and_a_request_has_words() -> None:
    for name, states in (("appointment", Status), ("request", RequestStatus)):
        assert {f"{name}.{state.value}" for state in states} <= texts.words().keys()


def test_every_purpose_has_words_and_a_ground_with_words() -> None:
    for purpose in Purpose:
        assert texts.PURPOSES[purpose]
        assert texts.GROUNDS[rules.GROUNDS[purpose]]
