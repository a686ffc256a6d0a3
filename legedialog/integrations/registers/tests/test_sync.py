"""The client, its fake, and what is done with the answers. The fake also holds what the registers' real answers say."""

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from django.test import override_settings

from legedialog.access import actor
from legedialog.access.actor import Actor
from legedialog.audit.models import Event
from legedialog.core.errors import Denied
from legedialog.core.identifiers import parse_national_number, synthetic_number
from legedialog.integrations.registers import checking, client, load, mapping, sync
from legedialog.integrations.registers.client import RegisterError, Registers
from legedialog.integrations.registers.fake import PASSWORD, USER, FakeRegisters
from legedialog.integrations.registers.mapping import (
    FAULTS,
    ElectronicAddress,
    GpDetails,
    Organisation,
    Parent,
    PostalAddress,
    Service,
)
from legedialog.integrations.registers.mapping import Person as Gp
from legedialog.integrations.registers.tests.test_load import EXAMPLES, example
from legedialog.integrations.registers.tests.test_mapping import VECTORS, vector
from legedialog.patients.models import Membership, Person
from legedialog.practices.models import Clinician, Contract, Practice

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
NUMBER = parse_national_number(synthetic_number(date(1984, 5, 14), 1), synthetic=True)
OFFICE = Organisation(
    her_id=90001,
    name="Eksempelbyen legesenter",
    is_active=True,
    can_receive=True,
    valid_from=date(2020, 1, 1),
    valid_to=None,
    parent=None,
    electronic=(
        ElectronicAddress("E_CEN", "55 55 55 50", False),
        ElectronicAddress("E_TLF", "55 55 55 56", False),
        ElectronicAddress("E_EPO", "post@eksempel.example", False),
        ElectronicAddress("E_URL", "www.eksempel.example", False),
    ),
    postal=(
        PostalAddress("PST", "Postboks 1", "0161", "Eksempelbyen", False),
        PostalAddress("RES", "Nygata 3 & 5", "0162", "Eksempelbyen", False),
    ),
    organisation_number="310000019",
    business_type="103",
    services=(),
)
ABOVE = Parent(OFFICE.her_id, OFFICE.name, OFFICE.organisation_number)
GP = Gp(
    her_id=90101,
    name="Eva Eksempel",
    is_active=True,
    can_receive=True,
    valid_from=date(2020, 1, 1),
    valid_to=date(2055, 1, 1),
    parent=ABOVE,
    electronic=(),
    postal=(),
    hpr_number="9000101",
    title="Lege",
    is_specialist=True,
    organisations=(OFFICE,),
)
NO_FIXED_GP = Service(
    her_id=90201,
    name="Fastlege, liste uten fast lege",
    is_active=True,
    can_receive=True,
    valid_from=date(2020, 1, 1),
    valid_to=None,
    parent=ABOVE,
    electronic=(),
    postal=(),
    code="108",
    code_system="8663",
)


def registers(fake: FakeRegisters, password: str = PASSWORD) -> Registers:
    return Registers(
        gp_url="https://registers.example/flr",
        address_url="https://registers.example/ar",
        user=USER,
        password=password,
        transport=httpx.WSGITransport(app=fake),
    )


