"""The order in which a reader expects areas, law groups and what stands below them. Pure."""

import re
from functools import lru_cache

from terminology.fsiii import Catalogue, Concept, Kind, Law

LAWS = (Law.HEALTH, Law.ELDERLY, Law.SERVICE, Law.NONE)


@lru_cache(16)
def areas(catalogue: Catalogue, kind: Kind) -> tuple[Concept, ...]:
    """The areas of conditions of a kind, as their older keys count them: I1, I2, … I12."""
    return tuple(sorted((each for each in catalogue if each.kind is kind), key=_natural))


def law_groups(catalogue: Catalogue) -> tuple[Concept, ...]:
    """The groups of interventions: by law, then by paragraph, and last those without one."""
    groups = [each for each in catalogue if each.kind is Kind.LAW_GROUP]
    return tuple(sorted(groups, key=lambda each: (LAWS.index(each.law), not each.paragraph, _natural(each))))


def children(catalogue: Catalogue, key: str) -> tuple[Concept, ...]:
    """What stands right below a concept, in the order of the older keys."""
    return tuple(sorted((each for each in catalogue if each.parent == key), key=_natural))


def _natural(concept: Concept) -> tuple[tuple[tuple[int, str], ...], ...]:
    paragraph = concept.paragraph if concept.kind is Kind.LAW_GROUP else ""
    said = (paragraph.replace(",", "\0"), concept.legacy, concept.name)  # § 83, stk. 1 comes before § 83 a
    return tuple(
        tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text)) for text in said
    )
