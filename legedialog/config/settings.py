"""All settings, read from the environment. A missing variable gives the strict choice."""

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.management.utils import get_random_secret_key

from legedialog.core.fence import FencedCursor
from legedialog.operations import env, kinds, strict

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(
    env.text(
        "LEGEDIALOG_VAR",
        str(ROOT / ".var"),
        kind=kinds.own_folder,
        about="Folder for what the product writes itself. `.var` beside it.",
    )
)

MODE = env.choice(
    *("LEGEDIALOG_MODE", "production", ("production", "demo", "test")),
    about="`production` (when missing), `demo`, or `test`. The demo has synthetic people and its own login.",
)
DEMO = MODE == "demo"
TEST = MODE == "test"
DEBUG = False

SECRET_KEY = env.secret(
    *("LEGEDIALOG_SECRET_KEY", get_random_secret_key() if TEST else None),
    about="Signs cookies and forms; at least 50 random characters. The demo makes its own.",
)
# A key server in place of a master key of our own. See core/master.py.
KMS = {
    "client": "legedialog.integrations.kms.client.Transit",
    "url": env.text(
        *("LEGEDIALOG_KMS_URL", ""),
        kind=kinds.address,
        about="Key server that opens the data keys, such as `https://bao.example.no/v1/transit` (OpenBao or Vault). "
        "Without it the master key does.",
    ).rstrip("/"),
    "key": env.text("LEGEDIALOG_KMS_KEY", "legedialog", kind=kinds.token, about="Name of our key there. legedialog."),
    "token": env.secret(
        "LEGEDIALOG_KMS_TOKEN", "", kind=kinds.token, about="Our token there: it may encrypt and decrypt."
    ),
}
MASTER_KEY = env.secret(
    *("LEGEDIALOG_MASTER_KEY", "0" * 64 if TEST else None),
    about="Opens the encrypted fields: 32 random bytes as 64 hexadecimal digits. Without it the data is lost: "
    "keep a copy outside the machine. The demo makes its own. With a key server it opens no text, but the web role's "
    "password and the fence's key follow from it.",
)
PREVIOUS_MASTER_KEY = env.secret(
    *("LEGEDIALOG_PREVIOUS_MASTER_KEY", ""),
    about="The master key before this one, until `legedialog keys rewrap` is done. None.",
)
OPEN_OLD_SEALS = env.flag(
    "LEGEDIALOG_OPEN_OLD_SEALS",
    about="Text that versions up to 0.1.0 sealed is opened although it is bound to no row: while they still run beside "
    "this one, until `legedialog migrate` has run once more without them.",
)
PORT = env.number("PORT", 8000, least=1, most=65535, about="Port of the pages. 8000.")
BIND = env.text(
    "LEGEDIALOG_BIND", "127.0.0.1", kind=kinds.own_address, about="Address the server listens on. 127.0.0.1."
)
METRICS_PORT = env.number(
    *("LEGEDIALOG_METRICS_PORT", 0),
    most=65535,
    about="Port on 127.0.0.1 where Prometheus reads `/metrics`. Off when missing.",
)
PROCESSES = env.number(
    *("LEGEDIALOG_PROCESSES", min(os.cpu_count() or 1, 8)),
    least=1,
    most=64,
    about="Server processes. As many as the machine has cores, 8 at most.",
)
THREADS = env.number(  # more of them fight for the interpreter: python -m bench pages
    *("LEGEDIALOG_THREADS", 4),
    least=4,  # the demo's login server answers our own calls in the same process
    most=64,
    about="Pages one process makes at the same time. 4. Each process keeps at most this many and 18 connections.",
)
UPLOAD_THREADS = 10  # forms with files, of which some wait (attachments/turns.py); no page waits for them
STREAMS = env.number(
    *("LEGEDIALOG_STREAMS", 6000),
    least=1,
    about="Open pages that one process tells of changes, one for each browser that is looked at. 6000. Each is a file "
    "descriptor, here and in the proxy.",
)
BASE_URL = env.text(
    *("LEGEDIALOG_BASE_URL", None if MODE == "production" else f"http://localhost:{PORT}"),
    kind=kinds.origin,
    about="Where people reach the site, such as `https://lege.example.no`. Required in production.",
).rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.words(
    *("LEGEDIALOG_HOSTS", urlsplit(BASE_URL).hostname or ""),
    kind=kinds.site,
    about="Host names the site answers to, separated by commas. The one in the base URL.",
)
if MODE != "production":
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]", "testserver"]
BEHIND_PROXY = env.flag(
    "LEGEDIALOG_BEHIND_PROXY",
    about="Yes when a proxy in front ends TLS and always sets `X-Forwarded-Proto` and `X-Forwarded-For`. No.",
)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

