from datetime import UTC, datetime, timedelta

import pytest

from legedialog.outbox import rules
from legedialog.outbox.rules import Channel, Contact, Reason

BOTH = (Channel.SMS, Channel.EMAIL)


def contact(**changes: object) -> Contact:
    values: dict[str, object] = {
        "phone": "+4799999999",
        "email": "kari@example.org",
        "wants_sms": True,
        "wants_email": True,
        "is_reserved": False,
        "is_fresh": True,
    }
    return Contact(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [(Channel.SMS, "+4799999999"), (Channel.EMAIL, "kari@example.org")]),
        ({"wants_email": False}, [(Channel.SMS, "+4799999999")]),
        ({"wants_sms": False}, [(Channel.EMAIL, "kari@example.org")]),
        ({"phone": ""}, [(Channel.EMAIL, "kari@example.org")]),
        ({"wants_sms": False, "wants_email": False}, Reason.TURNED_OFF),
        ({"phone": "", "wants_email": False}, Reason.NO_CONTACT),
        ({"phone": "", "email": ""}, Reason.NO_CONTACT),
        ({"is_reserved": True}, Reason.RESERVED),
        ({"is_fresh": False}, Reason.OLD_CONTACT),
    ],
)
def test_the_person_decides_how_she_is_told(changes: dict[str, object], expected: object) -> None:
    assert rules.ways(contact(**changes), BOTH) == expected


def test_a_channel_that_is_not_set_up_is_not_tried() -> None:
    assert rules.ways(contact(), [Channel.EMAIL]) == [(Channel.EMAIL, "kari@example.org")]
    assert rules.ways(contact(), []) is Reason.NOT_SET_UP


@pytest.mark.parametrize(
    ("now", "waits_until"),
    [
        (datetime(2026, 11, 23, 19, 59, tzinfo=UTC), None),  # 20:59 in Oslo
        (datetime(2026, 11, 23, 20, 0, tzinfo=UTC), datetime(2026, 11, 24, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), datetime(2026, 11, 24, 7, 0, tzinfo=UTC)),  # after midnight
        (datetime(2026, 11, 24, 6, 59, tzinfo=UTC), datetime(2026, 11, 24, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 7, 0, tzinfo=UTC), None),
        (datetime(2026, 3, 28, 21, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),  # summer time begins
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),  # … and ends
    ],
)
def test_no_telephone_buzzes_at_night(now: datetime, waits_until: datetime | None) -> None:
    assert rules.quiet_until(now, None) == waits_until
    assert rules.quiet_until(now, now + timedelta(hours=12, minutes=1)) == waits_until


def test_what_happens_within_twelve_hours_is_told_at_night_too() -> None:
    night = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    assert rules.quiet_until(night, night + timedelta(hours=12)) is None


def test_new_tries_come_later_and_later_and_then_end() -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    waits = [at - now for tries in range(1, 6) if (at := rules.retry_at(tries, now))]
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480)]
    assert rules.retry_at(6, now) is None
