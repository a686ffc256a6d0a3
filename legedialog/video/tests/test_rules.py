from datetime import datetime, timedelta

import pytest

from legedialog.appointments.rules import can_join
from legedialog.core.errors import Refused
from legedialog.video import rules, turn
from legedialog.video.rules import RoomState, SeatState
from legedialog.video.tests.factories import CLOSED, DURING, EIGHT, OPENS

END = EIGHT + timedelta(minutes=20)
MOMENT = timedelta(microseconds=1)


def test_every_state_has_its_moves_and_every_move_leads_to_a_state() -> None:
    for states, moves in ((RoomState, rules.ROOM_MOVES), (SeatState, rules.SEAT_MOVES)):
        assert moves.keys() == set(states.values)
        assert set().union(*moves.values()) <= moves.keys()


@pytest.mark.parametrize(
    ("before", "to", "code"),
    [
        ("ended", "running", "ended"),
        ("running", "open", "cannot-move"),
        ("open", "running", ""),
        ("phone", "running", ""),
        ("ended", "open", ""),
    ],
)
def test_a_room_moves_as_the_table_says(before: str, to: str, code: str) -> None:
    if code:
        with pytest.raises(Refused) as refused:
            rules.check_room_move(before, to)
        assert refused.value.code == code
    else:
        rules.check_room_move(before, to)


@pytest.mark.parametrize(
    ("before", "to", "may"),
    [
        ("waiting", "admitted", True),
        ("removed", "waiting", False),
        ("removed", "admitted", True),
        ("left", "admitted", True),
        ("left", "removed", False),
        ("admitted", "left", True),
    ],
)
def test_a_seat_moves_as_the_table_says(before: str, to: str, may: bool) -> None:
    assert (to in rules.SEAT_MOVES[before]) is may


@pytest.mark.parametrize(
    ("now", "may"),
    [
        (OPENS - MOMENT, False),
        (OPENS, True),
        (EIGHT, True),
        (CLOSED - MOMENT, True),
        (CLOSED, False),
    ],
)
def test_the_waiting_room_is_open_from_a_quarter_before_to_an_hour_after(now: datetime, may: bool) -> None:
    for status in ("booked", "arrived"):
        assert can_join(channel="video", status=status, starts_at=EIGHT, ends_at=END, now=now) is may


@pytest.mark.parametrize("status", ["cancelled", "no-show", "completed"])
def test_nobody_joins_what_is_not_going_to_happen(status: str) -> None:
    assert not can_join(channel="video", status=status, starts_at=EIGHT, ends_at=END, now=DURING)


@pytest.mark.parametrize("channel", ["attendance", "phone"])
def test_only_video_is_joined(channel: str) -> None:
    assert not can_join(channel=channel, status="booked", starts_at=EIGHT, ends_at=END, now=DURING)


def test_the_worst_quality_is_kept() -> None:
    assert rules.worst("", "good") == "good"
    assert rules.worst("poor", "good") == "poor"
    assert rules.worst("poor", "lost") == "lost"


def test_a_page_is_there_while_it_gives_signs_of_life() -> None:
    assert rules.is_present(DURING, DURING + timedelta(seconds=44))
    assert not rules.is_present(DURING, DURING + timedelta(seconds=45))
    assert not rules.is_present(None, DURING)


def test_the_turn_password_is_what_coturn_works_out_itself() -> None:
    """Worked out by `openssl dgst -sha1 -hmac north -binary | base64` over the user name."""
    username, password = turn.credentials("north", "seat-1", DURING + rules.CREDENTIALS_LAST)
    assert username == f"{int((DURING + timedelta(minutes=15)).timestamp())}:seat-1"
    assert password == "UsklgMAJ/bPqygEEDx8uAdwptFU="
