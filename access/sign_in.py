"""Signing in and out: what a session begins and ends with, and the password of those who run the house.

Everybody else proves who he or she is at an issuer (access.oidc), which ends in `complete` too.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from access import actors, contexts, joining, sessions, switching_off
from access.doors import Door
from access.models import IssuedSession, Issuer, PatientContext, Role, User
from access.oidc import buttons, leaving
from access.oidc.failing import Failed
from audit.actions import Action
from audit.record import Outcome, record

BACKEND = "django.contrib.auth.backends.ModelBackend"
MAX_FAILURES = 5
WAIT = timedelta(minutes=5)
"""After five wrong passwords in a row, the user's own door stays shut this long."""


def begin(request: HttpRequest, *, to: str, next_path: str = "", error: str = "") -> HttpResponse:
    """Ask the person to sign in, at an issuer or with a password; both forms post to `to`."""
    issuers = list(buttons.offered(Door.STAFF))
    told = {"issuers": issuers, "to": to, "next": next_path, "error": error}
    response = render(request, "access/sign_in.html", told, status=403 if error else 200)
    response["Cache-Control"] = "no-store"
    return leaving.let_forms_leave(response, issuers)


def proved(request: HttpRequest, username: str) -> User | str:
    """The operator whose password it is, or the sentence that says why not. Failures are counted and recorded."""
    username = username if username.isprintable() else ""
    user = User.objects.filter(username=username, role=Role.OPERATOR, is_active=True).first()
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
    failed(request, user, "password" if user else "user-unknown")
    return _("Brugernavn og adgangskode passer ikke sammen.")


def complete(request: HttpRequest, user: User, *, kept: Mapping[str, Any] | None = None, goes_on: bool = False) -> None:
    """Start a session of this user: a new key; what the old session had open is closed and forgotten.

    `kept` is what the session remembers of a login at an issuer. `goes_on` when the same user signs in once more on
    the way to a further record: the key is new all the same, and what is open moves with it. Where another tab of this
    browser has signed the same user in at this moment, its session is the one (access.joining). Raises Failed when the
    issuer was switched off in the meantime.
    """
    with transaction.atomic():
        if kept and not switching_off.held(Issuer, kept["issuer"]):
            raise Failed("issuer-inactive")
        old = sessions.key_hash(request)
        held = joining.session_of(request, user, kept) if kept else None
        if not goes_on:
            contexts.close_session(old, PatientContext.Closed.SIGNED_IN_AGAIN, actors.request_id(request))
        record(
            Action.SIGNED_IN,
            actor=actors.of_user(user, request),
            reason="again" if goes_on or held is not None else "",
            request_id=actors.request_id(request),
        )
        if held is not None:
            request.session.flush()
            request.session, request.user = held, user
        elif goes_on:
            request.session.cycle_key()
        else:
            request.session.flush()
            login(request, user, backend=BACKEND)
        if goes_on:
            contexts.move(old, sessions.key_hash(request))
        sessions.begin(request, user.role)
        request.session.update(kept or {})
        request.session.save()  # with the rest: another tab may be waiting to join it
        if kept and held is None:
            _issued(request, user, kept)


def finish(request: HttpRequest) -> None:
    """End the session and close all it had open; nothing happens when nobody is signed in."""
    if not isinstance(request.user, User):
        return
    with transaction.atomic():
        request_id = actors.request_id(request)
        contexts.close_session(sessions.key_hash(request), PatientContext.Closed.SIGNED_OUT, request_id)
        record(Action.SIGNED_OUT, actor=actors.of_user(request.user, request), request_id=request_id)
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


def local(path: str) -> str:
    """A path of this site to go on to; "/" instead of anything else."""
    fits = len(path) <= 500 and path.isprintable() and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if fits and path.startswith("/") else "/"


def _issued(request: HttpRequest, user: User, kept: Mapping[str, Any]) -> None:
    """So that the issuer can end this session when it ends its own."""
    IssuedSession.objects.create(
        session_id=str(request.session.session_key), issuer_id=kept["issuer"], subject=user.subject, sid=kept["sid"]
    )
