"""The committed municipal reports: what the generator makes, whole in themselves, one of them wrong on purpose."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

import eoj.report
from samples import eoj as stories
from samples import files
from samples.care import BASE
from samples.organisations import MUNICIPALITY, ORGANISATIONS
from samples.personas import PATIENTS
from terminology.descriptions import own
from terminology.fsiii import SYSTEM, Kind, Law, shipped

Tree = dict[str, Any]
NAMES = sorted(f"eoj/{path.name}" for path in files.FOLDER.glob("eoj/*"))
TODAY = datetime.fromisoformat("2026-11-20T00:00:00+01:00")
LEVEL_RULE = "klgateway-severity-mandatory-in-home-care-not-allowed-in-nursing"
UNDESCRIBED = "Hjælp til hjemmemonitorering relateret til hjerte"


def reports() -> Iterator[tuple[str, Tree]]:
    """Each report of one citizen, also those inside a delivery, with the file it is in."""
    for name in NAMES:
        tree = files.tree(name)
        nested = [entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == "Bundle"]
        for each in nested or [tree]:
            yield name, each


REPORTS = [pytest.param(name, each, id=f"{name[4:-5]}-{n}") for n, (name, each) in enumerate(reports())]


def resources(tree: Tree, kind: str = "") -> list[Tree]:
    return [e["resource"] for e in tree["entry"] if not kind or e["resource"]["resourceType"] == kind]


def under(tree: Any, key: str) -> Iterator[Any]:
    """Every value of this key, at any depth."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name == key:
                yield value
            yield from under(value, key)
    elif isinstance(tree, list):
        for each in tree:
            yield from under(each, key)


def codings(tree: Any) -> Iterator[Tree]:
    for each in under(tree, "coding"):
        yield from each
    yield from under(tree, "valueCoding")


def story(patient: str) -> list[Tree]:
    """A citizen's reports in the order of time."""
    cpr = PATIENTS[patient].cpr
    mine = [each for _, each in reports() if resources(each, "Patient")[0]["identifier"][0]["value"] == cpr]
    return sorted(mine, key=lambda each: each["timestamp"])


def versions(patient: str, kind: str) -> dict[str, list[Tree]]:
    """A citizen's resources of a kind by id, each as it was reported time after time."""
    found: dict[str, list[Tree]] = {}
    for each in story(patient):
        for resource in resources(each, kind):
            found.setdefault(resource["id"], []).append(resource)
    return found


# -- the files are what the generator makes --------------------------------------------------------------------------


def test_the_committed_reports_are_what_the_generator_makes() -> None:
    made = stories.files()
    assert list(made) == NAMES
    for name, body in made.items():
        assert files.raw(name) == body, name


def test_names_in_order_are_reports_in_order() -> None:
    times = [datetime.fromisoformat(files.tree(name)["timestamp"]) for name in NAMES]
    assert all(first < second for first, second in pairwise(times))
    assert times[-1] < TODAY
    assert all(re.fullmatch(r"eoj/\d\d-[a-z]+-\d{4}-\d\d-\d\d(-[a-z-]+)?\.json", name) for name in NAMES)


# -- whole in themselves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "tree"), REPORTS)
def test_a_report_is_of_one_citizen_and_every_reference_stays_within(name: str, tree: Tree) -> None:
    assert tree["meta"]["profile"] == [f"{BASE}klgateway-care-delivery-report"]
    (patient,) = resources(tree, "Patient")
    known = [f"{each['resourceType']}/{each['id']}" for each in resources(tree)]
    assert len(set(known)) == len(known)
    assert set(under(resources(tree), "reference")) <= set(known)
    assert {each["subject"]["reference"] for each in resources(tree)[1:]} <= {f"Patient/{patient['id']}"}
    for each in resources(tree):
        assert datetime.fromisoformat(each["meta"]["lastUpdated"]) <= datetime.fromisoformat(tree["timestamp"])
        assert each["meta"]["profile"][0].startswith(f"{BASE}klgateway-care-")


@pytest.mark.parametrize(("name", "tree"), REPORTS)
def test_every_code_is_one_of_fsiii_and_carries_its_own_name(name: str, tree: Tree) -> None:
    for coding in codings(resources(tree)):
        if coding["system"] == SYSTEM:
            assert coding.get("display", "") in ("", shipped().concepts[coding["code"]].name)


@pytest.mark.parametrize(("name", "tree"), REPORTS)
def test_a_functional_condition_has_a_level_and_a_health_condition_none(name: str, tree: Tree) -> None:
    wrong = []
    for condition in resources(tree, "Condition"):
        kind = shipped().concepts[condition["code"]["coding"][0]["code"]].kind
        assert kind in (Kind.FUNCTION_CONDITION, Kind.HEALTH_CONDITION)
        if (kind is Kind.FUNCTION_CONDITION) is not ("severity" in condition):
            wrong.append(condition["id"])
    assert len(wrong) == (1 if stories.INVALID in name else 0)


@pytest.mark.parametrize(("name", "tree"), REPORTS)
def test_the_reader_accepts_each_report_without_a_word_but_the_one_that_lacks_a_level(name: str, tree: Tree) -> None:
    judgement = eoj.report.read(tree, shipped())
    rules = {finding.rule for finding in judgement.findings}
    assert rules == ({LEVEL_RULE} if stories.INVALID in name else set())
    assert judgement.handling == ("refused" if rules else "show")


