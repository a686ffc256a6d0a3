"""The citizen's use cases: it works, it refuses in each state, the stranger, the trace."""

from datetime import timedelta

import pytest

from legedialog.access.actor import Actor, Role, system
from legedialog.appointments.tests.factories import person
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.sql import ask_as_one, ask_for
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.patients.representation import Restriction
from legedialog.practices.models import Offer
from legedialog.prescriptions import duties, policy, queries, reading, rules, services, treating
from legedialog.prescriptions.models import Item, Look, Prescription, Renewal, Step
from legedialog.prescriptions.rules import Status
from legedialog.prescriptions.tests.factories import (
    NOW,
    TODAY,
    citizen,
    collected,
    item_in,
    looked,
    office,
    ordered,
    prescription,
)

pytestmark = pytest.mark.django_db


def test_an_order_of_two_waits_at_the_office_with_its_dates_story_record_and_trace() -> None:
    at = office()
    kari = at.patient()
    one, other = prescription(kari, at), prescription(kari, at, name="Simvastatin", atc="C10AA01", strength="20 mg")
    renewal = ordered(kari, one, other, note="Jeg reiser på torsdag")
    items = list(Item.objects.filter(renewal=renewal))
    assert {item.status for item in items} == {"sent"}
    assert {item.clinician_id for item in items} == {at.doctor.pk}
    assert {(item.strength, item.dispensings, item.months) for item in items} == {("50 mg", 4, 12), ("20 mg", 4, 12)}
    assert (renewal.due_date, renewal.warn_date, renewal.lapse_date) == rules.dates(TODAY)
    assert Step.objects.filter(item__in=items, status="sent", by_person=kari).count() == 2
    filed = Entry.objects.get(object_id=renewal.pk)
    assert "Metoprolol" in filed.text
    assert "torsdag" in filed.text
    assert Event.objects.filter(action="renewal.sent", patient_id=kari.pk).count() == 1


def test_the_same_key_twice_makes_one_order() -> None:
    at = office()
    kari = at.patient()
    row, key = prescription(kari, at), new_id()
    assert ordered(kari, row, key=key) == ordered(kari, row, key=key)
    assert Renewal.objects.count() == 1


def test_a_double_order_is_recognised_also_by_another_prescription_of_the_same() -> None:
    at = office()
    kari = at.patient()
    old, new = prescription(kari, at, days_left=-5), prescription(kari, at, days_left=9)
    ordered(kari, new)
    for row in (old, new):
        with pytest.raises(services.Stopped) as stopped:
            ordered(kari, row)
        assert stopped.value.code == "renewal-already-ordered"


def test_another_strength_of_the_same_substance_is_no_double_order() -> None:
    at = office()
    kari = at.patient()
    ordered(kari, prescription(kari, at, name="Levaxin", atc="H03AA01", strength="25 mikrog"))
    ordered(kari, prescription(kari, at, name="Levaxin", atc="H03AA01", strength="100 mikrog"))
    assert Item.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"group": "A", "dispensings": 1, "dispensed": 1, "atc": "N02AA01"}, "renewal-group-a"),
        ({"group": "B", "dispensings": 1, "dispensed": 1, "atc": "N05CF01"}, "renewal-group-b"),
        ({"atc": "J01CE02"}, "renewal-antibiotic"),
        ({"dispensed": 0}, "renewal-never-had"),
        ({"days_left": -190}, "renewal-expired-too-long"),
        ({"days_left": 60}, "renewal-too-early"),
        ({"withdrawn_at": NOW}, "renewal-withdrawn"),
    ],
)
def test_what_a_rule_stops_is_refused_with_its_code_and_nothing_is_kept(values: dict[str, object], code: str) -> None:
    at = office()
    kari = at.patient()
    row = prescription(kari, at, **values)  # type: ignore[arg-type]
    with pytest.raises(services.Stopped) as stopped:
        ordered(kari, prescription(kari, at, atc="C10AA01"), row)
    assert stopped.value.code == code
    assert stopped.value.medicine.id == row.pk
    assert not Renewal.objects.exists()


