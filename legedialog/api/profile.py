"""An Appointment resource as other systems send it, checked against the profile and read into our values.

The rules are those of Helsenorge's profile hn-basis-appointment 2.5.5 on HL7 Norway's no-basis-Appointment 2.2.1 on
FHIR R4, and carry the profile's own keys where it has one; docs/integrator.md lists them all and those not checked.
No rule's text quotes what was sent. No database, no clock.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from legedialog.core import fhir, reading
from legedialog.core.identifiers import BadIdentifier, Kind, parse_national_number

Json = Mapping[str, Any]

PROFILE = "http://helsenorge.no/fhir/StructureDefinition/hn-basis-appointment"
VIRTUAL_SERVICES = (
    "http://helsenorge.no/fhir/StructureDefinition/hn-basis-virtual-service",
    "http://hl7.no/fhir/StructureDefinition/no-basis-virtual-service",
)
CONSULTATION_TYPE = "http://helsenorge.no/fhir/StructureDefinition/hn-basis-consultationType"
POSTPONEMENT = "http://helsenorge.no/fhir/StructureDefinition/hn-basis-postponementreason"
PART_OF = "http://hl7.no/fhir/StructureDefinition/no-basis-partof"
PERSONS = {"urn:oid:2.16.578.1.12.4.1.4.1": Kind.BIRTH_NUMBER, "urn:oid:2.16.578.1.12.4.1.4.2": Kind.D_NUMBER}
ORGANISATION = "urn:oid:2.16.578.1.12.4.1.4.101"
HER_ID = ("urn:oid:2.16.578.1.12.4.1.4.102", "urn:oid:2.16.578.1.12.4.1.2")  # the profile's, and the register's own
CONTACT_TYPE = "urn:oid:2.16.578.1.12.4.1.1.8432"
CANCELLED_OUTSIDE_HOSPITAL = "urn:oid:2.16.578.1.12.4.1.1.7621"
CANCELLED_IN_HOSPITAL = ("urn:oid:2.16.578.1.12.4.1.1.8445", "urn:oid:2.16.578.1.12.4.1.1.9179")
ACCESS_RESTRICTION = "urn:oid:2.16.578.1.12.4.1.1.9603"
NOTIFY = "http://helsenorge.no/fhir/varsling"
REMIND = "http://helsenorge.no/fhir/paminnelse"
ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"

HOSPITAL = frozenset({"27", "30"})
COMMUNITY = frozenset({"3", "4", "5", "6", "7", "8", "9", "10", "16", "17", "18", "19"})
CODES_7621 = frozenset({"AAT", "AIH", "AAI", "APVAI", "IM"})
STATUSES = {  # theirs → ours (appointments.models.Status). What was entered in error will not happen.
    "booked": "booked",
    "fulfilled": "completed",
    "cancelled": "cancelled",
    "noshow": "no-show",
    "entered-in-error": "cancelled",
}
FLAGS = frozenset(
    {
        "cancel",
        "cancelWithComment",
        "canCancelServiceRequest",
        "canChangeAppointment",
        "canAcknowledge",
        "canChangeAppointmentDialog",
        "canHaveAppointmentDetails",
        "canInitiateDialog",
    }
)
DIALOG_FLAGS = frozenset(
    {"canAcknowledge", "canChangeAppointmentDialog", "canHaveAppointmentDetails", "canInitiateDialog"}
)
LONGEST = 1000  # characters of description and patientInstruction
LASTS = timedelta(days=366)  # the longest stay: an end years away is a mistake, and the appointment would never be over

ELEMENTS: Mapping[str, type] = {
    **dict.fromkeys(("resourceType", "id", "status", "description", "start", "end", "created"), str),
    **dict.fromkeys(("patientInstruction",), str),
    **dict.fromkeys(("meta", "cancelationReason", "appointmentType"), dict),
    **dict.fromkeys(("contained", "extension", "identifier", "serviceCategory", "supportingInformation"), list),
    **dict.fromkeys(("basedOn", "participant", "requestedPeriod"), list),
    "minutesDuration": int,
}
FORBIDDEN = frozenset(
    {
        *("implicitRules", "language", "text", "serviceType", "specialty", "reasonCode", "reasonReference"),
        *("priority", "slot", "comment", "modifierExtension"),
    }
)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Issue:
    """`code` is stable and in docs/integrator.md; `kind` is FHIR's issue type; `path` is where in the resource."""

    code: str
    kind: str
    text: str
    path: str = "Appointment"


