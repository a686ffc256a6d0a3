"""Checks that every context uses: `check_x` raises Denied with a text; `allows` asks the same for showing a button."""

from collections.abc import Callable
from typing import Any

from legedialog.core.errors import Denied


def allows(check: Callable[..., None], *args: Any, **kwargs: Any) -> bool:
    try:
        check(*args, **kwargs)
    except Denied:
        return False
    return True