def test_another_prescribers_is_not_the_offices_to_renew() -> None:
    at = office()
    kari = at.patient()
    with pytest.raises(services.Stopped) as stopped:
        ordered(kari, prescription(kari, None))
    assert stopped.value.code == "renewal-other-prescriber"


def test_what_was_collected_on_an_earlier_one_counts_as_had() -> None:
    at = office()
    kari = at.patient()
    prescription(kari, at, days_left=-20)
    ordered(kari, prescription(kari, at, dispensed=0))


def test_the_office_s_list_decides_what_needs_a_consultation() -> None:
    at = office()
    kari = at.patient()
    doctor = at.staff(Role.DOCTOR)
    for atc, verdict in (("C07", rules.Verdict.CONSULTATION), ("J01XX05", rules.Verdict.ALLOWED)):
        treating.allow(
            actor=doctor, practice_id=at.practice.pk, clinician_id=None, atc=atc, label="", verdict=verdict, now=NOW
        )
    with pytest.raises(services.Stopped) as stopped:
        ordered(kari, prescription(kari, at))
    assert stopped.value.code == "renewal-needs-consultation"
    ordered(kari, prescription(kari, at, name="Hiprex", atc="J01XX05"))


def test_only_where_the_doctor_offers_it() -> None:
    at = office()
    kari = at.patient()
    Offer.objects.filter(clinician=at.doctor, service="renew").update(is_open=False, closed_reason="Ferie")
    with pytest.raises(Refused) as refused:
        ordered(kari, prescription(kari, at))
    assert refused.value.code == "service-closed"
    assert refused.value.facts["reason"] == "Ferie"


def test_without_a_gp_or_full_consent_or_a_choice_nothing_is_sent() -> None:
    at = office()
    for who, level, code in (
        (person("Uten Fastlege"), None, "renewal-no-gp"),
        (at.patient("Per Testvik"), Level.BASIS, "needs-full-access"),
        (at.patient("Kari Testdal"), None, "renewal-nothing-chosen"),
    ):
        if level:
            Consent.objects.filter(person=who).update(level=level)
        rows = [] if code == "renewal-nothing-chosen" else [prescription(who, at)]
        with pytest.raises(Refused) as refused:
            ordered(who, *rows)
        assert refused.value.code == code


def test_a_stranger_finds_nothing() -> None:
    at = office()
    kari, per = at.patient(), at.patient("Per Testvik")
    row = prescription(kari, at)
    with pytest.raises(NotFound):
        ordered(kari, row, actor=citizen(per))
    with pytest.raises(NotFound):
        ordered(per, row)
    renewal = ordered(kari, row)
    for actor in (citizen(per), office("Dalen").staff(), Actor()):
        with pytest.raises(NotFound):
            queries.order(actor, renewal.pk, NOW)
        with pytest.raises(NotFound):
            services.withdraw(actor=actor, renewal_id=renewal.pk, now=NOW)
        with pytest.raises(NotFound):
            queries.one(actor, kari.pk, row.pk, None, NOW)


@pytest.mark.parametrize("status", Status.values)
def test_she_takes_it_back_until_it_is_decided(status: str) -> None:
    at = office()
    kari = at.patient()
    item = item_in(status, at, kari)
    if status in rules.OPEN:
        assert services.withdraw(actor=citizen(kari), renewal_id=item.renewal_id, now=NOW) == 1
        item.refresh_from_db()
        assert item.status == "withdrawn"
        assert Event.objects.filter(action="renewal.withdrawn", object_id=item.pk).exists()
        assert Entry.objects.filter(object_id=item.pk, title__isnull=False).exists()
    else:
        with pytest.raises(Refused) as refused:
            services.withdraw(actor=citizen(kari), renewal_id=item.renewal_id, now=NOW)
        assert refused.value.code == "renewal-decided"


def test_what_was_taken_back_may_be_ordered_again() -> None:
    at = office()
    kari = at.patient()
    row = prescription(kari, at)
    services.withdraw(actor=citizen(kari), renewal_id=ordered(kari, row).pk, now=NOW)
    ordered(kari, row)