class Rejected(Exception):
    def __init__(self, issues: list[Issue]) -> None:
        super().__init__(", ".join(issue.code for issue in issues))
        self.issues = issues


@dataclass(frozen=True, slots=True)
class Told:
    """What the resource says, in our words. Times are aware UTC; `status` and `channel` are those of appointments."""

    national_number: str = field(repr=False)
    status: str
    starts_at: datetime
    ends_at: datetime
    channel: str
    title: str = field(repr=False)
    place: str = field(repr=False)
    instruction: str = field(repr=False)
    join_url: str = field(repr=False)
    sent_at: datetime
    tell: bool


def read(resource: Json, *, identifier: UUID, organisation_number: str, synthetic: bool) -> Told:
    """Raises Rejected with every rule that is broken. `identifier` is the one in the address."""
    issues = list(_shape(resource))
    if issues:
        raise Rejected(issues)
    issues = [
        *_identity(resource, identifier, organisation_number),
        *_state(resource),
        *_times(resource),
        *_kinds(resource),
        *_texts(resource),
        *_participants(resource, synthetic),
        *_parts(resource),
        *_places(resource),
        *_links(resource),
        *_labels(resource),
    ]
    if issues:
        raise Rejected(issues)
    [patient] = _patients(resource)
    places, links = _locations(resource), [link for link, _ in _services(resource) if _is_safe(link)]
    place = ", ".join(dict.fromkeys(part for each in places for part in (_text(each, "name"), _address(each)) if part))
    return Told(
        national_number="".join(patient["actor"]["identifier"]["value"].split()),
        status=STATUSES[resource["status"]],
        starts_at=_instant(resource["start"]),
        ends_at=_instant(resource["end"]),
        channel=_channel(resource, links),
        title=_text(resource, "description"),
        place=place,
        instruction=_text(resource, "patientInstruction"),
        join_url=links[0] if links else "",
        sent_at=_instant(resource["meta"]["lastUpdated"]),
        tell=("1" not in _codes(_list(resource["meta"], "tag"), NOTIFY)),
    )


def _shape(resource: Json) -> Iterator[Issue]:
    if resource.get("resourceType") != "Appointment":
        yield Issue("resource-type", "structure", "The resource must be an Appointment.")
        return
    for name, value in resource.items():
        path = f"Appointment.{name}" if name in ELEMENTS or name in FORBIDDEN else "Appointment"
        if name in FORBIDDEN:
            yield Issue("forbidden-element", "structure", "The profile does not allow this element.", path)
        elif name.startswith("_"):
            continue  # extensions of primitive elements say nothing that we read
        elif name not in ELEMENTS:
            yield Issue("unknown-element", "structure", "Appointment has no such element in R4.", path)
        elif not isinstance(value, ELEMENTS[name]) or isinstance(value, bool):
            yield Issue("wrong-type", "structure", "The element has the wrong JSON type.", path)
        elif isinstance(value, list) and not (value and all(isinstance(each, dict) for each in value)):
            yield Issue("wrong-type", "structure", "The list must hold objects, at least one.", path)
    for name in sorted(fhir.unknown_modifiers([resource[each] for each in resource if each not in FORBIDDEN])):
        yield Issue("unknown-modifier", "extension", f"{name} may change what the rest means, and is not known here.")


