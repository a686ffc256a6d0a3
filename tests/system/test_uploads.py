"""Many photos at once: the page sends two at a time, and all of them arrive."""

import io

from PIL import Image
from playwright.sync_api import expect

from tests.system.conftest import Open, log_in
from tests.system.test_dialogues import when_she_answers_the_questions, when_she_chooses

COUNT = 5
MOST = 10  # files of one message


def refused() -> list[dict[str, object]]:
    return [{"name": f"notat-{number}.txt", "mimeType": "text/plain", "buffer": b"hei"} for number in range(MOST)]


def photos() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for number in range(COUNT):
        file = io.BytesIO()
        Image.new("RGB", (1600, 1200), (200, 40 * number, 90)).save(file, "PNG")
        made.append({"name": f"bilde-{number}.png", "mimeType": "image/png", "buffer": file.getvalue()})
    return made


# How many the page itself sends at a time: what the browser tells of its traffic comes late, and out of order.
COUNTS = """
  let underWay = 0; window.mostAtOnce = 0;
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    if (body instanceof FormData && body.has("file")) {
      window.mostAtOnce = Math.max(window.mostAtOnce, ++underWay);
      this.addEventListener("readystatechange", () => { if (this.readyState === 4) underWay -= 1; });
    }
    return send.call(this, body);
  };
"""


def test_five_photos_are_sent_two_at_a_time_and_all_arrive(open_page: Open) -> None:
    page = open_page()
    page.add_init_script(COUNTS)
    log_in(page, "Kari Testdal")
    page.goto("/meldinger/ny/e-konsultasjon/")
    when_she_chooses(page, "Noe jeg har snakket med legen om før")
    when_she_answers_the_questions(page)
    page.locator("#files-input").set_input_files(refused())  # type: ignore[arg-type]
    expect(page.locator(".files__problem:visible")).to_have_count(MOST)
    page.locator("#files-input").set_input_files(photos())  # type: ignore[arg-type]
    expect(page.locator(".files__list a.files__name")).to_have_count(COUNT)  # what was refused takes nobody's place
    expect(page.locator(".files__problem:visible")).to_have_count(MOST)
    assert 1 <= page.evaluate("mostAtOnce") <= 2
