"""Settings of the demo EPJ: a small site with a database, a session and an authorisation server of its own."""

import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
VAR = Path(os.environ.get("SJ_VAR") or HERE.parent.parent / "var").resolve()
PORT = int(os.environ.get("PORT") or 8000)
EPJ_PORT = int(os.environ.get("EPJ_PORT") or 8001)
JOURNAL = (os.environ.get("SITE_URL") or f"http://127.0.0.1:{PORT}").rstrip("/")
SITE = f"http://localhost:{EPJ_PORT}"


def kept(name: str) -> str:
    """A secret as `python -m demo.epj` made it, "" before that."""
    file = VAR / "keys" / name
    return file.read_text() if file.exists() else ""


SECRET_KEY = kept("epj-secret") or "python -m demo.epj makes one"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "demo.epj.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "oauth2_provider",
    "demo.epj",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sundhedsjournal.csrf.Csrf",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE / "templates"]}]
STATIC_URL = "/epj-static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, Any] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR / "epj.sqlite3",
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
    }
}

# ── the authorisation server (ADR 0011) ─────────────────────────────────────────────────────────────────────────────
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth2_provider.AccessToken"
OAUTH2_PROVIDER: dict[str, Any] = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": kept("epj-oidc.pem"),
    "OAUTH2_VALIDATOR_CLASS": "demo.epj.validator.Validator",
    "SCOPES": {
        "openid": "Hvem der er logget ind",
        "fhirUser": "Hvem der er logget ind, som FHIR-ressource",
        "launch": "Hvilken patient der er valgt",
        "patient/Patient.r": "Stamoplysninger om den valgte patient",
    },
    "DEFAULT_SCOPES": ["openid"],
    "PKCE_REQUIRED": True,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    "ID_TOKEN_EXPIRE_SECONDS": 300,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 300,  # nobody gets one
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}

# ── security ────────────────────────────────────────────────────────────────────────────────────────────────────────
SESSION_COOKIE_NAME = "epj_session"
CSRF_COOKIE_NAME = "epj_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Lax, not Strict: both come along when Sundhedsjournal sends the browser here to sign in.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer the browser sends its own form with `Origin: null`
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        # Browsers follow redirects with this list: the desk → Sundhedsjournal → our sign-in → Sundhedsjournal.
        "form-action": ["'self'", JOURNAL],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
LANGUAGE_CODE = "da"
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "sundhedsjournal.logs.NoCpr"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"oauth2_provider": {"level": "WARNING"}},
}
