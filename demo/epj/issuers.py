"""The two identity providers of this site: the EPJ's own, for staff, and a simulated national one, for citizens."""

from dataclasses import dataclass

from django.http import HttpRequest, JsonResponse

from demo.epj import settings

FHIR_BASE = f"{settings.SITE}/fhir"
ACR = "https://data.gov.dk/concept/core/nsis/Substantial"
"""How sure we are who it is: nobody proves anything here, so this is a claim like the rest of the simulator."""


@dataclass(frozen=True)
class Issuer:
    """One provider: `path` is where it lives on this site, `client_id` the one client that it knows."""

    path: str
    client_id: str
    scopes: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"{settings.SITE}/{self.path}"


STAFF = Issuer("o", "sundhedsjournal", ("openid", "fhirUser", "launch", "patient/Patient.r"))
CITIZENS = Issuer("borgerlogin", "sundhedsjournal-borger", ("openid",))
ALL = (STAFF, CITIZENS)


def at(path: str) -> Issuer | None:
    """The issuer below whose path this is."""
    return next((issuer for issuer in ALL if path.startswith(f"/{issuer.path}/")), None)


def of_client(client_id: str) -> Issuer:
    """The issuer that knows this client."""
    return next(issuer for issuer in ALL if issuer.client_id == client_id)


def discovery(request: HttpRequest, issuer: Issuer) -> JsonResponse:
    """OpenID Connect Discovery 1.0 §3."""
    return JsonResponse(metadata(issuer))


def metadata(issuer: Issuer) -> dict[str, object]:
    """What a client must know of this issuer; SMART's own document says the same and more."""
    return {
        "issuer": issuer.url,
        "authorization_endpoint": f"{issuer.url}/authorize/",
        "token_endpoint": f"{issuer.url}/token/",
        "end_session_endpoint": f"{issuer.url}/logout/",
        "jwks_uri": f"{issuer.url}/.well-known/jwks.json",
        "scopes_supported": list(issuer.scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES384"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [ACR],
        "prompt_values_supported": ["none", "login"],
        "authorization_response_iss_parameter_supported": True,
    }
