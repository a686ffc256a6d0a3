from datetime import date
from pathlib import Path

import pytest

from legedialog.integrations.registers import mapping
from legedialog.integrations.registers.mapping import (
    ElectronicAddress,
    Organisation,
    Parent,
    Person,
    PostalAddress,
    RegisterError,
    Service,
)

VECTORS = Path(__file__).resolve().parents[5] / "shared" / "vectors" / "registers"


def vector(name: str) -> bytes:
    if not VECTORS.is_dir():
        pytest.skip("the folder ../shared/vectors is not here")
    return (VECTORS / name).read_bytes()


def test_every_answer_in_the_folder_has_a_test() -> None:
    if not VECTORS.is_dir():
        pytest.skip("the folder ../shared/vectors is not here")
    text = Path(__file__).read_text(encoding="utf-8")
    assert [file.name for file in VECTORS.iterdir() if f'"{file.name}"' not in text] == []


def test_an_office_without_a_parent() -> None:
    office = mapping.party(vector("get-communication-party-details-no-parent-response.xml"))

    assert office == Organisation(
        her_id=12345,
        name="Et legekontor",
        is_active=True,
        can_receive=False,
        valid_from=date(2025, 1, 1),
        valid_to=None,
        parent=None,
        electronic=(ElectronicAddress("E_EPO", "test@test.test", False),),
        postal=(PostalAddress("PST", "Testveien 123", "5020", "BERGEN", False),),
        organisation_number="123456789",
        business_type="103",
        services=(),
    )
    assert office.place == office.postal[0]
    assert office.reach("E_TLF", "E_CEN") == ""


def test_an_office_with_a_parent_that_has_no_organisation_number() -> None:
    office = mapping.party(vector("get-communication-party-details-with-parent-response.xml"))

    assert isinstance(office, Organisation)
    assert office.parent == Parent(987654, "Overordnet Organisasjon", "")
    assert (office.her_id, office.organisation_number) == (55555, "888333444")
    assert office.place == PostalAddress("PST", "Rådhusplassen 1", "0037", "OSLO", False)


def test_an_organisation_with_its_services() -> None:
    organisation = mapping.party(vector("get-communication-party-details-organzation-response.xml"))

    assert isinstance(organisation, Organisation)
    assert (organisation.name, organisation.organisation_number) == ("KS-DIGITALE FELLESTJENESTER AS", "931796003")
    assert organisation.parent is None
    assert organisation.valid_to == date(2125, 3, 24)
    assert organisation.place == PostalAddress("RES", "Haakon VIIs gate 9", "0161", "OSLO", False)
    assert organisation.reach("E_DS").startswith("ldap://ldap.test4.buypass.no/dc=Buypass")
    assert organisation.reach("E_DS").endswith("443289))")
    assert organisation.reach("E_EDI") == "meldingstjener-api@testedi.nhn.no"
    ended, running = organisation.services
    assert (ended.is_active, ended.valid_to, ended.code, ended.code_system) == (False, date(2025, 4, 24), "01", "8666")
    assert (running.is_active, running.code) == (True, "8")
    assert running.parent == Parent(8142987, "KS-DIGITALE FELLESTJENESTER AS", "931796003")
    assert all(one.is_inherited for one in running.postal)


def test_a_service() -> None:
    service = mapping.party(vector("get-communication-party-details-service-response.xml"))

    assert isinstance(service, Service)
    assert (service.her_id, service.name, service.can_receive) == (8094866, "Meldingsvalidering", True)
    assert service.parent == Parent(112374, "Norsk Helsenett SF", "994598759")
    assert (service.code, service.code_system) == ("6", "8658")
    assert (service.valid_from, service.valid_to) == (date(2016, 9, 20), date(2043, 9, 8))
    assert service.place == PostalAddress("RES", "Abels gate 9", "7030", "TRONDHEIM", True)
    assert [(one.kind, one.is_inherited) for one in service.electronic] == [
        ("E_EDI", False),
        ("E_DS", False),
        ("E_FAX", True),
        ("E_EPO", True),
        ("E_TLF", True),
        ("E_URL", True),
        ("E_FHIR", True),
    ]
    assert service.reach("E_TLF") == "24200000"


