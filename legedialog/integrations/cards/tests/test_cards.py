"""The card register: its XML, the job that asks, and a register that is down."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from defusedxml.ElementTree import fromstring
from django.db import transaction

from legedialog.access.actor import Role
from legedialog.appointments.tests import factories as offices
from legedialog.appointments.tests.factories import Office
from legedialog.core.ids import new_id
from legedialog.core.outside import TransactionOpen
from legedialog.fees import charging, holding, proposing, story
from legedialog.fees.cards import Question
from legedialog.fees.models import Charge
from legedialog.fees.rules import Service
from legedialog.integrations.cards import asking, client, mapping
from legedialog.integrations.cards.fake import TOKEN, FakeCards
from legedialog.integrations.registers.mapping import RegisterError

VECTORS = Path(__file__).parents[5] / "shared" / "vectors" / "fees" / "nav"
VISIT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
ASKED = Question(new_id(), "12345678910", date(2010, 6, 25), "889640782", "Berg & Dal <legekontor>")
begins: dict[str, date] = {}
fake = FakeCards(begins.get)


def app() -> FakeCards:
    return fake


@pytest.fixture(autouse=True)
def register(settings: Any) -> FakeCards:
    settings.CARDS_IN_PROCESS = f"{__name__}.app"
    settings.CARD_REGISTER = {"url": "https://cards.invalid/", "token": TOKEN}
    begins.clear()
    fake.is_down = lambda: False
    fake.asked.clear()
    return fake


@pytest.fixture
def charge(db: None) -> Charge:
    """Proposed, and approved by the office."""
    at: Office = offices.office()
    story.load(managers=[at.staff(Role.MANAGER)], today=VISIT.date(), now=offices.NOW)
    mona, thing = at.staff(Role.SECRETARY), new_id()
    proposing.complete(
        actor=mona, object_id=thing, patient_id=at.patient().pk, practice_id=at.practice.pk,
        service=Service.ATTENDANCE, clinician_id=at.doctor.pk, at=VISIT, now=VISIT,
    )  # fmt: skip
    return charging.approve(actor=mona, charge_id=Charge.objects.get(object_id=thing).pk, now=VISIT)


def vector(name: str) -> bytes:
    if not VECTORS.exists():
        pytest.skip("the test vectors are not here: ../shared/vectors")
    return (VECTORS / name).read_bytes()


def paths(xml: bytes) -> set[str]:
    """Each element by its path, with its namespaces."""

    def below(element: Any, path: str) -> set[str]:
        here = f"{path}/{element.tag}"
        return {here}.union(*(below(each, here) for each in element))

    return below(fromstring(xml), "")


def test_the_question_has_the_elements_of_navs_own() -> None:
    theirs = paths(vector("egenandelforesporsel.xml"))
    ours = paths(mapping.question(ASKED, uuid4(), VISIT))
    assert ours <= theirs
    assert {each.rpartition("}")[2] for each in theirs - ours} <= {"ComMethod"}
    made = fromstring(mapping.question(ASKED, uuid4(), VISIT))
    inside: Any = made.find(f".//{{{mapping.ASKED}}}HarBorgerFrikort")
    assert [each.text for each in inside] == ["12345678910", "2010-06-25"]


def test_navs_own_answer_is_read() -> None:
    answer = vector("har-borger-egenandel-fritak-svar.xml")
    theirs = UUID("e17eb03e-9e43-43fb-874c-1fde9a28c308")
    assert mapping.has_card(answer, theirs) is False
    assert mapping.has_card(answer.replace(b'V="0"', b'V="1"'), theirs) is True
    with pytest.raises(RegisterError):
        mapping.has_card(answer, uuid4())  # of another question
    with pytest.raises(RegisterError):
        mapping.has_card(answer.replace(b'V="0"', b'V="7"'), theirs)


BOMB = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'


@pytest.mark.parametrize("answer", [b"", b"<a/>", b"not xml", b"<MsgHead/>", BOMB])
def test_what_is_no_answer_is_unreadable(answer: bytes) -> None:
    with pytest.raises(RegisterError) as error:
        mapping.has_card(answer, None)
    assert error.value.code == "unreadable"


def test_a_charge_is_owed_or_free_by_the_answer(charge: Charge, register: FakeCards) -> None:
    assert asking.run(VISIT) == 1
    charge.refresh_from_db()
    assert (charge.status, holding.owed(charge)) == ("approved", 23500)
    assert register.asked == [(charge.patient.national_number, VISIT.date())]
    begins[charge.patient.national_number] = date(2026, 11, 20)
    assert asking.run(VISIT + timedelta(days=6)) == 0
    assert asking.run(VISIT + timedelta(days=7)) == 1
    assert holding.owed(charge) == 0


def test_a_register_that_is_down_lets_the_charge_wait_and_is_asked_again(charge: Charge, register: FakeCards) -> None:
    register.is_down = lambda: True
    assert asking.run(VISIT) == 0
    charge.refresh_from_db()
    assert charge.status == "checking"
    register.is_down = lambda: False
    assert asking.run(VISIT + timedelta(minutes=1)) == 0  # left alone for a while
    assert asking.run(VISIT + timedelta(minutes=5)) == 1
    charge.refresh_from_db()
    assert charge.status == "approved"


def test_our_key_is_wrong_or_the_register_is_not_set_up(charge: Charge, settings: Any) -> None:
    settings.CARD_REGISTER = {"url": "https://cards.invalid/", "token": "other"}
    with pytest.raises(RegisterError) as error:
        client.has_card(ASKED, VISIT)
    assert error.value.code == "not-allowed"
    settings.CARD_REGISTER = {"url": "", "token": ""}
    assert asking.run(VISIT) == 0
    assert Charge.objects.get().asked_at is None


def test_no_transaction_is_open_meanwhile(charge: Charge) -> None:
    with pytest.raises(TransactionOpen), transaction.atomic():
        asking.run(VISIT)
