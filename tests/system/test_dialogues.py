"""Writing to the doctor and to the office, as a citizen walks it: with and without script, and on a phone."""

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in
from tests.system.steps import heading

TEXT = "Jeg har hatt et utslett på armen i to uker."


def when_she_answers_the_questions(page: Page) -> None:
    page.get_by_label("Nei, ingenting av dette").check()
    page.get_by_label("Noen uker").check()
    page.get_by_role("button", name="Neste").click()


def when_she_chooses(page: Page, topic: str) -> None:
    page.get_by_label(topic).check()
    page.get_by_role("button", name="Neste").click()


def when_she_searches_while_the_list_renews_itself(page: Page, first: str, then: str) -> None:
    search = page.get_by_label("Søk i dialogene dine")
    search.fill("utslett på armen")
    expect(search).to_have_value("utslett på armen")
    page.evaluate(
        """order => {
          const does = {
            search: () => document.querySelector("form[role=search]").requestSubmit(),
            live: () => document.querySelector("#inbox").dispatchEvent(new Event("live")),
          };
          for (const each of order) does[each]();
        }""",
        [first, then],
    )


def test_an_econsultation_is_drafted_stopped_sent_and_withdrawn(open_page: Open) -> None:
    page = open_page()
    log_in(page, "Kari Testdal")
    page.get_by_role("link", name="Start e-konsultasjon").first.click()
    expect(heading(page, "Start e-konsultasjon")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="113", exact=True)).to_be_visible()
    expect(page.get_by_text("Svar innen")).to_be_visible()
    check_accessible(page)
    when_she_chooses(page, "Noe jeg har snakket med legen om før")

    page.get_by_label("Sterke brystsmerter").check()
    page.get_by_role("button", name="Neste").click()
    expect(heading(page, "Ring 113")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="Jeg svarte feil").click()
    when_she_answers_the_questions(page)

    page.get_by_label("Beskriv hva det gjelder").fill(TEXT)
    expect(page.get_by_text("Kladden er lagret")).to_be_visible()
    check_accessible(page)
    page.reload()
    expect(page.get_by_label("Beskriv hva det gjelder")).to_have_value(TEXT)
    page.get_by_role("button", name="Se over").click()
    expect(heading(page, "Se over og send")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Send", exact=True).dblclick()

    expect(page.get_by_role("status").filter(has_text="Meldingen er sendt.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Mottatt på kontoret")
    check_accessible(page)
    page.get_by_role("button", name="Trekk tilbake").click()
    expect(page.get_by_role("status").filter(has_text="Meldingen er trukket tilbake.")).to_be_visible()

    page.get_by_role("navigation").get_by_role("link", name="Meldinger").first.click()
    expect(page.get_by_role("link", name="Trukket tilbake").first).to_be_visible()
    check_accessible(page)
    for first, then in (("search", "live"), ("live", "search")):
        when_she_searches_while_the_list_renews_itself(page, first, then)
        expect(page.get_by_text("passer med «utslett på armen»")).to_be_visible()
        page.wait_for_load_state("networkidle")
        expect(page.get_by_text("passer med «utslett på armen»")).to_be_visible()
        page.get_by_role("link", name="Vis alle").click()
        expect(page.get_by_text("passer med")).to_have_count(0)


def test_the_office_is_asked_without_script_on_a_phone(open_page: Open) -> None:
    page = open_page(script=False)
    page.set_viewport_size({"width": 320, "height": 700})
    log_in(page, "Kari Testdal")
    page.goto("/meldinger/ny/kontakt/")
    expect(page.get_by_role("main")).to_contain_text("Her gir vi ikke helsehjelp")
    when_she_chooses(page, "Parkering og adkomst")
    page.get_by_label("Hva vil du spørre om?").fill("Kan jeg parkere ved inngangen?")
    page.get_by_role("button", name="Lagre kladden").click()
    expect(page.get_by_text("Kladden er lagret")).to_be_visible()
    page.get_by_role("button", name="Se over").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Meldingen er sendt.")).to_be_visible()
    page.get_by_role("button", name="Trekk tilbake").click()
    expect(page.get_by_text("Meldingen er trukket tilbake.")).to_be_visible()
