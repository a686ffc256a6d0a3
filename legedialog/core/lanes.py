"""Which jobs may wait for which. A job names its lane; the worker (operations/worker.py) runs each lane by itself.

A slow mail server must not keep a video room open, and a large file must not keep the log unsealed. Only jobs in
NETWORK may speak to another machine. Notices are sent by no job: outbox/delivery.py. See docs/adr/0058-outbox.md.
"""

from dataclasses import dataclass
from datetime import timedelta

NOW = "now"  # what somebody waits for: rooms that end, jobs that come back
KEEPING = "keeping"  # the log is sealed, dates are watched, what nobody needs is removed
EXPORTS = "exports"  # large and asked for by a person
NETWORK = "network"  # asks another machine


@dataclass(frozen=True, slots=True)
class Lane:
    """`at_once` jobs, each for at most `limit`. `is_told`: it hears of a new job at once; others look every 5 s."""

    at_once: int
    limit: timedelta
    is_told: bool = False


LANES = {
    NOW: Lane(2, timedelta(minutes=2)),
    KEEPING: Lane(2, timedelta(minutes=30)),
    EXPORTS: Lane(2, timedelta(minutes=15), is_told=True),
    NETWORK: Lane(2, timedelta(minutes=5)),
}