# ---- hidden from somebody


def acting(kari: Actor, child_id: object, ground: str, areas: object = None) -> Actor:
    from dataclasses import replace

    return replace(kari, acting_for_id=child_id, patients=frozenset({child_id}), ground=ground, areas=areas)  # type: ignore[arg-type]


def test_a_hidden_prescription_is_not_there_for_the_parents_but_for_the_youth() -> None:
    at = office()
    kari, nora = at.patient(), at.patient("Nora Testdal")
    shown, hidden = prescription(nora, at), prescription(nora, at, name="Cerazette", atc="G03AC09")
    doctor = at.staff(Role.DOCTOR)
    services.restrict(actor=doctor, prescription_id=hidden.pk, restriction=Restriction.FROM_PARENTS, now=NOW)
    parent, youth = acting(citizen(kari), nora.pk, "FO"), acting(citizen(nora), nora.pk, "youth")
    gp = None
    assert [each.id for each in queries.medicines(parent, nora.pk, gp, TODAY)] == [shown.pk]
    assert {each.id for each in queries.medicines(youth, nora.pk, gp, TODAY)} == {shown.pk, hidden.pk}
    with pytest.raises(NotFound):
        queries.one(parent, nora.pk, hidden.pk, gp, NOW)
    with pytest.raises(NotFound):
        ordered(nora, hidden, actor=parent)
    renewal = ordered(nora, shown, hidden, actor=youth)
    seen = queries.order(parent, renewal.pk, NOW)
    assert [each.medicine.id for each in seen.items] == [shown.pk]
    assert {entry.restriction for entry in Entry.objects.filter(object_id=renewal.pk)} == {"N", "NORN_FORANS"}
    assert all("Cerazette" not in entry.text for entry in Entry.objects.filter(restriction="N"))


def test_a_youth_hides_from_her_parents_and_only_that() -> None:
    at = office()
    nora = at.patient("Nora Testdal")
    row, youth = prescription(nora, at), acting(citizen(nora), nora.pk, "youth")
    services.restrict(actor=youth, prescription_id=row.pk, restriction=Restriction.FROM_PARENTS, now=NOW)
    assert Event.objects.get(action="prescription.hidden").facts == {"restriction": "NORN_FORANS"}
    services.restrict(actor=youth, prescription_id=row.pk, restriction=Restriction.NORMAL, now=NOW)
    with pytest.raises(Denied):
        services.restrict(actor=youth, prescription_id=row.pk, restriction=Restriction.FROM_YOUTH, now=NOW)
    for actor in (citizen(nora), at.staff(Role.SECRETARY)):
        with pytest.raises(Denied):
            services.restrict(actor=actor, prescription_id=row.pk, restriction=Restriction.FROM_PARENTS, now=NOW)


def test_answers_on_hjem_are_of_what_the_policy_shows() -> None:
    at = office()
    kari, nora = at.patient(), at.patient("Nora Testdal")
    parent, youth = acting(citizen(kari), nora.pk, "FO"), acting(citizen(nora), nora.pk, "youth")
    narrow = acting(citizen(kari), nora.pk, "FU", frozenset({"gp"}))
    for number, who in enumerate((parent, youth, citizen(nora))):
        for each, restriction in enumerate(Restriction):
            row = prescription(nora, at, name=f"{number}{each}", atc=f"C07A{number}{each}1")
            ordered(nora, row, actor=who)
            Prescription.objects.filter(pk=row.pk).update(restriction=restriction)
    readers = [citizen(nora), parent, youth, narrow, citizen(kari)]
    late = NOW + timedelta(days=100)
    shown = []
    for reader in readers:
        moved = ask_for(queries.waits(reader, nora.pk, None, late)[0])
        shown.append({each.renewal_id for each in moved})
    assert shown == [set(policy.items_visible_to(each).values_list("renewal", flat=True)) for each in readers]
    assert len(shown[0]) > len(shown[1]) > len(shown[3]) == len(shown[4]) == 0


