from datetime import date, datetime, timedelta

import pytest

from legedialog.access.actor import Role, system
from legedialog.access.policy import allows
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.fees import policy, prices, queries, services, tables
from legedialog.fees.models import Confirmation, OwnPrice, RateTable

TEXT = "\n".join((";".join(tables.COLUMNS), "2ad;190;310;;;2026-07-01;2027-06-30;A price list"))
TODAY = date(2026, 11, 23)


def load(now: datetime, name: str = "2026-07", text: str = TEXT) -> RateTable:
    return services.load(actor=system(), name=name, text=text, now=now)[0]


def test_a_table_counts_when_the_manager_has_confirmed_it_and_where(office: Office, now: datetime) -> None:
    row, other = load(now), factories.office("Dalen legekontor", "Odd Lund")
    assert not queries.known(office.practice.pk, TODAY).rates
    services.confirm(actor=office.staff(Role.MANAGER), practice_id=office.practice.pk, name=row.name, now=now)
    assert queries.known(office.practice.pk, TODAY).rates["2ad"].day == 19000
    assert not queries.known(office.practice.pk, date(2027, 7, 1)).rates
    assert not queries.known(other.practice.pk, TODAY).rates
    assert Event.objects.filter(action="rates.confirmed", practice_id=office.practice.pk).count() == 1


def test_what_was_confirmed_last_holds(office: Office, now: datetime) -> None:
    manager = office.staff(Role.MANAGER)
    for minute, (name, day) in enumerate((("first", "190"), ("corrected", "180"))):
        row = load(now, name, TEXT.replace("190", day))
        at = now + timedelta(minutes=minute)
        services.confirm(actor=manager, practice_id=office.practice.pk, name=row.name, now=at)
    assert queries.known(office.practice.pk, TODAY).rates["2ad"].day == 18000


def test_loading_and_confirming_again_is_as_once(office: Office, now: datetime) -> None:
    row = load(now)
    assert services.load(actor=system(), name="2026-07", text=TEXT, now=now) == (row, False)
    for _ in range(2):
        services.confirm(actor=office.staff(Role.MANAGER), practice_id=office.practice.pk, name=row.name, now=now)
    assert Confirmation.objects.count() == Event.objects.filter(action="rates.confirmed").count() == 1
    with pytest.raises(Refused) as refused:
        load(now, text=TEXT.replace("190", "191"))
    assert refused.value.code == "rates-name-taken"


def test_a_table_with_faults_and_one_from_a_screen_are_not_loaded(office: Office, now: datetime) -> None:
    with pytest.raises(ValueError, match="faults"):
        load(now, text="nonsense")
    with pytest.raises(Denied):
        services.load(actor=office.staff(Role.MANAGER), name="x", text=TEXT, now=now)
    assert not RateTable.objects.exists()


def test_only_what_was_seen_is_confirmed(office: Office, now: datetime) -> None:
    row = load(now)
    with pytest.raises(Refused):
        services.confirm(
            actor=office.staff(Role.MANAGER), practice_id=office.practice.pk, name=row.name, mark="old", now=now
        )
    mark = prices.table(office.practice.pk, row.name).mark
    services.confirm(
        actor=office.staff(Role.MANAGER), practice_id=office.practice.pk, name=row.name, mark=mark, now=now
    )


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.MANAGER, True), (Role.DOCTOR, False), (Role.SUBSTITUTE, False), (Role.SECRETARY, False)],
)
def test_who_decides_about_prices(role: Role, may: bool, office: Office) -> None:
    assert allows(policy.check_decides, office.staff(role), office.practice.pk) is may


def test_a_manager_elsewhere_decides_nothing_here(priced: Office, now: datetime) -> None:
    elsewhere = factories.office("Dalen legekontor", "Odd Lund").staff(Role.MANAGER)
    price = OwnPrice.objects.filter(practice=priced.practice).first()
    assert price
    with pytest.raises(NotFound):
        services.remove_own_price(actor=elsewhere, price_id=price.pk, now=now)
    with pytest.raises(NotFound):
        services.decide(
            actor=elsewhere, practice_id=priced.practice.pk, promises_day_rate=True, charges_missed=False, now=now
        )


def test_the_office_decides_and_keeps_its_own_prices(priced: Office, now: datetime) -> None:
    manager, practice_id = priced.staff(Role.MANAGER), priced.practice.pk
    services.decide(actor=manager, practice_id=practice_id, promises_day_rate=True, charges_missed=False, now=now)
    terms = queries.known(practice_id, TODAY).terms
    assert (terms.promises_day_rate, terms.charges_missed) == (True, False)
    with pytest.raises(Refused):
        services.add_own_price(actor=manager, practice_id=practice_id, name="influensavaksine", ore=1, now=now)
    names = [row.name for row in prices.own_prices(manager)]
    assert names == ["Attest for førerkort", "Influensavaksine"]
    services.remove_own_price(actor=manager, price_id=prices.own_prices(manager)[0].pk, now=now)
    assert [row.name for row in prices.own_prices(manager)] == names[1:]


@pytest.mark.parametrize("name", ["2ad", "2AK ", "２ａｄ", "10b", "701a", "Fakturagebyr", "2ad  konsultasjon hos lege"])
def test_a_price_is_not_named_as_a_code_is(name: str, priced: Office, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        services.add_own_price(
            actor=priced.staff(Role.MANAGER), practice_id=priced.practice.pk, name=name, ore=1, now=now
        )
    assert refused.value.code == "price-name-is-code"


def test_the_manager_is_told_two_months_before_a_table_runs_out(office: Office, now: datetime) -> None:
    row = load(now)
    services.confirm(actor=office.staff(Role.MANAGER), practice_id=office.practice.pk, name=row.name, now=now)
    assert not prices.is_running_out(office.practice.pk, now)
    assert prices.is_running_out(office.practice.pk, datetime.fromisoformat("2027-05-03T10:00:00+00:00"))
