"""A FHIR server that shows two people to an access token: the patient of its launch, and the user it was given to."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from oauth2_provider.oauth2_backends import get_oauthlib_core

from demo.epj import issuers, people
from demo.epj.issuers import FHIR_BASE, STAFF
from demo.epj.models import Authorisation, Patient
from patients import cpr

FHIR_JSON = "application/fhir+json"
View = Callable[..., HttpResponse]


def _with_token(scope: str) -> Callable[[View], View]:
    """RFC 6750: an access token in the header, with this scope; the view is told what it was given for."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, **named: Any) -> HttpResponse:
            valid, found = get_oauthlib_core().verify_request(request, scopes=[scope])
            if not valid:
                answer = _fault("login", "No valid access token.", 401)
                answer["WWW-Authenticate"] = f'Bearer scope="{scope}"'
                return answer
            known = Authorisation.objects.select_related("launch__patient", "access_token__user")
            return view(request, known.get(access_token=found.access_token), **named)

        return guarded

    return decorate


@require_GET
@never_cache
@_with_token("patient/Patient.r")
def patient(request: HttpRequest, given_for: Authorisation, id: str) -> HttpResponse:
    """Patient/<id>; that of another launch is as unknown as none."""
    launched = given_for.launch.patient if given_for.launch else None
    if launched is None or str(launched.pk) != id:
        return _fault("not-found", "There is no such patient in this launch.", 404)
    return JsonResponse(resource(launched), content_type=FHIR_JSON)


@require_GET
@never_cache
@_with_token("fhirUser")
def practitioner(request: HttpRequest, given_for: Authorisation, id: str) -> HttpResponse:
    """Practitioner/<id>: oneself, as the claim fhirUser says."""
    user = people.behind(given_for.access_token.user) if given_for.access_token else None
    if user is None or user.id != id:
        return _fault("not-found", "There is no such practitioner for this token.", 404)
    told = {"resourceType": "Practitioner", "id": id, "name": [{"use": "official", "text": user.name}]}
    return JsonResponse(told, content_type=FHIR_JSON)


@require_GET
def capabilities(request: HttpRequest) -> HttpResponse:
    """FHIR R4 CapabilityStatement, as far as this server goes."""
    kinds = [{"type": kind, "interaction": [{"code": "read"}]} for kind in ("Patient", "Practitioner")]
    service = {"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}
    rest = {"mode": "server", "security": {"service": [{"coding": [service]}]}, "resource": kinds}
    told = {
        "resourceType": "CapabilityStatement", "status": "active", "date": "2026-11-01", "kind": "instance",
        "implementation": {"description": "Demo-EPJ (simulator)", "url": FHIR_BASE},
        "fhirVersion": "4.0.1", "format": ["json"], "rest": [rest],
    }  # fmt: skip
    return JsonResponse(told, content_type=FHIR_JSON)


@require_GET
def smart_configuration(request: HttpRequest) -> HttpResponse:
    """SMART App Launch 2.2 §8: the authorisation server of this FHIR server, and what it can do."""
    capabilities = [
        "launch-ehr", "client-confidential-asymmetric", "sso-openid-connect", "context-ehr-patient",
        "context-banner", "permission-patient", "permission-v2",
    ]  # fmt: skip
    return JsonResponse(issuers.metadata(STAFF) | {"capabilities": capabilities})


def resource(of: Patient) -> dict[str, Any]:
    """Who it is, and nothing about how he or she is."""
    found: dict[str, Any] = {"resourceType": "Patient", "id": str(of.pk)}
    found["identifier"] = [{"use": "official", "system": cpr.SYSTEM, "value": of.cpr}]
    if of.family:
        found["name"] = [{"use": "official", "family": of.family, "given": of.given.split()}]
    found["gender"] = {"mand": "male", "kvinde": "female"}[cpr.sex(of.cpr)]
    if born := cpr.birth_date(of.cpr):
        found["birthDate"] = born.isoformat()
    return found


def _fault(code: str, words: str, status: int) -> HttpResponse:
    issue = {"severity": "error", "code": code, "diagnostics": words}
    told = {"resourceType": "OperationOutcome", "issue": [issue]}
    return JsonResponse(told, status=status, content_type=FHIR_JSON)
