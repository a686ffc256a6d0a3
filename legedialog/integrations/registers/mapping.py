"""What the GP register and the Address register answer, as our own values. Pure functions from XML.

Sources: the registers' published service descriptions (Norsk helsenett): `flr`
version 2 and `CommunicationParty` version 1.
"""

from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from legedialog.core import reading
from legedialog.core.times import local_day

SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
ADDRESS = "{http://register.nhn.no/CommunicationParty}"
GP = "{http://schemas.nhn.no/reg/flr}"
PERIOD = "{http://schemas.nhn.no/reg/Common/en}"
COMMON = "{http://register.nhn.no/Common}"
HPR = "{http://register.nhn.no/HPR}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MOST_TAGS = 20_000  # of an answer; a large office has some hundred
NONE = "-1"  # how the registers write "no number"
FOREVER = 9999  # the year of an end that never comes

# Code system 9044, kinds of electronic addresses, and 3401, kinds of postal ones.
PHONE, SWITCHBOARD, EMAIL, WEBSITE = "E_TLF", "E_CEN", "E_EPO", "E_URL"
VISIT, POST = "RES", "PST"
SPECIALITIES, GENERAL_PRACTICE = "7426", "1"  # the code system and its code. Source: no-basis-Practitioner-example


# Code → the text for the operator, and whether it is permanent: the same question gets the same answer, so nobody asks
# again by himself. docs/registers.md says what each means.
FAULTS = {
    "no-such-her-id": ("The Address register does not know that HER-id.", True),
    "no-gp": ("The person is on no GP list.", True),
    "bad-national-number": ("The GP register does not take the national number.", True),
    "refused": ("The register refused the question.", True),
    "register-fault": ("The register has a fault. Try again later.", False),
    "too-many": ("The register is asked too often. Try again later.", False),
    "unreadable": ("The register's answer could not be read.", True),
    "not-set-up": (
        "The registers are not set up: set LEGEDIALOG_GP_REGISTER_URL and LEGEDIALOG_ADDRESS_REGISTER_URL.",
        True,
    ),
    "not-allowed": ("The register did not let us in. Check its user and password.", True),
    "unreachable": ("The register did not answer. Try again later.", False),
    "unknown-list": ("The answer names a GP whose list is not loaded. Import the list first.", True),
    "not-an-office": ("The HER-id does not belong to an office.", True),
    "another-office": ("The HER-id is that of another office or clinician here. Import both anew.", True),
}


class RegisterError(Exception):
    """The registers gave no answer we can use. Its text never holds what was asked or answered."""

    def __init__(self, code: str) -> None:
        message, self.permanent = FAULTS[code]
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ElectronicAddress:
    kind: str  # a code of 9044
    value: str
    is_inherited: bool  # from the organisation above


@dataclass(frozen=True, slots=True)
class PostalAddress:
    kind: str  # RES is where to go, PST where to write
    street: str
    postal_code: str  # four digits
    city: str
    is_inherited: bool


@dataclass(frozen=True, slots=True)
class Parent:
    her_id: int
    name: str
    organisation_number: str  # "" when the register does not say


@dataclass(frozen=True, slots=True)
class Party:
    """A communication party of the Address register. Ends are the first day that no longer counts."""

    her_id: int
    name: str
    is_active: bool
    can_receive: bool  # valid for messages
    valid_from: date
    valid_to: date | None
    parent: Parent | None
    electronic: tuple[ElectronicAddress, ...]
    postal: tuple[PostalAddress, ...]

    def reach(self, *kinds: str) -> str:
        """The first address of the first kind there is, its own before inherited ones; "" when there is none."""
        for kind in kinds:
            found = sorted((one for one in self.electronic if one.kind == kind), key=lambda one: one.is_inherited)
            if found:
                return found[0].value
        return ""

    @property
    def place(self) -> PostalAddress | None:
        """Where to go, or where to write when the register knows no more."""
        by_kind = {one.kind: one for one in reversed(self.postal)}
        return by_kind.get(VISIT) or by_kind.get(POST)


@dataclass(frozen=True, slots=True)
class Service(Party):
    code: str  # the kind of service, in the code system below
    code_system: str  # the end of its OID