def canned(answer: httpx.Response | Exception) -> Registers:
    def respond(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Registers(
        gp_url="https://registers.example/flr",
        address_url="https://registers.example/ar",
        user="user",
        password="secret",
        transport=httpx.MockTransport(respond),
    )


@pytest.mark.parametrize("party", [OFFICE, GP, NO_FIXED_GP], ids=lambda party: type(party).__name__)
def test_a_party_comes_through_client_and_fake_unchanged(party: Organisation | Gp | Service) -> None:
    assert registers(FakeRegisters([party])).party(party.her_id) == party


@pytest.mark.parametrize("details", [GpDetails(90101, "", "", None), GpDetails(90101, "70001", "310000019", TODAY)])
def test_a_persons_gp_comes_through_client_and_fake_unchanged(details: GpDetails) -> None:
    assert registers(FakeRegisters(gps={NUMBER.reveal(): details})).gp_details(NUMBER) == details


def real_parties() -> list[str]:
    return sorted(file.name for file in VECTORS.glob("get-communication-party-details-*")) or ["none"]


@pytest.mark.parametrize("name", real_parties())
def test_the_fake_answers_as_the_registers_do(name: str) -> None:
    xml = vector(name)
    real = canned(httpx.Response(500 if b"Fault" in xml else 200, content=xml))
    if b"Fault" in xml:
        for asked in (real, registers(FakeRegisters())):
            with pytest.raises(RegisterError, match="does not know"):
                asked.party(1)
        return

    answer = real.party(1)
    assert registers(FakeRegisters([answer])).party(answer.her_id) == answer


def test_the_fake_has_the_gp_registers_faults() -> None:
    fake = registers(FakeRegisters())
    with pytest.raises(RegisterError) as unknown:
        fake.gp_details(NUMBER)
    assert unknown.value.code == "no-gp"


def test_a_question_is_soap_with_addressing_and_the_user() -> None:
    asked: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=b"")

    ask = Registers(
        gp_url="https://a/?b&c", address_url="", user="u", password="p", transport=httpx.MockTransport(respond)
    )
    with pytest.raises(RegisterError):
        ask.gp_details(NUMBER)

    (request,) = asked
    assert request.headers["authorization"] == httpx.BasicAuth("u", "p")._auth_header
    assert request.headers["content-type"] == f'application/soap+xml; charset=utf-8; action="{client.GP_ACTION}"'
    envelope = fromstring(request.content)
    addressing = "{http://www.w3.org/2005/08/addressing}"
    assert envelope.findtext(f"{mapping.SOAP}Header/{addressing}Action") == client.GP_ACTION
    assert envelope.findtext(f"{mapping.SOAP}Header/{addressing}To") == "https://a/?b&c"
    body = f"{mapping.SOAP}Body/{mapping.GP}GetPatientGPDetails/{mapping.GP}patientNin"
    assert envelope.findtext(body) == NUMBER.reveal()
    assert set(request.extensions["timeout"].values()) == {15.0}


@pytest.mark.parametrize(
    ("answer", "code", "permanent"),
    [
        (httpx.ConnectTimeout("https://user:secret@registers.example"), "unreachable", False),
        (httpx.ReadError("reset"), "unreachable", False),
        (httpx.Response(401), "not-allowed", True),
        (httpx.Response(403), "not-allowed", True),
        (httpx.Response(500, text="<html>"), "register-fault", False),
        (httpx.Response(503), "unreachable", False),
        (httpx.Response(429), "unreachable", False),
        (httpx.Response(404), "unreadable", True),
        (httpx.Response(302, headers={"location": "https://elsewhere.example"}), "unreadable", True),
        (httpx.Response(200, content=b"x" * 5_000_000), "unreadable", True),
    ],
)
def test_whether_to_try_again(answer: httpx.Response | Exception, code: str, permanent: bool) -> None:
    with pytest.raises(RegisterError) as fault:
        canned(answer).party(1)

    assert (fault.value.code, fault.value.permanent) == (code, permanent)
    assert "secret" not in str(fault.value)


def test_a_wrong_password_is_told() -> None:
    with pytest.raises(RegisterError) as fault:
        registers(FakeRegisters([OFFICE]), password="wrong").party(OFFICE.her_id)
    assert fault.value.code == "not-allowed"


@override_settings(REGISTERS={"gp_url": "", "address_url": "", "user": "", "password": ""})
def test_registers_that_are_not_set_up_are_told() -> None:
    with client.connect() as unset, pytest.raises(RegisterError) as fault:
        unset.party(1)
    assert fault.value.code == "not-set-up"


@pytest.fixture
def citizen(db: None) -> Person:
    """On list 70001 of Eva Eksempel since 2024."""
    assert load.load(checking.encode(EXAMPLES), actor=actor.system(), now=NOW).bad == {}
    return Person.objects.get()


@pytest.mark.django_db
def test_an_office_gets_the_registers_contact_data_and_what_it_leaves_empty_stays(citizen: Person) -> None:
    Practice.objects.update(website="https://eksempel.example", directions="Inngang bak")

    assert sync.refresh_office(registers(FakeRegisters([OFFICE])), OFFICE.her_id, actor=actor.system(), now=NOW)

    office = Practice.objects.get()
    assert (office.phone, office.email) == ("55 55 55 56", "post@eksempel.example")
    assert (office.street, office.postal_code, office.city) == ("Nygata 3 & 5", "0162", "Eksempelbyen")
    assert (office.website, office.directions) == ("https://eksempel.example", "Inngang bak")
    assert Event.objects.filter(action="practice.saved", practice_id=office.pk).count() == 1


