"""Files of prescriptions: loaded whole or not at all, twice as once, each fault told by line and code."""

import json
import xml.etree.ElementTree as ET
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from legedialog.access import actor
from legedialog.api.tests.test_fuzz import places, with_nonsense
from legedialog.appointments.tests.factories import NOW, office
from legedialog.audit.models import Event
from legedialog.core.errors import Denied
from legedialog.core.ids import new_id
from legedialog.integrations.prescriptions import fhir
from legedialog.integrations.prescriptions.load import Report, load
from legedialog.integrations.prescriptions.schema import LINES, BadLine, parse
from legedialog.journal.models import ContactType, Entry
from legedialog.journal.models import Kind as EntryKind
from legedialog.patients.models import Person
from legedialog.patients.representation import Restriction
from legedialog.prescriptions.models import Dispensing, Prescription, Source

pytestmark = pytest.mark.django_db
VECTORS = Path(__file__).parents[5] / "shared" / "vectors" / "fhir" / "no-basis"
SECRET = "Hemmelol"


@pytest.fixture
def kari() -> Person:
    return office().patient()


def lines(*rows: Any) -> list[bytes]:
    return [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]


def loaded(*rows: Any, source: str = "Reseptformidleren", **options: Any) -> Report:
    return load(lines(*rows), source=source, actor=actor.system(), now=NOW, **options)


def row(kari: Person, identifier: str = "a1", **values: Any) -> dict[str, Any]:
    return {
        "type": "prescription",
        "identifier": identifier,
        "patient": kari.national_number,
        "written_date": "2026-02-02",
        "name": SECRET,
        "atc": "C07AB02",
        "strength": "50 mg",
        "dispensings": 4,
        "prescriber_name": "Eva Eksempel",
        **values,
    }


def collected(identifier: str = "u1", prescription: str = "a1", **values: Any) -> dict[str, Any]:
    return {
        "type": "dispensing",
        "identifier": identifier,
        "prescription": prescription,
        "dispensed_date": "2026-02-05",
        **values,
    }


def codes(report: Report) -> dict[int, str]:
    return {number: fault.code for number, fault in report.bad.items()}


def test_a_file_is_loaded_in_any_order_and_the_source_is_heard_from(kari: Person) -> None:
    report = loaded(collected(), row(kari), b"", row(kari, "a2", kind="equipment"))
    assert (report.created, report.dispensings, report.bad) == (2, 1, {})
    one = Prescription.objects.get(identifier="a1")
    assert (one.name, one.group, one.valid_until_date) == (SECRET, "U", date(2027, 2, 2))
    assert one.practice_id is None
    assert Source.objects.get().heard_at == NOW
    assert Event.objects.get(action="prescription-file.imported").facts == {
        "created": 2,
        "changed": 0,
        "dispensings": 1,
    }


def test_twice_is_as_once_and_a_change_is_a_change(kari: Person) -> None:
    loaded(row(kari), collected())
    again = loaded(row(kari), collected())
    assert (again.created, again.changed, again.unchanged, again.dispensings) == (0, 0, 1, 0)
    changed = loaded(row(kari, strength="100 mg", is_withdrawn=True))
    one = Prescription.objects.get()
    assert (changed.changed, one.strength, one.withdrawn_at) == (1, "100 mg", NOW)
    assert Dispensing.objects.count() == 1


def test_what_was_hidden_here_stays_hidden(kari: Person) -> None:
    loaded(row(kari))
    Prescription.objects.update(restriction=Restriction.FROM_PARENTS)
    loaded(row(kari, strength="100 mg"))
    assert Prescription.objects.get().restriction == Restriction.FROM_PARENTS


def test_what_the_source_hides_is_hidden_in_the_record_too(kari: Person) -> None:
    loaded(row(kari))
    one = Prescription.objects.get()
    at = office("Dalen").practice
    key = new_id()
    Entry.objects.create(
        practice=at, patient=kari, kind=EntryKind.DECISION, contact_type=ContactType.RENEWAL, at=NOW, title="Fornyet",
        text="Ja", object_id=key, thing_id=one.pk,
    )  # fmt: skip
    loaded(row(kari, restriction="NORN_FORANS"))
    assert Prescription.objects.get().restriction == Entry.objects.get().restriction == Restriction.FROM_PARENTS


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"{", "not-json"),
        (b"[1]", "unknown-type"),
        ({"type": "pill"}, "unknown-type"),
        ({"identifier": None}, "string-type"),
        ({"patient": "10817500018"}, "wrong-control-digits"),
        ({"patient": "10817500019"}, "unknown-patient"),
        ({"office": "310000019"}, "unknown-office"),
        ({"atc": "C7"}, "string-pattern-mismatch"),
        ({"written_date": "2026-13-01"}, "not-a-date"),
        ({"valid_until_date": "9999-12-31"}, "out-of-reach"),
        ({"valid_until_date": "2025-01-01"}, "ends-first"),
        ({"valid_until_date": "2140-01-01"}, "ends-too-late"),
        ({"group": "A"}, "too-many-dispensings"),
        ({"kind": "equipment", "group": "C"}, "group-of-no-medicine"),
        ({"colour": "blue"}, "unknown-field"),
        ({"identifier": "a0"}, "twice"),
        ({"dispensings": 0}, "greater-than-equal"),
    ],
)
def test_a_bad_line_is_told_by_number_and_code_and_nothing_is_kept(kari: Person, bad: Any, code: str) -> None:
    wrong = bad if isinstance(bad, bytes) or "type" in bad else {**row(kari, "a9"), **bad}
    report = loaded(row(kari, "a0"), wrong)
    assert codes(report) == {2: code}
    assert SECRET not in report.bad[2].text
    assert kari.national_number not in report.bad[2].text
    assert not Prescription.objects.exists()
    source = Source.objects.get()
    assert (source.heard_at, source.failed_at) == (None, NOW)


