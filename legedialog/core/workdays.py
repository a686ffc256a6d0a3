"""Which days are working days in Norway: Monday to Friday without public holidays.

Saturday is not one here: GP offices are closed, and deadlines are promised in days when somebody answers. Christmas
Eve and New Year's Eve are no public holidays, so they count; an office that closes early or all day on them says so
in its own opening hours.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays

LIBRARY_LANGUAGES = {"nb": "no", "nn": "no", "en": "en_US"}


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays(day.year, "nb")


def holiday_name(day: date, language: str) -> str | None:
    """The public holiday's name in `language` ("nb", "nn" or "en"); None when the day is none.

    Where two fall on one day, both stand there with "; " between.
    """
    name = _holidays(day.year, language).get(day)
    if name and language == "nn":
        return name.replace("Arbeidernes dag", "Arbeidarane sin dag")  # the only name that differs from bokmål
    return name


def add_working_days(day: date, count: int) -> date:
    """The working day number `count` after `day`, which itself is not counted; `day` when `count` is 0.

    `day` may be any day: five working days from a Friday and from the Saturday after it end on the same Friday.
    """
    if count < 0:
        raise ValueError("working days are counted forward")
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def last_working_day_before(day: date) -> date:
    """The nearest working day earlier than `day`."""
    day -= timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


@lru_cache(maxsize=256)
def _holidays(year: int, language: str) -> dict[date, str]:
    # The library's own object fills in a year while it is asked, so one thread could see another's half-filled year.
    return dict(holidays.country_holidays("NO", years=year, expand=False, language=LIBRARY_LANGUAGES[language]))
