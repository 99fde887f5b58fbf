"""The pages of signing in and out, and what can be done with an open record besides reading it."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import contexts, refusals, sign_in
from access.doors import Door
from access.gate import Grant, RecordRequest, opens_record
from access.models import PatientContext, Role, User
from audit.actions import Action


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Without a patient there is nothing to see: the record is opened from the EPJ, a citizen's own by the citizen."""
    return render(request, "access/start.html", {"who": None if request.user.is_anonymous else request.user})


@require_GET
def expired(request: HttpRequest) -> HttpResponse:
    """Where htmx sends a page whose user is no longer signed in."""
    return refusals.expired(request, Door.STAFF)


@require_http_methods(["GET", "HEAD", "POST"])
@refusals.unless_unrecorded
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign in without a launch: for those who run the house. Who comes to see a patient starts in the EPJ."""
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    next_path = asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/"
    if request.method != "POST":
        return sign_in.begin(request, user=None, to=request.path, next_path=next_path)
    user = sign_in.proved(request, request.POST.get("username", "")[:150])
    if isinstance(user, str):
        return sign_in.begin(request, user=None, to=request.path, next_path=next_path, error=user)
    sign_in.complete(request, user)
    return redirect(next_path)


@require_POST
@refusals.unless_unrecorded
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, close every record it had open, and empty the browser of what it kept."""
    is_citizen = isinstance(request.user, User) and request.user.role == Role.CITIZEN
    sign_in.finish(request)
    response = render(request, "access/signed_out.html", {"is_citizen": is_citizen})
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@opens_record(Action.CPR_REVEALED, methods=("POST",))
def reveal_cpr(request: RecordRequest, grant: Grant) -> HttpResponse:
    """The whole CPR number, once, because the user asked: as a fragment for the banner, or as a page."""
    template = "access/_cpr.html" if getattr(request, "htmx", False) else "access/cpr.html"
    return render(request, template, {"grant": grant})


@opens_record(Action.CONTEXT_CLOSED, methods=("POST",), atomic=True, asks_consent=False)
def close_record(request: RecordRequest, grant: Grant) -> HttpResponseBase:
    """Close this patient; other tabs keep theirs."""
    contexts.close(grant.context_id, PatientContext.Closed.USER)
    return render(request, "access/closed.html", {"grant": grant})
