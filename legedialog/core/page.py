"""A page that is only read is one transaction: its statements say once whom they work for.

Read committed, so each statement sees what is there when it begins. What the page leaves as a trace commits before it
is shown. See docs/adr/0041-one-transaction-for-a-page.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction


class _Page:
    """The transaction of one page. It can be left, when nothing inside it has begun another, and begun anew."""

    def __init__(self) -> None:
        self._atomic: transaction.Atomic | None = None

    def begin(self) -> None:
        self._atomic = transaction.atomic(savepoint=False)
        self._atomic.__enter__()

    def leave(self) -> bool:
        atomic = self._atomic
        if atomic is None or connection.atomic_blocks[-1:] != [atomic]:
            return False
        self._atomic = None
        atomic.__exit__(None, None, None)
        return True


_page: ContextVar[_Page | None] = ContextVar("page", default=None)


@contextmanager
def one_transaction() -> Iterator[None]:
    """Around the making of a page."""
    page = _Page()
    before = _page.set(page)
    page.begin()
    try:
        yield
    except BaseException:
        give_up()
        raise
    finally:
        _page.reset(before)
        page.leave()


@contextmanager
def left() -> Iterator[None]:
    """While another machine is spoken to: what was done commits first, and the page's transaction begins anew after."""
    page = _page.get()
    if page is None or not page.leave():
        yield
        return
    try:
        yield
    finally:
        page.begin()


def give_up() -> None:
    """The page has failed: nothing of it stays, and what is shown instead asks by itself."""
    if page := _page.get():
        if len(connection.atomic_blocks) == 1:
            transaction.set_rollback(True)
        page.leave()
