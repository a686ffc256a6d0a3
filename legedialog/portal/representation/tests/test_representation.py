"""Acting for others through the whole stack: who may, what narrows, and that it is asked anew at every request."""

import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from legedialog.access.actor import Role
from legedialog.access.models import Login
from legedialog.access.tests.pages import began
from legedialog.appointments import services
from legedialog.appointments.models import Appointment
from legedialog.appointments.tests.browsing import confirm, hold
from legedialog.appointments.tests.factories import LONG_AGO, NOW, TODAY, Office, citizen, office, person
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.consent import acting
from legedialog.consent.models import Consent, Level
from legedialog.core import fence
from legedialog.core.errors import Denied
from legedialog.patients import powers
from legedialog.patients.models import Membership, Person, PowerOfAttorney, Responsibility, YouthAccess, address_key
from legedialog.patients.representation import Area, Restriction
from legedialog.portal.tests.test_pages import browser_of, text

pytestmark = pytest.mark.django_db
HOME_ADDRESS = "Solbakken 4, 5599 Fjordbyen"


def words(page: str) -> str:
    """What is read: a seal of random letters may spell a short name."""
    return re.sub(r"<[^>]*>", " ", page)


class Clock:
    def __init__(self) -> None:
        self.now = NOW


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday 23 November 2026 at 10.00, until a test moves it."""
    made = Clock()
    monkeypatch.setattr(timezone, "now", lambda: made.now)
    return made


@pytest.fixture
def gp() -> Office:
    made = office()
    made.practice.supports_representation = True
    made.practice.save()
    return made


def born(years: int, *, days: int = 30) -> date:
    """Of that age for `days` days now."""
    return TODAY.replace(year=TODAY.year - years) - timedelta(days=days)


def listed(gp: Office, name: str, birth_date: date, *, level: Level | None = Level.FULL) -> Person:
    made = person(name, born=birth_date, level=level)
    made.address, made.address_key = HOME_ADDRESS, address_key(HOME_ADDRESS)
    made.save()
    Membership.objects.create(person=made, contract=gp.contract, starts_date=LONG_AGO)
    return made


def child_of(parent: Person, child: Person) -> Person:
    Responsibility.objects.create(parent=parent, child=child, starts_date=child.birth_date)
    return child


@pytest.fixture
def kari(gp: Office) -> Person:
    return listed(gp, "Kari Testdal", born(42))


@pytest.fixture
def ola(gp: Office, kari: Person) -> Person:
    return child_of(kari, listed(gp, "Ola Testdal", born(8)))


@pytest.fixture
def browser(kari: Person) -> Client:
    return browser_of(kari)


def act_for(browser: Client, who: Person) -> Any:
    return browser.post("/representasjon/velg/", {"person": str(who.pk)})


def test_a_parent_chooses_a_child_and_a_banner_says_so_on_every_page(browser: Client, ola: Person) -> None:
    assert "Handle for Ola" in text(browser.get("/representasjon/velg/"))
    assert "Handle for Ola, 8 år" in text(browser.get("/hjem/"))

    assert act_for(browser, ola).status_code == 302

    for path in ("/hjem/", "/min-fastlege/", "/timeavtaler/", "/timeavtaler/bestill/", "/meldinger/", "/hjelp/"):
        page = text(browser.get(path))
        assert "Du handler for Ola Testdal" in page, path
        assert "Bytt tilbake" in page
    browser.post("/representasjon/tilbake/")
    assert "Du handler for" not in text(browser.get("/hjem/"))


def test_what_is_booked_lands_in_the_childs_record_and_tells_who_acted(
    browser: Client, gp: Office, kari: Person, ola: Person
) -> None:
    act_for(browser, ola)
    hold(browser, gp)
    confirm(browser, browser.get("/timeavtaler/bestill/se-over/"), "Feber")

    booked = Appointment.objects.get()
    assert (booked.patient_id, booked.booked_by_person_id) == (ola.pk, kari.pk)
    trace = Event.objects.get(action="appointment.booked")
    assert (trace.patient_id, trace.person_id, trace.role) == (ola.pk, kari.pk, "FO")
    browser.post("/representasjon/tilbake/")
    assert "Ingen kommende timer" in text(browser.get("/timeavtaler/")), "her own list is another one"


def test_her_own_things_are_closed_while_she_acts_for_another(
    browser: Client, gp: Office, kari: Person, ola: Person
) -> None:
    own = gp.booked(kari)
    act_for(browser, ola)

    assert browser.get(f"/timeavtaler/{own.pk}/").status_code == 404
    for path in ("/profil/", "/profil/kontakt/", "/profil/fullmakter/", "/profil/fullmakter/ny/"):
        assert "Denne siden gjelder deg selv" in text(browser.get(path)), path
    assert browser.post("/profil/kontakt/", {"phone": "41234567"}).status_code == 409


def test_at_12_the_offer_narrows_and_says_why(browser: Client, gp: Office, kari: Person) -> None:
    nora = child_of(kari, listed(gp, "Nora Testdal", born(14)))
    act_for(browser, nora)

    for path in ("/hjem/", "/min-fastlege/", "/timeavtaler/"):
        assert "Barnet har fylt 12 år" in text(browser.get(path)), path


def test_a_birthday_ends_it_at_midnight_in_an_open_page(
    browser: Client, gp: Office, kari: Person, clock: Clock
) -> None:
    sixteen_tomorrow = TODAY.replace(year=TODAY.year - 16) + timedelta(days=1)
    sara = child_of(kari, listed(gp, "Sara Testdal", sixteen_tomorrow))
    act_for(browser, sara)
    clock.now = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)  # 23:59 in Oslo
    began(browser, clock.now)
    assert "Du handler for Sara" in text(browser.get("/timeavtaler/bestill/"))

    clock.now += timedelta(minutes=1)
    sent = browser.post("/timeavtaler/bestill/", {"time": "x"})

    assert sent.status_code == 409
    assert "Barnet har fylt 16 år og bestemmer selv" in text(sent)
    assert not Login.objects.filter(acting_for__isnull=False).exists()
    assert "Hei" in text(browser.get("/hjem/")) or "God" in text(browser.get("/hjem/"))


@pytest.mark.parametrize(
    "what",
    ["responsibility ended", "moved apart", "child protected", "parent protected", "dead"],
)
def test_a_change_in_the_register_counts_from_the_next_click(
    what: str, browser: Client, kari: Person, ola: Person
) -> None:
    act_for(browser, ola)
    if what == "responsibility ended":
        Responsibility.objects.update(ends_date=TODAY)
    elif what == "moved apart":
        Person.objects.filter(pk=kari.pk).update(address_key=address_key("Torget 1"))
    elif what == "dead":
        Person.objects.filter(pk=ola.pk).update(death_date=TODAY)
    else:
        Person.objects.filter(pk=(ola if what == "child protected" else kari).pk).update(address_grading="confidential")

    page = text(browser.get("/timeavtaler/"))

    assert "Du kan ikke lenger handle for den andre" in page
    assert "Ola" not in words(page)
    assert "Handle for Ola" not in text(browser.get("/representasjon/velg/"))


def test_nobody_is_chosen_who_is_not_hers(browser: Client, gp: Office, kari: Person) -> None:
    stranger = listed(gp, "Per Testvik", born(8))
    assert act_for(browser, stranger).status_code == 404
    assert not Login.objects.filter(acting_for__isnull=False).exists()


def test_a_protected_child_is_named_nowhere(browser: Client, gp: Office, kari: Person, ola: Person) -> None:
    Person.objects.filter(pk=ola.pk).update(address_grading="strictly-confidential")
    for path in ("/hjem/", "/representasjon/velg/"):
        assert "Ola" not in words(text(browser.get(path))), path
    assert act_for(browser, ola).status_code == 404


def test_acting_costs_one_query_and_not_acting_none(
    browser: Client, kari: Person, ola: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser.get("/hjelp/")
    with django_assert_num_queries(1):
        browser.get("/hjelp/")
    act_for(browser, ola)
    with django_assert_num_queries(2):
        browser.get("/hjelp/")


@pytest.mark.parametrize("many", [1, 6])
def test_the_list_of_others_is_one_query(
    many: int, gp: Office, kari: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        child_of(kari, listed(gp, f"Barn Testdal{'abcdef'[number]}", born(8)))
    acting.others(kari.pk, NOW)
    with django_assert_num_queries(1):
        assert len(acting.others(kari.pk, NOW)) == many


def test_those_who_may_act_for_her_are_one_query_and_each_may_what_she_may_when_she_comes(
    gp: Office, kari: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ola, father = listed(gp, "Ola Testdal", born(8)), listed(gp, "Per Testdal", born(40))
    for parent in (kari, father):
        child_of(parent, ola)
    with django_assert_num_queries(1):
        found = acting.readers(ola.pk, NOW)
    assert [name for name, _ in found] == ["Ola Testdal", "Kari Testdal", "Per Testdal"]
    assert [who for _, who in found[1:]] == [acting.reader(each.pk, ola.pk, NOW) for each in (kari, father)]


# ---- consent and youth access


def test_a_parent_gives_the_childs_consent(browser: Client, gp: Office, kari: Person) -> None:
    liv = child_of(kari, listed(gp, "Liv Testdal", born(8), level=None))
    act_for(browser, liv)
    assert "Liv Testdal mangler full tilgang" in text(browser.get("/timeavtaler/bestill/"))

    browser.post("/samtykke/", {"level": "full"})

    given = Consent.objects.get(person=liv)
    assert (given.level, given.given_by_id) == ("full", kari.pk)
    assert "Bestill time" in text(browser.get("/timeavtaler/bestill/"))


def test_a_youth_alone_sees_nothing_until_a_parent_lets_her(gp: Office, kari: Person, browser: Client) -> None:
    emil = child_of(kari, listed(gp, "Emil Testdal", born(14), level=None))
    alone = browser_of(emil)
    for path in ("/hjem/", "/min-fastlege/", "/timeavtaler/", "/timeavtaler/bestill/"):
        assert "Disse tjenestene er for deg som har fylt 16 år" in text(alone.get(path)), path

    act_for(browser, emil)
    browser.post("/representasjon/barn/", {})

    assert "Ingrid Aas" in text(alone.get("/min-fastlege/"))
    assert "Du har ungdomstilgang" in text(alone.get("/hjem/"))
    times = text(alone.get("/timeavtaler/"))
    assert "Kommende timer" in times
    assert "/timeavtaler/bestill/" not in alone.get("/timeavtaler/").content.decode()
    assert "Dette åpner når du fyller 16 år" in text(alone.get("/timeavtaler/bestill/"))
    assert "Dette åpner når du fyller 16 år" in text(alone.get("/profil/fullmakter/ny/"))

    browser.post("/representasjon/barn/", {"end": "1"})
    assert "Disse tjenestene er for deg som har fylt 16 år" in text(alone.get("/hjem/"))
    assert YouthAccess.objects.get().ended_by_id == kari.pk


def test_a_youth_does_not_cancel_what_she_sees(gp: Office, kari: Person) -> None:
    emil = child_of(kari, listed(gp, "Emil Testdal", born(14)))
    YouthAccess.objects.create(person=emil, given_by=kari, given_at=NOW)
    own = gp.booked(emil)
    alone = browser_of(emil)
    assert alone.get(f"/timeavtaler/{own.pk}/").status_code == 200
    assert "/avbestill/" not in alone.get(f"/timeavtaler/{own.pk}/").content.decode()
    assert alone.post(f"/timeavtaler/{own.pk}/avbestill/").status_code == 409
    own.refresh_from_db()
    assert own.status == "booked"


def test_a_youth_hides_one_appointment_from_her_parents_and_shows_it_again(
    gp: Office, kari: Person, browser: Client
) -> None:
    emil = child_of(kari, listed(gp, "Emil Testdal", born(14)))
    YouthAccess.objects.create(person=emil, given_by=kari, given_at=NOW)
    own = gp.booked(emil)
    alone = browser_of(emil)
    act_for(browser, emil)
    address = f"/timeavtaler/{own.pk}/"
    assert browser.get(address).status_code == 200

    alone.post(f"{address}skjul/", {"was": "no", "hide": "yes"})
    assert "Foreldrene dine ser ikke denne timen" in text(alone.get(address))
    assert browser.get(address).status_code == 404
    assert str(own.pk) not in browser.get("/timeavtaler/").content.decode()
    assert browser.post(f"{address}skjul/", {"hide": "no"}).status_code == 404

    alone.post(f"{address}skjul/", {"was": "no", "hide": "no"})
    assert browser.get(address).status_code == 404, "the page said that it was shown: somebody has hidden it since"
    alone.post(f"{address}skjul/", {"was": "yes", "hide": "no"})
    assert browser.get(address).status_code == 200


def test_a_doctor_hides_one_appointment_from_the_youth_and_a_parent_may_not(
    gp: Office, kari: Person, browser: Client
) -> None:
    emil = child_of(kari, listed(gp, "Emil Testdal", born(14)))
    YouthAccess.objects.create(person=emil, given_by=kari, given_at=NOW)
    own = gp.booked(emil)
    act_for(browser, emil)
    assert browser.post(f"/timeavtaler/{own.pk}/skjul/", {"hide": "yes"}).status_code == 403
    for role, may in ((Role.SECRETARY, False), (Role.DOCTOR, True)):
        with nullcontext() if may else pytest.raises(Denied):
            services.restrict(actor=gp.staff(role), appointment_id=own.pk, restriction=Restriction.FROM_YOUTH, now=NOW)
    assert browser_of(emil).get(f"/timeavtaler/{own.pk}/").status_code == 404
    assert browser.get(f"/timeavtaler/{own.pk}/").status_code == 200


def test_no_youth_access_before_13(browser: Client, ola: Person) -> None:
    act_for(browser, ola)
    browser.post("/representasjon/barn/", {})
    assert not YouthAccess.objects.exists()


# ---- powers of attorney


def number_of(who: Person) -> str:
    return str(Person.objects.get(pk=who.pk).national_number)


def given(browser: Client, to: Person, **changes: Any) -> Any:
    data = {"number": number_of(to), "name": to.name, "areas": ["1", "3"], "last_date": ""}
    return browser.post("/profil/fullmakter/ny/", data | changes)


def test_what_one_did_on_a_day_is_one_row(grethe: Person, tor: Person) -> None:
    """Six looks and a booking of his, and another day of his: two rows. The sixth day is below."""
    him = replace(citizen(tor), acting_for_id=grethe.pk, patients=frozenset({grethe.pk}), ground="FU")
    hers = browser_of(grethe)
    for number in range(6):
        audit.looked(him, "dialogue.read", None, at=NOW - timedelta(minutes=number), patient_id=grethe.pk)
    audit.record(him, "appointment.booked", None, at=NOW, patient_id=grethe.pk)
    for days in range(1, 6):
        audit.record(him, "request.sent", None, at=NOW - timedelta(days=days), patient_id=grethe.pk)
    page = text(hers.get("/profil/fullmakter/"))
    rows = re.findall(r"<strong>Tor Testli, fullmakt</strong>\s*<p>(.*?)</p>", page)
    assert len(rows) == 6
    assert re.fullmatch(r"Bestilte en time\. .*, 6 ganger", rows[0])
    assert rows[1:] == ["Ba om en time"] * 5
    assert "Vis 1 dag til" in page
    assert "Tor Testli, fullmakt" not in text(browser_of(tor).get("/profil/fullmakter/"))


@pytest.fixture
def grethe(gp: Office) -> Person:
    return listed(gp, "Grethe Testli", born(80))


@pytest.fixture
def tor(gp: Office) -> Person:
    return listed(gp, "Tor Testli", born(50))


def test_a_power_of_attorney_from_giving_to_ending(grethe: Person, tor: Person, gp: Office) -> None:
    hers, his = browser_of(grethe), browser_of(tor)
    assert given(hers, tor).status_code == 302
    assert "Tor Testli" in text(hers.get("/profil/fullmakter/"))
    assert "Du har fullmakt fra" in text(his.get("/profil/fullmakter/"))

    act_for(his, grethe)
    sent = his.post(
        "/timeavtaler/be-om-time/",
        {"doctor": str(gp.doctor.pk), "key": "0190163d-8694-739b-aea5-966c26f8ad91", "wishes": "Kontroll"},
    )
    assert sent.status_code == 302
    page = text(hers.get("/profil/fullmakter/"))
    assert "Ba om en time" in page
    assert "Tor Testli, fullmakt" in page
    assert "om deg" not in text(his.get("/profil/fullmakter/")), "what it opens is told of her, not of him"

    power = PowerOfAttorney.objects.get()
    assert hers.post(f"/profil/fullmakter/{power.pk}/avslutt/").status_code == 302
    assert "Du kan ikke lenger handle for den andre" in text(his.get("/timeavtaler/"))
    assert "Fullmakter som er over" in text(hers.get("/profil/fullmakter/"))
    assert given(hers, tor, areas=["1"]).status_code == 302, "to change is to end and give anew"
    assert PowerOfAttorney.objects.count() == 2


def test_the_receiver_may_end_it_and_a_stranger_may_not(grethe: Person, tor: Person, browser: Client) -> None:
    given(browser_of(grethe), tor)
    power = PowerOfAttorney.objects.get()
    assert browser.post(f"/profil/fullmakter/{power.pk}/avslutt/").status_code == 404
    assert browser_of(tor).post(f"/profil/fullmakter/{power.pk}/avslutt/").status_code == 302
    power.refresh_from_db()
    assert power.ended_by_id == tor.pk


def test_one_answer_whatever_is_wrong_with_the_receiver(grethe: Person, tor: Person, gp: Office) -> None:
    hers = browser_of(grethe)
    seventeen = listed(gp, "Ung Testli", born(17))
    hidden = listed(gp, "Lise Testnes", born(38))
    Person.objects.filter(pk=hidden.pk).update(address_grading="confidential")
    answers = {
        str(text(answer)).split("Dette må rettes")[1].split("Fødselsnummeret til den")[0]
        for answer in (
            given(hers, tor, name="Tor Feil"),
            given(hers, tor, number="01810100000"),
            given(hers, grethe),
            given(hers, seventeen),
            given(hers, hidden),
        )
    }
    assert len(answers) == 1
    assert "Vi kan ikke gi fullmakt til denne personen" in answers.pop()
    assert not PowerOfAttorney.objects.exists()


def test_trying_names_ends(grethe: Person, tor: Person) -> None:
    hers = browser_of(grethe)
    for _ in range(powers.TRIES_A_DAY):
        given(hers, tor, name="Tor Feil")
    assert given(hers, tor).status_code == 429
    assert not PowerOfAttorney.objects.exists()


def test_a_power_of_attorney_ends_with_its_last_day(grethe: Person, tor: Person, clock: Clock) -> None:
    given(browser_of(grethe), tor, last_date=TODAY.isoformat())
    assert acting.allowed(tor.pk, grethe.pk, Area.BOOKING, NOW)
    assert not acting.allowed(tor.pk, grethe.pk, Area.BOOKING, NOW + timedelta(days=1))


def test_never_wider_than_the_giver(grethe: Person, tor: Person) -> None:
    given(browser_of(grethe), tor)
    Consent.objects.filter(person=grethe).update(level=Level.BASIS)
    found = acting.standing(tor.pk, grethe.pk, NOW)
    assert found
    assert found.decision.areas == {Area.GP}


def test_the_office_must_support_it(gp: Office, kari: Person, ola: Person, browser: Client) -> None:
    gp.practice.supports_representation = False
    gp.practice.save()
    act_for(browser, ola)
    assert "Legekontoret kan ikke ta imot" in text(browser.get("/timeavtaler/bestill/"))


@fence.system("registers are other machines")
def confirms(person_ids: set[Any], now: datetime) -> bool:
    """Registers that answer: all is as it was."""
    Person.objects.filter(pk__in=person_ids).update(confirmed_at=now, reservation_confirmed_at=now)
    Responsibility.objects.update(confirmed_at=now)
    Membership.objects.update(confirmed_at=now)
    return True


def is_silent(person_ids: set[Any], now: datetime) -> bool:
    return False


def test_what_no_register_has_confirmed_for_a_week_closes_says_so_and_opens_again(
    browser: Client, ola: Person, settings: Any
) -> None:
    settings.FACTS = f"{__name__}.is_silent"
    act_for(browser, ola)
    Person.objects.filter(pk=ola.pk).update(confirmed_at=NOW - timedelta(days=6))
    assert "Du handler for Ola Testdal" in text(browser.get("/hjem/"))

    Person.objects.filter(pk=ola.pk).update(confirmed_at=NOW - timedelta(days=7))
    page = text(browser.get("/hjem/"))
    assert "Vi har ikke fått bekreftet opplysningene i Folkeregisteret på flere dager" in page
    assert "Haster det, ring legekontoret" in page
    choose = text(browser.get("/representasjon/velg/"))
    assert "Vi har ikke fått bekreftet opplysningene i Folkeregisteret" in choose
    assert "Handle for Ola" not in choose
    assert "Handle for Ola, 8 år" in text(browser.get("/hjem/")), "Hjem asks no register; the press does"
    assert act_for(browser, ola)["Location"] == "/representasjon/velg/"
    assert "Du kan ikke handle for Ola nå. Under står hvorfor." in text(browser.get("/representasjon/velg/"))

    settings.FACTS = f"{__name__}.confirms"
    assert "Handle for Ola" in text(browser.get("/representasjon/velg/"))
    assert act_for(browser, ola).status_code == 302
    assert "Du handler for Ola Testdal" in text(browser.get("/hjem/"))


def test_a_dead_child_is_not_told_of_to_the_parent(browser: Client, ola: Person) -> None:
    act_for(browser, ola)
    Person.objects.filter(pk=ola.pk).update(death_date=TODAY, confirmed_at=NOW)
    page = text(browser.get("/hjem/"))
    assert "åpner ikke for det lenger" in page
    assert "død" not in page.lower()
    assert "Ola" not in words(text(browser.get("/representasjon/velg/")))
