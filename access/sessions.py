"""The browser session: how long it lives, and the name under which contexts know it."""

import contextlib
import hashlib
from collections.abc import Callable
from enum import StrEnum

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from access import actors, contexts
from access.models import PatientContext, Role, User
from audit.actions import Action
from audit.record import NotRecorded, record

SIGNED_IN, SEEN, PROFILE, AUTH_TIME = "signed_in", "seen", "profile", "auth_time"


class Profile(StrEnum):
    """Whose session it is: that decides how long it lives (design: C4)."""

    STAFF = "staff"
    CITIZEN = "citizen"
    SHARED = "shared"
    """Staff at a machine that many use."""


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


def begin(request: HttpRequest, role: str) -> None:
    """Start both clocks, of which the absolute one never moves again, and note the sign-in as of now.

    What is shared stays so until the session ends.
    """
    session = request.session
    session[SIGNED_IN] = session[SEEN] = session[AUTH_TIME] = now()
    if session.get(PROFILE) != Profile.SHARED:
        session[PROFILE] = str(Profile.CITIZEN if role == Role.CITIZEN else Profile.STAFF)


def share(request: HttpRequest) -> None:
    """This browser is one that many use: from now on the session is short, and its pages empty themselves."""
    request.session[PROFILE] = str(Profile.SHARED)


def blank_after(request: HttpRequest) -> int | None:
    """Seconds without a sign of life after which a page empties itself; None where no machine is shared."""
    return settings.SHARED_SESSION_IDLE if request.session.get(PROFILE) == Profile.SHARED else None


def now() -> int:
    """Seconds since 1970, by the clock of the server."""
    return int(timezone.now().timestamp())


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
    idle, age = now() - request.session[SEEN], now() - request.session[SIGNED_IN]
    most_idle, most_age = _most(request.session.get(PROFILE, Profile.STAFF))
    return bool(idle >= most_idle or age >= most_age)


def _most(profile: str) -> tuple[int, int]:
    """Seconds idle, and in all."""
    if profile == Profile.CITIZEN:
        return settings.CITIZEN_SESSION_IDLE, settings.CITIZEN_SESSION_MAX
    return settings.SHARED_SESSION_IDLE if profile == Profile.SHARED else settings.SESSION_IDLE, settings.SESSION_MAX


def _end(request: HttpRequest) -> None:
    """It ends even when that cannot be recorded: nothing is shown then anyway."""
    actor, key = actors.of_user(request.user, request), key_hash(request)
    contexts.close_session(key, PatientContext.Closed.SESSION_ENDED, actors.request_id(request))
    logout(request)
    with contextlib.suppress(NotRecorded):
        record(Action.SIGNED_OUT, actor=actor, reason="session-ended", request_id=actors.request_id(request))


def _note(request: HttpRequest) -> None:
    if now() - request.session[SEEN] >= WRITE_EVERY:
        request.session[SEEN] = now()
