"""How old a fact may be, read aloud."""

from datetime import UTC, datetime, timedelta

import pytest

from legedialog.patients import freshness
from legedialog.patients.freshness import LIMITS, Fact

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("fact", "old", "asks", "closes"),
    [
        (Fact.PERSON, timedelta(hours=24) - MOMENT, False, False),
        (Fact.PERSON, timedelta(hours=24), True, False),
        (Fact.PERSON, timedelta(days=7) - MOMENT, True, False),
        (Fact.PERSON, timedelta(days=7), True, True),
        (Fact.PARENTHOOD, timedelta(days=7), True, True),
        (Fact.GUARDIANSHIP, timedelta(days=7), True, True),
        (Fact.RESERVATION, timedelta(days=7), True, True),
        (Fact.LIST, timedelta(days=7) - MOMENT, False, False),
        (Fact.LIST, timedelta(days=7), True, False),
        (Fact.LIST, timedelta(days=35) - MOMENT, True, False),
        (Fact.LIST, timedelta(days=35), True, True),
        (Fact.PERSON, timedelta(days=-1), False, False),  # confirmed on a machine whose clock is ahead
    ],
)
def test_when_a_fact_is_asked_about_and_when_it_is_too_old(
    fact: Fact, old: timedelta, asks: bool, closes: bool
) -> None:
    assert freshness.must_be_asked(fact, NOW - old, NOW) is asks
    assert freshness.is_too_old(fact, NOW - old, NOW) is closes


def test_every_fact_has_limits_in_order_and_with_a_source() -> None:
    assert LIMITS.keys() == set(Fact)
    for limit in LIMITS.values():
        assert timedelta() < limit.asked_after < limit.lasts
        assert limit.source
