"""Settings are read at import, so each test reads them in a process of its own."""

import os
import subprocess
import sys

import pytest

GOOD = {
    "LEGEDIALOG_MODE": "production",
    "LEGEDIALOG_BASE_URL": "https://lege.example",
    "LEGEDIALOG_SECRET_KEY": "s" * 50,
    "LEGEDIALOG_MASTER_KEY": "0" * 64,
    "LEGEDIALOG_IDPORTEN_ISSUER": "https://login.example",
    "LEGEDIALOG_IDPORTEN_CLIENT_ID": "lege",
    "LEGEDIALOG_IDPORTEN_KEY_FILE": "key.pem",
    "LEGEDIALOG_HELSEID_ISSUER": "https://staff.example",
    "LEGEDIALOG_HELSEID_CLIENT_ID": "lege",
    "LEGEDIALOG_HELSEID_KEY_FILE": "key.pem",
    "DATABASE_URL": "postgresql://owner:p%40ss@db.example:5433/lege?sslmode=verify-full",
}


def read(expression: str, **changes: str) -> tuple[int, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LEGEDIALOG_")}
    done = subprocess.run(
        [sys.executable, "-c", f"from legedialog.config import settings as s; print({expression})"],
        env={**clean, **GOOD, **changes},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip() or done.stderr


def test_production_is_strict() -> None:
    found = read("s.DEBUG, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS")
    assert found == (0, "False __Host-csrf True True ['lege.example']")


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


@pytest.mark.parametrize("issuer", ["https://idporten.no", "https://login.idporten.no/x", "https://helseid-sts.nhn.no"])
def test_the_demo_refuses_the_real_login(issuer: str) -> None:
    code, said = read("1", LEGEDIALOG_MODE="demo", LEGEDIALOG_SOME_ISSUER=issuer)
    assert code != 0
    assert "does not start with settings for the real" in said


def test_the_database_address_is_read_whole() -> None:
    code, said = read("[s.DATABASES['owner'][k] for k in ('USER', 'PASSWORD', 'HOST', 'PORT', 'NAME')]")
    assert (code, said) == (0, "['owner', 'p@ss', 'db.example', '5433', 'lege']")
    assert read("s.DATABASES['owner']['OPTIONS']['sslmode']") == (0, "verify-full")


def test_the_pages_never_connect_as_the_owner() -> None:
    assert read("s.DATABASES['default']['USER']") == (0, "legedialog_web")


def test_forms_may_lead_to_the_login_providers_and_nowhere_else() -> None:
    origins = ["https://login.example", "https://*.login.example", "https://staff.example", "https://*.staff.example"]
    assert read("s.CSP_FORM_ACTIONS") == (0, str(origins))
