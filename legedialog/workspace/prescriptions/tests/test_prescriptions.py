"""Resepter in the office: by role, one and many, warnings, and what is logged."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import Office, citizen, office
from legedialog.audit.models import Event
from legedialog.cautions.tests.factories import caution
from legedialog.core import seen
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.dialogues.tests.factories import answered
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person
from legedialog.practices.models import Absence, Clinician
from legedialog.prescriptions import rules, services, treating
from legedialog.prescriptions.models import Allowance, Item, Prescription, Renewal
from legedialog.prescriptions.tests.factories import TODAY
from legedialog.prescriptions.tests.factories import prescription as made

pytestmark = pytest.mark.django_db
NOW = timezone.now()
QUEUE = "/kontor/resepter/"


@pytest.fixture
def at() -> Office:
    return office()


def order(who: Person, at: Office, note: str = "", **values: Any) -> Item:
    shift = (local_day(NOW) - TODAY).days
    row = made(who, at, **{"days_left": 10 + shift, **values})
    renewal = services.send(
        actor=citizen(who), patient_id=who.pk, prescription_ids=[row.pk], key=new_id(), note=note, now=NOW
    )
    return Item.objects.get(renewal=renewal)


def with_doctor(item: Item, at: Office) -> Item:
    treating.prepare(actor=at.staff(Role.DOCTOR), item_ids=[item.pk], hand_over=True, now=NOW)
    return item


def url_of(item: Item) -> str:
    return reverse("workspace:prescription-order", args=[item.renewal_id])


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def fields(item: Item, do: str, **values: object) -> dict[str, object]:
    """As from a page that was opened now."""
    draft = {"strength": "50 mg", "use": "1 tablett", "amount": 1, "dispensings": 4, "months": 12, **values}
    return {
        "do": do,
        "item": str(item.pk),
        "seen": seen_now(item),
        **{f"{item.pk}-{name}": value for name, value in draft.items()},
    }


def seen_now(item: Item) -> str:
    return f"{item.pk}.{seen.mark(*rules.seen_of(Item.objects.get(pk=item.pk)))}"


def test_each_role_sees_what_waits_for_it(at: Office) -> None:
    new, ready = order(at.patient("Ny Testdal"), at), with_doctor(order(at.patient("Klar Testdal"), at), at)
    secretary, doctor = text(logged_in(at.staff()).get(QUEUE)), text(logged_in(at.staff(Role.DOCTOR)).get(QUEUE))
    assert new.patient.name in secretary
    assert ready.patient.name not in secretary
    assert ready.patient.name in doctor
    assert new.patient.name not in doctor
    assert "Se over og send de valgte til legen" in secretary
    assert "Se over og forny de valgte" in doctor
    assert "Kontorets 2" in doctor


def test_reading_the_queue_is_logged_once_for_each_patient_and_visit(at: Office) -> None:
    item = order(at.patient(), at)
    mona = at.staff()
    browser = logged_in(mona)
    for _ in range(3):
        browser.get(QUEUE)
    listed = Event.objects.filter(action="renewals.listed", patient_id=item.patient_id)
    assert [each.employee_id for each in listed] == [mona.employee_id]


def test_opening_an_order_receives_it_and_shows_the_patient_beside_it(at: Office) -> None:
    kari = at.patient()
    made(kari, at, name="Levaxin", atc="H03AA01", days_left=400)
    item = order(kari, at, note="Reiser på torsdag")
    at.booked(kari)
    answered(at, kari, kind="contact")
    page = text(logged_in(at.staff()).get(url_of(item)))
    for expected in ("Reiser på torsdag", "Levaxin", "Siste kontakter", "Vanlig time", "1 tablett om morgenen"):
        assert expected in page
    assert "Kontakt med kontoret, Bestille attest" in page
    item.refresh_from_db()
    assert item.status == "received"
    assert Event.objects.filter(action="renewal.read", object_id=item.renewal_id).exists()


def test_warnings_stand_beside_the_item(at: Office) -> None:
    grethe = at.patient("Grethe Testli")
    made(grethe, at, name="Marevan", atc="B01AA03", strength="2,5 mg", days_left=400)
    made(grethe, at, name="Brufen", atc="M01AE01", strength="600 mg", days_left=400)
    item = order(grethe, at, name="Ibux", atc="M01AE01", strength="400 mg")
    page = text(logged_in(at.staff()).get(url_of(item)))
    for expected in (
        "Warfarin og NSAID: økt fare for blødning.",
        "Samme virkestoff på en annen resept",
        "Ingen kontroll siste år",
        "bare en kort tabell",
    ):
        assert expected in page


def test_a_kept_visit_is_a_control(at: Office) -> None:
    kari = at.patient()
    visit = at.booked(kari)
    type(visit).objects.filter(pk=visit.pk).update(status="completed", starts_at=NOW - timedelta(days=30))
    assert "Ingen kontroll" not in text(logged_in(at.staff()).get(url_of(order(kari, at))))


def test_staff_prepare_and_hand_over(at: Office) -> None:
    item = order(at.patient(), at)
    browser = logged_in(at.staff())
    answer = browser.post(url_of(item), fields(item, "hand-over", amount=2, staff_note="Målt i mai"))
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.status, item.amount, item.staff_note) == ("with-doctor", 2, "Målt i mai")
    page = browser.get(url_of(item)).content.decode()
    assert 'value="sign"' not in page
    assert browser.post(url_of(item), fields(item, "sign")).status_code == 403


def test_the_doctor_signs_with_a_change(at: Office) -> None:
    item = with_doctor(order(at.patient(), at), at)
    browser = logged_in(at.staff(Role.DOCTOR))
    answer = browser.post(url_of(item), fields(item, "sign", strength="100 mg", answer="Ny dose"))
    assert answer.headers["Location"] == QUEUE
    item.refresh_from_db()
    assert (item.status, item.answer) == ("changed", "Ny dose")
    assert Prescription.objects.get(renews=item.prescription_id).strength == "100 mg"


@pytest.mark.parametrize(("do", "status"), [("refuse", "refused"), ("ask", "needs-appointment")])
def test_an_answer_needs_words(do: str, status: str, at: Office) -> None:
    item = with_doctor(order(at.patient(), at), at)
    browser = logged_in(at.staff(Role.DOCTOR))
    sent = {"do": do, "item": str(item.pk), "seen": seen_now(item), f"{item.pk}-text": ""}
    assert browser.post(url_of(item), sent).status_code == 422
    later = (NOW + timedelta(days=2)).isoformat()
    assert (
        browser.post(url_of(item), {**sent, f"{item.pk}-text": "Kom", "time": [later, "nonsense"]}).status_code == 302
    )
    item.refresh_from_db()
    assert (item.status, item.answer) == (status, "Kom")
    assert len(item.times) == 1, "what is ticked goes with the answer, whichever button it is"


@pytest.mark.parametrize("do", ["save", "hand-over"])
def test_a_message_to_the_patient_is_not_dropped_by_a_button_that_does_not_send_it(do: str, at: Office) -> None:
    item = order(at.patient(), at)
    browser = logged_in(at.staff(Role.DOCTOR))
    answer = browser.post(url_of(item), fields(item, do, answer="Ta den om kvelden"))
    assert answer.status_code == 422
    assert "Meldingen sendes først når du fornyer." in text(answer)
    assert "Ta den om kvelden" in text(answer)


def test_a_number_that_cannot_be_written_is_told_at_the_field(at: Office) -> None:
    item = with_doctor(order(at.patient(), at), at)
    answer = logged_in(at.staff(Role.DOCTOR)).post(url_of(item), fields(item, "sign", amount=99, use="Ny bruk"))
    assert answer.status_code == 422
    assert "Ny bruk" in answer.content.decode()
    item.refresh_from_db()
    assert item.status == "with-doctor"


def test_what_a_colleague_decided_is_told_as_a_conflict(at: Office) -> None:
    item = with_doctor(order(at.patient(), at), at)
    treating.sign(actor=at.staff(Role.DOCTOR), item_ids=[item.pk], now=NOW)
    answer = logged_in(at.staff(Role.DOCTOR)).post(url_of(item), fields(item, "sign"))
    assert answer.status_code == 409
    assert "En kollega eller pasienten rakk å avgjøre dette før deg" in text(answer)


def test_many_are_seen_over_and_then_signed_in_one_step(at: Office) -> None:
    items = [with_doctor(order(at.patient(f"Nummer Test{number}"), at), at) for number in range(5)]
    browser = logged_in(at.staff(Role.DOCTOR))
    ids = {"item": [str(item.pk) for item in items], "seen": [seen_now(item) for item in items], "do": "sign"}
    page = text(browser.post(reverse("workspace:prescriptions-summary"), ids))
    assert "Forny 5 resepter" in page
    assert "Se på dem før du går videre" in page
    assert set(Item.objects.values_list("status", flat=True)) == {"with-doctor"}
    assert browser.post(reverse("workspace:prescriptions-many"), ids).headers["Location"] == QUEUE
    assert set(Item.objects.values_list("status", flat=True)) == {"renewed"}
    assert "Ingenting ble gjort" in text(browser.post(reverse("workspace:prescriptions-many"), ids, follow=True))


def test_many_are_signed_as_they_were_seen_over_or_not_at_all(at: Office) -> None:
    items = [with_doctor(order(at.patient(f"Nummer Test{number}"), at), at) for number in range(2)]
    tab = Tab(logged_in(at.staff(Role.DOCTOR))).open(QUEUE)
    tab.press("/kontor/resepter/se-over/", item=[str(item.pk) for item in items], do="sign")
    draft = treating.Draft(strength="50 mg", use="2 tabletter", amount=3, dispensings=2, months=6)
    treating.prepare(actor=at.staff(), item_ids=[items[0].pk], drafts={items[0].pk: draft}, now=NOW)

    answer = tab.press("/kontor/resepter/utfor/", do="sign")

    assert answer.status_code == 409
    assert set(Item.objects.values_list("status", flat=True)) == {"with-doctor"}
    shown = text(answer)
    assert "Ingenting er gjort Noe er endret etter at du åpnet siden." in shown
    assert shown.count("Du så:") == 1
    assert "2 tabletter 3 pk × 2, 6 md. Endret nå Du så: " in shown
    assert "3 pk × 2, 6 md." in shown
    tab.press("/kontor/resepter/utfor/", do="sign")  # she has seen it now
    assert Item.objects.filter(status__in=["renewed", "changed"]).count() == 2


@pytest.mark.parametrize("do", ["sign", "refuse", "ask", "save", "back"])
def test_one_is_decided_as_it_was_seen_and_what_she_typed_stays(do: str, at: Office) -> None:
    item = with_doctor(order(at.patient(), at), at)
    stale = fields(item, do, use="Min bruk", text="Mine ord", staff_note="Mine ord")
    draft = treating.Draft(strength="50 mg", use="Kollegaens bruk", amount=3, dispensings=2, months=6)
    treating.prepare(actor=at.staff(), item_ids=[item.pk], drafts={item.pk: draft}, now=NOW)

    answer = logged_in(at.staff(Role.DOCTOR)).post(url_of(item), stale)

    assert answer.status_code == 409
    assert "Dette står i utkastet nå:" in text(answer)
    assert "Kollegaens bruk" in text(answer)
    assert ("Min bruk" if do in ("sign", "save") else "Mine ord") in answer.content.decode()
    item.refresh_from_db()
    assert (item.status, item.use) == ("with-doctor", "Kollegaens bruk")


def red(at: Office) -> Item:
    """Grethe has warfarin and asks for an NSAID."""
    grethe = at.patient("Grethe Testli")
    made(grethe, at, name="Marevan", atc="B01AA03", strength="2,5 mg", days_left=400)
    return with_doctor(order(grethe, at, "Bare til helgen", name="Ibux", atc="M01AE01", strength="400 mg"), at)


def test_notes_and_warnings_stand_in_the_row_and_the_red_ones_first(at: Office) -> None:
    with_doctor(order(at.patient("Kari Testdal"), at), at)
    red(at)
    page = text(logged_in(at.staff(Role.DOCTOR)).get(QUEUE))
    assert page.index("Grethe Testli") < page.index("Kari Testdal")
    assert "Warfarin og NSAID: økt fare for blødning." in page
    assert "Bare til helgen" in page


def test_a_red_one_is_signed_among_many_only_with_a_tick_of_its_own(at: Office) -> None:
    items = [with_doctor(order(at.patient(), at), at), red(at)]
    tab = Tab(logged_in(at.staff(Role.DOCTOR))).open(QUEUE)
    tab.press("/kontor/resepter/se-over/", item=[str(each.pk) for each in items], do="sign")
    assert tab.press("/kontor/resepter/utfor/", do="sign").status_code == 422
    assert "Noen har et rødt varsel" in tab.html
    assert not Item.objects.filter(status="renewed").exists()
    tab.press("/kontor/resepter/utfor/", do="sign", red=str(items[1].pk))
    assert Item.objects.filter(status__in=["renewed", "changed"]).count() == 2


def test_a_caution_that_a_medicine_meets_is_ticked_by_itself_before_it_is_renewed(at: Office) -> None:
    kari, ingrid = at.patient(), at.staff(Role.DOCTOR)
    other = with_doctor(order(at.patient("Klar Testdal"), at), at)
    item = with_doctor(order(kari, at), at)
    tab = Tab(logged_in(ingrid)).open(QUEUE)
    held = [caution(ingrid, kari.pk, NOW, substance) for substance in ("Metoprolol", "Betablokkere", "Penicillin")]
    tab.press("/kontor/resepter/se-over/", item=[str(item.pk), str(other.pk)], do="sign")
    assert "CAVE: Metoprolol" in tab.html
    assert "CAVE: Penicillin" not in tab.html
    assert tab.press("/kontor/resepter/utfor/", do="sign").status_code == 422
    assert "Noen har et rødt varsel" in tab.html
    ticks = [f"{item.pk}.{each.pk}" for each in held]
    assert tab.press("/kontor/resepter/utfor/", do="sign", cave=ticks[:1]).status_code == 422  # one of the two
    assert not Item.objects.filter(status="renewed").exists()
    tab.press("/kontor/resepter/utfor/", do="sign", cave=ticks[:2])
    assert Item.objects.filter(status__in=["renewed", "changed"]).count() == 2


def test_on_the_order_itself_it_is_ticked_too(at: Office) -> None:
    kari, ingrid = at.patient(), at.staff(Role.DOCTOR)
    item = with_doctor(order(kari, at), at)
    made_one = caution(ingrid, kari.pk, NOW, "Metoprolol")
    browser = logged_in(ingrid)
    assert "Jeg har sett CAVE Metoprolol hos" in text(browser.get(url_of(item)))
    stopped = browser.post(url_of(item), fields(item, "sign", use="2 tabletter"))
    assert stopped.status_code == 422
    assert "Pasienten har en CAVE-advarsel som ligner dette legemiddelet." in text(stopped)
    assert "2 tabletter" in stopped.content.decode()  # what was typed stands there
    browser.post(url_of(item), fields(item, "sign") | {"cave": f"{item.pk}.{made_one.pk}"})
    item.refresh_from_db()
    assert item.status in ("renewed", "changed")
    entry = Entry.objects.get(object_id=item.pk, kind="decision")
    assert "Legen har sett CAVE: Metoprolol." in entry.text


def test_one_is_taken_out_while_the_rest_are_seen_over(at: Office) -> None:
    items = [with_doctor(order(at.patient(), at), at), red(at)]
    tab = Tab(logged_in(at.staff(Role.DOCTOR))).open(QUEUE)
    tab.press("/kontor/resepter/se-over/", item=[str(each.pk) for each in items], do="sign")
    tab.press("/kontor/resepter/utfor/", to="/kontor/resepter/se-over/", out=str(items[1].pk))
    assert "Grethe Testli" not in tab.html
    tab.press("/kontor/resepter/utfor/", do="sign")
    assert [Item.objects.get(pk=each.pk).status in ("renewed", "changed") for each in items] == [True, False]


def test_staff_cannot_sign_many(at: Office) -> None:
    item = with_doctor(order(at.patient(), at), at)
    browser = logged_in(at.staff())
    assert (
        browser.post(reverse("workspace:prescriptions-many"), {"item": str(item.pk), "do": "sign"}).status_code == 403
    )


def test_the_medicine_list_is_for_print_and_hides_for_a_child(at: Office) -> None:
    nora = at.patient("Nora Testdal")
    Person.objects.filter(pk=nora.pk).update(birth_date=local_day(NOW) - timedelta(days=14 * 366))
    item = order(nora, at)
    doctor = logged_in(at.staff(Role.DOCTOR))
    url = reverse("workspace:medicine-list", args=[nora.pk])
    assert "Metoprolol Sandoz 50 mg" in text(doctor.get(url))
    hide = reverse("workspace:prescription-restrict", args=[item.prescription_id])
    assert doctor.post(hide, {"was": "N", "restriction": "NORN_FORANS"}).headers["Location"] == url
    assert Prescription.objects.get(pk=item.prescription_id).restriction == "NORN_FORANS"
    late = doctor.post(hide, {"was": "N", "restriction": "NORN_UNGDOM"}, follow=True)  # as a page from before it said
    assert "Noe er endret etter at du åpnet siden." in text(late)
    assert Prescription.objects.get(pk=item.prescription_id).restriction == "NORN_FORANS"
    assert logged_in(at.staff()).post(hide, {"restriction": "N"}).status_code == 403


def test_the_list_of_what_needs_no_consultation(at: Office) -> None:
    url = reverse("workspace:settings-prescriptions")
    doctor = logged_in(at.staff(Role.DOCTOR))
    given = {"atc": "c09", "label": "Blodtrykk", "verdict": "allowed", "clinician": str(at.doctor.pk)}
    assert doctor.post(url, {**given, "atc": "9"}).status_code == 422
    assert doctor.post(url, given).status_code == 302
    row = Allowance.objects.get()
    assert row.atc == "C09"
    assert "Blodtrykk" in text(logged_in(at.staff()).get(url))
    remove = reverse("workspace:settings-remove-allowance", args=[row.pk])
    assert logged_in(at.staff()).post(remove).status_code == 403
    assert doctor.post(remove).status_code == 302
    assert not Allowance.objects.exists()


def test_another_office_finds_nothing(at: Office) -> None:
    item = order(at.patient(), at)
    elsewhere = logged_in(office("Dalen legekontor").staff(Role.DOCTOR))
    assert elsewhere.get(url_of(item)).status_code == 404
    assert elsewhere.post(url_of(item), fields(item, "sign")).status_code == 404
    assert elsewhere.get(reverse("workspace:medicine-list", args=[item.patient_id])).status_code == 404
    assert item.patient.name not in text(elsewhere.get(f"{QUEUE}?vis=kontoret"))
    assert Renewal.objects.count() == 1


@pytest.mark.parametrize("box", ["mine", "kontoret", "droyer", "lukket", "nonsense"])
def test_the_queue_takes_as_many_queries_for_one_as_for_twenty(box: str, at: Office) -> None:
    browser = logged_in(at.staff())
    order(at.patient(), at)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(f"{QUEUE}?vis={box}").status_code == 200
        return sum("core_datakey" not in each["sql"] for each in asked)

    count()  # the first look at a patient is logged
    few = count()
    for number in range(20):
        order(at.patient(f"Nummer Test{number}"), at)
    count()
    assert count() == few <= 20


def test_a_list_without_an_open_contact_asks_why_it_is_read(at: Office) -> None:
    kari = at.patient()
    made(kari, at)
    browser = logged_in(at.staff())
    url = reverse("workspace:medicine-list", args=[kari.pk])
    assert browser.get(url).headers["Location"].startswith(reverse("workspace:purpose", args=[kari.pk]))
    order(kari, at, atc="C10AA05", name="Lipitor")
    assert browser.get(url).status_code == 200
    assert browser.get(reverse("workspace:patient", args=[kari.pk])).status_code == 200


def test_an_order_closed_long_ago_asks_too(at: Office) -> None:
    item = order(at.patient(), at)
    before = NOW - timedelta(days=40)
    treating.refuse(actor=at.staff(Role.DOCTOR), item_ids=[item.pk], text="Nei", now=before)
    answer = logged_in(at.staff()).get(url_of(item))
    assert answer.headers["Location"].startswith(reverse("workspace:purpose", args=[item.patient_id]))


def test_the_substitute_who_stands_in_finds_the_doctors_renewals_under_mine(at: Office) -> None:
    item = with_doctor(order(at.patient(), at), at)
    leif = Clinician.objects.create(name="Leif Strand", hpr_number="9999991")
    substitute = logged_in(at.staff(Role.SUBSTITUTE, leif))
    assert item.patient.name not in text(substitute.get(QUEUE))
    today = local_day(NOW)
    Absence.objects.create(
        practice=at.practice, clinician=at.doctor, substitute=leif, first_date=today, last_date=today
    )
    assert item.patient.name in text(substitute.get(QUEUE))
    assert substitute.post(url_of(item), fields(item, "sign")).status_code == 302
    written = Prescription.objects.get(renews=item.prescription_id)
    assert written.prescriber_name == "Leif Strand"


def test_the_words_of_a_refusal_are_in_the_patients_language(at: Office) -> None:
    hassan = at.patient("Hassan Testrud")
    Person.objects.filter(pk=hassan.pk).update(language="en")
    page = logged_in(at.staff(Role.DOCTOR)).get(url_of(with_doctor(order(hassan, at), at))).content.decode()
    assert "We need new blood tests before the prescription is renewed." in page
    assert "Trenger prøver først" in page


def test_what_was_prescribed_is_taken_back_with_a_reason_the_patient_reads(at: Office) -> None:
    kari = at.patient()
    row = made(kari, at, days_left=200, dispensed=0)
    at.booked(kari)
    address = reverse("workspace:prescription-withdraw", args=[row.pk])
    doctor = logged_in(at.staff(Role.DOCTOR))
    assert doctor.post(address, {"text": ""}).status_code == 422
    assert doctor.post(address, {"text": "Feil styrke."}).status_code == 302
    row.refresh_from_db()
    assert row.withdrawn_at
    assert "Feil styrke." in text(logged_in(citizen(kari)).get(reverse("prescriptions:show", args=[row.pk])))
    assert Event.objects.filter(action="prescription.withdrawn", object_id=row.pk).exists()
    assert Notification.objects.get(event="prescription.withdrawn").recipient_id == kari.pk
    assert logged_in(at.staff()).post(address, {"text": "Nei"}).status_code == 403


def test_what_is_dispensed_is_not_taken_back_and_the_doctor_is_told_when(at: Office) -> None:
    kari = at.patient()
    row = made(kari, at, days_left=200, dispensed=1)
    at.booked(kari)
    address = reverse("workspace:prescription-withdraw", args=[row.pk])
    answer = logged_in(at.staff(Role.DOCTOR)).post(address, {"text": "Feil styrke."})
    assert answer.status_code == 409
    assert "Pasienten har alt hentet på denne resepten" in text(answer)
    assert "Sist hentet" in text(answer)
    row.refresh_from_db()
    assert row.withdrawn_at is None
