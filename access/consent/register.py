"""Our own register of blocks: read along with the context (`access.lookup`), so that it costs no query of its own."""

from datetime import date

import orjson

from access.consent.decision import DENY, PERMIT, Decision, Kind, Person, Question, Span
from organisations.register import with_sub_units

HELD = """
SELECT json_agg(json_build_array(b.kind, b.issuer, b.subject, b.sor, b.include_sub_units, b.data_from, b.data_to))::text
FROM access_block b WHERE b.patient_id = c.patient_id AND b.ended IS NULL AND b.valid_from <= %(now)s
  AND (b.valid_until IS NULL OR b.valid_until > %(now)s)
"""
"""The blocks of a context's patient that stand now, in the form that `decide` reads."""


def decide(question: Question) -> Decision:
    """What the blocks in our register hide from this user."""
    if not question.held:
        return PERMIT
    people = {each.named for each in (question.acting, question.responsible) if each}
    organisations: dict[str, bool] = {}
    periods: list[Span] = []
    for kind, issuer, subject, sor, below, first, last in orjson.loads(question.held):
        if kind == "all" or (kind == "person" and Person(issuer, subject) in people):
            return DENY
        if kind == "organisation":
            organisations[sor] = below or organisations.get(sor, False)
        if kind == "period":
            periods.append(Span(_day(first), _day(last)))
    return partial(organisations, periods)


def partial(organisations: dict[str, bool], periods: list[Span]) -> Decision:
    """Hides these organisations (True: with the units below) and these periods; permits when there are none."""
    if not organisations and not periods:
        return PERMIT
    roots = {sor for sor, below in organisations.items() if below}
    hidden = frozenset(organisations) | (with_sub_units(roots) if roots else frozenset())
    return Decision(Kind.PARTIAL, hidden, bool(roots), tuple(periods))


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
