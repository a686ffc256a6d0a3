"""The section of bench/results.md, from what was measured."""

from collections.abc import Mapping
from statistics import median

from bench.peers.sides import LeftOut

Figures = dict[str, float]  # rate, p50, p95, and CPU ms of site, worker and PostgreSQL
HEAD = "| who | what one is | a second | of the floor | p50 ms | p95 ms | CPU ms: site | worker | PostgreSQL |"


def middle(rounds: list[Figures]) -> Figures:
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def why(fault: BaseException) -> str:
    """A peer is left out. Nothing that names this machine, or another, comes to the page."""
    return str(fault) if isinstance(fault, LeftOut) else f"fails ({type(fault).__name__})"


def lines(
    about: str,
    measured: Mapping[str, Mapping[str, tuple[str, list[Figures]]]],
    floors: Mapping[str, Figures],
    gives_twice: Mapping[str, bool],
    left_out: Mapping[str, str],
) -> list[str]:
    """`measured`: job → who → what one is, and the figures of each round; none where there is no such thing."""
    found = ["## Beside open peers (`make bench-peers`)", "", about]
    for job, sides in measured.items():
        floor = floors.get(job)
        found += ["", f"### {job.capitalize()}", "", HEAD, f"| --- | --- |{' ---: |' * 7}"]
        if floor:
            found.append(f"| floor | pgbench on our tables | {floor['rate']:,.0f} | | {_times(floor)} | | | |")
        found += [_row(who, *each, floor) for who, each in sides.items() if who not in left_out]
    for who, twice in gives_twice.items():
        found += ["", f"{who}, asked twice for one time: {'gives it twice' if twice else 'refuses the second'}."]
    for who, why in left_out.items():
        found += ["", f"Left out: {who}, which {why}."]
    return found


def _row(who: str, words: str, rounds: list[Figures], floor: Figures | None) -> str:
    if not rounds:
        return f"| {who} | {words} |{' |' * 7}"
    each = middle(rounds)
    share = f"{each['rate'] / floor['rate']:.1%}" if floor else ""
    spent = " | ".join(f"{each[name]:.1f}" for name in ("site", "worker", "postgres"))
    return f"| {who} | {words} | {each['rate']:,.0f} | {share} | {_times(each)} | {spent} |"


def _times(each: Figures) -> str:
    return f"{each['p50']:.1f} | {each['p95']:.1f}"
