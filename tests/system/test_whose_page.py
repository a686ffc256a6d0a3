"""One browser, several tabs: nothing of another's is drawn into a page, and the page says whom it is about."""

from playwright.sync_api import Locator, Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.test_representation import when_she_chooses
from tests.system.test_whose_form import another_tab


def over(page: Page) -> Locator:
    return page.locator("#another")


def test_a_page_about_ola_says_so_at_once_and_draws_nothing_for_kari(open_page: Open) -> None:
    page = open_page()
    log_in(page, "Kari Testdal")
    when_she_chooses(page, "Ola")
    page.goto("/timeavtaler/bestill/")
    other = another_tab(page, "/hjem/")
    other.get_by_role("button", name="Bytt tilbake").click()
    expect(other.get_by_text("Nå bruker du tjenestene for deg selv.")).to_be_visible()

    expect(over(page)).to_contain_text("Siden gjelder Ola Testdal.")
    expect(over(page)).to_contain_text("Nå bruker du tjenestene for deg selv.")
    check_accessible(page)
    before = page.locator("#picker").inner_html()
    page.evaluate("document.querySelector('#another').replaceChildren()")  # what was not heard is asked
    with page.expect_response(lambda answer: answer.status == 409):
        page.locator("#picker a[hx-get]").first.click()
    expect(over(page)).to_contain_text("Siden gjelder Ola Testdal.")
    assert page.locator("#picker").inner_html() == before

    with page.context.expect_page() as opened:
        over(page).get_by_role("button", name="Bytt til Ola Testdal").click()
    expect(opened.value.get_by_role("main")).to_contain_text("Hvem: Ola Testdal, ")
    page.locator("#picker a[hx-get]").first.click()
    expect(over(page)).to_be_empty()


def test_what_kari_has_typed_stays_when_sara_logs_in_beside_it_and_the_rest_is_saras(open_page: Open) -> None:
    typed = open_page()
    log_in(typed, "Kari Testdal")
    read = another_tab(typed, "/meldinger/")
    typed.goto("/timeavtaler/be-om-time/")
    typed.get_by_label("Hva ønsker du time til?").fill("Vondt i øret")
    sara = another_tab(typed, "/logg-inn/")
    sara.get_by_role("button", name="Sara Testberg", exact=True).click()
    expect(sara.get_by_role("button", name="Logg ut")).to_be_visible()

    expect(over(typed)).to_contain_text("Siden ble åpnet for Kari Testdal, men nå er Sara Testberg logget inn.")
    expect(typed.get_by_label("Hva ønsker du time til?")).to_have_value("Vondt i øret")
    expect(read.get_by_role("main")).to_be_visible()
    expect(read.locator(".person, header")).to_contain_text("Sara")


def test_a_page_of_the_office_is_not_renewed_for_a_citizen(open_page: Open) -> None:
    page = open_page()
    log_in_staff(page, "Mona Haug")
    page.goto("/kontor/kalender/")
    other = another_tab(page, "/logg-inn/")
    other.get_by_role("button", name="Kari Testdal", exact=True).click()
    expect(other.get_by_role("button", name="Logg ut")).to_be_visible()
    expect(page.get_by_role("heading", name="Kalender")).to_have_count(0)
