from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import Office
from legedialog.core.times import local_day
from legedialog.fees import prices, queries
from legedialog.fees import story as fees
from legedialog.fees.models import OwnPrice, RateTable

INDEX = "/kontor/innstillinger/priser/"


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def sent(client: Client, address: str, **fields: str) -> tuple[int, str]:
    response = client.post(address, fields, follow=True)
    return response.status_code, response.content.decode()


@pytest.fixture
def table(office: Office, now: datetime) -> RateTable:
    fees.load(managers=[], today=local_day(now), now=now)
    return RateTable.objects.get()


def test_the_manager_sees_a_table_over_and_confirms_it(manager: Client, office: Office, table: RateTable) -> None:
    assert "Pasientene ser ingen beløp" in read(manager, INDEX)
    page = reverse("workspace:settings-rates", args=[table.name])
    html = read(manager, page)
    assert "oppdiktet" in html
    assert "355\u00a0kr" in html
    mark = prices.table(office.practice.pk, table.name).mark
    assert sent(manager, page, mark="another")[0] == 409
    status, html = sent(manager, page, mark=mark)
    assert status == 200
    assert "Bekreftet. Pasientene ser prisene fra nå." in html
    assert "Pasientene ser ingen beløp" not in html
    assert queries.known(office.practice.pk, date(2026, 11, 23)).rates


def test_others_at_the_office_read_and_change_nothing(secretary: Client, office: Office, table: RateTable) -> None:
    page = reverse("workspace:settings-rates", args=[table.name])
    assert "bekreft</button>" not in read(secretary, page)
    assert secretary.post(page, {"mark": prices.table(office.practice.pk, table.name).mark}).status_code == 403
    assert not queries.known(office.practice.pk, date(2026, 11, 23)).rates


def test_the_manager_decides_about_day_price_and_fees(manager: Client, office: Office) -> None:
    page = reverse("workspace:settings-terms")
    form = manager.get(page).context
    assert (
        sent(
            manager,
            page,
            promises_day_rate="on",
            due_days="14",
            kid_modulus="11",
            account_number="1503.20.80119",
            mark=form["mark"],
        )[0]
        == 200
    )
    terms = queries.known(office.practice.pk, date(2026, 11, 23)).terms
    assert (terms.promises_day_rate, terms.charges_missed, terms.kid_modulus) == (True, False, 11)
    assert terms.account_number == "15032080119"
    status, html = sent(manager, page, charges_missed="on", due_days="14", kid_modulus="10", mark=form["mark"])
    assert status == 409
    assert "Dette er lagret nå" in html


def test_a_wrong_account_number_is_said_beside_the_field(manager: Client, office: Office) -> None:
    page = reverse("workspace:settings-terms")
    fields = {"due_days": "14", "kid_modulus": "10", "mark": manager.get(page).context["mark"]}
    status, html = sent(manager, page, account_number="15032080118", **fields)
    assert status == 422
    assert "Dette er ikke et kontonummer." in html


@pytest.mark.parametrize("price", ["650", "650,00", " 650 kr"])
def test_an_own_price_is_written_as_people_write(price: str, manager: Client, office: Office) -> None:
    assert sent(manager, reverse("workspace:settings-own-price"), name="Attest", kroner=price)[0] == 200
    assert OwnPrice.objects.get().ore == 65_000
    assert "650\u00a0kr" in read(manager, INDEX)


@pytest.mark.parametrize("price", ["", "-5", "0", "gratis", "1e5", "12,345", "1000000"])
def test_what_is_no_amount_is_said_beside_the_field(price: str, manager: Client) -> None:
    status, _html = sent(manager, reverse("workspace:settings-own-price"), name="Attest", kroner=price)
    assert status == 422
    assert not OwnPrice.objects.exists()


def test_a_price_is_taken_off_the_list(manager: Client, office: Office, now: datetime) -> None:
    fees.load(managers=[office.staff(Role.MANAGER)], today=local_day(now), now=now)
    row = OwnPrice.objects.order_by("name")[0]
    status, html = sent(manager, reverse("workspace:settings-remove-own-price", args=[row.pk]))
    assert status == 200
    assert "Attest for førerkort" not in html