def test_a_youth_does_not_see_what_a_parent_ordered_but_cannot_order_it_twice() -> None:
    at = office()
    kari, nora = at.patient(), at.patient("Nora Testdal")
    row = prescription(nora, at)
    parent, youth = acting(citizen(kari), nora.pk, "FO"), acting(citizen(nora), nora.pk, "youth")
    ordered(nora, row, actor=parent)
    assert not queries.orders(youth, nora.pk, [])
    with pytest.raises(services.Stopped) as stopped:
        ordered(nora, row, actor=youth)
    assert stopped.value.code == "renewal-already-ordered"


def test_a_power_of_attorney_without_the_area_sees_and_orders_nothing() -> None:
    at = office()
    grethe, tor = at.patient("Grethe Testli"), at.patient("Tor Testli")
    row = prescription(grethe, at)
    narrow, wide = (
        acting(citizen(tor), grethe.pk, "FU", frozenset({"gp"})),
        acting(citizen(tor), grethe.pk, "FU", frozenset({"prescriptions"})),
    )
    assert not queries.medicines(narrow, grethe.pk, None, TODAY)
    with pytest.raises(Denied):
        ordered(grethe, row, actor=narrow)
    assert ordered(grethe, row, actor=wide).sent_by_id == tor.pk


def test_who_sent_it_for_her_is_named_to_her_and_to_the_office() -> None:
    at = office()
    grethe, tor = at.patient("Grethe Testli"), person("Tor Testli")  # who is on no list of this office
    wide = acting(citizen(tor), grethe.pk, "FU", frozenset({"prescriptions"}))
    renewal = ordered(grethe, prescription(grethe, at), actor=wide)
    for reader in (citizen(grethe), at.staff(Role.DOCTOR)):
        assert queries.order(reader, renewal.pk, NOW).sent_by_name == "Tor Testli"


# ---- what the clock does


def test_both_sides_are_warned_once_before_it_lapses_and_then_it_lapses() -> None:
    at = office()
    kari = at.patient()
    item = item_in("received", at, kari)
    assert not duties.warn(NOW + timedelta(days=9))
    for _ in range(2):
        duties.warn(NOW + timedelta(days=10))  # eight working days
    assert Notification.objects.filter(event="renewal.late", recipient=kari).count() == 1
    assert queries.order(citizen(kari), item.renewal_id, NOW + timedelta(days=10)).is_late
    assert not duties.lapse(NOW + timedelta(days=13))
    assert duties.lapse(NOW + timedelta(days=14)) == 1
    assert not duties.lapse(NOW + timedelta(days=14))
    item.refresh_from_db()
    assert item.status == "lapsed"
    assert Notification.objects.filter(event="renewal.lapsed").count() == 1
    assert Entry.objects.filter(object_id=item.pk, contact_type="renewal").count() == 1
    assert Event.objects.get(action="renewal.lapsed").patient_id == kari.pk


def test_who_looked_and_did_not_order_is_reminded_once_a_day_later() -> None:
    at = office()
    kari = at.patient()
    row = prescription(kari, at, days_left=9)
    for _ in range(2):
        looked(kari, row)
    assert Look.objects.count() == 1
    assert not duties.nudge(NOW + timedelta(hours=23))
    assert duties.nudge(NOW + timedelta(hours=25)) == 1
    looked(kari, row, NOW + timedelta(hours=26))
    duties.nudge(NOW + timedelta(hours=52))
    assert Notification.objects.filter(event="renewal.nudge", object_id=row.pk).count() == 1


@pytest.mark.parametrize("days", [15, -3])
def test_nobody_is_reminded_of_what_runs_out_later_or_has_run_out(days: int) -> None:
    at = office()
    kari = at.patient()
    looked(kari, prescription(kari, at, days_left=days))
    assert not Look.objects.exists()


def test_an_order_takes_the_reminder_away() -> None:
    at = office()
    kari = at.patient()
    row = prescription(kari, at, days_left=9)
    looked(kari, row)
    ordered(kari, row)
    assert not duties.nudge(NOW + timedelta(hours=30))