def test_the_reader_finds_nothing_to_remark_on_the_delivery() -> None:
    (name,) = [each for each in NAMES if "sigridur" in each]
    assert eoj.report.read_incremental_frame(files.tree(name)) == ()


def test_a_report_has_an_id_of_its_own_and_no_element_of_free_text() -> None:
    ids = [each["id"] for _, each in reports()] + [files.tree(name)["id"] for name in NAMES if "sigridur" in name]
    assert len(set(ids)) == len(ids)
    for _, tree in reports():
        assert not {*under(tree, "text"), *under(tree, "note"), *under(tree, "title"), *under(tree, "name")}


def test_citizens_are_personas_and_municipalities_are_in_the_register() -> None:
    places: dict[str, set[str]] = {}
    for _, tree in reports():
        (patient,) = resources(tree, "Patient")
        cpr = patient["identifier"][0]["value"]
        places.setdefault(cpr, set()).add(patient["managingOrganization"]["identifier"]["value"])
    municipalities = {each.sor for each in ORGANISATIONS.values() if each.type == MUNICIPALITY and each.registered}
    assert places.keys() <= {each.cpr for each in PATIENTS.values()}
    assert len(places) >= 7
    assert set.union(*places.values()) <= municipalities
    assert len(set.union(*places.values())) >= 4
    assert len(places[PATIENTS["bent"].cpr]) == 2


def test_all_but_one_condition_and_intervention_has_a_description_of_ours() -> None:
    kinds = (Kind.FUNCTION_CONDITION, Kind.HEALTH_CONDITION, Kind.INTERVENTION)
    used = {shipped().find(c["code"], *kinds) for _, t in reports() for c in codings(t) if c["system"] == SYSTEM}
    assert {each.name for each in used if each is not None and each.key not in own()} == {UNDESCRIBED}


# -- the stories -----------------------------------------------------------------------------------------------------


def law(plan: Tree) -> Law:
    return shipped().concepts[plan["activity"][0]["detail"]["code"]["coding"][0]["code"]].law


def test_ingrids_help_changes_law_on_the_first_of_july() -> None:
    plans = [each[-1] for each in versions("ingrid", "CarePlan").values()]
    before = [each for each in plans if law(each) is Law.SERVICE]
    after = [each for each in plans if law(each) is Law.ELDERLY]
    assert {each["status"] for each in before} == {"completed"}
    assert max(each["period"]["end"] for each in before) == "2025-06-30"
    assert min(each["period"]["start"] for each in after) == "2025-07-01"
    told = json.dumps(after)
    assert "LocallyDefinedInterventions" in told
    assert told.count("DeliveryType") >= 4


def test_ingrids_levels_are_assessed_anew_on_the_same_conditions() -> None:
    levels = {
        each[0]["code"]["coding"][0]["display"]: [version["severity"]["coding"][0]["display"] for version in each]
        for each in versions("ingrid", "Condition").values()
    }
    assert len(levels) == 5
    assert levels["Personlig pleje"] == ["3", "3", "3", "2"]
    assert levels["Mobilitet og bevægelse"] == ["2", "1", "2", "1"]


def test_jens_has_a_condition_ended_one_out_of_focus_and_one_that_stays() -> None:
    state = {
        each[-1]["code"]["coding"][0]["display"]: (
            each[-1]["clinicalStatus"]["coding"][0]["code"],
            "category" in each[-1],
        )
        for each in versions("jens", "Condition").values()
    }
    assert state == {
        "Cirkulationsproblemer": ("active", True),
        "Problemer med andre sår": ("inactive", False),
        "Problemer med smerter": ("active", False),
    }
    assert len(versions("jens", "Procedure")) == 3


def test_nancy_has_an_error_level_nine_and_an_end_without_its_day() -> None:
    last = [each[-1] for each in versions("nancy", "Condition").values()]
    assert [each["verificationStatus"]["coding"][0]["code"] for each in last if "verificationStatus" in each] == [
        "entered-in-error"
    ]
    assert "9" in {each["severity"]["coding"][0]["display"] for each in last if "severity" in each}
    (ended,) = [each[-1] for each in versions("nancy", "CarePlan").values() if each[-1]["status"] == "completed"]
    assert "end" not in ended["period"]


def test_the_old_manner_has_older_keys_alone() -> None:
    for tree in story("grethe")[:2]:
        ours = [each for each in codings(tree) if each["system"] == SYSTEM]
        assert {"J1.1", "B4"} & {each["code"] for each in ours} or "E3" in {each["code"] for each in ours}
        assert not [each for each in ours if "display" in each]


def test_farids_reports_are_taken_back_whole() -> None:
    first, second = story("farid")
    assert {each["id"] for each in resources(first)} == {each["id"] for each in resources(second)}
    assert resources(second, "Patient")[0]["active"] is False
    assert json.dumps(second).count("entered-in-error") == 3


def test_sigridurs_reports_come_in_one_delivery_in_no_order() -> None:
    (name,) = [each for each in NAMES if "sigridur" in each]
    times = [each["timestamp"] for each in resources(files.tree(name))]
    assert len(times) == 3
    assert times != sorted(times)