def _identity(resource: Json, identifier: UUID, organisation_number: str) -> Iterator[Issue]:
    found = _list(resource, "identifier")
    path = "Appointment.identifier"
    if len(found) != 1:
        yield Issue("identifier-required", "required", "There must be one identifier.", path)
        return
    [one] = found
    if not _text(one, "system"):
        yield Issue("identifier-system-required", "required", "The identifier needs a system.", f"{path}.system")
    try:
        value = UUID(_text(one, "value").removeprefix("urn:uuid:"))
    except ValueError:
        yield Issue("identifier-uuid", "value", "The identifier's value must be a UUID.", f"{path}.value")
    else:
        if value != identifier:
            yield Issue("identifier-mismatch", "value", "The identifier must be the id in the address.", path)
    assigner = one.get("assigner")
    if not isinstance(assigner, dict) or not assigner:
        yield Issue("identifier-assigner-required", "required", "The identifier needs an assigner.", path)
        return
    named = _dict(assigner, "identifier")
    if _text(named, "system") == ORGANISATION and _text(named, "value") != organisation_number:
        yield Issue("assigner-mismatch", "business-rule", "The assigner is not the organisation you log in as.", path)


def _state(resource: Json) -> Iterator[Issue]:
    status, reason = resource.get("status"), _dict(resource, "cancelationReason")
    if status == "proposed":
        yield Issue("proposed", "not-supported", "Proposed appointments are not received.", "Appointment.status")
    elif status not in STATUSES:
        yield Issue("status", "code-invalid", "The profile does not allow this status.", "Appointment.status")
    path = "Appointment.cancelationReason"
    if reason and status not in ("cancelled", "noshow"):
        yield Issue("app-4", "invariant", "A cancelation reason belongs to cancelled or noshow.", path)
    if status != "cancelled" or _extensions(resource, PART_OF):
        return
    if not reason:
        yield Issue("cancelationReason-inv", "invariant", "A cancelled appointment needs a reason.", path)
    elif _is_hospital(resource):
        if not any(_codes(_list(reason, "coding"), system) for system in CANCELLED_IN_HOSPITAL):
            yield Issue("hn-app-specialist-cancelation-reason", "invariant", "Use a code from 8445 or 9179.", path)
    elif not _codes(_list(reason, "coding"), CANCELLED_OUTSIDE_HOSPITAL) & CODES_7621:
        yield Issue("hn-app-community-cancelation-reason", "invariant", "Use a code from 7621.", path)


def _times(resource: Json) -> Iterator[Issue]:
    if "start" not in resource:
        yield Issue("start-required-inv", "invariant", "start is required.", "Appointment.start")
    if ("start" in resource) != ("end" in resource):
        yield Issue("app-2", "invariant", "start and end stand together.", "Appointment.end")
    if "requestedPeriod" in resource and resource.get("status") not in ("cancelled", "entered-in-error"):
        yield Issue("hn-app-reqperiod-2", "invariant", "A requested period is for what is not booked.")
    elif not all(_text(each, "start") and _text(each, "end") for each in _list(resource, "requestedPeriod")):
        yield Issue("hn-app-reqperiod-1", "invariant", "A requested period has start and end.")
    meta = _dict(resource, "meta")
    if "lastUpdated" not in meta:
        yield Issue(
            "last-updated-required", "required", "meta.lastUpdated is required.", "Appointment.meta.lastUpdated"
        )
    good = True
    for holder, name, path in (
        (resource, "start", "Appointment.start"),
        (resource, "end", "Appointment.end"),
        (meta, "lastUpdated", "Appointment.meta.lastUpdated"),
    ):
        if name in holder and not _is_instant(holder[name]):
            good = False
            yield Issue("instant", "value", "Write a point in time with seconds and a zone.", path)
    if good and {"start", "end"} <= resource.keys():
        lasts = _instant(resource["end"]) - _instant(resource["start"])
        if lasts <= timedelta(0):
            yield Issue("end-after-start", "invariant", "end must be after start.", "Appointment.end")
        elif lasts > LASTS:
            yield Issue("too-long", "value", f"end must be within {LASTS.days} days of start.", "Appointment.end")


