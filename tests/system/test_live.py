"""Many tabs of one browser: one stream, nothing fetched again after it is shown, and what changes is shown in all."""

from collections import Counter

from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from tests.system.conftest import Open, log_in
from tests.system.steps import (
    heading,
    when_she_books_it,
    when_she_cancels_it,
    when_she_looks_for_a_time,
    when_she_takes,
)

TABS = 8  # a browser takes six connections to one address over HTTP/1.1


class Traffic:
    """What a browser's tabs ask for by themselves."""

    def __init__(self, context: BrowserContext) -> None:
        self.streams: set[Request] = set()
        self.fetched: Counter[Page] = Counter()
        context.on("request", self._began)
        context.on("requestfailed", lambda request: self.streams.discard(request))
        context.on("requestfinished", lambda request: self.streams.discard(request))

    def open_streams(self) -> list[Request]:
        return [request for request in self.streams if not request.frame.page.is_closed()]

    def _began(self, request: Request) -> None:
        if "/live/me/" in request.url:
            self.streams.add(request)
        elif request.headers.get("x-live") and request.headers.get("hx-target") == "appointments":
            self.fetched[request.frame.page] += 1


def given_she_has_it_open_in_many_tabs(page: Page) -> list[Page]:
    tabs = [page, *(page.context.new_page() for _ in range(TABS - 1))]
    for tab in tabs:
        tab.goto("/timeavtaler/")
        expect(heading(tab, "Timeavtaler")).to_be_visible()
    return tabs


def when_she_books_on_another_device(page: Page) -> str:
    time = when_she_looks_for_a_time(page)[0]
    when_she_takes(page, time)
    when_she_books_it(page)
    return time.words


def when_she_gives_them_back(page: Page, *receipts: str) -> None:
    """She may have two coming that she booked herself, and the next journey of hers needs one."""
    for receipt in receipts:
        page.goto(receipt)
        when_she_cancels_it(page)


def coming(page: Page) -> Locator:
    """Not those that were given back, which may have been at the same time."""
    return page.locator("#appointments").get_by_role("region", name="Kommende timer")


def then_all_show_it(tabs: list[Page], words: str) -> None:
    for tab in tabs:
        expect(coming(tab)).to_contain_text(words, ignore_case=True)


def then_the_browser_has_one_stream(traffic: Traffic, tab: Page) -> None:
    tab.wait_for_function("() => true")  # what the tabs have sent is known here
    assert len(traffic.open_streams()) == 1


def test_eight_tabs_share_one_stream_and_all_show_what_changes(open_page: Open) -> None:
    mine, telephone = open_page(), open_page()
    log_in(mine, "Kari Testdal")
    log_in(telephone, "Kari Testdal")
    traffic = Traffic(mine.context)
    tabs = given_she_has_it_open_in_many_tabs(mine)

    words = when_she_books_on_another_device(telephone)
    then_all_show_it(tabs, words)
    then_the_browser_has_one_stream(traffic, tabs[-1])
    assert traffic.fetched == dict.fromkeys(tabs, 1)  # for what changed, and not once for having been loaded
    first = telephone.url

    tabs.pop(0).close()  # the one that listens for all
    words = when_she_books_on_another_device(telephone)
    then_all_show_it(tabs, words)
    then_the_browser_has_one_stream(traffic, tabs[-1])
    when_she_gives_them_back(telephone, first, telephone.url)


def test_a_page_that_nobody_looks_at_keeps_no_stream_and_catches_up_on_return(open_page: Open) -> None:
    mine, telephone = open_page(), open_page()
    log_in(mine, "Kari Testdal")
    log_in(telephone, "Kari Testdal")
    traffic = Traffic(mine.context)
    mine.goto("/timeavtaler/")
    expect(heading(mine, "Timeavtaler")).to_be_visible()
    with mine.expect_event("requestfailed", lambda request: "/live/me/" in request.url):
        looks_at(mine, hidden=True)

    words = when_she_books_on_another_device(telephone)
    expect(coming(mine)).not_to_contain_text(words, ignore_case=True)
    assert not traffic.open_streams()

    looks_at(mine, hidden=False)
    then_all_show_it([mine], words)
    then_the_browser_has_one_stream(traffic, mine)
    when_she_gives_them_back(telephone, telephone.url)


def looks_at(page: Page, *, hidden: bool) -> None:
    """A browser without a screen shows all its pages: what a person does with the tab is told to the page."""
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
