"""Sums and files."""

from contextlib import suppress
from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import TOMORROW, Office
from legedialog.audit.models import Event
from legedialog.core.errors import Denied
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.dialogues.tests.factories import answered
from legedialog.fees import accounts, charging, paying
from legedialog.fees.models import Charge
from legedialog.fees.tests.factories import added
from legedialog.fees.tests.test_charging import VISIT, visited
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType
from legedialog.patients.models import Person
from legedialog.workspace.charges.tests.pages import file_of, read, settlement_of


def test_sums_as_chart_and_table_and_a_file_without_names(manager: Client, priced: Office, charge: Charge) -> None:
    charging.approve(actor=priced.staff(), charge_id=charge.pk, now=VISIT)
    html = read(manager, "charges-totals")
    assert "235\u00a0kr er godkjent i 2026." in html
    assert "2ad Konsultasjon hos lege" in html
    text = file_of(manager, maned="2026-11").content.decode()
    assert "1;2ad;Konsultasjon hos lege;23500;Ja;" in text
    assert priced.doctor.hpr_number in text
    assert "2026-11-24T08:00+01:00" in text
    assert "Kari" not in text


def test_what_was_taken_back_whole_is_no_row_of_the_sums(manager: Client, priced: Office, charge: Charge) -> None:
    mona = priced.staff(Role.SECRETARY)
    line = added(actor=mona, charge_id=charge.pk, code="10b", now=VISIT)
    charging.correct(actor=mona, charge_id=charge.pk, line_id=line.pk, reason="Ikke brukt", now=VISIT)
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    html = read(manager, "charges-totals")
    assert "2ad Konsultasjon hos lege" in html
    assert "10b" not in html


def test_what_came_to_nothing_is_no_row_and_the_table_of_months_is_exact(
    manager: Client, priced: Office, charge: Charge
) -> None:
    mona = priced.staff(Role.SECRETARY)
    ola = priced.patient("Ola Testdal")
    Person.objects.filter(pk=ola.pk).update(birth_date=date(2018, 3, 9))
    child = visited(priced, ola, clock=time(9))
    added(actor=mona, charge_id=child.pk, code="10b", now=VISIT)
    charging.approve(actor=mona, charge_id=child.pk, now=VISIT)
    html = read(manager, "charges-totals")
    assert "10b Materiell" in html
    assert "2ad" not in html
    assert "<td>115\u00a0kr</td>" in html
    charging.waive(actor=mona, charge_id=child.pk, reason="Feil", now=VISIT)
    assert "Ingenting er godkjent dette året." in read(manager, "charges-totals")


@pytest.mark.parametrize("role", list(Role))
def test_the_file_with_identity_numbers_is_for_those_who_answer_for_the_claim(role: Role, priced: Office) -> None:
    client, may = logged_in(priced.staff(role)), role in {Role.MANAGER, Role.DOCTOR}
    html = read(client, "charges-totals")
    assert ("Oppgjør (CSV)" in html) is may
    assert ("Lederen og fastlegene henter den." in html) is not may
    assert settlement_of(client, maned="2026-11").status_code == (200 if may else 403)
    with suppress(Denied):
        accounts.settlement(priced.staff(role), priced.practice.pk, date(2026, 11, 1), VISIT)
        assert may


def test_a_file_holds_all_that_is_approved_of_its_month_and_the_money_that_moved(
    manager: Client, priced: Office, charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "MOST", 1)
    mona = priced.staff(Role.SECRETARY)
    other = visited(priced, priced.patient("Per Testvik"), clock=time(8, 20))
    late = answered(priced, priced.patient("Anne Testmo"), closes=True, now=at_local(TOMORROW, time(19)))
    in_evening = Charge.objects.get(object_id=late.pk)
    assert in_evening.lines.get().in_evening
    for each in (charge, in_evening):
        charging.approve(actor=mona, charge_id=each.pk, now=VISIT)
    paying.pay(actor=mona, charge_id=charge.pk, way="card", ore=23500, key=new_id(), now=VISIT)

    november = file_of(manager, maned="2026-11")
    assert november["Content-Disposition"] == 'attachment; filename="krav-2026-11.csv"'
    assert "2aek;E-konsultasjon hos lege, tekst eller video;35500" in november.content.decode()
    assert (str(other.pk) in november.content.decode(), november.content.decode().count("\n")) == (False, 3)
    paid = file_of(manager, maned="2026-11", hva="innbetalinger").content.decode()
    assert f"{charge.pk};2026-11-24T08:30+01:00;Kort på kontoret;23500;;\r\n" in paid
    assert file_of(manager, maned="2026-10").content.decode().count("\n") == 1


@pytest.mark.parametrize("odd", ["9999-12", "2026-13", "", "0001-01", "20261", "2026-12"])
def test_a_month_that_is_none_or_has_not_begun_gives_no_file_but_says_so(manager: Client, odd: str) -> None:
    response = manager.get(reverse("workspace:charges-file"), {"maned": odd}, follow=True)
    assert "Det er ingen slik måned å lage fil for." in response.content.decode()
    assert manager.get(reverse("workspace:charges-totals"), {"ar": odd}).status_code == 200


def test_the_file_for_a_settlement_says_whose_it_is_and_each_log_says_that_it_was_fetched(
    manager: Client, priced: Office, charge: Charge
) -> None:
    mona = priced.staff(Role.SECRETARY)
    proposed = visited(priced, priced.patient("Per Testvik"), clock=time(8, 20))
    free = visited(priced, priced.patient("Anne Testmo"), clock=time(8, 40))
    wrong = added(actor=mona, charge_id=charge.pk, code="701a", now=VISIT)
    charging.correct(actor=mona, charge_id=charge.pk, line_id=wrong.pk, reason="Ikke tatt", now=VISIT)
    for each in (charge, free):
        charging.approve(actor=mona, charge_id=each.pk, now=VISIT)
    charging.exempt(actor=mona, charge_id=free.pk, exemption="injury", now=VISIT)
    ingrid = priced.staff(Role.DOCTOR)
    journal.write_note(
        actor=ingrid, patient_id=charge.patient_id, practice_id=priced.practice.pk, key=new_id(),
        contact_type=ContactType.ATTENDANCE, text="Hoste i tre uker", problem_code="R05", now=VISIT,
    )  # fmt: skip
    response = settlement_of(logged_in(ingrid), maned="2026-11")
    assert response.content.decode().split("\r\n")[1].endswith(";23500;;R05")
    Event.objects.filter(action="settlement.read").delete()
    response = settlement_of(manager, maned="2026-11")  # who may not read the record
    assert response["Content-Disposition"] == 'attachment; filename="oppgjor-2026-11.csv"'
    who, doctor = f"{priced.practice.organisation_number};{priced.doctor.hpr_number}", "Time med oppmøte;2ad;1"
    rows = response.content.decode().split("\r\n")[1:-1]
    assert rows == [
        f"{charge.pk};{who};{charge.patient.national_number};2026-11-24T08:00+01:00;{doctor};23500;;",
        f"{free.pk};{who};{free.patient.national_number};2026-11-24T08:40+01:00;{doctor};0;Godkjent yrkesskade;",
    ]
    fetched = Event.objects.filter(action="settlement.read", kind="read", purpose="administration")
    assert set(fetched.values_list("patient_id", flat=True)) == {charge.patient_id, free.patient_id}
    assert str(proposed.pk) not in response.content.decode()
