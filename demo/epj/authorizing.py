"""The authorisation endpoints: who is it, and then straight back with a code; nobody is asked for consent.

The EPJ's own answers without a page when its user is signed in already. The citizens' keeps no session: it always asks.
"""

from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.views.mixins import OAuthLibMixin

from demo.epj import people, signing_in
from demo.epj.issuers import FHIR_BASE, STAFF, Issuer
from demo.epj.models import Launch
from demo.epj.people import Person
from demo.epj.signing_in import SignedIn
from demo.epj.validator import Granted
from samples.personas import User


class Refused(Exception):
    """The client is told, at its redirect URI; the words are an error code of OAuth or OpenID Connect."""


@method_decorator(never_cache, name="dispatch")
class Authorize(OAuthLibMixin, View):  # type: ignore[misc]
    """GET and POST have the same address: the question is part of it, and a POST only says who has been chosen."""

    issuer: Issuer = STAFF

    def dispatch(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        try:
            self.scopes, self.asked = self.validate_authorization_request(request)
        except FatalClientError as error:
            return render(request, "fault.html", {"why": error.oauthlib_error.error}, status=400)
        except OAuthToolkitError as error:
            return self._back(request, error.oauthlib_error.redirect_uri, error.oauthlib_error.error)
        try:
            if self.asked["code_challenge_method"] != "S256":
                raise Refused("invalid_request")
            self.launch = self._launch(request)
            return super().dispatch(request, *args, **named)
        except Refused as reason:
            return self._back(request, self.asked["redirect_uri"], str(reason))

    def get(self, request: HttpRequest) -> HttpResponse:
        there = signing_in.signed_in(request) if self.issuer is STAFF else None
        if there and not self._must_ask(request, there):
            return self._answer(request, there)
        if request.GET.get("prompt") == "none":
            raise Refused("login_required")
        return self._question(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = next((one for one in self._offered() if one.id == request.POST.get("person")), None)
        if chosen is None:
            return self._question(request, status=422)
        if isinstance(chosen, User):
            return self._answer(request, signing_in.sign_in(request, chosen))
        return self._answer(request, SignedIn(chosen, signing_in.now()))

    def _must_ask(self, request: HttpRequest, there: SignedIn) -> bool:
        """OpenID Connect Core §3.1.2.1; and a launch belongs to its own user."""
        if {"login", "select_account"} & set(request.GET.get("prompt", "").split()):
            return True
        max_age = request.GET.get("max_age", "")
        if max_age.isdecimal() and (int(max_age) == 0 or signing_in.now() - there.auth_time > int(max_age)):
            return True
        return there.person not in self._offered()

    def _launch(self, request: HttpRequest) -> Launch | None:
        """SMART App Launch 2.2: the launch that goes with the scope of that name, for our own FHIR server."""
        if "launch" not in self.scopes:
            return None
        launch = Launch.waiting(request.GET.get("launch", ""))
        if launch is None or request.GET.get("aud", "").rstrip("/") != FHIR_BASE:
            raise Refused("invalid_request")
        return launch

    def _offered(self) -> list[Person]:
        if self.launch is not None:
            return [people.behind(self.launch.user)]
        return list(people.offered(self.issuer))

    def _question(self, request: HttpRequest, status: int = 200) -> HttpResponse:
        told = {"people": self._offered(), "launch": self.launch}
        name = "sign_in.html" if self.issuer is STAFF else "citizen_sign_in.html"
        return render(request, name, told, status=status)

    @transaction.atomic
    def _answer(self, request: HttpRequest, who: SignedIn) -> HttpResponse:
        if self.launch is not None and not self.launch.use():
            raise Refused("invalid_request")
        request.user = people.account(self.issuer, who.person)  # type: ignore[assignment]
        self.asked["granted"] = Granted(who.auth_time, who.sid, self.launch)
        to, *_ = self.create_authorization_response(request, " ".join(self.scopes), self.asked, allow=True)
        return self._redirect(to)

    def _back(self, request: HttpRequest, to: str, error: str) -> HttpResponse:
        """The redirect URI is the client's own: a request with another is a FatalClientError."""
        return self._redirect(f"{to}?{urlencode({'error': error, 'state': request.GET.get('state', '')})}")

    def _redirect(self, to: str) -> HttpResponse:
        """RFC 9207: whose answer it is stands in the answer."""
        return HttpResponseRedirect(f"{to}&{urlencode({'iss': self.issuer.url})}")