def _kinds(resource: Json) -> Iterator[Issue]:
    categories = _list(resource, "serviceCategory")
    path = "Appointment.serviceCategory"
    codes = _category(resource)
    if len(categories) != 1 or not codes:
        yield Issue("service-category-required", "required", "There must be one service category.", path)
    elif not codes <= HOSPITAL | COMMUNITY:
        yield Issue("service-category", "code-invalid", "The profile does not have this service category.", path)
    types = _list(_dict(resource, "appointmentType"), "coding")
    if not types:
        yield Issue("appointment-type-required", "required", "appointmentType needs a coding.")
    concepts = [*categories, _dict(resource, "appointmentType"), _dict(resource, "cancelationReason")]
    concepts += [kind for each in _list(resource, "participant") for kind in _list(each, "type")]
    if any("code" in coding and not _text(coding, "system") for each in concepts for coding in _list(each, "coding")):
        yield Issue("inv-4", "invariant", "A code needs its system.")
    if not _is_hospital(resource):
        for there, key, name in (
            ("basedOn" in resource, "hn-app-primary-2", "basedOn"),
            (bool(_extensions(resource, PART_OF)), "hn-app-primary-4", "partOf"),
            (bool(_extensions(resource, POSTPONEMENT)), "hn-app-primary-5", "postponementReason"),
        ):
            if there:
                yield Issue(key, "invariant", f"{name} is only for service categories 27 and 30.")
    if _extensions(resource, CONSULTATION_TYPE):
        yield Issue("forbidden-element", "structure", "The profile does not allow consultationType.")


def _texts(resource: Json) -> Iterator[Issue]:
    for name in ("description", "patientInstruction"):
        path = f"Appointment.{name}"
        if len(resource.get(name, "")) > LONGEST:
            yield Issue("must-be-max-1000-chars", "invariant", "At most 1000 characters.", path)
        if resource.get(name) and not reading.is_seen(resource[name]):
            yield Issue("characters", "value", "Nobody can see anything of the text.", path)
    for name, value in resource.items():
        if not fhir.is_text(value):
            path = f"Appointment.{name}" if name in ELEMENTS else "Appointment"
            yield Issue("characters", "value", "A text has a character that is not text.", path)


def _participants(resource: Json, synthetic: bool) -> Iterator[Issue]:
    path = "Appointment.participant"
    everybody = _list(resource, "participant")
    if not all(_dict(each, "actor") and _text(each, "status") for each in everybody):
        yield Issue("participant", "required", "Each participant needs an actor and a status.", path)
    patients = _patients(resource)
    if len(patients) != 1:
        yield Issue("one-patient", "required", "There must be one participant who is the patient.", path)
        return
    actor = _dict(patients[0], "actor")
    if "reference" in actor:
        text = "The patient is named by identifier only, never by reference."
        yield Issue("appointment-participant-actor-patient-reference-reference", "invariant", text, path)
    named = _dict(actor, "identifier")
    if _text(named, "system") not in PERSONS:
        text = "The patient is named by a national number or a D-number."
        yield Issue("appointment-participant-actor-patient-reference-identifier", "invariant", text, path)
        return
    try:
        number = parse_national_number(_text(named, "value"), synthetic=synthetic)
    except BadIdentifier:
        yield Issue("patient-number", "value", "The patient's number cannot be right.", path)
        return
    if number.kind is not PERSONS[_text(named, "system")]:
        yield Issue("patient-number", "value", "The number is not of the kind its system says.", path)


