"""What a citizen has blocked of municipal data, left out before the law policy, the counts and the names (ADR 0023)."""

from collections.abc import Iterable

from access.consent import Decision, Span
from eoj.care import day
from eoj.policy import Stand
from organisations import register

AT_ONCE = ("Procedure", "Encounter")
"""What happens on the day it is recorded; everything else lasts until something says that it is over."""


def seen(stands: Iterable[Stand], consent: Decision) -> list[Stand]:
    """The resources that are not blocked. What hangs on a blocked one goes with it in the law policy."""
    stands = list(stands)
    known = register.lookup_many({each.sor for each in stands})
    return [each for each in stands if not consent.hides_course(each.sor, course(each), known=each.sor in known)]


def course(each: Stand) -> Span:
    """From the day it was created to the last day that is told as its end: open when none is, so that any later period
    meets it.
    """
    first = day(each.created or each.recorded)
    if each.type in AT_ONCE:
        return Span(first, first)
    ends = [day(said) for said in (each.since.isoformat() if each.since else "", each.ended) if said]
    return Span(first, max((end for end in ends if end), default=None))