HELPLINE_PHONE = env.text(
    *("LEGEDIALOG_HELPLINE_PHONE", "" if MODE == "production" else "80000000"),
    kind=kinds.telephone,
    about="Telephone of the help line on the help page; without it the page shows no help line.",
)

# Real persons' numbers in production, synthetic ones everywhere else. Source: docs/facts.md#identity-numbers.
SYNTHETIC_PERSONS = MODE != "production"


def login_provider(name: str, title: str) -> dict[str, str]:
    """An OpenID Connect provider and our private key there. Outside production it is the demo's own, and no other."""
    demo = MODE != "production"
    return {
        "issuer": env.text(
            *(f"LEGEDIALOG_{name}_ISSUER", f"{BASE_URL}/demo-id" if demo else None),
            kind=kinds.address,
            about=f"Issuer of {title}. Required in production; the demo has its own.",
        ),
        "client_id": env.text(
            *(f"LEGEDIALOG_{name}_CLIENT_ID", f"legedialog-{name.lower()}" if demo else None),
            kind=kinds.token,
            about=f"Our client id at {title}. Required in production.",
        ),
        "key_file": env.text(
            *(f"LEGEDIALOG_{name}_KEY_FILE", str(VAR / "demo-id" / f"{name.lower()}.json") if demo else None),
            kind=kinds.key_file,
            about=f"File with our private key at {title}, as JWK (with its `kid`) or PEM. Required in production.",
        ),
    }


LOGIN_PROVIDERS = {"idporten": login_provider("IDPORTEN", "ID-porten"), "helseid": login_provider("HELSEID", "HelseID")}
LOGIN_ATTEMPTS = env.number(
    *("LEGEDIALOG_LOGIN_ATTEMPTS", 60 if MODE == "production" else 10_000),
    about="How many logins may begin from one network address in ten minutes. 60; in the demo 10000.",
)

SENDS_PER_MINUTE = env.number(
    *("LEGEDIALOG_SENDS_PER_MINUTE", 120 if MODE == "production" else 10_000),
    least=1,
    about="How many forms one person may send in a minute. 120; in the demo 10000.",
)
ARRIVAL_CODE_TRIES = env.number(
    *("LEGEDIALOG_ARRIVAL_CODE_TRIES", 10 if MODE == "production" else 10_000),
    least=1,
    about="How many times one person may try the code on an office's wall in ten minutes. 10; in the demo 10000.",
)
UPLOADS_PER_HOUR = env.number(
    *("LEGEDIALOG_UPLOADS_PER_HOUR", 60 if MODE == "production" else 10_000),
    least=1,
    about="How many times one person may upload files in an hour. 60; in the demo 10000.",
)

REGRET_SECONDS = env.number(
    *("LEGEDIALOG_REGRET", 10),
    least=0,
    most=60,
    about="Seconds in which an office may take back what a patient would be told of. 10; with 0 all is done at once.",
)

PARENT_ADDRESS = env.choice(
    *("LEGEDIALOG_PARENT_ADDRESS", "any", ("any", "own", "off")),
    about="Which parents may act for a child: `any` when one parent lives at the child's address, `own` only the one "
    "who does, `off` wherever they live. `any`.",
)
PRESCRIPTION_REGISTRY = env.text(
    *("LEGEDIALOG_PRESCRIPTION_REGISTRY", "legedialog.prescriptions.registry.Embedded"),
    kind=kinds.class_path,
    about="Class that keeps prescriptions (`legedialog/prescriptions/registry.py`). The product's own tables.",
)
INTERACTIONS = env.text(
    *("LEGEDIALOG_INTERACTIONS", "legedialog.prescriptions.interactions.ShortTable"),
    kind=kinds.class_path,
    about="Class that knows which medicines disturb each other (`legedialog/prescriptions/interactions.py`). "
    "A short table that says of itself that it is short.",
)

