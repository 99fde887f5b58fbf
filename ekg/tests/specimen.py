"""A valid EKG document of our own making, to break in one place at a time."""

import base64
from typing import Any

from ekg.document import read
from ekg.pdf_report import PdfReport
from fhir.bundle import Judgement

Json = dict[str, Any]

NANCY, JENS = "2512489996", "1105529951"
PDF = b"%PDF-1.7 (a stand-in: what a PDF must be is tested where PDFs are read)"
PROFILE = "http://medcomfhir.dk/ig/ekg/StructureDefinition/medcom-ekg-recording"
DOCUMENT = "http://medcomfhir.dk/ig/document/StructureDefinition/medcom-document"
ATTACHMENT = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-observation-value-attachment-extension"
SKS = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesSKSadministrativ"
START, END = "2026-03-12T09:10:00+01:00", "2026-03-12T08:10:10Z"


def _uuid(number: int) -> str:
    return f"6f9e1c50-1d3a-4c1b-9b52-0000000000{number:02d}"


def _identifier(number: int) -> Json:
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{_uuid(number)}"}


def _resource(type_: str, number: int, profile: str, **elements: Any) -> Json:
    return {
        "resourceType": type_,
        "id": _uuid(number),
        "meta": {"profile": [profile]},
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{type_}</p></div>'},
        **elements,
    }


def _to(type_: str, number: int) -> Json:
    return {"reference": f"{type_}/{_uuid(number)}"}


STUDY = {"system": "http://loinc.org", "code": "11524-6", "display": "EKG study"}
PATIENT, ORGANIZATION = _to("Patient", 3), _to("Organization", 4)


class Specimen:
    """A fresh document; its resources are attributes, so that a test can reach in and break one thing."""

    def __init__(self) -> None:
        self.composition = _resource(
            "Composition", 1, f"{PROFILE}-composition|2.0", language="da", identifier=_identifier(11), status="final",
            type={"coding": [dict(STUDY)]},
            category=[{"coding": [{
                "system": "http://medcomfhir.dk/ig/xdsmetadata/CodeSystem/MedCom-ihe-classcode-CS",
                "code": "001", "display": "Klinisk rapport",
            }]}],
            subject=dict(PATIENT), date=START, author=[dict(ORGANIZATION), _to("PractitionerRole", 5)],
            title="Elektrokardiogram-12-aflednings", confidentiality="N",
            event=[{"period": {"start": START, "end": END}}], section=[{"entry": [_to("Observation", 2)]}],
        )  # fmt: skip
        self.attachment: Json = {
            "contentType": "application/pdf",
            "data": base64.b64encode(PDF).decode(),
            "title": "Elektrokardiogram-12-aflednings",
        }
        self.observation = _resource(
            "Observation", 2, f"{PROFILE}-observation", identifier=[_identifier(12)], status="final",
            extension=[{"url": ATTACHMENT, "valueAttachment": self.attachment}], code={"coding": [dict(STUDY)]},
            subject=dict(PATIENT), effectivePeriod={"start": START, "end": END}, performer=[dict(ORGANIZATION)],
            note=[{"text": "Arm- og benelektroder byttet om."}],
        )  # fmt: skip
        self.patient = _resource(
            "Patient", 3, f"{DOCUMENT}-patient", identifier=[{"system": "urn:oid:1.2.208.176.1.2", "value": NANCY}],
            name=[{"use": "official", "given": ["Nancy", "Ann"], "family": "Berggren"}],
            gender="female", birthDate="1948-12-25",
        )  # fmt: skip
        self.organization = _resource(
            "Organization", 4, f"{DOCUMENT}-organization", name="Lægehuset Åkirkeby",
            identifier=[{"system": "urn:oid:1.2.208.176.1.1", "value": "123456789012345"}],
        )  # fmt: skip
        self.role = _resource(
            "PractitionerRole", 5, f"{DOCUMENT}-practitionerrole", identifier=[_identifier(15)],
            organization=dict(ORGANIZATION), practitioner=_to("Practitioner", 6),
            code=[{"coding": [{"system": SKS, "code": "laegesekretaer"}]}],
        )  # fmt: skip
        self.practitioner = _resource(
            "Practitioner", 6, f"{DOCUMENT}-practitioner", identifier=[_identifier(16)],
            name=[{"given": ["Pia"], "family": "Bo"}],
        )  # fmt: skip
        self.resources = [
            self.composition, self.observation, self.patient, self.organization, self.role, self.practitioner,
        ]  # fmt: skip
        self.tree: Json = {
            "resourceType": "Bundle", "id": _uuid(20), "identifier": _identifier(20), "type": "document",
            "timestamp": "2026-03-12T09:12:00+01:00", "entry": [entry(resource) for resource in self.resources],
        }  # fmt: skip

    def add(self, resource: Json, **changes: Any) -> Json:
        """One more resource in the document; what is changed to None goes."""
        copy = {key: value for key, value in {**resource, **changes}.items() if value is not None}
        self.tree["entry"].append(entry(copy))
        return copy

    def drop(self, resource: Json) -> Json:
        """One resource less; gives it back."""
        self.tree["entry"] = [one for one in self.tree["entry"] if one["resource"] is not resource]
        return resource

    def judged(self) -> Judgement:
        return read(self.tree, readable)


def entry(resource: Json) -> Json:
    return {"fullUrl": f"http://example.org/ekg/{resource['resourceType']}/{resource['id']}", "resource": resource}


def readable(data: bytes) -> PdfReport:
    """An inspector that is content with every file."""
    return PdfReport(readable=True, pages=1)
