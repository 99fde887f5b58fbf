"""Whatever a tree holds, and wherever: the reader answers with a judgement."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ekg.document import EkgDocument, read
from ekg.tests.specimen import NANCY, Specimen, readable
from fhir.bundle import Handling, Judgement, Severity

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True)
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(
        ["", " ", "#", "#x", "Patient/", "/", "Patient/x/_history/1", "\ud800", "\0", "x" * 10_000, "|2."]
    )
)
HOSTILE = st.recursive(
    SCALARS,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceType", "reference", "extension", "id", "div", "data", "url", "coding", "_id", "é x"]
            ),
            inside,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every object or list of a tree with every key or number in it."""
    found, stack = [], [tree]
    while stack:
        node = stack.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        found += [(node, key) for key in keys]
        stack += [node[key] for key in keys if isinstance(node[key], dict | list)]
    return found


def check(judgement: Judgement) -> None:
    assert isinstance(judgement, Judgement)
    assert (judgement.document is None) is (judgement.handling is Handling.REFUSED)
    serious = [one for one in judgement.findings if one.severity in (Severity.FATAL, Severity.ERROR)]
    assert bool(serious) is (judgement.handling is not Handling.SHOW)
    assert all(one.rule and one.path and one.text for one in judgement.findings)
    if judgement.document is not None:
        document: EkgDocument = judgement.document
        assert document.cpr == NANCY
        assert len(document.content_sha256) == 64
        assert document.recordings
        assert all(isinstance(one.note, str) and isinstance(one.narrative, str) for one in document.recordings)
        assert all(one.started is None or one.started.tzinfo for one in document.recordings)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_hostile_value_anywhere_is_judged(data: st.DataObject) -> None:
    specimen = Specimen()
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places(specimen.tree)))
        holder[key] = data.draw(HOSTILE)
    check(read(specimen.tree, readable))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=5), HOSTILE, max_size=3), HOSTILE)
def test_a_hostile_bundle_is_judged(more: dict[str, Any], entry: Any) -> None:
    check(read({"resourceType": "Bundle", "type": "document", "entry": entry, **more}, readable))


def test_a_tree_of_any_depth_is_refused_without_recursion() -> None:
    tree: Any = 1
    for _ in range(100_000):
        tree = {"a": [tree]}
    judgement = read({"resourceType": "Bundle", "type": "document", "entry": [tree]}, readable)
    assert (judgement.handling, judgement.findings[0].rule) == (Handling.REFUSED, "ekg-depth")
    while isinstance(tree, dict):  # taken apart from the outside: Python frees a chain this long by recursion
        tree = tree.pop("a").pop()