# Norsk helsenett's SOAP services. Source: docs/facts.md#registers. Empty: `legedialog register refresh` says so.
LISTS_IN_PROCESS = "legedialog.demo.registers.lists" if DEMO else ""
REGISTERS: dict[str, str] = {
    "gp_url": env.text(
        "LEGEDIALOG_GP_REGISTER_URL",
        "https://demo.invalid/flr" if DEMO else "",
        kind=kinds.address,
        about="The GP register, such as `https://ws.nhn.no/v2/flr`. Not asked when missing.",
    ),
    "address_url": env.text(
        *("LEGEDIALOG_ADDRESS_REGISTER_URL", "https://demo.invalid/ar" if DEMO else ""),
        kind=kinds.address,
        about="The Address register, such as `https://ws.nhn.no/v1/AR`. Not asked when missing.",
    ),
    "user": env.text(
        "LEGEDIALOG_REGISTER_USER", "fake" if DEMO else "", kind=kinds.words, about="Our user at both registers."
    ),
    "password": env.secret("LEGEDIALOG_REGISTER_PASSWORD", "fake-password" if DEMO else "", about="Its password."),
}

# The population register and the contact register, by a token from Maskinporten. The demo has its own, and no others.
PEOPLE_IN_PROCESS = "legedialog.demo.registers.app" if MODE != "production" else ""
PEOPLE_REGISTERS: dict[str, str] = {
    "population_url": env.text(
        *("LEGEDIALOG_POPULATION_REGISTER_URL", "https://demo.invalid/population" if PEOPLE_IN_PROCESS else ""),
        kind=kinds.address,
        about="The population register's look-up service, to and with the version, such as "
        "`https://folkeregisteret.api.skatteetaten.no/folkeregisteret/offentlig-med-hjemmel/api/v1`. Not asked when "
        "missing; the demo has its own.",
    ),
    "contact_url": env.text(
        *("LEGEDIALOG_CONTACT_REGISTER_URL", "https://demo.invalid/contact" if PEOPLE_IN_PROCESS else ""),
        kind=kinds.address,
        about="The contact register's look-up service, such as `https://krr.digdir.no/rest/v1`. Not asked when "
        "missing; the demo has its own.",
    ),
    "token_url": env.text(
        *("LEGEDIALOG_MASKINPORTEN_TOKEN_URL", "https://demo.invalid/token" if PEOPLE_IN_PROCESS else ""),
        kind=kinds.address,
        about="Where Maskinporten gives tokens, such as `https://maskinporten.no/token`.",
    ),
    "issuer": env.text(
        *("LEGEDIALOG_MASKINPORTEN_ISSUER", "https://demo.invalid/" if PEOPLE_IN_PROCESS else ""),
        kind=kinds.address,
        about="Maskinporten's issuer, such as `https://maskinporten.no/`.",
    ),
    "client_id": env.text(
        *("LEGEDIALOG_MASKINPORTEN_CLIENT_ID", "legedialog" if PEOPLE_IN_PROCESS else ""),
        kind=kinds.token,
        about="Our client id at Maskinporten.",
    ),
    "key_file": env.text(
        *("LEGEDIALOG_MASKINPORTEN_KEY_FILE", str(VAR / "demo-id" / "maskinporten.json") if PEOPLE_IN_PROCESS else ""),
        kind=kinds.key_file,
        about="File with our private key at Maskinporten, as JWK (with its `kid`) or PEM.",
    ),
}
# The exemption card register, through the office's message system. The demo has its own, and no other.
CARDS_IN_PROCESS = "legedialog.demo.registers.cards" if DEMO else ""
CARD_REGISTER: dict[str, str] = {
    "url": env.text(
        *("LEGEDIALOG_CARD_REGISTER_URL", "https://demo.invalid/cards" if DEMO else ""),
        kind=kinds.address,
        about="Where questions about exemption cards (frikort) go: docs/integrator.md. Without it nobody is asked, and "
        "what an office approves is owed at once.",
    ),
    "token": env.secret(
        *("LEGEDIALOG_CARD_REGISTER_TOKEN", "fake-token" if DEMO else ""), kind=kinds.token, about="Our key there."
    ),
}
# Payment on the web, through a provider or an adapter before one. The demo has its own, and no other.
PAYMENTS = "legedialog.integrations.payments.client.Http"
PAYMENT_PROVIDER: dict[str, str] = {
    "url": env.text(
        *("LEGEDIALOG_PAYMENT_URL", f"{BASE_URL}/demo-betaling/api" if DEMO else ""),
        kind=kinds.address,
        about="The payment provider's service: docs/integrator.md. Without it nobody can pay on the web.",
    ).rstrip("/"),
    "token": env.secret(
        "LEGEDIALOG_PAYMENT_TOKEN", "fake-token" if DEMO else "", kind=kinds.token, about="Our key there."
    ),
    "secret": env.secret(
        *("LEGEDIALOG_PAYMENT_SECRET", "fake-secret" if DEMO else ""),
        about="What the provider signs with when it tells of a payment.",
    ),
}
PAYMENT_PAGES = env.words(
    *("LEGEDIALOG_PAYMENT_PAGES", BASE_URL if DEMO else ""),
    kind=kinds.origin,
    about="Where people pay, such as `https://pay.example.no`, separated by commas. Nobody is led anywhere else.",
)
FACTS = "legedialog.integrations.registers.refreshing.before_acting"  # asks the registers before they are relied upon