def test_a_missing_field_and_a_lonely_dispensing(kari: Person) -> None:
    nameless = row(kari, "a3")
    del nameless["name"]
    report = loaded(nameless, collected(prescription="a3"), collected("u2", "nowhere"))
    assert codes(report) == {1: "missing-field", 3: "unknown-prescription"}  # 2 is not told twice


def test_an_identifier_never_moves_to_another_patient(kari: Person) -> None:
    loaded(row(kari))
    other = office("Dalen").patient("Per Testvik")
    assert codes(loaded(row(other))) == {1: "another-patient"}
    assert Prescription.objects.get().patient_id == kari.pk


def test_two_sources_may_use_the_same_identifier(kari: Person) -> None:
    loaded(row(kari))
    loaded(row(kari), source="Fjordbyen sykehus")
    assert Prescription.objects.count() == 2


def test_a_dry_run_keeps_nothing(kari: Person) -> None:
    assert loaded(row(kari), dry_run=True).created == 1
    assert not Prescription.objects.exists()
    assert Source.objects.get().heard_at is None


def test_a_file_of_another_kind_is_given_up(kari: Person) -> None:
    report = loaded(*[b"nonsense"] * 1200)
    assert report.gave_up
    assert len(report.bad) == 1000


def test_only_the_system_loads(kari: Person) -> None:
    with pytest.raises(Denied):
        load([], source="x", actor=office("Dalen").staff(), now=NOW)


def test_every_example_in_the_docs_can_be_read() -> None:
    for line in LINES:
        assert parse(json.dumps(line.EXAMPLE).encode())


# ---- FHIR


def request(kari: Person, **values: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "mr1",
        "identifier": [{"system": "urn:example", "value": "f1"}],
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "requester": {"reference": "Practitioner/d1"},
        "authoredOn": "2026-02-02T10:00:00+01:00",
        "medicationReference": {"reference": "#m1"},
        "contained": [
            {
                "resourceType": "Medication",
                "id": "m1",
                "extension": [
                    {
                        "url": fhir.GROUP_EXTENSION,
                        "extension": [
                            {
                                "url": "prescriptiongroup",
                                "valueCodeableConcept": {"coding": [{"system": fhir.GROUP, "code": "B"}]},
                            }
                        ],
                    }
                ],
                "code": {
                    "coding": [
                        {"system": fhir.FEST, "code": "ID_1", "display": "Imovane"},
                        {"system": fhir.ATC[0], "code": "N05CF01", "display": "Zopiklon"},
                    ]
                },
                "form": {"coding": [{"system": fhir.FORM, "code": "53", "display": "Tablett"}]},
                "ingredient": [{"strength": {"numerator": {"value": 7.5, "unit": "mg"}}}],
            }
        ],
        "dosageInstruction": [{"text": "1 tablett ved behov for søvn"}],
        "dispenseRequest": {
            "validityPeriod": {"end": "2026-08-02"},
            "quantity": {"value": 30, "unit": "stk"},
            "expectedSupplyDuration": {"value": 1, "code": "mo"},
        },
        **values,
    }


def helpers(kari: Person) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Patient",
            "id": "p1",
            "identifier": [{"system": fhir.PERSON[0], "value": kari.national_number}],
        },
        {
            "resourceType": "Practitioner",
            "id": "d1",
            "identifier": [{"system": fhir.HPR, "value": "9000101"}],
            "name": [{"given": ["Eva"], "family": "Eksempel"}],
        },
    ]


DISPENSE = {
    "resourceType": "MedicationDispense",
    "id": "md1",
    "status": "completed",
    "authorizingPrescription": [{"reference": "MedicationRequest/mr1"}],
    "whenHandedOver": "2026-02-03T12:00:00+01:00",
    "performer": [{"actor": {"display": "Apotek Test"}}],
}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}


