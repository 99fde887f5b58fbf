"""Værdispring: its page with three grounds, the way out of it, and the time that is left. Only staff have this."""

import functools

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from access import actors, reauthentication
from access.consent import overriding
from access.consent.notifying import tell_controller
from access.gate import Grant, RecordRequest, checks_record, opens_record
from access.override_form import Wish
from access.ticket_request import LANDINGS
from audit.actions import Action


@opens_record(Action.OVERRIDE_CONSIDERED, methods=("GET", "HEAD", "POST"), atomic=True)
def ask(request: RecordRequest, grant: Grant) -> HttpResponseBase:
    """The page, and what was decided on it; nothing here is chosen or pressed for the user."""
    if not grant.may_override:
        raise PermissionDenied
    if not grant.consent.notice:
        raise Http404
    if grant.override_ends or "annuller" in request.POST:
        return _back(request, grant)
    if request.method == "POST":
        return _decided(request, grant)
    return _page(request, grant, Wish())


@opens_record(Action.OVERRIDE_STOPPED, methods=("POST",), atomic=True, asks_consent=False)
def stop(request: RecordRequest, grant: Grant) -> HttpResponseBase:
    """The button that ends it early; one that has run out meanwhile has its line already."""
    ended = overriding.end(grant.context_id)
    request.audit_action = Action.OVERRIDE_STOPPED if ended else Action.OVERRIDE_CONSIDERED
    request.audit_entity = ended.ref if ended else ""
    return _back(request, grant)


@checks_record(None)
def time_left(request: RecordRequest, grant: Grant) -> HttpResponseBase:
    """How long it goes on, for the strip of a page that stays open; asked every half minute."""
    if grant.override_ends is None:
        return HttpResponse(status=204)
    return render(request, "access/_time_left.html", {"grant": grant})


def _decided(request: RecordRequest, grant: Grant) -> HttpResponseBase:
    if reauthentication.needed(request):
        return reauthentication.begin(request.get_full_path())
    wish = Wish(request.POST)
    if not wish.is_valid():
        return _page(request, grant, wish)
    if (made := overriding.start(grant, wish.cleaned_data["ground"], wish.cleaned_data["reason"])) is None:
        return _back(request, grant)
    request.audit_action, request.audit_entity = Action.OVERRIDE_STARTED, made.ref
    request.audit_extra = {"ground": made.ground}
    request.audit_then = functools.partial(tell_controller, made, grant.actor, actors.request_id(request))
    return _back(request, grant)


def _page(request: HttpRequest, grant: Grant, wish: Wish) -> HttpResponse:
    told = {"grant": grant, "wish": wish, "part": _part(request), "old_login": reauthentication.needed(request)}
    told["minutes"] = settings.OVERRIDE_SECONDS // 60 or 1
    return render(request, "access/override.html", told, status=422 if wish.is_bound else 200)


def _back(request: HttpRequest, grant: Grant) -> HttpResponse:
    """To the page of the record that the user came from."""
    page = grant.rights.landing(_part(request))
    return HttpResponse(status=303, headers={"Location": grant.address(page)})


def _part(request: HttpRequest) -> str:
    asked = request.GET.get("fra", "")
    return asked if asked in LANDINGS else ""