PATH = "search_path=public,pg_temp"  # names mean our tables, whatever is set for the role and whatever a session makes
WEB_LIMITS = (PATH, "statement_timeout=15s", "lock_timeout=5s", "idle_in_transaction_session_timeout=60s")
# Seconds until a server that cannot be reached any more is given up; of no effect on a socket of the same machine.
REACH = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
OWNER_LIMITS = (
    PATH,
    "statement_timeout=10min",
    "lock_timeout=10s",
)  # a migration gives way rather than stop the office


def database(url: str, limits: tuple[str, ...]) -> dict[str, Any]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": query.pop("port", str(parts.port or "")),
        "OPTIONS": {**REACH, "options": " ".join(f"-c {limit}" for limit in limits), **query},
    }


env.text(  # read by operations/database.py, which needs no settings
    *("LEGEDIALOG_PG_BIN", ""),
    kind=kinds.programs,
    about="Folder with the programs of PostgreSQL for the embedded server, such as Debian's. Those that come along.",
)
# DATABASE_URL owns the tables and migrates; the web role owns nothing. Its login is made by `legedialog migrate`.
_owner_url = env.secret(
    "DATABASE_URL",
    kind=kinds.database,
    about="PostgreSQL 15 or newer, as the owner of the tables: `postgresql://user:password@host:5432/name`. "
    "When missing, an embedded server keeps its data in the folder above.",
)
_web_url = env.secret(
    *("LEGEDIALOG_WEB_DATABASE_URL", ""),
    kind=kinds.database,
    about="The same database as the role that serves pages and owns nothing. "
    "When missing, `legedialog migrate` makes a role named after the database: `legedialog_web` for `legedialog`.",
)
WEB_ROLE_IS_GIVEN = bool(_web_url)
_derived = database(_owner_url, WEB_LIMITS)
_derived |= {
    # Roles belong to the whole server, where another installation may have a database too.
    "USER": "legedialog_test_web" if TEST else f"{_derived['NAME'][:59]}_web",
    # From the previous key while there is one, so that old and new processes log in alike while it is changed.
    "PASSWORD": hashlib.sha256(f"web:{PREVIOUS_MASTER_KEY or MASTER_KEY}".encode()).hexdigest(),
}
_web = database(_web_url, WEB_LIMITS) if _web_url else _derived
# Bound and planned by the server: a statement that a connection has seen before is only filled in.
_web["OPTIONS"] |= {"cursor_factory": FencedCursor, "server_side_binding": True, "prepare_threshold": 2}
if not TEST:
    # Bounded, whatever thread asks: the pages' threads, the uploads', and Django's asynchronous views under /live/.
    _web["OPTIONS"] |= {"pool": {"min_size": 1, "max_size": THREADS + UPLOAD_THREADS + 8, "timeout": 3}}
    _web["CONN_HEALTH_CHECKS"] = True  # a restarted database costs nobody an error page
