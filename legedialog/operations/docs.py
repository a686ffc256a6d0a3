"""Pages in docs/ that are made from the code, so that a fact has one home."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from legedialog.operations import env

ROOT = Path(__file__).resolve().parents[2]


SETTINGS = """# Settings

All are environment variables. What stands last is the value when the variable is missing.

| variable | meaning |
| --- | --- |
"""


def settings_page() -> str:
    return SETTINGS + "".join(f"| `{name}` | {about} |\n" for name, about in env.ABOUT.items())


def data_register_page() -> str:
    from legedialog.operations import data_register

    return data_register.page()


def consent_page() -> str:
    from legedialog.operations import consent_table

    return consent_table.page()


def permissions_page() -> str:
    from legedialog.operations import permissions  # only now: it needs Django to be set up

    return permissions.page()


def alert_rules() -> str:
    from legedialog.operations import alerts  # only now: it needs Django to be set up

    return alerts.rules()


def alert_tests() -> str:
    from legedialog.operations import alerts

    return alerts.tests()


def notices_page() -> str:
    from legedialog.operations import notices  # only now: it needs Django to be set up

    return notices.page()


def grants_page() -> str:
    from legedialog.operations import grants  # only now: it needs Django to be set up

    return grants.page()


def floors_picture() -> str:
    from legedialog.operations import floors

    return floors.picture()


def third_parties_page() -> str:
    from legedialog.operations import third_parties

    return third_parties.page()


# Of the whole: file in docs/ → what makes its text. Without a database.
WHOLE: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "consent.md": consent_page,
    "data-register.md": data_register_page,
    "permissions.md": permissions_page,
    "grants.md": grants_page,
    "notices.md": notices_page,
    "../deploy/prometheus/legedialog.rules.yml": alert_rules,
    "../deploy/prometheus/legedialog.tests.yml": alert_tests,
    "third-parties.md": third_parties_page,
    "pictures/floors.svg": floors_picture,
}


def pages() -> dict[str, Callable[[], str]]:
    """Those, and what each context says has a page."""
    from legedialog.core import contexts  # only now: Django is set up

    return WHOLE | contexts.every(lambda about: about.pages)


def command(check: Annotated[bool, typer.Option(help="Change nothing; fail when a page is old.")] = False) -> None:
    """Write the pages in docs/ that are made from the code."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "legedialog.config.tools"
    django.setup()
    from legedialog.operations import data_register, notices, permissions

    if faults := [*data_register.faults(), *permissions.faults(permissions.routes()), *notices.faults()]:
        print("\n".join(faults), file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)
    old = []
    for name, make in pages().items():
        file, text = ROOT / "docs" / name, make()
        if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
            old.append(name)
        elif not check:
            file.write_text(text, encoding="utf-8")
    if old:
        print(f"Old pages in docs/: {', '.join(old)}. Run `make fix`.", file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)
