"""What a SMART launch opens: the patient that the token endpoint named, read from the EPJ's own FHIR server.

Source: SMART App Launch 2.2 (EHR launch; launch context). The unit is the one that the ID token was signed with; a
`fhirContext` that names another one stops the launch. Of what else it names only the kind is read: which page to open.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from access.launching import Asked
from access.models import Issuer, OrganisationSystem
from access.oidc import fetching
from access.oidc.failing import Failed
from access.oidc.redeeming import Proven
from access.ticket_request import CONTROL, LANDINGS
from patients import cpr
from patients.registry import patient_for

FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
CPR_SYSTEM, SOR_SYSTEM = "urn:oid:1.2.208.176.1.2", "urn:oid:1.2.208.176.1.1"
OWN_NUMBER = re.compile(r"Organization/([0-9]{9,20})")
LONGEST_NAME = 300
KINDS = {
    **dict.fromkeys(("DiagnosticReport", "DocumentReference", "Observation"), "ekg"),
    **dict.fromkeys(("CarePlan", "Condition", "Procedure"), "kommune"),
}
"""Kind of FHIR resource that the EPJ had open → the page about such."""
KIND = re.compile(r"([A-Za-z]{1,64})/[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True)
class Named:
    """Whom the EPJ's Patient is about."""

    cpr: str
    name: str


def asked(issuer: Issuer, proven: Proven, handle: str) -> Asked:
    """What is to be opened of the EPJ's launch `handle`; raises Failed when anything of it is not certain."""
    login, client = proven.login, issuer.launch_client
    if client is None or not client.active:
        raise Failed("client-inactive")
    if login.organisation is None:
        raise Failed("organisation-missing")
    _same_unit(proven.told.get("fhirContext", []), login.organisation)
    patient_id = proven.told.get("patient")
    if not isinstance(patient_id, str) or not FHIR_ID.fullmatch(patient_id):
        raise Failed("patient-missing")
    url = f"{issuer.fhir_base}/Patient/{patient_id}"
    named = patient(fetching.get(url, bearer=proven.access_token, accept="application/fhir+json"), patient_id)
    return Asked(
        client=client,
        user_issuer=issuer.issuer,
        user_subject=login.subject,
        patient=patient_for(named.cpr),
        patient_name=named.name,
        organisation_system=login.organisation[0],
        organisation_id=login.organisation[1],
        correlation=str(uuid4()),
        handle=handle,
        landing=landing(proven.told),
    )


def landing(told: dict[str, Any]) -> str:
    """What the EPJ wants opened first: `intent`, in the words that a ticket uses, else the kind of what it had open.

    The specification says what becomes of words that an app does not know: what it opens with otherwise.
    """
    if told.get("intent") in LANDINGS:
        return str(told["intent"])
    contexts = told.get("fhirContext")
    kinds = (_kind(one) for one in (contexts if isinstance(contexts, list) else []) if isinstance(one, dict))
    return next((KINDS[kind] for kind in kinds if kind in KINDS), "")


def _kind(one: dict[str, Any]) -> str:
    if isinstance(one.get("type"), str):
        return str(one["type"])
    reference = one.get("reference")
    found = KIND.fullmatch(reference) if isinstance(reference, str) else None
    return found[1] if found else ""


def patient(told: dict[str, Any], patient_id: str) -> Named:
    """The patient that was asked for, and no other; raises Failed."""
    if told.get("resourceType") != "Patient" or told.get("id") != patient_id:
        raise Failed("patient-other")
    identifiers = told.get("identifier")
    numbers = [
        one.get("value")
        for one in (identifiers if isinstance(identifiers, list) else [])
        if isinstance(one, dict) and one.get("system") == CPR_SYSTEM
    ]
    if len(numbers) != 1 or not isinstance(numbers[0], str) or not cpr.is_valid(numbers[0]):
        raise Failed("patient-cpr")
    return Named(numbers[0], _name(told.get("name")))


def _name(told: Any) -> str:
    """The first name, as text or put together; "" when there is none."""
    first = told[0] if isinstance(told, list) and told else {}
    if not isinstance(first, dict):
        return ""
    given = first.get("given")
    parts = [*(given if isinstance(given, list) else []), first.get("family", "")]
    said = first.get("text") or " ".join(part for part in parts if isinstance(part, str))
    if not isinstance(said, str) or len(said) > LONGEST_NAME or CONTROL.search(said):
        return ""
    return said.strip()


def _same_unit(contexts: Any, signed: tuple[str, str]) -> None:
    """A bare reference is the EPJ's own id; only one that is a SOR number itself can say something else."""
    if not isinstance(contexts, list):
        raise Failed("fhir-context")
    for one in contexts:
        reference = one.get("reference") if isinstance(one, dict) else None
        identifier = one.get("identifier") if isinstance(one, dict) and one.get("type") == "Organization" else None
        named = ""
        if isinstance(identifier, dict):
            named = str(identifier.get("value")) if identifier.get("system") == SOR_SYSTEM else "of another register"
        elif isinstance(reference, str) and (found := OWN_NUMBER.fullmatch(reference)):
            named = found[1]
        if named and (OrganisationSystem.SOR, named) != signed:
            raise Failed("organisation-mismatch")
