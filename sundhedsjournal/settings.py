"""Every setting of the project, once. What a deployment may set is listed in .env.example."""

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    said = text(name, "1" if default else "0")
    if said not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {said!r}.")
    return said == "1"


def number(name: str, default: int) -> int:
    said = text(name, str(default))
    if not said.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {said!r}.")
    return int(said)


def opened_by_role(said: str) -> dict[str, list[str]]:
    """role:ekg,kommune role:kommune …: what each national role opens."""
    opened = {role: parts.split(",") for role, _, parts in (each.partition(":") for each in said.split())}
    for role, parts in opened.items():
        if not set(parts) <= {"ekg", "kommune"}:
            raise ImproperlyConfigured(f"ASSISTANT_ROLES: {role} must be followed by :ekg, :kommune or :ekg,kommune.")
    return opened


def registered_by(said: str) -> dict[str, str]:
    """ekg:viewer eoj:source …: who tells MinLog what is seen of each kind of source; we do, where nothing is said."""
    modes = dict.fromkeys(("ekg", "eoj", "journal"), "viewer")
    for source, _, mode in (each.partition(":") for each in said.split()):
        if source not in modes or mode not in ("viewer", "source", "none"):
            raise ImproperlyConfigured(f"MINLOG: {source} must be ekg, eoj or journal, and :viewer, :source or :none.")
        modes[source] = mode
    return modes


def choice(name: str, default: str, *others: str) -> str:
    said = text(name, default)
    if said not in {default, *others}:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join((default, *others))}, not {said!r}.")
    return said


VAR = Path(text("SJ_VAR", str(BASE_DIR / "var"))).resolve()
DEMO = flag("SJ_DEMO")  # test persons: never set it where real patients are
PORT = number("PORT", 8000)
EPJ_PORT = number("EPJ_PORT", 8001)
SITE_URL = text("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
SECURE = SITE_URL.startswith("https://")
if DEMO and SECURE:
    raise ImproperlyConfigured("SJ_DEMO=1 is for test persons on this machine: never with an https SITE_URL.")

# ── database: DATABASE_URL names a server; without it the embedded one that the starter told of in SJ_VAR ──────────
DATABASE_URL = text("DATABASE_URL")
DATABASE_OWNER_URL = text("DATABASE_OWNER_URL")
DATABASE_SEQUENCER_URL = text("DATABASE_SEQUENCER_URL")
if not DATABASE_URL and (VAR / "postgres.urls").exists():
    told = json.loads((VAR / "postgres.urls").read_text())
    DATABASE_URL, DATABASE_OWNER_URL = told["app"], told["owner"]
    DATABASE_SEQUENCER_URL = told.get("sequencer", "")


def database(url: str) -> dict[str, Any]:
    # synchronous_commit is pinned: an acknowledged row stays, whatever the server's default is.
    options = "-c synchronous_commit=on -c statement_timeout=5000 -c lock_timeout=1000 -c timezone=UTC"
    parsed: dict[str, Any] = {**dj_database_url.parse(url)}
    kept = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    return parsed | kept | {"OPTIONS": {"options": options, "connect_timeout": 3}}


DATABASES = {"default": database(DATABASE_URL or "postgresql:///no-database-known-set-DATABASE_URL")}
if DATABASE_OWNER_URL:
    # Migrations, partitions and grants; runtime processes in production are not given this URL at all.
    owner = database(DATABASE_OWNER_URL)
    DATABASES["owner"] = owner | {"OPTIONS": {"options": "-c synchronous_commit=on", "connect_timeout": 3}}
if DATABASE_SEQUENCER_URL:
    # Given to the one process that seals the log (manage.py audit_seal), and to no other.
    DATABASES["sequencer"] = database(DATABASE_SEQUENCER_URL)

# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
SECRET_KEY = text("SECRET_KEY")
if not SECRET_KEY:
    if text("DATABASE_URL") and not DEMO and "test" not in sys.argv[0]:
        raise ImproperlyConfigured("Set SECRET_KEY to 50 random characters; it signs sessions.")
    secret_file = VAR / "secret_key"
    if not secret_file.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        secret_file.touch(0o600)
        secret_file.write_text(secrets.token_urlsafe(50))
    SECRET_KEY = secret_file.read_text()

# ── applications ────────────────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "sundhedsjournal",
    "audit",
    "patients",
    "organisations",
    "terminology",
    "fhir",
    "access",
    "ekg",
    "eoj",
    "overview",
    "citizen",
    "reviews",
    "exports",
    "audit.admin_config.RecordedAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "sundhedsjournal.middleware.request_line",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sundhedsjournal.middleware.headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "sundhedsjournal.csrf.Csrf",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "access.sessions.limits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "sundhedsjournal.urls"
SILENCED_SYSTEM_CHECKS = ["urls.W002"]  # FHIR's base is /fhir itself, so what stands below it begins with a slash
WSGI_APPLICATION = "sundhedsjournal.wsgi.application"
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "127.0.0.1", *text("ALLOWED_HOSTS").split()]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "access.User"
LOGIN_URL = "access:sign_in"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

