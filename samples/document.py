"""An EKG document as MedCom's EKG profile 2.0 wants it: a Bundle of Composition, Observation, Patient, author. Pure.

Keys stand in the order of the resource definitions, so that the XML rendition can follow them.
"""

import base64
from datetime import datetime
from typing import Any

from fhir.bundle import Tree
from samples.ids import urn, uuid
from samples.narrative import Line, narrative
from samples.organisations import ORGANISATIONS
from samples.personas import PATIENTS, Patient
from samples.recordings import Author, Recording

EKG = "http://medcomfhir.dk/ig/ekg/StructureDefinition/medcom-ekg-recording-"
DOCUMENT = "http://medcomfhir.dk/ig/document/StructureDefinition/medcom-document-"
ATTACHMENT = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-observation-value-attachment-extension"
ROLES = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesSKSadministrativ"
CATEGORY = "http://medcomfhir.dk/ig/xdsmetadata/CodeSystem/MedCom-ihe-classcode-CS"
CPR, SOR, URI = "urn:oid:1.2.208.176.1.2", "urn:oid:1.2.208.176.1.1", "urn:ietf:rfc:3986"
TITLE = "Elektrokardiogram-12-aflednings"
STUDY = {"coding": [{"system": "http://loinc.org", "code": "11524-6", "display": "EKG study"}]}


def document(recording: Recording, pdf: bytes) -> Tree:
    """The document Bundle with this PDF inside, with the one deviation that the recording names."""
    composition, observation = _composition(recording), _observation(recording, pdf)
    resources = [composition, observation, patient(PATIENTS[recording.patient]), _organisation(recording)]
    if recording.author:
        resources += _author(recording.author, recording.place)
    if recording.deviation == "no-organisation-name":
        del resources[3]["name"]
    if recording.deviation == "cpr-too-short":
        resources[2]["identifier"][0]["value"] = PATIENTS[recording.patient].cpr[:-1]
    return {
        "resourceType": "Bundle",
        "id": uuid("bundle", recording.name),
        "meta": {"profile": [f"{EKG}bundle"]},
        "identifier": {"system": URI, "value": urn("bundle-identifier", recording.name)},
        "type": "document",
        "timestamp": instant(recording.sent),
        "entry": [
            {"fullUrl": f"http://medcomfhir.dk/ig/ekgrecording/{_ref(resource)}", "resource": resource}
            for resource in resources
        ],
    }


def unique_id(name: str) -> str:
    """The identifier of the document of this name: Composition.identifier, uniqueId in XDS."""
    return urn("document", name)


def instant(moment: datetime) -> str:
    return moment.isoformat()


def period(recording: Recording) -> dict[str, str]:
    """Start, and end where the source knows it."""
    return {"start": instant(recording.start)} | ({"end": instant(recording.end)} if recording.end else {})


def _composition(recording: Recording) -> Tree:
    subject, place = _patient_ref(recording), _organisation_ref(recording)
    authors = [place, *([_author_ref(recording.author, recording.place)] if recording.author else [])]
    observation = f"Observation/{uuid('observation', recording.name)}"
    times = period(recording)
    lines: list[Line] = [
        ("Id", "Id", uuid("composition", recording.name)),
        ("Titel", "Title", TITLE),
        ("Dokument", "Document", unique_id(recording.name)),
        ("Profil", "Profile", f"{EKG}composition|2.0"),
        ("Status", "Status", "final"),
        ("Optaget fra", "Recorded from", times["start"]),
        ("Optaget til", "Recorded until", times.get("end", "")),
        ("Dokumentet afsluttet", "Document finalised", times.get("end", times["start"])),
        ("Type", "Type", "EKG study (11524-6)"),
        ("Kategori", "Category", "Klinisk rapport (001)"),
        ("Fortrolighed", "Confidentiality", "N"),
        ("Sprog", "Language", "da"),
    ]
    return {
        "resourceType": "Composition",
        "id": uuid("composition", recording.name),
        "meta": {"profile": [f"{EKG}composition|2.0"]},
        "language": "da",
        "text": narrative("EKG-dokument", "ECG document", lines, [subject, *authors, observation]),
        "identifier": {"system": URI, "value": unique_id(recording.name)},
        "status": "final",
        "type": STUDY,
        "category": [{"coding": [{"system": CATEGORY, "code": "001", "display": "Klinisk rapport"}]}],
        "subject": {"reference": subject},
        "date": times.get("end", times["start"]),
        "author": [{"reference": author} for author in authors],
        "title": TITLE,
        "confidentiality": "N",
        "event": [{"period": times}],
        "section": [{"entry": [{"reference": observation}]}],
    }


