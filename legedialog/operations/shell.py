"""Python on the database of the demo or of a test, inside the fence."""

import code
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Annotated, Any

import typer

from legedialog.core import fence
from legedialog.operations import environment, given, serve


def command(
    as_: Annotated[str, typer.Option("--as", metavar="NAME", help='One of the demo\'s people: "Kari Testdal".')] = "",
    system: Annotated[str, typer.Option(metavar="WHY", help="All rows are seen, because of this.")] = "",
    sql: Annotated[bool, typer.Option("--sql", help="Show each statement, and how long it took.")] = False,
) -> None:
    """Python inside the fence, in the demo and in tests. Without --as and --system no row of anybody is seen."""
    with environment.ready():
        from django.conf import settings  # only now: reading the settings needs the environment

        if settings.MODE == "production":
            raise serve.Problem("There is no shell where the data are of real people.")
        names: dict[str, Any] = {}
        with ExitStack() as stack:
            stack.enter_context(fence.system(system) if system else fence.works_for())
            if as_:
                stack.enter_context(_as(as_, names))
            if sql:
                stack.enter_context(_told())
            _rooms(names)
            code.interact(f"There are: {', '.join(sorted(names))}.", local=names, exitmsg="")


@contextmanager
def _as(name: str, names: dict[str, Any]) -> Iterator[None]:
    from django.utils import timezone

    from legedialog.demo import engine
    from legedialog.demo.people import PEOPLE

    person = next((each for each in PEOPLE if each.name == name and each.kind != "operator"), None)
    if person is None:
        raise given.BadInput(f"{name} is none of {', '.join(each.name for each in PEOPLE if each.kind != 'operator')}.")
    with fence.system("who the demo's people are is looked up"):
        stage = engine.Stage(timezone.now(), ())
        actor = stage.citizen(stage.person(name)) if person.kind == "citizen" else stage.staff(name)
    names["actor"] = actor
    with fence.works_for(*actor.scope):
        yield


@contextmanager
def _told() -> Iterator[None]:
    from django.db import connection

    def tell(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        began = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            print(f"{(perf_counter() - began) * 1000:.1f} ms  {sql}", file=sys.stderr)  # noqa: T201

    with connection.execute_wrapper(tell):
        yield


def _rooms(names: dict[str, Any]) -> None:
    """What each context has of these, as "dialogues.queries", and the time."""
    from importlib import import_module
    from importlib.util import find_spec
    from types import SimpleNamespace

    from django.apps import apps
    from django.utils import timezone

    for config in apps.get_app_configs():
        if config.name.startswith("legedialog."):
            found = {
                name: import_module(f"{config.name}.{name}")
                for name in ("models", "policy", "queries", "rules", "services")
                if find_spec(f"{config.name}.{name}")
            }
            if found:
                names[config.label] = SimpleNamespace(**found)
    names["timezone"] = timezone
