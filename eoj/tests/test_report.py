"""What the reader makes of a report: its items, its named rules, and what it never does."""

import copy
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from eoj.report import Area, Item, Report, inner_reports, is_incremental, read, read_incremental_frame, recognises
from eoj.tests.reports import (
    BASE,
    CPR,
    MOBILITY,
    RESPIRATION,
    SOR,
    Tree,
    citizen,
    condition,
    encounter,
    everything,
    follow_up,
    goal,
    incremental,
    matter_of_interest,
    old_encounter,
    own_observation,
    plan,
    procedure,
    report,
    wrong,
)
from fhir.bundle import Handling, Judgement, Severity
from terminology import caresocial
from terminology.fsiii import shipped

SEVERITY = "klgateway-severity-mandatory-in-home-care-not-allowed-in-nursing"


def judged(*resources: Tree, after_transition: bool = False, **elements: Any) -> Judgement:
    return read(report(*resources, **elements), shipped(), after_transition=after_transition)


def errors(judgement: Judgement) -> set[str]:
    return {each.rule for each in judgement.findings if each.severity in (Severity.ERROR, Severity.FATAL)}


def warnings(judgement: Judgement) -> set[str]:
    return {each.rule for each in judgement.findings if each.severity is Severity.WARNING}


def items(*resources: Tree, **elements: Any) -> list[Item]:
    judgement = judged(*resources, **elements)
    assert isinstance(judgement.document, Report), judgement.findings
    return list(judgement.document.items)


def item(resource: Tree) -> Item:
    """The item of one resource, in a report with what it may refer to."""
    return next(each for each in items(condition(MOBILITY, 2, id="f"), resource) if each.id == resource["id"])


def test_a_report_says_whose_it_is_and_when_it_was_made() -> None:
    said = judged(timestamp="2026-03-12T21:00:00+01:00").document
    assert (said.id, said.cpr, said.sor, said.deceased) == ("rapport-1", CPR, SOR, False)
    assert said.timestamp == datetime(2026, 3, 12, 20, tzinfo=UTC)
    assert [each.type for each in said.items] == ["Patient"]  # a journal may be closed by nothing more


def test_either_code_of_a_concept_is_the_same_concept() -> None:
    concept = shipped().find(MOBILITY)
    assert concept is not None
    assert {item(condition(code, 1)).code for code in (concept.key, concept.legacy)} == {concept.key}


@pytest.mark.parametrize(
    ("resource", "area"),
    [
        (condition(RESPIRATION), Area.HEALTH),
        (condition(MOBILITY, 1), Area.FUNCTION),
        (plan("G1.29"), Area.HEALTH),
        (plan("H1.1"), Area.SERVICE),
        (plan("8dc5f564-b8c6-4aa1-ba34-682d62d15f31"), Area.ELDERLY),
        (procedure("G1.39"), Area.HEALTH),
        (matter_of_interest("I7"), Area.HEALTH),
        (matter_of_interest("J3"), Area.FUNCTION),
        (own_observation("D", "D1", "f"), Area.FUNCTION),
        (encounter(reasons=("f",)), Area.NONE),
        (follow_up("f"), Area.NONE),
        (goal("f", 1), Area.NONE),
    ],
)
def test_the_area_is_that_of_the_code(resource: Tree, area: Area) -> None:
    assert item(resource).area is area


def test_an_administrative_service_is_one_of_either_law() -> None:
    groups = {c.key for c in shipped().concepts.values() if c.name == "0-ydelser"}
    codes = sorted({c.key for c in shipped().concepts.values() if c.parent in groups})
    assert len(groups) == 2
    assert {item(plan(code)).area for code in codes} == {Area.ADMIN}


@pytest.mark.parametrize(("code", "level"), [("B1", 0), ("B2", 1), ("B5", 4), ("B6", 9)])
def test_the_older_codes_of_levels_are_one_off(code: str, level: int) -> None:
    assert item(condition(MOBILITY, code)).level == level
    assert item(goal("f", code)).level == level


