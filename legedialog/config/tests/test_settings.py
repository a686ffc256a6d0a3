"""Settings are read at import, so each test runs their module anew."""

import hashlib
import os
import runpy
import subprocess
import sys
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from legedialog.config import settings as config_settings
from legedialog.operations import env

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


def clean(**changes: str) -> dict[str, str]:
    """What the environment is without a person's own settings, and with good ones but for the changes."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LEGEDIALOG_")} | GOOD | changes


def read(expression: str, **changes: str) -> tuple[int, str]:
    """0 and what the settings, read anew, say; or 1 and why nothing starts with them."""
    with patch.dict(os.environ, clean(**changes), clear=True), patch.dict(env.ABOUT):
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
