"""The whole product in a process of its own with the demo's people, and a real browser in front of it."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from psycopg import sql

from legedialog.operations import pytest_plugin

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demo, filled and served as `make run` does it, on a database of its own."""
    pytest_plugin.start_server()
    name = f"legedialog_site_{secrets.token_hex(6)}"
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LEGEDIALOG_")} | {
        "DATABASE_URL": _other_database(pytest_plugin.SERVER_URL, name),
        "LEGEDIALOG_MODE": "demo",
        "LEGEDIALOG_VAR": str(tmp_path_factory.mktemp("var")),
        "LEGEDIALOG_MASTER_KEY": "5" * 64,  # the web role's password follows from it, and the role is the server's
        "LEGEDIALOG_BASE_URL": f"http://localhost:{port}",
        "LEGEDIALOG_METRICS_PORT": "0",
        "PORT": str(port),
    }
    admin = psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True)
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    command = str(Path(sys.executable).with_name("legedialog"))
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen([command, "serve"], env=environment, stdout=output, stderr=output)
    address = f"http://localhost:{port}"
    try:
        _wait(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait(40)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
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
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield chromium
        chromium.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """A page of a new person's browser. `script=False` switches JavaScript off; `phone=True` is 390 pixels wide."""
    contexts: list[BrowserContext] = []

    def new(*, script: bool = True, phone: bool = False, scheme: Any = "light", locale: str = "nb-NO") -> Page:
        context = browser.new_context(
            base_url=site,
            java_script_enabled=script,
            color_scheme=scheme,
            locale=locale,
            timezone_id="Europe/Oslo",
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error on {page.url}: {error}"))
        return page

    yield new
    for context in contexts:
        context.close()


def log_in(page: Page, name: str) -> None:
    """As a person does it: Logg inn, and her name at the demo's identity provider."""
    page.goto("/")
    page.get_by_role("link", name="Logg inn").or_(page.get_by_role("button", name="Logg inn")).first.click()
    page.get_by_role("button", name=name, exact=True).click()


def log_in_staff(page: Page, name: str) -> None:
    page.goto("/logg-inn/ansatt/")
    page.get_by_role("button", name=name, exact=True).click()


def check_accessible(page: Page) -> None:
    """axe-core finds nothing, in light and dark, and the page does not scroll sideways."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        faults = [
            f"{fault['id']}: {fault['help']} — {node['html'][:160]}"
            for fault in found["violations"]
            for node in fault["nodes"][:3]
        ]
        assert not faults, f"{page.url} ({scheme}):\n" + "\n".join(faults)
    page.emulate_media(color_scheme="light")
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{page.url} scrolls sideways: {width}"