@pytest.mark.parametrize(
    ("elements", "state"),
    [
        ({}, "active"),
        ({"focus": False}, "unfocused"),
        ({"status": "inactive"}, "inactive"),
        ({"status": "inactive", "focus": False}, "inactive"),
    ],
)
def test_a_condition_is_in_focus_out_of_it_or_over(elements: dict[str, Any], state: str) -> None:
    assert item(condition(RESPIRATION, **elements)).state == state


@pytest.mark.parametrize(
    "resource",
    [
        condition(RESPIRATION), plan("H1.1"), procedure("G1.39"), encounter(), goal("f", 1), follow_up("f"),
        matter_of_interest("J3"), own_observation("C", "C1", "f"),
    ],
)  # fmt: skip
def test_what_was_entered_in_error_is_accepted_and_marked(resource: Tree) -> None:
    assert not item(resource).invalid
    assert item(wrong(resource)).invalid


def test_a_condition_in_error_may_keep_its_status_though_base_fhir_forbids_it() -> None:
    both = condition(RESPIRATION) | {"verificationStatus": wrong(condition(RESPIRATION))["verificationStatus"]}
    judgement = judged(both)
    assert judgement.document.items[1].invalid
    assert ("con-5", Severity.INFORMATION) in {(each.rule, each.severity) for each in judgement.findings}


def test_a_patient_whose_journal_is_not_active_is_invalid() -> None:
    (patient,) = items(active=False)
    assert (patient.invalid, patient.state) == (True, "inactive")
    (patient,) = items(active=True)
    assert (patient.invalid, patient.state) == (False, "active")


def test_a_resource_is_effective_when_it_changed_else_when_it_was_reported() -> None:
    changed = condition(RESPIRATION)
    changed["meta"]["lastUpdated"] = "2026-03-12T08:00:00Z"
    assert item(changed).effective == datetime(2026, 3, 12, 8, tzinfo=UTC)
    assert item(condition(RESPIRATION)).effective == datetime(2026, 3, 12, 20, tzinfo=UTC)


def test_times_are_kept_as_sent() -> None:
    said = item(plan("H1.1", "2026-01-01", "2026-03-10", "completed"))
    assert (said.recorded, said.ended, said.state) == ("2026-01-01", "2026-03-10", "completed")
    assert item(procedure("G1.39", "2026-03-12T10:15:00+01:00")).recorded == "2026-03-12T10:15:00+01:00"
    assert item(goal("f", 1, "2026-02-02")).recorded == "2026-02-02"


@pytest.mark.parametrize(
    ("root", "codes"), [(caresocial.CONTACT, 8), (caresocial.DELIVERY, 4), (caresocial.MEASURE, 2)]
)
def test_what_stands_below_a_code_is_found_by_its_place(root: str, codes: int) -> None:
    assert len(caresocial.below(root)) == codes


def test_a_follow_up_may_be_on_the_telephone() -> None:
    telephone = "1b55a4b0-1156-4f58-b2df-b5c6014d9048"
    assert item(encounter(class_=(caresocial.SYSTEM, telephone))).detail["class"] == telephone


def test_references_are_normalised_and_never_name_the_citizen() -> None:
    tree = report(
        condition(MOBILITY, 1, id="a"),
        condition(MOBILITY, 1, id="b"),
        condition(MOBILITY, 1, id="c"),
        encounter(reasonReference=[
            {"reference": "urn:uuid:5f1c"}, {"reference": "https://x.example/fhir/Condition/b"},
            {"reference": "Condition/a/_history/2"}, {"reference": "Condition/b"}]),
    )  # fmt: skip
    tree["entry"][3]["fullUrl"] = "urn:uuid:5f1c"
    said = read(tree, shipped()).document
    assert said.items[4].refs == ("Condition/a", "Condition/b", "Condition/c")


def test_the_rest_is_in_the_detail() -> None:
    said = item(plan("H1.1", local=("7", "Bad"), delivery=("8d12d74c-17da-47a7-a4fe-e69dbaec0a8c",)))
    assert said.detail == {
        "local": [{"code": "7", "display": "Bad"}], "delivery": ["8d12d74c-17da-47a7-a4fe-e69dbaec0a8c"],
    }  # fmt: skip
    assert set(item(encounter()).detail) == {"class", "types"}
    assert set(item(follow_up("f")).detail) == {"value"}
    assert set(item(matter_of_interest("J3", MOBILITY)).detail) == {"risk"}
    assert set(item(own_observation("C", "C1", "f")).detail) == {"question", "value"}
    assert item(condition(RESPIRATION)).detail == {}


