"""All settings, read from the environment. A missing variable gives the strict choice."""

import hashlib
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.management.utils import get_random_secret_key

from legedialog.config import env

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(env.text("LEGEDIALOG_VAR", str(ROOT / ".var")))  # data of the embedded server and generated secrets

MODE = env.choice("LEGEDIALOG_MODE", "production", ("production", "demo", "test"))
DEMO = MODE == "demo"
TEST = MODE == "test"
DEBUG = False

SECRET_KEY = env.secret("LEGEDIALOG_SECRET_KEY", get_random_secret_key() if TEST else None)
MASTER_KEY = env.secret("LEGEDIALOG_MASTER_KEY", "0" * 64 if TEST else None)  # 32 bytes as hex
BASE_URL = env.text("LEGEDIALOG_BASE_URL", "http://localhost:8000" if MODE != "production" else None).rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.words("LEGEDIALOG_HOSTS", urlsplit(BASE_URL).hostname or "")
if MODE != "production":
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]", "testserver"]

# Real persons' numbers in production, synthetic ones everywhere else. Source: domain.md section 8.2.
SYNTHETIC_PERSONS = MODE != "production"


WEB_LIMITS = ("statement_timeout=15s", "lock_timeout=5s", "idle_in_transaction_session_timeout=60s")
OWNER_LIMITS = ("statement_timeout=10min", "lock_timeout=10s")  # a migration gives way rather than stop the office


def database(url: str, limits: tuple[str, ...]) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise env.BadSetting("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": query.pop("port", str(parts.port or "")),
        "OPTIONS": {"connect_timeout": 5, "options": " ".join(f"-c {limit}" for limit in limits), **query},
    }


# DATABASE_URL owns the tables and migrates; the web role owns nothing. Its login is made by `legedialog migrate`.
_owner = database(env.secret("DATABASE_URL"), OWNER_LIMITS)
_web_url = env.secret("LEGEDIALOG_WEB_DATABASE_URL", "")
_derived = {
    **database(env.secret("DATABASE_URL"), WEB_LIMITS),
    "USER": "legedialog_test_web" if TEST else "legedialog_web",  # roles belong to the whole server
    "PASSWORD": hashlib.sha256(f"web:{MASTER_KEY}".encode()).hexdigest(),
}
DATABASES = {"default": database(_web_url, WEB_LIMITS) if _web_url else _derived, "owner": _owner}
DATABASE_ROUTERS = ["legedialog.config.router.MigrationsRunAsOwner"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"  # only for tables of others; ours have UUIDs

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "template_partials",
    "procrastinate.contrib.django",
    "legedialog.core",
    "legedialog.access",
    "legedialog.ui",
    "legedialog.audit",
    "legedialog.outbox",
    "legedialog.practices",
    "legedialog.patients",
    "legedialog.consent",
    "legedialog.guidance",
    "legedialog.appointments",
    "legedialog.journeys",
    "legedialog.api",
    "legedialog.integrations",
    "legedialog.portal",
    "legedialog.workspace",
    "legedialog.operations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "legedialog.config.urls"
WSGI_APPLICATION = "legedialog.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "legedialog.ui.context.layout",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "legedialog.ui.forms.Renderer"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "Europe/Oslo"  # what pages show; stored times are UTC
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
CSRF_USE_SESSIONS = False
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []
