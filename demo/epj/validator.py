"""What this EPJ makes of django-oauth-toolkit: two issuers, private_key_jwt, our claims, and the launched patient."""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from oauth2_provider.oauth2_validators import OAuth2Validator

from demo.epj import assertions, issuers, people
from demo.epj.issuers import ACR, STAFF
from demo.epj.models import Authorisation, Launch

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Granted:
    """What the authorisation view found out, on its way into the code."""

    auth_time: int
    sid: str
    launch: Launch | None


class Validator(OAuth2Validator):  # type: ignore[misc]
    """`request` is oauthlib's; `granted` and `authorisation` on it are ours."""

    oidc_claim_scope = None
    """Every claim in every ID token: which scopes were asked for decides over access, not over who somebody is."""

    def validate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Each issuer knows its own client and no other."""
        issuer = issuers.at(request.uri)
        return issuer is not None and client_id == issuer.client_id and self._load_application(client_id, request)

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kw: Any) -> bool:
        """Letter by letter: the toolkit would take any port of this machine (RFC 8252)."""
        return redirect_uri in request.client.redirect_uris.split()

    def validate_scopes(self, client_id: str, scopes: Any, client: Any, request: Any, *args: Any, **kw: Any) -> bool:
        return set(scopes) <= set(issuers.of_client(client_id).scopes)

    def validate_silent_login(self, request: Any) -> bool:
        """prompt=none: whether somebody is signed in is for the view to see, which has the session."""
        return True

    def validate_silent_authorization(self, request: Any) -> bool:
        """Nobody is asked for consent: both clients are the house's own."""
        return True

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        return True

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """By a signed assertion and nothing else; see demo.epj.assertions."""
        issuer = issuers.at(request.uri)
        sent = dict(request.decoded_body or [])
        if issuer is None or sent.get("client_id", issuer.client_id) != issuer.client_id:
            return False
        try:
            client_id = assertions.proven(
                sent.get("client_assertion_type", ""), sent.get("client_assertion", ""), issuer
            )
        except assertions.Rejected as reason:
            log.warning("client assertion rejected: %s", reason)
            return False
        return self._load_application(client_id, request) is not None

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        return False

    def save_authorization_code(self, client_id: str, code: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        granted: Granted = request.granted
        with transaction.atomic():
            super().save_authorization_code(client_id, code, request, *args, **kwargs)
            Authorisation.objects.create(
                code=code["code"], auth_time=granted.auth_time, sid=granted.sid, launch=granted.launch
            )

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        if not super().validate_code(client_id, code, client, request, *args, **kwargs):
            return False
        known = Authorisation.objects.select_related("launch__patient").filter(code=code, access_token=None)
        request.authorisation = known.first()
        return request.authorisation is not None

    def save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        """What was launched stands beside the access token (SMART App Launch 2.2). Nobody gets a refresh token."""
        token.pop("refresh_token", None)
        authorisation: Authorisation = request.authorisation
        if launch := authorisation.launch:
            unit = {"system": "urn:oid:1.2.208.176.1.1", "value": launch.sor}
            token["patient"] = str(launch.patient_id)
            token["fhirContext"] = [{"type": "Organization", "identifier": unit}]
            token["need_patient_banner"] = True
            token |= {"intent": launch.intent} if launch.intent else {}
        super().save_bearer_token(token, request, *args, **kwargs)
        authorisation.access_token = self._load_access_token(token["access_token"])
        authorisation.save(update_fields=["access_token"])

    def validate_jwt_bearer_token(self, token: str, scopes: Any, request: Any) -> bool:
        """An ID token opens nothing."""
        return False

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        return people.claims(people.behind(request.user))

    def get_id_token_dictionary(self, token: Any, token_handler: Any, request: Any) -> Any:
        """auth_time is that of the browser's own sign-in, not of the last one that this user made anywhere."""
        claims, expires = super().get_id_token_dictionary(token, token_handler, request)
        authorisation: Authorisation = request.authorisation
        claims |= {"auth_time": authorisation.auth_time, "acr": ACR}
        if authorisation.sid:
            claims["sid"] = authorisation.sid
        return claims, expires

    def get_oidc_issuer_endpoint(self, request: Any) -> str:
        path = request.path if isinstance(request, HttpRequest) else request.uri
        return (issuers.at(path) or STAFF).url
