"""Every published vector, judged from its bytes with the real inspector of PDFs."""

from pathlib import Path

import pytest

from ekg import pdf
from ekg.document import read
from ekg.tests import vectors
from fhir.bundle import Handling, Judgement
from fhir.parse import from_json, from_xml

HANDLINGS = {
    "show": Handling.SHOW,
    "show with disclaimer": Handling.DISCLAIMER,
    "error message; narrative/note may be shown": Handling.ERROR,
    "error, show nothing clinical (identity or document unclear)": Handling.REFUSED,
}
VECTORS, FILES = vectors.folder(), vectors.handlings()
PAIRS = ("EKG-C1-escape-XML", "EKG-C1-PractitionerRole-JSON-XML")


def judged(path: Path) -> Judgement:
    parse = from_xml if path.suffix == ".xml" else from_json
    return read(parse(path.read_bytes()), pdf.inspect)


@pytest.mark.parametrize("name", FILES)
def test_a_published_example_is_handled_as_the_index_proposes(name: str) -> None:
    judgement = judged(VECTORS / name)
    assert judgement.handling is HANDLINGS[FILES[name]], [(one.rule, one.path) for one in judgement.findings]
    assert (judgement.document is None) is (judgement.handling is Handling.REFUSED)
    assert judgement.findings or judgement.handling is Handling.SHOW


@pytest.mark.parametrize("name", PAIRS)
def test_both_renditions_of_a_published_example_are_one_document(name: str) -> None:
    in_json, in_xml = judged(VECTORS / f"{name}.json").document, judged(VECTORS / f"{name}.xml").document
    assert in_json == in_xml


def test_two_published_examples_never_have_the_same_content() -> None:
    documents = {name: judged(VECTORS / name).document for name in FILES if name.endswith(".json")}
    hashes = [document.content_sha256 for document in documents.values() if document]
    assert len(hashes) == len(set(hashes)) > 30


def test_the_longest_notes_come_out_as_they_were_written() -> None:
    for name, length in (("EKG-C1-maxLength.json", 1024), ("D-note-1024-with-astral.json", 1024)):
        assert len(judged(VECTORS / name).document.recordings[0].note) == length
    note = judged(VECTORS / "EKG-C1-escape-XML.xml").document.recordings[0].note
    assert all(sign in note for sign in "\"'<>&")


def test_the_whole_set_is_read() -> None:
    """Guards against an index that lost its column, which would make the first test pass with nothing to do."""
    assert len(FILES) >= 53
    assert {FILES[name] for name in FILES} == set(HANDLINGS)