@pytest.mark.django_db
def test_an_office_that_is_up_to_date_leaves_no_trace(citizen: Person) -> None:
    answers = registers(FakeRegisters([OFFICE]))
    sync.refresh_office(answers, OFFICE.her_id, actor=actor.system(), now=NOW)
    traces = Event.objects.count()

    assert not sync.refresh_office(answers, OFFICE.her_id, actor=actor.system(), now=NOW)
    assert Event.objects.count() == traces


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("party", "code"),
    [
        (GP, "not-an-office"),
        (dataclasses.replace(OFFICE, organisation_number="123456789"), "unreadable"),
        (dataclasses.replace(OFFICE, organisation_number="310000035"), "another-office"),
    ],
)
def test_an_office_is_not_changed_by_an_answer_that_cannot_be_its(
    party: Organisation | Gp, code: str, citizen: Person
) -> None:
    before = Practice.objects.values().get()
    with pytest.raises(RegisterError) as fault:
        sync.refresh_office(registers(FakeRegisters([party])), party.her_id, actor=actor.system(), now=NOW)

    assert fault.value.code == code
    assert Practice.objects.values().get() == before


@pytest.mark.django_db
def test_only_the_system_may_refresh() -> None:
    fake = FakeRegisters([OFFICE])
    with pytest.raises(Denied):
        sync.refresh_office(registers(fake), OFFICE.her_id, actor=Actor(), now=NOW)
    assert fake.asked == []


def refresh(citizen: Person, details: GpDetails | None, *parties: Organisation | Gp | Service) -> bool:
    fake = FakeRegisters(parties, {citizen.national_number: details} if details else {})
    return sync.refresh_person(registers(fake), citizen.pk, actor=actor.system(), now=NOW)


def places() -> list[tuple[str, date, date | None]]:
    return list(Membership.objects.order_by("starts_date").values_list("contract__number", "starts_date", "ends_date"))


@pytest.mark.django_db
def test_a_person_who_is_where_she_was_stays_and_her_gp_gets_the_registers_data(citizen: Person) -> None:
    assert not refresh(citizen, GpDetails(GP.her_id, "", "", None), GP)

    assert places() == [("70001", date(2024, 2, 1), None)]
    assert (Clinician.objects.get().her_id, Practice.objects.get().phone) == (GP.her_id, "55 55 55 56")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "expected"), [(date(2026, 11, 1), date(2026, 11, 1)), (None, TODAY), (date(2020, 1, 1), TODAY)]
)
def test_a_new_list_ends_the_old_one(told: date | None, expected: date, citizen: Person) -> None:
    assert refresh(citizen, GpDetails(GP.her_id, "70002", "310000019", told), GP)

    assert places() == [("70001", date(2024, 2, 1), expected), ("70002", expected, None)]
    assert Contract.objects.get(number="70002").practice == Practice.objects.get()
    assert Event.objects.filter(action="list.joined", patient_id=citizen.pk).count() == 1


@pytest.mark.django_db
def test_a_person_without_a_gp_leaves_her_list_once(citizen: Person) -> None:
    assert refresh(citizen, None)
    assert not refresh(citizen, None)

    assert places() == [("70001", date(2024, 2, 1), TODAY)]
    assert Event.objects.filter(action="list.left", patient_id=citizen.pk).count() == 1


@pytest.mark.django_db
def test_a_list_without_a_fixed_gp_is_known_by_its_number(citizen: Person) -> None:
    details = GpDetails(NO_FIXED_GP.her_id, "70002", "310000019", None)

    assert refresh(citizen, details, NO_FIXED_GP, OFFICE)
    assert places()[-1] == ("70002", TODAY, None)


@pytest.mark.django_db
def test_a_gp_whose_list_is_not_loaded_changes_nothing(citizen: Person) -> None:
    other = dataclasses.replace(GP, her_id=90102, hpr_number="9000102")

    with pytest.raises(RegisterError) as fault:
        refresh(citizen, GpDetails(other.her_id, "", "", None), other)

    assert fault.value.code == "unknown-list"
    assert not Clinician.objects.filter(hpr_number="9000102").exists()
    assert places() == [("70001", date(2024, 2, 1), None)]


@pytest.mark.django_db
def test_a_gp_with_two_lists_is_not_guessed_about(citizen: Person) -> None:
    rows = [
        example("contract", number="70002"),
        example("contract-doctor", contract="70002"),
    ]
    load.load(checking.encode(rows), actor=actor.system(), now=NOW)

    with pytest.raises(RegisterError) as fault:
        refresh(citizen, GpDetails(GP.her_id, "", "", None), GP)
    assert fault.value.code == "unknown-list"


def test_every_fault_is_explained_in_the_documentation() -> None:
    page = Path(load.__file__).with_name("registers.md").read_text(encoding="utf-8")
    for code, (_, permanent) in FAULTS.items():
        assert f"| `{code}` | {'yes' if permanent else 'no'} |" in page