@dataclass(frozen=True, slots=True)
class Organisation(Party):
    organisation_number: str
    business_type: str  # a code of 9040; 103 is a GP office
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Person(Party):
    hpr_number: str
    title: str
    is_specialist: bool  # in general practice
    organisations: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class GpDetails:
    """Whose list a person is on. Only the HER-id always tells; the rest is None or "" where the answer has no more."""

    gp_her_id: int | None  # None when the list has no GP with an address today
    contract_number: str
    office_organisation_number: str
    starts_date: date | None


def party(xml: bytes) -> Organisation | Service | Person:
    """The answer of GetCommunicationPartyDetails. Raises RegisterError."""
    result = _result(xml, ADDRESS, "GetCommunicationPartyDetails")
    if result is None:
        raise RegisterError("no-such-her-id")
    kind = result.get(TYPE, "").rpartition(":")[2]
    try:
        if kind == "Organization":
            return _organisation(result)
        if kind == "Service":
            return _service(result)
        if kind == "OrganizationPerson":
            return _person(result)
    except (ValueError, TypeError) as error:
        raise RegisterError("unreadable") from error
    raise RegisterError("unreadable")


def gp_details(xml: bytes) -> GpDetails:
    """The answer of GetPatientGPDetails. Raises RegisterError, also when the person has no GP (`no-gp`)."""
    result = _result(xml, GP, "GetPatientGPDetails")
    if result is None:
        raise RegisterError("no-gp")
    try:
        return GpDetails(
            gp_her_id=_number(result, f"{GP}GPHerId"),
            contract_number=str(_number(result, f"{GP}GPContractId") or ""),
            office_organisation_number=str(_number(result, f"{GP}GPContract/{GP}GPOfficeOrganizationNumber") or ""),
            starts_date=_day(result, f"{GP}Period/{PERIOD}From"),
        )
    except ValueError as error:
        raise RegisterError("unreadable") from error


def _result(xml: bytes, namespace: str, operation: str) -> Element | None:
    """The element that holds the answer; None when it is empty. Raises RegisterError for a fault."""
    if xml.count(b"<") > MOST_TAGS:  # each costs far more than its bytes
        raise RegisterError("unreadable")
    try:
        envelope = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise RegisterError("unreadable") from error
    fault = envelope.find(f"{SOAP}Body/{SOAP}Fault")
    if fault is not None:
        raise _fault(fault)
    answer = envelope.find(f"{SOAP}Body/{namespace}{operation}Response")
    if answer is None:
        raise RegisterError("unreadable")
    result = answer.find(f"{namespace}{operation}Result")
    return None if result is None or _is_nil(result) else result


def _fault(fault: Element) -> RegisterError:
    """The GP register has one code, "Feil", for everything, so only its words tell what was wrong."""
    detail = f"{SOAP}Detail/{COMMON}GenericFault/"
    code, words = _text(fault, f"{detail}{COMMON}ErrorCode"), _text(fault, f"{detail}{COMMON}Message")
    if code == "InvalidHerIdSupplied":
        return RegisterError("no-such-her-id")
    if "ikke tilknyttet fastlegekontrakt" in words:
        return RegisterError("no-gp")
    if "patientNin er ugyldig" in words:
        return RegisterError("bad-national-number")
    # Source: SOAP 1.2 part 1, section 5.4.6: Sender is the question's fault, Receiver the register's own.
    is_ours = _text(fault, f"{SOAP}Code/{SOAP}Value").endswith("Sender")
    return RegisterError("refused" if is_ours else "register-fault")


