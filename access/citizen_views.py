"""The citizens' way in: sign in, and open what is one's own. No GET opens anything, whoever follows or prefetches."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import actors, doors, matrix, opening, refusals
from access.contexts import Opening
from access.doors import Door
from access.models import Role, User
from access.oidc import buttons, leaving
from audit.actions import Action
from audit.record import Outcome, record


@require_http_methods(["GET", "HEAD", "POST"])
@refusals.unless_unrecorded
def own(request: HttpRequest) -> HttpResponse:
    """The page of a citizen before anything is open; its button opens what is the citizen's own."""
    user = request.user
    if isinstance(user, User) and request.method == "POST":
        return _opened(request, user)
    if isinstance(user, User) and user.role == Role.CITIZEN:
        return _asked(request, user)
    return _begin(request)


@require_POST
@refusals.unless_unrecorded
def citizen_sign_in_page(request: HttpRequest) -> HttpResponse:
    """Off to an issuer to sign in as a citizen; whoever was signed in here is so no longer when that succeeds."""
    return buttons.pressed(request, Door.CITIZEN)


def arrived(request: HttpRequest, user: User) -> HttpResponse:
    """After a login: straight to what is one's own."""
    return _opened(request, user)


@require_GET
def own_expired(request: HttpRequest) -> HttpResponse:
    """Where htmx sends a page whose citizen is no longer signed in."""
    return refusals.expired(request, Door.CITIZEN)


def _begin(request: HttpRequest) -> HttpResponse:
    """Offer the ways to sign in; say so to somebody who is signed in here as something else."""
    issuers = list(buttons.offered(Door.CITIZEN))
    told = {"issuers": issuers, "colleague": request.user if isinstance(request.user, User) else None}
    response = render(request, "access/citizen_sign_in.html", told)
    response["Cache-Control"] = "no-store"
    return leaving.let_forms_leave(response, issuers)


def _asked(request: HttpRequest, user: User) -> HttpResponse:
    response = render(request, "access/own.html", {"who": user})
    response["Cache-Control"] = "no-store"
    return response


def _opened(request: HttpRequest, user: User) -> HttpResponse:
    """Go to the citizen's own record, opened now or before; one transaction with its event."""
    if user.patient_id is None:
        return _not_a_citizen(request, user)
    own = Opening(
        user=user,
        audience=user.role,
        patient=user.patient_id,
        patient_name=user.get_full_name(),
        correlation=str(uuid4()),
    )
    context = opening.for_citizen(own, request)
    path = doors.address(Door.CITIZEN, matrix.home(user.role), context.pk)
    return HttpResponse(status=303, headers={"Location": path})


def _not_a_citizen(request: HttpRequest, user: User) -> HttpResponse:
    record(
        Action.ACCESS_REFUSED,
        actor=actors.of_user(user, request),
        outcome=Outcome.MINOR,
        reason=refusals.NO_ROLE.code,
        request_id=actors.request_id(request),
    )
    return refusals.answer(request, refusals.NO_ROLE, door=Door.CITIZEN)
