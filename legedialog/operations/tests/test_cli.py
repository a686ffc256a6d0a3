import pytest
import typer

from legedialog.core.master import KeyServerFailed, MasterUnknown
from legedialog.operations import cli
from legedialog.operations.env import BadSetting


@pytest.mark.parametrize(
    "problem", [KeyServerFailed("it is down"), MasterUnknown("no key"), BadSetting("X is not set")]
)
def test_what_somebody_outside_the_code_can_mend_is_said_in_one_line(
    problem: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`legedialog keys rewrap` with the key server down, say."""
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def rewrap() -> None:
        raise problem

    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr("sys.argv", ["legedialog"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"{problem}\n"
