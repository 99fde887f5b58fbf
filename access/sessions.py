"""The browser session: how long it lives, and the name under which contexts know it."""

import contextlib
import hashlib
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from access import actors, contexts
from access.models import PatientContext, User
from audit.actions import Action
from audit.record import NotRecorded, record

SIGNED_IN, SEEN, AUTH_TIME = "signed_in", "seen", "auth_time"
WRITE_EVERY = 60
"""Seconds between two notes of "still here": one row written a minute, not one a request."""


def key_hash(request: HttpRequest) -> str:
    """The session as contexts name it; "" without one. The key itself is in the cookie and nowhere else."""
    key = request.session.session_key
    return hashlib.sha256(key.encode()).hexdigest() if key else ""


def is_signed_in(request: HttpRequest) -> bool:
    """Whether the session says that somebody is; who, and whether still, is for `is_of` or Django to find out."""
    return SESSION_KEY in request.session


def is_of(request: HttpRequest, user: User) -> bool:
    """Whether this user, just read from the database, is the one who is signed in, and still may be.

    The same conditions as `django.contrib.auth.get_user`, without its query; what fails here is decided there.
    """
    session = request.session
    return (
        session.get(SESSION_KEY) == str(user.pk)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and user.is_active
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )


def begin(request: HttpRequest) -> None:
    """Start both clocks, and note when the person last proved who it is: the absolute one never moves again."""
    request.session[SIGNED_IN] = request.session[SEEN] = request.session[AUTH_TIME] = int(_now())


def limits(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: end a session that is idle or old before anything reads it; a background check keeps none alive."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        if _is_over(request):
            _end(request)
        response = get_response(request)
        if SIGNED_IN in request.session and not getattr(request, "in_background", False):
            _note(request)
        return response

    return middleware


def _is_over(request: HttpRequest) -> bool:
    if SIGNED_IN not in request.session:
        return False
    now = _now()
    idle, age = now - request.session[SEEN], now - request.session[SIGNED_IN]
    return bool(idle > settings.SESSION_IDLE or age > settings.SESSION_COOKIE_AGE)


def _end(request: HttpRequest) -> None:
    """It ends even when that cannot be recorded: nothing is shown then anyway."""
    actor, key = actors.of_user(request.user, request), key_hash(request)
    contexts.close_session(key, PatientContext.Closed.SESSION_ENDED)
    logout(request)
    with contextlib.suppress(NotRecorded):
        record(Action.SIGNED_OUT, actor=actor, reason="session-ended", request_id=actors.request_id(request))


def _note(request: HttpRequest) -> None:
    if _now() - request.session[SEEN] >= WRITE_EVERY:
        request.session[SEEN] = int(_now())


def _now() -> float:
    return timezone.now().timestamp()