@pytest.mark.parametrize("shape", ["bundle", "bundle over several lines", "ndjson"])
def test_fhir_is_read_from_a_bundle_and_from_lines(kari: Person, shape: str) -> None:
    resources = [*helpers(kari), DISPENSE, request(kari)]
    if shape == "ndjson":
        report = loaded(*resources)
    elif shape == "bundle":
        report = loaded(bundle(*resources))
    else:
        text = json.dumps(bundle(*resources), indent=2)
        report = loaded(*(line.encode() for line in text.splitlines()))
    assert not report.bad
    one = Prescription.objects.get()
    assert (one.identifier, one.name, one.substance, one.atc) == ("f1", "Imovane", "Zopiklon", "N05CF01")
    assert (one.strength, one.form, one.form_code, one.pack) == ("7,5 mg", "Tablett", "53", "30 stk")
    assert (one.group, one.dispensings, one.supply_days) == ("B", 1, 30)
    assert (one.written_date, one.valid_until_date) == (date(2026, 2, 2), date(2026, 8, 2))
    assert (one.prescriber_name, one.prescriber_hpr) == ("Eva Eksempel", "9000101")
    assert one.use == "1 tablett ved behov for søvn"
    there = one.collected.get()
    assert (there.dispensed_date, there.pharmacy) == (date(2026, 2, 3), "Apotek Test")


def test_what_is_completed_has_nothing_left_to_collect(kari: Person) -> None:
    done = request(kari, status="completed")
    done["dispenseRequest"]["numberOfRepeatsAllowed"] = 3
    assert not loaded(bundle(*helpers(kari), done, DISPENSE)).bad
    one = Prescription.objects.get()
    assert (one.dispensings, one.collected.count()) == (1, 1)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"status": "draft"}, "status-not-taken"),
        ({"status": "completed"}, "completed-not-dispensed"),
        ({"intent": "plan"}, "intent-not-taken"),
        ({"resourceType": "Observation"}, "resource-not-taken"),
        ({"subject": {"reference": "Patient/nobody"}}, "missing-field"),
        ({"authoredOn": "2026"}, "not-a-date"),
        ({"dispenseRequest": "soon"}, "not-fhir"),
        ({"doNotPerform": True}, "do-not-perform"),
        ({"modifierExtension": [{"url": "urn:not", "valueBoolean": True}]}, "modifier-not-known"),
        ({"dosageInstruction": [{"text": "1", "modifierExtension": [{"url": "urn:x"}]}]}, "modifier-not-known"),
        ({"implicitRules": "urn:rules"}, "modifier-not-known"),
        ({"dispenseRequest": {"quantity": {"value": 30, "comparator": "<"}}}, "modifier-not-known"),
        ({"authoredOn": "9999-12-31T23:00:00Z"}, "out-of-reach"),
        ({"medicationReference": None}, "missing-field"),
        ({"dispenseRequest": {"validityPeriod": {"start": "2026-03-01", "end": "2026-08-02"}}}, "begins-later"),
        ({"dispenseRequest": {"numberOfRepeatsAllowed": True}}, "not-fhir"),
        ({"dispenseRequest": {"numberOfRepeatsAllowed": "3"}}, "not-fhir"),
        ({"dispenseRequest": {"quantity": {"value": "30"}}}, "not-fhir"),
        ({"dosageInstruction": [{"timing": {"code": {"text": "x 2"}}}]}, "dosage-not-in-words"),
        ({"dosageInstruction": [{"patientInstruction": "Med mat", "doseAndRate": [{}]}]}, "dosage-not-in-words"),
    ],
)
def test_fhir_that_cannot_be_taken_is_told_by_entry_and_code(kari: Person, bad: dict[str, Any], code: str) -> None:
    report = loaded(bundle(*helpers(kari), request(kari), request(kari, id="x", identifier=[], **bad)))
    assert codes(report) == {4: code}
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    ("dosage", "use"),
    [
        ([{"text": "1 tablett", "patientInstruction": "Med mat"}], "1 tablett. Med mat"),
        ([{"text": "1 x 1"}, {"text": "så 1 x 2", "sequence": 2}], "1 x 1; så 1 x 2"),
        ([{"text": "2 tabletter ved behov", "additionalInstruction": [{"text": "Ikke til natten"}]}],
         "2 tabletter ved behov. Ikke til natten"),
        ([{"text": "1 tablett ved behov", "maxDosePerPeriod":
           {"numerator": {"value": 4, "unit": "tabletter"}, "denominator": {"value": 1, "code": "d"}}}],
         "1 tablett ved behov. Høyst 4 tabletter på døgn"),
        ([{"text": "1 tablett", "maxDosePerAdministration": {"value": 0.5, "unit": "g"}}],
         "1 tablett. Høyst 0,5 g om gangen"),
    ],
)  # fmt: skip
def test_a_dosage_loses_nothing_that_bounds_it(kari: Person, dosage: list[dict[str, Any]], use: str) -> None:
    loaded(bundle(*helpers(kari), request(kari, dosageInstruction=dosage)))
    assert Prescription.objects.get().use == use