# ── language: Danish is the source language; dates as sundhedsjournal/formats/da writes them ────────────────────────
LANGUAGE_CODE = "da"
LANGUAGES = [("da", "Dansk"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["sundhedsjournal.formats"]
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True

# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder", "sundhedsjournal.bundles.Finder"]
STATICFILES_FINDERS += ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
PRIVATE_STORAGE: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": VAR / "blobs",
        "base_url": None,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
if text("S3_BUCKET"):
    PRIVATE_STORAGE = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": text("S3_BUCKET"),
            "endpoint_url": text("S3_ENDPOINT_URL") or None,
            "default_acl": "private",
        },
    }
STORAGES = {
    "default": PRIVATE_STORAGE,
    "private": PRIVATE_STORAGE,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# ── the door ────────────────────────────────────────────────────────────────────────────────────────────────────────
FHIR_MAX_BODY = number("FHIR_MAX_BODY", 20_000_000)  # bytes, also after decompression
FHIR_MAX_DELIVERY = number("FHIR_MAX_DELIVERY", 200_000_000)  # of many municipal reports at once, in JSON
FHIR_LARGE_WAIT = number("FHIR_LARGE_WAIT", 600)  # seconds that the sender of a large report waits
FHIR_MAX_DEPTH = number("FHIR_MAX_DEPTH", 64)
FHIR_INLINE_BELOW = number("FHIR_INLINE_BELOW", 1_000_000)  # smaller documents are stored within the POST
FHIR_AUDIENCE = text("FHIR_AUDIENCE", f"{SITE_URL}/fhir")
FHIR_VALIDATOR = text("FHIR_VALIDATOR")  # dotted path of an official outside validator; empty: off
EOJ_AFTER_TRANSITION = flag("EOJ_AFTER_TRANSITION")  # only the profiles that KL has announced for after the transition
EOJ_INVALIDATES = text("EOJ_INVALIDATES", "resource")  # what "entered-in-error" hides: resource | instance (ADR 0018)
EOJ_GATEWAY_TOKENS = text("EOJ_GATEWAY_TOKENS")  # a folder: file = host of a gateway, content = its bearer token
DATA_UPLOAD_MAX_MEMORY_SIZE = FHIR_MAX_BODY + 1
DATA_UPLOAD_MAX_NUMBER_FILES = 0  # no form here takes a file, and a file's size has no other limit
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["fhir.authentication.SenderAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "UNAUTHENTICATED_USER": None,
}

# ── work: the database is the queue of record, the broker only a doorbell ───────────────────────────────────────────
BROKER_URL = text("BROKER_URL", "filesystem://localhost")
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # the sweep repeats what a crash lost; a second delivery of a message does no harm
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 1  # a source never waits for a broker whose host is gone
CELERY_TASK_ROUTES = {
    "ekg.tasks.process": {"queue": "ekg"},
    "ekg.tasks.preview": {"queue": "previews"},
    "ekg.tasks.fine": {"queue": "previews"},
    "exports.tasks.make": {"queue": "previews"},
    "eoj.tasks.process": {"queue": "eoj"},
    "eoj.tasks.pull": {"queue": "pulls"},
}
CELERY_TASK_DEFAULT_QUEUE = "ekg"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if BROKER_URL.startswith("filesystem:"):
    doorbell = VAR / "broker"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(doorbell / "queue"),
        "data_folder_out": str(doorbell / "queue"),
        "control_folder": str(doorbell / "control"),
        "store_processed": False,
        "polling_interval": 0.05,
    }
