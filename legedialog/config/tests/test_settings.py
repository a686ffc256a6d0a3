"""Settings are read at import, so each test runs their module anew."""

import hashlib
import os
import runpy
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from legedialog.config import settings as config_settings
from legedialog.core import keys
from legedialog.operations import env, environment, kinds, serve

GOOD = {
    "LEGEDIALOG_MODE": "production",
    "LEGEDIALOG_BASE_URL": "https://lege.example",
    "LEGEDIALOG_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz of which nobody knows",
    "LEGEDIALOG_MASTER_KEY": hashlib.sha256(b"a test").hexdigest(),
    "LEGEDIALOG_IDPORTEN_ISSUER": "https://login.example",
    "LEGEDIALOG_IDPORTEN_CLIENT_ID": "lege",
    "LEGEDIALOG_IDPORTEN_KEY_FILE": "key.pem",
    "LEGEDIALOG_HELSEID_ISSUER": "https://staff.example",
    "LEGEDIALOG_HELSEID_CLIENT_ID": "lege",
    "LEGEDIALOG_HELSEID_KEY_FILE": "key.pem",
    "DATABASE_URL": "postgresql://owner:p%40ss@db.example:5433/lege?sslmode=verify-full",
}


READY: dict[str, str] = {}


@pytest.fixture(autouse=True, scope="module")
def _ready(tmp_path_factory: pytest.TempPathFactory) -> None:
    """As if `legedialog static` had been run, and a key had been made."""
    folder = tmp_path_factory.mktemp("ready")
    (folder / "staticfiles.json").touch()
    keys.ensure(str(folder / "key.json"))
    files = {name: str(folder / "key.json") for name in GOOD if name.endswith("_KEY_FILE")}
    READY.update(files, LEGEDIALOG_STATIC=str(folder))


