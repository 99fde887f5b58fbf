"""The pages of signing in and out, and what can be done with an open record besides reading it."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import actors, contexts, refusals, sign_in, turned_away
from access.doors import Door
from access.gate import Grant, RecordRequest, opens_record
from access.models import PatientContext, Role, User
from access.oidc import buttons, signing_out
from audit.actions import Action


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Without a patient there is nothing to see: the record is opened from the EPJ, a citizen's own by the citizen."""
    return render(request, "access/start.html", {"who": None if request.user.is_anonymous else request.user})


@require_POST
def present(request: HttpRequest) -> HttpResponse:
    """A page that shows no news is in use all the same: somebody reads, scrolls or points (access.sessions.limits)."""
    return HttpResponse(status=204 if isinstance(request.user, User) else 401)


@require_GET
@refusals.unless_unrecorded
def expired(request: HttpRequest) -> HttpResponse:
    """Where a page goes whose user is no longer signed in, or has left a shared machine: no sign of life."""
    request.in_background = True  # type: ignore[attr-defined]
    return turned_away.answer(request, status=200)


@require_http_methods(["GET", "HEAD", "POST"])
@refusals.unless_unrecorded
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign in without a launch: at an issuer, or with the password of those who run the house."""
    next_path = sign_in.local(request.POST.get("next") or request.GET.get("next") or "/")
    if request.method != "POST":
        return sign_in.begin(request, to=request.path, next_path=next_path)
    if "issuer" in request.POST:
        return buttons.pressed(request, Door.STAFF, next_path)
    user = sign_in.proved(request, request.POST.get("username", "")[:150])
    if isinstance(user, str):
        return sign_in.begin(request, to=request.path, next_path=next_path, error=user)
    sign_in.complete(request, user)
    return redirect(next_path)


@require_POST
@refusals.unless_unrecorded
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, close every record it had open, and empty the browser of what it kept.

    A citizen goes on to the issuer's own sign-out: by a header, since a form may lead to our own site alone.
    """
    is_citizen = isinstance(request.user, User) and request.user.role == Role.CITIZEN
    further = signing_out.at_issuer(request) if is_citizen else ""
    sign_in.finish(request)
    response = render(request, "access/signed_out.html", {"is_citizen": is_citizen, "further": further})
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    if further:
        response["Refresh"] = f"0; url={further}"
    return response


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """Where an issuer sends a citizen who has signed out there too."""
    return render(request, "access/signed_out.html", {"is_citizen": True, "further": ""})


@opens_record(Action.CPR_REVEALED, methods=("POST",))
def reveal_cpr(request: RecordRequest, grant: Grant) -> HttpResponse:
    """The whole CPR number, once, because the user asked: as a fragment for the banner, or as a page."""
    template = "access/_cpr.html" if getattr(request, "htmx", False) else "access/cpr.html"
    return render(request, template, {"grant": grant})


@opens_record(Action.CONTEXT_CLOSED, methods=("POST",), atomic=True, asks_consent=False)
def close_record(request: RecordRequest, grant: Grant) -> HttpResponseBase:
    """Close this patient; other tabs keep theirs."""
    contexts.close(grant.context_id, PatientContext.Closed.USER, actors.request_id(request))
    return render(request, "access/closed.html", {"grant": grant})