def _observation(recording: Recording, pdf: bytes) -> Tree:
    number = uuid("observation", recording.name)
    times = period(recording)
    lines: list[Line] = [
        ("Id", "Id", number),
        ("Undersøgelse", "Study", "EKG / EKG study (11524-6)"),
        ("Status", "Status", "final"),
        ("Optaget fra", "Recorded from", times["start"]),
        ("Optaget til", "Recorded until", times.get("end", "")),
        ("Kommentar", "Comment", recording.note),
        ("Fil", "File", f"{TITLE}, application/pdf"),
    ]
    references = [_patient_ref(recording), _organisation_ref(recording)]
    effective = {"effectivePeriod": times} if recording.end else {"effectiveDateTime": times["start"]}
    tree: Tree = {
        "resourceType": "Observation",
        "id": number,
        "meta": {"profile": [f"{EKG}observation"]},
        "text": narrative("EKG-optagelse", "ECG recording", lines, references, extensions=True),
        "extension": [
            {
                "url": ATTACHMENT,
                "valueAttachment": {
                    "contentType": "application/pdf",
                    "data": base64.b64encode(pdf).decode(),
                    "title": TITLE,
                },
            }
        ],
        # the recording keeps its identifier when its document is corrected
        "identifier": [{"system": URI, "value": urn("recording", recording.replaces or recording.name)}],
        "status": "final",
        "code": STUDY,
        "subject": {"reference": references[0]},
        **effective,
        "performer": [{"reference": references[1]}],
    }
    return tree | ({"note": [{"text": recording.note}]} if recording.note else {})


def patient(person: Patient) -> Tree:
    """The Patient as the source sends him or her: masked when protected."""
    number = uuid("patient", person.id)
    lines: list[Line] = [
        ("Id", "Id", number),
        ("CPR-nummer", "CPR number", person.cpr),
        ("Navn", "Name", person.name),
        ("Køn", "Gender", {"female": "kvinde / female", "male": "mand / male"}[person.gender]),
        ("Fødselsdato", "Birth date", f"{person.born}"),
    ]
    return {
        "resourceType": "Patient",
        "id": number,
        "meta": {"profile": [f"{DOCUMENT}patient"]},
        "text": narrative("Patient", "Patient", lines),
        "identifier": [{"system": CPR, "value": person.cpr}],
        "name": [{"use": "official", "family": person.family, "given": person.given.split()}],
        "gender": person.gender,
        "birthDate": f"{person.born}",
    }


def _organisation(recording: Recording) -> Tree:
    place = ORGANISATIONS[recording.place]
    number = uuid("organisation", place.id)
    name = "" if recording.deviation == "no-organisation-name" else place.name
    lines: list[Line] = [("Id", "Id", number), ("SOR-kode", "SOR code", place.sor), ("Navn", "Name", name)]
    return {
        "resourceType": "Organization",
        "id": number,
        "meta": {"profile": [f"{DOCUMENT}organization"]},
        "text": narrative("Organisation", "Organization", lines),
        "identifier": [{"system": SOR, "value": place.sor}],
        "name": place.name,
    }


def _author(author: Author, place: str) -> list[Tree]:
    """The person, and before it the role when one is known."""
    number, organisation = uuid("practitioner", author.name), f"Organization/{uuid('organisation', place)}"
    person: Tree = {
        "resourceType": "Practitioner",
        "id": number,
        "meta": {"profile": [f"{DOCUMENT}practitioner"]},
        "text": narrative("Sundhedsperson", "Practitioner", [("Id", "Id", number), ("Navn", "Name", author.name)]),
        "identifier": [{"system": URI, "value": urn("practitioner-identifier", author.name)}],
        "name": [{"family": author.family, "given": list(author.given)}],
    }
    if not (author.role_code or author.role_text):
        return [person]
    role, references = uuid("role", author.name, place), [f"Practitioner/{number}", organisation]
    code: dict[str, Any] = (
        {"coding": [{"system": ROLES, "code": author.role_code}]} if author.role_code else {"text": author.role_text}
    )
    lines: list[Line] = [("Id", "Id", role), ("Rolle", "Role", author.role_code or author.role_text)]
    return [
        {
            "resourceType": "PractitionerRole",
            "id": role,
            "meta": {"profile": [f"{DOCUMENT}practitionerrole"]},
            "text": narrative("Rolle", "Role", lines, references),
            "identifier": [{"system": URI, "value": urn("role-identifier", author.name, place)}],
            "practitioner": {"reference": references[0]},
            "organization": {"reference": references[1]},
            "code": [code],
        },
        person,
    ]


def _ref(resource: Tree) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _patient_ref(recording: Recording) -> str:
    return f"Patient/{uuid('patient', recording.patient)}"


def _organisation_ref(recording: Recording) -> str:
    return f"Organization/{uuid('organisation', recording.place)}"


def _author_ref(author: Author, place: str) -> str:
    if author.role_code or author.role_text:
        return f"PractitionerRole/{uuid('role', author.name, place)}"
    return f"Practitioner/{uuid('practitioner', author.name)}"
