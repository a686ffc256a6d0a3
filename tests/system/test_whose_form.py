"""One browser, two tabs: a form acts only for whom it was drawn for, and what is sent is what was seen.

With and without script, as the demo's Kari walks it, with her son Ola and with Sara at the same machine."""

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.system.conftest import Open, check_accessible, log_in
from tests.system.steps import heading
from tests.system.test_representation import the_banner, when_she_chooses

WISHES = "Vondt i øret siden mandag.\nHelst etter skolen."


def another_tab(page: Page, path: str) -> Page:
    other = page.context.new_page()
    other.goto(path)
    return other


def when_she_logs_in_again(page: Page, name: str) -> None:
    page.goto("/logg-inn/")
    page.get_by_role("button", name=name, exact=True).click()


def when_she_asks_for_a_time(page: Page) -> None:
    page.goto("/timeavtaler/be-om-time/")
    page.get_by_label("Hva ønsker du time til?").fill(WISHES)


def when_she_sends_it_from_its_form(page: Page) -> None:
    page.get_by_role("button", name="Åpne skjemaet for Ola Testdal").click()
    expect(page.get_by_label("Hva ønsker du time til?")).to_have_value(WISHES)
    page.get_by_role("button", name="Be om time").click()


def then_it_stands_in_olas_name(page: Page) -> None:
    expect(heading(page, "Ønske om time hos Ingrid Aas")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Hvem: Ola Testdal, ")
    expect(page.get_by_role("main")).to_contain_text("Helst etter skolen.")
    page.get_by_role("button", name="Trekk ønsket tilbake").click()
    expect(page.get_by_role("status").filter(has_text="Ønsket er trukket tilbake.")).to_be_visible()


def when_the_server_says_that_the_page_is_stale(page: Page) -> None:
    """And it had its moment to be asked for again: ui/assets/stale.js."""
    page.evaluate("document.dispatchEvent(new Event('stale')); new Promise((done) => setTimeout(done, 1000))")


@pytest.mark.parametrize("script", [True, False])
def test_a_form_of_karis_is_never_sent_by_sara_who_logs_in_beside_it(script: bool, open_page: Open) -> None:
    kari = open_page(script=script)
    log_in(kari, "Kari Testdal")
    kari.goto("/profil/kontakt/")
    kari.get_by_label("E-post").fill("en annen@post.example")
    sara = another_tab(kari, "/logg-inn/")
    sara.get_by_role("button", name="Sara Testberg", exact=True).click()
    expect(sara.get_by_role("button", name="Logg ut")).to_be_visible()

    kari.get_by_role("button", name="Lagre").click()
    expect(heading(kari, "Ingenting er sendt: Sara Testberg er logget inn")).to_be_visible()
    expect(kari.get_by_role("main")).not_to_contain_text("en annen@post.example")
    if script:
        when_the_server_says_that_the_page_is_stale(kari)
        expect(heading(kari, "Ingenting er sendt: Sara Testberg er logget inn")).to_be_visible()
        check_accessible(kari)
    sara.goto("/profil/kontakt-og-beskjeder/")
    expect(sara.get_by_role("main")).not_to_contain_text("en annen@post.example")

    when_she_logs_in_again(kari, "Kari Testdal")
    expect(heading(kari, "Teksten din er tatt vare på")).to_be_visible()
    expect(kari.get_by_role("main")).to_contain_text("Hvem: Kari Testdal, født")
    kari.get_by_role("button", name="Forkast teksten").click()
    expect(heading(kari, "Teksten din er tatt vare på")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_what_is_for_ola_is_sent_for_ola_whatever_happens_in_another_tab(script: bool, open_page: Open) -> None:
    kari = open_page(script=script)
    log_in(kari, "Kari Testdal")
    when_she_chooses(kari, "Ola")
    the_banner(kari, "Ola Testdal")
    when_she_asks_for_a_time(kari)
    other = another_tab(kari, "/hjem/")
    other.get_by_role("button", name="Bytt tilbake").click()
    expect(other.get_by_text("Nå bruker du tjenestene for deg selv.")).to_be_visible()

    kari.get_by_role("button", name="Be om time").click()
    expect(heading(kari, "Ingenting er sendt: siden gjelder Ola Testdal")).to_be_visible()
    expect(kari.get_by_role("blockquote")).to_contain_text("Helst etter skolen.")
    if script:
        check_accessible(kari)
    kari.get_by_role("button", name="Bytt til Ola Testdal og gå videre").click()
    expect(heading(kari, "Teksten din er tatt vare på")).to_be_visible()
    if script:
        check_accessible(kari)
    when_she_sends_it_from_its_form(kari)
    then_it_stands_in_olas_name(kari)

    when_she_asks_for_a_time(kari)
    other = another_tab(kari, "/hjem/")
    other.get_by_role("button", name="Logg ut").click()
    expect(heading(other, "Du er logget ut")).to_be_visible()
    kari.get_by_role("button", name="Be om time").click()
    expect(heading(kari, "Du ble logget ut. Teksten din er tatt vare på.")).to_be_visible()
    when_she_logs_in_again(kari, "Kari Testdal")
    expect(kari.get_by_role("main")).to_contain_text("Hvem: Ola Testdal, født")
    expect(kari.get_by_role("button", name="Åpne skjemaet")).to_have_count(0)
    kari.get_by_role("button", name="Bytt til Ola Testdal for å sende").click()
    when_she_sends_it_from_its_form(kari)
    then_it_stands_in_olas_name(kari)


@pytest.mark.parametrize("script", [True, False])
def test_what_kari_sends_is_what_she_saw_over(script: bool, open_page: Open) -> None:
    kari = open_page(script=script)
    log_in(kari, "Kari Testdal")
    kari.goto("/meldinger/ny/kontakt/")
    kari.get_by_label("Bestille attest eller erklæring").check()
    kari.get_by_role("button", name="Neste").click()
    kari.get_by_label("Hva vil du spørre om?").fill("Jeg trenger en attest til skolen.")
    kari.get_by_role("button", name="Se over").click()
    expect(heading(kari, "Se over og send")).to_be_visible()

    late = another_tab(kari, "/meldinger/ny/kontakt/skriv/")
    other = another_tab(kari, "/meldinger/ny/kontakt/skriv/")
    other.get_by_label("Hva vil du spørre om?").fill("Jeg trenger en attest til jobben.")
    other.get_by_role("button", name="Lagre kladden").click()
    expect(other.get_by_text("Kladden er lagret")).to_be_visible()

    kari.get_by_role("button", name="Send", exact=True).click()
    expect(kari.get_by_role("heading", name="Meldingen er ikke sendt")).to_be_visible()
    expect(kari.get_by_role("blockquote")).to_contain_text("attest til skolen")
    expect(kari.get_by_role("region", name="Bestille attest eller erklæring")).to_contain_text("attest til jobben")
    if script:
        check_accessible(kari)
        late.bring_to_front()  # a page that nobody looks at waits with its timers
        late.get_by_label("Hva vil du spørre om?").fill("Noe helt annet.")
        expect(late.get_by_role("alert").filter(has_text="Ikke lagret.")).to_be_visible()
        expect(late.get_by_label("Hva vil du spørre om?")).to_have_value("Noe helt annet.")
        check_accessible(late)
    other.get_by_role("button", name="Slett kladden").click()
    expect(other.get_by_role("status").filter(has_text="Kladden er slettet.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_what_was_typed_is_not_put_back_into_a_page_of_another(script: bool, open_page: Open) -> None:
    page = open_page(script=script)
    log_in(page, "Kari Testdal")
    when_she_chooses(page, "Ola")
    when_she_asks_for_a_time(page)
    page.get_by_role("button", name="Bytt tilbake").click()
    expect(page.get_by_text("Nå bruker du tjenestene for deg selv.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("main")).not_to_contain_text("Ola Testdal")
    expect(page.get_by_label("Hva ønsker du time til?")).to_have_value("")

    when_she_asks_for_a_time(page)
    page.goto("/logg-inn/")
    page.get_by_role("button", name="Sara Testberg", exact=True).click()
    expect(page.get_by_role("button", name="Logg ut")).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.locator(".person, header").first).to_contain_text("Sara")
    expect(page.get_by_label("Hva ønsker du time til?")).to_have_value("")


def test_nobody_leaves_what_she_has_typed_unasked(open_page: Open) -> None:
    page = open_page()
    log_in(page, "Kari Testdal")
    when_she_asks_for_a_time(page)
    asked = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Legemidler").first.click(no_wait_after=True)
    expect(page.get_by_label("Hva ønsker du time til?")).to_have_value(WISHES)
    page.get_by_role("button", name="Se over").or_(page.get_by_role("button", name="Be om time")).last.click()
    expect(page.get_by_role("main")).to_contain_text("Helst etter skolen.")
    assert asked == ["beforeunload"]
