"""The CapabilityStatement: what this door does, and nothing else (FHIR R4 http.html §3.1.0.7)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from fhir.bundle import DOCUMENT, REPORT, Kind, Tree

RELEASED = "2026-11-28"
MHD_RECIPIENT = "https://profiles.ihe.net/ITI/MHD/CapabilityStatement/IHE.MHD.DocumentRecipient"
MINIMAL = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.Minimal.ProvideBundle"
SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"


DOES = {
    DOCUMENT: {"code": "create", "documentation": "Et FHIR-dokument (Bundle.type document)."},
    REPORT: {
        "code": "update",
        "documentation": "En rapport eller en samling af rapporter (Bundle.type collection) til sit eget id. Det, der "
        "ligger under et id, ændres aldrig: andet indhold til samme id afvises (409).",
    },
}


LOG: Tree = {
    "type": "AuditEvent",
    "documentation": "Kun JSON, nyeste først. Andre parametre afvises. Søgning kan også sendes som POST til _search.",
    "interaction": [{"code": "read"}, {"code": "search-type"}],
    "versioning": "no-version",
    "searchParam": [
        {"name": "patient", "type": "reference", "documentation": "Patient/<uuid>, borgerens pseudonym i loggen."},
        {"name": "agent", "type": "token", "documentation": "system|værdi hos udstederen, eller aktørens id (uuid)."},
        {"name": "altid", "type": "token", "documentation": "Aktørens id (uuid), som agent."},
        {"name": "date", "type": "date", "documentation": "eq, ge, gt, le og lt, flere ad gangen; uden tidszone UTC."},
    ],
}


def statement(kinds: Sequence[Kind], base: str) -> Tree:
    """The statement for these kinds of document, at this address."""
    rest: dict[str, Any] = {
        "mode": "server",
        "documentation": "Modtager dokumenter. Kun hændelsesloggen kan læses, og kun af logkontrollens systemer.",
        "security": {
            "cors": False,
            "service": [{"coding": [{"system": SECURITY, "code": "OAuth"}]}],
            "description": f"Bearer token (JWT) fra en registreret udsteder; aud er {settings.FHIR_AUDIENCE}.",
        },
        "resource": [_bundle(kinds), LOG],
        "interaction": [{"code": "transaction", "documentation": f"IHE MHD ITI-65 efter profilen {MINIMAL}."}],
    }
    documents = [{"mode": "consumer", "profile": each} for each in _profiles(kinds, DOCUMENT)]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": RELEASED,
        "kind": "instance",
        "instantiates": [MHD_RECIPIENT],
        "software": {"name": "Sundhedsjournal"},
        "implementation": {"description": "Sundhedsjournal", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml"],
        "rest": [rest],
        **({"document": documents} if documents else {}),
    }


def _bundle(kinds: Sequence[Kind]) -> Tree:
    reports = _profiles(kinds, REPORT)
    doors = {kind.door for kind in kinds}
    return {
        "type": "Bundle",
        **({"supportedProfile": reports} if reports else {}),
        "interaction": [does for door, does in DOES.items() if door in doors],
        "versioning": "no-version",
        **({"updateCreate": True} if reports else {}),
        "conditionalCreate": False,
    }


def _profiles(kinds: Sequence[Kind], door: str) -> list[str]:
    return [profile for kind in kinds if kind.door == door for profile in kind.profiles]