def clean(**changes: str) -> dict[str, str]:
    """What the environment is without a person's own settings, and with good ones but for the changes."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LEGEDIALOG_")} | {
        **GOOD,
        **READY,
        **changes,
    }


def read(expression: str, **changes: str) -> tuple[int, str]:
    """0 and what the settings, read anew, say; or 1 and why nothing starts with them."""
    with patch.dict(os.environ, clean(**changes), clear=True), patch.dict(env.ABOUT), patch.dict(env.KINDS):
        try:
            found = runpy.run_path(config_settings.__file__)
        except env.BadSetting as problem:
            return 1, str(problem)
    return 0, str(eval(expression, {"s": SimpleNamespace(**found)}))


def test_production_is_strict() -> None:
    found = read("s.DEBUG, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS")
    assert found == (0, "(False, '__Host-csrf', True, True, ['lege.example'])")


@pytest.mark.parametrize("missing", sorted(set(GOOD) - {"LEGEDIALOG_MODE"}))
def test_production_does_not_start_without(missing: str) -> None:
    code, said = read("1", **{missing: ""})
    assert code != 0
    assert f"{missing} is not set" in said


def test_no_mode_at_all_is_production() -> None:
    assert read("s.MODE", LEGEDIALOG_MODE="") == (0, "production")


def test_production_wants_https() -> None:
    code, said = read("1", LEGEDIALOG_BASE_URL="http://lege.example")
    assert code != 0
    assert "must begin with https" in said


@pytest.mark.parametrize("mode", ["demo", "test"])
@pytest.mark.parametrize("issuer", ["https://idporten.no", "https://login.idporten.no/x", "https://helseid-sts.nhn.no"])
def test_only_production_takes_real_counterparts(issuer: str, mode: str) -> None:
    code, said = read("1", LEGEDIALOG_MODE=mode, LEGEDIALOG_SOME_ISSUER=issuer)
    assert code != 0
    assert "LEGEDIALOG_SOME_ISSUER names a real counterpart" in said


def test_the_database_address_is_read_whole() -> None:
    code, said = read("[s.DATABASES['owner'][k] for k in ('USER', 'PASSWORD', 'HOST', 'PORT', 'NAME')]")
    assert (code, said) == (0, "['owner', 'p@ss', 'db.example', '5433', 'lege']")
    assert read("s.DATABASES['owner']['OPTIONS']['sslmode']") == (0, "verify-full")


def test_the_pages_never_connect_as_the_owner() -> None:
    assert read("s.DATABASES['default']['USER']") == (0, "lege_web")


def test_forms_may_lead_to_the_login_providers_and_nowhere_else() -> None:
    origins = ["https://login.example", "https://*.login.example", "https://staff.example", "https://*.staff.example"]
    assert read("s.CSP_FORM_ACTIONS") == (0, str(origins))


WEAK = [
    ({"LEGEDIALOG_SECRET_KEY": "a"}, "LEGEDIALOG_SECRET_KEY is too weak"),
    ({"LEGEDIALOG_SECRET_KEY": "ab" * 40}, "LEGEDIALOG_SECRET_KEY is too weak"),
    ({"LEGEDIALOG_MASTER_KEY": "0" * 64}, "LEGEDIALOG_MASTER_KEY is too weak"),
    ({"LEGEDIALOG_MASTER_KEY": "0123456789abcdef" * 4}, "LEGEDIALOG_MASTER_KEY is too weak"),
    ({"LEGEDIALOG_MASTER_KEY": "secret"}, "LEGEDIALOG_MASTER_KEY must be 32 bytes as 64 hexadecimal digits"),
    ({"LEGEDIALOG_PREVIOUS_MASTER_KEY": "x" * 64}, "LEGEDIALOG_PREVIOUS_MASTER_KEY must be 32 bytes"),
    ({"LEGEDIALOG_SECRET_KEY": GOOD["LEGEDIALOG_MASTER_KEY"]}, "must differ"),
    ({"LEGEDIALOG_IDPORTEN_ISSUER": "http://login.example"}, "LEGEDIALOG_IDPORTEN_ISSUER must begin with https"),
    ({"LEGEDIALOG_HELSEID_ISSUER": "http://127.0.0.1"}, "LEGEDIALOG_HELSEID_ISSUER must begin with https"),
    ({"LEGEDIALOG_GP_REGISTER_URL": "http://ws.example/flr"}, "LEGEDIALOG_GP_REGISTER_URL must begin with https"),
    ({"LEGEDIALOG_KMS_URL": "http://bao.example"}, "LEGEDIALOG_KMS_URL must begin with https"),
    ({"LEGEDIALOG_SMS_URL": "http://sms.example", "LEGEDIALOG_SMS_TOKEN": "x"}, "LEGEDIALOG_SMS_URL must begin with"),
    (
        {
            "LEGEDIALOG_SMTP_HOST": "mail.example",
            "LEGEDIALOG_SMTP_SECURITY": "none",
            "LEGEDIALOG_MAIL_FROM": "a@b.example",
        },
        "LEGEDIALOG_SMTP_SECURITY may be none only",
    ),
    ({"LEGEDIALOG_HOSTS": "lege.example,*"}, "LEGEDIALOG_HOSTS must name the hosts"),
    ({"DATABASE_URL": "postgresql://o:p@db.example/lege"}, "DATABASE_URL reaches another machine"),
    (
        {"LEGEDIALOG_WEB_DATABASE_URL": "postgresql://o:p@db.example/lege?sslmode=prefer"},
        "LEGEDIALOG_WEB_DATABASE_URL reac",
    ),
    ({"LEGEDIALOG_CLAMAV": "clamd"}, "LEGEDIALOG_CLAMAV must look like"),
    ({"LEGEDIALOG_BACKUP_RECIPIENT": "kari"}, "LEGEDIALOG_BACKUP_RECIPIENT must be"),
    ({"LEGEDIALOG_BASE_URL": "https:///x"}, "LEGEDIALOG_BASE_URL must name a host"),
    ({"PORT": "many"}, "PORT must be a whole number"),
]


@pytest.mark.parametrize(("changes", "line"), WEAK, ids=[line for _, line in WEAK])
def test_production_refuses(changes: dict[str, str], line: str) -> None:
    code, said = read("1", **changes)
    assert code != 0
    assert line in said.splitlines()[-1]


@pytest.mark.parametrize("mode", ["production", "demo"])
def test_the_numbers_have_a_port_of_their_own(mode: str) -> None:
    said = read("1", LEGEDIALOG_MODE=mode, PORT="8123", LEGEDIALOG_METRICS_PORT="8123")
    assert said == (1, "LEGEDIALOG_METRICS_PORT and PORT must differ.")


@pytest.mark.parametrize("value", ["http://[", "https://h:abc/", "https://h:99999/x", "postgres://x@[::1:5432/a"])
@pytest.mark.parametrize(
    "name",
    [
        *("DATABASE_URL", "LEGEDIALOG_BASE_URL", "LEGEDIALOG_KMS_URL", "LEGEDIALOG_CLAMAV", "LEGEDIALOG_PAYMENT_PAGES"),
        *("LEGEDIALOG_IDPORTEN_ISSUER", "LEGEDIALOG_SMS_URL", "LEGEDIALOG_CARD_REGISTER_URL"),
    ],
)
@pytest.mark.parametrize("mode", ["production", "demo"])
def test_an_address_that_cannot_be_read_is_named_in_every_mode(mode: str, name: str, value: str) -> None:
    code, said = read("1", LEGEDIALOG_MODE=mode, **{name: value})
    assert (code, said) == (1, f"{name} is no address: its host or its port cannot be read.")


FOR_ALL = ("a\nb", "a\x07", "\u202eabc", "\udcff")
ADDRESS = ("lege.example", "ftp://lege.example", "https://", "https:// lege.example", "http://h:0", "https://a_b..c/")
MAILBOX = ("kari", "a@b@c.example", "a b@lege.example", "@lege.example", "a@", "a@-lege.example")
FREE = (kinds.words, kinds.folder, kinds.own_folder)
NONSENSE: dict[kinds.Kind, tuple[str, ...]] = {
    kinds.address: ADDRESS,
    kinds.origin: (*ADDRESS, "https://lege.example/sti", "https://lege.example?a=b", "https://a:b@lege.example"),
    kinds.token: ("a b", "nøkkel"),
    kinds.machine: ("h h", "https://mail.example", "mail.example:25", "-a.example", "mail.example/"),
    kinds.own_address: (":::", "lege.example", "127.0.0", "127.0.0.1:80"),
    kinds.site: ("a b", "/", "lege.example,/", "https://lege.example", "lege.example:8000", "[x]", "a b,/"),
    kinds.mail: (*MAILBOX, "Kari <a@lege.example>"),
    kinds.sender: (*MAILBOX, "Kari <kari>", "a@lege.example, b@lege.example", "Kari <a@lege.example> <b@lege.example>"),
    kinds.sms_sender: ("twelve signs", "Lege!"),
    kinds.telephone: ("call us", "12"),
    kinds.relay: ("turn.example", "https://turn.example", "turn:turn.example:3478?transport=sctp", "turn:a b"),
    kinds.scanner: ("clamd", "tcp://host", "unix://", "tcp://host:1/x"),
    kinds.database: (
        "mysql://a@b/c",
        "postgresql://h/",
        "postgresql://h/d?nothing=1",
        "postgresql://h/d?sslmode=maybe",
    ),
    kinds.folder: (__file__, f"{__file__}/below"),
    kinds.own_folder: (__file__, f"{__file__}/below"),
    kinds.programs: ("/nowhere", __file__),
    kinds.key_file: ("/nowhere", str(Path(__file__).parent), __file__),
    kinds.recipient: ("kari",),
    kinds.class_path: ("ShortTable", "legedialog.nothing.Here", "..", "legedialog.prescriptions.interactions."),
    kinds.number: ("-1", "1.5", "9" * 5000, "½", "٣"),
    kinds.flag: ("maybe",),
}
OF_ITS_KIND = sorted(
    (name, value)
    for name, kind in env.KINDS.items()
    for value in (*FOR_ALL, *NONSENSE.get(kind, ()), *(() if kind in FREE else ("? ?",)))
)


def test_each_setting_refuses_what_is_not_of_its_kind_and_is_named() -> None:
    """All settings are read as one of the kinds, so that a new one is walked here too."""
    assert set(NONSENSE) <= set(env.KINDS.values())
    taken = []
    for name, value in OF_ITS_KIND:
        with patch.dict(os.environ, clean(**{name: value}), clear=True), env.collecting() as found:
            runpy.run_path(config_settings.__file__)
        if not [line for line in found if line.startswith(f"{name} ")]:
            taken.append((name, value))
    assert not taken


@pytest.mark.parametrize(
    "good",
    [
        {"LEGEDIALOG_HOSTS": "lege.example, .lege.example,[::1],127.0.0.1", "LEGEDIALOG_BIND": "::"},
        {"LEGEDIALOG_MAIL_FROM": "Legedialog Fjordbyen <lege@example.no>", "LEGEDIALOG_MAIL_BOUNCES": "a+b@example.no"},
        {"LEGEDIALOG_MAIL_FROM": '"Lege, Oslo" <lege@example.no>', "LEGEDIALOG_BIND": "localhost"},
        {
            "LEGEDIALOG_STUN_URLS": "stun:turn.example.no:3478,stun:[::1]:3478",
            "LEGEDIALOG_HELPLINE_PHONE": "+47 80 00 00",
        },
        {
            "LEGEDIALOG_TURN_URLS": "turn:t.example.no:3478?transport=udp, turns:t.example.no",
            "LEGEDIALOG_TURN_SECRET": "x y",
        },
        {"LEGEDIALOG_SMS_SENDER": "2097", "LEGEDIALOG_PAYMENT_PAGES": "https://pay.example.no,https://b.example:8443/"},
        {
            "LEGEDIALOG_CLAMAV": "unix:///run/clamav/clamd.ctl",
            "LEGEDIALOG_GP_REGISTER_URL": "https://ws.example/v2/flr",
        },
        {"DATABASE_URL": "postgresql://o:p@/lege?host=/run/postgresql&application_name=lege"},
    ],
)
def test_what_people_need_is_of_its_kind(good: dict[str, str]) -> None:
    assert read("1", **good) == (0, "1")


def test_a_setting_that_names_a_class_is_tried_also_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, kind in env.KINDS.items():
        if kind is kinds.class_path:
            code, lines = check(**{name: "legedialog.prescriptions.interactions.Nothing"})
            assert code == 1
            assert [line for line in lines if line.startswith(f"{name} names no class")]
            monkeypatch.setenv(name, "legedialog.prescriptions.interactions.Nothing")
            with pytest.raises(env.BadSetting, match=name), environment.ready(with_database=False):
                pass
            monkeypatch.delenv(name)


def test_without_collected_files_production_says_what_to_run(tmp_path: Path) -> None:
    assert check(LEGEDIALOG_STATIC=str(tmp_path)) == (
        1,
        [f"LEGEDIALOG_STATIC: {tmp_path} holds no collected CSS and scripts. Run `legedialog static`."],
    )


def test_a_port_or_an_address_that_cannot_be_had_is_called_by_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(serve.Problem, match=f"^Port {port} .* such as PORT="):
            serve.check_port("127.0.0.1", port)
        with pytest.raises(serve.Problem, match=f"^Port {port} .* such as LEGEDIALOG_METRICS_PORT="):
            serve.check_port("127.0.0.1", port, name="LEGEDIALOG_METRICS_PORT")
    for address in ("192.0.2.1", "2001:db8::1"):
        with pytest.raises(serve.Problem, match=f"^LEGEDIALOG_BIND: this machine has no address {address}"):
            serve.check_port(address, 0)


def check(**changes: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "legedialog", "check"],
        env=clean(**changes),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_check_names_all_of_them_at_once_and_starts_nothing() -> None:
    changes = {name: value for each, _ in WEAK[:1] + WEAK[2:3] + WEAK[7:] for name, value in each.items()}
    code, lines = check(**changes)
    assert code == 1
    for _, wanted in WEAK[:1] + WEAK[2:3] + WEAK[7:14] + WEAK[15:]:
        assert len([line for line in lines if wanted in line]) == 1, (wanted, lines)
    code, lines = check(**dict.fromkeys(GOOD, ""))
    assert code == 1
    assert len([line for line in lines if "is not set" in line]) == len(lines) == 9  # and nothing is said twice
    assert not [line for line in lines if "Traceback" in line]


def test_check_names_a_setting_that_is_none_and_the_one_that_may_be_meant() -> None:
    said = ["LEGEDIALOG_BEHIND_PROXI is no setting. Is LEGEDIALOG_BEHIND_PROXY meant?"]
    assert check(LEGEDIALOG_BEHIND_PROXI="yes") == (1, said)


def test_check_has_nothing_to_say_of_good_settings() -> None:
    assert check() == (0, ["The settings are in order."])


def test_the_demo_lacks_nothing_before_its_first_start() -> None:
    assert check(**(dict.fromkeys(GOOD, "") | {"LEGEDIALOG_MODE": "demo"})) == (0, ["The settings are in order."])


def test_the_same_machine_needs_no_tls() -> None:
    assert check(
        DATABASE_URL="postgresql://o:p@/lege?host=/run/postgresql",
        LEGEDIALOG_SMTP_HOST="localhost",
        LEGEDIALOG_SMTP_SECURITY="none",
        LEGEDIALOG_MAIL_FROM="a@b.example",
        LEGEDIALOG_KMS_URL="http://127.0.0.1:8200/v1/transit",
    ) == (0, ["The settings are in order."])