@pytest.mark.parametrize(
    ("ingredients", "strength"),
    [
        ([(500, "mg", None, None), (30, "mg", None, None)], "500 mg + 30 mg"),
        ([(100, "mg", 5, "ml")], "100 mg/5 ml"),
        ([(5, "mg", 1, "ml")], "5 mg/ml"),
        ([(1_000_000, "IE", 1, None)], "1000000 IE"),
        ([(0.025, "mg", None, None)], "0,025 mg"),
    ],
)
def test_a_strength_is_that_of_every_ingredient_and_of_how_much(
    kari: Person, ingredients: list[tuple[Any, ...]], strength: str
) -> None:
    told = request(kari)
    told["contained"][0]["ingredient"] = [
        {"strength": {"numerator": {"value": a, "unit": b}} | ({"denominator": {"value": c, "unit": d}} if c else {})}
        for a, b, c, d in ingredients
    ]
    loaded(bundle(*helpers(kari), told))
    assert Prescription.objects.get().strength == strength


def test_any_nonsense_anywhere_is_told_and_stops_no_reading(kari: Person) -> None:
    """Each place in turn holds something of another shape."""
    resource = request(kari)
    other: tuple[Any, ...] = (
        None,
        True,
        -1,
        1e308,
        "\x00",
        "\ud800",
        [],
        {},
        [None],
        [[1]],
        {"value": {}},
        "9999-12-31",
    )
    for at in places(resource):
        for nonsense in other:
            told = with_nonsense(resource, at, nonsense)
            with suppress(BadLine):
                fhir.Bundle([("", each) for each in (*helpers(kari), told)]).line(told)
    deep = b'{"resourceType": "MedicationRequest", "id": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    assert codes(load([deep], source="x", actor=actor.system(), now=NOW)) == {1: "too-long"}


def test_a_stopped_one_is_withdrawn_and_repeats_are_counted_after_the_first(kari: Person) -> None:
    plain = {
        "coding": [{"system": fhir.ATC[0], "code": "C07AB02", "display": "Metoprolol"}],
        "text": "Metoprolol Sandoz",
    }
    values = {"medicationReference": None, "medicationCodeableConcept": plain, "status": "stopped"}
    loaded(bundle(*helpers(kari), request(kari, dispenseRequest={"numberOfRepeatsAllowed": 3}, **values)))
    one = Prescription.objects.get()
    assert (one.name, one.dispensings, one.group) == ("Metoprolol Sandoz", 4, "U")
    assert one.withdrawn_at == NOW


@pytest.mark.parametrize(("atc", "group"), [("N02AA05", "A"), ("N05BA01", "B"), ("C07AB02", "U"), ("", "U")])
@pytest.mark.parametrize("system", fhir.ATC)
def test_a_group_that_is_left_out_is_never_taken_for_c(kari: Person, system: str, atc: str, group: str) -> None:
    code = {"coding": [{"system": system, "code": atc}] if atc else [], "text": "OxyContin"}
    values = {"medicationReference": None, "medicationCodeableConcept": code, "dispenseRequest": {}}
    loaded(bundle(*helpers(kari), request(kari, **values)))
    one = Prescription.objects.get()
    assert (one.atc, one.group) == (atc, group)


def test_a_time_late_in_the_evening_is_the_clinics_day(kari: Person) -> None:
    loaded(bundle(*helpers(kari), request(kari, authoredOn="2026-02-01T23:30:00Z")))
    assert Prescription.objects.get().written_date == date(2026, 2, 2)


def test_a_medication_that_was_entered_in_error_is_not_taken(kari: Person) -> None:
    wrong = request(kari)
    wrong["contained"][0]["status"] = "entered-in-error"
    assert codes(loaded(bundle(*helpers(kari), wrong))) == {3: "medication-not-active"}


def test_the_systems_are_those_of_the_norwegian_base_profiles() -> None:
    if not VECTORS.is_dir():
        pytest.skip("the test vectors are not here: ../shared/vectors")
    fixed = {
        element.get("value")
        for name in ("no-basis-Medication", "no-basis-prescriptiongroup")
        for element in ET.parse(VECTORS / f"{name}.xml").iter()
        if element.tag.endswith("}fixedUri") or element.tag.endswith("}url")
    }
    assert {*fhir.ATC[:1], fhir.FEST, fhir.FORM, fhir.GROUP, fhir.GROUP_EXTENSION, "prescriptiongroup"} <= fixed
