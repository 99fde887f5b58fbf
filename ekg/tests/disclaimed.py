"""Deviations that are shown with a disclaimer: what is done to the specimen, and the rule that names it."""

from ekg.tests.changes import (
    ATTACHED,
    COMPOSITION,
    OBSERVATION,
    OTHER,
    Change,
    both_times,
    second_patient,
    with_,
    without,
)
from ekg.tests.specimen import PATIENT, PROFILE, START

DISCLAIMED: dict[str, tuple[Change, str]] = {
    "the composition stands second": (lambda s: s.tree["entry"].reverse(), "bdl-11"),
    "version 1": (
        lambda s: s.composition["meta"].update(profile=[f"{PROFILE}-composition|1.0"]),
        "medcom-canonical-fixed-major",
    ),
    "version 3": (
        lambda s: s.composition["meta"].update(profile=[f"{PROFILE}-composition|3.0"]),
        "medcom-canonical-fixed-major",
    ),
    "no profile": (without("composition", "meta"), f"{COMPOSITION}.meta:min"),
    "no version": (
        lambda s: s.composition["meta"].update(profile=[f"{PROFILE}-composition"]),
        "medcom-canonical-semver",
    ),
    "the profile of something else": (
        lambda s: s.composition["meta"].update(profile=["http://x.example/letter|2.0"]),
        "ekg-composition-profile",
    ),
    "an extension that may change the meaning": (
        with_("observation", modifierExtension=[{"url": "urn:x", "valueBoolean": True}]),
        "isModifier",
    ),
    "language en": (with_("composition", language="en"), f"{COMPOSITION}.language:fixed"),
    "status amended": (with_("composition", status="amended"), f"{COMPOSITION}.status:pattern"),
    "status entered in error": (with_("composition", status="entered-in-error"), f"{COMPOSITION}.status:pattern"),
    "a status of the observation": (with_("observation", status="cancelled"), f"{OBSERVATION}.status:pattern"),
    "confidentiality R": (with_("composition", confidentiality="R"), f"{COMPOSITION}.confidentiality:fixed"),
    "no title": (without("composition", "title"), f"{COMPOSITION}.title:min"),
    "no type": (without("composition", "type"), "Composition.type:min"),
    "no category": (without("composition", "category"), f"{COMPOSITION}.category:min"),
    "no event": (without("composition", "event"), f"{COMPOSITION}.event:min"),
    "two events": (
        lambda s: s.composition["event"].append(dict(s.composition["event"][0])),
        f"{COMPOSITION}.event:max",
    ),
    "no identifier": (without("composition", "identifier"), f"{COMPOSITION}.identifier:min"),
    "no narrative": (without("composition", "text"), f"{COMPOSITION}.text:min"),
    "a script in a narrative": (
        lambda s: s.patient["text"].update(div='<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>'),
        "txt-1",
    ),
    "a narrative outside XHTML": (lambda s: s.patient["text"].update(div="<div>x</div>"), "txt-1"),
    "an empty narrative": (
        lambda s: s.patient["text"].update(div='<div xmlns="http://www.w3.org/1999/xhtml"> </div>'),
        "txt-2",
    ),
    "an empty section": (with_("composition", section=[{"title": "Tom"}]), "cmp-1"),
    "no section": (without("composition", "section"), f"{COMPOSITION}.section:min"),
    "a section that lists the patient": (
        lambda s: s.composition["section"][0]["entry"].append(dict(PATIENT)),
        f"{COMPOSITION}.section.entry:target",
    ),
    "a recording that no section lists": (lambda s: s.add(s.observation, id=OTHER), "ekg-section-lists-recording"),
    "a dangling author": (
        lambda s: s.composition["author"].__setitem__(1, {"reference": "Practitioner/none"}),
        "ekg-reference-resolves",
    ),
    "a dangling reference in an extra resource": (
        lambda s: s.add({"resourceType": "Device", "id": "d", "owner": {"reference": "Organization/none"}}),
        "ekg-reference-resolves",
    ),
    "a missing practitioner": (lambda s: s.drop(s.practitioner), "ekg-reference-resolves"),
    "the patient as author": (
        lambda s: s.composition["author"].__setitem__(1, dict(PATIENT)),
        f"{COMPOSITION}.author:target",
    ),
    "an author named only by a display": (
        lambda s: s.composition.update(author=[{"display": "Lægehuset"}]),
        f"{COMPOSITION}.author:institution:min",
    ),
    "two sending organisations": (
        lambda s: s.composition["author"].__setitem__(1, {"reference": f"Organization/{s.organization['id']}"}),
        f"{COMPOSITION}.author:institution:max",
    ),
    "another organisation performed it": (
        lambda s: s.observation.update(
            performer=[{"reference": f"Organization/{s.add(s.organization, id=OTHER)['id']}"}]
        ),
        "ekg-performer-is-author",
    ),
    "an organisation name of blanks": (
        with_("organization", name="  "),
        "medcom-document-organization:Organization.name:min",
    ),
    "no SOR code": (
        with_("organization", identifier=[{"system": "urn:oid:1.2.208.176.1.4", "value": "012345"}]),
        "medcom-document-organization:Organization.identifier:SOR-ID:min",
    ),
    "a role both coded and written": (
        lambda s: s.role["code"][0].update(text="Lægesekretær"),
        "medcom-core-practitionerrole-code-xor-text",
    ),
    "a practitioner without a family name": (
        lambda s: s.practitioner["name"][0].pop("family"),
        "medcom-document-practitioner:Practitioner.name.family:min",
    ),
    "a note of 1025 characters": (
        with_("observation", note=[{"text": "æ" * 1025}]),
        f"{OBSERVATION}.note.text:maxLength",
    ),
    "a note without text": (with_("observation", note=[{"time": START}]), f"{OBSERVATION}.note.text:min"),
    "two notes": (with_("observation", note=[{"text": "a"}, {"text": "b"}]), f"{OBSERVATION}.note:max"),
    "no performer": (without("observation", "performer"), f"{OBSERVATION}.performer:min"),
    "no identifier of the observation": (without("observation", "identifier"), f"{OBSERVATION}.identifier:min"),
    "another LOINC display": (
        lambda s: s.observation["code"]["coding"][0].update(display="EKG Study"),
        f"{OBSERVATION}.code.coding:LOINC.display:fixed",
    ),
    "the OID of LOINC as system": (
        lambda s: s.observation["code"]["coding"][0].update(system="urn:oid:2.16.840.1.113883.6.1"),
        f"{OBSERVATION}.code.coding:LOINC:min",
    ),
    "no recording time": (without("observation", "effectivePeriod"), f"{OBSERVATION}.effective[x]:min"),
    "a recording time as instant": (
        lambda s: (s.observation.pop("effectivePeriod"), s.observation.update(effectiveInstant=START)),
        f"{OBSERVATION}.effective[x]:min",
    ),
    "a time without seconds": (both_times("2026-03-12T09:10+01:00"), "medcom-datetime-has-time-offset-zulu"),
    "a time without a zone": (both_times("2026-03-12T09:10:00"), "medcom-datetime-has-time-offset-zulu"),
    "a date instead of a time": (both_times("2026-03-12"), "medcom-datetime-has-time-offset-zulu"),
    "a day that never was": (both_times("2026-02-30T09:10:00+01:00"), "Period.start:type"),
    "an end before the start": (both_times(START, "2026-03-12T09:09:00+01:00"), "per-1"),
    "event and recording differ": (
        lambda s: s.composition["event"][0]["period"].update(start="2026-03-12T09:09:59+01:00"),
        "ekg-event-equals-effective",
    ),
    "the event has an end that the recording lacks": (
        lambda s: s.observation["effectivePeriod"].pop("end"),
        "ekg-event-equals-effective",
    ),
    "no timestamp": (without("tree", "timestamp"), "medcom-ekg-recording-bundle:Bundle.timestamp:min"),
    "a timestamp without a zone": (
        with_("tree", timestamp="2026-03-12T09:12:00"),
        "medcom-datetime-has-time-offset-zulu",
    ),
    "no id of the bundle": (without("tree", "id"), "medcom-ekg-recording-bundle:Bundle.id:min"),
    "an identifier without a value": (with_("tree", identifier={"system": "urn:x"}), "bdl-9"),
    "no fullUrl": (
        lambda s: s.tree["entry"][3].pop("fullUrl"),
        "medcom-ekg-recording-bundle:Bundle.entry.fullUrl:min",
    ),
    "a fullUrl used twice": (lambda s: s.tree["entry"][3].update(fullUrl=s.tree["entry"][2]["fullUrl"]), "bdl-7"),
    "a fullUrl of another id": (
        lambda s: s.tree["entry"][3].update(fullUrl="http://example.org/Organization/other"),
        "ekg-fullurl-id",
    ),
    "an entry without a resource": (
        lambda s: s.tree["entry"].append({"fullUrl": "http://example.org/x"}),
        "medcom-ekg-recording-bundle:Bundle.entry.resource:min",
    ),
    "an organisation twice": (lambda s: s.add(s.organization), "ekg-resource-id-unique"),
    "a patient that nothing refers to": (second_patient(), "ekg-further-patient"),
    "a patient without a CPR number that nothing refers to": (second_patient(identifier=None), "ekg-further-patient"),
    "no birth date": (without("patient", "birthDate"), "medcom-document-patient:Patient.birthDate:min"),
    "no gender": (without("patient", "gender"), "medcom-document-patient:Patient.gender:min"),
    "a gender that is none": (with_("patient", gender="kvinde"), "Patient.gender:binding"),
    "no name": (without("patient", "name"), "medcom-document-patient:Patient.name:official:min"),
    "a name that is not the official one": (
        lambda s: s.patient["name"][0].update(use="usual"),
        "medcom-document-patient:Patient.name:official:min",
    ),
    "the CPR number twice": (
        lambda s: s.patient["identifier"].append(dict(s.patient["identifier"][0])),
        "medcom-document-patient:Patient.identifier:max",
    ),
    "a replacement number beside the CPR number": (
        lambda s: s.patient["identifier"].append({"system": "urn:oid:1.2.208.176.1.6.1.1", "value": "251248UAAA"}),
        "medcom-document-patient:Patient.identifier:x-ecpr:max",
    ),
    "another content type": (
        lambda s: s.attachment.update(contentType="image/png"),
        f"{ATTACHED}.value[x].contentType:fixed",
    ),
    "no content type": (
        lambda s: s.attachment.pop("contentType"),
        f"{ATTACHED}.value[x].contentType:min",
    ),
    "another title of the file": (
        lambda s: s.attachment.update(title="EKG"),
        f"{ATTACHED}.value[x].title:pattern",
    ),
    "another size of the file": (lambda s: s.attachment.update(size=1), "payload-size"),
    "another hash of the file": (lambda s: s.attachment.update(hash="AAAA"), "payload-hash"),
    "an element that FHIR does not know": (with_("observation", curve="x"), "Observation:unknown"),
    "a number as text": (with_("tree", total="6"), "Bundle.total:type"),
    "a list for a single value": (
        with_("patient", gender=["female", "male"]),
        "medcom-document-patient:Patient.gender:max",
    ),
    "a single value for a list": (
        lambda s: s.observation.update(note=s.observation["note"][0]),
        "Observation.note:type",
    ),
    "a contained resource that is not used": (
        with_("organization", contained=[{"resourceType": "Organization", "id": "c", "name": "x"}]),
        "dom-3",
    ),
}
