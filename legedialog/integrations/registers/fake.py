"""Both registers in one process, for tests and for trying things without a network: a WSGI application.

`httpx.WSGITransport(app=FakeRegisters(...))` puts it behind the client; any WSGI server puts it on a port.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from legedialog.integrations.registers.mapping import (
    ADDRESS,
    GP,
    SOAP,
    GpDetails,
    Organisation,
    Parent,
    Party,
    Person,
    Service,
)

USER, PASSWORD = "fake", "fake-password"
NUMBER_LENGTH = 11
COMMON_NS = 'xmlns:b="http://register.nhn.no/Common"'
INSTANCE_NS = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
ENVELOPE = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'
FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>{0}</s:Text></s:Reason><s:Detail>"
    '<GenericFault xmlns="http://register.nhn.no/Common"><ErrorCode>{1}</ErrorCode><Message>{0}</Message></GenericFault>'
    "</s:Detail></s:Fault>"
)
# The words that the mapping knows the registers' faults by.
UNKNOWN_HER_ID = ("Kommunikasjonspart med oppgitt HER-id eksisterer ikke.", "InvalidHerIdSupplied")
NO_GP = ("ArgumentException: Personen er ikke tilknyttet fastlegekontrakt", "Feil")
BAD_NUMBER = ("ArgumentException: patientNin er ugyldig", "Feil")


class FakeRegisters:
    """Answers from `parties` (by HER-id) and `gps` (by national number), and knows one user."""

    def __init__(self, parties: Iterable[Party] = (), gps: Mapping[str, GpDetails] | None = None) -> None:
        self.parties: dict[int, Party] = {party.her_id: party for party in parties}
        self.gps = dict(gps or {})
        self.asked: list[str] = []  # the operations, in order

    def __call__(self, environment: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if environment.get("HTTP_AUTHORIZATION") != f"Basic {login}":
            start_response("401 Unauthorized", [("WWW-Authenticate", "Basic")])
            return [b""]
        question: Any = fromstring(environment["wsgi.input"].read()).find(f"{SOAP}Body/*")
        operation = question.tag.rpartition("}")[2]
        self.asked.append(operation)
        answer = self._gp(question) if question.tag.startswith(GP) else self._party(question)
        body = answer if isinstance(answer, str) else FAULT.format(*map(escape, answer))
        headers = [("Content-Type", "application/soap+xml; charset=utf-8")]
        start_response("200 OK" if isinstance(answer, str) else "500 Internal Server Error", headers)
        return [ENVELOPE.format(body).encode()]

    def _gp(self, question: Any) -> str | tuple[str, str]:
        number = question.findtext(f"{GP}patientNin") or ""
        if len(number) != NUMBER_LENGTH or not number.isdecimal():
            return BAD_NUMBER
        found = self.gps.get(number)
        if found is None:
            return NO_GP
        office = _tag("GPOfficeOrganizationNumber", found.office_organisation_number)
        period = f'<p:From xmlns:p="http://schemas.nhn.no/reg/Common/en">{found.starts_date}T00:00:00</p:From>'
        result = (
            (f"<GPContract>{office}</GPContract>" if found.office_organisation_number else "")
            + (_tag("GPContractId", found.contract_number) if found.contract_number else "")
            + _tag("GPHerId", found.gp_her_id)
            + _tag("PatientNIN", number)
            + (f"<Period>{period}</Period>" if found.starts_date else "")
        )
        return (
            f'<GetPatientGPDetailsResponse xmlns="http://schemas.nhn.no/reg/flr" {INSTANCE_NS}>'
            f"<GetPatientGPDetailsResult>{result}</GetPatientGPDetailsResult></GetPatientGPDetailsResponse>"
        )

    def _party(self, question: Any) -> str | tuple[str, str]:
        found = self.parties.get(int(question.findtext(f"{ADDRESS}herId")))
        if found is None:
            return UNKNOWN_HER_ID
        kind = {Organisation: "Organization", Service: "Service", Person: "OrganizationPerson"}[type(found)]
        return (
            '<GetCommunicationPartyDetailsResponse xmlns="http://register.nhn.no/CommunicationParty">'
            f'<GetCommunicationPartyDetailsResult {INSTANCE_NS} {COMMON_NS} i:type="{kind}">{_content(found)}'
            "</GetCommunicationPartyDetailsResult></GetCommunicationPartyDetailsResponse>"
        )


def _content(party: Party) -> str:
    electronic = "".join(
        f"<b:ElectronicAddress>{_tag('b:Address', one.value)}{_tag('b:Inherited', one.is_inherited)}"
        f"{_tag('b:TypeCodeValue', one.kind)}</b:ElectronicAddress>"
        for one in party.electronic
    )
    postal = "".join(
        f"<b:PhysicalAddress>{_tag('b:City', one.city)}{_tag('b:Inherited', one.is_inherited)}"
        f"{_tag('b:PostalCode', one.postal_code.lstrip('0'))}{_tag('b:StreetAddress', one.street)}"
        f"{_tag('b:TypeCodeValue', one.kind)}</b:PhysicalAddress>"
        for one in party.postal
    )
    parent = party.parent or Parent(-1, "", "")
    valid_to = f"{party.valid_to}T00:00:00" if party.valid_to else "9999-12-31T23:59:59.997"
    return (
        _tag("Active", party.is_active)
        + _tag("DisplayName", None)
        + f"<ElectronicAddresses>{electronic}</ElectronicAddresses>"
        + _tag("HerId", party.her_id)
        + _tag("IsValidCommunicationParty", party.can_receive)
        + _tag("Name", party.name)
        + _tag("ParentHerId", parent.her_id)
        + _tag("ParentName", parent.name or None)
        + _tag("ParentOrganizationNumber", parent.organisation_number or -1)
        + f"<PhysicalAddresses>{postal}</PhysicalAddresses>"
        + f"<Valid><b:From>{party.valid_from}T00:00:00</b:From><b:To>{valid_to}</b:To></Valid>"
        + _own(party)
    )


def _own(party: Party) -> str:
    if isinstance(party, Service):
        return f"<Code>{_tag('b:CodeValue', party.code)}{_tag('b:OID', party.code_system)}</Code>"
    if isinstance(party, Organisation):
        services = "".join(f"<Service>{_content(one)}</Service>" for one in party.services)
        return (
            f"<BusinessType>{_tag('b:CodeValue', party.business_type)}</BusinessType>"
            f"{_tag('OrganizationNumber', party.organisation_number or -1)}<Services>{services}</Services>"
        )
    if isinstance(party, Person):
        speciality = f"<Type>{_tag('b:CodeValue', '1')}{_tag('b:OID', '7426')}</Type>" if party.is_specialist else ""
        organisations = "".join(f"<Organization>{_content(one)}</Organization>" for one in party.organisations)
        return (
            f"<Organizations>{organisations}</Organizations>"
            '<Person><HPRInformation xmlns="http://register.nhn.no/HPR">'
            f"<Authorizations>{speciality}</Authorizations>{_tag('HPRNumber', party.hpr_number)}"
            f"</HPRInformation></Person>{_tag('Title', party.title)}"
        )
    raise TypeError(type(party).__name__)


def _tag(name: str, value: object) -> str:
    if value is None:
        return f'<{name} i:nil="true"/>'
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"
