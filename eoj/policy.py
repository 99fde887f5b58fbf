"""Which law area of municipal data an audience sees, and what that does to everything that hangs on it. Pure.

Source: EOJ-QUESTIONS.md E: policy, not fact; the table is kept by administrators (eoj.policies). The filter runs on the
area that a code's place in the tree gives, before anything is counted, grouped, named or searched.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from eoj.item import Area


class Audience(StrEnum):
    """Who looks."""

    CITIZEN = "citizen"
    CUSTODY = "custody"
    GUARDIAN = "guardian"
    PROXY = "proxy"
    CLINICIAN = "clinician"
    ASSISTANT = "assistant"
    MUNICIPAL = "municipal"


AS: Mapping[Audience, Audience] = {
    Audience.CUSTODY: Audience.CITIZEN,
    Audience.GUARDIAN: Audience.CITIZEN,
    Audience.PROXY: Audience.CITIZEN,
    Audience.ASSISTANT: Audience.CLINICIAN,
}
"""Those who see what somebody else sees, area for area, as long as no row of their own says otherwise."""


class Leave(StrEnum):
    """What an audience may see of an area."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


Policy = Mapping[Area, Leave]
"""An area that is not in it is not shown."""


class Move(NamedTuple):
    """What a resource refers to changed: to what it began or ceased to refer, and when that was said and heard."""

    refs: frozenset[str]
    at: Any
    arrived: Any


class Stand(NamedTuple):
    """One resource as it stands now; the columns of eoj.standing."""

    type: str
    id: str
    sor: str
    state: str
    code: str
    area: Area
    recorded: str
    ended: str
    created: str
    level: int | None
    levels: tuple[tuple[int, str], ...]
    refs: tuple[str, ...]
    detail: Mapping[str, Any]
    profile: str
    effective: Any
    reported: Any
    changed: Any
    since: Any = None
    arrived: Any = None
    moves: tuple[Move, ...] = ()


def visible(stands: Iterable[Stand], policy: Policy, own: frozenset[str]) -> list[Stand]:
    """The resources that may be seen, each with only those references that lead to another of them.

    A change is one only when it can be seen: of what a resource says itself, or of a reference to another of them.
    `own` are the SOR numbers of the organisations that the looker belongs to. What has no code of its own (encounters,
    follow-ups, goals) is seen when something it is about is, or something that points to it; a patient never.
    """
    stands = list(stands)
    coded = [each for each in stands if each.area is not Area.NONE and _may(each, policy, own)]
    seen = {_name(each) for each in coded}
    pointed = {(each.sor, ref) for each in coded for ref in each.refs}
    hanging = [
        each
        for each in stands
        if each.area is Area.NONE
        and each.type != "Patient"
        and (_name(each) in pointed or any((each.sor, ref) in seen for ref in each.refs))
    ]
    seen |= {_name(each) for each in hanging}
    return [_without_unseen(each, seen) for each in coded + hanging]


def _without_unseen(each: Stand, seen: set[tuple[str, str]]) -> Stand:
    for move in each.moves:
        if any((each.sor, ref) in seen for ref in move.refs):
            changed, arrived = max(each.changed, move.at), max(each.arrived, move.arrived)
            each = each._replace(changed=changed, arrived=arrived)
    kept = tuple(ref for ref in each.refs if (each.sor, ref) in seen)
    return each if kept == each.refs else each._replace(refs=kept)


def _name(each: Stand) -> tuple[str, str]:
    return each.sor, f"{each.type}/{each.id}"


def _may(each: Stand, policy: Policy, own: frozenset[str]) -> bool:
    leave = policy.get(each.area, Leave.NONE)
    return leave is Leave.ALL or (leave is Leave.OWN and each.sor in own)
