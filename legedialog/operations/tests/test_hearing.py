"""The worker hears of new work."""

import asyncio
import threading

import pytest

from legedialog.core import events
from legedialog.operations import worker

MOST = 30  # seconds until it is heard, on a slow machine


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("told", "other"), [(events.ACTS, events.NOTICES), (events.NOTICES, events.ACTS)])
def test_what_is_told_wakes_the_one_whose_work_it_is_alone(told: str, other: str) -> None:
    wakes = {events.ACTS: threading.Event(), events.NOTICES: threading.Event()}

    async def heard() -> bool:
        hearing = asyncio.create_task(worker._hear(wakes))
        try:
            if not await asyncio.to_thread(wakes[other].wait, MOST):  # both, when it begins to listen
                return False
            for each in wakes.values():
                each.clear()
            events._teller.tell(events.WAKE, (told,))
            return await asyncio.to_thread(wakes[told].wait, MOST)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    assert asyncio.run(heard())
    assert not wakes[other].is_set()
