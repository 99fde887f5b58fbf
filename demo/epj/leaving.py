"""Signing out here when Sundhedsjournal asks for it (OpenID Connect RP-Initiated Logout 1.0)."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from demo.epj import settings, signing_in
from demo.epj.issuers import STAFF, Issuer

BACK = f"{settings.JOURNAL}/borger/logget-ud/"
"""The one address that people are sent back to."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end_session(request: HttpRequest, issuer: Issuer) -> HttpResponse:
    """Back at once when nobody is signed in here; no ID token is shown to us, so whoever is, is asked first."""
    if request.GET.get("client_id") != issuer.client_id or request.GET.get("post_logout_redirect_uri") != BACK:
        return render(request, "fault.html", {"why": "post_logout_redirect_uri"}, status=400)
    there = signing_in.signed_in(request) if issuer is STAFF else None
    if there and request.method != "POST":
        return render(request, "sign_out.html", {"who": there.person})
    if there:
        request.session.flush()
    state = request.GET.get("state")
    return HttpResponseRedirect(f"{BACK}?{urlencode({'state': state})}" if state else BACK)