def _parts(resource: Json) -> Iterator[Issue]:
    contained = {_text(each, "id"): each for each in _list(resource, "contained")}
    information = [_text(each, "reference") for each in _list(resource, "supportingInformation")]
    path = "Appointment.supportingInformation"
    if any("contained" in each for each in contained.values()):
        yield Issue("dom-2", "invariant", "A contained resource contains no other.", "Appointment.contained")
    if any(each.get("resourceType") == "Patient" for each in contained.values()):
        yield Issue("contained-patient", "structure", "The patient is not contained.", "Appointment.contained")
    if any(reference.startswith("#") and reference[1:] not in contained for reference in information):
        yield Issue("reference-not-found", "not-found", "A reference points to nothing that is contained.", path)
    told = [contained[reference[1:]] for reference in information if reference[1:] in contained]
    parties = [each for each in told if each.get("resourceType") == "Organization"]
    if not parties:
        yield Issue("communication-party-required", "required", "A contained Organization must be referred to.", path)
    elif not _is_hospital(resource) and not any(
        _text(named, "system") in HER_ID for each in parties for named in _list(each, "identifier")
    ):
        key = "community-services-requires-kommunikasjonspart-organization"
        yield Issue(key, "invariant", "The communication party needs a HER-id.", path)

    flags = [each for each in contained.values() if each.get("resourceType") == "Flag"]
    codes = Counter(_text(coding, "code") for flag in flags for coding in _list(_dict(flag, "code"), "coding"))
    if not codes.keys() <= FLAGS or any(number > 1 for number in codes.values()):
        yield Issue("contained-flag-allowed-codes", "invariant", "Only the profile's flags, and each once.")
    if _category(resource) & COMMUNITY and codes.keys() & DIALOG_FLAGS:
        yield Issue("community-services-no-dialog-flags", "invariant", "Not for municipal services.")
    if sum(each.get("resourceType") == "Flag" for each in told) > 4:
        yield Issue("too-many-flags", "structure", "At most four flags.", path)


def _places(resource: Json) -> Iterator[Issue]:
    locations = _list_of(resource, "Location")
    kinds = [
        _codes([c for kind in _list(each, "type") for c in _list(kind, "coding")], ROLE_CODE) for each in locations
    ]
    everything = frozenset().union(*kinds)
    is_virtual = bool(_services(resource))
    path = "Appointment.contained"
    if not (is_virtual or locations):
        text = "There must be a virtual service or a contained Location."
        yield Issue("virtualservice-or-location-required", "invariant", text, path)
    if _is_hospital(resource):
        if not all("managingOrganization" in each for each in locations):
            key = "contained-location-must-have-managingorganization"
            yield Issue(key, "invariant", "Each Location needs its managingOrganization.", path)
        if not (all(kind & {"HU", "HOSP"} for kind in kinds) and {"HU", "HOSP"} <= everything):
            text = "Each Location is of type HU or HOSP, and both are there."
            yield Issue("serviceCategory-location-type", "invariant", text, path)
    elif not (is_virtual or _extensions(resource, PART_OF)):
        if not everything & {"PTRES", "OF"}:
            text = "A Location must be of type PTRES or OF."
            yield Issue("community-services-location-requires-ptres-or-of", "invariant", text, path)
        if {"PTRES", "OF"} <= everything:
            text = "Locations are of type PTRES or of type OF, not both."
            yield Issue("community-services-location-not-both-ptres-and-of", "invariant", text, path)
    tags = _list(_dict(resource, "meta"), "tag")
    if "7" in _category(resource) and "PTRES" in everything and any(t.get("system") in (NOTIFY, REMIND) for t in tags):
        key = "serviceCategory-7-ptres-no-varsling-or-paminnelse"
        yield Issue(key, "invariant", "No tags for notices at home visits.", "Appointment.meta.tag")


def _links(resource: Json) -> Iterator[Issue]:
    for link, is_phone in _services(resource):
        if link and not is_phone and not _is_safe(link):
            yield Issue(
                "join-link", "value", "The link to join must be a whole https address.", "Appointment.extension"
            )


