"""Asks an issuer or its FHIR server, back-channel: at registered addresses only, briefly, and never anywhere else.

No redirect is followed, no proxy is read from the environment, nothing is unpacked, and what does not end is cut off.
What httpx says when it fails may hold the address, and is dropped.
"""

import functools
import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from access.oidc.failing import Failed

LARGEST = 256_000
SILENCE, WHOLE = 3.0, 6.0
"""Seconds without a byte, and for a whole answer: somebody is waiting in front of a screen."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "sundhedsjournal"}
UNREACHABLE, ODD = "issuer-unreachable", "issuer-answer"


def get(url: str, *, bearer: str = "", accept: str = "application/json") -> dict[str, Any]:
    """The JSON object at this address; raises Failed."""
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    return _asked("GET", url, headers=headers)


def post(url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object that answers a form; raises Failed."""
    return _asked("POST", url, data=dict(form))


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


def origin(url: str) -> str:
    """https://host:port"""
    told = urlsplit(url)
    return f"{told.scheme}://{told.netloc}"


@functools.cache
def _client() -> httpx.Client:
    """One for the process: to make the TLS context takes longer than a sign-in."""
    return httpx.Client(
        headers=HEADERS,
        timeout=httpx.Timeout(SILENCE, connect=2.0),
        verify=ssl.create_default_context(),
        trust_env=False,
        follow_redirects=False,
    )


def _asked(method: str, url: str, **how: Any) -> dict[str, Any]:
    if not is_safe(url):
        raise Failed(ODD)
    deadline, raw = time.monotonic() + WHOLE, bytearray()
    try:
        with _client().stream(method, url, **how) as answer:
            if answer.status_code >= 500:
                raise Failed(UNREACHABLE)
            if answer.status_code != 200:
                raise Failed(ODD)
            for piece in answer.iter_raw():
                raw += piece
                if len(raw) > LARGEST:
                    raise Failed(ODD)
                if time.monotonic() > deadline:
                    raise Failed(UNREACHABLE)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Failed(UNREACHABLE) from None
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise Failed(ODD) from None
    if not isinstance(told, dict):
        raise Failed(ODD)
    return told
