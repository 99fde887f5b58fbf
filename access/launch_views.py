"""A launch in the browser: the ticket comes in by POST from the EPJ's page, the record opens at /launch/<id>/.

The POST is cross-site, so no cookie of ours comes with it, and none is asked for: it answers with a redirect to our own
site, where they all come, and with a cookie of that launch alone. A launch by SMART joins at /launch/<id>/.
"""

import functools
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from access import confirming, contexts, doors, entitlement, launching, opening, reasons, refusals, sessions, sign_in
from access.doors import Door
from access.models import Launch, PatientContext, User
from access.oidc import leaving, pages
from access.oidc.failing import Failed
from access.oidc.transactions import Kind
from access.reasons import Reason

View = Callable[..., HttpResponse]
SAME = ("same-origin", "same-site")


def _answered(view: View) -> View:
    """A refusal is recorded before it is told."""

    @functools.wraps(view)
    @refusals.unless_unrecorded
    def answering(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            response = view(request, **named)
        except launching.Refused as refusal:
            response = refused(request, refusal)
        response["Cache-Control"] = "no-store"
        return response

    return answering


def refused(request: HttpRequest, refusal: launching.Refused) -> HttpResponse:
    """Record that a launch opened nothing, and say so; to the wrong user with a way to become the right one."""
    launching.refused(refusal, request)
    if refusal.code != launching.WRONG_USER or refusal.launch is None:
        return refusals.answer(request, refusals.LAUNCH.get(refusal.code, refusals.LAUNCH_REFUSED))
    response = render(request, "access/wrong_user.html", {"launch": refusal.launch}, status=403)
    issuer = launching.staff_issuer(refusal.launch.user_issuer)
    return leaving.let_forms_leave(response, [issuer] if issuer else [])


@csrf_exempt  # the only browser form from another site; the ticket is one-time and names its user
@require_POST
@_answered
def redeem(request: HttpRequest) -> HttpResponse:
    """Spend the ticket, and go on where our own cookies come along."""
    launch_id, secret = launching.redeem(request.POST.get("ticket", "")[:200], request)
    response = HttpResponse(status=303, headers={"Location": _path(launch_id)})
    remember(response, launch_id, secret)
    return response


def remember(response: HttpResponse, launch_id: str, secret: str) -> None:
    """Bind the launch to this browser."""
    response.set_cookie(
        cookie_name(launch_id),
        secret,
        max_age=settings.LAUNCH_TTL,
        path=_path(launch_id),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


@require_GET
@_answered
def launch(request: HttpRequest, launch_id: str) -> HttpResponse:
    """Open the record for the launch's user; have somebody signed in first, and ask where anything is in doubt."""
    found = _found(request, launch_id)
    if found.context is not None:
        # The back button: the gate decides whether it is still open.
        return _to_record(request, found, found.context)
    if not isinstance(request.user, User):
        return _to_issuer(request, found)
    _must_be_for(request.user, found)
    if _at_another_unit(request, found):
        return _to_issuer(request, found)
    other_open = request.headers.get("Sec-Fetch-Site") not in SAME and _other_open(request)
    if ask := launching.what_to_ask(found, request.user, request, other_open=other_open):
        return _asked(request, found, request.user, ask)
    return _opened(request, found, request.user)


@require_POST
@_answered
def launch_open(request: HttpRequest, launch_id: str) -> HttpResponse:
    """The click on "Åbn" of the page that asks."""
    found = _found(request, launch_id)
    if found.context_id is not None or not isinstance(request.user, User) or _at_another_unit(request, found):
        return redirect("access:launch", launch_id=launch_id)
    user = request.user
    _must_be_for(user, found)
    try:
        reason = reasons.posted(request.POST)
    except reasons.Missing as missing:
        ask = launching.what_to_ask(found, user, request, other_open=_other_open(request))
        return _asked(request, found, user, ask or opening.Ask(), missing)
    if ask := launching.what_to_ask(found, user, request, reason):
        return _asked(request, found, user, ask, reasons.Missing(reasons.TOO_SHORT, reasons.TEXT))
    return _opened(request, found, user, reason)


@require_POST
@_answered
def launch_switch(request: HttpRequest, launch_id: str) -> HttpResponse:
    """Sign out whoever is signed in, here and in the issuer's eyes, so that the launch's user can sign in."""
    found = _found(request, launch_id)
    sign_in.finish(request)
    response = _to_issuer(request, found, anew=True)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def cookie_name(launch_id: str) -> str:
    """One cookie a launch, so that two tabs that launch at once never overwrite each other's."""
    return f"{'__Secure-' if settings.SECURE else ''}sj_launch_{launch_id}"


def _path(launch_id: str) -> str:
    return reverse("access:launch", kwargs={"launch_id": launch_id})


def _found(request: HttpRequest, launch_id: str) -> Launch:
    return launching.find(launch_id, request.COOKIES.get(cookie_name(launch_id), ""))


def _must_be_for(user: User, found: Launch) -> None:
    if not launching.is_for(found, user.issuer, user.subject):
        raise launching.Refused(launching.WRONG_USER, found)


def _other_open(request: HttpRequest) -> bool:
    return contexts.open_in(sessions.key_hash(request)).exists()


def _asked(
    request: HttpRequest, found: Launch, user: User, ask: opening.Ask, fault: reasons.Missing | None = None
) -> HttpResponse:
    to = reverse("access:launch-open", kwargs={"launch_id": found.pk})
    return confirming.page(request, launching.wanted(found, user), ask, to=to, fault=fault)


def _at_another_unit(request: HttpRequest, found: Launch) -> bool:
    """Whether the session's login was for another unit than the launch's: then the issuer is asked anew."""
    signed = request.session.get("organization")
    return bool(signed) and signed != {found.organisation_system: found.organisation_id}


def _to_issuer(request: HttpRequest, found: Launch, *, anew: bool = False) -> HttpResponse:
    """No page of ours in between: with a session at the issuer, nobody has to press anything."""
    issuer = launching.staff_issuer(found.user_issuer)
    if issuer is None:
        raise launching.Refused("issuer-unknown", found)
    try:
        return leaving.leave(issuer, Kind.TICKET, launch=found, anew=anew)
    except Failed as failure:
        return pages.failed(request, failure, issuer, Kind.TICKET)


def _opened(request: HttpRequest, found: Launch, user: User, reason: Reason | None = None) -> HttpResponse:
    context = launching.complete(found, user, request, reason)
    return _to_record(request, found, context)


def _to_record(request: HttpRequest, found: Launch, context: PatientContext) -> HttpResponse:
    page = entitlement.landing_of_staff(request, context.audience, found.landing)
    path = doors.address(Door.STAFF, page, context.pk)
    return HttpResponse(status=303, headers={"Location": path})
