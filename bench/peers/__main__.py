"""`make bench-peers`: open peers beside ours in one run. Adds its section to bench/results.md and bench/results.json.

    python -m bench.peers            everything
    python -m bench.peers --quick    few people and short rows, which writes nothing: while one builds

Each peer is installed into an environment of its own (.cache/peers) from what NAME.txt pins, with a database of its own
on the bench's server and as many processes as our site. The sides take turns at each job: ours, peer, peer, ours …, and
the middle of the rounds stands. `PERSONS` (10,000), `SECONDS` (5) a turn, `ROUNDS` (3). A peer that does not install,
start or answer as it should is told of and left out; the rest goes on.
"""

import argparse
import logging
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from types import ModuleType

from bench import floor, load, sections, world
from bench.peers import django_appointment, gnuhealth, ours, page, place
from bench.peers.sides import COMING, JOBS, TAKEN, Job, LeftOut, Side, Task

PEERS: tuple[ModuleType, ...] = (gnuhealth, django_appointment)
Measured = dict[str, dict[str, tuple[str, list[page.Figures]]]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    is_quick = parser.parse_args().quick
    persons = 1_000 if is_quick else int(os.environ.get("PERSONS", "10000"))
    seconds = 1.5 if is_quick else float(os.environ.get("SECONDS", "5"))
    rounds = 1 if is_quick else int(os.environ.get("ROUNDS", "3"))
    logging.disable(logging.INFO)
    left_out: dict[str, str] = {}
    installed = [peer for peer in PEERS if _installs(peer, left_out)]
    began, load_before = time.monotonic(), os.getloadavg()[0]
    with world.made(persons, seconds, is_quick=is_quick) as made:
        task = ours.fill(made)
        with _sides(made, task, installed, left_out) as sides:
            print(f"All stand after {time.monotonic() - began:.0f} s.", flush=True)
            measured = _in_turn(sides, rounds, seconds, left_out)
            twice = _asked_twice(sides, left_out)
        rows = {row.name: row.figures for row in floor.floors(made)}
    about = (
        f"{date.today()}, commit {sections.commit()}, {platform.machine()}, {os.cpu_count()} cores, Python"  # noqa: DTZ011
        f" {platform.python_version()}; {persons:,} people, {task.doctors} doctors, one coming appointment for each"
        f" person and {COMING} for each client, {TAKEN} of the day's {len(task.day)} times taken. {task.clients}"
        f" clients; each side with {task.processes} processes of four threads, on one PostgreSQL server, all on one"
        f" machine; in turn, the middle of {rounds} rounds of {seconds:g} s. Load average when it began:"
        f" {load_before:.1f}; what is above 1 was other work beside it."
    )
    floors = {job: rows[name] for job, name in JOBS.items()}
    lines = page.lines(about, measured, floors, twice, left_out)
    if is_quick:
        print("\n".join(lines))
    else:
        kept = {job: {who: each for who, (_, each) in found.items()} for job, found in measured.items()}
        figures = {"about": about, "rounds": kept, "floors": floors, "gives_twice": twice, "left_out": left_out}
        sections.write("peers", lines, figures)
    print(f"\n{time.monotonic() - began:.0f} s in all, after installing.")
    return 0


def _installs(peer: ModuleType, left_out: dict[str, str]) -> bool:
    try:
        place.install(peer.NAME)
    except Exception as fault:
        _leave_out(peer.TITLE, fault, left_out)
        return False
    return True


@contextmanager
def _sides(made: world.World, task: Task, peers: list[ModuleType], left_out: dict[str, str]) -> Iterator[list[Side]]:
    with ExitStack() as stack:
        sides = [ours.side(made, task)]
        for peer in peers:
            try:
                sides.append(stack.enter_context(peer.begun(task)))
            except Exception as fault:
                _leave_out(peer.TITLE, fault, left_out)
        yield sides


def _in_turn(sides: list[Side], rounds: int, seconds: float, left_out: dict[str, str]) -> Measured:
    measured: Measured = {job: {side.name: (side.jobs[job].words, []) for side in sides} for job in JOBS}
    for job, found in measured.items():
        for number in range(rounds):
            for side in [each for each in sides if each.name not in left_out and each.jobs[job].actions]:
                try:
                    figures = _turn(side, side.jobs[job], seconds, is_first=number == 0)
                except Exception as fault:
                    if side is sides[0]:
                        raise
                    _leave_out(side.name, fault, left_out)
                    continue
                found[side.name][1].append(figures)
                print(f"{job}, {side.name}: {figures['rate']:,.1f} a second", flush=True)
    return measured


def _asked_twice(sides: list[Side], left_out: dict[str, str]) -> dict[str, bool]:
    found = {}
    for side in [each for each in sides if each.name not in left_out]:
        try:
            found[side.name] = side.gives_twice()
        except Exception as fault:
            if side is sides[0]:
                raise
            _leave_out(side.name, fault, left_out)
    return found


def _leave_out(name: str, fault: Exception, left_out: dict[str, str]) -> None:
    left_out[name] = page.why(fault)
    its_own = fault.its_own if isinstance(fault, LeftOut) else " ".join(str(fault).split())[:300]
    print(f"Left out: {name}, which {left_out[name]}. {its_own}".rstrip(), flush=True)


def _turn(side: Side, job: Job, seconds: float, *, is_first: bool) -> page.Figures:
    for act in job.actions if is_first else ():
        act()  # the first time some things are remembered
    side.settled()
    before = side.meter.now()
    found = load.measure(job.actions, seconds=seconds)
    side.settled()
    if wrong := set(found["outcomes"]) - {"200", "listed", "booked"}:
        raise load.WrongAnswer(f"answers otherwise: {', '.join(sorted(wrong))}")
    done = sum(found["outcomes"].values())
    spent = [(now - then) * 1000 / done for now, then in zip(side.meter.now(), before, strict=True)]
    figures = {"rate": found["rate"], "p50": found["p50"], "p95": found["p95"]}
    return figures | dict(zip(("site", "worker", "postgres"), spent, strict=True))


if __name__ == "__main__":
    sys.exit(main())
