"""What the program that reads hostile files can reach, and what is believed of its answer."""

import ctypes
import io
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from legedialog.attachments import rules, sandbox
from legedialog.attachments.cleaning import __main__ as program
from legedialog.attachments.cleaning import confine
from legedialog.attachments.tests import files, taken_over
from legedialog.core.errors import Refused

SECRET = b"7" * 16
NEVER_FREE = ("exec", "every call", "threads", "listen")  # what would end the program, or harm the machine


@pytest.fixture(autouse=True)
def tried_anew() -> Iterator[None]:
    sandbox.fault.cache_clear()
    yield
    sandbox.fault.cache_clear()


def taken_over_as(monkeypatch: pytest.MonkeyPatch, who: str, left_out: tuple[str, ...] = ()) -> None:
    command = [sys.executable, "-I", "-m", "legedialog.attachments.tests.taken_over", who, *left_out]
    monkeypatch.setattr(sandbox, "PROGRAM", command)


@pytest.fixture
def targets(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """All that is worth something on this machine, within reach of whoever is not shut in."""
    secret = tmp_path / "master_key"
    secret.write_bytes(SECRET)
    tmp_path.chmod(0o777)
    settings = connection.settings_dict
    in_memory = ctypes.create_string_buffer(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield {
            "parent": os.getpid(),
            "address": ctypes.addressof(in_memory),
            "secret": str(secret),
            "folder": str(tmp_path),
            "database": f"{settings['HOST']}/.s.PGSQL.{settings['PORT'] or 5432}",
            "port": server.getsockname()[1],
        }


def attacked(targets: dict[str, Any]) -> dict[str, str]:
    with sandbox.cleaned(io.BytesIO(json.dumps(targets).encode())) as clean:
        got: dict[str, str] = json.loads(b"".join(clean.parts))
    return got


@pytest.mark.parametrize("who", ["as it is started", "ordinary", "one wall"])
@pytest.mark.django_db
def test_a_decoder_that_was_taken_over_gets_nothing(
    who: str, targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if who == "ordinary" and os.geteuid() != 0:
        pytest.skip("started by an ordinary user already")
    taken_over_as(monkeypatch, who)
    got = attacked(targets)
    assert got == dict.fromkeys(taken_over.ATTACKS, "denied")
    assert not (Path(targets["folder"]) / "written").exists()


@pytest.mark.django_db
def test_without_the_sandbox_the_same_program_gets_all_of_it(
    targets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the test above would notice."""
    taken_over_as(monkeypatch, "free", NEVER_FREE)
    got = attacked(targets)
    assert repr(SECRET) in got["memory"]
    assert SECRET.decode() in got["secret"]
    assert {name: text for name, text in got.items() if not text.startswith("got")} == {}


def test_the_program_starts_with_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGEDIALOG_MASTER_KEY", "7" * 64)
    held, ours = os.pipe()
    os.set_inheritable(held, True)
    try:
        script = "import json, os; print(json.dumps([dict(os.environ), os.listdir('/proc/self/fd')]))"
        monkeypatch.setattr(sandbox, "PROGRAM", [sys.executable, "-I", "-c", script])
        with sandbox._program("") as process:
            assert process.stdout
            environment, descriptors = json.loads(process.stdout.readline())
    finally:
        os.close(held)
        os.close(ours)
    assert set(environment) <= {*sandbox.ENVIRONMENT, "LC_CTYPE"}
    assert len(descriptors) == 4  # three pipes, and the folder that is being read


KINDS = {
    "photo": files.jpeg(exif=files.located()),
    "large photo": files.large_photo(),
    "wide gamut": files.wide_gamut(),
    "print": files.jpeg(files.picture(mode="CMYK")),
    "iPhone": files.heic(),
    "picture": files.png(),
    "palette": files.png(files.picture(mode="P")),
    "see-through": files.png(files.picture(mode="LA")),
    "document": files.pdf(active=True, pages=3),
    "document that was locked": files.pdf(owner_password="eier"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_shut_in_it_reads_every_kind_of_file_as_it_does_outside(kind: str) -> None:
    """A decoder that opens a file of its own, loads code or starts a program would fail here."""
    with sandbox.cleaned(io.BytesIO(KINDS[kind])) as clean:
        copy = b"".join(clean.parts)
    media_type, outside, _ = program.rewrite(KINDS[kind])
    assert clean.media_type == media_type
    assert len(copy) == len(outside)
    assert copy[:200] == outside[:200]


def answering(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(sandbox, "PROGRAM", [sys.executable, "-I", "-c", f"import sys, json; say = print; {script}"])


@pytest.mark.parametrize(
    "script",
    [
        "",
        "say('x' * 10_000_000)",
        "say('[' * 400)",
        "say('[]')",
        "say('null')",
        """say('{"type": "text/html", "size": 3}'); say('abc')""",
        """say('{"type": "image/png", "size": 99999999999}')""",
        """say('{"type": "image/png", "size": -1}')""",
        """say('{"type": "image/png", "size": "3"}')""",
        """say('{"type": ["image/png"], "size": 3}')""",
        """say('{"type": "image/png", "size": 3}')""",
        """say('{"refused": "what nobody knows"}')""",
        """say('{"refused": ["file-empty"]}')""",
    ],
)
def test_a_false_answer_is_a_file_that_is_not_taken(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, script)
    with pytest.raises(Refused), sandbox.cleaned(io.BytesIO(b"x")) as clean:
        list(clean.parts)


def test_what_comes_after_the_copy_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, """sys.stdout.write('{"type": "image/png", "size": 3}\\nabc' + 'd' * 1000)""")
    with sandbox.cleaned(io.BytesIO(b"x")) as clean:
        assert b"".join(clean.parts) == b"abc"


def test_this_machine_shuts_it_in() -> None:
    assert sandbox.fault() == ""


@pytest.mark.parametrize("missing", ["_seccomp", "_few_threads"])
def test_what_is_missing_is_found_by_trying(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is believed of a machine."""
    stop = f"from legedialog.attachments.cleaning import confine, __main__ as program; import sys; confine.{missing} = "
    lies = {
        "_seccomp": "lambda machine: None",
        "_few_threads": "lambda: confine._prctl('few threads', 9999, 0)",
    }
    monkeypatch.setattr(
        sandbox, "PROGRAM", [sys.executable, "-I", "-c", f"{stop}{lies[missing]}; program.main(sys.argv[1])"]
    )
    assert sandbox.fault()
    with pytest.raises(Refused) as refused, sandbox.cleaned(io.BytesIO(files.png())):
        pass
    assert refused.value.refusal is rules.NOT_TAKEN


def test_a_machine_of_another_kind_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(confine.NoSandbox):
        confine.enter()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_of_each_machine_ends_in_no(machine: str) -> None:
    steps = confine.program(machine)
    assert steps[-1] == (confine.RETURN, 0, 0, confine.NOT_PERMITTED)
    assert len(confine.CALLS["x86_64"]) == len(confine.CALLS["aarch64"])
    returns = [value for code, _, _, value in steps if code == confine.RETURN]
    assert set(returns) == {confine.KILL, confine.ALLOW, confine.NOT_PERMITTED, confine.NOT_KNOWN}
