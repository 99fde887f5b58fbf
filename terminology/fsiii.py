"""FSIII, the municipalities' shared language: concepts, each under two codes, and what they stand under. Pure.

Source: the CodeSystem `urn:oid:1.2.208.176.2.21` as published in KL Term 2.3.0 (codes, names and places in the tree are
facts; its descriptions are not shipped). Every concept has a uuid and an older key; both name the same concept. No name
identifies anything: the same one stands under several laws.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

SYSTEM = "urn:oid:1.2.208.176.2.21"
SHIPPED = "2.3.0"
DATA = Path(__file__).parent / "data" / "fsiii.csv"


class Kind(StrEnum):
    """What a concept is for."""

    HEALTH_CONDITION = "health-condition"
    FUNCTION_CONDITION = "function-condition"
    HEALTH_AREA = "health-area"
    FUNCTION_AREA = "function-area"
    INTERVENTION = "intervention"
    LAW_GROUP = "law-group"
    SEVERITY = "severity"
    FOLLOW_UP_RESULT = "follow-up-result"
    GOAL_TYPE = "goal-type"
    OWN_MEANING_QUESTION = "own-meaning-question"
    OWN_MEANING = "own-meaning"
    OWN_PERFORMANCE_QUESTION = "own-performance-question"
    OWN_PERFORMANCE = "own-performance"
    OTHER = "other"


class Law(StrEnum):
    """The law that a concept's place in the tree puts it under."""

    HEALTH = "sundhedslov"
    SERVICE = "servicelov"
    ELDERLY = "aeldrelov"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept; `key` is its uuid, `parent` the uuid of its area or law group."""

    key: str
    legacy: str
    kind: Kind
    name: str
    parent: str
    law: Law
    paragraph: str
    """As the law group says, "" where it says none (0-ydelser, Ældreloven) and for conditions."""
    retiring: bool

    @property
    def level(self) -> int:
        """The number of a severity: 0–4, and 9 for "ikke relevant"; only severities have one."""
        return int(self.name)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All concepts of one version, found by either of their codes; one is equal to itself alone."""

    version: str
    concepts: Mapping[str, Concept]

    def find(self, code: str, *kinds: Kind) -> Concept | None:
        """The concept with this code, when it is of one of the kinds (any kind when none is given)."""
        found = self.concepts.get(code)
        return found if found is not None and (not kinds or found.kind in kinds) else None

    def __iter__(self) -> Iterator[Concept]:
        return iter({concept.key: concept for concept in self.concepts.values()}.values())


def catalogue(version: str, concepts: Iterable[Concept]) -> Catalogue:
    """A catalogue of these concepts."""
    return Catalogue(version, {code: each for each in concepts for code in (each.key, each.legacy) if code})


@cache
def shipped() -> Catalogue:
    """The code list that comes with the product."""
    with DATA.open(newline="") as file:
        return catalogue(SHIPPED, map(_concept, csv.DictReader(file)))


def _concept(row: Mapping[str, str]) -> Concept:
    return Concept(
        key=row["code"],
        legacy=row["legacy"],
        kind=Kind(row["kind"]),
        name=row["name"],
        parent=row["parent"],
        law=Law(row["law"]),
        paragraph=row["paragraph"],
        retiring=row["retiring"] == "retiring",
    )
