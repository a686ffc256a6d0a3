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


def registers_page() -> str:
    from legedialog.integrations.registers import schema  # only now: it needs Django to be set up

    return schema.page()


def data_register_page() -> str:
    from legedialog.operations import data_register

    return data_register.page()


def consent_page() -> str:
    from legedialog.operations import consent_table

    return consent_table.page()


def representation_page() -> str:
    from legedialog.patients import representation_page  # only now: it needs Django to be set up

    return representation_page.page()


def prescriptions_page() -> str:
    from legedialog.integrations.prescriptions import schema  # only now: it needs Django to be set up

    return schema.page()


def dialogue_states_page() -> str:
    from legedialog.dialogues import rules  # only now: it needs Django to be set up

    return rules.page()


def video_page() -> str:
    from legedialog.video import rules  # only now: it needs Django to be set up

    return rules.page()


def renewal_rules_page() -> str:
    from legedialog.prescriptions import rules

    return rules.rules_page()


def renewal_states_page() -> str:
    from legedialog.prescriptions import rules

    return rules.states_page()


def visibility_page() -> str:
    from legedialog.visibility import rules  # only now: it needs Django to be set up

    return rules.page()


def permissions_page() -> str:
    from legedialog.operations import permissions  # only now: it needs Django to be set up

    return permissions.page()


def prices_page() -> str:
    from legedialog.fees import tables  # only now: it needs Django to be set up

    return tables.page()


def alert_rules() -> str:
    from legedialog.operations import alerts  # only now: it needs Django to be set up

    return alerts.rules()


def alert_tests() -> str:
    from legedialog.operations import alerts

    return alerts.tests()


def grants_page() -> str:
    from legedialog.operations import grants  # only now: it needs Django to be set up

    return grants.page()


def floors_picture() -> str:
    from legedialog.operations import floors

    return floors.picture()


def third_parties_page() -> str:
    from legedialog.operations import third_parties

    return third_parties.page()


# File in docs/ → what makes its text. Django is set up with the settings of the tests, without a database.
PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "registers.md": registers_page,
    "dialogue-states.md": dialogue_states_page,
    "consent.md": consent_page,
    "data-register.md": data_register_page,
    "representation.md": representation_page,
    "prescriptions-import.md": prescriptions_page,
    "video-states.md": video_page,
    "renewal-rules.md": renewal_rules_page,
    "renewal-states.md": renewal_states_page,
    "permissions.md": permissions_page,
    "grants.md": grants_page,
    "../deploy/prometheus/legedialog.rules.yml": alert_rules,
    "../deploy/prometheus/legedialog.tests.yml": alert_tests,
    "visibility.md": visibility_page,
    "third-parties.md": third_parties_page,
    "pictures/floors.svg": floors_picture,
    "prices.md": prices_page,
}


def command(check: Annotated[bool, typer.Option(help="Change nothing; fail when a page is old.")] = False) -> None:
    """Write the pages in docs/ that are made from the code."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "legedialog.config.tools"
    django.setup()
    from legedialog.operations import data_register, permissions

    if faults := [*data_register.faults(), *permissions.faults(permissions.routes())]:
        print("\n".join(faults), file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)
    old = []
    for name, make in PAGES.items():
        file, text = ROOT / "docs" / name, make()
        if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
            old.append(name)
        elif not check:
            file.write_text(text, encoding="utf-8")
    if old:
        print(f"Old pages in docs/: {', '.join(old)}. Run `make fix`.", file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)
