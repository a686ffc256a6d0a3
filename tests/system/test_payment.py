"""What a visit costs: shown before, approved at the office, paid and seen by the patient. Some of it by keyboard."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, reload_until, when_she_looks_for_a_time, when_she_takes


def test_she_sees_the_price_before_and_the_bill_after(open_page: Open) -> None:
    kari, mona = open_page(), open_page()
    log_in(kari, "Kari Testdal")
    the_price_stands_beside_the_button(kari)

    kari.goto("/betaling/")
    expect(heading(kari, "Betaling")).to_be_visible()
    check_accessible(kari)
    kari.get_by_role("region", name="Å betale").get_by_role("link", name="E-konsultasjon: 235 kr").click()
    expect(kari.get_by_role("main")).to_contain_text("1503.20.80119")
    check_accessible(kari)
    when_she_downloads(kari, "Last ned kreditnota 1, 115 kr (PDF)")

    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/betaling/faktura/")
    expect(mona.get_by_role("button", name="Send fakturaene")).to_be_visible()
    check_accessible(mona)
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
    before = when_she_reads_what_is_marked(mona)
    assert before
    mona.get_by_role("button", name="Godkjenn de merkede").focus()
    mona.keyboard.press("Enter")
    expect(mona.get_by_role("status").filter(has_text=f"{len(before)} krav er godkjent.")).to_be_visible()
    assert not before & when_she_reads_what_is_marked(mona)  # others may have come meanwhile


def when_she_reads_what_is_marked(page: Page) -> set[str]:
    """The charges, by their ids."""
    boxes = page.get_by_role("checkbox", checked=True)
    return {value.partition(".")[0] for value in boxes.evaluate_all("all => all.map(each => each.value)")}


def test_she_pays_on_the_web_without_script_and_the_office_sees_it(open_page: Open) -> None:
    """More is asked for what was paid. The card is refused first; then she pays, and the provider tells twice."""
    kari, mona = open_page(script=False), open_page()
    log_in(kari, "Kari Testdal")
    kari.goto("/betaling/")
    kari.get_by_role("region", name="Tidligere betalinger").get_by_role("link").first.click()
    expect(heading(kari, re.compile("E-konsultasjon|Time|time"))).to_be_visible()
    path = urlsplit(kari.url).path

    log_in_staff(mona, "Mona Haug")
    mona.goto(f"/kontor{path}")
    mona.get_by_label("Takst eller egen pris").fill("10b")
    mona.get_by_role("button", name="Legg til").click()
    expect(mona.get_by_text("så linjen må også godkjennes.")).to_be_visible()
    check_accessible(mona)
    mona.get_by_role("button", name="Godkjenn linjen").click()
    expect(mona.get_by_role("status").filter(has_text="Lagt til.")).to_be_visible()

    kari.reload()
    when_she_pays(kari, "Kortet blir ikke godtatt")
    expect(kari.get_by_text("Betalingen ble ikke godtatt, og ingenting er trukket.")).to_be_visible()
    when_she_pays(kari, "Betal, og si fra to ganger")
    expect(kari.get_by_text("Betalt på nett. Takk.")).to_be_visible()

    mona.reload()
    expect(mona.get_by_text("På nett", exact=True)).to_have_count(1)
    when_the_office_takes_the_line_off_and_pays_it_back(mona)
    kari.reload()
    expect(kari.get_by_text("Betalt tilbake", exact=True)).to_be_visible()


def when_the_office_takes_the_line_off_and_pays_it_back(page: Page) -> None:
    """Nothing has gone back while it can still be taken back."""
    page.get_by_text("Rett en linje").click()
    page.get_by_role("group", name="Hvilken linje").get_by_label("Materiell, trinn b").last.check()
    page.get_by_label("Hvorfor").first.fill("Ble ikke brukt")
    page.get_by_role("button", name="Før en motpost").click()
    way = page.get_by_label("Hvordan")
    expect(way).to_contain_text("Til kortet som ble brukt på nett")  # the form is open, for what is over
    check_accessible(page)
    way.select_option(label="Vi har betalt det tilbake selv. Pasienten får beskjed.")
    page.get_by_role("button", name="Registrer", exact=True).click()
    waits, gone = page.get_by_text("Betales tilbake straks"), page.get_by_text("Betalt tilbake", exact=True)
    expect(waits.or_(gone)).to_be_visible()
    reload_until(page, lambda: bool(gone.count()))


def when_she_downloads(page: Page, name: str) -> None:
    with page.expect_download() as begun:
        page.get_by_role("link", name=name, exact=True).click()
    assert begun.value.path().read_bytes().startswith(b"%PDF")


def when_she_pays(page: Page, way: str) -> None:
    page.get_by_role("button", name="Betal nå").click()
    expect(heading(page, re.compile("^Betal "))).to_be_visible()
    page.get_by_role("button", name=way).click()


def the_price_stands_beside_the_button(page: Page) -> None:
    times = when_she_looks_for_a_time(page)
    folded = page.get_by_text("Med frikort er egenandelen gratis.")
    expect(folded).to_be_hidden()
    page.locator("summary").filter(has_text="Egenandel: ").focus()
    page.keyboard.press("Enter")
    expect(folded).to_be_visible()
    check_accessible(page)
    when_she_takes(page, times[0])
    expect(page.get_by_role("main")).to_contain_text("Egenandel: ")
    expect(page.get_by_role("main")).to_contain_text("Det gjelder også den som ikke betaler egenandel.")
    check_accessible(page)
    page.get_by_role("button", name="Avbryt").click()


def when_the_office_takes_the_money(page: Page) -> None:
    page.get_by_role("link", name="Kari Testdal").first.click()
    when_she_downloads(page, "1 (PDF)")
    register = page.get_by_role("button", name="Registrer betalingen")
    expect(register).to_be_visible()
    check_accessible(page)
    register.click()
    expect(page.get_by_role("status").filter(has_text="Betalingen er registrert.")).to_be_visible()
