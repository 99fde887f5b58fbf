"""Signing in again while a record is open: what a step that must not rest on an old login asks for.

`needed` and `begin` are the seam: a login at an identity provider answers at the route access:sign-in-again and notes
the `auth_time` that it was given. The session stays the same, and so do its open records.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from access import sessions

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
