"""What is given to a command. What cannot be meant is said in one line, and the command ends with 2, having done
nothing: BadInput, or what Typer itself refuses (cli.py). A command that looks something over and finds faults ends
with 1.
"""

import sys
from datetime import datetime
from pathlib import Path

import typer

from legedialog.core import reading
from legedialog.operations import kinds

LONGEST = 200  # signs of a name
MOST = 5_000_000  # bytes of a file that is read whole


class BadInput(Exception):
    """One line for the person who gave it."""


def check_arguments() -> None:
    """All of them are text that can be read and stored. Raises BadInput."""
    for each in sys.argv[1:]:
        if not each.isprintable():
            raise BadInput("An argument holds signs that cannot be seen: write it anew, in one line.")


def refusal(error: Exception) -> str | None:
    """What Typer says of arguments that it does not take, in one line; None for anything else."""
    if not isinstance(error, typer.TyperException):
        return None
    words = " ".join(str(error.format_message()).split()) if hasattr(error, "format_message") else str(error)
    return words and f"{words.rstrip('.')}. See --help."  # without any, the help has been shown


def name(value: str) -> str:
    """Of something or somebody."""
    if len(value) > LONGEST or not reading.is_seen(value):
        raise typer.BadParameter(f"a name has 1 to {LONGEST} signs")
    return value


def phone(value: str) -> str:
    if value and (fault := kinds.telephone(value)):
        raise typer.BadParameter(fault)
    return value


def moment(value: datetime | None) -> datetime | None:
    """That can be reckoned with."""
    if value is not None and reading.within(value.date()) is None:
        raise typer.BadParameter(f"days go from {reading.FIRST} to {reading.LAST}")
    return value


def text(file: Path) -> str:
    """The whole of a text file. Raises BadInput."""
    try:
        with file.open("rb") as content:
            data = content.read(MOST + 1)
        found = data.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not text in UTF-8.") from error
    if len(data) > MOST:
        raise BadInput(f"{file} is too large.")
    if not found.strip():
        raise BadInput(f"{file} is empty.")
    return found


def new_file(file: Path | None) -> Path | None:
    if file and not file.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {file.absolute().parent}")
    return file