def _labels(resource: Json) -> Iterator[Issue]:
    """What we cannot keep from one and show to another, we do not take."""
    if _codes(_list(_dict(resource, "meta"), "security"), ACCESS_RESTRICTION) - {"N"}:
        text = "Appointments kept from the youth or from the parents are not received yet."
        yield Issue("access-restriction", "not-supported", text, "Appointment.meta.security")


def _channel(resource: Json, links: list[str]) -> str:
    contact = _codes(_list(_dict(resource, "appointmentType"), "coding"), CONTACT_TYPE)
    if links or "6" in contact:
        return "video"
    if "7" in contact or any(is_phone for _, is_phone in _services(resource)):
        return "phone"
    return "attendance"


def _services(resource: Json) -> list[tuple[str, bool]]:
    """(address, whether it is a telephone) of each virtual service."""
    found = []
    for service in (each for url in VIRTUAL_SERVICES for each in _extensions(resource, url)):
        inner = {_text(each, "url"): each for each in _list(service, "extension")}
        address = inner.get("virtualAddress", {})
        link = _text(address, "valueUrl") or _text(address, "valueString")
        link = link or _text(_dict(address, "valueContactPoint"), "value")
        kind = _text(_dict(inner.get("channelType", {}), "valueCoding"), "code")
        found.append((link, kind == "phone"))
    return found


def _is_safe(link: str) -> bool:
    try:
        parts = urlsplit(link)
        _ = parts.port
    except ValueError:
        return False
    plain = link.isascii() and link.isprintable() and not set(link) & set(" \\\"'<>")
    return plain and len(link) <= 2000 and parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def _patients(resource: Json) -> list[Json]:
    def is_patient(actor: Json) -> bool:
        kind, reference = actor.get("type"), _text(actor, "reference")
        named = _text(_dict(actor, "identifier"), "system") in PERSONS
        return kind == "Patient" or (kind is None and named) or re.search(r"(^|/)Patient/", reference) is not None

    return [each for each in _list(resource, "participant") if is_patient(_dict(each, "actor"))]


def _locations(resource: Json) -> list[Json]:
    """The nearest first: the unit, then the hospital."""
    return sorted(_list_of(resource, "Location"), key=lambda each: "HOSP" in str(each.get("type")))


def _address(location: Json) -> str:
    address = _dict(location, "address")
    lines = address.get("line")
    parts = [each for each in lines if isinstance(each, str)] if isinstance(lines, list) else []
    parts.append(f"{_text(address, 'postalCode')} {_text(address, 'city')}".strip())
    return _text(address, "text") or ", ".join(part for part in parts if part)


def _is_hospital(resource: Json) -> bool:
    return bool(_category(resource) & HOSPITAL)


def _category(resource: Json) -> frozenset[str]:
    return frozenset(
        _text(coding, "code") for each in _list(resource, "serviceCategory") for coding in _list(each, "coding")
    )


def _list_of(resource: Json, kind: str) -> list[Json]:
    return [each for each in _list(resource, "contained") if each.get("resourceType") == kind]


def _extensions(resource: Json, url: str) -> list[Json]:
    return [each for each in _list(resource, "extension") if each.get("url") == url]


def _codes(codings: list[Json], system: str) -> frozenset[str]:
    return frozenset(_text(each, "code") for each in codings if each.get("system") == system)


def _is_instant(value: object) -> bool:
    return isinstance(value, str) and INSTANT.fullmatch(value) is not None and reading.moment(value) is not None


def _instant(value: str) -> datetime:
    """What `_is_instant` has let through."""
    at = reading.moment(value)
    assert at  # noqa: S101
    return at


# What has another type than it should counts as missing.
def _list(holder: Json, name: str) -> list[Json]:
    value = holder.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _dict(holder: Json, name: str) -> Json:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _text(holder: Json, name: str) -> str:
    value = holder.get(name)
    return reading.lines(value).strip() if isinstance(value, str) else ""
