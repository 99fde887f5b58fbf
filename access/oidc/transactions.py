"""A sign-in on its way: one row a `state`, one cookie a row, one use, five minutes (design: L5).

Authlib's own client for Django keeps this in the session, which a sign-in replaces: two tabs that sign in at once would
lose each other's. Here nothing is shared between two of them.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from access.models import Issuer, Launch, LoginTransaction
from access.oidc.failing import Failed

Kind = LoginTransaction.Kind
A_MOMENT = timedelta(seconds=10)
MOST_BESIDE = 8
USE = (
    "UPDATE access_logintransaction SET used_at = %s"
    " WHERE state_sha256 = %s AND browser_sha256 = %s AND used_at IS NULL AND expires > %s RETURNING *"
)


@dataclass(frozen=True)
class Begun:
    """What goes to the issuer, and what stays in the browser; the row holds hashes of both."""

    row: LoginTransaction
    state: str
    secret: str


def begin(
    issuer: Issuer, kind: Kind, *, launch: Launch | None = None, smart_launch: str = "", next_path: str = ""
) -> Begun:
    """A new sign-in at this issuer."""
    state, secret, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), timezone.now()
    row = LoginTransaction.objects.create(
        state_sha256=_sha256(state),
        browser_sha256=_sha256(secret),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        issuer=issuer,
        door=kind,
        launch=launch,
        smart_launch=smart_launch,
        next_path=next_path,
        created=now,
        expires=now + timedelta(seconds=settings.LOGIN_TTL),
    )
    return Begun(row, state, secret)


def remember(response: HttpResponse, begun: Begun) -> None:
    """Bind the sign-in to this browser."""
    response.set_cookie(
        cookie_name(begun.state),
        begun.secret,
        max_age=settings.LOGIN_TTL,
        path=reverse("access:callback"),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def use(request: HttpRequest) -> LoginTransaction:
    """The sign-in that this callback answers, which is over with it; raises Failed.

    A stranger who knows the state cannot use it up: that takes the cookie.
    """
    state, now = request.GET.get("state", "")[:200], timezone.now()
    sha256, browser = _sha256(state), _sha256(request.COOKIES.get(cookie_name(state), ""))
    if used := list(LoginTransaction.objects.raw(USE, [now, sha256, browser, now])):
        return used[0]
    known = LoginTransaction.objects.filter(pk=sha256).first()
    if known is None:
        raise Failed("login-unknown")
    if known.browser_sha256 != browser and known.used_at is None:
        raise Failed("login-of-another-browser")
    raise Failed("login-replayed" if known.used_at else "login-expired")


def beside(request: HttpRequest) -> set[str]:
    """The sign-ins, by the hash of their state, that other tabs of this browser have completed a moment ago."""
    found: set[str] = set()
    since, prefix = timezone.now() - A_MOMENT, cookie_name("")[:-16]
    named = [name for name in request.COOKIES if name.startswith(prefix) and len(name) == len(prefix) + 16]
    for name in named[:MOST_BESIDE]:
        proven = {"browser_sha256": _sha256(request.COOKIES[name]), "used_at__gt": since}
        found |= set(LoginTransaction.objects.filter(pk__startswith=name[-16:], **proven).values_list("pk", flat=True))
    return found


def cookie_name(state: str) -> str:
    """One cookie a sign-in, so that two tabs that sign in at once never overwrite each other's."""
    return f"{'__Secure-' if settings.SECURE else ''}sj_login_{_sha256(state)[:16]}"


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
