"""Documents as IHE MHD 4.2 hands them over: ITI-65 transaction Bundles with Minimal Metadata. Pure.

The metadata follows MedCom's rendering of the Danish XDS profile. Facility type and speciality live here and nowhere in
the document. The two updates carry metadata alone: no Binary, and the uniqueId of a document that was sent before.
"""

import base64
import hashlib
from datetime import timedelta
from typing import Any

from fhir.bundle import Tree
from samples.document import STUDY, TITLE, instant, period, unique_id
from samples.ids import oid, urn, uuid
from samples.organisations import ORGANISATIONS
from samples.parties import CPR, SOR, URI
from samples.personas import PATIENTS
from samples.recordings import Recording
from samples.rendition import MEDIA

MHD = "https://profiles.ihe.net/ITI/MHD/"
PROFILE = f"{MHD}StructureDefinition/IHE.MHD.Minimal."
EXTENSION = "http://medcomfhir.dk/ig/document/StructureDefinition/medcom-document-"


def transaction(recording: Recording, document: bytes) -> Tree:
    """Submission set, metadata and the document's own bytes."""
    return _bundle(recording, "provide", document)


def update(recording: Recording, status: str) -> Tree:
    """New metadata for a document that was sent before: current, superseded or entered-in-error."""
    return _bundle(recording, status, None)


def _bundle(recording: Recording, why: str, document: bytes | None) -> Tree:
    at = instant(recording.sent if document is not None else recording.sent + timedelta(days=1))
    entries = [_submission(recording, why, at), _reference(recording, why, document, at)]
    if document is not None:
        data = base64.b64encode(document).decode()
        entries.append(
            {
                "fullUrl": urn("binary", recording.name),
                "resource": {"resourceType": "Binary", "contentType": MEDIA[recording.rendition], "data": data},
            }
        )
    return {
        "resourceType": "Bundle",
        "id": uuid("transaction", why, recording.name),
        "meta": {"profile": [f"{PROFILE}ProvideBundle"]},
        "type": "transaction",
        "timestamp": at,
        "entry": [
            entry | {"request": {"method": "POST", "url": entry["resource"]["resourceType"]}} for entry in entries
        ],
    }


def _submission(recording: Recording, why: str, at: str) -> Tree:
    return {
        "fullUrl": urn("submission", why, recording.name),
        "resource": {
            "resourceType": "List",
            "meta": {"profile": [f"{PROFILE}SubmissionSet"]},
            "extension": [
                {
                    "url": f"{MHD}StructureDefinition/ihe-sourceId",
                    "valueIdentifier": {"value": oid("source", ORGANISATIONS[recording.place].id)},
                }
            ],
            "identifier": [
                {"use": "usual", "system": URI, "value": oid("submission", why, recording.name)},
                {"use": "official", "system": URI, "value": urn("submission", why, recording.name)},
            ],
            "status": "current",
            "mode": "working",
            "code": {"coding": [{"system": f"{MHD}CodeSystem/MHDlistTypes", "code": "submissionset"}]},
            "date": at,
            "entry": [{"item": {"reference": urn("reference", why, recording.name)}}],
        },
    }


def _reference(recording: Recording, why: str, document: bytes | None, at: str) -> Tree:
    place = ORGANISATIONS[recording.place]
    resource: Tree = {
        "resourceType": "DocumentReference",
        "meta": {"profile": [f"{PROFILE}DocumentReference"]},
        "contained": [_patient(recording), _organisation(recording)],
        "extension": [
            {
                "url": f"{EXTENSION}homecommunityid-extension",
                "valueCoding": {"system": "urn:oid:1.2.208.176.8.1", "code": "1.2.208.176.8.1"},
            },
            {"url": f"{EXTENSION}version-id-extension", "valueString": "1.0.0"},
        ],
        "masterIdentifier": {"use": "usual", "system": URI, "value": unique_id(recording.name)},
        "identifier": [{"use": "official", "system": URI, "value": urn("bundle", recording.name)}],
        "status": "current" if document is not None else why,
        "type": STUDY,
        "category": [_concept("urn:oid:1.2.208.184.100.9", "001", "Klinisk rapport")],
        "subject": {"reference": "#patient"},
        "date": at,
        "author": [{"reference": "#organisation"}],
    }
    if recording.replaces:
        target = {"type": "DocumentReference", "identifier": {"system": URI, "value": unique_id(recording.replaces)}}
        resource["relatesTo"] = [{"code": "replaces", "target": target}]
    resource["securityLabel"] = [_concept("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "N")]
    resource["content"] = [
        {
            "attachment": _attachment(recording, document),
            "format": {
                "system": "urn:oid:1.2.208.184.100.10",
                "code": "urn:ad:dk:medcom:ekg-v2.0:full",
                "display": "DK EKG schema",
            },
        }
    ]
    resource["context"] = {
        "period": period(recording),
        "facilityType": _concept("http://snomed.info/sct", *place.type),
        "practiceSetting": _concept("http://snomed.info/sct", *place.speciality),
        "sourcePatientInfo": {"reference": "#patient", "identifier": _patient(recording)["identifier"][0]},
    }
    return {"fullUrl": urn("reference", why, recording.name), "resource": resource}


def _attachment(recording: Recording, document: bytes | None) -> dict[str, Any]:
    """FHIR wants the hash as base64 of the 20 bytes of SHA-1, not of their hexadecimal spelling."""
    url = {"url": urn("binary", recording.name) if document is not None else unique_id(recording.name)}
    measured: dict[str, Any] = {}
    if document is not None:
        digest = hashlib.sha1(document, usedforsecurity=False).digest()
        measured = {"size": len(document), "hash": base64.b64encode(digest).decode()}
    facts = {"title": TITLE, "creation": instant(recording.sent)}
    return {"contentType": MEDIA[recording.rendition], "language": "da"} | url | measured | facts


def _patient(recording: Recording) -> Tree:
    person = PATIENTS[recording.patient]
    return {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [{"system": CPR, "value": person.cpr}],
        "name": [{"use": "official", "family": person.family, "given": person.given.split()}],
        "gender": person.gender,
        "birthDate": f"{person.born}",
    }


def _organisation(recording: Recording) -> Tree:
    place = ORGANISATIONS[recording.place]
    named = {} if recording.deviation == "no-organisation-name" else {"name": place.name}
    return {
        "resourceType": "Organization",
        "id": "organisation",
        "identifier": [{"system": SOR, "value": place.sor}],
    } | named


def _concept(system: str, code: str, display: str = "") -> Tree:
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}
