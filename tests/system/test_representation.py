"""Acting for others, as the demo's families walk it: Kari with Ola and Nora, Emil, Sara, Lise, Tor for Grethe."""

from playwright.sync_api import Page, expect

from legedialog.demo.people import PEOPLE
from tests.system.conftest import Open, check_accessible, log_in
from tests.system.steps import (
    heading,
    press,
    when_she_books_it,
    when_she_cancels_it,
    when_she_looks_for_a_time,
    when_she_takes,
)

TOR = next(person.number for person in PEOPLE if person.name == "Tor Testli")
CHOOSE = "Velg hvem du vil bruke tjenestene for"


def when_she_chooses(page: Page, given_name: str) -> None:
    page.get_by_role("link", name="Hjem", exact=True).click()
    page.get_by_role("main").get_by_role("button", name=f"Handle for {given_name}, ").click()


def when_she_chooses_in_the_menu(page: Page, given_name: str) -> None:
    """By the keyboard, wherever she is: the names come when it is opened."""
    press(page, page.locator("header summary", has_text="Kari Testdal"), "Enter")
    name = page.get_by_role("banner").get_by_role("button", name=f"Handle for {given_name}, ")
    expect(name).to_be_visible()
    check_accessible(page)
    press(page, name, "Enter")


def the_banner(page: Page, name: str) -> None:
    expect(page.get_by_role("region", name="Hvem du handler for")).to_contain_text(f"Du handler for {name}")


def test_kari_books_for_ola_and_goes_back_to_herself(open_page: Open) -> None:
    kari = open_page()
    log_in(kari, "Kari Testdal")
    when_she_chooses(kari, "Ola")
    the_banner(kari, "Ola Testdal")
    check_accessible(kari)

    time = when_she_looks_for_a_time(kari)[-1]
    when_she_takes(kari, time)
    the_banner(kari, "Ola Testdal")
    when_she_books_it(kari, "Vondt i øret")
    kari.get_by_role("link", name="Sikkerhet og personvern").scroll_into_view_if_needed()
    expect(kari.get_by_role("region", name="Hvem du handler for")).to_be_in_viewport()
    when_she_chooses_in_the_menu(kari, "Nora")
    the_banner(kari, "Nora Testdal")
    kari.get_by_role("button", name="Bytt tilbake").click()
    expect(kari.get_by_role("region", name="Hvem du handler for")).to_have_count(0)
    kari.get_by_role("link", name="Timeavtaler", exact=True).click()
    expect(kari.get_by_role("main")).not_to_contain_text(time.words)

    when_she_chooses(kari, "Ola")
    kari.get_by_role("main").get_by_role("link", name="Se timen").click()
    when_she_cancels_it(kari)


def test_nora_is_14_so_less_is_open_and_it_says_why(open_page: Open) -> None:
    kari = open_page()
    log_in(kari, "Kari Testdal")
    when_she_chooses(kari, "Nora")
    for place in ("Hjem", "Min fastlege", "Timeavtaler"):
        kari.get_by_role("link", name=place, exact=True).click()
        expect(kari.get_by_role("main")).to_contain_text("Barnet har fylt 12 år og har rett til mer privatliv")
        check_accessible(kari)
    kari.get_by_role("link", name="Hjem", exact=True).click()
    kari.get_by_role("link", name="Samtykke og ungdomstilgang for Nora").click()
    expect(kari.get_by_role("button", name="Gi ungdomstilgang")).to_be_visible()
    expect(kari.get_by_role("main")).to_contain_text("Du kan handle for Nora til Nora fyller 16 år")
    check_accessible(kari)
    kari.goto("/profil/")
    expect(heading(kari, "Denne siden gjelder deg selv")).to_be_visible()
    kari.get_by_role("button", name="Bytt til meg selv").click()
    expect(heading(kari, "Profil")).to_be_visible()


