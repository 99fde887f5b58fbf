"""The published tables, read by path: the shipped list says the same, and places alone tell kind and law."""

import pytest

from terminology import importing, order, registry
from terminology.descriptions import own
from terminology.fsiii import Catalogue, Kind, catalogue, shipped
from terminology.reading import read
from terminology.tests.vectors import tables

EVERYTHING = (tables() / "fsiii_all_codes.csv").read_bytes()


@pytest.mark.django_db
def test_the_tables_change_nothing_but_bring_descriptions() -> None:
    diff = importing.compare(EVERYTHING, "fsiii_all_codes.csv", "2.3.0").diff
    assert (diff.new, diff.gone, diff.renamed, diff.moved, diff.reclassified, diff.redescribed) == ((),) * 6
    assert len(diff.described) > 200


@pytest.mark.django_db
def test_imported_under_the_shipped_version_each_concept_is_named_once() -> None:
    importing.keep(importing.compare(EVERYTHING, "fsiii_all_codes.csv", "2.3.0"), confirm=True)
    assert set(registry.current()) == set(shipped())
    assert [named.version for named in registry.names_history("feb38b55-c2d7-4d57-99c2-93622eaa0025")] == ["2.3.0"]


def test_kind_and_law_of_every_concept_can_be_told_from_its_place() -> None:
    """But for two retired headings that do not name their paragraph."""
    found = catalogue("", (concept for concept, _ in read(EVERYTHING, Catalogue("", {})).concepts))
    apart = {concept.legacy for concept in shipped() if found.concepts[concept.key] != concept}
    assert apart == {"H1b", "H1c"}


def test_no_description_of_ours_is_a_published_one() -> None:
    """Not one run of six words of theirs stands in ours."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = text.lower().replace(",", " ").replace(".", " ").split()
        return {tuple(words[n : n + 6]) for n in range(len(words) - 5)}

    theirs = {run for _, told in read(EVERYTHING, shipped()).concepts for run in runs(told)}
    assert {key: runs(text) & theirs for key, text in own().items() if runs(text) & theirs} == {}


def test_children_stand_under_their_area_in_order() -> None:
    area = order.areas(shipped(), Kind.HEALTH_AREA)[6]
    assert area.legacy == "I7"
    assert [each.legacy for each in order.children(shipped(), area.key)] == ["I7.1", "I7.2"]
