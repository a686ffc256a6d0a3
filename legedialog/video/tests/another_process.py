"""A web process of its own: another interpreter, another event loop, another connection that listens to PostgreSQL.

Nothing of Django may be imported before it is set up, so that this can be started by `multiprocessing`.
"""

import asyncio
from typing import Any


def listen(settings: dict[str, Any], seat_id: str, tab: int, cookie: str, words: Any) -> None:
    """Puts the status, the type of each event, and the word of the first signal."""
    import django

    django.setup()
    from django.db import connections

    from legedialog.video.tests.test_stream import Line

    connections["default"].settings_dict.update(settings)

    async def work() -> None:
        line = Line(seat_id, cookie, tab=tab)
        words.put(await line.status())
        while (told := await line.event())["type"] != "signal":
            words.put(told["type"])
        words.put(told["data"]["w"])
        await line.leave()

    asyncio.run(work())
