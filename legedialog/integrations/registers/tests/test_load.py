import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from legedialog.access import actor
from legedialog.access.actor import Actor
from legedialog.audit.models import Event
from legedialog.core.crypto import blind_index
from legedialog.core.errors import Denied
from legedialog.core.identifiers import synthetic_number
from legedialog.core.models import DataKey
from legedialog.integrations.registers import checking, load, schema
from legedialog.patients.models import Guardianship, Membership, Person, Responsibility
from legedialog.practices.models import Absence, Employee, Offer, OpeningHours, Practice

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAIRS = [schema.ResponsibilityLine.EXAMPLE, schema.GuardianshipLine.EXAMPLE]  # they need a second person
EXAMPLES = [line.EXAMPLE for line in schema.LINES if line.EXAMPLE not in PAIRS]
KINDS = [row["type"] for row in EXAMPLES]
OFFICE, CONTRACT = "310000019", "70001"
Row = dict[str, Any]


def example(kind: str, **changes: Any) -> Row:
    return {**next(row for row in (*EXAMPLES, *PAIRS) if row["type"] == kind), **changes}


def run(*rows: Row, dry_run: bool = False) -> checking.Report:
    return load.load(checking.encode(rows), actor=actor.system(), now=NOW, dry_run=dry_run)


def tables() -> dict[str, Any]:
    """Everything that a file can load."""
    models = {loaded._meta.label: loaded for loaded in (Practice, OpeningHours, Employee, Offer, Absence, Membership)}
    found: dict[str, Any] = {
        name: list(model._default_manager.order_by("pk").values()) for name, model in models.items()
    }
    return found | {"patients.Person": [vars(person) | {"_state": 0} for person in Person.objects.order_by("pk")]}


def person(serial: int = 1) -> Row:
    return example("person", national_number=synthetic_number(date(1984, 5, 14), serial))


def test_the_examples_of_the_documentation_are_a_file_that_loads() -> None:
    report = run(*EXAMPLES)

    assert report.bad == {}
    assert {kind: count.created for kind, count in report.counts.items()} == dict.fromkeys(KINDS, 1)
    citizen = Person.objects.get()
    assert (citizen.name, citizen.phone, citizen.national_number) == (
        "Kari Eksempel",
        "+4745555555",
        EXAMPLES[10]["national_number"],
    )
    assert citizen.memberships.get().contract.doctors.get().clinician.name == "Eva Eksempel"
    assert bytes(Employee.objects.get().national_number_index) == blind_index(
        EXAMPLES[4]["national_number"], purpose="national-number"
    )


def test_a_new_office_gets_the_key_that_seals_its_texts() -> None:
    run(example("office"))

    assert DataKey.objects.filter(scope=Practice.objects.get().pk).count() == 1


def test_the_same_file_twice_changes_nothing_and_says_so() -> None:
    run(*EXAMPLES)
    before, traces = tables(), Event.objects.count()

    report = run(*EXAMPLES)

    assert report.changes == 0
    assert {kind: count.unchanged for kind, count in report.counts.items()} == dict.fromkeys(KINDS, 1)
    assert tables() == before
    assert Event.objects.count() == traces


def test_the_same_file_later_confirms_each_fact_as_of_then_or_as_of_when_the_register_said_so() -> None:
    family = [
        example("person"),
        example("person", national_number="09831850148", given_name="Ola", birth_date="2018-03-09"),
        example("responsibility"),
        example("guardianship"),
    ]
    rows = [row for row in EXAMPLES if row["type"] not in ("person", "responsibility", "guardianship")] + family
    facts = (Person, Membership, Responsibility, Guardianship)
    run(*rows)
    reserved = set(Person.objects.values_list("reservation_confirmed_at", flat=True))
    later, told = NOW + timedelta(days=2), NOW + timedelta(days=1)

    assert load.load(checking.encode(rows), actor=actor.system(), now=later).changes == 0
    for model in facts:
        assert set(model.objects.values_list("confirmed_at", flat=True)) == {later}
    assert set(Person.objects.values_list("reservation_confirmed_at", flat=True)) == reserved

    named = [row | {"confirmed_at": told.isoformat()} for row in family]
    load.load(checking.encode(named), actor=actor.system(), now=later + timedelta(days=2))
    assert set(Person.objects.values_list("confirmed_at", flat=True)) == {later}  # said earlier
    assert set(Responsibility.objects.values_list("confirmed_at", flat=True)) == {later}
    load.load(checking.encode([row | {"is_reserved": False} for row in family[:2]]), actor=actor.system(), now=later)
    assert set(Person.objects.values_list("reservation_confirmed_at", flat=True)) == {later}


