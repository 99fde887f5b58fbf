"""The index of published and synthetic reports, through the door, in both formats."""

import csv
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import transaction

from eoj.models import Report, Version
from eoj.tests import vectors
from eoj.tests.door import JSON, XML, Answer, municipality
from eoj.tests.renditions import xml
from eoj.tests.stands import everything

pytestmark = pytest.mark.django_db
VECTORS = vectors.folder()
EXERCISES = {
    row["file"]: row["exercises"] for row in csv.DictReader((VECTORS / "INDEX.csv").read_text("utf-8").splitlines())
}
FIRST = "in__Bundle-PeterOlsen-new-1__4768772b-67f3-4468-9a2f-ee9a0254a323.json"
SECOND = "syn__Bundle-duplicate-bundle-id.json"
"""Another content under the id of the first; alone it is a sound report."""
ACCEPTED = sorted(name for name, exercise in EXERCISES.items() if not exercise.startswith("REJECT"))
Put = Callable[..., Answer]


@pytest.fixture
def put() -> Put:
    return municipality()


def tree(name: str) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads((VECTORS / name).read_bytes())
    return read


def standing() -> list[dict[str, Any]]:
    """Everything that stands, whenever it came."""
    return [{**vars(each), "arrived": None} for each in everything()]


def sent(put: Put, name: str, media: str) -> Answer:
    return put(xml(tree(name)) if media == XML else (VECTORS / name).read_bytes(), to=tree(name)["id"], media=media)


@pytest.mark.parametrize("media", [JSON, XML])
@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_the_door_answers_as_the_index_says(put: Put, name: str, media: str) -> None:
    answer = sent(put, name, media)
    refused = EXERCISES[name].startswith("REJECT") and name != SECOND
    told = [issue["severity"] for issue in answer.tree["issue"]]
    assert (answer.status, answer.handling) == ((422, "refused") if refused else (200, "accepted")), answer.tree
    assert bool({"error", "fatal"} & set(told)) is refused
    assert bool(Report.objects.count()) is bool(Version.objects.count()) is not refused


@pytest.mark.parametrize("name", ACCEPTED)
def test_both_formats_say_the_same(put: Put, name: str) -> None:
    said = []
    for media in (JSON, XML):
        with transaction.atomic():
            answer = sent(put, name, media)
            said.append((answer.status, answer.tree, standing()))
            transaction.set_rollback(True)
    assert said[0] == said[1]
    assert said[0][2]


@pytest.mark.parametrize("media", [JSON, XML])
def test_another_report_under_a_published_id_is_a_duplicate_and_the_first_stays(put: Put, media: str) -> None:
    assert sent(put, FIRST, media).handling == "accepted"
    stood = standing()
    answer = sent(put, SECOND, media)
    assert (answer.status, answer.handling, answer.codes) == (409, "duplicate", ["duplicate"])
    assert standing() == stood


@pytest.mark.parametrize("media", [JSON, XML])
@pytest.mark.parametrize("name", [name for name in ACCEPTED if name.startswith("next__")])
def test_after_the_transition_the_door_answers_as_the_index_says(
    put: Put, settings: Any, name: str, media: str
) -> None:
    settings.EOJ_AFTER_TRANSITION = True
    answer = sent(put, name, media)
    refused = "must FAIL" in EXERCISES[name]
    assert (answer.status, answer.handling) == ((422, "refused") if refused else (200, "accepted"))
    assert ("klgateway-deceased-planned-intervention-period-end" in answer.rules) is refused
