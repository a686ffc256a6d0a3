"""Many photos at once: the page sends two at a time, and all of them arrive."""

import io

from PIL import Image
from playwright.sync_api import Request, expect

from tests.system.conftest import Open, log_in
from tests.system.test_dialogues import when_she_answers_the_questions, when_she_chooses

COUNT = 5


def photos() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for number in range(COUNT):
        file = io.BytesIO()
        Image.new("RGB", (1600, 1200), (200, 40 * number, 90)).save(file, "PNG")
        made.append({"name": f"bilde-{number}.png", "mimeType": "image/png", "buffer": file.getvalue()})
    return made


def test_five_photos_are_sent_two_at_a_time_and_all_arrive(open_page: Open) -> None:
    page = open_page()
    under_way: set[Request] = set()
    most: list[int] = []

    def begun(sent: Request) -> None:
        if sent.url.endswith("/vedlegg/"):
            under_way.add(sent)
            most.append(len(under_way))

    page.on("request", begun)
    page.on("requestfinished", lambda sent: under_way.discard(sent))
    log_in(page, "Kari Testdal")
    page.goto("/meldinger/ny/e-konsultasjon/")
    when_she_chooses(page, "Noe jeg har snakket med legen om før")
    when_she_answers_the_questions(page)
    page.locator("#files-input").set_input_files(photos())  # type: ignore[arg-type]
    expect(page.locator(".files__list a.files__name")).to_have_count(COUNT)
    expect(page.locator(".files__problem:visible")).to_have_count(0)
    assert max(most) <= 2
