"""What the office does: who may, in which states, what is written, and the trace it leaves."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests.factories import Office
from legedialog.audit.models import Event
from legedialog.cautions.tests.factories import caution
from legedialog.core.errors import Denied, LegedialogError, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.practices.models import Absence, Clinician
from legedialog.prescriptions import rules, treating
from legedialog.prescriptions.models import Allowance, Item, Prescription, Step
from legedialog.prescriptions.rules import Status, Verdict
from legedialog.prescriptions.tests.factories import NOW, TODAY, citizen, item_in, office, ordered, prescription

pytestmark = pytest.mark.django_db


def new_item(at: Office, **values: object) -> Item:
    kari = at.patient()
    return Item.objects.get(renewal=ordered(kari, prescription(kari, at, **values)))  # type: ignore[arg-type]


def test_opening_an_order_receives_it_once() -> None:
    at = office()
    item, mona = new_item(at), at.staff()
    for _ in range(2):
        treating.open_(actor=mona, renewal_id=item.renewal_id, now=NOW)
    assert list(Step.objects.filter(item=item).order_by("at", "pk").values_list("status", flat=True)) == [
        "sent",
        "received",
    ]
    assert Event.objects.filter(action="renewal.received", employee_id=mona.employee_id).count() == 1


def test_a_renewal_is_a_new_prescription_with_an_identity_and_a_year_of_its_own() -> None:
    at = office()
    item, doctor = new_item(at, supply_days=98), at.staff(Role.DOCTOR)
    treating.sign(actor=doctor, item_ids=[item.pk], now=NOW)
    item.refresh_from_db()
    old, new = item.prescription, item.result
    assert new
    assert item.status == "renewed"
    assert item.decided_by_id == doctor.employee_id
    assert new.pk != old.pk
    assert new.renews_id == old.pk
    assert (new.written_date, new.valid_until_date) == (TODAY, date(2027, 11, 23))
    assert (new.prescriber_id, new.prescriber_hpr) == (at.doctor.pk, at.doctor.hpr_number)
    same = ["name", "substance", "atc", "strength", "form", "pack", "use", "amount", "dispensings", "group"]
    assert all(getattr(new, each) == getattr(old, each) for each in same)
    assert not new.collected.exists()
    assert Entry.objects.filter(object_id=item.pk, by_employee=doctor.employee_id).count() == 1
    assert Event.objects.filter(action="renewal.renewed", object_id=item.pk).count() == 1
    assert Notification.objects.get(event="renewal.answered").object_id == item.renewal_id


def test_nothing_is_signed_before_each_caution_it_meets_is_seen() -> None:
    at = office()
    item, doctor = new_item(at), at.staff(Role.DOCTOR)
    met = caution(doctor, item.patient_id, NOW, "Betablokkere")
    caution(doctor, item.patient_id, NOW, "Penicillin", "J01CE")  # of another kind
    for ticked in ([], [(new_id(), met.pk)], [(item.pk, new_id())]):
        with pytest.raises(Refused, match="renewal-caution"):
            treating.sign(actor=doctor, item_ids=[item.pk], cautions_seen=ticked, now=NOW)
    assert Item.objects.get(pk=item.pk).result is None
    treating.sign(actor=doctor, item_ids=[item.pk], cautions_seen=[(item.pk, met.pk)], now=NOW)
    assert "Legen har sett CAVE: Betablokkere." in Entry.objects.get(object_id=item.pk).text


def test_the_record_does_not_name_a_caution_that_is_hidden_from_a_child() -> None:
    at = office()
    item, doctor = new_item(at), at.staff(Role.DOCTOR)
    met = caution(doctor, item.patient_id, NOW, "Betablokkere", restriction="NORN_UNGDOM")
    treating.sign(actor=doctor, item_ids=[item.pk], cautions_seen=[(item.pk, met.pk)], now=NOW)
    assert "CAVE" not in Entry.objects.get(object_id=item.pk).text


def test_another_strength_is_a_change_and_the_old_product_number_does_not_follow() -> None:
    at = office()
    item = new_item(at, product_number="123456")
    draft = treating.Draft("100 mg", "1 tablett om kvelden", 2, 3, 6)
    treating.sign(
        actor=at.staff(Role.DOCTOR), item_ids=[item.pk], drafts={item.pk: draft}, answer="Høyere dose", now=NOW
    )
    item.refresh_from_db()
    new = item.result
    assert new
    assert item.status == "changed"
    assert item.answer == "Høyere dose"
    assert (new.strength, new.use, new.amount, new.dispensings) == ("100 mg", "1 tablett om kvelden", 2, 3)
    assert (new.product_number, new.supply_days) == ("", None)
    assert new.valid_until_date == date(2027, 5, 23)
    assert "100 mg" in Entry.objects.get(object_id=item.pk).text


def test_staff_prepare_and_hand_over_and_what_they_proposed_is_what_is_signed() -> None:
    at = office()
    item, mona, doctor = new_item(at), at.staff(), at.staff(Role.DOCTOR)
    draft = treating.Draft("50 mg", item.use, 2, 4, 12)
    treating.prepare(actor=mona, item_ids=[item.pk], drafts={item.pk: draft}, note="Tok blodtrykk i mai", now=NOW)
    item.refresh_from_db()
    assert (item.status, item.amount, item.staff_note) == ("prepared", 2, "Tok blodtrykk i mai")
    treating.prepare(actor=mona, item_ids=[item.pk], hand_over=True, now=NOW)
    treating.send_back(actor=doctor, item_ids=[item.pk], note="Sjekk nyreprøver", now=NOW)
    treating.prepare(actor=mona, item_ids=[item.pk], hand_over=True, note="Kreatinin 70", now=NOW)
    treating.sign(actor=doctor, item_ids=[item.pk], now=NOW)
    item.refresh_from_db()
    assert item.result
    assert (item.status, item.result.amount) == ("changed", 2)
    story = Step.objects.filter(item=item).order_by("at", "pk").values_list("status", flat=True)
    assert list(story) == ["sent", "prepared", "with-doctor", "prepared", "with-doctor", "changed"]


def test_a_refusal_and_a_wish_for_a_visit_carry_their_text_and_times() -> None:
    at = office()
    doctor = at.staff(Role.DOCTOR)
    kari = at.patient()
    one = Item.objects.get(renewal=ordered(kari, prescription(kari, at)))
    other = Item.objects.get(renewal=ordered(kari, prescription(kari, at, atc="C10AA01")))
    treating.refuse(actor=doctor, item_ids=[one.pk], text="Trenger prøver", now=NOW)
    at_nine = NOW + timedelta(days=2)
    treating.ask_for_appointment(actor=doctor, item_ids=[other.pk], text="Kom", times=[at_nine], now=NOW)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.status, one.answer, one.result) == ("refused", "Trenger prøver", None)
    assert (other.status, other.times) == ("needs-appointment", [at_nine])
    assert "Trenger prøver" in Entry.objects.get(object_id=one.pk).text
    assert not Prescription.objects.filter(renews__isnull=False).exists()


def test_many_in_one_step_tell_each_patient_once_and_all_or_none_are_signed() -> None:
    at = office()
    doctor = at.staff(Role.DOCTOR)
    kari, per = at.patient(), at.patient("Per Testvik")
    first = ordered(kari, prescription(kari, at), prescription(kari, at, atc="C10AA01"))
    second = ordered(per, prescription(per, at))
    ids = list(Item.objects.values_list("pk", flat=True))
    treating.sign(actor=doctor, item_ids=ids, now=NOW)
    assert set(Item.objects.values_list("status", flat=True)) == {"renewed"}
    told = Notification.objects.filter(event="renewal.answered").values_list("object_id", flat=True)
    assert sorted(told) == sorted([first.pk, second.pk])
    third = Item.objects.get(renewal=ordered(per, prescription(per, at, atc="A02BC01")))
    with pytest.raises(Refused):
        treating.sign(actor=doctor, item_ids=[ids[0], third.pk], now=NOW)
    third.refresh_from_db()
    assert third.status == "sent"


def test_signing_many_takes_as_many_statements_as_signing_few() -> None:
    at = office()
    doctor = at.staff(Role.DOCTOR)

    def statements(count: int) -> int:
        ids: list[UUID] = []
        for number in range(count):
            who = at.patient(f"Nummer Test{number}")
            ids += Item.objects.filter(renewal=ordered(who, prescription(who, at))).values_list("pk", flat=True)
        with CaptureQueriesContext(connection) as asked:
            treating.sign(actor=doctor, item_ids=ids, now=NOW)
        # In a test's own transaction a key is not remembered, so each sealed text asks for it.
        return sum("core_datakey" not in each["sql"] for each in asked)

    assert statements(2) == statements(20) < 30


USES: dict[str, Callable[[Actor, Item], object]] = {
    "prepare": lambda actor, item: treating.prepare(actor=actor, item_ids=[item.pk], now=NOW),
    "hand over": lambda actor, item: treating.prepare(actor=actor, item_ids=[item.pk], hand_over=True, now=NOW),
    "send back": lambda actor, item: treating.send_back(actor=actor, item_ids=[item.pk], note="", now=NOW),
    "sign": lambda actor, item: treating.sign(actor=actor, item_ids=[item.pk], now=NOW),
    "refuse": lambda actor, item: treating.refuse(actor=actor, item_ids=[item.pk], text="Nei", now=NOW),
    "ask": lambda actor, item: treating.ask_for_appointment(actor=actor, item_ids=[item.pk], text="Kom", now=NOW),
}
TO = {
    **{"prepare": "prepared", "hand over": "with-doctor", "send back": "prepared", "sign": "renewed"},
    **{"refuse": "refused", "ask": "needs-appointment"},
}


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("use", USES)
def test_what_is_decided_stays_decided(use: str, status: str) -> None:
    at = office()
    item = item_in(status, at, at.patient())
    doctor = at.staff(Role.DOCTOR)
    may = status in rules.OPEN and (TO[use] in rules.MOVES[status] or use == "prepare")
    if use == "prepare" and status == Status.WITH_DOCTOR:
        may = True  # looking again changes nothing
    if may:
        USES[use](doctor, item)
        item.refresh_from_db()
        assert item.status in (TO[use], status)
    else:
        with pytest.raises(Refused) as refused:
            USES[use](doctor, item)
        assert refused.value.code == "renewal-decided"
        item.refresh_from_db()
        assert item.status == status


WHO = (
    "a doctor here",
    "the substitute who stands in",
    "another substitute",
    "the secretary",
    "the manager",
    "the patient",
)


@pytest.mark.parametrize(
    ("who", "prepares", "signs"),
    [
        ("a doctor here", True, True),
        ("the substitute who stands in", True, True),
        ("another substitute", True, False),
        ("the secretary", True, False),
        ("the manager", False, False),
        ("staff elsewhere", False, False),
        ("the patient", False, False),
        ("nobody", False, False),
    ],
)
@pytest.mark.parametrize("use", USES)
def test_who_may(use: str, who: str, prepares: bool, signs: bool) -> None:
    at = office()
    item = item_in("with-doctor" if use == "send back" else "received", at, at.patient())
    stand_in = Clinician.objects.create(name="Leif Strand", hpr_number="9999991")
    Absence.objects.create(
        practice=at.practice, clinician=at.doctor, substitute=stand_in, first_date=TODAY, last_date=TODAY
    )
    actors: dict[str, Callable[[], Actor]] = {
        "a doctor here": lambda: at.staff(Role.DOCTOR),
        "the substitute who stands in": lambda: at.staff(Role.SUBSTITUTE, stand_in),
        "another substitute": lambda: at.staff(
            Role.SUBSTITUTE, Clinician.objects.create(name="Annen Vikar", hpr_number="9999992")
        ),
        "the secretary": at.staff,
        "the manager": lambda: at.staff(Role.MANAGER),
        "staff elsewhere": lambda: office("Dalen legekontor").staff(Role.DOCTOR),
        "the patient": lambda: citizen(item.patient),
        "nobody": Actor,
    }
    actor = actors[who]()
    if prepares if use in ("prepare", "hand over") else signs:
        USES[use](actor, item)
    else:
        with pytest.raises((Denied, NotFound)):
            USES[use](actor, item)
        item.refresh_from_db()
        assert item.status in rules.OPEN


def test_nothing_chosen_and_unknown_items() -> None:
    doctor = office().staff(Role.DOCTOR)
    for ids, error in (([], "renewal-nothing-chosen"), ([new_id()], "not-found")):
        with pytest.raises(LegedialogError) as refused:
            treating.sign(actor=doctor, item_ids=ids, now=NOW)
        assert refused.value.code == error


def test_preparing_several_stops_when_one_is_decided() -> None:
    at = office()
    kari = at.patient()
    mona = at.staff()
    decided = item_in("refused", at, kari)
    open_ = Item.objects.get(renewal=ordered(kari, prescription(kari, at, atc="C10AA01")))
    with pytest.raises(Refused):
        treating.prepare(actor=mona, item_ids=[decided.pk, open_.pk], now=NOW)
    open_.refresh_from_db()
    assert open_.status == "sent"


# ---- the office's list


@pytest.mark.parametrize(
    ("role", "own", "may"),
    [
        (Role.MANAGER, False, True),
        (Role.DOCTOR, True, True),
        (Role.DOCTOR, False, False),
        (Role.SECRETARY, False, False),
    ],
)
def test_who_may_change_the_list(role: Role, own: bool, may: bool) -> None:
    at = office()
    actor = at.staff(role)
    other = Clinician.objects.create(name="Jonas Vik", hpr_number="9999991")
    whose = at.doctor.pk if own else other.pk

    def allow() -> Allowance:
        return treating.allow(
            actor=actor,
            practice_id=at.practice.pk,
            clinician_id=whose,
            atc="C09",
            label="Blodtrykk",
            verdict=Verdict.ALLOWED,
            now=NOW,
        )

    if not may:
        with pytest.raises(Denied):
            allow()
        return
    allow()
    row = allow()  # once more replaces it
    assert Allowance.objects.count() == 1
    treating.remove_allowance(actor=actor, allowance_id=row.pk, now=NOW)
    assert not Allowance.objects.exists()
    with pytest.raises(NotFound):
        treating.remove_allowance(actor=actor, allowance_id=row.pk, now=NOW)


# ---- what the database refuses


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"valid_until_date": date(2020, 1, 1)}, "a_prescription_ends_after_it_is_written"),
        ({"dispensings": 0}, "a_prescription_is_dispensed_at_least_once"),
        ({"amount": 0}, "a_prescription_has_packages"),
    ],
)
def test_nonsense_is_refused_by_the_database(values: dict[str, object], constraint: str) -> None:
    at = office()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        prescription(at.patient(), at, dispensed=0, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "constraint"),
    [
        ("renewed", "a_signed_item_has_a_new_prescription"),
        ("refused", "a_decided_item_tells_by_whom"),
    ],
)
def test_a_state_without_what_it_needs_is_refused_by_the_database(status: str, constraint: str) -> None:
    item = new_item(office())
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(status=status)


@pytest.mark.parametrize("atc", ["c09", "C9", "C09AA0", "C0", "9"])
def test_the_list_holds_beginnings_of_codes_only(atc: str) -> None:
    at = office()
    with pytest.raises(IntegrityError), transaction.atomic():
        Allowance.objects.create(practice=at.practice, atc=atc, label="", verdict="allowed")


def test_group_b_that_is_not_paid_for_cannot_be_written_with_more_dispensings() -> None:
    at = office()
    kari = at.patient()
    item = new_item(at)
    item.prescription.group, item.prescription.dispensings = "B", 1
    item.prescription.save(update_fields=["group", "dispensings"])
    draft = treating.Draft("50 mg", item.use, 1, 2, 3)
    with pytest.raises(Refused) as refused:
        treating.sign(actor=at.staff(Role.DOCTOR), item_ids=[item.pk], drafts={item.pk: draft}, now=NOW)
    assert refused.value.code == "renewal-not-writable"
    assert kari.pk