def test_emil_sees_his_own_with_a_parents_leave_until_she_takes_it_back(open_page: Open) -> None:
    emil, ida = open_page(), open_page()
    log_in(emil, "Emil Testhaug")
    expect(emil.get_by_role("main")).to_contain_text("Du har ungdomstilgang")
    check_accessible(emil)
    emil.get_by_role("link", name="Min fastlege", exact=True).click()
    expect(emil.get_by_role("main")).to_contain_text("Ingrid Aas")
    emil.get_by_role("link", name="Timeavtaler", exact=True).click()
    expect(emil.get_by_role("main").get_by_role("link", name="Bestill time")).to_have_count(0)
    emil.goto("/timeavtaler/bestill/")
    expect(heading(emil, "Dette åpner når du fyller 16 år")).to_be_visible()

    log_in(ida, "Ida Testhaug")
    when_she_chooses(ida, "Emil")
    ida.get_by_role("link", name="Samtykke og ungdomstilgang for Emil").click()
    ida.get_by_role("button", name="Ta tilbake ungdomstilgangen").click()
    expect(ida.get_by_role("status").filter(has_text="Ungdomstilgangen er tatt tilbake.")).to_be_visible()
    emil.goto("/hjem/")
    expect(heading(emil, "Hei! Disse tjenestene er for deg som har fylt 16 år")).to_be_visible()

    ida.get_by_role("button", name="Gi ungdomstilgang").click()
    expect(ida.get_by_role("button", name="Ta tilbake ungdomstilgangen")).to_be_visible()
    emil.goto("/profil/fullmakter/")
    expect(emil.get_by_role("main")).to_contain_text("Ida Testhaug, forelder")
    expect(emil.get_by_role("main")).to_contain_text("Tok tilbake ungdomstilgang")
    check_accessible(emil)


def test_sara_is_16_and_her_father_is_told_that_she_decides(open_page: Open) -> None:
    anders, sara = open_page(), open_page()
    log_in(anders, "Anders Testberg")
    anders.goto("/representasjon/velg/")
    expect(anders.get_by_role("main")).to_contain_text("Barnet har fylt 16 år og bestemmer selv")
    expect(anders.get_by_role("button", name="Handle for Sara")).to_have_count(0)

    log_in(sara, "Sara Testberg")
    expect(sara.get_by_role("main").get_by_role("link", name="Bestill time")).to_be_visible()


def test_lise_with_a_protected_address_acts_for_nobody_and_uses_her_own(open_page: Open) -> None:
    lise = open_page()
    log_in(lise, "Lise Testnes")
    lise.goto("/representasjon/velg/")
    expect(heading(lise, CHOOSE)).to_be_visible()
    for child in ("Liv", "Jon"):
        expect(lise.get_by_role("main")).not_to_contain_text(child)
    check_accessible(lise)
    lise.goto("/min-fastlege/")
    expect(lise.get_by_role("main").get_by_role("link", name="Bestill time")).to_be_visible()


def test_tor_acts_for_grethe_until_she_ends_it_and_gives_it_anew(open_page: Open) -> None:
    tor, grethe = open_page(), open_page()
    log_in(tor, "Tor Testli")
    when_she_chooses(tor, "Grethe")
    the_banner(tor, "Grethe Testli")

    log_in(grethe, "Grethe Testli")
    grethe.get_by_role("link", name="Profil", exact=True).click()
    grethe.get_by_role("link", name="Fullmakter").click()
    end = grethe.get_by_role("link", name="Avslutt fullmakten til Tor Testli")
    expect(end).to_be_visible()
    check_accessible(grethe)
    end.click()
    grethe.get_by_role("button", name="Avslutt fullmakten").click()
    expect(grethe.get_by_role("status").filter(has_text="Fullmakten er avsluttet.")).to_be_visible()

    tor.get_by_role("link", name="Timeavtaler", exact=True).click()
    expect(heading(tor, "Du kan ikke lenger handle for den andre")).to_be_visible()
    check_accessible(tor)

    grethe.get_by_role("link", name="Gi fullmakt").click()
    grethe.get_by_label("Fødselsnummeret til den som skal få fullmakt").fill(TOR)
    grethe.get_by_label("Hele navnet").fill("Tor Feil")
    grethe.get_by_label("Bruke helsetjenester på nett").check()
    grethe.get_by_role("button", name="Gi fullmakt").click()
    expect(grethe.get_by_text("Vi kan ikke gi fullmakt til denne personen")).to_be_visible()
    check_accessible(grethe)
    grethe.get_by_label("Hele navnet").fill("Tor Testli")
    grethe.get_by_role("button", name="Gi fullmakt").click()
    expect(grethe.get_by_role("status").filter(has_text="Fullmakten er gitt.")).to_be_visible()
