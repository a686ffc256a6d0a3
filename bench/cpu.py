"""CPU time of the site, the worker and PostgreSQL apart, and of one job in this thread and its connection."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all that came from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def spent(pid: int) -> float:
    """Seconds of the family until now, with those of its children that have ended."""
    total = 0
    for each in family(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICK


def postmaster(data: Path) -> int:
    return int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])


@dataclass(frozen=True, slots=True)
class Meter:
    """What the site, the worker and PostgreSQL have spent. `web` may be this process, for use cases."""

    web: int
    worker: int
    postgres: int

    def now(self) -> tuple[float, float, float]:
        return spent(self.web), spent(self.worker), spent(self.postgres)


def of_one(job: Callable[[Any], object], turns: int, begin: Callable[[], object] = lambda: None) -> tuple[float, float]:
    """Milliseconds of a job in this thread, and in its connection's process: other work on the machine disturbs little.

    What `begin` does before each is not counted. The middle of five rounds.
    """
    from django.db import connection

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    for _ in range(5):
        job(begin())
    rounds = []
    for _ in range(5):
        mine = its = 0.0
        for _ in range(turns):
            begun = begin()
            theirs, ours = _backend(backend), time.thread_time()
            job(begun)
            mine += time.thread_time() - ours
            its += _backend(backend) - theirs
        rounds.append((mine / turns * 1000, its / turns * 1000))
    return sorted(rounds, key=sum)[2]


def _backend(pid: int) -> float:
    """Seconds that the process has run. Source: Documentation/scheduler/sched-stats of Linux."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="utf-8").split()[0]) / 1e9


def resident(pid: int) -> float:
    """MB of the largest of the family's processes."""
    sizes = []
    for each in family(pid):
        for line in _lines(f"/proc/{each}/status"):
            if line.startswith("VmRSS:"):
                sizes.append(int(line.split()[1]) / 1024)
    return max(sizes, default=0.0)


def own(pid: int) -> float:
    """KB that are the family's own: what is shared is divided among those who share it."""
    lines = [line for each in family(pid) for line in _lines(f"/proc/{each}/smaps_rollup")]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
