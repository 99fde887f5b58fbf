"""Whom a citizen has custody of or is guardian of: asked at each login and at each request, never kept.

The register is our own (access.relatives.register); one that an authority keeps takes its place in this file. A
fuldmagt is not asked for: it comes with the signed login (access.signed).
"""

from datetime import date

from access.relatives import register
from access.relatives.port import Relation, Relatives
from patients import cpr

__all__ = ["Relation", "decides", "is_grown", "may_give", "relations"]

relations: Relatives = register.relations
FIFTEEN, EIGHTEEN = 15, 18
"""From this age on a child decides, and no holder of custody looks for it (sundhedsloven § 39 a)."""


def decides(number: str, today: date) -> bool:
    """Whether somebody of this CPR number decides without the holders of custody; so, too, when the age is unknown."""
    age = cpr.age(number, today)
    return age is None or age >= FIFTEEN


def may_give(number: str, today: date) -> bool:
    """Whether somebody of this CPR number may give a fuldmagt. Not so when the age is unknown."""
    age = cpr.age(number, today)
    return age is not None and age >= FIFTEEN


def is_grown(number: str, today: date) -> bool:
    """Whether somebody of this CPR number may have a guardian here: parents, the guardians of minors by law, come by
    custody, with its age limit and with what is hidden from it. Not so when the age is unknown.
    """
    age = cpr.age(number, today)
    return age is not None and age >= EIGHTEEN
