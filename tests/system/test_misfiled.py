"""Both sides of what stands in a wrong record: a citizen asks without script, a doctor moves it by its pages."""

import re

from playwright.sync_api import expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, when_she_states_a_purpose_if_asked


def test_kari_asks_and_the_doctor_takes_it_out_and_answers(open_page: Open) -> None:
    kari, ingrid = open_page(script=False), open_page()
    log_in(kari, "Kari Testdal")
    kari.goto("/profil/")
    kari.get_by_role("link", name="Samtykke og innsyn").click()
    kari.get_by_role("link", name="Be om retting eller sletting").click()
    kari.get_by_label("Noe gjelder ikke meg").check()
    kari.get_by_label("Hva gjelder det?").fill("Notatet om røyking gjelder ikke meg.")
    kari.get_by_role("button", name="Send til kontoret").click()
    expect(kari.get_by_role("main")).to_contain_text("svarer innen")

    log_in_staff(ingrid, "Ingrid Aas")
    ingrid.goto("/kontor/innboks/")
    ingrid.get_by_role("heading", name="Ønsker om retting og sletting").locator("..").get_by_role(
        "link", name=re.compile("Kari Testdal")
    ).first.click()
    expect(heading(ingrid, "Ønske om retting eller sletting")).to_be_visible()
    check_accessible(ingrid)
    ingrid.get_by_role("main").get_by_role("link", name="Kari Testdal").click()
    when_she_states_a_purpose_if_asked(ingrid, ingrid.get_by_role("link", name="Skriv notat"))
    ingrid.get_by_role("link", name="Skriv notat").click()
    ingrid.get_by_role("combobox", name=re.compile("^Kontakt")).select_option("phone")
    ingrid.get_by_role("textbox", name=re.compile("^Notat")).fill("Røyker daglig.")
    ingrid.get_by_role("button", name="Lagre notatet").click()
    ingrid.locator("#entries").get_by_role("link").first.click()
    ingrid.get_by_role("link", name="Står i feil journal").click()
    why = ingrid.get_by_label("Hvorfor er det feil?")
    expect(why).to_be_visible()
    check_accessible(ingrid)
    why.fill("Skrevet hos feil pasient.")
    ingrid.get_by_role("button", name="Ta ut av journalen").click()
    expect(ingrid.get_by_role("heading", name="Hvem har sett det")).to_be_visible()
    check_accessible(ingrid)
    ingrid.goto("/kontor/innboks/")
    ingrid.get_by_role("heading", name="Ønsker om retting og sletting").locator("..").get_by_role(
        "link", name=re.compile("Kari Testdal")
    ).first.click()
    ingrid.get_by_label("Vi har gjort det du ba om").check()
    ingrid.get_by_label("Svar til innbyggeren").fill("Notatet er tatt ut.")
    ingrid.get_by_role("button", name="Send svaret").click()
    expect(ingrid.get_by_role("status").filter(has_text="Svaret er sendt")).to_be_visible()

    kari.goto("/profil/retting/")
    expect(kari.get_by_role("main")).to_contain_text("Notatet er tatt ut.")
    reader = open_page()
    log_in(reader, "Kari Testdal")
    reader.goto("/profil/retting/")
    check_accessible(reader)
