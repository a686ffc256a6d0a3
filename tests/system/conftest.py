"""The whole product in a process of its own with the demo's people, and a real browser in front of it."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)
from psycopg import sql

from legedialog.operations import pytest_plugin

ROOT = Path(__file__).resolve().parents[2]
TOO_WIDE = """[...document.querySelectorAll("main *")].filter((each) => each.getBoundingClientRect().right > innerWidth)
  .map((each) => each.outerHTML.slice(0, 120)).slice(-3)"""
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
FIND_FAULTS = """async rules => {
  AXE; // with what asks it: nothing of it is left behind on a page that comes in between
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}""".replace("AXE", AXE)
# What fades in has its colours when it is there. What goes on for ever, as a wheel, is not waited for.
SETTLED = """() => Promise.race([
  Promise.all(document.getAnimations().filter(each => each.effect.getTiming().iterations !== Infinity)
    .map(each => each.finished.catch(() => {}))).then(() => {}),
  new Promise(done => setTimeout(done, 5000)),
])"""
DRAWS = """() => Promise.race([
  new Promise(done => requestAnimationFrame(() => done(true))),
  new Promise(done => setTimeout(() => done(false), 3000)),
])"""
OF_COLOUR = ["color-contrast", "link-in-text-block"]  # the rules that see which colours a page has
PATIENCE = 20_000  # milliseconds until something that should appear is missing: the machine may be busy
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--use-fake-device-for-media-stream=device-count=2",  # cameras and microphones; each page still has to be allowed
)
OURS = f"--legedialog-tests={secrets.token_hex(8)}"  # a mark by which this run finds its browsers among the processes
# A status, as 409; and what htmx was fetching when the page was left.
NO_FAULTS = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")
FREE = ("--use-fake-ui-for-media-stream",)  # a browser whose person says yes to everything, and shows her whole screen


@dataclass(frozen=True)
class Site:
    address: str
    environment: dict[str, str] | None  # None: it ran already


@pytest.fixture(scope="session")
def site(running: Site) -> str:
    """The address of the demo."""
    return running.address


Act = Callable[..., str]


@pytest.fixture
def act(running: Site) -> Act:
    """Does one of acts.py at the site, and answers what it says."""
    if running.environment is None:
        pytest.skip("what is done beside the pages needs a site of the tests' own")

    def run(*given: str) -> str:
        command = [sys.executable, "-m", "tests.system.acts", *given]
        done = subprocess.run(command, env=running.environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout.strip()

    return run


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo, filled and served as `make run` does it, on a database of its own.

    `SITE=http://localhost:8000` in the environment takes a demo that runs already.
    """
    if running := os.environ.get("SITE"):
        yield Site(running, None)
        return
    pytest_plugin.start_server()
    name = f"legedialog_site_{secrets.token_hex(6)}"
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LEGEDIALOG_")} | {
        "DATABASE_URL": _other_database(pytest_plugin.SERVER_URL, name),
        "LEGEDIALOG_MODE": "demo",
        "LEGEDIALOG_VAR": str(tmp_path_factory.mktemp("var")),
        "LEGEDIALOG_STATIC": str(tmp_path_factory.mktemp("static")),  # as the files are now
        "LEGEDIALOG_MASTER_KEY": "5" * 64,  # the web role's password follows from it, and the role is the server's
        "LEGEDIALOG_BASE_URL": f"http://localhost:{port}",
        "LEGEDIALOG_METRICS_PORT": "0",
        # One process: as many sites run at once as the tests have workers. bench and chaos run one for each core.
        "LEGEDIALOG_PROCESSES": "1",
        "LEGEDIALOG_THREADS": "8",
        "PORT": str(port),
    }
    admin = psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True)
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    command = str(Path(sys.executable).with_name("legedialog"))
    subprocess.run([command, "static"], env=environment, check=True)
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen([command, "serve"], env=environment, stdout=output, stderr=output)
    address = f"http://localhost:{port}"
    try:
        _wait(address, server, log)
        yield Site(address, environment)
    finally:
        server.terminate()
        server.wait(40)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{name}_web")))
        admin.close()
        pytest_plugin.stop_server()


def _other_database(url: str, name: str) -> str:
    address, _, query = url.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def _wait(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(900):
        if server.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the site did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def chromiums() -> Iterator[list[Browser]]:
    """The run's browser, last in the list: another follows one that had to be ended."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = [_start(playwright.chromium)]
        yield started
        _close(started[-1])


@pytest.fixture
def browser(chromiums: list[Browser]) -> Browser:
    if not chromiums[-1].is_connected():
        chromiums.append(_start(chromiums[-1].browser_type))
    return chromiums[-1]


@pytest.fixture
def free_browser(browser: Browser) -> Iterator[Browser]:
    """One that shows no question: without a screen nobody could choose what to share."""
    chromium = _start(browser.browser_type, *FREE)
    yield chromium
    _close(chromium)


def _start(kind: BrowserType, *flags: str) -> Browser:
    return kind.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, OURS, *flags])


def _close(each: Browser | BrowserContext) -> None:
    """Playwright waits for ever for a browser that does not answer: after a while ours are ended instead."""
    end = threading.Timer(30, _end_browsers)
    end.start()
    try:
        each.close()
    except Error:
        sys.stderr.write("a browser did not answer when it was closed, and was ended\n")
    finally:
        end.cancel()


def _end_browsers() -> None:
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if OURS.encode() in each.read_bytes().split(b"\0"):
                os.kill(int(each.parent.name), signal.SIGKILL)


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """A page of a new person's browser, which `at` runs. `script=False` switches JavaScript off.

    The test fails in the end when a script failed or the Content-Security-Policy stopped something.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NO_FAULTS):
            faults.append(message.text)

    def new(*, script: bool = True, at: Browser = browser) -> Page:
        context = at.new_context(
            base_url=site,
            java_script_enabled=script,
            locale="nb-NO",
            timezone_id="Europe/Oslo",
            viewport={"width": 1280, "height": 900},
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", hear)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        contexts.append(context)
        return context.new_page()

    yield new
    for context in contexts:
        _close(context)
    assert not faults


def log_in(page: Page, name: str) -> None:
    """As a citizen does it: from the front page, and her name at the demo's identity provider."""
    page.goto("/")
    page.get_by_role("button", name="Logg inn").click()
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("button", name="Logg ut").or_(page.get_by_role("button", name="Log out"))).to_be_visible()


def log_in_staff(page: Page, name: str) -> None:
    page.goto("/logg-inn/ansatt/")
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("button", name="Logg ut")).to_be_visible()


def check_accessible(page: Page) -> None:
    """axe-core finds nothing in light and dark, on a phone and a desk, and nothing lies outside a narrow screen."""
    faults: list[str] = []
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.evaluate(SETTLED)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="light")
        faults += [f"light, {width}: {fault}" for fault in page.evaluate(FIND_FAULTS)]
        page.emulate_media(color_scheme="dark")
        faults += [f"dark, {width}: {fault}" for fault in page.evaluate(FIND_FAULTS, OF_COLOUR)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append(f"scrolls sideways at 320 pixels: {page.evaluate(TOO_WIDE)}")
    page.set_viewport_size({"width": 1280, "height": 900})
    if not page.evaluate(
        DRAWS
    ):  # a browser without a screen, which has been given four sizes, may draw no more by itself
        page.screenshot()
    assert not faults, f"{page.url}\n" + "\n".join(faults)
