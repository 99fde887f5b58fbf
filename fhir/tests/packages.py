"""ITI-65 transactions for tests, made by hand so that each test can break one thing."""

import base64
import hashlib
from typing import Any

import orjson

from fhir.bundle import Tree
from fhir.tests.letters import CPR, letter

MHD = "https://profiles.ihe.net/ITI/MHD/"
UNIQUE = "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"
ENTRY = "urn:uuid:bbbbbbbb-0000-4000-8000-000000000002"
REFERENCE, BINARY, SET = (
    "urn:uuid:00000000-0000-4000-8000-00000000000a",
    "urn:uuid:00000000-0000-4000-8000-00000000000b",
    "urn:uuid:00000000-0000-4000-8000-00000000000c",
)


def package(document: Tree | bytes | None = None, status: str = "current", **changes: Any) -> Tree:
    """A transaction with one document; `changes` replace elements of its DocumentReference (None removes them)."""
    raw = document if isinstance(document, bytes) else orjson.dumps(document or letter())
    reference = described(raw, status) | changes
    entries = [
        entry(SET, submission_set(), "List"),
        entry(REFERENCE, {name: value for name, value in reference.items() if value is not None}, "DocumentReference"),
        entry(BINARY, binary(raw), "Binary"),
    ]
    return transaction(entries)


def update(status: str = "superseded", **changes: Any) -> Tree:
    """A transaction with metadata alone."""
    reference = described(b"", status) | changes
    reference["content"] = [{"attachment": {"contentType": "application/fhir+json", "url": "DOC001.JSON"}}]
    return transaction([entry(SET, submission_set(), "List"), entry(REFERENCE, reference, "DocumentReference")])


def transaction(entries: list[Tree]) -> Tree:
    profile = f"{MHD}StructureDefinition/IHE.MHD.Minimal.ProvideBundle"
    return {"resourceType": "Bundle", "meta": {"profile": [profile]}, "type": "transaction", "entry": entries}


def entry(url: str, resource: Tree, address: str, method: str = "POST") -> Tree:
    return {"fullUrl": url, "resource": resource, "request": {"method": method, "url": address}}


def binary(raw: bytes) -> Tree:
    data = base64.b64encode(raw).decode()
    return {"resourceType": "Binary", "contentType": "application/fhir+json", "data": data}


def submission_set() -> Tree:
    return {
        "resourceType": "List",
        "extension": [{"url": f"{MHD}StructureDefinition/ihe-sourceId", "valueIdentifier": {"value": "urn:oid:1.2.3"}}],
        "identifier": [{"use": "usual", "value": "urn:oid:1.2.3.4"}, {"use": "official", "value": SET}],
        "status": "current",
        "mode": "working",
        "code": {"coding": [{"system": f"{MHD}CodeSystem/MHDlistTypes", "code": "submissionset"}]},
        "date": "2026-11-01T10:00:00+01:00",
        "entry": [{"item": {"reference": REFERENCE}}],
    }


def described(raw: bytes, status: str) -> Tree:
    identifier = {"system": "urn:oid:1.2.208.176.1.2", "value": CPR}
    patient = {"resourceType": "Patient", "id": "p1", "identifier": [identifier]}
    digest = base64.b64encode(hashlib.sha1(raw, usedforsecurity=False).digest()).decode()
    attachment = {"contentType": "application/fhir+json", "url": BINARY, "size": len(raw), "hash": digest}
    return {
        "resourceType": "DocumentReference",
        "contained": [patient],
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": UNIQUE},
        "identifier": [{"use": "official", "system": "urn:ietf:rfc:3986", "value": ENTRY}],
        "status": status,
        "type": {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.1", "code": "11488-4"}]},
        "subject": {"reference": "#p1"},
        "content": [{"attachment": attachment, "format": {"code": "urn:ad:dk:medcom:ekg-v2.0:full"}}],
        "context": {
            "facilityType": {"coding": [{"system": "http://snomed.info/sct", "code": "22232009"}]},
            "practiceSetting": {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.96", "code": "394579002"}]},
            "sourcePatientInfo": {"reference": "#p1", "identifier": identifier},
        },
    }
