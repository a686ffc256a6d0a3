"""Who gets to the services, who is told what is missing, and what happens to typed text when a login ends."""

import pytest
from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in
from tests.system.steps import (
    heading,
    the_free_times,
    when_she_books_it,
    when_she_cancels_it,
    when_she_takes,
)

WISHES = "Årskontroll for stoffskiftet.\nHelst etter klokka to, jeg arbeider om morgenen."


def test_who_has_basis_is_told_what_is_missing_gives_full_access_and_books(open_page: Open) -> None:
    per = open_page()
    log_in(per, "Per Testvik")
    per.get_by_role("link", name="Min fastlege", exact=True).click()
    then_he_sees_who_his_doctor_is(per, doctor="Ingrid Aas", office="Fjordbyen legesenter")
    expect(per.get_by_role("main").get_by_role("link", name="Bestill time", exact=True)).to_have_count(0)
    per.get_by_role("link", name="Timeavtaler", exact=True).click()
    expect(heading(per, "Du mangler full tilgang")).to_be_visible()
    check_accessible(per)

    when_he_reads_what_it_means_and_agrees(per)
    per.get_by_role("main").get_by_role("link", name="Bestill time", exact=True).click()
    when_she_takes(per, the_free_times(per)[-1])
    when_she_books_it(per)

    when_she_cancels_it(per)
    when_he_withdraws_his_consent(per)
    per.get_by_role("link", name="Timeavtaler", exact=True).click()
    expect(heading(per, "Du mangler full tilgang")).to_be_visible()


def when_he_reads_what_it_means_and_agrees(page: Page) -> None:
    page.get_by_role("button", name="Gi full tilgang").click()
    expect(page.get_by_role("heading", name="Dette sier du ja til")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Gi full tilgang").click()
    expect(heading(page, "Timeavtaler")).to_be_visible()  # where he was going


def when_he_withdraws_his_consent(page: Page) -> None:
    page.get_by_role("link", name="Profil").first.click()
    page.get_by_role("link", name="Samtykke og innsyn").click()
    page.get_by_role("link", name="Trekk tilbake samtykket").click()
    withdraw = page.get_by_role("button", name="Trekk tilbake samtykket")
    expect(withdraw).to_be_visible()
    check_accessible(page)
    withdraw.click()
    expect(page.get_by_role("status").filter(has_text="Samtykket er trukket tilbake.")).to_be_visible()


def then_he_sees_who_his_doctor_is(page: Page, *, doctor: str, office: str) -> None:
    expect(page.get_by_role("heading", name=doctor, exact=True)).to_be_visible()
    main = page.get_by_role("main")
    expect(main).to_contain_text(office)
    expect(main.get_by_role("heading", name="Åpningstider")).to_be_visible()
    expect(main.locator("dl").get_by_role("link").and_(main.locator('[href^="tel:"]'))).to_be_visible()


def test_a_doctor_without_digital_services_is_shown_with_how_to_reach_the_office(open_page: Open) -> None:
    arne = open_page()
    log_in(arne, "Arne Testmo")
    expect(arne.get_by_role("main")).to_contain_text("Odd Lund tilbyr ikke tjenester på nett.")
    arne.get_by_role("link", name="Min fastlege", exact=True).click()
    then_he_sees_who_his_doctor_is(arne, doctor="Odd Lund", office="Dalen legekontor")
    expect(arne.get_by_role("main")).to_contain_text("Legen tilbyr ikke tjenester på nett.")
    check_accessible(arne)
    for address in ("/hjem/", "/min-fastlege/", "/timeavtaler/"):
        arne.goto(address)
        expect(arne.get_by_role("main").locator('a[href^="/timeavtaler/b"]')).to_have_count(0)
    for address in ("/timeavtaler/bestill/", "/timeavtaler/be-om-time/"):
        arne.goto(address)
        expect(arne.get_by_role("main")).to_contain_text("Ring Dalen legekontor for å få time.")
        expect(arne.get_by_role("main").get_by_role("button")).to_have_count(0)
        check_accessible(arne)


def test_a_child_who_logs_in_alone_is_told_kindly_where_help_is(open_page: Open) -> None:
    page = open_page()
    log_in(page, "Ola Testdal")
    for address in ("/hjem/", "/min-fastlege/", "/timeavtaler/", "/timeavtaler/bestill/"):
        page.goto(address)
        expect(heading(page, "Hei! Disse tjenestene er for deg som har fylt 16 år")).to_be_visible()
        expect(page.get_by_role("main").get_by_role("link", name="116 111")).to_be_visible()
    check_accessible(page)


@pytest.mark.parametrize("script", [True, False])
def test_a_login_that_ends_while_she_types_costs_her_no_text(script: bool, open_page: Open) -> None:
    sara = open_page(script=script)
    log_in(sara, "Sara Testberg")
    sara.get_by_role("link", name="Timeavtaler", exact=True).click()
    sara.get_by_role("link", name="Be om time").click()
    sara.get_by_label("Hva ønsker du time til?").fill(WISHES)
    given_she_logs_out_everywhere_in_another_tab(sara)

    sara.get_by_role("button", name="Be om time").click()
    expect(heading(sara, "Du ble logget ut. Teksten din er tatt vare på.")).to_be_visible()
    sara.get_by_role("link", name="Logg inn igjen").click()
    sara.get_by_role("button", name="Sara Testberg", exact=True).click()
    expect(sara.get_by_role("blockquote")).to_contain_text("Årskontroll for stoffskiftet.")
    if script:
        check_accessible(sara)

    sara.get_by_role("button", name="Åpne skjemaet for Sara Testberg").click()
    expect(sara.get_by_label("Hva ønsker du time til?")).to_have_value(WISHES)
    sara.get_by_role("button", name="Be om time").click()
    expect(heading(sara, "Ønske om time hos Ingrid Aas")).to_be_visible()
    for line in WISHES.splitlines():
        expect(sara.get_by_role("main")).to_contain_text(line)
    sara.get_by_role("button", name="Trekk ønsket tilbake").click()
    expect(sara.get_by_role("status").filter(has_text="Ønsket er trukket tilbake.")).to_be_visible()


def given_she_logs_out_everywhere_in_another_tab(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/profil/innlogging/")
    other.get_by_role("button", name="Logg ut overalt").click()
    expect(other.get_by_role("button", name="Logg inn")).to_be_visible()
    other.close()


def test_she_is_told_before_her_login_ends_and_goes_on_by_one_press_in_all_tabs(open_page: Open) -> None:
    kari = open_page()
    kari.clock.install()
    log_in(kari, "Kari Testdal")
    kari.goto("/profil/kontakt/")
    kari.get_by_label("E-post").fill("kari@post.example")
    other = kari.context.new_page()
    other.goto("/hjem/")
    given_half_an_hour_has_nearly_gone(kari)
    for page in (kari, other):
        expect(page.get_by_role("dialog", name="Du blir snart logget ut")).to_be_visible()
    expect(kari.get_by_role("button", name="Fortsett innlogget")).to_be_focused()
    check_accessible(kari)

    kari.context.unroute_all()
    kari.get_by_role("button", name="Fortsett innlogget").click()
    for page in (kari, other):
        expect(page.get_by_role("dialog")).to_have_count(0)
    expect(kari.get_by_label("E-post")).to_have_value("kari@post.example")


def given_half_an_hour_has_nearly_gone(page: Page) -> None:
    """In the browser; the server's answer to a page that asks by itself says the same. Who presses asks the server."""
    page.context.route("**/logg-inn/slutt/", lambda route: route.fulfill(json={"left": 90, "goes_on": True}))
    page.clock.fast_forward("28:30")