def test_a_doctor_at_an_office() -> None:
    doctor = mapping.party(vector("get-communication-party-details-person-response.xml"))

    assert isinstance(doctor, Person)
    assert (doctor.her_id, doctor.hpr_number, doctor.title) == (115522, "7480342", "Lege")
    assert not doctor.is_specialist
    assert doctor.valid_to is None
    assert doctor.parent == Parent(84556, "Tysnes Helsesenter", "973942425")
    assert doctor.reach("E_TLF", "E_CEN") == "53437080"
    (office,) = doctor.organisations
    assert office.her_id == doctor.parent.her_id
    assert (office.name, office.organisation_number, office.parent) == ("Tysnes Helsesenter", "973942425", None)
    assert office.place == PostalAddress("PST", "Tysnes Legekontor, Uggdalsvegen 301", "5685", "UGGDAL", False)
    assert office.reach("E_URL") == "http://www.tysnes.kommune.no/tysnes-legekontor.5561952-329522.html"


def test_a_gp_list_tells_at_least_the_gps_her_id() -> None:
    details = mapping.gp_details(vector("get-patient-gp.xml"))

    assert details == mapping.GpDetails(4657988, contract_number="", office_organisation_number="", starts_date=None)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("get-communication-party-details-not-found-response.xml", "no-such-her-id"),
        ("get-patient-gp-not-found.xml", "no-gp"),
        ("get-patient-gp-invalid-nin.xml", "bad-national-number"),
    ],
)
def test_each_fault_has_its_own_code_and_is_final(name: str, code: str) -> None:
    read = mapping.gp_details if "patient-gp" in name else mapping.party

    with pytest.raises(RegisterError) as fault:
        read(vector(name))

    assert (fault.value.code, fault.value.permanent) == (code, True)


SOAP = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'
FAULT = "<s:Fault><s:Code><s:Value>s:{}</s:Value></s:Code><s:Reason><s:Text>Noe</s:Text></s:Reason></s:Fault>"
PARTY = (
    '<GetCommunicationPartyDetailsResponse xmlns="http://register.nhn.no/CommunicationParty">'
    '<GetCommunicationPartyDetailsResult xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:{}/>'
    "</GetCommunicationPartyDetailsResponse>"
)


@pytest.mark.parametrize(
    ("xml", "code", "permanent"),
    [
        (SOAP.format(FAULT.format("Receiver")), "register-fault", False),
        (SOAP.format(FAULT.format("Sender")), "refused", True),
        (SOAP.format(PARTY.format('nil="true"')), "no-such-her-id", True),
        (SOAP.format(PARTY.format('type="Organization"')), "unreadable", True),
        (SOAP.format(PARTY.format('type="Ship"')), "unreadable", True),
        (SOAP.format("<other/>"), "unreadable", True),
        ("<html>", "unreadable", True),
        (SOAP.format("<a/>" * 20_001), "unreadable", True),
        ("", "unreadable", True),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "unreadable", True),
    ],
)
def test_answers_that_cannot_be_used(xml: str, code: str, permanent: bool) -> None:
    with pytest.raises(RegisterError) as fault:
        mapping.party(xml.encode())

    assert (fault.value.code, fault.value.permanent) == (code, permanent)


@pytest.mark.parametrize("number", ["-5", "10000000000000000000000", "1e3", "٣"])
def test_a_number_that_no_register_gives_is_not_taken(number: str) -> None:
    xml = vector("get-communication-party-details-no-parent-response.xml").replace(b">12345<", f">{number}<".encode())
    with pytest.raises(RegisterError) as fault:
        mapping.party(xml)
    assert fault.value.code == "unreadable"
