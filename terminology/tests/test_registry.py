"""The catalogue as it is now: shipped, imported, remembered, and seen by every process within seconds."""

import pytest
import time_machine
from django.utils import timezone

from terminology import importing, registry
from terminology.descriptions import own
from terminology.fsiii import shipped
from terminology.tests.published import COOKING, code_system, raw, renamed

pytestmark = pytest.mark.django_db


def bring(version: str, name: str = "Lave mad", told: str = "") -> None:
    tree = renamed(code_system(version, {COOKING: told} if told else None), COOKING, name)
    importing.keep(importing.compare(raw(tree), "fsiii.json"), confirm=True)


def test_without_an_import_the_shipped_list_is_current() -> None:
    assert registry.current() is shipped()


def test_another_process_sees_an_import_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import has nothing in common with this process but the database: nobody tells it to forget."""
    clock = 1000.0
    monkeypatch.setattr("terminology.registry.time.monotonic", lambda: clock)
    registry.current()
    bring("9.1", "Lave varm mad")
    clock += registry.ASK_AGAIN - 0.1
    assert registry.current() is shipped()
    clock += 0.2
    assert registry.current().concepts[COOKING].name == "Lave varm mad"


def test_the_catalogue_costs_no_query_while_it_is_fresh(django_assert_num_queries) -> None:
    bring("9.1")
    registry.forget()
    with django_assert_num_queries(2):
        first = registry.current()
    with django_assert_num_queries(0):
        assert registry.current() is first


def test_asking_again_costs_one_query_and_keeps_the_same_catalogue(
    django_assert_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring("9.1")
    registry.forget()
    first = registry.current()
    monkeypatch.setattr("terminology.registry.ASK_AGAIN", 0.0)
    with django_assert_num_queries(1):
        assert registry.current() is first


def test_imported_descriptions_come_before_our_own_in_one_query(django_assert_num_queries) -> None:
    described = sorted(own())
    with django_assert_num_queries(1):
        assert registry.descriptions([*described, "ukendt"]) == dict(own())
    bring("9.1", told="Offentliggjort tekst.")
    bring("9.2")
    with django_assert_num_queries(1):
        told = registry.descriptions(described)
    assert told == dict(own()) | {COOKING: "Offentliggjort tekst."}
    with django_assert_num_queries(0):
        assert registry.descriptions([]) == {}


def test_what_was_never_confirmed_describes_and_names_nothing() -> None:
    tree = code_system("9.1", {COOKING: "Offentliggjort tekst."})
    importing.keep(importing.compare(raw(tree), "fsiii.json"), confirm=False)
    assert registry.descriptions([COOKING]) == {COOKING: own()[COOKING]}
    assert [named.version for named in registry.names_history(COOKING)] == ["2.3.0"]


def test_the_names_of_a_concept_are_told_version_by_version() -> None:
    with time_machine.travel("2027-01-01T12:00:00Z", tick=False):
        bring("9.1")
    with time_machine.travel("2027-06-01T12:00:00Z", tick=False):
        bring("9.2", "Lave varm mad")
    told = registry.names_history(COOKING)
    assert [(named.version, named.name) for named in told] == [
        ("2.3.0", "Lave mad"),
        ("9.1", "Lave mad"),
        ("9.2", "Lave varm mad"),
    ]
    assert [named.since and timezone.localdate(named.since).isoformat() for named in told] == [
        None,
        "2027-01-01",
        "2027-06-01",
    ]
    assert registry.names_history("ukendt") == ()
