"""What commands print can be copied."""

from pathlib import Path
from uuid import uuid4

import pytest
from rich.console import Console

from legedialog import operations
from legedialog.operations import shown


@pytest.mark.parametrize("width", [30, 80, 200])
def test_an_id_is_printed_whole_on_its_line_however_narrow_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shown, "console", Console(width=width, highlight=False, soft_wrap=True))
    ids = [str(uuid4()) for _ in range(6)]
    table = shown.table("merge", "person", "until", title="Merges")
    for one, other in zip(ids[:3], ids[3:], strict=True):
        table.add_row(one, other, "2026-12-31 12:00")
    shown.show(table)
    shown.console.print(f"{' '.join(ids)} https://legedialog.example/{ids[0]}/")
    title, head, *rows, said, end = capsys.readouterr().out.split("\n")
    assert (title.strip(), head.split(), end) == ("Merges", ["merge", "person", "until"], "")
    cells = [tuple(row.split()) for row in rows]
    assert cells == [(one, other, "2026-12-31", "12:00") for one, other in zip(ids[:3], ids[3:], strict=True)]
    assert said == f"{' '.join(ids)} https://legedialog.example/{ids[0]}/"


def test_no_command_has_a_console_or_a_table_of_its_own() -> None:
    for file in Path(str(operations.__file__)).parent.glob("*.py"):
        text = file.read_text()
        assert file.name == "shown.py" or ("rich.console" not in text and "rich.table" not in text), file.name