def _common(row: Element) -> dict[str, object]:
    """What every party has. Raises ValueError."""
    her_id, starts = _number(row, f"{ADDRESS}HerId"), _day(row, f"{ADDRESS}Valid/{COMMON}From")
    if her_id is None or starts is None:
        raise ValueError("a party without HER-id or period")
    return {
        "her_id": her_id,
        "name": _text(row, f"{ADDRESS}DisplayName") or _text(row, f"{ADDRESS}Name"),
        "is_active": _flag(row, f"{ADDRESS}Active"),
        "can_receive": _flag(row, f"{ADDRESS}IsValidCommunicationParty"),
        "valid_from": starts,
        "valid_to": _day(row, f"{ADDRESS}Valid/{COMMON}To"),
        "parent": _parent(row),
        "electronic": tuple(
            ElectronicAddress(
                kind=_text(one, f"{COMMON}TypeCodeValue"),
                value=_text(one, f"{COMMON}Address"),
                is_inherited=_flag(one, f"{COMMON}Inherited"),
            )
            for one in row.iterfind(f"{ADDRESS}ElectronicAddresses/{COMMON}ElectronicAddress")
            if _text(one, f"{COMMON}Address")
        ),
        "postal": tuple(
            PostalAddress(
                kind=_text(one, f"{COMMON}TypeCodeValue"),
                street=_text(one, f"{COMMON}StreetAddress") or _text(one, f"{COMMON}Postbox"),
                postal_code=_text(one, f"{COMMON}PostalCode").zfill(4),  # the register keeps a number: 161 is 0161
                city=_text(one, f"{COMMON}City"),
                is_inherited=_flag(one, f"{COMMON}Inherited"),
            )
            for one in row.iterfind(f"{ADDRESS}PhysicalAddresses/{COMMON}PhysicalAddress")
        ),
    }


def _parent(row: Element) -> Parent | None:
    her_id = _number(row, f"{ADDRESS}ParentHerId")
    if her_id is None:
        return None
    number = _number(row, f"{ADDRESS}ParentOrganizationNumber")
    return Parent(her_id, _text(row, f"{ADDRESS}ParentName"), str(number or ""))


def _organisation(row: Element) -> Organisation:
    return Organisation(
        **_common(row),  # type: ignore[arg-type]
        organisation_number=str(_number(row, f"{ADDRESS}OrganizationNumber") or ""),
        business_type=_text(row, f"{ADDRESS}BusinessType/{COMMON}CodeValue"),
        services=tuple(_service(one) for one in row.iterfind(f"{ADDRESS}Services/{ADDRESS}Service")),
    )


def _service(row: Element) -> Service:
    return Service(
        **_common(row),  # type: ignore[arg-type]
        code=_text(row, f"{ADDRESS}Code/{COMMON}CodeValue"),
        code_system=_text(row, f"{ADDRESS}Code/{COMMON}OID"),
    )


def _person(row: Element) -> Person:
    information = f"{ADDRESS}Person/{HPR}HPRInformation/"
    return Person(
        **_common(row),  # type: ignore[arg-type]
        hpr_number=str(_number(row, f"{information}{HPR}HPRNumber") or ""),
        title=_text(row, f"{ADDRESS}Title"),
        is_specialist=any(
            _text(code, f"{COMMON}OID") == SPECIALITIES and _text(code, f"{COMMON}CodeValue") == GENERAL_PRACTICE
            for code in row.iterfind(f"{information}{HPR}Authorizations//*")
        ),
        organisations=tuple(
            _organisation(one) for one in row.iterfind(f"{ADDRESS}Organizations/{ADDRESS}Organization")
        ),
    )


def _is_nil(row: Element) -> bool:
    return row.get(NIL) in ("true", "1")


def _text(row: Element, path: str) -> str:
    """On one line, without the spaces that pretty printing left. "" for nil and for what is not there."""
    found = row.find(path)
    return "" if found is None or _is_nil(found) else " ".join((found.text or "").split())


def _number(row: Element, path: str) -> int | None:
    """HER-ids, HPR and organisation numbers and lists: nine digits at most. Raises ValueError."""
    text = _text(row, path)
    if text in ("", NONE):
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**9):
        raise ValueError("not a number of a register")
    return int(text)


def _flag(row: Element, path: str) -> bool:
    return _text(row, path) in ("true", "1")


def _day(row: Element, path: str) -> date | None:
    """The clinic's day of a point in time; one without a zone is the clinic's own. None for one that never comes."""
    text = _text(row, path)
    if not text or int(text[:4]) >= FOREVER:
        return None
    whole, _, rest = text.partition(".")  # seconds come with up to seven decimals
    zone = rest.lstrip("0123456789")
    at = reading.on_the_wall(whole + zone) or reading.moment(whole + zone)
    if at is None:
        raise ValueError("not a point in time")
    return local_day(at)
