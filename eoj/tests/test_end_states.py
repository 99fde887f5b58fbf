"""The published sequences end as published, in whatever order they come, and however often."""

import itertools
import random
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import time_machine
from django.db import transaction

from access.tests.cast import launched
from eoj.models import LawPolicy, Report
from eoj.tests.door import municipality
from eoj.tests.reports import incremental
from eoj.tests.stands import everything, stands
from eoj.tests.vectors import folder
from sundhedsjournal.tests.pages import CheckingClient, check_page, words
from terminology.fsiii import shipped

FOLDER = folder()
EXPECTED: dict[str, Any] = orjson.loads((FOLDER / "EXPECTED_END_STATES.json").read_bytes())
LEVELS = {str(level): level for level in (0, 1, 2, 3, 4, 9)}


def reports(sequence: str) -> list[bytes]:
    """The reports of a sequence, in the order of the file names' timestamps."""
    files = {path.stem.rpartition("__")[2]: path for path in FOLDER.glob("in__*.json")}
    return [Path(files[pk]).read_bytes() for pk, _when in EXPECTED[sequence]["reports"]]


def key(code: str) -> str:
    found = shipped().find(code)
    assert found is not None
    return found.key


def name(held: Any) -> str:
    found = shipped().find(held.code)
    assert found is not None
    return found.name


def assert_as_published(expected: dict[str, Any]) -> None:
    conditions = stands("Condition")
    assert set(conditions) == {each["id"] for each in expected["conditions"]}
    for each in expected["conditions"]:
        held = conditions[each["id"]]
        focus = {"active": ("active", "unfocused"), "inactive": ("inactive",)}[each["clinicalStatus"]]
        assert held.state in focus
        assert (held.state != "active") == (not each["in_focus"])
        assert (held.code, held.created) == (key(each["code"]), each["recordedDate"])
        assert held.level == (LEVELS[each["level"]] if each["level"] else None)
        ended_by = each["ended_by_report"]
        assert held.since == (datetime.fromisoformat(ended_by) if ended_by else None)
    plans = stands("CarePlan")
    assert set(plans) == {each["id"] for each in expected["careplans"]}
    for each in expected["careplans"]:
        held = plans[each["id"]]
        told = (key(each["code"]), each["status"], each["period"]["start"], each["period"].get("end", ""))
        assert (held.code, held.state, held.recorded, held.ended) == told
        assert {ref for ref in held.refs if ref.startswith("Condition/")} == set(each["reasons"])
    for name, kind in (("procedures", "Procedure"), ("encounters", "Encounter"), ("observations", "Observation")):
        held_ones = {pk: row.state for pk, row in stands(kind).items()}
        assert held_ones == {each["id"]: each["status"] for each in expected[name]}
    goals = {pk: (row.state, row.recorded, row.level) for pk, row in stands("Goal").items()}
    said = {each["id"]: (each["status"], each["startDate"], int(each["expected_level"])) for each in expected["goals"]}
    assert goals == said


@pytest.mark.django_db
@pytest.mark.parametrize("sequence", EXPECTED)
def test_a_published_sequence_ends_as_published(sequence: str) -> None:
    put = municipality()
    for raw in reports(sequence):
        answer = put(raw)
        assert (answer.status, answer.handling) == (200, "accepted"), answer.tree
    assert_as_published(EXPECTED[sequence])


def orders(sequence: str) -> list[list[bytes]]:
    """All orders of a short sequence, some of a long one, each with some reports sent twice."""
    dice, whole = random.Random(sequence), reports(sequence)
    every = list(itertools.permutations(whole))
    chosen = every if len(every) <= 24 else dice.sample(every, 12)
    return [[*order, *dice.sample(whole, 2)] for order in chosen]


@pytest.mark.django_db
@pytest.mark.parametrize("sequence", EXPECTED)
def test_the_end_is_the_same_in_any_order(sequence: str) -> None:
    for order in orders(sequence):
        with transaction.atomic():
            put = municipality()
            for raw in order:
                assert put(raw).handling == "accepted"
            assert_as_published(EXPECTED[sequence])
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_published_unordered_delivery_ends_as_the_index_says() -> None:
    answer = municipality()((FOLDER / "syn__Bundle-incremental-unordered.json").read_bytes())
    assert (answer.status, answer.handling) == (200, "accepted"), answer.tree
    conditions = {name(each): each for each in stands("Condition").values()}
    nursing = [each for each in conditions.values() if each.level is None]
    assert sorted((f"{each.since:%d.%m}", each.state) for each in nursing) == [
        ("14.02", "inactive"),
        ("17.02", "inactive"),
    ]
    mobility = conditions["Mobilitet og bevægelse"]
    assert (mobility.state, mobility.level) == ("active", 1)
    plans = {name(each): (each.state, each.recorded, each.ended) for each in stands("CarePlan").values()}
    assert plans["Respirationsbehandling"][::2] == ("completed", "2021-02-17")
    assert plans["Vedligehold af færdigheder"][:2] == ("active", "2021-02-18")
    assert max(each.recorded for each in stands("Encounter").values())[:10] == "2021-04-06"


@pytest.mark.django_db
def test_the_published_unordered_delivery_ends_as_its_reports_do_alone() -> None:
    raw = (FOLDER / "syn__Bundle-incremental-unordered.json").read_bytes()
    alone = [entry["resource"] for entry in orjson.loads(raw)["entry"]]
    ends = []
    for said in ([raw], sorted(alone, key=lambda each: str(each["timestamp"])), alone[::-1]):
        with transaction.atomic():
            put = municipality()
            assert {put(each).handling for each in said} == {"accepted"}
            ends.append([vars(each) | {"arrived": None} for each in everything()])
            transaction.set_rollback(True)
    assert ends[0] == ends[1] == ends[2]
    assert ends[0]


@pytest.mark.django_db
@pytest.mark.parametrize("sequence", EXPECTED)
def test_the_end_is_the_same_in_any_order_within_deliveries_and_between_them(sequence: str) -> None:
    """Split anywhere into two deliveries, with what came before in the second too, and with reports alone between."""
    for number, order in enumerate(orders(sequence)):
        inner = [orjson.loads(raw) for raw in order]
        once = list({each["id"]: each for each in inner}.values())
        cut = number % len(once)
        with transaction.atomic():
            put = municipality()
            for said in (incremental(*once[cut:], id="a"), once[cut], incremental(*once, id="b")):
                answer = put(said)
                assert (answer.status, answer.handling) == (200, "accepted"), answer.tree
            assert_as_published(EXPECTED[sequence])
            transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize(("sequence", "when"), [("JensHansen-new", "10.03.2021"), ("PeterOlsen-old", "06.04.2021")])
def test_the_next_follow_up_of_a_published_sequence_is_the_one_it_ends_with(sequence: str, when: str) -> None:
    """EOJ.md §10: superseded follow-ups stay planned for ever in both."""
    LawPolicy.objects.update(valid_from="2021-01-01")
    put, browser = municipality(), CheckingClient()
    with time_machine.travel("2021-02-26T10:00:00+00:00", tick=False):
        for raw in reports(sequence):
            put(raw)
        (sor,) = set(Report.objects.values_list("sor", flat=True))
        cpr = EXPECTED[sequence]["cpr"]
        page = browser.get(f"/k/{launched(browser, 'krogh', cpr, org={'sor': sor})}/kommune/")
    said = re.findall(r"Næste opfølgning ([\d.]+)", words(check_page(page)))
    assert set(said) == {when}
