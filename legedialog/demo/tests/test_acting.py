"""Who acts for another opens pages after the facts have grown old: the registers are asked meanwhile, for real."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from legedialog.appointments.tests.factories import NOW, Office, office, person
from legedialog.core import fence
from legedialog.demo import registers
from legedialog.demo.tests.test_registers import demo  # noqa: F401  the registers of the demo
from legedialog.patients.models import Membership, Person, Responsibility, address_key
from legedialog.portal.tests.test_pages import browser_of, text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("demo")]
BORN = date(2018, 3, 12)
HOME = "Solbakken 4, 5599 Fjordbyen"
PAGES = ["/hjem/", "/representasjon/velg/", "/min-fastlege/", "/timeavtaler/bestill/", "/meldinger/"]


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Responsibility:
    """Kari and her child, at home together."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    gp: Office = office()
    gp.practice.supports_representation = True
    gp.practice.her_id, gp.practice.organisation_number = 8990001, "313000028"
    gp.doctor.her_id, gp.contract.number = 8990010, "10001"
    for row in (gp.practice, gp.doctor, gp.contract):
        row.save()
    kari, made = person("Kari Testdal", born=date(1984, 3, 12)), person("Ola Testdal", born=BORN)
    for each in (kari, made):
        each.address, each.address_key = HOME, address_key(HOME)
        each.save()
        Membership.objects.create(person=each, contract=gp.contract, starts_date=BORN)
    return Responsibility.objects.create(parent=kari, child=made, starts_date=BORN)


@pytest.fixture
def browser(pair: Responsibility) -> Client:
    found = browser_of(pair.parent)
    assert found.post("/representasjon/velg/", {"person": str(pair.child_id)}).status_code == 302
    return found


def grow_old(days: int) -> None:
    at = NOW - timedelta(days=days)
    with fence.system("time passes"):
        Person.objects.update(confirmed_at=at, reservation_confirmed_at=at)
        Responsibility.objects.update(confirmed_at=at)
        Membership.objects.update(confirmed_at=at)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("days", [2, 60])
def test_every_page_asks_the_registers_and_opens(path: str, days: int, browser: Client) -> None:
    grow_old(days)
    page = text(browser.get(path))
    assert "Ola" in page
    assert "ikke fått bekreftet" not in page
    with fence.system("a look"):
        assert set(Responsibility.objects.values_list("confirmed_at", flat=True)) == {NOW}


@pytest.mark.parametrize("path", PAGES)
def test_a_register_that_fails_opens_them_too_and_says_why_nothing_can_be_done(
    path: str, browser: Client, settings: Any
) -> None:
    registers.app().status = 503
    grow_old(2)
    assert "ikke fått bekreftet" not in text(browser.get(path))
    grow_old(60)
    response = browser.get(path)
    assert response.status_code in (200, 403)
    page = text(response)
    assert "Vi har ikke fått bekreftet" in page
    assert 'action="/representasjon/' in page or 'href="/representasjon/' in page  # the way back to herself