CHANGES: dict[str, Row] = {
    "office": {"name": "Nytt navn", "supported_services": ["book"]},
    "opening-hours": {"week": {"friday": [["09:00", "10:00"]]}},
    "opening-exception": {"opens": "08:00", "closes": "12:00"},
    "clinician": {"name": "Eva Nytt"},
    "employee": {"name": "Eva Nytt"},
    "contract": {"max_patients": 5},
    "contract-doctor": {"ends_date": "2030-01-01"},
    "offer": {"is_open": False, "closed_reason": "Ferie"},
    "absence": {"last_date": "2026-12-22"},
    "source": {"phone": "55555555"},
    "person": {"given_name": "Karin", "address": "Lia 3"},
    "membership": {"ends_date": "2025-01-01"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_row_is_changed_and_counted_and_only_that_one(kind: str) -> None:
    run(*EXAMPLES)
    changed = [row | CHANGES[kind] if row["type"] == kind else row for row in EXAMPLES]

    report = run(*changed)

    assert {name: count.changed for name, count in report.counts.items()} == {name: int(name == kind) for name in KINDS}
    assert run(*changed).changes == 0


def test_a_renamed_person_is_found_by_her_new_name_alone() -> None:
    run(*EXAMPLES)
    before = Person.objects.get().name_keys

    run(example("person", given_name="Åse"))

    assert Person.objects.get().name_keys != before


def test_a_person_with_one_name_stops_no_file() -> None:
    for row in (example("person", given_name=""), {k: v for k, v in example("person").items() if k != "given_name"}):
        assert not run(*[each for each in EXAMPLES if each["type"] != "person"], row).bad
        assert Person.objects.get().name.split()[-1] == "Eksempel"


def test_what_is_left_out_stays_and_null_empties() -> None:
    run(*EXAMPLES)
    short = {"type": "office", "organisation_number": OFFICE, "name": "Eksempelbyen legesenter"}

    assert run(short).changes == 0
    assert run(short | {"her_id": None}).changes == 1
    assert Practice.objects.get().her_id is None


def test_a_language_she_has_chosen_herself_stays() -> None:
    run(example("person", language="en"))
    assert Person.objects.get().language == "en"

    assert run(example("person", language="nn")).changes == 0
    assert Person.objects.get().language == "en"


def test_lines_may_stand_in_any_order() -> None:
    assert run(*reversed(EXAMPLES)).bad == {}
    assert Membership.objects.count() == 1


BAD = {
    "no object": ("[]", "must be a JSON object"),
    "broken": ('{"type": "office"', "is not JSON: one object a line is expected"),
    "unknown type": ('{"type": "hospital"}', "type must be one of: office, "),
    "unknown field": (json.dumps(example("office", colour="red")), "colour is not a field of this type"),
    "missing": ('{"type": "clinician", "hpr_number": "9000101"}', "name is missing"),
    "wrong number": (
        json.dumps(person() | {"national_number": "14858400114"}),
        "national_number: has wrong control digits",
    ),
    "real person": (json.dumps(person() | {"national_number": "01019000083"}), "national_number: is not synthetic"),
    "wrong day": (json.dumps(person() | {"birth_date": "1984-02-30"}), "birth_date: should be a valid date"),
    "no zone": (json.dumps(person() | {"contact_confirmed_at": "2026-01-01T10:00:00"}), "contact_confirmed_at: should"),
    "ends first": (json.dumps(example("membership", ends_date="2020-01-01")), "ends_date must be after starts_date"),
    "doctor without number": (json.dumps(example("employee", hpr_number=None)), "needs hpr_number"),
    "hours": (json.dumps(example("opening-hours", week={"monday": [["10:00", "09:00"]]})), "one after another"),
    "control character": (json.dumps(example("office", name="a\0b")), "without control characters"),
    "unknown office": (
        json.dumps(example("contract", number="70099", office="310000035")),
        "the office it refers to is neither",
    ),
    "unknown doctor": (json.dumps(example("offer", hpr_number="9000999")), "the clinician it refers to is neither"),
    "unknown list": (
        json.dumps(example("membership", contract="1", starts_date="2025-01-01")),
        "the contract it refers to is neither",
    ),
    "unknown person": (
        json.dumps(example("membership", person=synthetic_number(date(1990, 1, 1), 0))),
        "the person it refers to is neither",
    ),
    "twice": (json.dumps(example("office")), "the same office stands on line 1"),
    "her-id twice": (
        json.dumps(example("office", organisation_number="310000035")),
        "the same her_id stands on line 1",
    ),
    "absence": (
        json.dumps(example("absence", first_date="2026-12-30", last_date="2027-01-02")),
        "overlaps another absence",
    ),
    "too long": (json.dumps(example("office", name="a" * 70_000)), "is longer than 65536 bytes"),
}


@pytest.mark.parametrize(("raw", "reason"), BAD.values(), ids=BAD)
def test_a_bad_line_is_reported_with_its_number_and_nothing_is_loaded(raw: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "registers.ndjson"
    rest = [json.dumps(row) for row in EXAMPLES]
    file.write_text("\n".join([*rest, "", raw, json.dumps(person(2))]), encoding="utf-8")
    before = tables()

    report = load.load(checking.File(file), actor=actor.system(), now=NOW)

    assert list(report.bad) == [len(EXAMPLES) + 2]
    assert reason in report.bad[len(EXAMPLES) + 2]
    assert tables() == before
    assert not Event.objects.exists()


def test_all_bad_lines_are_reported_at_once_and_what_they_hold_is_not_missed_as_well() -> None:
    report = run(
        example("office", name=""),
        example("contract"),
        example("person", birth_date="soon"),
        example("membership"),
        example("contract-doctor", hpr_number="9000999"),
        example("offer", service="magic"),
    )

    assert list(report.bad) == [1, 3, 5, 6]
    assert report.bad[5] == "the clinician it refers to is neither in the file nor loaded before"


@pytest.mark.parametrize("raw", [raw for raw, _ in BAD.values()], ids=BAD)
def test_a_report_never_repeats_a_number_or_a_name(raw: str) -> None:
    report = load.load([*checking.encode(EXAMPLES), raw.encode()], actor=actor.system(), now=NOW)

    told = " ".join(report.bad.values())
    for secret in ("14858400113", "14858400114", "01019000083", "Kari", "Eksempel"):
        assert secret not in told


def test_another_kind_of_file_is_given_up_after_a_thousand_bad_lines() -> None:
    report = load.load([b"hello"] * 5000, actor=actor.system(), now=NOW)

    assert report.gave_up
    assert (len(report.bad), report.lines) == (1000, 1000)


def test_a_dry_run_tells_what_would_happen_and_keeps_nothing() -> None:
    report = run(*EXAMPLES, dry_run=True)

    assert report.changes == len(EXAMPLES)
    assert not Practice.objects.exists()
    assert not Event.objects.exists()


def test_only_the_system_may_import() -> None:
    with pytest.raises(Denied):
        load.load([], actor=Actor(), now=NOW)


def test_an_import_leaves_one_trace_with_numbers_only() -> None:
    run(*EXAMPLES)

    event = Event.objects.get()
    assert event.action == "registers.imported"
    assert event.facts == {f"{kind.replace('-', '_')}_created": 1 for kind in KINDS}


def places() -> list[tuple[str, date, date | None]]:
    return list(Membership.objects.order_by("starts_date").values_list("contract__number", "starts_date", "ends_date"))


def test_a_new_list_ends_the_old_one_on_the_day_it_begins() -> None:
    run(*EXAMPLES)

    report = run(example("contract", number="70002"), example("membership", contract="70002", starts_date="2026-12-01"))

    assert places() == [
        ("70001", date(2024, 2, 1), date(2026, 12, 1)),
        ("70002", date(2026, 12, 1), None),
    ]
    count = report.counts["membership"]
    assert (count.created, count.changed, count.ended) == (1, 0, 1)
    assert run(*EXAMPLES).changes == 0, "the old file does not open the old list again"


def test_an_older_list_that_is_told_later_ends_when_the_known_one_begins() -> None:
    run(*EXAMPLES)

    run(example("membership", starts_date="2020-01-01", ends_date="2025-01-01"))

    assert places() == [
        ("70001", date(2020, 1, 1), date(2024, 2, 1)),
        ("70001", date(2024, 2, 1), None),
    ]


def test_a_person_may_move_back_and_forth_in_one_file() -> None:
    starts = ["2026-03-01", "2025-01-01", "2024-02-01", "2025-06-01"]
    moves = [example("membership", contract=f"7000{at % 2 + 1}", starts_date=day) for at, day in enumerate(starts)]
    rest = [row for row in EXAMPLES if row["type"] != "membership"]

    assert run(*rest, example("contract", number="70002"), *moves).bad == {}
    assert [ends for _, _, ends in places()] == [date(2025, 1, 1), date(2025, 6, 1), date(2026, 3, 1), None]


def test_two_offices_never_share_a_her_id() -> None:
    run(example("office"))

    report = run(example("office", organisation_number="310000035"), example("contract", office="310000035"))

    assert report.bad == {1: "her_id belongs to another that is already loaded"}


def test_the_database_is_asked_as_often_for_five_persons_as_for_fifty() -> None:
    def asked(serials: range) -> int:
        rows = [row for serial in serials for row in (person(serial), _place(serial))]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert run(*rows).bad == {}
        return sum("core_datakey" not in query["sql"] for query in queries)

    def _place(serial: int) -> Row:
        return example("membership", person=person(serial)["national_number"])

    run(*EXAMPLES)
    assert asked(range(10, 15)) == asked(range(20, 70))


lists = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.sampled_from(["70001", "70002", "70003"]),
        st.none() | st.integers(1, 500),
    ),
    unique_by=lambda place: place[0],
    min_size=1,
    max_size=6,
)


@given(first=lists, second=lists)
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_lists_a_person_is_on_one_at_a_time_and_a_file_is_stable(
    first: list[tuple[int, str, int | None]], second: list[tuple[int, str, int | None]]
) -> None:
    def rows(moves: list[tuple[int, str, int | None]]) -> list[Row]:
        return [
            example(
                "membership",
                contract=contract,
                starts_date=str(date(2024, 1, 1) + timedelta(start)),
                ends_date=str(date(2024, 1, 1) + timedelta(start + length)) if length else None,
            )
            for start, contract, length in moves
        ]

    Membership.objects.all().delete()
    rest = [row for row in EXAMPLES if row["type"] != "membership"]
    run(*rest, example("contract", number="70002"), example("contract", number="70003"))
    for file in (first, second):
        assert run(*rows(file)).bad == {}
        assert run(*rows(file)).changes == 0
    found = places()
    assert {start for _, start, _ in found} == {date(2024, 1, 1) + timedelta(start) for start, _, _ in first + second}
    for (_, _, ends), (_, starts, _) in pairwise(found):
        assert ends is not None
        assert ends <= starts


names = st.text(st.characters(categories=["L", "Nd", "Pd", "Zs"]), min_size=1, max_size=40).map(str.strip).filter(bool)


@given(given_name=names, family_name=names, address=st.just("") | names, reserved=st.booleans())
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_person_comes_back_as_the_file_said(given_name: str, family_name: str, address: str, reserved: bool) -> None:
    row = example("person", given_name=given_name, family_name=family_name, address=address, is_reserved=reserved)
    if not all(text.isprintable() for text in (given_name, family_name, address)):
        assert "must be one line of text" in run(row).bad[1]
        return

    assert run(row).bad == {}
    found = Person.objects.get()
    assert (found.given_name, found.family_name, found.address, found.is_reserved) == (
        given_name,
        family_name,
        address,
        reserved,
    )


def child(**changes: Any) -> Row:
    return example("person", national_number=PAIRS[0]["child"], given_name="Ola", birth_date="2018-03-09", **changes)


def test_who_may_act_for_whom_comes_from_the_register() -> None:
    report = run(*EXAMPLES, child(), *PAIRS)

    assert report.bad == {}
    responsibility, guardianship = Responsibility.objects.get(), Guardianship.objects.get()
    assert (responsibility.parent.given_name, responsibility.child.given_name) == ("Kari", "Ola")
    assert (guardianship.guardian_id, guardianship.person_id) == (responsibility.parent_id, responsibility.child_id)
    assert run(*EXAMPLES, child(), *PAIRS).changes == 0


def test_a_lost_responsibility_ends_on_its_day() -> None:
    run(*EXAMPLES, child(), *PAIRS)

    report = run(PAIRS[0] | {"ends_date": "2026-11-23"})

    assert report.counts["responsibility"].changed == 1
    assert Responsibility.objects.get().ends_date == date(2026, 11, 23)


def test_a_right_over_somebody_unknown_or_oneself_is_refused() -> None:
    assert "person it refers to" in run(*EXAMPLES, PAIRS[0]).bad[len(EXAMPLES) + 1]
    assert "two persons" in run(PAIRS[0] | {"child": PAIRS[0]["parent"]}).bad[1]
    assert "two persons" in run(PAIRS[1] | {"person": PAIRS[1]["guardian"]}).bad[1]


def test_those_at_the_same_address_have_the_same_key_and_a_protected_one_has_none() -> None:
    run(*EXAMPLES, child(address="LIA 2,  5555 Eksempelbyen"))
    kari, ola = Person.objects.order_by("birth_date")
    assert bytes(kari.address_key or b"") == bytes(ola.address_key or b"") != b""

    run(child(address_grading="confidential"))
    ola.refresh_from_db()
    assert ola.address_key is None
