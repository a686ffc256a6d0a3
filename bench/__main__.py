"""`make bench`: what we claim, measured in one run beside its floor. Writes bench/results.md and bench/results.json.

    python -m bench                  everything
    python -m bench pages costs      these parts alone
    python -m bench --quick costs    a small world and short rows, which writes nothing: while one builds

A database, site and worker of its own, thrown away at the start of the next run. `PERSONS` (10,000) is the size of the
population, `SECONDS` (5) how long each row runs. A part that fails is told of, and the rest goes on.
"""

import argparse
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator

from bench import booking, costs, fence, floor, outbox, pages, plans, results, world
from bench.results import Row

# In this order: the bulk is copied from what costs has booked and sent, and growth leaves a large population behind,
# whose plans are looked at.
PARTS: dict[str, Callable[[world.World], Iterator[Row]]] = {
    "costs": costs.measure,
    "pages": pages.citizen,
    "office": pages.office,
    "booking": booking.rows,
    "race": booking.race,
    "commits": outbox.commits,
    "streams": outbox.streams,
    "files": pages.files,
    "fence": fence.measure,
    "history": costs.history,
    "floors": floor.floors,
    "growth": costs.growth,
    "plans": plans.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    persons = 1_000 if given.quick else int(os.environ.get("PERSONS", "10000"))
    seconds = 1.5 if given.quick else float(os.environ.get("SECONDS", "5"))
    found: dict[str, list[Row]] = {}
    faults: dict[str, str] = {}
    began = time.monotonic()
    logging.disable(logging.INFO)  # a line for each request of this process's own
    with world.made(persons, seconds, is_quick=given.quick) as made:
        print(f"The world stands after {time.monotonic() - began:.0f} s.", flush=True)
        for name in [each for each in PARTS if not given.parts or each in given.parts]:
            since = time.monotonic()
            print(f"\n{name}", flush=True)
            found[name] = []
            try:
                for row in PARTS[name](made):
                    print(f"  {results.say(row)}", flush=True)
                    found[name].append(row)
            except Exception as fault:
                traceback.print_exc()
                faults[name] = f"{type(fault).__name__}: {fault}".splitlines()[0]
            print(f"  {time.monotonic() - since:.0f} s", flush=True)
    if not given.quick:
        results.write(found, faults, persons)
    print(f"\n{time.monotonic() - began:.0f} s in all.")
    missed = [row.name for each in found.values() for row in each if row.reached is False]
    print("\n".join(["Not reached:", *missed]) if missed else "Every target that was measured is reached.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
