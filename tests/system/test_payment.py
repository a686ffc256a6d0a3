"""What a visit costs: shown before, approved at the office, paid and seen by the patient. Some of it by keyboard."""

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, when_she_looks_for_a_time, when_she_takes


def test_she_sees_the_price_before_and_the_bill_after(open_page: Open) -> None:
    kari, mona = open_page(), open_page()
    log_in(kari, "Kari Testdal")
    the_price_stands_beside_the_button(kari)

    kari.goto("/betaling/")
    expect(heading(kari, "Betaling")).to_be_visible()
    check_accessible(kari)
    kari.get_by_role("link", name="E-konsultasjon: 295 kr").click()
    expect(kari.get_by_role("main")).to_contain_text("1503.20.80119")
    check_accessible(kari)

    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/betaling/ubetalt/")
    check_accessible(mona)
    when_the_office_takes_the_money(mona)

    kari.reload()
    expect(kari.get_by_role("main")).to_contain_text("Betalt")
    expect(kari.get_by_role("link", name="Last ned kvittering (PDF)")).to_be_visible()


def test_the_office_approves_what_is_done(open_page: Open) -> None:
    mona = open_page()
    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/betaling/")
    check_accessible(mona)
    marked = mona.get_by_role("checkbox", checked=True).count()
    assert marked
    mona.get_by_role("button", name="Godkjenn de merkede").focus()
    mona.keyboard.press("Enter")
    expect(mona.get_by_role("status").filter(has_text=f"{marked} krav er godkjent.")).to_be_visible()
    expect(mona.get_by_role("checkbox", checked=True)).to_have_count(0)


def the_price_stands_beside_the_button(page: Page) -> None:
    when_she_takes(page, when_she_looks_for_a_time(page)[0])
    expect(page.get_by_role("main")).to_contain_text("Egenandel: ")
    expect(page.get_by_role("main")).to_contain_text("Det gjelder også med frikort.")
    check_accessible(page)
    page.get_by_role("button", name="Avbryt").click()


def when_the_office_takes_the_money(page: Page) -> None:
    page.get_by_role("link", name="Kari Testdal").first.click()
    check_accessible(page)
    page.get_by_role("button", name="Registrer betalingen").click()
    expect(page.get_by_role("status").filter(has_text="Betalingen er registrert.")).to_be_visible()
