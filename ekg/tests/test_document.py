"""What the reader makes of one deviation at a time: how the document is handled, and the rule that is named."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ekg.document import EkgDocument, EkgRecording, read
from ekg.pdf_report import PdfReport
from ekg.tests.changes import COMPOSITION, CPR, OBSERVATION, second_observation
from ekg.tests.deviations import ERRORS, REFUSED, SHOWN
from ekg.tests.disclaimed import DISCLAIMED
from ekg.tests.specimen import ATTACHMENT, JENS, NANCY, PDF, Json, Specimen, entry, readable
from fhir.bundle import Finding, Handling, Severity


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


def test_the_second_opinion_is_information_and_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    specimen = Specimen()
    specimen.patient.pop("birthDate")
    specimen.add({"resourceType": "Device", "id": "d", "farve": "rød"})
    judgement = specimen.judged()
    assert [one.rule for one in judgement.findings] == [
        "medcom-document-patient:Patient.birthDate:min",
        "base-structure",
    ]
    assert judgement.findings[1].severity is Severity.INFORMATION
    monkeypatch.setattr("fhir.resources.R4B.get_fhir_model_class", lambda type_: 1 / 0)
    without_it = specimen.judged()
    assert without_it.findings == judgement.findings[:1]
    assert without_it.handling is judgement.handling


def test_a_reader_that_has_no_room_says_so_instead_of_judging() -> None:
    def busy(data: bytes) -> PdfReport:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        read(Specimen().tree, busy)
