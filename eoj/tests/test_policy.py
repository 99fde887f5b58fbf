"""The law policy on resources that hang together: what is not seen leaves no trace on what is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eoj.item import Area
from eoj.policy import Leave, Move, Policy, Stand, visible

WHEN = datetime(2026, 3, 1, tzinfo=UTC)
HERE, THERE = "111000000000001", "222000000000001"
ONLY_HEALTH: Policy = {Area.HEALTH: Leave.ALL, Area.FUNCTION: Leave.NONE, Area.SERVICE: Leave.NONE}
OWN: Policy = dict.fromkeys([Area.HEALTH, Area.FUNCTION, Area.SERVICE], Leave.OWN)


def stand(kind: str, pk: str, area: Area = Area.NONE, *refs: str, sor: str = HERE) -> Stand:
    told: dict[str, Any] = dict.fromkeys(["code", "recorded", "ended", "created", "profile"], "")
    return Stand(
        type=kind, id=pk, sor=sor, state="active", area=area, level=None, levels=(), refs=refs, detail={},
        effective=WHEN, reported=WHEN, changed=WHEN, **told,
    )  # fmt: skip


CARE = [
    stand("Patient", "p"),
    stand("Condition", "wound", Area.HEALTH, "Encounter/old"),
    stand("Condition", "walking", Area.FUNCTION),
    stand("CarePlan", "dressing", Area.HEALTH, "Condition/walking", "Condition/wound"),
    stand("CarePlan", "cleaning", Area.SERVICE, "Condition/walking", "Condition/wound"),
    stand("Goal", "better", Area.NONE, "Condition/walking"),
    stand("Encounter", "both", Area.NONE, "Condition/walking", "Condition/wound"),
    stand("Encounter", "old"),
    stand("Encounter", "walks", Area.NONE, "Condition/walking"),
    stand("Encounter", "of-cleaning", Area.NONE, "CarePlan/cleaning"),
    stand("Condition", "elsewhere", Area.HEALTH, sor=THERE),
    stand("Encounter", "elsewhere", Area.NONE, "Condition/wound", sor=THERE),
]


def seen(policy: Policy, own: frozenset[str] = frozenset()) -> dict[str, tuple[str, ...]]:
    return {f"{each.type}/{each.id}@{each.sor[0]}": each.refs for each in visible(CARE, policy, own)}


def test_a_clinician_sees_health_and_no_reference_to_anything_else() -> None:
    assert seen(ONLY_HEALTH) == {
        "Condition/wound@1": ("Encounter/old",),
        "CarePlan/dressing@1": ("Condition/wound",),
        "Encounter/both@1": ("Condition/wound",),
        "Encounter/old@1": (),
        "Condition/elsewhere@2": (),
    }


def test_municipal_staff_see_all_of_their_own_and_nothing_of_another_municipality() -> None:
    everything = {f"{each.type}/{each.id}@1": each.refs for each in CARE if each.sor == HERE and each.type != "Patient"}
    assert seen(OWN, frozenset({HERE})) == everything


def test_a_reference_never_reaches_into_another_organisation() -> None:
    assert "Encounter/elsewhere@2" not in seen(dict.fromkeys(Area, Leave.ALL))


@pytest.mark.parametrize("policy", [{}, dict.fromkeys(Area, Leave.NONE), OWN])
def test_what_no_row_of_the_policy_opens_is_not_seen(policy: Policy) -> None:
    assert seen(policy) == {}


def test_hidden_resources_leave_what_is_seen_as_if_they_did_not_exist() -> None:
    without = [each for each in CARE if each.area not in (Area.FUNCTION, Area.SERVICE) and each.id != "better"]
    known = {f"{each.type}/{each.id}" for each in without}
    bare = [stand(e.type, e.id, e.area, *[ref for ref in e.refs if ref in known], sor=e.sor) for e in without]
    assert visible(CARE, ONLY_HEALTH, frozenset()) == visible(bare, ONLY_HEALTH, frozenset())


def test_a_changed_reference_is_a_change_when_it_leads_to_something_seen() -> None:
    later = WHEN + timedelta(days=1)

    def changed(*refs: str) -> Any:
        moved = CARE[3]._replace(arrived=WHEN, moves=(Move(frozenset(refs), later, later),))
        (seen,) = [each for each in visible([*CARE[:3], moved], ONLY_HEALTH, frozenset()) if each.id == "dressing"]
        assert seen.arrived == seen.changed
        return seen.changed

    assert changed("Condition/walking") == changed("Condition/nowhere") == WHEN
    assert changed("Condition/wound") == changed("Condition/walking", "Condition/wound") == later
