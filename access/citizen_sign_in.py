"""How citizens sign in. The seam for their login: it replaces `begin` and `proved`; nothing else knows how it is done.

Until then there is a button for each citizen of the demo, and outside the demo nobody gets in.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from access import sign_in
from access.doors import Door
from access.models import User


def begin(request: HttpRequest, *, error: str = "") -> HttpResponse:
    """Ask which citizen it is; say so to somebody who is signed in here as something else."""
    told = {
        "users": sign_in.offered(Door.CITIZEN).order_by("first_name") if settings.DEMO else [],
        "demo": settings.DEMO,
        "colleague": request.user if isinstance(request.user, User) else None,
        "error": error,
    }
    response = render(request, "access/citizen_sign_in.html", told, status=403 if error else 200)
    response["Cache-Control"] = "no-store"
    return response


def proved(request: HttpRequest) -> User | str:
    """The citizen who has proved to be this one, or the sentence that says why not. Failures are recorded."""
    if not settings.DEMO:
        sign_in.failed(request, None, "not-offered")
        return _("Borgere kan ikke logge ind her endnu.")
    user = sign_in.offered(Door.CITIZEN).filter(username=request.POST.get("username", "")[:150]).first()
    if user is None:
        sign_in.failed(request, None, "user-unknown")
        return _("Du blev ikke logget ind. Prøv igen.")
    return user
