import gzip
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from legedialog.access import cookies
from legedialog.config import logging as our_logging
from legedialog.config import middleware, urls
from legedialog.config.errors import refusal
from legedialog.config.urls import handler400, handler403, handler404, handler500  # noqa: F401  for the pages below
from legedialog.core import live
from legedialog.core.errors import Denied, NotFound, Refusal, Refused, TooMany

SECRET = "13839698745"  # what a log may never hold


def failing(error: Callable[[], Exception]) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error()

    return view


def good(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.request_id)  # type: ignore[attr-defined]


def told(request: HttpRequest) -> HttpResponse:
    """A page with something secret, and with what stands in its address."""
    return HttpResponse(f"<p>{'Time hos legen. ' * 30}</p><p>{SECRET}</p><p>{request.GET.get('q', '')}</p>")


REFUSAL = Refusal(code="full", to_patient="Timen er tatt.")
urlpatterns = [
    path("good/", good, name="good"),
    path("told/", told),
    path("denied/", failing(lambda: Denied("Bare pasienten kan se dette."))),
    path("not-found/", failing(lambda: NotFound("Vi finner ikke timen."))),
    path("refused/", failing(lambda: Refused(REFUSAL))),
    path("too-many/", failing(lambda: TooMany("Vent litt.", seconds=40))),
    path("broken/", failing(lambda: ValueError(f"row of {SECRET}"))),
    *urls.urlpatterns,
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """What production would log, as one text."""
    kept: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(self.format(record))

    root = logging.getLogger()
    before, others = root.handlers[:], structlog.get_config()
    our_logging.configure({"level": "INFO", "readable": False, "is_kept": False})
    handler = Keep()
    handler.setFormatter(root.handlers[0].formatter)
    root.addHandler(handler)
    yield lambda: "\n".join(kept)
    our_logging.configure({"level": "INFO", "readable": True, "is_kept": False})
    root.handlers[:] = before
    structlog.configure(**others)


@pytest.mark.parametrize(
    ("url", "status", "text"),
    [
        ("/denied/", 403, "Bare pasienten kan se dette."),
        ("/not-found/", 404, "Vi finner ikke timen."),
        ("/refused/", 409, "Timen er tatt."),
        ("/too-many/", 429, "Vent litt."),
        ("/nowhere/", 404, "Vi finner ikke siden"),
    ],
)
def test_what_no_view_caught_becomes_a_page(url: str, status: int, text: str, client: Client) -> None:
    response = client.get(url)
    assert response.status_code == status
    assert text in response.content.decode()
    assert response["X-Request-ID"] in response.content.decode()


def test_too_many_says_when_to_try_again(client: Client) -> None:
    assert client.get("/too-many/")["Retry-After"] == "40"


def test_a_fault_of_ours_becomes_a_page_with_the_code_to_ask_about() -> None:
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert response["X-Request-ID"] in response.content.decode()
    assert SECRET not in response.content.decode()


@pytest.mark.parametrize("given", ["abcdef12", "7f6b0a52-5f4e-7c3b-9a7e-000000000000"])
def test_a_sane_request_id_is_kept(given: str, client: Client) -> None:
    response = client.get("/good/", headers={"X-Request-ID": given})
    assert response["X-Request-ID"] == response.content.decode() == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, 'a"quoted"id', "<script>alert</script>", f"{'a' * 8}\u00e5"])
def test_any_other_request_id_is_replaced(given: str, client: Client) -> None:
    response = client.get("/good/", headers={"X-Request-ID": given})
    assert response["X-Request-ID"] != given
    assert len(response["X-Request-ID"]) == 32


@pytest.mark.parametrize("url", [f"/good/?nr={SECRET}", f"/{SECRET}/", f"/broken/?nr={SECRET}"])
def test_the_log_holds_the_route_and_the_request_id_and_nothing_typed(url: str, lines: Callable[[], str]) -> None:
    response = Client(raise_request_exception=False).post(url, {"text": SECRET})
    assert response["X-Request-ID"] in lines()
    assert SECRET not in lines()


def test_a_host_that_somebody_made_up_is_not_repeated_in_the_log(lines: Callable[[], str], client: Client) -> None:
    assert client.get("/", headers={"Host": f"{SECRET}.example"}).status_code == 400
    assert "DisallowedHost" in lines()
    assert SECRET not in lines()


