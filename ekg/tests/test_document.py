"""What the reader makes of one deviation at a time: how the document is handled, and the rule that is named."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ekg.document import EkgDocument, EkgRecording, read
from ekg.pdf_report import PdfReport
from ekg.tests.specimen import ATTACHMENT, JENS, NANCY, PATIENT, PDF, START, Json, Specimen, entry, readable
from fhir.bundle import Finding, Handling, Severity

Change = Callable[[Specimen], object]
SLICE = "medcom-ekg-recording-bundle:Bundle.entry:medcom-ekg-recording-composition"
COMPOSITION = "medcom-ekg-recording-composition:Composition"
OBSERVATION = "medcom-ekg-recording-observation:Observation"
ATTACHED = f"{OBSERVATION}.extension:valueAttachment"
CPR = "urn:oid:1.2.208.176.1.2"
OTHER = "6f9e1c50-1d3a-4c1b-9b52-000000000099"


def without(holder: str, *names: str) -> Change:
    return lambda s: [getattr(s, holder).pop(name) for name in names]


def with_(holder: str, **elements: object) -> Change:
    return lambda s: getattr(s, holder).update(elements)


def number(value: object, system: str = CPR) -> Change:
    return lambda s: s.patient.update(identifier=[{"system": system, "value": value}])


def both_times(start: str, end: str | None = None) -> Change:
    """The same times in the event and in the Observation."""
    period = {"start": start, **({"end": end} if end else {})}
    return lambda s: (s.observation.update(effectivePeriod=period), s.composition.update(event=[{"period": period}]))


def second_observation(**changes: object) -> Callable[[Specimen], Json]:
    def add(s: Specimen) -> Json:
        s.composition["section"][0]["entry"].append({"reference": f"Observation/{OTHER}"})
        return s.add(s.observation, id=OTHER, **changes)

    return add


def second_patient(**changes: object) -> Callable[[Specimen], Json]:
    return lambda s: s.add(s.patient, id=OTHER, **changes)


def everywhere(reference: str) -> Change:
    return lambda s: (
        s.composition.update(subject={"reference": reference}),
        s.observation.update(subject={"reference": reference}),
    )


def contained_patient(s: Specimen) -> None:
    s.composition.update(contained=[dict(s.patient, id="p")], subject={"reference": "#p"})


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
    "a further minor version": lambda s: s.composition["meta"].update(profile=["http://x.example/composition|2.7.3"]),
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

DISCLAIMED: dict[str, tuple[Change, str]] = {
    "the composition stands second": (lambda s: s.tree["entry"].reverse(), "bdl-11"),
    "version 1": (
        lambda s: s.composition["meta"].update(profile=["http://x.example/composition|1.0"]),
        "medcom-canonical-fixed-major",
    ),
    "version 3": (
        lambda s: s.composition["meta"].update(profile=["http://x.example/composition|3.0"]),
        "medcom-canonical-fixed-major",
    ),
    "no profile": (without("composition", "meta"), f"{COMPOSITION}.meta:min"),
    "no version": (
        lambda s: s.composition["meta"].update(profile=["http://x.example/composition"]),
        "medcom-canonical-semver",
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


@pytest.mark.parametrize("case", SHOWN)
def test_it_is_shown(case: str) -> None:
    specimen = Specimen()
    SHOWN[case](specimen)
    judgement = specimen.judged()
    said = [(one.rule, one.path) for one in judgement.findings if one.severity in (Severity.FATAL, Severity.ERROR)]
    assert (judgement.handling, said) == (Handling.SHOW, [])
    assert judgement.document.recordings[0].pdf == PDF


@pytest.mark.parametrize("case", DISCLAIMED)
def test_it_is_shown_with_a_disclaimer(case: str) -> None:
    change, rule = DISCLAIMED[case]
    specimen = Specimen()
    change(specimen)
    judgement = specimen.judged()
    assert judgement.handling is Handling.DISCLAIMER
    assert rule in {one.rule for one in judgement.findings}
    assert judgement.document.recordings[0].pdf == PDF
    assert judgement.document.cpr == NANCY


@pytest.mark.parametrize("case", ERRORS)
def test_it_is_an_error_with_the_patient_certain(case: str) -> None:
    change, rule = ERRORS[case]
    specimen = Specimen()
    change(specimen)
    judgement = specimen.judged()
    assert judgement.handling is Handling.ERROR
    assert rule in {one.rule for one in judgement.findings}
    document: EkgDocument = judgement.document
    assert document.cpr == NANCY
    missing = [one for one in document.recordings if one.pdf is None]
    assert missing
    assert all(one.narrative and not one.pdf_sha256 for one in missing)


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(case: str) -> None:
    change, rule = REFUSED[case]
    specimen = Specimen()
    change(specimen)
    judgement = specimen.judged()
    assert (judgement.handling, judgement.document) == (Handling.REFUSED, None)
    assert rule in {one.rule for one in judgement.findings}
    assert judgement.findings[0].severity is Severity.FATAL


def test_every_fault_is_found_not_only_the_first() -> None:
    specimen = Specimen()
    for case in ("status amended", "no birth date", "a note of 1025 characters", "no fullUrl"):
        DISCLAIMED[case][0](specimen)
    found = {one.rule for one in specimen.judged().findings}
    assert {f"{COMPOSITION}.status:pattern", f"{OBSERVATION}.note.text:maxLength"} <= found
    assert len(found) >= 4


def test_a_bad_timestamp_does_not_hide_what_else_is_wrong() -> None:
    specimen = Specimen()
    specimen.tree["timestamp"] = "i går"
    specimen.observation["issued"] = "i morges"
    found = {one.path for one in specimen.judged().findings}
    assert {"Bundle.timestamp", "Bundle.entry[1].resource.issued"} <= found


def test_no_finding_repeats_what_stands_in_the_document() -> None:
    specimen = Specimen()
    specimen.patient.update(identifier=[{"system": CPR, "value": "2512489996x"}], **{f"felt {JENS}": "Nancy Berggren"})
    specimen.observation.update(note=[{"text": "hemmelig" * 200}], status="hemmelig")
    written = repr(specimen.judged().findings)
    assert not any(word in written for word in ("2512489996", JENS, "Berggren", "hemmelig"))


def test_a_withdrawn_status_is_named() -> None:
    specimen = Specimen()
    specimen.composition["status"] = "entered-in-error"
    assert any("trukket tilbage" in one.text for one in specimen.judged().findings)


def test_a_document_says_all_that_a_viewer_shows() -> None:
    document: EkgDocument = Specimen().judged().document
    recording: EkgRecording = document.recordings[0]
    assert replace(document, recordings=(), content_sha256="") == EkgDocument(
        document_id="urn:uuid:6f9e1c50-1d3a-4c1b-9b52-000000000011",
        bundle_id="6f9e1c50-1d3a-4c1b-9b52-000000000020",
        bundle_identifier="urn:uuid:6f9e1c50-1d3a-4c1b-9b52-000000000020",
        profile_version="2.0",
        content_sha256="",
        cpr=NANCY,
        patient_name="Nancy Ann Berggren",
        birth_date="1948-12-25",
        gender="female",
        title="Elektrokardiogram-12-aflednings",
        composed_at=datetime(2026, 3, 12, 8, 10, tzinfo=UTC),
        recordings=(),
    )
    assert recording == EkgRecording(
        observation_identifier="urn:uuid:6f9e1c50-1d3a-4c1b-9b52-000000000012",
        started=datetime(2026, 3, 12, 8, 10, tzinfo=UTC),
        ended=datetime(2026, 3, 12, 8, 10, 10, tzinfo=UTC),
        organisation_sor="123456789012345",
        organisation_name="Lægehuset Åkirkeby",
        author_name="Pia Bo",
        author_role="Lægesekretær",
        note="Arm- og benelektroder byttet om.",
        pdf=PDF,
        pdf_sha256=hashlib.sha256(PDF).hexdigest(),
        pages=1,
        narrative="",
    )


def test_a_masked_name_is_shown_as_it_was_sent() -> None:
    specimen = Specimen()
    specimen.patient["name"] = [{"use": "official", "given": ["ADRESSEBESKYTTET"] * 2, "family": "ADRESSEBESKYTTET"}]
    assert specimen.judged().document.patient_name == "ADRESSEBESKYTTET ADRESSEBESKYTTET ADRESSEBESKYTTET"


def test_a_note_keeps_every_character() -> None:
    note = ' \t«Æ» Ð ẞ\n\n  *ikke* <b>fed</b> & \\n "så" \U0001fac0\r\n'
    specimen = Specimen()
    specimen.observation["note"] = [{"text": note}]
    assert specimen.judged().document.recordings[0].note == note


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ({"coding": [{"system": "urn:x", "code": "overtryllekunstner"}]}, "overtryllekunstner"),
        ({"coding": [{"system": "urn:x", "code": "x", "display": "Overlæge på hjerteafdelingen"}]},
         "Overlæge på hjerteafdelingen"),
        ({"text": "Hjertelæge"}, "Hjertelæge"),
    ],
)  # fmt: skip
def test_a_role_that_no_list_knows_is_shown_as_sent(code: Json, words: str) -> None:
    specimen = Specimen()
    specimen.role["code"] = [code]
    assert specimen.judged().document.recordings[0].author_role == words


def test_without_a_readable_time_the_event_speaks_for_the_recording() -> None:
    specimen = Specimen()
    specimen.observation["effectivePeriod"] = {"start": "12.3.2026"}
    recording = specimen.judged().document.recordings[0]
    assert (recording.started, recording.ended) == (
        datetime(2026, 3, 12, 8, 10, tzinfo=UTC),
        datetime(2026, 3, 12, 8, 10, 10, tzinfo=UTC),
    )
    specimen.composition.pop("event")
    assert specimen.judged().document.recordings[0].started is None


def test_the_recording_keeps_its_own_time_when_the_event_differs() -> None:
    specimen = Specimen()
    specimen.observation.pop("effectivePeriod")
    specimen.observation["effectiveDateTime"] = "2026-03-12T10:00:00+01:00"
    recording = specimen.judged().document.recordings[0]
    assert (recording.started, recording.ended) == (datetime(2026, 3, 12, 9, tzinfo=UTC), None)


def test_of_two_recordings_each_has_its_own_file() -> None:
    specimen = Specimen()
    second = second_observation(note=[{"text": "Den anden."}])(specimen)
    second["extension"] = [
        {"url": ATTACHMENT, "valueAttachment": dict(specimen.attachment, data=base64.b64encode(b"%PDF-2").decode())}
    ]
    first, other = specimen.judged().document.recordings
    assert (first.pdf, other.pdf, other.note) == (PDF, b"%PDF-2", "Den anden.")


def test_what_the_inspector_finds_decides_whether_the_file_is_shown() -> None:
    remark = Finding("payload-repaired", Severity.WARNING, "", "Filen er repareret.")
    repaired = read(Specimen().tree, lambda data: PdfReport(True, 2, (remark,)))
    assert (repaired.handling, repaired.document.recordings[0].pages) == (Handling.DISCLAIMER, 2)
    assert repaired.findings[0].path == "Bundle.entry[1].resource.extension[0].value.data"
    damaged = read(Specimen().tree, lambda data: PdfReport(False))
    assert (damaged.handling, damaged.document.recordings[0].pdf) == (Handling.ERROR, None)


def test_the_file_is_inspected_as_it_was_decoded_and_only_once() -> None:
    seen: list[bytes] = []
    specimen = Specimen()
    twice = base64.b64encode(base64.b64encode(b"\x89PNG"))
    specimen.attachment["data"] = twice.decode()
    read(specimen.tree, lambda data: seen.append(data) or readable(data))  # type: ignore[func-returns-value]
    assert seen == [base64.b64encode(b"\x89PNG")]


def test_the_fingerprint_is_of_the_content_not_of_how_it_is_written() -> None:
    plain, same, other = Specimen(), Specimen(), Specimen()
    same.tree = dict(reversed(same.tree.items()))
    same.tree["entry"] = [dict(reversed(one.items())) for one in same.tree["entry"]]
    same.attachment["data"] = base64.encodebytes(PDF).decode()
    same.patient["text"]["div"] = '<div xmlns="http://www.w3.org/1999/xhtml" >\n <p>Patient</p>\n</div>'
    other.observation["note"][0]["text"] += " "
    hashes = [one.judged().document.content_sha256 for one in (plain, same, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_document_of_a_million_faults_is_answered_in_a_few_lines() -> None:
    specimen = Specimen()
    specimen.observation["curve"] = 1
    specimen.tree["entry"] += [entry({"resourceType": "Patient", "id": f"p{i}", "x": 1}) for i in range(2000)]
    judgement = specimen.judged()
    assert len(judgement.findings) < 250
    assert "too-many-findings" in {one.rule for one in judgement.findings}
