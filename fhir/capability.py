"""The CapabilityStatement: what this door does, and nothing else (FHIR R4 http.html §3.1.0.7)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from fhir.bundle import Kind, Tree

RELEASED = "2026-11-23"
MHD_RECIPIENT = "https://profiles.ihe.net/ITI/MHD/CapabilityStatement/IHE.MHD.DocumentRecipient"
MINIMAL = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.Minimal.ProvideBundle"
SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def statement(kinds: Sequence[Kind], base: str) -> Tree:
    """The statement for these kinds of document, at this address."""
    rest: dict[str, Any] = {
        "mode": "server",
        "documentation": "Modtager dokumenter; intet kan læses eller søges her.",
        "security": {
            "cors": False,
            "service": [{"coding": [{"system": SECURITY, "code": "OAuth"}]}],
            "description": f"Bearer token (JWT) fra en registreret udsteder; aud er {settings.FHIR_AUDIENCE}.",
        },
        "resource": [
            {
                "type": "Bundle",
                "interaction": [{"code": "create", "documentation": "Et FHIR-dokument (Bundle.type document)."}],
                "versioning": "no-version",
                "conditionalCreate": False,
            }
        ],
        "interaction": [{"code": "transaction", "documentation": f"IHE MHD ITI-65 efter profilen {MINIMAL}."}],
    }
    documents = [{"mode": "consumer", "profile": kind.profile} for kind in kinds]
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
