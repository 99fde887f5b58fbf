"""Signing in and out. The seam for a login of another kind: the rest of the house knows these functions only.

Today a person signs in with Django's own password form (or, in the demo, one button). A login at an identity provider
replaces `begin` (send the browser there) and `proved` (check what comes back); `complete` and `finish` stay. Citizens
have a `begin` and a `proved` of their own: access.citizen_sign_in.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from access import actors, contexts, sessions
from access.doors import Door
from access.models import PatientContext, Role, User
from audit.actions import Action
from audit.record import Outcome, record

BACKEND = "django.contrib.auth.backends.ModelBackend"
MAX_FAILURES = 5
WAIT = timedelta(minutes=5)
"""After five wrong passwords in a row, the user's own door stays shut this long."""


def offered(door: Door) -> QuerySet[User]:
    """Who may sign in at this door; nobody may at both."""
    citizens = Q(role=Role.CITIZEN)
    return User.objects.filter(citizens if door is Door.CITIZEN else ~citizens, is_active=True)


def begin(request: HttpRequest, *, user: User | None, to: str, next_path: str = "", error: str = "") -> HttpResponse:
    """Ask the person to sign in; the form posts to `to`. With a launch the user is given and cannot be chosen."""
    users = offered(Door.STAFF).order_by("username") if settings.DEMO and user is None else []
    told = {"user_to_be": user, "users": users, "to": to, "next": next_path, "error": error, "demo": settings.DEMO}
    response = render(request, "access/sign_in.html", told, status=403 if error else 200)
    response["Cache-Control"] = "no-store"
    return response


def proved(request: HttpRequest, username: str) -> User | str:
    """The user who has proved to be this one, or the sentence that says why not. Failures are counted and recorded."""
    user = offered(Door.STAFF).filter(username=username).first()
    if settings.DEMO:
        return user or _failed(request, None, "user-unknown")
    if user and user.failed_sign_ins >= MAX_FAILURES and user.failed_at and timezone.now() < user.failed_at + WAIT:
        failed(request, user, "too-many-failures")
        return _("Der er skrevet forkert adgangskode for mange gange. Prøv igen om fem minutter.")
    # Also for an unknown name: the answer takes as long.
    found = authenticate(request, username=username, password=request.POST.get("password", ""))
    if isinstance(found, User) and found == user:
        User.objects.filter(pk=found.pk).update(failed_sign_ins=0, failed_at=None)
        return found
    if user:
        User.objects.filter(pk=user.pk).update(failed_sign_ins=F("failed_sign_ins") + 1, failed_at=timezone.now())
    return _failed(request, user, "password" if user else "user-unknown")


def complete(request: HttpRequest, user: User) -> None:
    """Start a session of this user: a new key; what the old session had open is closed and forgotten."""
    with transaction.atomic():
        contexts.close_session(sessions.key_hash(request), PatientContext.Closed.SIGNED_IN_AGAIN)
        record(Action.SIGNED_IN, actor=actors.of_user(user, request), request_id=actors.request_id(request))
    request.session.flush()
    login(request, user, backend=BACKEND)
    sessions.begin(request)


def finish(request: HttpRequest) -> None:
    """End the session and close all it had open; nothing happens when nobody is signed in."""
    if not isinstance(request.user, User):
        return
    with transaction.atomic():
        contexts.close_session(sessions.key_hash(request), PatientContext.Closed.SIGNED_OUT)
        record(Action.SIGNED_OUT, actor=actors.of_user(request.user, request), request_id=actors.request_id(request))
    logout(request)


def failed(request: HttpRequest, user: User | None, reason: str) -> None:
    """Record that somebody was not let in."""
    record(
        Action.SIGN_IN_FAILED,
        actor=actors.of_user(user, request) if user else actors.of_user(request.user, request),
        outcome=Outcome.MINOR,
        reason=reason,
        request_id=actors.request_id(request),
    )


def _failed(request: HttpRequest, user: User | None, reason: str) -> str:
    failed(request, user, reason)
    return _("Brugernavn og adgangskode passer ikke sammen.")
