from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from legedialog.ui import dates

TODAY = date(2026, 11, 23)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("language", "at", "text"),
    [
        ("nb", utc(2026, 11, 24, 9, 20), "tirsdag 24. november kl. 10.20"),
        ("nn", utc(2026, 11, 24, 9, 20), "tysdag 24. november kl. 10.20"),
        ("en", utc(2026, 11, 24, 9, 20), "Tuesday 24 November at 10:20"),
        ("nb", utc(2026, 11, 28, 23, 0), "søndag 29. november kl. 00.00"),  # still Saturday in UTC
        ("en", utc(2026, 11, 28, 22, 59), "Saturday 28 November at 23:59"),
        ("nb", utc(2026, 6, 30, 22, 5), "onsdag 1. juli kl. 00.05"),  # summer time
        ("nb", utc(2026, 12, 31, 23, 0), "fredag 1. januar 2027 kl. 00.00"),  # already the next year here
        ("en", utc(2025, 11, 24, 9, 20), "Monday 24 November 2025 at 10:20"),
    ],
)
def test_a_point_in_time_is_said_in_the_clinics_zone(language: str, at: datetime, text: str) -> None:
    with translation.override(language):
        assert dates.long_datetime(at, today=TODAY) == text


@pytest.mark.parametrize(
    ("language", "day", "text"),
    [
        ("nb", date(2026, 11, 29), "søndag 29. november"),
        ("nn", date(2026, 11, 28), "laurdag 28. november"),
        ("en", date(2026, 5, 1), "Friday 1 May"),
        ("nb", date(2018, 5, 17), "torsdag 17. mai 2018"),
    ],
)
def test_a_day_has_no_zone(language: str, day: date, text: str) -> None:
    with translation.override(language):
        assert dates.long_date(day, today=TODAY) == text


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("nb", ["i går", "i dag", "i morgen", "om 9 dager", "", ""]),
        ("nn", ["i går", "i dag", "i morgon", "om 9 dagar", "", ""]),
        ("en", ["yesterday", "today", "tomorrow", "in 9 days", "", ""]),
    ],
)
def test_near_days_have_names(language: str, texts: list[str]) -> None:
    days = [date(2026, 11, day) for day in (22, 23, 24)] + [date(2026, 12, 2), date(2026, 12, 8), date(2026, 11, 21)]
    with translation.override(language):
        assert [dates.relative_day(day, today=TODAY) for day in days] == texts


def test_tomorrow_starts_at_midnight_in_norway() -> None:
    with translation.override("nb"):
        assert dates.relative_day(utc(2026, 11, 23, 22, 59), today=TODAY) == "i dag"
        assert dates.relative_day(utc(2026, 11, 23, 23, 0), today=TODAY) == "i morgen"


def test_a_period_says_the_day_once() -> None:
    with translation.override("nb"):
        short = dates.period(utc(2026, 11, 24, 9, 20), utc(2026, 11, 24, 9, 40), today=TODAY)
        night = dates.period(utc(2026, 11, 24, 22, 30), utc(2026, 11, 24, 23, 30), today=TODAY)
    assert short == "tirsdag 24. november kl. 10.20–10.40"
    assert night == "tirsdag 24. november kl. 23.30 – onsdag 25. november kl. 00.30"


@pytest.mark.parametrize(("language", "text"), [("nb", "01.12.2026"), ("nn", "01.12.2026"), ("en", "01/12/2026")])
def test_tables_have_short_dates(language: str, text: str) -> None:
    with translation.override(language):
        assert dates.short_date(utc(2026, 11, 30, 23, 30)) == text


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        dates.clock(datetime(2026, 11, 24, 10, 20))  # noqa: DTZ001
