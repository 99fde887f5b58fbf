"""Documents that are shown as they are, that cannot be shown, and that are refused."""

import base64
import hashlib

from ekg.tests.changes import (
    ATTACHED,
    CPR,
    OTHER,
    SLICE,
    Change,
    both_times,
    contained_patient,
    everywhere,
    number,
    second_observation,
    second_patient,
    with_,
    without,
)
from ekg.tests.specimen import ATTACHMENT, JENS, NANCY, PATIENT, PDF, PROFILE, START

SHOWN: dict[str, Change] = {
    "a document with nothing wrong": lambda s: None,
    "no author person": lambda s: s.composition["author"].pop(),
    "a practitioner as author, without a role": lambda s: s.composition["author"].__setitem__(
        1, {"reference": f"Practitioner/{s.practitioner['id']}"}
    ),
    "a role as free text": with_("role", code=[{"text": "Hjertelæge"}]),
    "a role without a practitioner": without("role", "practitioner"),
    "no note": without("observation", "note"),
    "a note of 1024 characters beyond the basic plane": with_("observation", note=[{"text": "\U0001fac0" * 1024}]),
    "a second section": lambda s: s.composition["section"].append(
        {"title": "Mere", "entry": [{"reference": f"Observation/{s.observation['id']}"}]}
    ),
    "a period without an end": both_times(START),
    "a time in Zulu with a fraction": both_times("2026-03-12T08:10:00.123456789Z"),
    "the same moment in another zone": lambda s: s.composition["event"][0]["period"].update(
        start="2026-03-12T08:10:00Z", end="2026-03-12T09:10:10+01:00"
    ),
    "a further minor version": lambda s: s.composition["meta"].update(profile=[f"{PROFILE}-composition|2.7.3"]),
    "an extra resource of a kind of its own": lambda s: s.add({"resourceType": "Device", "id": "d"}),
    "an extra organisation that no profile binds": lambda s: s.add(
        {
            "resourceType": "Organization",
            "id": "r",
            "name": "Regionen",
            "text": s.organization["text"],
        }
    ),
    "an extra observation that is no EKG": lambda s: s.add(
        s.observation, id=OTHER, meta=None, extension=None, code={"coding": [{"system": "urn:x", "code": "qt"}]}
    ),
    "two recordings": second_observation(),
    "a relation to another document": with_(
        "composition",
        relatesTo=[{"code": "replaces", "targetReference": {"reference": "Composition/elsewhere"}}],
    ),
    "references with a server before them": everywhere(f"https://epj.example/fhir/{PATIENT['reference']}"),
    "references by urn": lambda s: (
        s.tree["entry"][2].update(fullUrl=f"urn:uuid:{s.patient['id']}"),
        everywhere(f"urn:uuid:{s.patient['id']}")(s),
    ),
    "base64 in lines": lambda s: s.attachment.update(data=base64.encodebytes(PDF).decode()),
    "the size and hash of the file": lambda s: s.attachment.update(
        size=len(PDF), hash=base64.b64encode(hashlib.sha1(PDF, usedforsecurity=False).digest()).decode()
    ),
    "a birth date that the source withholds": lambda s: s.patient.update(
        birthDate=None,
        _birthDate={
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
        },
    ),
    "elements the profile leaves alone": with_("observation", language="da", issued=START, category=[{"text": "x"}]),
}

