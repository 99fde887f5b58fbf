"""A launch in the browser: the ticket comes in by POST from the EPJ's page, the record opens at /launch/<id>/.

The POST is cross-site, so no cookie of ours comes with it, and none is asked for: it answers with a redirect to our own
site, where they all come, and with a cookie of that launch alone.
"""

import functools
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from access import confirming, contexts, doors, launching, matrix, opening, reasons, refusals, sessions, sign_in
from access.doors import Door
from access.models import Launch, User
from access.reasons import Reason

View = Callable[..., HttpResponse]
WRONG_USER = "user-mismatch"
SAME = ("same-origin", "same-site")


def _answered(view: View) -> View:
    """A refusal is recorded before it is told."""

    @functools.wraps(view)
    @refusals.unless_unrecorded
    def answering(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            response = view(request, **named)
        except launching.Refused as refusal:
            launching.refused(refusal, request)
            if refusal.code == WRONG_USER and refusal.launch is not None:
                response = render(request, "access/wrong_user.html", {"launch": refusal.launch}, status=403)
            else:
                response = refusals.answer(request, refusals.LAUNCH.get(refusal.code, refusals.LAUNCH_REFUSED))
        response["Cache-Control"] = "no-store"
        return response

    return answering


@csrf_exempt  # the only browser form from another site; the ticket is one-time and names its user
@require_POST
@_answered
def redeem(request: HttpRequest) -> HttpResponse:
    """Spend the ticket, and go on where our own cookies come along."""
    redeemed, secret = launching.redeem(request.POST.get("ticket", "")[:200], request)
    path = reverse("access:launch", kwargs={"launch_id": redeemed.pk})
    response = HttpResponse(status=303, headers={"Location": path})
    response.set_cookie(
        cookie_name(redeemed.pk),
        secret,
        max_age=settings.LAUNCH_TTL,
        path=path,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_GET
@_answered
def launch(request: HttpRequest, launch_id: str) -> HttpResponse:
    """Open the record for the ticket's user; ask who it is, or whether to, where that is in doubt."""
    found = _found(request, launch_id)
    if found.context_id is not None:
        # The back button: the gate decides whether it is still open.
        return _to_record(found.context_id, found.ticket.user.role)
    if not isinstance(request.user, User):
        to = reverse("access:launch-sign-in", kwargs={"launch_id": launch_id})
        return sign_in.begin(request, user=found.ticket.user, to=to)
    _must_be_for(request.user, found)
    other_open = request.headers.get("Sec-Fetch-Site") not in SAME and _other_open(request)
    if ask := launching.what_to_ask(found, request, other_open=other_open):
        return _asked(request, found, ask)
    return _opened(request, found)


@require_POST
@_answered
def launch_sign_in(request: HttpRequest, launch_id: str) -> HttpResponse:
    """Sign in as the ticket's user and nobody else; may be tried again while the launch lives."""
    found = _found(request, launch_id)
    user = sign_in.proved(request, found.ticket.user.username)
    if isinstance(user, str):
        return sign_in.begin(request, user=found.ticket.user, to=request.path, error=user)
    sign_in.complete(request, user)
    return redirect("access:launch", launch_id=launch_id)


@require_POST
@_answered
def launch_open(request: HttpRequest, launch_id: str) -> HttpResponse:
    """The click on "Åbn" of the page that asks."""
    found = _found(request, launch_id)
    if found.context_id is not None or not isinstance(request.user, User):
        return redirect("access:launch", launch_id=launch_id)
    _must_be_for(request.user, found)
    try:
        reason = reasons.posted(request.POST)
    except reasons.Missing as missing:
        ask = launching.what_to_ask(found, request, other_open=_other_open(request))
        return _asked(request, found, ask or opening.Ask(), str(missing.sentence))
    if ask := launching.what_to_ask(found, request, reason):
        return _asked(request, found, ask)
    return _opened(request, found, reason)


@require_POST
@_answered
def launch_switch(request: HttpRequest, launch_id: str) -> HttpResponse:
    """Sign out whoever is signed in, so that the ticket's user can sign in. The launch's own cookie stays."""
    _found(request, launch_id)
    sign_in.finish(request)
    response = redirect("access:launch", launch_id=launch_id)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def cookie_name(launch_id: str) -> str:
    """One cookie a launch, so that two tabs that launch at once never overwrite each other's."""
    return f"{'__Secure-' if settings.SECURE else ''}sj_launch_{launch_id}"


def _found(request: HttpRequest, launch_id: str) -> Launch:
    return launching.find(launch_id, request.COOKIES.get(cookie_name(launch_id), ""))


def _must_be_for(user: User, found: Launch) -> None:
    if found.ticket.user_id != user.pk:
        raise launching.Refused(WRONG_USER, found)


def _other_open(request: HttpRequest) -> bool:
    return contexts.open_in(sessions.key_hash(request)).exists()


def _asked(request: HttpRequest, found: Launch, ask: opening.Ask, fault: str = "") -> HttpResponse:
    to = reverse("access:launch-open", kwargs={"launch_id": found.pk})
    return confirming.page(request, launching.wanted(found), ask, to=to, fault=fault)


def _opened(request: HttpRequest, found: Launch, reason: Reason | None = None) -> HttpResponse:
    context = launching.complete(found, request, reason)
    return _to_record(context.pk, context.audience)


def _to_record(context_id: str, role: str) -> HttpResponse:
    path = doors.address(Door.STAFF, matrix.home(role), context_id)
    return HttpResponse(status=303, headers={"Location": path})
