"""Each rule of the profile, broken one at a time in a resource that is otherwise right."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from defusedxml import ElementTree

from legedialog.api import profile, samples
from legedialog.core.identifiers import synthetic_number

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ID = UUID("0193f0a0-0000-7000-8000-000000000001")
HOSPITAL = "313000001"
KARI = synthetic_number(datetime(1984, 5, 14, tzinfo=UTC).date(), 0)
VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "fhir"

needs_vectors = pytest.mark.skipif(not VECTORS.exists(), reason="the shared test vectors are not beside the project")
Change = Callable[[dict[str, Any]], Any]


def hospital(**changes: Any) -> dict[str, Any]:
    return samples.video_appointment(
        **{
            "identifier": ID,
            "organisation_number": HOSPITAL,
            "organisation": "Fjordbyen sykehus",
            "unit": "Hudpoliklinikken",
            "patient_number": KARI,
            "starts_at": NOW + timedelta(days=3),
            "minutes": 30,
            "description": "Samtale om prøvesvar",
            "instruction": "Finn et rolig sted.",
            "join_url": "https://video.example.no/rom/1",
            "changed_at": NOW,
            **changes,
        }
    )


def municipal(**changes: Any) -> dict[str, Any]:
    """The child health centre (category 3): at its own place, without video."""
    made = hospital(**changes)
    made["serviceCategory"] = [{"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.7619", "code": "3"}]}]
    made["appointmentType"] = {"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.7617", "code": "Konsultasjon"}]}
    made["contained"][0]["identifier"].append({"system": profile.HER_ID[1], "value": "90128"})
    made["contained"][1]["type"][0]["coding"][0]["code"] = "OF"
    del made["contained"][2], made["extension"]
    if made["status"] == "cancelled":
        made["cancelationReason"] = {"coding": [{"system": profile.CANCELLED_OUTSIDE_HOSPITAL, "code": "AAT"}]}
    return made


def read(resource: dict[str, Any]) -> profile.Told:
    return profile.read(resource, identifier=ID, organisation_number=HOSPITAL, synthetic=True)


def codes(resource: dict[str, Any]) -> set[str]:
    try:
        read(resource)
    except profile.Rejected as rejected:
        return {issue.code for issue in rejected.issues}
    return set()


def put(*path: Any, to: Any) -> Change:
    def change(resource: dict[str, Any]) -> None:
        *way, last = path
        for step in way:
            resource = resource[step]
        resource[last] = to

    return change


def drop(*path: Any) -> Change:
    def change(resource: dict[str, Any]) -> None:
        *way, last = path
        for step in way:
            resource = resource[step]
        del resource[last]

    return change


def add(*path: Any, value: Any) -> Change:
    def change(resource: dict[str, Any]) -> None:
        found: Any = resource
        for step in path:
            found = found[step]
        found.append(value)

    return change


def flag(code: str, key: str = "another") -> dict[str, Any]:
    return {"resourceType": "Flag", "id": key, "code": {"coding": [{"system": "x", "code": code}]}}


def link(to: str) -> Change:
    return put("extension", 0, "extension", 1, "valueUrl", to=to)


def test_a_hospitals_video_appointment() -> None:
    told = read(hospital())
    assert told.national_number == KARI
    assert (told.status, told.channel, told.tell) == ("booked", "video", True)
    assert (told.starts_at, told.ends_at) == (NOW + timedelta(days=3), NOW + timedelta(days=3, minutes=30))
    assert told.title == "Samtale om prøvesvar"
    assert told.place == "Hudpoliklinikken, Fjordbyen sykehus"
    assert told.instruction == "Finn et rolig sted."
    assert told.join_url == "https://video.example.no/rom/1"
    assert told.sent_at == NOW


def test_a_municipal_appointment_with_an_address() -> None:
    resource = municipal()
    resource["contained"][1]["address"] = {"line": ["Storgata 1"], "postalCode": "5003", "city": "Fjordbyen"}
    told = read(resource)
    assert (told.channel, told.join_url) == ("attendance", "")
    assert told.place == "Hudpoliklinikken, Storgata 1, 5003 Fjordbyen"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("booked", "booked"),
        ("fulfilled", "completed"),
        ("cancelled", "cancelled"),
        ("noshow", "no-show"),
        ("entered-in-error", "cancelled"),
    ],
)
def test_statuses(theirs: str, ours: str) -> None:
    assert read(hospital(status=theirs)).status == ours


def test_a_telephone_appointment() -> None:
    resource = hospital()
    resource["appointmentType"]["coding"][0]["code"] = "7"
    del resource["extension"]
    assert read(resource).channel == "phone"


def test_what_is_shown_when_it_is_cancelled_needs_no_link() -> None:
    resource = hospital(status="cancelled")
    del resource["extension"]
    assert read(resource).join_url == ""


def test_a_source_may_ask_that_the_patient_is_not_told() -> None:
    resource = hospital()
    resource["meta"]["tag"] = [{"system": profile.NOTIFY, "code": "1"}]
    assert not read(resource).tell


def test_times_with_another_zone_are_the_same_moment() -> None:
    resource = hospital()
    resource["start"], resource["end"] = "2026-11-26T10:00:00+01:00", "2026-11-26T10:30:00+01:00"
    assert read(resource).starts_at == NOW + timedelta(days=3)


HOSPITAL_RULES: list[tuple[str, Change]] = [
    ("resource-type", put("resourceType", to="Slot")),
    *[("forbidden-element", put(name, to=[{}])) for name in sorted(profile.FORBIDDEN)],
    ("forbidden-element", add("extension", value={"url": profile.CONSULTATION_TYPE})),
    ("unknown-element", put("recurrence", to="weekly")),
    ("wrong-type", put("description", to=["a", "b"])),
    ("wrong-type", put("participant", to={})),
    ("wrong-type", put("contained", to=["x"])),
    ("wrong-type", put("contained", to=[])),
    ("wrong-type", put("minutesDuration", to=True)),
    ("identifier-required", drop("identifier")),
    ("identifier-required", add("identifier", value={"system": "x", "value": str(ID)})),
    ("identifier-system-required", drop("identifier", 0, "system")),
    ("identifier-uuid", put("identifier", 0, "value", to="17")),
    ("identifier-mismatch", put("identifier", 0, "value", to="0193f0a0-0000-7000-8000-000000000002")),
    ("identifier-assigner-required", drop("identifier", 0, "assigner")),
    ("assigner-mismatch", put("identifier", 0, "assigner", "identifier", "value", to="983974732")),
    ("proposed", put("status", to="proposed")),
    ("status", put("status", to="arrived")),
    ("status", drop("status")),
    ("app-4", put("cancelationReason", to={"coding": [{"system": "x", "code": "1"}]})),
    ("start-required-inv", drop("start")),
    ("app-2", drop("end")),
    ("end-after-start", put("end", to="2026-11-26T09:00:00Z")),
    ("too-long", put("end", to="2149-01-01T09:00:00Z")),
    ("too-long", put("end", to="2027-12-31T09:00:00Z")),
    ("instant", put("start", to="2026-11-26T09:00:00")),
    ("instant", put("start", to="2026-11-26")),
    ("instant", put("start", to="2026-13-26T09:00:00Z")),
    ("instant", put("meta", "lastUpdated", to="0001-01-01T00:00:00+14:00")),
    ("instant", put("start", to="9999-12-31T23:00:00Z")),
    ("unknown-modifier", put("participant", 0, "modifierExtension", to=[{"url": "urn:not"}])),
    ("unknown-modifier", put("contained", 0, "implicitRules", to="urn:rules")),
    ("last-updated-required", drop("meta", "lastUpdated")),
    ("last-updated-required", drop("meta")),
    ("hn-app-reqperiod-1", lambda r: r.update(status="entered-in-error", requestedPeriod=[{"start": "2026-11-26"}])),
    ("hn-app-reqperiod-2", put("requestedPeriod", to=[{"start": "2026-11-26", "end": "2026-11-27"}])),
    ("service-category-required", drop("serviceCategory")),
    ("service-category", put("serviceCategory", 0, "coding", 0, "code", to="1")),
    ("appointment-type-required", drop("appointmentType")),
    ("inv-4", drop("serviceCategory", 0, "coding", 0, "system")),
    ("must-be-max-1000-chars", put("description", to="x" * 1001)),
    ("must-be-max-1000-chars", put("patientInstruction", to="x" * 1001)),
    ("characters", put("description", to="a\x00b")),
    ("characters", put("description", to="a\x1b[2Jb")),
    ("characters", put("description", to="\u200b\u2060")),
    ("characters", put("patientInstruction", to="\ud83d")),
    ("characters", put("participant", 1, "actor", "display", to="a\x07")),
    ("participant", drop("participant", 1, "status")),
    ("participant", drop("participant", 1, "actor")),
    ("one-patient", drop("participant", 0)),
    ("one-patient", lambda r: r["participant"].append(deepcopy(r["participant"][0]))),
    ("appointment-participant-actor-patient-reference-reference", put("participant", 0, "actor", "reference", to="#p")),
    ("appointment-participant-actor-patient-reference-identifier", drop("participant", 0, "actor", "identifier")),
    (
        "appointment-participant-actor-patient-reference-identifier",
        put("participant", 0, "actor", "identifier", "system", to="urn:oid:2.16.578.1.12.4.1.4.3"),
    ),
    ("patient-number", put("participant", 0, "actor", "identifier", "value", to="12345678901")),
    ("patient-number", put("participant", 0, "actor", "identifier", "system", to=list(profile.PERSONS)[1])),
    ("contained-patient", add("contained", value={"resourceType": "Patient", "id": "p"})),
    ("dom-2", put("contained", 0, "contained", to=[])),
    ("reference-not-found", add("supportingInformation", value={"reference": "#nowhere"})),
    ("communication-party-required", drop("supportingInformation")),
    ("contained-flag-allowed-codes", add("contained", value=flag("canUseShortNotice"))),
    ("contained-flag-allowed-codes", add("contained", value=flag("cancelWithComment"))),
    ("contained-location-must-have-managingorganization", drop("contained", 1, "managingOrganization")),
    ("serviceCategory-location-type", drop("contained", 2)),
    ("serviceCategory-location-type", put("contained", 1, "type", 0, "coding", 0, "code", to="OF")),
    ("virtualservice-or-location-required", lambda r: r.update(extension=[{"url": "x"}], contained=r["contained"][:1])),
    ("join-link", link("http://video.example.no/rom/1")),
    ("join-link", link("javascript:alert(1)")),
    ("join-link", link("https://")),
    ("join-link", link("https://video.example.no@evil.example")),
    ("join-link", link('https://video.example.no/"onclick')),
    ("join-link", link("https://[")),
    ("access-restriction", put("meta", "security", to=[{"system": profile.ACCESS_RESTRICTION, "code": "NORN_UNGDOM"}])),
]


@pytest.mark.parametrize(("code", "change"), HOSPITAL_RULES)
def test_a_hospital_appointment_that_breaks_a_rule(code: str, change: Change) -> None:
    resource = hospital()
    change(resource)
    assert code in codes(resource)


COMMUNITY_RULES: list[tuple[str, Change]] = [
    ("hn-app-primary-2", put("basedOn", to=[{"reference": "ServiceRequest/1"}])),
    ("hn-app-primary-4", put("extension", to=[{"url": profile.PART_OF}])),
    ("hn-app-primary-5", put("extension", to=[{"url": profile.POSTPONEMENT}])),
    ("community-services-requires-kommunikasjonspart-organization", drop("contained", 0, "identifier", 1)),
    ("community-services-no-dialog-flags", add("contained", value=flag("canAcknowledge"))),
    (
        "community-services-location-requires-ptres-or-of",
        put("contained", 1, "type", 0, "coding", 0, "code", to="HOSP"),
    ),
    (
        "community-services-location-not-both-ptres-and-of",
        add("contained", 1, "type", value={"coding": [{"system": profile.ROLE_CODE, "code": "PTRES"}]}),
    ),
]


@pytest.mark.parametrize(("code", "change"), COMMUNITY_RULES)
def test_a_municipal_appointment_that_breaks_a_rule(code: str, change: Change) -> None:
    resource = municipal()
    assert codes(resource) == set()
    change(resource)
    assert code in codes(resource)


def test_no_notice_tags_at_home_visits() -> None:
    resource = municipal()
    resource["serviceCategory"][0]["coding"][0]["code"] = "7"
    resource["contained"][1]["type"][0]["coding"][0]["code"] = "PTRES"
    assert codes(resource) == set()
    resource["meta"]["tag"] = [{"system": profile.REMIND, "code": "9"}]
    assert codes(resource) == {"serviceCategory-7-ptres-no-varsling-or-paminnelse"}


def test_at_most_four_flags() -> None:
    resource = hospital()
    for number, code in enumerate(sorted(profile.FLAGS - {"cancelWithComment"})[:4]):
        resource["contained"].append(flag(code, f"f{number}"))
        resource["supportingInformation"].append({"reference": f"#f{number}"})
    assert codes(resource) == {"too-many-flags"}


@pytest.mark.parametrize(
    ("make", "reason", "expected"),
    [
        (hospital, None, {"cancelationReason-inv"}),
        (hospital, (profile.CANCELLED_OUTSIDE_HOSPITAL, "AAT"), {"hn-app-specialist-cancelation-reason"}),
        (hospital, (profile.CANCELLED_IN_HOSPITAL[1], "1"), set()),
        (municipal, None, {"cancelationReason-inv"}),
        (municipal, (profile.CANCELLED_IN_HOSPITAL[0], "9"), {"hn-app-community-cancelation-reason"}),
        (municipal, (profile.CANCELLED_OUTSIDE_HOSPITAL, "XYZ"), {"hn-app-community-cancelation-reason"}),
        (municipal, (profile.CANCELLED_OUTSIDE_HOSPITAL, "AAI"), set()),
    ],
)
def test_the_reason_of_a_cancellation(
    make: Callable[..., dict[str, Any]], reason: tuple[str, str] | None, expected: set[str]
) -> None:
    resource = make(status="cancelled")
    del resource["cancelationReason"]
    if reason:
        resource["cancelationReason"] = {"coding": [{"system": reason[0], "code": reason[1]}]}
    assert codes(resource) == expected


def test_every_rule_that_can_be_broken_is_tested() -> None:
    source = Path(profile.__file__).read_text(encoding="utf-8")
    written = set(re.findall(r'Issue\(\s*"([\w-]+)"', source)) | set(re.findall(r'key = "([\w-]+)"', source))
    written |= {"hn-app-primary-2", "hn-app-primary-4", "hn-app-primary-5"}
    tested = {code for code, _ in HOSPITAL_RULES + COMMUNITY_RULES}
    tested |= {"serviceCategory-7-ptres-no-varsling-or-paminnelse", "too-many-flags", "cancelationReason-inv"}
    tested |= {"hn-app-specialist-cancelation-reason", "hn-app-community-cancelation-reason"}
    assert written == tested


def test_several_faults_are_told_at_once_and_none_quotes_what_was_sent() -> None:
    resource = hospital()
    resource["description"] = "hemmelig" * 200
    resource["participant"][0]["actor"]["identifier"]["value"] = "12345678901"
    with pytest.raises(profile.Rejected) as rejected:
        read(resource)
    assert {issue.code for issue in rejected.value.issues} == {"must-be-max-1000-chars", "patient-number"}
    everything = f"{rejected.value.issues} {rejected.value}"
    assert "hemmelig" not in everything
    assert "12345678901" not in everything
    assert KARI not in repr(read(hospital()))


@pytest.mark.parametrize("wrong", ["x", 1, None, True, [], {}, [1], [[]], [{"coding": "x"}], {"coding": [1]}])
@pytest.mark.parametrize("name", sorted(profile.ELEMENTS))
def test_nonsense_in_any_element_is_refused_or_harmless(name: str, wrong: Any) -> None:
    """Whatever stands in an element, the answer is a list of issues, never a crash."""
    resource = hospital()
    resource[name] = wrong
    codes(resource)
    if isinstance(resource.get(name), list) and resource[name]:
        return
    for part in hospital().get(name, []) if isinstance(hospital().get(name), list) else []:
        for key in part:
            resource = hospital()
            resource[name][0][key] = wrong
            codes(resource)


@needs_vectors
def test_the_profile_we_follow_is_the_published_one() -> None:
    """Every rule of the profile is either checked here or listed as not checked in docs/integrator.md."""
    published = json.loads((VECTORS / "helsenorge" / "StructureDefinition-hn-basis-appointment.json").read_text())
    assert published["version"] == "2.5.5"
    keys = {
        constraint["key"]
        for element in published["differential"]["element"]
        for constraint in element.get("constraint", [])
    }
    source = Path(profile.__file__).read_text(encoding="utf-8")
    not_checked = keys - set(re.findall(r"[\w-]+", source))
    assert not_checked == {
        "supportinginformation-organization-partof",
        # Proposed appointments are refused altogether, and start and end are always asked for.
        "hn-app-proposed-only-servicecategory-7",
        "hn-app-entered-in-error-requires-start-and-end",
    }
    forbidden = {
        element["path"].removeprefix("Appointment.")
        for element in published["differential"]["element"]
        if element.get("max") == "0" and element["path"].count(".") == 1 and "sliceName" not in element
    }
    assert forbidden == profile.FORBIDDEN - {"modifierExtension"}


@needs_vectors
def test_the_published_codes_of_cancellation_are_ours() -> None:
    published = json.loads((VECTORS / "helsenorge" / "CodeSystem-no-kodeverk-7621.codesystem.json").read_text())
    assert {each["code"] for each in published["concept"]} == profile.CODES_7621
    flags = json.loads((VECTORS / "helsenorge" / "CodeSystem-hn-appointment-flag-code-cs.json").read_text())
    listed = {each["code"] for each in flags["concept"]}
    assert listed - profile.FLAGS == {"canUseShortNotice", "canChangeConferenceType"}
    assert listed >= profile.FLAGS


@needs_vectors
def test_hl7_norways_example_is_no_helsenorge_appointment() -> None:
    """It follows the base profile only: the patient is a reference, and there is a comment and a text."""
    example = VECTORS / "no-basis-examples" / "no-basis-Appointment-example.xml"
    root = ElementTree.fromstring(example.read_bytes())
    resource = {"resourceType": root.tag.partition("}")[2], **as_json(root)}
    assert codes(resource) == {"forbidden-element"}
    del resource["text"], resource["comment"]
    assert codes(resource) == {
        "identifier-required",
        "last-updated-required",
        "service-category-required",
        "appointment-participant-actor-patient-reference-identifier",
        "appointment-participant-actor-patient-reference-reference",
        "communication-party-required",
        "virtualservice-or-location-required",
        "community-services-location-requires-ptres-or-of",
    }


@needs_vectors
@pytest.mark.parametrize("file", sorted((VECTORS / "helsenorge").glob("Slot-*.json")), ids=lambda file: file.name[:12])
def test_published_slots_are_not_taken_for_appointments(file: Path) -> None:
    assert codes(json.loads(file.read_text())) == {"resource-type"}


LISTS = {"coding", "participant", "contained", "extension", "identifier", "profile"}


def as_json(element: Any) -> dict[str, Any]:
    """FHIR XML as FHIR JSON, as far as the examples need. Source: FHIR R4, 2.6.2."""
    made: dict[str, Any] = {}
    for child in element:
        name = child.tag.partition("}")[2]
        value = child.get("value") if len(child) == 0 else as_json(child)
        if name in LISTS:
            made.setdefault(name, []).append(value)
        else:
            made[name] = value
    return made
