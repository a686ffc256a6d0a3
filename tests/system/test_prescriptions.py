"""Prescriptions from both sides: ordered by Kari, prepared by Mona, signed by Ingrid, told as a story."""

import re

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading

PLACE = re.compile("^Resepter")  # with the number of those that wait, once it has come


def when_she_orders(page: Page, name: str, note: str = "") -> None:
    page.goto("/legemidler/")
    expect(heading(page, "Legemidler")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Forny resept").click()
    expect(heading(page, "Forny resept")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile(name)).check()
    if note:
        page.get_by_label("Noe legen bør vite?").fill(note)
    page.get_by_role("button", name="Forny resept").click()
    expect(heading(page, "Bestilling av resept")).to_be_visible()


def when_it_is_opened(page: Page, box: str, name: str, medicine: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=PLACE).click()
    page.get_by_role("navigation", name="Velg liste").get_by_role("link", name=box).click()
    rows = page.get_by_role("list", name="Fornyelser").get_by_role("listitem")
    row = rows.filter(has_text=name).filter(has_text=medicine)
    row.get_by_role("link", name=name).click()
    expect(heading(page, re.compile(name))).to_be_visible()


def test_a_renewal_goes_from_kari_by_mona_to_ingrid_and_kari_sees_each_step(open_page: Open) -> None:
    kari, mona, ingrid = open_page(), open_page(), open_page()
    log_in(kari, "Kari Testdal")
    expect(kari.get_by_role("main")).to_contain_text("Metoprolol Sandoz 50 mg")  # waits on Hjem
    kari.get_by_role("link", name="Legemidler", exact=True).click()
    on_paper = kari.get_by_role("link", name="Liste til utskrift")
    expect(on_paper).to_be_visible()
    check_accessible(kari)
    on_paper.click()
    expect(kari.get_by_role("row", name=re.compile("Metoprolol Sandoz 50 mg Metoprolol C07AB02"))).to_be_visible()
    check_accessible(kari)
    kari.goto("/legemidler/")
    kari.get_by_role("main").get_by_role("link", name="Forny resept").click()
    expect(kari.get_by_role("main")).to_contain_text("Dette legemiddelet er vanedannende (gruppe B)")
    check_accessible(kari)
    when_she_orders(kari, "Metoprolol", note="Jeg reiser bort på fredag")
    check_accessible(kari)

    log_in_staff(mona, "Mona Haug")
    when_it_is_opened(mona, "Mine", "Kari Testdal", "Metoprolol")
    expect(mona.get_by_role("main")).to_contain_text("Jeg reiser bort på fredag")
    expect(mona.get_by_role("button", name="Forny", exact=True)).to_have_count(0)
    check_accessible(mona)
    expect(kari.get_by_role("main")).to_contain_text("Mottatt av kontoret")  # by itself
    mona.get_by_label("Notat mellom kontor og lege").fill("Blodtrykk 130/80 i oktober")
    mona.get_by_role("button", name="Send til legen").click()
    expect(kari.get_by_role("main")).to_contain_text("Ingrid Aas avgjør")

    log_in_staff(ingrid, "Ingrid Aas")
    ingrid.get_by_role("navigation").get_by_role("link", name=PLACE).click()
    hers = ingrid.get_by_role("checkbox", name="Velg Kari Testdal, Metoprolol Sandoz 50 mg")
    expect(hers).to_be_visible()
    check_accessible(ingrid)
    hers.check()
    ingrid.get_by_role("button", name="Se over og forny de valgte").click()
    expect(heading(ingrid, "Forny 1 resept")).to_be_visible()
    check_accessible(ingrid)
    ingrid.get_by_role("button", name="Forny 1 resept").click()
    expect(ingrid.get_by_text("1 resept er fornyet.")).to_be_visible()
    expect(kari.get_by_role("main")).to_contain_text("Du kan hente på alle apotek")
    kari.get_by_role("link", name="Se den nye resepten").click()
    expect(kari.get_by_role("main")).to_contain_text("4 av 4 uttak igjen")
    check_accessible(kari)


def test_without_script_she_orders_and_takes_it_back_and_the_doctor_answers_another(open_page: Open) -> None:
    kari, ingrid = open_page(script=False), open_page(script=False)
    log_in(kari, "Kari Testdal")
    when_she_orders(kari, "Nutridrink")
    kari.get_by_role("button", name="Trekk bestillingen tilbake").click()
    expect(kari.get_by_role("main")).to_contain_text("Trukket av deg")

    log_in_staff(ingrid, "Ingrid Aas")
    when_it_is_opened(ingrid, "Mine", "Grethe Testli", "Ibux")
    expect(ingrid.get_by_role("main")).to_contain_text("Warfarin og NSAID: økt fare for blødning.")
    ingrid.get_by_text("Avslå eller be om time").first.click()
    ingrid.get_by_label("Svar til pasienten").first.fill("Ibux passer ikke sammen med Marevan. Kom til oss.")
    ingrid.get_by_role("button", name="Be pasienten bestille time").first.click()
    expect(ingrid.get_by_text("Pasienten får beskjed om å bestille time.")).to_be_visible()


def test_what_emil_hides_his_mother_does_not_see(open_page: Open) -> None:
    emil, ida = open_page(), open_page()
    log_in(emil, "Emil Testhaug")
    emil.get_by_role("link", name="Legemidler", exact=True).click()
    emil.get_by_role("link", name="Zyrtec 10 mg").click()
    emil.get_by_role("button", name="Skjul resepten for foreldrene mine").click()
    expect(emil.get_by_role("main")).to_contain_text("Foreldrene dine ser ikke denne resepten.")
    check_accessible(emil)

    log_in(ida, "Ida Testhaug")
    ida.get_by_role("link", name="Bruk tjenestene for noen andre").click()
    ida.get_by_role("button", name="Handle for Emil").click()
    ida.get_by_role("link", name="Legemidler", exact=True).click()
    expect(ida.get_by_role("main")).to_contain_text("Aerius 5 mg")
    expect(ida.get_by_role("main")).not_to_contain_text("Zyrtec")
