"""What whoever is not signed in is told: that the access is over, and the ways to sign in again.

The page says nothing of where somebody was, and its buttons lead to no record: that is opened from where it was opened.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from access import refusals
from access.doors import Door
from access.oidc import buttons, leaving
from access.refusals import SIGNED_OUT, Kind

TO = {Door.STAFF: "access:sign_in", Door.CITIZEN: "access:citizen-sign-in"}


def answer(
    request: HttpRequest, *, door: Door = Door.STAFF, kind: Kind = "page", status: int = SIGNED_OUT.status
) -> HttpResponse:
    """The page with the buttons of this door's issuers; a fragment only leads there."""
    if refusals.is_fragment(request, kind):
        return refusals.answer(request, SIGNED_OUT, kind=kind, door=door)
    issuers = list(buttons.offered(door))
    told = {"issuers": issuers, "to": reverse(TO[door]), "is_citizen": door is Door.CITIZEN}
    response = refusals.answer(
        request, SIGNED_OUT, kind=kind, door=door, page="access/turned_away.html", told=told, status=status
    )
    return leaving.let_forms_leave(response, issuers)
