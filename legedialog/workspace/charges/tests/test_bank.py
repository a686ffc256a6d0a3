"""What the bank told of."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from legedialog.appointments.tests.factories import Office
from legedialog.core.ids import new_id
from legedialog.fees import billing, charging, holding, paying
from legedialog.fees.models import Charge
from legedialog.fees.tests.test_charging import VISIT
from legedialog.fees.tests.test_ocr import file
from legedialog.workspace.charges.tests.pages import file_of, read, send


def test_a_payment_file_is_read_and_what_does_not_fit_is_looked_at(
    secretary: Client, priced: Office, charge: Charge
) -> None:
    charging.approve(actor=priced.staff(), charge_id=charge.pk, now=VISIT)
    sent = billing.invoice(actor=priced.staff(), charge_id=charge.pk, now=VISIT)
    upload = SimpleUploadedFile("ocr.txt", file(("0000999995", sent.ore)).encode("latin-1"))
    html = send(secretary, "charges-bank", file=upload)
    assert "1 ny betaling er lest inn." in html
    assert "Ukjent KID" in html
    row = secretary.get(reverse("workspace:charges-bank")).context["rows"][0]["row"]
    assert "ingen faktura med dette nummeret" in send(secretary, "charges-settle", row.pk, number=99, status=422)
    send(secretary, "charges-settle", row.pk, number=sent.number)
    assert holding.owed(charge) == 0
    assert "Ført på krav" in read(secretary, "charges-bank")
    bad = SimpleUploadedFile("ocr.txt", b"hei")
    assert "ikke en hel OCR-fil" in send(secretary, "charges-bank", file=bad, status=422)


def test_what_was_paid_too_much_leads_to_the_charge_where_it_is_paid_back(
    secretary: Client, priced: Office, charge: Charge
) -> None:
    charging.approve(actor=priced.staff(), charge_id=charge.pk, now=VISIT)
    sent = billing.invoice(actor=priced.staff(), charge_id=charge.pk, now=VISIT)
    send(secretary, "charges-bank", file=SimpleUploadedFile("ocr.txt", file((sent.kid, sent.ore + 500)).encode()))
    row = secretary.get(reverse("workspace:charges-bank")).context["rows"][0]["row"]
    html = read(secretary, "charges-settle", row.pk)
    assert "5\u00a0kr er betalt for mye" in html
    assert f'class="ds-button" href="{reverse("workspace:charge", args=[charge.pk])}"' in html
    assert ">Lagre</button>" not in html
    paying.refund(actor=priced.staff(), charge_id=charge.pk, ore=500, key=new_id(), now=VISIT)
    assert "Beløpet er ført på kravet, og alt er gjort opp." in read(secretary, "charges-settle", row.pk)
    send(secretary, "charges-settle", row.pk)
    assert "Åpne kravet" in read(secretary, "charges-settle", row.pk)


def test_a_payment_that_is_put_aside_stays_in_a_list_and_the_sums_and_is_taken_up_again(
    secretary: Client, priced: Office, charge: Charge
) -> None:
    send(secretary, "charges-bank", file=SimpleUploadedFile("ocr.txt", file(("0000999995", 5000)).encode("latin-1")))
    row = secretary.get(reverse("workspace:charges-bank")).context["rows"][0]["row"]
    assert "Skriv hvorfor" in send(secretary, "charges-settle", row.pk, status=422)
    html = send(secretary, "charges-settle", row.pk, why="Betalt tilbake til avsenderen")
    assert "Betalt tilbake til avsenderen" in html
    assert "Lagt til side" in html
    assert "Ingen betalinger trenger at noen ser på dem." in html
    for page in (html, read(secretary, "charges-totals")):
        assert "50\u00a0kr" in page
    money = file_of(secretary, maned="2026-11", hva="innbetalinger").content.decode()
    assert "Ikke ført på noe krav;2026-11-24T08:30+01:00;Bank;5000;;0000999995" in money
    assert "Mona" in read(secretary, "charges-settle", row.pk)
    html = send(secretary, "charges-take-up", row.pk)
    assert "Betalingen er tatt fram igjen." in html
    assert [each["row"].pk for each in secretary.get(reverse("workspace:charges-bank")).context["rows"]] == [row.pk]
    assert "En kollega har allerede gjort noe" in send(secretary, "charges-take-up", row.pk)