# ---- reading


def test_the_statement_shows_everybody_what_the_policy_shows_her() -> None:
    at, elsewhere = office(), office("Dalen")
    kari, nora = at.patient(), at.patient("Nora Testdal")
    prescription(kari, at)
    for restriction in Restriction:
        row = prescription(nora, at, name=restriction.name)
        Prescription.objects.filter(pk=row.pk).update(restriction=restriction)
        left = prescription(nora, elsewhere, name=f"{restriction.name}, there")
        Prescription.objects.filter(pk=left.pk).update(restriction=restriction)
    grounds = [
        (ground, areas) for ground in ("FO", "youth", "FU") for areas in (frozenset({"prescriptions"}), frozenset())
    ]
    readers = [
        *(citizen(kari), citizen(nora), citizen(elsewhere.patient("Per Testvik")), Actor(), system()),
        *(acting(citizen(kari), nora.pk, ground, areas) for ground, areas in grounds),
        *(where.staff(role) for where in (at, elsewhere) for role in Role),
    ]
    both = [kari.pk, nora.pk]
    shown = [{each.id for each in reading.load(reader, both, reading.Office(), TODAY)} for reader in readers]
    assert shown == [
        set(policy.visible_to(reader, TODAY).filter(patient__in=both).values_list("pk", flat=True))
        for reader in readers
    ]
    assert {len(each) for each in shown} > {0, 1, 3, 6}


def test_the_list_has_what_runs_out_first_on_top_and_the_ended_ones_of_a_year_below() -> None:
    at = office()
    kari = at.patient()
    later = prescription(kari, at, name="Simvastatin", atc="C10AA01", days_left=100)
    soon = prescription(kari, at, days_left=5)
    ended = prescription(kari, at, name="Paracet", atc="N02BE01", days_left=-60)
    prescription(kari, at, name="Gammel", atc="A02BC01", days_left=-400)
    found = queries.overview(citizen(kari), kari.pk, None, NOW)
    assert [each.id for each in found.current] == [soon.pk, later.pk]
    assert [each.id for each in found.earlier] == [ended.pk]
    assert found.sources[0].answers


def test_a_renewed_one_goes_below_its_renewal() -> None:
    at = office()
    kari = at.patient()
    item = item_in("renewed", at, kari)
    found = queries.overview(citizen(kari), kari.pk, None, NOW)
    assert [each.id for each in found.current] == [item.result_id]
    assert [each.id for each in found.earlier] == [item.prescription_id]
    assert found.current[0].stop
    collected_once = collected(item.result, TODAY)  # type: ignore[arg-type]
    assert queries.one(citizen(kari), kari.pk, item.result_id, None, NOW).left == 3  # type: ignore[arg-type]
    assert collected_once.pharmacy


@pytest.mark.parametrize("count", [1, 12])
def test_the_pages_ask_the_same_number_of_questions_however_many_there_are(
    count: int, django_assert_max_num_queries: object
) -> None:
    at = office()
    kari = at.patient()
    rows = [prescription(kari, at, name=f"Nummer {number}", atc=f"C10AA{number:02}") for number in range(count)]
    ordered(kari, *rows)
    gp = queries.doors(kari.pk, TODAY).gp
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        queries.overview(citizen(kari), kari.pk, gp, NOW)
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        queries.orders(citizen(kari), kari.pk, [])
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        queries.waiting(gp, NOW, *ask_as_one(*queries.waits(citizen(kari), kari.pk, gp, NOW)))


def test_what_is_read_for_another_leaves_a_trace_and_ones_own_does_not() -> None:
    at = office()
    kari, nora = at.patient(), at.patient("Nora Testdal")
    prescription(nora, at)
    queries.overview(acting(citizen(kari), nora.pk, "FO"), nora.pk, None, NOW)
    queries.overview(citizen(kari), kari.pk, None, NOW)
    assert [event.patient_id for event in Event.objects.filter(action="prescriptions.listed")] == [nora.pk]
