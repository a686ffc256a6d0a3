"""The laboratory as a column of the office's: its manager makes one more, and a doctor orders what is booked in it."""

import re

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, reload_until, when_she_books_it

NEEDS_ORDER = "Slike timer kan du bestille når legen har bedt deg om det."


def test_the_manager_makes_a_column_and_it_stands_in_the_calendar(open_page: Open) -> None:
    siri = open_page()
    log_in_staff(siri, "Siri Berge")
    siri.goto("/kontor/innstillinger/")
    siri.get_by_role("link", name="Se og endre kolonnene").click()
    expect(siri.get_by_role("listitem").filter(has_text="Laboratoriet")).to_contain_text("Ingrid Aas er ansvarlig")
    check_accessible(siri)
    siri.get_by_role("link", name="Ny kolonne").click()
    siri.get_by_label("Navn").fill("Skiftestuen")
    siri.get_by_label("Hva er det?").select_option(label="Rom")
    siri.get_by_label("Ansvarlig lege").select_option(label="Ingrid Aas")
    expect(siri.get_by_label("Navn")).to_have_value("Skiftestuen")
    check_accessible(siri)
    siri.get_by_role("button", name="Lagre").click()
    expect(siri.get_by_role("status").filter(has_text="Kolonnen er lagret.")).to_be_visible()
    siri.goto("/kontor/kalender/")
    expect(siri.get_by_role("main")).to_contain_text("Skiftestuen")


def test_a_blood_test_is_booked_when_the_doctor_has_ordered_it_and_once(open_page: Open) -> None:
    ida, ingrid = open_page(), open_page()
    log_in(ida, "Ida Testhaug")
    when_she_chooses_a_blood_test(ida)
    expect(ida.get_by_role("main")).to_contain_text(NEEDS_ORDER)
    check_accessible(ida)

    log_in_staff(ingrid, "Ingrid Aas")
    ingrid.goto("/kontor/innkallinger/ny/")
    ingrid.get_by_label("Timetype").select_option(label="Blodprøve · 10 min")
    ingrid.get_by_role("main").get_by_label("Finn pasient").fill("Ida Testhaug")
    ingrid.get_by_role("button", name="Finn pasienter").click()
    ingrid.get_by_role("checkbox", name="Ida Testhaug").check()
    ingrid.get_by_role("button", name="Se over").click()
    ingrid.get_by_role("button", name="Be 1 pasient bestille time").click()
    expect(ingrid.get_by_role("status").filter(has_text="Innkallingen sendes om")).to_be_visible()

    when_she_chooses_a_blood_test(ida)
    first = ida.get_by_role("button", name=re.compile("^Første ledige"))
    reload_until(ida, first.is_visible)  # the doctor could have taken it back until then
    first.click()
    expect(ida.get_by_role("main")).to_contain_text("Laboratoriet")
    when_she_books_it(ida)
    when_she_chooses_a_blood_test(ida)
    expect(ida.get_by_role("main")).to_contain_text(NEEDS_ORDER)


def when_she_chooses_a_blood_test(page: Page) -> None:
    page.goto("/timeavtaler/bestill/")
    expect(heading(page, "Bestill time")).to_be_visible()
    page.get_by_role("radio", name="Blodprøve", exact=True).check()
    page.get_by_role("button", name="Vis ledige timer").click()
    expect(page).to_have_url(re.compile("type="))
