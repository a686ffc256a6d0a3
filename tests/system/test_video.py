"""A visit on video, in real browsers with invented cameras: picture and sound really go from one to the other."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading
from tests.system.video import (
    CAMERA,
    PATHS,
    RELAY_ONLY,
    TRACK,
    UNLUCKY,
    WATCH,
    Line,
    ManInTheMiddle,
    allow,
    given_a_video_visit,
    the_code,
    then_picture_and_sound_arrive,
    then_they_are_connected,
    tile,
    turn_port,
    when_she_goes_in,
    when_she_is_let_in,
    when_the_doctor_goes_in,
)

KARI, INGRID = "Kari Testdal", "Ingrid Aas"


@pytest.fixture
def kari(open_page: Open) -> Page:
    page = open_page()
    log_in(page, KARI)
    page.add_init_script(WATCH)
    allow(page)
    return page


@pytest.fixture
def ingrid(open_page: Open) -> Page:
    page = open_page()
    log_in_staff(page, INGRID)
    page.add_init_script(WATCH)
    allow(page)
    return page


@pytest.fixture
def mona(open_page: Open) -> Page:
    page = open_page()
    log_in_staff(page, "Mona Haug")
    return page


def test_a_visit_from_the_test_of_sound_to_the_end(kari: Page, ingrid: Page, mona: Page) -> None:
    visit = given_a_video_visit(mona)

    kari.goto("/timeavtaler/test-utstyr/")
    kari.get_by_role("button", name="Start testen").click()
    expect(kari.locator('[data-part="relay"]')).to_contain_text("Virker")
    expect(kari.locator('[data-part="microphone"]')).to_contain_text("Vi hører deg.")
    kari.get_by_role("button", name="Spill av lyd").click()
    kari.get_by_role("button", name="Ja, jeg hørte den").click()
    expect(kari.locator("[data-conclusion]")).to_contain_text("Alt virker.")
    expect(kari.locator("[data-conclusion]")).to_contain_text("Resultatet er lagret.")
    check_accessible(kari)

    when_she_goes_in(kari, visit)
    expect(kari.get_by_role("heading", name="Du er i venterommet")).to_be_visible()
    expect(kari.locator(".lobby video")).not_to_have_js_property("videoWidth", 0)
    check_accessible(kari)

    ingrid.goto("/kontor/videotimer/")
    ingrid.locator(f"#visit-{visit}").get_by_role("button", name="Åpne videorommet").click()
    expect(ingrid.get_by_text("Ingen er kalt inn ennå.")).to_be_visible()
    when_she_is_let_in(ingrid, KARI)
    expect(kari.locator("[data-alert]")).to_have_text("Legen kaller deg inn")
    then_they_are_connected(kari, ingrid)
    then_picture_and_sound_arrive(kari)
    then_picture_and_sound_arrive(ingrid)
    expect(tile(kari, INGRID)).to_contain_text("HPR-nummer")

    expect(kari.locator("[data-captions]")).to_be_hidden()
    code = the_code(kari, INGRID)
    assert the_code(ingrid, KARI) == code
    check_accessible(kari)
    check_accessible(ingrid)
    then_it_fits_a_small_phone(kari)
    when_they_write_to_each_other(kari, ingrid)
    then_keys_do_what_the_buttons_do(kari, ingrid)

    kari.reload()
    then_they_are_connected(kari, ingrid)
    then_picture_and_sound_arrive(ingrid)

    ingrid.get_by_role("button", name="Avslutt timen").click()
    expect(heading(kari, re.compile("Videotime"))).to_be_visible()
    expect(kari.get_by_text("Hvordan var bilde og lyd?")).to_be_visible()


def then_it_fits_a_small_phone(page: Page) -> None:
    """All buttons lie inside 360 pixels, upright and on its side."""
    for width, height in ((360, 740), (740, 360)):
        page.set_viewport_size({"width": width, "height": height})
        for button in page.locator(".stage__controls > *").all():
            box = button.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width, button.inner_text()
            assert box["y"] + box["height"] <= height, button.inner_text()
    page.set_viewport_size({"width": 1280, "height": 900})


def when_they_write_to_each_other(kari: Page, ingrid: Page) -> None:
    kari.get_by_role("button", name="Chat").click()
    kari.get_by_label("Skriv en melding").fill("<img src=x> hei")
    kari.get_by_label("Skriv en melding").press("Enter")
    expect(kari.get_by_role("log")).to_contain_text("<img src=x> hei")
    ingrid.get_by_role("button", name="Chat").click()
    expect(ingrid.get_by_role("log")).to_contain_text("<img src=x> hei")  # as it was written
    check_accessible(ingrid)
    for page in (kari, ingrid):
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Chat")).to_be_focused()


def then_keys_do_what_the_buttons_do(kari: Page, ingrid: Page) -> None:
    kari.keyboard.press("k")
    expect(tile(ingrid, KARI)).to_contain_text("Kari Testdal er med uten bilde.")
    kari.keyboard.press("m")
    expect(tile(ingrid, KARI)).to_contain_text("Mikrofonen er av")
    kari.keyboard.press("k")
    kari.keyboard.press("m")
    then_picture_and_sound_arrive(ingrid)
    kari.keyboard.press("l")
    expect(tile(kari, INGRID)).to_contain_text("Du har valgt bare lyd.")
    kari.keyboard.press("l")
    kari.keyboard.press("k")
    then_picture_and_sound_arrive(kari)
    move = kari.get_by_role("button", name="Flytt ditt eget bilde")
    move.press("ArrowLeft")
    expect(kari.locator(".own")).to_have_attribute("data-corner", "top-left")
    kari.keyboard.press("Shift+?")
    expect(kari.get_by_role("dialog", name="Hurtigtaster")).to_be_visible()
    kari.get_by_role("dialog").get_by_role("button", name="Lukk").click()


def test_three_people_one_of_them_late(kari: Page, ingrid: Page, mona: Page, open_page: Open) -> None:
    visit = given_a_video_visit(mona)
    when_she_goes_in(kari, visit)
    when_the_doctor_goes_in(ingrid, visit)
    when_she_is_let_in(ingrid, KARI)
    then_they_are_connected(kari, ingrid)

    guest = given_a_guest(ingrid, open_page)
    expect(guest.get_by_text("Kameraet er ikke tillatt.")).to_be_visible()
    expect(kari.locator("#room [data-ask]")).to_contain_text("Tomas Tolk (Tolk) venter.")
    expect(kari.locator("[data-alert]")).to_contain_text("Er det greit for deg at Tomas Tolk er med?")
    kari.get_by_role("button", name="Ja, det er greit").click()
    expect(ingrid.get_by_label("Jeg har spurt pasienten, som sier ja")).to_be_checked()
    ingrid.get_by_role("button", name="Slipp inn Tomas Tolk").click()
    then_they_are_connected(kari, ingrid, guest)
    then_picture_and_sound_arrive(guest, pictures=2)
    then_picture_and_sound_arrive(kari, pictures=1)  # the guest has no picture, but a voice
    expect(tile(kari, "Tomas Tolk")).to_contain_text("Tomas Tolk er med uten bilde.")
    codes = {the_code(kari, "Tomas Tolk"), the_code(kari, INGRID), the_code(ingrid, "Tomas Tolk")}
    assert len(codes) == 3  # one for each pair
    assert the_code(guest, INGRID) == the_code(ingrid, "Tomas Tolk")

    ingrid.get_by_role("button", name="Ta ut Tomas Tolk").click()
    expect(guest.get_by_role("heading", name="Du er ikke lenger med i videotimen")).to_be_visible()
    then_they_are_connected(kari, ingrid)

    second = kari.context.new_page()
    second.goto(kari.url)
    expect(kari.get_by_role("heading", name="Videotimen er åpnet et annet sted")).to_be_visible()
    then_they_are_connected(second, ingrid)
    then_picture_and_sound_arrive(ingrid)

    # Her camera and microphone are taken from her in the middle of it all.
    second.context.clear_permissions()
    expect(second.locator("[data-problem]")).to_contain_text("De andre hører deg ikke.")
    expect(tile(ingrid, KARI)).to_contain_text("Mikrofonen er av")
    allow(second)
    second.get_by_role("button", name="Koble til igjen").click()
    then_picture_and_sound_arrive(ingrid)
    second.get_by_role("group", name="Knapper for videotimen").get_by_role("button", name="Ring meg").click()
    expect(ingrid.locator("#visit-panel")).to_contain_text("Vil bli ringt:")
    second.get_by_role("button", name="Forlat", exact=True).click()
    expect(second.get_by_role("heading", name="Du har forlatt videotimen")).to_be_visible()
    expect(ingrid.locator(".tile")).to_have_count(0)


def given_a_guest(ingrid: Page, open_page: Open) -> Page:
    """He has opened his link, and may use only his microphone."""
    panel = ingrid.locator("#visit-invite")
    ingrid.locator("summary").filter(has_text="Mer").click()
    ingrid.locator("#room").get_by_role("button", name="Inviter tolk eller pårørende").click()
    panel.get_by_label("Tolk").check()
    panel.get_by_label("Navn").fill("Tomas Tolk")
    panel.get_by_role("button", name="Lag lenke").click()
    link = panel.locator("code").inner_text()
    guest = open_page()
    guest.add_init_script(WATCH)
    allow(guest, "microphone")
    guest.goto(urlsplit(link).path)
    guest.get_by_role("button", name="Gå til venterommet").click()
    return guest


def test_each_fault_of_the_device_says_what_to_do(open_page: Open) -> None:
    page = open_page()
    log_in(page, KARI)
    page.add_init_script(UNLUCKY)
    says = page.locator('[data-part="camera"] [data-says]')
    for error, advice in (
        ("", "Nettleseren fikk ikke lov."),  # nobody has allowed it
        ("NotReadableError", "Et annet program bruker det."),
        ("NotFoundError", "Vi fant ingen."),
        ("OperationError", "Det virket ikke."),
    ):
        page.goto("/timeavtaler/test-utstyr/")
        page.evaluate("(error) => sessionStorage.setItem('error', error)", error)
        page.reload()
        page.get_by_role("button", name="Start testen").click()
        expect(says).to_contain_text(advice)
    expect(page.locator('[data-part="relay"]')).to_contain_text("Nettet ditt slipper bare gjennom den trege veien.")
    expect(page.locator("[data-conclusion]")).to_contain_text("Noe virker ikke.")
    expect(page.locator("[data-conclusion]")).to_contain_text("Resultatet er lagret.")
    check_accessible(page)
    page.reload()
    expect(page.get_by_text("Testet: kamera, mikrofon virker ikke")).to_be_visible()


def test_a_doctor_who_shows_to_a_patient_who_only_listens(open_page: Open, free_browser: Browser, mona: Page) -> None:
    visit = given_a_video_visit(mona)
    ingrid, kari = open_page(at=free_browser), open_page()
    log_in_staff(ingrid, INGRID)
    log_in(kari, KARI)
    for page in (ingrid, kari):
        page.add_init_script(WATCH)
    when_she_goes_in(kari, visit)  # and answers no to camera and microphone
    when_the_doctor_goes_in(ingrid, visit)
    when_she_is_let_in(ingrid, KARI)
    then_they_are_connected(kari, ingrid)
    expect(kari.locator("[data-problem]")).to_contain_text("Du hører de andre og kan skrive i chatten.")
    expect(tile(ingrid, KARI)).to_contain_text("Kari Testdal er med uten bilde.")
    expect(tile(ingrid, KARI)).to_contain_text("Mikrofonen er av")
    then_picture_and_sound_arrive(kari)

    ingrid.get_by_role("button", name="Del skjerm").click()
    expect(kari.locator("#announcer")).to_have_text("Ingrid Aas deler skjermen sin.")
    then_the_screen_is_shown(kari)
    then_picture_and_sound_arrive(kari)  # the face stays, beside the screen
    ingrid.keyboard.press("d")
    expect(kari.locator(".tile video[data-screen]")).to_be_hidden()
    ingrid.keyboard.press("f")
    expect(ingrid.get_by_role("button", name="Fullskjerm", include_hidden=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert ingrid.evaluate("document.fullscreenElement.id") == "room"
    ingrid.keyboard.press("f")
    expect(ingrid.locator("#visit-panel")).to_be_in_viewport()

    ingrid.locator("summary").filter(has_text="Mer").click()
    ingrid.get_by_role("button", name="Bytt enhet").click()
    devices = ingrid.get_by_role("dialog", name="Bytt enhet")
    expect(devices).to_be_visible()
    before = ingrid.evaluate(CAMERA)
    devices.get_by_label("Kamera").select_option(index=1)
    ingrid.wait_for_function(f"(before) => ({CAMERA})() && ({CAMERA})() !== before", arg=before)
    devices.get_by_role("button", name="Ferdig").click()
    expect(devices).to_be_hidden()
    then_picture_and_sound_arrive(kari)

    ingrid.evaluate(TRACK, ["video", "ended"])  # it is unplugged: the other one takes over
    expect(ingrid.locator("#announcer")).to_have_text("Kameraet ble borte. Et annet har tatt over.")
    then_picture_and_sound_arrive(kari)
    ingrid.evaluate(TRACK, ["audio", "mute"])  # the telephone rings
    expect(ingrid.locator("[data-problem]")).to_contain_text("kanskje i en telefonsamtale")
    ingrid.get_by_role("button", name="Koble til igjen").click()
    then_picture_and_sound_arrive(kari)

    allow(kari)
    kari.get_by_role("button", name="Lukk").click()
    kari.get_by_role("button", name="Mikrofon").click()
    kari.get_by_role("button", name="Kamera").click()
    then_picture_and_sound_arrive(ingrid)

    ingrid.get_by_role("button", name="Fortsett på telefon").click()
    expect(kari.locator("[data-problem]")).to_contain_text("Timen fortsetter på telefon. Legen ringer deg.")
    ingrid.get_by_role("button", name="Fortsett på video").click()
    expect(kari.locator("[data-problem]")).to_be_hidden()


def then_the_screen_is_shown(page: Page) -> None:
    page.wait_for_function(
        """() => [...document.querySelectorAll(".tile video[data-screen]:not([hidden])")]
          .some((video) => video.getVideoPlaybackQuality().totalVideoFrames > 5)"""
    )


def test_the_relay_alone_and_a_line_that_is_cut(open_page: Open, mona: Page) -> None:
    visit = given_a_video_visit(mona)
    kari, ingrid = open_page(), open_page()
    log_in(kari, KARI)
    log_in_staff(ingrid, INGRID)
    line = Line(turn_port(kari))
    for page in (kari, ingrid):
        page.add_init_script(RELAY_ONLY.replace("PORT", str(line.port)))
        allow(page)
    when_she_goes_in(kari, visit)
    when_the_doctor_goes_in(ingrid, visit)
    when_she_is_let_in(ingrid, KARI)
    then_they_are_connected(kari, ingrid)
    then_picture_and_sound_arrive(kari)
    assert kari.evaluate(PATHS) == ["relay"]

    line.is_cut = True
    expect(tile(kari, INGRID)).to_contain_text("Forbindelsen med Ingrid Aas er brutt. Vi prøver igjen av oss selv.")
    line.is_cut = False
    then_they_are_connected(kari, ingrid)
    then_picture_and_sound_arrive(kari)
    then_picture_and_sound_arrive(ingrid)
    assert the_code(kari, INGRID) == the_code(ingrid, KARI)
    line.close()


def test_a_man_in_the_middle_shows_in_the_code(kari: Page, ingrid: Page, mona: Page, open_page: Open) -> None:
    visit = given_a_video_visit(mona)
    middle = ManInTheMiddle(open_page())
    middle.page.goto("/hjelp/")
    middle.stand_between(kari, ingrid)
    when_she_goes_in(kari, visit)
    when_the_doctor_goes_in(ingrid, visit)
    when_she_is_let_in(ingrid, KARI)
    then_they_are_connected(kari, ingrid)
    then_picture_and_sound_arrive(kari)  # nothing else would tell them
    then_picture_and_sound_arrive(ingrid)
    assert middle.altered[:2] == ["offer", "answer"]
    assert the_code(kari, INGRID) != the_code(ingrid, KARI)