def test_an_exception_is_logged_with_its_kind_and_place(lines: Callable[[], str]) -> None:
    Client(raise_request_exception=False).get("/broken/")
    events: list[dict[str, Any]] = [json.loads(line) for line in lines().splitlines()]
    (failure,) = [event for event in events if "exception" in event]
    assert failure["exception"] == "ValueError"
    assert any("test_middleware" in place for place in failure["at"])


@pytest.mark.parametrize("url", ["/good/", "/denied/", "/nowhere/", "/refused/", "/too-many/", "/broken/"])
def test_nothing_of_an_answer_is_kept_unless_the_list_says_so(url: str) -> None:
    assert Client(raise_request_exception=False).get(url)["Cache-Control"] == middleware.NOWHERE


def test_help_is_kept_only_before_a_login_and_never_with_words_of_the_last_page(db: None) -> None:
    assert Client().get("/hjelp/")["Cache-Control"] == middleware.HERE
    for cookie in (cookies.name("session"), "messages"):
        client = Client()
        client.cookies[cookie] = "of somebody"
        assert client.get("/hjelp/")["Cache-Control"] == middleware.NOWHERE


@pytest.mark.django_db  # the end of an answer looks at the connections
def test_a_static_file_says_itself_how_long_it_may_be_kept(client: Client) -> None:
    answer = client.get("/static/ui/icon.svg")
    assert "public" in answer["Cache-Control"]
    assert b"".join(answer)
    answer.close()


def test_a_body_that_is_refused_unread_is_answered_in_the_same_way() -> None:
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [], "http_version": "1.1"}
    scope |= {"scheme": "http", "server": ("localhost", 80), "root_path": "", "client": ("192.0.2.1", 1)}
    headers, _ = refusal(scope, 413)
    assert ("Cache-Control", middleware.NOWHERE) in headers


def test_what_is_told_to_open_pages_is_kept_nowhere() -> None:
    assert (b"cache-control", b"no-store") in live.HEADERS


def test_pages_allow_nothing_inline_and_nobody_elses_files(client: Client) -> None:
    policy = client.get("/good/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_headers_of_the_frame(client: Client, rf: RequestFactory) -> None:
    response = client.get("/good/")
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=(self)" in response["Permissions-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/hjelp/", "/finnes-ikke/", "/min-fastlege/"])
def test_a_head_is_answered_as_the_get_without_its_body(address: str) -> None:
    got, headed = Client().get(address), Client().head(address)
    assert headed.status_code == got.status_code != 405
    assert headed.headers.get("Content-Type") == got.headers.get("Content-Type")
    assert not headed.content


# ---- compressed: docs/adr/0241-compressed.md

HERE = {"accept-encoding": "gzip", "sec-fetch-site": "same-origin"}


@pytest.mark.parametrize(
    ("asked", "is_compressed"),
    [
        ({}, True),
        ({"sec-fetch-site": "none"}, True),  # typed, or from a bookmark
        ({"sec-fetch-site": "cross-site"}, False),  # another site asks as often as it likes, with its guesses
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": ""}, False),  # a browser that does not say
        ({"x-live": "1"}, False),  # and so does the page that it opened
        ({"accept-encoding": "br"}, False),
    ],
)
def test_a_page_is_compressed_for_who_asks_herself(asked: dict[str, str], is_compressed: bool) -> None:
    answer = Client(headers=HERE | asked).get("/told/")
    assert (answer.headers.get("Content-Encoding") == "gzip") is is_compressed
    content = gzip.decompress(answer.content) if is_compressed else answer.content
    assert SECRET in content.decode()
    assert "Accept-Encoding" in answer.headers.get("Vary", "") or not is_compressed


def test_the_length_of_one_page_tells_nothing_of_what_was_guessed() -> None:
    def lengths(guess: str) -> list[int]:
        return [len(Client(headers=HERE).get(f"/told/?q={guess}").content) for _ in range(60)]

    right, wrong = lengths(SECRET[:8]), lengths("90817263")
    assert len(set(right)) > 10
    assert min(wrong) < max(right), "one is not told from the other"