_web["DISABLE_SERVER_SIDE_CURSORS"] = True  # they would go round the fence
DATABASES = {"default": _web, "owner": database(_owner_url, OWNER_LIMITS)}
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
    "legedialog.pending",
    "legedialog.practices",
    "legedialog.patients",
    "legedialog.consent",
    "legedialog.visibility",
    "legedialog.guidance",
    "legedialog.attachments",
    "legedialog.fees",
    "legedialog.journal",
    "legedialog.cautions",
    "legedialog.errands",
    "legedialog.appointments",
    "legedialog.dialogues",
    "legedialog.prescriptions",
    "legedialog.video",
    "legedialog.interpreters",
    "legedialog.journeys",
    "legedialog.api",
    "legedialog.integrations",
    "legedialog.portal",
    "legedialog.workspace",
    "legedialog.demo",
    "legedialog.operations",
]
MIDDLEWARE = [
    "legedialog.config.middleware.request_id",
    "legedialog.config.middleware.head",
    "legedialog.config.middleware.Compressed",
    "legedialog.config.middleware.given_back",
    "legedialog.config.middleware.private_by_default",
    "legedialog.config.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "legedialog.config.middleware.OneTransaction",
    "legedialog.access.middleware.ActorMiddleware",
    "legedialog.consent.middleware.ActingMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "legedialog.access.middleware.SealMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "legedialog.config.middleware.Limits",
    "legedialog.config.middleware.Errors",
]
ROOT_URLCONF = "legedialog.config.urls"
WSGI_APPLICATION = "legedialog.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            ROOT / "legedialog"
        ],  # in a shell, a place's templates stand beside its views: their name is their path
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "legedialog.ui.context.layout",
                "legedialog.workspace.navigation.places",
                "legedialog.portal.context.navigation",
                "legedialog.guidance.web.context.help_here",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "legedialog.ui.templatetags.once",  # in place of four of theirs
                "legedialog.access.templatetags.sealed",  # its csrf_token in place of Django's
            ],
        },
    }
]
FORM_RENDERER = "legedialog.ui.forms.Renderer"
MESSAGE_STORAGE = "legedialog.ui.messages.OfWhom"

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]
USE_I18N = True
LOCALE_PATHS = [ROOT / "legedialog" / "locale"]
TIME_ZONE = "Europe/Oslo"  # what pages show; stored times are UTC
USE_TZ = True

STATIC_URL = "/static/"
_static = env.text(
    *("LEGEDIALOG_STATIC", str(ROOT / ".cache" / "static")),
    kind=kinds.folder,
    about="Folder where `legedialog static` puts CSS, scripts and fonts. `.cache/static` beside the product.",
)
STATIC_ROOT = None if TEST else _static
if not TEST:
    STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TEST  # tests collect nothing
WHITENOISE_ALLOW_ALL_ORIGINS = False

# The prefix makes the browser refuse such a cookie from a subdomain or over plain HTTP. The demo has no HTTPS.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = HTTPS  # the second one is for the messages' cookie
CSRF_COOKIE_HTTPONLY = SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "legedialog.config.errors.csrf_failure"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_SSL_REDIRECT = False  # the proxy in front does it
SECURE_REFERRER_POLICY = "same-origin"
# Where a form may lead besides our own pages: login and logout lead to the providers, some of whose addresses are
# below the issuer's host.
CSP_FORM_ACTIONS = [
    f"https://{below}{urlsplit(provider['issuer']).netloc}"
    for provider in (LOGIN_PROVIDERS.values() if MODE == "production" else ())
    for below in ("", "*.")
] + PAYMENT_PAGES

# Notices. A channel without its address is off. The contracts are in docs/integrator.md.
SMTP_HOST = env.text(
    "LEGEDIALOG_SMTP_HOST", "", kind=kinds.machine, about="Server that takes our e-mail. Without it no e-mail is sent."
)
SMTP_PORT = env.number("LEGEDIALOG_SMTP_PORT", 587, least=1, most=65535, about="Its port. 587.")
SMTP_SECURITY = env.choice(
    *("LEGEDIALOG_SMTP_SECURITY", "starttls", ("starttls", "tls", "none")),
    about="`starttls`, `tls` (port 465), or `none` for a server on the same machine. `starttls`.",
)
SMTP_USER = env.text("LEGEDIALOG_SMTP_USER", "", kind=kinds.words, about="Login at the e-mail server. None.")
SMTP_PASSWORD = env.secret("LEGEDIALOG_SMTP_PASSWORD", "", about="Password at the e-mail server.")
MAIL_FROM = env.text(
    *("LEGEDIALOG_MAIL_FROM", None if SMTP_HOST else ""),
    kind=kinds.sender,
    about="Sender of our e-mail. Required with an e-mail server.",
)
MAIL_BOUNCES = env.text(
    *("LEGEDIALOG_MAIL_BOUNCES", ""),
    kind=kinds.mail,
    about="Address that e-mail which cannot be delivered returns to (the envelope's sender). The sender's own.",
)
BOUNCES: dict[str, Any] = {
    "host": env.text(
        *("LEGEDIALOG_BOUNCES_HOST", ""),
        kind=kinds.machine,
        about="IMAP server (TLS) with the mailbox of `LEGEDIALOG_MAIL_BOUNCES`. Everything in it is read and removed. "
        "Without it e-mail that came back looks as if it had arrived.",
    ),
    "port": env.number("LEGEDIALOG_BOUNCES_PORT", 993, least=1, most=65535, about="Its port. 993."),
    "user": env.text("LEGEDIALOG_BOUNCES_USER", "", kind=kinds.words, about="Login at that mailbox."),
    "password": env.secret("LEGEDIALOG_BOUNCES_PASSWORD", "", about="Its password."),
}
if BOUNCES["host"] and not MAIL_BOUNCES:
    env.problem("LEGEDIALOG_MAIL_BOUNCES must be the address of the mailbox at LEGEDIALOG_BOUNCES_HOST.")
