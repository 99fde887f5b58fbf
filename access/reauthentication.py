"""Signing in again while a record is open: what a step that must not rest on an old login asks for.

`needed` and `begin` are the seam: a login at an identity provider answers at the route access:sign-in-again and notes
the `auth_time` that it was given. The session stays the same, and so do its open records.
"""

import functools
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from access import actors, refusals, sessions, sign_in
from access.models import User
from audit.actions import Action
from audit.record import record

CLOCKS_DIFFER = 60
"""Seconds that the clock of whoever noted the time may be ahead of ours."""


def needed(request: HttpRequest) -> bool:
    """Whether the person proved who it is longer ago than a step like this allows; unknown counts as long ago."""
    said = request.session.get(sessions.AUTH_TIME)
    age = timezone.now().timestamp() - said if isinstance(said, int | float) else None
    return age is None or not -CLOCKS_DIFFER <= age <= settings.REAUTHENTICATE_AFTER


def begin(next_path: str) -> HttpResponse:
    """Send the browser to sign in again, and from there to `next_path`."""
    return redirect(f"{reverse('access:sign-in-again')}?{urlencode({'next': next_path})}")


@require_http_methods(["GET", "HEAD", "POST"])
@refusals.unless_unrecorded
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """The same person signs in once more, with the login of today."""
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    next_path = asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/"
    if not isinstance(request.user, User):
        return redirect("access:start")
    again = functools.partial(sign_in.begin, request, user=request.user, to=request.path, next_path=next_path)
    if request.method != "POST":
        return again()
    user = sign_in.proved(request, request.user.username)
    if isinstance(user, str):
        return again(error=user)
    record(Action.SIGNED_IN, actor=actors.of_user(user, request), reason="again", request_id=actors.request_id(request))
    request.session[sessions.AUTH_TIME] = int(timezone.now().timestamp())
    return redirect(next_path)
