"""Who is compared, and at what: each side does the same jobs with the same amount of data, eight clients at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench import cpu

# The job, and its floor in the same run.
JOBS = {
    "free times": "floor: free times (pgbench)",
    "own list": "floor: own appointments (pgbench)",
    "book": "floor: hold and book (pgbench)",
}
COMING, TAKEN, A_DAY = 5, 11, 22  # of each client; of a doctor's day; times in it
OTHERS_FROM = "2040-01-01"  # where everybody else has one coming appointment each, twenty minutes apart


class LeftOut(Exception):
    """Why a peer is not in the comparison, in words of ours; and its own, which may name this machine, for who sits
    at it."""

    def __init__(self, why: str, its_own: str = "") -> None:
        super().__init__(why)
        self.its_own = its_own


@dataclass(frozen=True, slots=True)
class Task:
    """What stands in each side's database before it is measured, and where a peer gets its own."""

    persons: int
    doctors: int
    clients: int  # each at a doctor of her own
    processes: int
    day: list[datetime]  # all times of the day whose free ones are listed; every other one is taken
    coming: list[datetime]  # what each client has booked
    free: list[datetime]  # to be booked, at each doctor
    server: str  # URL of the database server
    postgres: int  # its process
    folder: Path

    @property
    def taken(self) -> list[datetime]:
        return self.day[::2]


@dataclass(frozen=True, slots=True)
class Job:
    words: str  # what one of it is
    actions: list[Callable[[], str]]  # one for each client; none when the side has no such thing


@dataclass(frozen=True, slots=True)
class Side:
    name: str  # with its version
    jobs: dict[str, Job]
    meter: cpu.Meter
    gives_twice: Callable[[], bool]  # whether a time that somebody has just taken is given once more
    settled: Callable[[], None] = lambda: None  # returns when what was done has no work left
