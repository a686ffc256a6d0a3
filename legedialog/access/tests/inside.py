"""What a test asks for as somebody is done inside the fence for her, as behind a page: she is shown no more."""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from legedialog.access.actor import Actor, Kind
from legedialog.core import fence

_asked: dict[Callable[..., Any], Callable[..., Any]] = {}


def asked_by_actors() -> None:
    """Every function that takes an `actor`, wherever it was imported to. Once, when all tests are found."""
    for module in [each for name, each in sys.modules.items() if name.partition(".")[0] == "legedialog"]:
        for name, each in list(vars(module).items()):
            if inspect.isfunction(each) and each not in _asked.values() and _takes_actor(each):
                setattr(module, name, _asked.setdefault(each, _inside(each)))


def _takes_actor(function: Callable[..., Any]) -> bool:
    own = inspect.unwrap(function)
    is_ours = function.__module__.startswith("legedialog.") and ".tests" not in function.__module__
    return is_ours and not inspect.isgeneratorfunction(own) and "actor" in inspect.signature(own).parameters


def _inside(function: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def asked(*args: Any, **options: Any) -> Any:
        actor = signature.bind(*args, **options).arguments["actor"]
        is_said = fence._scope.get() is not None
        if is_said or not isinstance(actor, Actor) or actor.kind is Kind.SYSTEM:
            return function(*args, **options)
        with fence.works_for(*actor.scope):
            return function(*args, **options)

    return asked
