"""Areas and law groups in the order a reader expects, and descriptions that fit the concepts they describe."""

import tomllib

from terminology.descriptions import DATA, own
from terminology.fsiii import Kind, Law, shipped
from terminology.order import areas, law_groups


def test_areas_are_counted_and_not_spelt() -> None:
    assert [each.legacy for each in areas(shipped(), Kind.HEALTH_AREA)] == [f"I{n}" for n in range(1, 13)]
    assert [each.legacy for each in areas(shipped(), Kind.FUNCTION_AREA)] == [f"J{n}" for n in range(1, 6)]


def test_law_groups_go_by_law_and_paragraph_with_those_without_one_last() -> None:
    current = [each for each in law_groups(shipped()) if not each.retiring]
    assert [(each.law, each.paragraph) for each in current] == [
        (Law.HEALTH, "§ 138"),
        (Law.HEALTH, ""),
        (Law.ELDERLY, ""),
        (Law.SERVICE, "§ 83, stk. 1, nr. 1"),
        (Law.SERVICE, "§ 83, stk. 1, nr. 2"),
        (Law.SERVICE, "§ 83, stk. 1, nr. 3"),
        (Law.SERVICE, "§ 83 a"),
        (Law.SERVICE, "§ 83 a"),
        (Law.SERVICE, "§ 84, stk. 1"),
        (Law.SERVICE, "§ 84, stk. 2"),
        (Law.SERVICE, "§ 86, stk. 1"),
        (Law.SERVICE, "§ 86, stk. 2"),
        (Law.SERVICE, ""),
    ]


def test_each_description_of_ours_belongs_to_the_concept_it_names() -> None:
    told = tomllib.loads(DATA.read_text("utf-8"))
    assert len(told) >= 40
    for key, said in told.items():
        assert shipped().concepts[key].name == said["name"]
        assert shipped().concepts[key].key == key
        assert 30 <= len(said["text"]) <= 240
        assert said["text"].endswith(".")
    assert len(set(own().values())) == len(own())
