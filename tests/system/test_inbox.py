"""Innboks: both sides of a dialogue at once, and the office by keyboard alone, without script, and on a phone."""

import io
import re

import pikepdf
from PIL import Image
from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import press, reload_until
from tests.system.test_dialogues import when_she_answers_the_questions, when_she_chooses


def a_photo() -> dict[str, object]:
    made = io.BytesIO()
    Image.new("RGB", (320, 240), (200, 150, 130)).save(made, "JPEG")
    return {"name": "utslett.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def a_document() -> dict[str, object]:
    made = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(made)
    return {"name": "Råd.pdf", "mimeType": "application/pdf", "buffer": made.getvalue()}


def given_she_has_sent_a_photo_to_the_doctor(page: Page) -> str:
    """And stays on the dialogue's page. Its id."""
    log_in(page, "Kari Testdal")
    page.goto("/meldinger/ny/e-konsultasjon/")
    when_she_chooses(page, "Noe jeg har snakket med legen om før")
    when_she_answers_the_questions(page)
    page.get_by_label("Beskriv hva det gjelder").fill("Utslettet er verre i dag. Se bildet.")
    expect(page.get_by_text("Kladden er lagret")).to_be_visible()
    with page.expect_response(lambda answer: answer.url == page.url and answer.request.method == "POST"):
        page.locator("#files-input").set_input_files(a_photo())  # type: ignore[arg-type]
    page.reload()  # the file belongs to the draft from the moment it is there
    expect(page.locator("[data-file]").get_by_role("link", name="utslett.jpg")).to_be_visible()
    page.get_by_role("button", name="Se over").click()
    expect(page.get_by_role("img", name="Bilde: utslett.jpg")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Mottatt på kontoret")
    return page.url.rstrip("/").rpartition("/")[2]


def test_she_sends_a_photo_and_the_doctor_answers_with_a_file_and_a_time_while_she_watches(open_page: Open) -> None:
    kari, ingrid = open_page(), open_page()
    dialogue = given_she_has_sent_a_photo_to_the_doctor(kari)

    log_in_staff(ingrid, "Ingrid Aas")
    ingrid.goto("/kontor/innboks/?fane=mine&type=econsultation")
    ingrid.locator(f"#row-{dialogue}").click()
    photo = ingrid.get_by_role("img", name="Bilde: utslett.jpg")
    expect(photo).to_be_visible()
    photo.scroll_into_view_if_needed()
    ingrid.wait_for_function("image => image.complete && image.naturalWidth === 320", arg=photo.element_handle())
    expect(kari.get_by_role("main")).to_contain_text("Åpnet på kontoret")  # told without a reload

    ingrid.get_by_role("button", name="Svar", exact=True).click()
    ingrid.get_by_label("Svar til pasienten").fill("Dette vil jeg se på. Følg rådene til da.")
    ingrid.get_by_label("Problemkode").fill("S07 utslett")
    ingrid.locator("#files-input").set_input_files(a_document())  # type: ignore[arg-type]
    expect(ingrid.locator("[data-file]").get_by_role("link", name="Råd.pdf")).to_be_visible()
    ingrid.get_by_text("Trenger time: velg tider").click()
    offered = ingrid.get_by_role("checkbox", name=re.compile(r"kl\. \d\d\.\d\d"))
    none = ingrid.get_by_text("Ingen ledige timer som pasienten kan bestille")
    expect(offered.first.or_(none)).to_be_visible()
    if none.is_visible():  # late in a week that has no more
        ingrid.get_by_label("Fra dag", exact=True).fill(_in_two_weeks(ingrid))
        ingrid.get_by_role("button", name="Finn ledige").click()
        expect(none).to_have_count(0)
    expect(ingrid.locator("[data-file]").get_by_role("link", name="Råd.pdf")).to_be_visible()  # what was uploaded stays
    offered.first.check()
    expect(offered.first).to_be_checked()
    fee = ingrid.get_by_label("Egenandel når du lukker")
    expect(fee.locator("option").first).to_have_text(re.compile("^2aek? E-konsultasjon"))  # the hour's own is proposed
    check_accessible(ingrid)
    ingrid.get_by_role("button", name="Be pasienten bestille time").click()
    expect(ingrid.get_by_role("status").filter(has_text="Svaret sendes om")).to_be_visible()

    main = kari.get_by_role("main")
    expect(main).to_contain_text("Du må bestille time")
    expect(main).to_contain_text("Følg rådene til da.")
    expect(main.get_by_role("link", name=re.compile(r"kl\. \d\d\.\d\d, oppmøte"))).to_be_visible()
    with kari.expect_download() as download:
        main.get_by_role("link", name="Råd.pdf").click()
    assert download.value.suggested_filename == "Råd.pdf"
    expect(main).to_contain_text("Du må bestille time")  # what was fetched took no page's place
    check_accessible(kari)
    reply = main.get_by_label("Svar", exact=True)
    reply.fill("Takk! Jeg velger den første.")
    reply.blur()  # she looks up from what she writes, and the page renews itself
    expect(reply).not_to_be_focused()
    with kari.expect_response(lambda response: response.url == kari.url):
        kari.evaluate("document.querySelector('#dialogue').dispatchEvent(new Event('live'))")
    expect(kari.locator(".htmx-request")).to_have_count(0)
    expect(reply).to_have_value("Takk! Jeg velger den første.")
    expect(main.get_by_text("Kladden er lagret")).to_be_visible()
    with kari.expect_response(lambda answer: answer.url.endswith("/svar/")):
        kari.locator("#files-input").set_input_files(a_photo())  # type: ignore[arg-type]
    kari.reload()
    expect(reply).to_have_value("Takk! Jeg velger den første.")
    expect(kari.locator("[data-file]").get_by_role("link", name="utslett.jpg")).to_be_visible()
    check_accessible(kari)


def _in_two_weeks(page: Page) -> str:
    day: str = page.evaluate("new Date(Date.now() + 14 * 864e5).toISOString().slice(0, 10)")
    return day


def test_the_office_opens_answers_regrets_and_goes_on_by_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    log_in_staff(page, "Mona Haug")
    page.goto("/kontor/innboks/?type=contact")
    expect(page.locator("[data-row]").first).to_be_visible()
    for key in ("j", "j", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#dialogue-name")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_label("Svar til pasienten")).to_be_focused()
    page.keyboard.type("Det ordner vi. Velkommen!")
    when_she_sends_by_keyboard(page)
    check_accessible(page)
    page.keyboard.press("z")
    expect(page.get_by_role("status").filter(has_text="Ingenting er sendt")).to_be_visible()
    expect(page.get_by_label("Svar til pasienten")).to_have_value("Det ordner vi. Velkommen!")
    when_she_sends_by_keyboard(page)
    expect(page.locator("#dialogue-name")).to_have_count(0)  # nothing opens by itself …
    expect(page.locator("[data-row]:focus")).to_have_count(1)  # … and the next one is at hand
    expect(page.locator(".undo")).to_have_count(0)  # it has gone out
    expect(page.get_by_text("Svaret sendes straks")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("#dialogue-name")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_role("status").filter(has_text="1 melding lukkes om")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("status").filter(has_text="Ingenting er sendt")).to_be_visible()


def when_she_sends_by_keyboard(page: Page) -> None:
    press(page, page.get_by_role("button", name="Send svar"), "Enter")
    expect(page.get_by_role("status").filter(has_text="Svaret sendes om")).to_be_visible()


def test_a_file_goes_both_ways_without_script_on_a_phone(open_page: Open) -> None:
    page = open_page(script=False)
    page.set_viewport_size({"width": 360, "height": 740})
    log_in_staff(page, "Mona Haug")
    page.goto("/kontor/innboks/?type=contact")
    page.get_by_role("link", name=re.compile("Hassan Testrud")).click()
    expect(page.get_by_role("img", name="Bilde: forsiden.jpg")).to_be_visible()
    page.get_by_role("button", name="Svar", exact=True).click()
    page.get_by_label("Svar til pasienten").fill("Her er skjemaet, ferdig utfylt.")
    page.get_by_label("Velg filer").set_input_files(a_document())  # type: ignore[arg-type]
    page.get_by_role("button", name="Send svar").click()
    expect(page.get_by_text("Svaret sendes om")).to_be_visible()
    expect(page.get_by_text("Svaret sendes straks")).to_be_visible()
    hassan = open_page(script=False)
    log_in(hassan, "Hassan Testrud")
    hassan.goto("/meldinger/")
    expect(hassan.get_by_role("link", name=re.compile("Unread"))).to_have_count(0)  # nothing has happened yet
    page.reload()
    reload_until(page, lambda: not page.get_by_text("Svaret sendes straks").count())
    hassan.reload()
    hassan.get_by_role("link", name=re.compile("Unread")).first.click()
    expect(hassan.get_by_role("link", name="Råd.pdf")).to_be_visible()