def test_the_digest_is_that_of_the_content_alone() -> None:
    one = condition(RESPIRATION)
    other = dict(reversed(one.items()))
    other["meta"] = one["meta"] | {"lastUpdated": "2026-03-12T08:00:00Z"}
    assert item(one).digest == item(other).digest
    assert item(one).digest != item(condition(RESPIRATION, recorded="2026-03-02")).digest


def test_every_canonical_that_was_ever_published_is_recognised() -> None:
    text = orjson.dumps(everything())
    for base in (
        b"http://gateway.kl.dk/1.0/",
        b"http://municipality-care-data.gateway.kl.dk/1.0/",
        b"http://municipality-healthcare-data.gateway.kl.dk/1.0/",
    ):
        tree = orjson.loads(
            text.replace(b"http://fhir.kl.dk/gateway/StructureDefinition/", base + b"StructureDefinition/")
        )
        assert recognises(tree)
        assert len(read(tree, shipped()).document.items) == len(everything()["entry"])
    assert recognises({"resourceType": "Bundle", "type": "collection"})
    assert not recognises({"resourceType": "Bundle", "type": "document"})
    assert not recognises({"resourceType": "Patient"})


def test_an_incremental_delivery_is_told_apart_and_gives_its_reports_in_order() -> None:
    tree = incremental(report(id="b"), report(id="a"))
    assert is_incremental(tree)
    assert not is_incremental(report())
    assert [each["id"] for each in inner_reports(tree)] == ["b", "a"]
    assert read_incremental_frame(tree) == ()
    tree["entry"].append({"resource": citizen()})
    del tree["timestamp"]
    assert {each.rule.partition(":")[2] for each in read_incremental_frame(tree)} == {
        "Bundle.timestamp:min", "Bundle.entry.resource:target",
    }  # fmt: skip


