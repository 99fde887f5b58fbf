"""Settings of the demo EPJ: a small site of its own, with no database and no session."""

import os
import secrets
from pathlib import Path

HERE = Path(__file__).resolve().parent
VAR = Path(os.environ.get("SJ_VAR") or HERE.parent.parent / "var").resolve()
PORT = int(os.environ.get("PORT") or 8000)
EPJ_PORT = int(os.environ.get("EPJ_PORT") or 8001)
JOURNAL = (os.environ.get("SITE_URL") or f"http://127.0.0.1:{PORT}").rstrip("/")

SECRET_KEY = secrets.token_urlsafe(50)  # signs the CSRF cookie alone; a restart may forget it
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "demo.epj.urls"
INSTALLED_APPS = ["django.contrib.staticfiles"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sundhedsjournal.csrf.Csrf",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE / "templates"]}]
STATIC_URL = "/epj-static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = True
CSRF_COOKIE_NAME = "epj_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer the browser sends its own form with `Origin: null`
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
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
    "filters": {"no_cpr": {"()": "sundhedsjournal.logs.NoCpr"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["no_cpr"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
