""" "Mine opslag": whoever works with records sees what the log has of her or him."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from access import actors, matrix, refusals, sessions, turned_away
from access.matrix import Log
from access.refusals import Refusal
from audit.actions import Action
from audit.record import Outcome, record
from reviews import own_pages


@require_safe
@refusals.unless_unrecorded
def own_lookups(request: HttpRequest) -> HttpResponse:
    """The list; on a machine that many use, without names."""
    user = request.user
    if user.is_anonymous:
        _note(request, refusals.SIGNED_OUT)
        return turned_away.answer(request)
    if matrix.rights(user.role).log is not Log.OWN_ACTIONS:
        _note(request, refusals.NO_ROLE)
        return refusals.answer(request, refusals.NO_ROLE)
    names = sessions.blank_after(request) is None
    view = own_pages.seen_through(user.pk, request.path, request.GET, timezone.now(), names=names)
    response = render(request, "reviews/own.html", {"who": user, "view": view})
    response["X-Audit-Id"] = _note(request)
    response["Cache-Control"] = "no-store"
    return response


def _note(request: HttpRequest, refusal: Refusal | None = None) -> str:
    """One line for the page, about its reader: it tells of no patient anything that this reader has not seen."""
    action = Action.ACCESS_REFUSED if refusal else Action.OWN_LOOKS_VIEWED
    outcome, reason = (Outcome.MINOR, refusal.code) if refusal else (Outcome.SUCCESS, "")
    actor, request_id = actors.of_user(request.user, request), actors.request_id(request)
    return str(record(action, actor=actor, outcome=outcome, reason=reason, request_id=request_id))
