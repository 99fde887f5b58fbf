"""Asks an issuer or its FHIR server, back-channel: at registered addresses only, and never anywhere else."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from access.oidc.failing import Failed
from access.outside import NoAnswer, Why, ask

LARGEST = 256_000
WHOLE = 6.0
"""Seconds for a whole answer: somebody is waiting in front of a screen."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
UNREACHABLE, ODD = "issuer-unreachable", "issuer-answer"


def get(url: str, *, bearer: str = "", accept: str = "application/json") -> dict[str, Any]:
    """The JSON object at this address; raises Failed."""
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    return _asked("GET", url, headers=headers)


def post(url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object that answers a form; raises Failed."""
    return _asked("POST", url, data=dict(form), headers={"Accept": "application/json"})


def is_safe(url: object) -> bool:
    """Whether an address may be asked, or a browser sent there: https, or this machine while this site has none."""
    if not isinstance(url, str) or not url.isascii() or any(sign.isspace() for sign in url):
        return False
    try:
        told = urlsplit(url)
        host, _ = told.hostname, told.port
    except ValueError:
        return False
    if told.username is not None or told.fragment or not host:
        return False
    return told.scheme == "https" or (told.scheme == "http" and host in LOOPBACK and not settings.SECURE)


def host(url: str) -> str:
    """The name of the host in an address that is safe, in small letters."""
    return urlsplit(url).hostname or ""


def origin(url: str) -> str:
    """https://host:port"""
    told = urlsplit(url)
    return f"{told.scheme}://{told.netloc}"


def _asked(method: str, url: str, **how: Any) -> dict[str, Any]:
    if not is_safe(url):
        raise Failed(ODD)
    try:
        answer = ask(method, url, seconds=WHOLE, largest=LARGEST, **how)
        told = json.loads(answer.body) if answer.status == 200 else None
    except NoAnswer as none:
        raise Failed(ODD if none.why is Why.TOO_LARGE else UNREACHABLE) from None
    except (ValueError, RecursionError):
        raise Failed(ODD) from None
    if answer.status >= 500:
        raise Failed(UNREACHABLE)
    if not isinstance(told, dict):
        raise Failed(ODD)
    return told