ERRORS: dict[str, tuple[Change, str]] = {
    "no file": (without("observation", "extension"), f"{ATTACHED}:min"),
    "another extension": (
        lambda s: s.observation["extension"][0].update(url=ATTACHMENT + "s"),
        f"{ATTACHED}:min",
    ),
    "an empty file": (lambda s: s.attachment.update(data=""), f"{ATTACHED}.value[x].data:min"),
    "a link instead of a file": (
        lambda s: (s.attachment.pop("data"), s.attachment.update(url="https://x.example/ekg.pdf")),
        f"{ATTACHED}.value[x].data:min",
    ),
    "a text instead of a file": (
        lambda s: (s.observation["extension"][0].pop("valueAttachment"), s.observation["extension"][0].update(
            valueString="x")),
        f"{ATTACHED}.value[x]:min",
    ),
    "two files": (
        lambda s: s.observation["extension"].append(dict(s.observation["extension"][0])),
        f"{ATTACHED}:max",
    ),
    "a character that is not base64": (
        lambda s: s.attachment.update(data=s.attachment["data"][:-4] + "_-_="),
        "payload-base64",
    ),
    "base64 cut short": (lambda s: s.attachment.update(data=s.attachment["data"][:-3]), "payload-base64"),
    "a data URL": (
        lambda s: s.attachment.update(data="data:application/pdf;base64," + s.attachment["data"]),
        "payload-base64",
    ),
    "a number for a file": (lambda s: s.attachment.update(data=7), "payload-base64"),
    "no observation": (lambda s: (s.drop(s.observation), s.composition.pop("section")), "ekg-recording"),
    "a dangling section": (lambda s: s.drop(s.observation), "ekg-recording"),
    "one of two recordings without its file": (second_observation(extension=None), f"{ATTACHED}:min"),
}  # fmt: skip

REFUSED: dict[str, tuple[Change, str]] = {
    "no bundle": (with_("tree", resourceType="Composition"), "ekg-bundle"),
    "a bundle of another type": (with_("tree", type="collection"), "medcom-ekg-recording-bundle:Bundle.type:pattern"),
    "a bundle without a type": (without("tree", "type"), "medcom-ekg-recording-bundle:Bundle.type:min"),
    "no entries": (with_("tree", entry=[]), f"{SLICE}:min"),
    "no composition": (
        lambda s: s.drop(s.composition),
        f"{SLICE}:min",
    ),
    "two compositions": (
        lambda s: s.add(s.composition, id=OTHER),
        f"{SLICE}:max",
    ),
    "no subject": (without("composition", "subject"), "ekg-subject-resolves"),
    "no subject of the observation": (without("observation", "subject"), "ekg-subject-resolves"),
    "a subject that is not there": (lambda s: s.drop(s.patient), "ekg-subject-resolves"),
    "a subject named only by CPR number": (
        with_("observation", subject={"identifier": {"system": CPR, "value": NANCY}}),
        "ekg-subject-resolves",
    ),
    "a subject that is an organisation": (
        lambda s: s.observation.update(subject=dict(s.observation["performer"][0])),
        "ekg-subject-resolves",
    ),
    "a contained patient": (contained_patient, "ekg-subject-resolves"),
    "two patients, one for each": (
        lambda s: s.observation.update(subject={"reference": f"Patient/{second_patient()(s)['id']}"}),
        "ekg-subjects-equal",
    ),
    "a second recording of another patient": (
        lambda s: second_observation(subject={"reference": f"Patient/{second_patient()(s)['id']}"})(s),
        "ekg-subjects-equal",
    ),
    "two patients of the same id": (lambda s: s.add(s.patient), "ekg-subject-unique"),
    "a further patient that something refers to": (
        lambda s: s.composition["author"].append({"reference": f"Patient/{second_patient()(s)['id']}"}),
        "ekg-further-patient",
    ),
    "a subject with another CPR number beside the reference": (
        lambda s: s.observation["subject"].update(identifier={"system": CPR, "value": JENS}),
        "ekg-subject-number",
    ),
    "no CPR number": (without("patient", "identifier"), "medcom-document-patient:Patient.identifier:cpr:min"),
    "another system of the CPR number": (
        number(NANCY, "urn:oid:1.2.208.176.1.6.1.1"),
        "medcom-document-patient:Patient.identifier:cpr:min",
    ),
    "a CPR number with a hyphen": (number("251248-9996"), "cpr"),
    "a CPR number of nine digits": (number("251248999"), "cpr"),
    "a CPR number on 31 February": (number("3102489996"), "cpr"),
    "a CPR number in other digits": (number("٢٥١٢٤٨٩٩٩٦"), "cpr"),
    "a CPR number with a line break": (number(f"{NANCY}\n"), "cpr"),
    "a CPR number as a number": (number(int(NANCY)), "cpr"),
    "two CPR numbers": (
        lambda s: s.patient["identifier"].append({"system": CPR, "value": JENS}),
        "medcom-document-patient:Patient.identifier:cpr:max",
    ),
}