elif BROKER_URL.startswith(("redis", "valkey")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 90, "socket_connect_timeout": 1, "socket_timeout": 5}
# One try for a ring (kombu's own six seconds of trying would be added to every POST); workers reconnect as ever.
CELERY_BROKER_TRANSPORT_OPTIONS |= {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}

# ── security ────────────────────────────────────────────────────────────────────────────────────────────────────────
SESSION_COOKIE_NAME = "__Host-sj" if SECURE else "sj"
CSRF_COOKIE_NAME = "__Host-sj-csrf" if SECURE else "sj_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "sundhedsjournal.errors.csrf_failure"
SECURE_HSTS_SECONDS = 63_072_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

# ── contexts (ACCESS C4): seconds ───────────────────────────────────────────────────────────────────────────────────
CONTEXT_POLICY = choice("CONTEXT_POLICY", "multi", "single")
CONTEXT_IDLE = number("CONTEXT_IDLE", 30 * 60)
CONTEXT_MAX = number("CONTEXT_MAX", 8 * 3600)
SESSION_IDLE = number("SESSION_IDLE", 30 * 60)
SESSION_MAX = SESSION_COOKIE_AGE = number("SESSION_MAX", 10 * 3600)
SHARED_SESSION_IDLE = number("SHARED_SESSION_IDLE", 5 * 60)  # of a launch from a system with shared machines
CITIZEN_SESSION_IDLE = number("CITIZEN_SESSION_IDLE", 15 * 60)
CITIZEN_SESSION_MAX = number("CITIZEN_SESSION_MAX", 2 * 3600)
TICKET_TTL = number("TICKET_TTL", 60)
LAUNCH_TTL = number("LAUNCH_TTL", 5 * 60)

# ── sign-in at issuers (OpenID Connect, ADR 0021) ───────────────────────────────────────────────────────────────────
LOGIN_TTL = number("LOGIN_TTL", 5 * 60)
OIDC_KEY = Path(text("OIDC_KEY", str(VAR / "keys" / "relying-party.json")))  # ours, made when it is missing

# ── who may see what (access.matrix) ────────────────────────────────────────────────────────────────────────────────
MUNICIPAL_SEES_EKG = flag("MUNICIPAL_SEES_EKG")  # a controller's decision: EKGs for municipal care staff
STAFF_NAMES = flag("STAFF_NAMES")  # a controller's decision: citizens read who of the staff has looked
LOG_READERS = "access.matrix.reads_log"  # who reads the whole log in the administration
ASSISTANT_ROLES = opened_by_role(text("ASSISTANT_ROLES"))  # national roles that need no responsible person

# ── treatment relation (ADR 0024): who answers, what counts as evidence, what happens without one ───────────────────
RELATION_SOURCE = choice("RELATION_SOURCE", "rules", "brs")
RELATION_LAUNCH_LEVEL = choice("RELATION_LAUNCH_LEVEL", "B", "A+", "A", "B+", "C", "D", "E")
RELATION_MANUAL_LEVEL = choice("RELATION_MANUAL_LEVEL", "D", "E")
RELATION_E = choice("RELATION_E", "ask", "deny")
RELATION_FOLLOW_UP_DAYS = number("RELATION_FOLLOW_UP_DAYS", 30)
RELATION_EVIDENCE: tuple[dict[str, Any], ...] = (
    {"known": "ekg.evidence.last_recorded", "code": "recorded", "level": "B+",
     "days": number("RELATION_RECORDED_DAYS", 365)},
    {"known": "eoj.evidence.last_reported", "code": "reported", "level": "B",
     "days": number("RELATION_REPORTED_DAYS", 90)},
)  # fmt: skip
RELATION_BRS_URL = text("RELATION_BRS_URL")
RELATION_BRS_CVR = text("RELATION_BRS_CVR")
RELATION_BRS_TIMEOUT = number("RELATION_BRS_TIMEOUT", 2000)  # milliseconds for the whole call
if RELATION_SOURCE == "brs" and not (RELATION_BRS_URL and RELATION_BRS_CVR):
    raise ImproperlyConfigured("RELATION_SOURCE=brs needs RELATION_BRS_URL and RELATION_BRS_CVR.")
