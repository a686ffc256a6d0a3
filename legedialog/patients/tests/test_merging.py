"""What cannot stand side by side when two rows are the same person: the rules."""

from datetime import date

import pytest

from legedialog.patients.merging import Period, stricter, without

D = [date(2026, 1, day) for day in range(1, 29)]


@pytest.mark.parametrize(
    ("taken", "period", "left"),
    [
        ([], (D[0], D[9]), (D[0], D[9])),
        ([], (D[0], None), (D[0], None)),
        ([(D[0], None)], (D[0], None), None),
        ([(D[0], None)], (D[5], D[9]), None),
        ([(D[4], None)], (D[0], None), (D[0], D[4])),
        ([(D[0], D[4])], (D[0], None), (D[4], None)),
        ([(D[4], D[6])], (D[0], D[20]), (D[6], D[20])),  # the longest part
        ([(D[4], D[6])], (D[0], D[7]), (D[0], D[4])),
        ([(D[9], D[12])], (D[0], D[4]), (D[0], D[4])),  # they never met
        ([(D[0], D[4])], (D[4], D[6]), (D[4], D[6])),  # the one ends where the other begins
        ([(D[0], D[2]), (D[4], D[6]), (D[6], None)], (D[0], None), (D[2], D[4])),
    ],
)
def test_what_is_left_of_a_period(taken: list[Period], period: Period, left: Period | None) -> None:
    assert without(taken, period) == left


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("none", "either", "none"),
        ("either", "sms", "sms"),
        ("email", "sms", "email"),
        ("either", "either", "either"),
    ],
)
def test_the_stricter_of_two_ways(one: str, other: str, expected: str) -> None:
    assert stricter(one, other) == stricter(other, one) == expected
