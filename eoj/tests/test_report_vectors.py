"""The published and synthetic reports of the index: refused by the rule it names, or accepted."""

import csv

import orjson
import pytest

from eoj.report import Report, inner_reports, is_incremental, read, read_incremental_frame, recognises
from eoj.tests import vectors
from fhir.bundle import Handling, Judgement, Severity
from terminology.fsiii import shipped

VECTORS = vectors.folder()
EXERCISES = {
    row["file"]: row["exercises"] for row in csv.DictReader((VECTORS / "INDEX.csv").read_text("utf-8").splitlines())
}
REFUSED = {
    "syn__Bundle-invalid-homecare-without-severity.json":
        "klgateway-severity-mandatory-in-home-care-not-allowed-in-nursing",
    "syn__Bundle-invalid-dangling-reference.json":
        "klgateway-care-general-encounter:Encounter.reasonReference:aggregation",
    "syn__Bundle-invalid-unknown-code.json": "klgateway-care-condition:Condition.code:binding",
    "syn__Bundle-invalid-two-patients.json": "care-report-one-citizen",
    "syn__Bundle-invalid-bad-cpr.json": "cpr",
    "syn__Bundle-invalid-patient-name.json": "klgateway-care-citizen:Patient.name:max",
}  # fmt: skip
LATER = [name for name in EXERCISES if name.startswith("next__")]


def judged(name: str, after_transition: bool = False) -> list[Judgement]:
    tree = orjson.loads((VECTORS / name).read_bytes())
    assert recognises(tree)
    if not is_incremental(tree):
        return [read(tree, shipped(), after_transition=after_transition)]
    assert not read_incremental_frame(tree)
    return [read(inner, shipped(), after_transition=after_transition) for inner in inner_reports(tree)]


def rules(judgement: Judgement, *severities: Severity) -> set[str]:
    return {finding.rule for finding in judgement.findings if not severities or finding.severity in severities}


def test_the_index_says_which_files_are_refused() -> None:
    said = {name for name, exercise in EXERCISES.items() if exercise.startswith("REJECT")}
    assert said - {"syn__Bundle-duplicate-bundle-id.json"} == set(REFUSED)  # that one is for the store to refuse


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_a_file_is_refused_by_its_rule_alone_or_accepted(name: str) -> None:
    for judgement in judged(name):
        if name in REFUSED:
            assert judgement.handling is Handling.REFUSED
            assert rules(judgement, Severity.ERROR, Severity.FATAL) == {REFUSED[name]}
            assert judgement.document is None
        else:
            assert judgement.handling is Handling.SHOW, judgement.findings
            assert isinstance(judgement.document, Report)


@pytest.mark.parametrize("name", LATER)
def test_after_the_transition_the_interventions_of_the_dead_must_have_an_end(name: str) -> None:
    (judgement,) = judged(name, after_transition=True)
    refused = "must FAIL" in EXERCISES[name]
    assert ("klgateway-deceased-planned-intervention-period-end" in rules(judgement)) is refused
    assert judgement.handling is (Handling.REFUSED if refused else Handling.SHOW)
    assert "data-about-deceased-citizen-warning" in rules(judgement, Severity.WARNING)


def test_no_sentence_repeats_what_stands_in_a_report() -> None:
    for name in EXERCISES:
        said = (VECTORS / name).read_text("utf-8")
        for judgement in judged(name):
            cpr = judgement.document.cpr if judgement.document else ""
            assert all(not cpr or cpr not in finding.text for finding in judgement.findings)
            assert all(finding.text not in said and finding.text.endswith(".") for finding in judgement.findings)