UNKNOWN = encounter(meta={"profile": [f"{BASE}klgateway-care-something"]})
BROKEN: dict[str, tuple[Callable[[], Tree], str]] = {
    "no citizen": (lambda: report() | {"entry": []}, "care-report-one-citizen"),
    "two citizens": (lambda: report(citizen(), citizen(id="anden")), "care-report-one-citizen"),
    "an impossible CPR number": (lambda: report(cpr="3102489996"), "cpr"),
    "a short SOR code": (lambda: report(sor="123"), "min-digits-sor"),
    "a level on a nursing condition": (lambda: report(condition(RESPIRATION, 1)), SEVERITY),
    "no level on a home-care condition": (lambda: report(condition(MOBILITY)), SEVERITY),
    "one id for two plans": (lambda: report(plan("H1.1"), plan("H1.5")), "care-report-id-unique"),
    "a profile unknown": (lambda: report(UNKNOWN), "gateway-care-report-2"),
    "an observation without profile": (lambda: report(condition(RESPIRATION), follow_up("tilstand", meta=None)),
                                       "gateway-care-report-1"),
    "a condition without profile": (lambda: report(condition(RESPIRATION, meta=None)), "care-report-profile"),
    "another's profile": (lambda: report(condition(RESPIRATION, meta={"profile": [f"{BASE}klgateway-care-goal"]})),
                          "care-report-profile"),
    "a follow-up that is not final": (
        lambda: report(condition(MOBILITY, 1), follow_up("tilstand", status="amended")), "gateway-care-follow-up-1"),
    "a goal of a nursing condition": (lambda: report(condition(RESPIRATION), goal("tilstand", 1)),
                                      "klgateway-adresses-must-be-home-care-condition"),
    "an answer to another question": (
        lambda: report(condition(MOBILITY, 1), own_observation("C", "D1", "tilstand")),
        "klgateway-citizen-observation-code-and-value-must-match"),
    "an own observation of a nursing condition": (
        lambda: report(condition(RESPIRATION), own_observation("C", "C1", "tilstand")),
        "klgateway-focus-must-be-home-care-condition-or-area"),
    "a reference out of the report": (lambda: report(plan("H1.1", reasons=("nix",))),
        "klgateway-care-planned-intervention:CarePlan.activity.detail.reasonReference:aggregation"),
    "a reference to another kind": (
        lambda: report(plan("H1.1"), encounter(reasonReference=[{"reference": "CarePlan/indsats"}])),
        "klgateway-care-general-encounter:Encounter.reasonReference:target"),
    "a period that ends before it starts": (lambda: report(plan("H1.1", "2026-03-02", "2026-03-01")), "per-1"),
    "a date that never was": (lambda: report(condition(RESPIRATION, recorded="2026-02-30")),
                              "klgateway-care-condition:Condition.recordedDate:type"),
    "a time without zone": (lambda: report(timestamp="2026-03-12T20:00:00"),
                            "klgateway-care-delivery-report:Bundle.timestamp:type"),
    "a leap second": (lambda: report(timestamp="2026-03-12T20:00:60Z"),
                      "klgateway-care-delivery-report:Bundle.timestamp:type"),
    "free text": (lambda: report(condition(RESPIRATION, note=[{"text": "x"}])),
                  "klgateway-care-condition:Condition.note:max"),
    "an element unknown": (lambda: report(condition(RESPIRATION, farve="rød")),
                           "klgateway-care-condition:Condition:unknown"),
    "a modifier": (lambda: report(condition(RESPIRATION, modifierExtension=[{"url": "u:x", "valueString": "x"}])),
                   "isModifier"),
    "another kind of resource": (lambda: report({"resourceType": "Organization", "id": "o", "name": "x"}),
                                 "klgateway-care-delivery-report:Bundle.entry.resource:target"),
    "a code of another list": (lambda: report(condition("G1.29")), "klgateway-care-condition:Condition.code:binding"),
    "another system": (lambda: report(condition(RESPIRATION, code={"coding": [{"system": "u:x", "code": "I7.1"}]})),
                       "klgateway-care-condition:Condition.code:binding"),
    "a document": (lambda: report() | {"type": "document"}, "klgateway-care-delivery-report:Bundle.type:fixed"),
    "no Bundle": (lambda: citizen(), "care-report-bundle"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_rule_that_is_broken_refuses_the_report_by_its_name(name: str) -> None:
    make, rule = BROKEN[name]
    judgement = read(make(), shipped())
    assert rule in errors(judgement), judgement.findings
    assert (judgement.handling, judgement.document) == (Handling.REFUSED, None)


def test_the_reader_does_not_stop_at_the_first_finding() -> None:
    judgement = judged(condition(MOBILITY), plan("nix", id="p"), cpr="x", name=[{"family": "x"}])
    assert {SEVERITY, "cpr", "klgateway-care-citizen:Patient.name:max"} < errors(judgement)
    assert len(errors(judgement)) == 4


def test_a_wrong_name_of_a_right_code_is_a_warning_and_none_is_fine() -> None:
    concept = shipped().find(RESPIRATION)
    assert concept is not None
    coding = {"system": "urn:oid:1.2.208.176.2.21", "code": concept.key}
    for display, found in ((concept.name, set()), ("Noget andet", {"klgateway-care-condition:Condition.code:display"})):
        judgement = judged(condition(RESPIRATION, code={"coding": [coding | {"display": display}]}))
        assert warnings(judgement) == found
        assert judgement.handling is Handling.SHOW


def test_what_was_sound_in_one_place_is_judged_anew_in_another_and_what_was_not_is_found_again() -> None:
    assert not errors(judged(condition("I7.1")))
    misplaced = plan("G1.29")
    misplaced["activity"][0]["detail"]["code"] = condition("I7.1")["code"]
    for _ in range(2):
        assert any("detail.code" in rule for rule in errors(judged(misplaced)))
    odd = condition("I7.1")
    odd["code"]["coding"][0]["userSelected"] = 1
    for _ in range(2):
        assert any(rule.endswith("userSelected:type") for rule in errors(judged(odd)))


def test_a_status_that_the_guide_has_no_use_for_is_a_warning() -> None:
    judgement = judged(encounter(status="cancelled"))
    assert (warnings(judgement), judgement.handling) == ({"care-report-status"}, Handling.SHOW)


def test_a_condition_in_focus_without_status_is_a_warning() -> None:
    assert warnings(judged(condition(RESPIRATION, clinicalStatus=None))) == {"con-3"}


def test_the_dead_are_reported_with_a_warning() -> None:
    judgement = judged(deceasedBoolean=True)
    assert warnings(judgement) == {"data-about-deceased-citizen-warning"}
    assert judgement.document.deceased


def test_retired_codes_still_resolve_before_and_after_the_transition() -> None:
    retired = [c for c in shipped().concepts.values() if c.retiring and c.kind == "health-condition"]
    assert retired
    for concept in retired[:5]:
        assert item(condition(concept.legacy)).code == concept.key
        assert not errors(judged(condition(concept.key), after_transition=True))


PERFORMED, PLANNED_VISIT = "4530b499-d74b-4d2e-9df9-247047fb231d", "784275f1-6822-4a88-b361-d958007d5253"
AFTER = {
    "an older code": ((condition(RESPIRATION),), "klgateway-care-condition:Condition.code:binding"),
    "an older encounter": ((old_encounter(),), "gateway-care-report-2"),
    "an area of problems": ((matter_of_interest("J3"),), "gateway-care-report-1"),
    "another kind of contact": ((encounter(type=PLANNED_VISIT),),
                                "klgateway-care-general-encounter:Encounter.type:binding"),
    "a plan followed up": ((plan("H1.1"), follow_up("CarePlan/indsats")),
                           "klgateway-care-follow-up-observation:Observation.focus:target"),
}  # fmt: skip


@pytest.mark.parametrize("name", AFTER)
def test_what_ends_with_the_transition(name: str) -> None:
    resources, rule = AFTER[name]
    assert not errors(judged(*resources))
    assert rule in errors(judged(*resources, after_transition=True))


def test_after_the_transition_it_must_be_said_whether_the_citizen_is_dead() -> None:
    rule = "klgateway-care-citizen:Patient.deceased[x]:deceasedBoolean:min"
    assert errors(judged(deceasedBoolean=None, after_transition=True)) == {rule}
    assert not errors(judged(deceasedBoolean=None))
    assert not errors(judged(encounter(type=PERFORMED), after_transition=True))


def test_nesting_without_end_is_refused() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    assert errors(judged(condition(RESPIRATION, contained=deep))) == {"care-report-depth"}
    assert errors(judged(condition(RESPIRATION, note=deep))) == {"klgateway-care-condition:Condition.note:max"}


VALUES: tuple[Any, ...] = (None, "", " ", "x", 0, -1, True, [], {}, [None], [[]], [{}], ["x"], {"x": 1}, {"coding": 1},
                           {"reference": 1}, {"reference": "#"}, {"value": ["x"]}, 1.5, "Patient")  # fmt: skip


def test_nothing_in_a_report_makes_the_reader_raise() -> None:
    dice = random.Random(20260312)
    for _ in range(1500):
        tree: Any = copy.deepcopy(everything())
        for _ in range(dice.randint(1, 4)):
            _spoil(tree, dice)
        judgement = read(tree, shipped(), after_transition=dice.random() < 0.3)
        assert (judgement.document is None) is (judgement.handling is Handling.REFUSED)
        assert recognises(tree) in (True, False)
        assert is_incremental(tree) in (True, False)
        read_incremental_frame(tree)
        list(inner_reports(tree))


def _spoil(node: Any, dice: random.Random) -> None:
    """Walk some way into the tree, and put something else there, or under a name that does not belong there."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = dice.choice(keys)
        if isinstance(node[key], dict | list) and dice.random() < 0.85:
            node = node[key]
            continue
        match dice.randint(0, 3):
            case 0 if isinstance(node, dict):
                del node[key]
            case 1 if isinstance(node, dict):
                node[dice.choice((f"_{key}", "extension", "modifierExtension", "valueString", "onsetAge", "text"))] = (
                    dice.choice(VALUES)
                )
            case _:
                node[key] = dice.choice(VALUES)
        return
