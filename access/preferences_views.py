"""Settings: the shortcuts and whether they are on, for whoever is signed in. No record is shown."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access import preferences
from access.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """The list of shortcuts, and the switch for those of a single key."""
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.path)
    if request.method == "POST":
        preferences.keep_keys(user, "enkelttaster" in request.POST)
        return _kept(request)
    return render(request, "access/settings.html", {"single_keys": user.single_keys, "kept": "gemt" in request.GET})


@require_POST
def screen(request: HttpRequest) -> HttpResponse:
    """What the reader has measured of this screen, or how large the paper shall be: kept for this browser."""
    if not isinstance(request.user, User):
        return HttpResponse(status=401)
    response = _kept(request)
    preferences.keep_screen(request, response)
    return response


def _kept(request: HttpRequest) -> HttpResponse:
    """Our own script goes on where it is; a plain form leads to the page that says that it is kept."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return redirect(f"{reverse('access:settings')}?gemt")
