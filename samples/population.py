"""Plausible municipal reports of invented citizens in 98 municipalities, as many as one asks for. Pure.

The same number and seed make the same reports, another seed other ones of the same citizens. CPR numbers are test
numbers (…99nn), SOR codes belong to no one.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from samples.care import SOR, Record, Tree, report
from samples.ids import uuid
from samples.municipalities import MUNICIPALITIES
from terminology.fsiii import Concept, Kind, Law, shipped

FIRST = date(2025, 1, 6)
KINDS = (Kind.HEALTH_CONDITION, Kind.FUNCTION_CONDITION, Kind.INTERVENTION)
CURRENT = {kind: [each for each in shipped() if each.kind is kind and not each.retiring] for kind in KINDS}
HOME = [each for each in CURRENT[Kind.INTERVENTION] if each.law is not Law.HEALTH]
NURSING = [each for each in CURRENT[Kind.INTERVENTION] if each.law is Law.HEALTH]


@dataclass(frozen=True)
class Citizen(Record):
    """Somebody invented."""

    cpr: str = ""
    sor: str = ""

    def citizen(self, active: bool | None = None) -> Tree:
        said = self._resource("Patient", "", "citizen", deceasedBoolean=False)
        cpr = {"use": "official", "system": "urn:oid:1.2.208.176.1.2", "value": self.cpr}
        sor = {"identifier": {"use": "official", "system": SOR, "value": self.sor}}
        return said | {"identifier": [cpr], "managingOrganization": sor}


def reports(citizens: int, seed: int) -> Iterator[Tree]:
    """One to four reports of each citizen, all of one citizen's after each other, in the order of time."""
    for number in range(citizens):
        yield from _life(number, seed, random.Random(f"{seed} {number}"))


def _life(number: int, seed: int, dice: random.Random) -> Iterator[Tree]:
    born = date(1925, 1, 1) + timedelta(days=number // 100 % 13_000)
    sor = MUNICIPALITIES[dice.randrange(len(MUNICIPALITIES))].sor
    who = Citizen(f"citizen {seed} {number}", sor, cpr=f"{born:%d%m%y}99{number % 100:02}", sor=sor)
    day = FIRST + timedelta(days=dice.randrange(300))
    health = dice.sample(CURRENT[Kind.HEALTH_CONDITION], dice.randrange(0, 4))
    home = dice.sample(CURRENT[Kind.FUNCTION_CONDITION], dice.randrange(0 if health else 1, 5))
    levels = {each.key: dice.randrange(1, 5) for each in home}
    for turn in range(dice.choice((1, 1, 2, 2, 3, 4))):
        told = [*_conditions(who, day, health, home, levels, ended=turn == 3)]
        if turn == 0:
            told += [*_interventions(who, day, dice, health, home)]
        told.append(who.follow_up(f"turn {turn}", str(day + timedelta(days=90)), *(each.key for each in health + home)))
        yield report(uuid("eoj", who.patient, "report", str(turn)), f"{day}T19:00:00Z", who.citizen(), *told)
        for each in home:
            levels[each.key] = max(0, min(4, levels[each.key] + dice.choice((-1, 0, 0, 1))))
        day += timedelta(days=dice.randrange(20, 120))


def _conditions(
    who: Citizen, day: date, health: list[Concept], home: list[Concept], levels: dict[str, int], ended: bool
) -> Iterator[Tree]:
    state = "ended" if ended else "focus"
    for each in health:
        yield who.condition(each.key, str(FIRST), state=state)
    for each in home:
        yield who.condition(each.key, str(FIRST), levels[each.key], state=state)
        yield who.goal(each.key, max(0, levels[each.key] - 1), str(day))


def _interventions(
    who: Citizen, day: date, dice: random.Random, health: list[Concept], home: list[Concept]
) -> Iterator[Tree]:
    for reasons, among in ((health, NURSING), (home, HOME)):
        for concept in dice.sample(among, len(reasons)):
            yield who.plan(concept.key, str(day), "", dice.choice(reasons).key, delivered=("individual",))