SMS_URL = env.text(
    "LEGEDIALOG_SMS_URL",
    "",
    kind=kinds.address,
    about="Where the SMS gateway takes messages. Without it no SMS is sent.",
)
SMS_TOKEN = env.secret(
    "LEGEDIALOG_SMS_TOKEN", None if SMS_URL else "", kind=kinds.token, about="Our key at the SMS gateway."
)
SMS_SENDER = env.text(
    "LEGEDIALOG_SMS_SENDER", "Legedialog", kind=kinds.sms_sender, about="Sender shown on the telephone. Legedialog."
)
SMS_STATUS_SECRET = env.secret(
    *("LEGEDIALOG_SMS_STATUS_SECRET", ""),
    about="What the SMS gateway signs its reports with, at least 32 characters. Without it no report is taken, and an "
    "SMS that did not reach the telephone looks as if it had.",
)
if SMS_STATUS_SECRET and len(SMS_STATUS_SECRET) < 32:
    env.problem("LEGEDIALOG_SMS_STATUS_SECRET must have at least 32 characters.")

BACKUP_RECIPIENT = env.text(
    *("LEGEDIALOG_BACKUP_RECIPIENT", ""),
    kind=kinds.recipient,
    about="Public key of `age` (`age1…`) that `legedialog backup` encrypts to. Not encrypted as a whole when missing.",
)

# Video. Picture and sound go between the browsers; the TURN server passes on what it cannot read.
STUN_URLS = env.words(
    "LEGEDIALOG_STUN_URLS",
    kind=kinds.relay,
    about="STUN servers, separated by commas, such as `stun:turn.example.no:3478`. `make run` starts its own.",
)
TURN_URLS = env.words(
    "LEGEDIALOG_TURN_URLS",
    kind=kinds.relay,
    about="TURN servers, separated by commas, such as `turn:turn.example.no:3478?transport=udp`. Without one, video "
    "fails where a network lets nothing straight through. See docs/operator.md.",
)
TURN_SECRET = env.secret(
    *("LEGEDIALOG_TURN_SECRET", None if TURN_URLS else ""),
    about="What the TURN servers share with us (coturn's `static-auth-secret`). Required with a TURN server.",
)

# Uploads. Without a scanner files are rewritten all the same, and each tells that it was not scanned.
CLAMAV = env.text(
    *("LEGEDIALOG_CLAMAV", ""),
    kind=kinds.scanner,
    about="ClamAV that checks every upload: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. "
    "While it does not answer, no file is taken in. Without it nothing is checked for malware.",
)
MALWARE_SCANNER = "legedialog.integrations.clamav.client.scan" if CLAMAV else ""

FILE_UPLOAD_HANDLERS = ["legedialog.core.spool.SpooledUpload"]

SEARCHES_WITHOUT_OPENING = env.number(
    *("LEGEDIALOG_SEARCHES_WITHOUT_OPENING", 25),
    least=1,
    about="How many searches for patients an employee may make in an hour without opening anybody. 25.",
)
RELAY_PASSWORDS_PER_HOUR = env.number(
    *("LEGEDIALOG_RELAY_PASSWORDS_PER_HOUR", 60),
    least=1,
    about="How many passwords of the TURN server one person gets in an hour; each page of a video room takes one. 60.",
)
API_PER_MINUTE = env.number(
    *("LEGEDIALOG_API_PER_MINUTE", 600), least=1, about="FHIR requests that one client may make each minute. 600."
)

LOG_LEVEL = env.choice(
    *("LEGEDIALOG_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")), about="How much is logged. INFO."
)
LOGGING_CONFIG = "legedialog.config.logging.configure"
LOGGING = {"level": LOG_LEVEL, "readable": MODE != "production", "is_kept": not TEST}
SILENCED_SYSTEM_CHECKS: list[str] = []

for _line in strict.problems(globals()):
    env.problem(_line)