MANUAL_LOOKUP = flag("MANUAL_LOOKUP")  # clinicians may open a record by typing a CPR number

# ── consent (ADR 0023) ──────────────────────────────────────────────────────────────────────────────────────────────
CONSENT_SOURCE = text("CONSENT_SOURCE", "register")  # our own; else the URL of a service, or a dotted path
CONSENT_TIMEOUT = number("CONSENT_TIMEOUT", 2)  # seconds; without an answer nothing is shown
OVERRIDE_SECONDS = number("OVERRIDE_SECONDS", 30 * 60)  # how long a værdispring shows what is blocked
REAUTHENTICATE_AFTER = number("REAUTHENTICATE_AFTER", 15 * 60)  # a login older than this begins none

# ── the log's retention (ADR 0033) ──────────────────────────────────────────────────────────────────────────────────
AUDIT_KEEP_YEARS = number("AUDIT_KEEP_YEARS", 5)
if AUDIT_KEEP_YEARS < 3:
    raise ImproperlyConfigured("AUDIT_KEEP_YEARS must be 3 or more: who has looked is kept at least so long.")

# ── the seal of the log (ADR 0031) ──────────────────────────────────────────────────────────────────────────────────
AUDIT_KEY = Path(text("AUDIT_KEY", str(VAR / "keys" / "audit.key")))  # the sequencer alone reads it
AUDIT_PUBLISH = Path(text("AUDIT_PUBLISH", str(VAR / "audit")))  # copies of the checkpoints, written once
AUDIT_WITNESSES = text("AUDIT_WITNESSES").split()  # addresses of C2SP witnesses
for address in AUDIT_WITNESSES:
    if not address.startswith("https://") and urlsplit(address).hostname not in ("127.0.0.1", "localhost"):
        raise ImproperlyConfigured(f"AUDIT_WITNESSES: {address} must be https.")

# ── MinLog (ADR 0035): who registers what is seen of each kind of source, and where ─────────────────────────────────
MINLOG = registered_by(text("MINLOG"))
MINLOG_URL = text("MINLOG_URL")  # empty: what is ours to register waits, and the nightly reconciliation says so
MINLOG_KEY = Path(text("MINLOG_KEY", str(VAR / "keys" / "minlog.key")))  # hides what waits; minlog_key --new
MINLOG_TIMEOUT = number("MINLOG_TIMEOUT", 5000)  # milliseconds for a whole call

# ── services that are told whom it is about ─────────────────────────────────────────────────────────────────────────
told_whom = {"CONSENT_SOURCE": CONSENT_SOURCE, "RELATION_BRS_URL": RELATION_BRS_URL, "MINLOG_URL": MINLOG_URL}
for name, address in told_whom.items():
    if address.startswith("http://") and urlsplit(address).hostname not in ("127.0.0.1", "localhost"):
        raise ImproperlyConfigured(f"{name} names a CPR number in every question: without TLS only to this machine.")

# ── the metrics page (ADR 0034) ─────────────────────────────────────────────────────────────────────────────────────
METRICS_TOKEN = text("METRICS_TOKEN")  # the bearer token of the monitoring; empty: there is no such page
if METRICS_TOKEN and len(METRICS_TOKEN) < 32:
    raise ImproperlyConfigured("METRICS_TOKEN must be 32 random characters or more.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "sundhedsjournal.logs.NoCpr", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": [], "propagate": True},
        "django.security.csrf": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},  # it writes whole addresses
    },
}
