"""An EKG document as MedCom's EKG profile 2.0 wants it: a Bundle of Composition, Observation, Patient, author. Pure.

Keys stand in the order of the resource definitions, so that the XML rendition can follow them.
"""

import base64
from datetime import datetime

from fhir.bundle import Tree
from samples.ids import urn, uuid
from samples.narrative import Line, narrative
from samples.organisations import ORGANISATIONS
from samples.parties import URI, organisation, patient, recorder, reference
from samples.personas import PATIENTS
from samples.recordings import Recording

EKG = "http://medcomfhir.dk/ig/ekg/StructureDefinition/medcom-ekg-recording-"
ATTACHMENT = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-observation-value-attachment-extension"
CATEGORY = "http://medcomfhir.dk/ig/xdsmetadata/CodeSystem/MedCom-ihe-classcode-CS"
TITLE = "Elektrokardiogram-12-aflednings"
STUDY = {"coding": [{"system": "http://loinc.org", "code": "11524-6", "display": "EKG study"}]}


def document(recording: Recording, pdf: bytes) -> Tree:
    """The document Bundle with this PDF inside, with the one deviation that the recording names."""
    place = ORGANISATIONS[recording.place]
    about, source = patient(PATIENTS[recording.patient]), organisation(place)
    people = recorder(recording.author, place) if recording.author else []
    observation = _observation(recording, pdf, [reference(about), reference(source)])
    named = [reference(each) for each in (about, source, *people[:1], observation)]
    if recording.deviation == "no-organisation-name":
        source = organisation(place, named=False)
    if recording.deviation == "cpr-too-short":
        about["identifier"][0]["value"] = PATIENTS[recording.patient].cpr[:-1]
    resources = [_composition(recording, named), observation, about, source, *people]
    return {
        "resourceType": "Bundle",
        "id": uuid("bundle", recording.name),
        "meta": {"profile": [f"{EKG}bundle"]},
        "identifier": {"system": URI, "value": urn("bundle-identifier", recording.name)},
        "type": "document",
        "timestamp": instant(recording.sent),
        "entry": [
            {"fullUrl": f"http://medcomfhir.dk/ig/ekgrecording/{reference(resource)}", "resource": resource}
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


def _composition(recording: Recording, named: list[str]) -> Tree:
    """The head of the document; `named` are its patient, its authors and its observation."""
    subject, *authors, observation = named
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
        "text": narrative("EKG-dokument", "ECG document", lines, named),
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


def _observation(recording: Recording, pdf: bytes, named: list[str]) -> Tree:
    """The recording with its PDF; `named` are its patient and its place."""
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
    effective = {"effectivePeriod": times} if recording.end else {"effectiveDateTime": times["start"]}
    tree: Tree = {
        "resourceType": "Observation",
        "id": number,
        "meta": {"profile": [f"{EKG}observation"]},
        "text": narrative("EKG-optagelse", "ECG recording", lines, named, extensions=True),
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
        "subject": {"reference": named[0]},
        **effective,
        "performer": [{"reference": named[1]}],
    }
    return tree | ({"note": [{"text": recording.note}]} if recording.note else {})
