from datetime import UTC, date, datetime, timedelta

import pytest

from legedialog.access import rules
from legedialog.access.actor import Kind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "idle", "absolute"),
    [
        (Kind.CITIZEN, timedelta(minutes=30), timedelta(hours=8)),
        (Kind.STAFF, timedelta(minutes=60), timedelta(hours=10)),
        (Kind.OPERATOR, timedelta(minutes=30), timedelta(hours=8)),
    ],
)
def test_a_login_is_over_when_idle_or_old(kind: Kind, idle: timedelta, absolute: timedelta) -> None:
    moment = timedelta(microseconds=1)
    assert not rules.is_over(kind, NOW - idle, NOW - idle + moment, NOW)
    assert rules.is_over(kind, NOW - idle, NOW - idle, NOW)
    assert not rules.is_over(kind, NOW - absolute + moment, NOW, NOW)
    assert rules.is_over(kind, NOW - absolute, NOW, NOW)


@pytest.mark.parametrize("path", ["/", "/timeavtaler/", "/timeavtaler/bestill/?dag=2026-11-24&time=a%20b", "/æ/"])
def test_paths_on_this_site_are_kept(path: str) -> None:
    assert rules.local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "hjem/",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "/hjem/\r\nSet-Cookie: a=b",
        "/hjem /",
        " /hjem/",
        "javascript:alert(1)",
        "/" + "a" * 2000,
    ],
)
def test_everything_else_leads_nowhere(path: str) -> None:
    assert rules.local_path(path) == ""


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Linux"),  # noqa: E501
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Safari/604.1", "Safari, iPhone"),  # noqa: E501
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_described_in_a_few_words(user_agent: str, device: str) -> None:
    assert rules.device(user_agent) == device


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (date(2026, 11, 23), None, True),
        (date(2026, 11, 24), None, False),
        (date(2020, 1, 1), date(2026, 11, 24), True),
        (date(2020, 1, 1), date(2026, 11, 23), False),
    ],
)
def test_work_lasts_from_the_first_day_to_the_day_before_the_last(
    starts: date, ends: date | None, expected: bool
) -> None:
    assert rules.is_employed(starts, ends, date(2026, 11, 23)) is expected
