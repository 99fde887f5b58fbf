"""Our own register of blocks: read along with the context (`access.lookup`), so that it costs no query of its own."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import orjson

from access.consent.decision import DENY, PERMIT, Decision, Kind, Person, Question, Span
from organisations.register import with_sub_units

NAMES = """
SELECT json_agg(json_build_array(o.issuer, o.subject)) FROM access_user n JOIN access_user o
  ON o.professional_cpr = n.professional_cpr AND o.professional_cpr <> ''
WHERE n.issuer = b.issuer AND n.subject = b.subject AND n.subject <> ''
"""
"""What every issuer calls the professional whom a block aims at, where the CPR number is known; it stays inside."""
HELD = f"""
SELECT json_agg(json_build_array(b.kind, b.issuer, b.subject, CASE WHEN b.kind = 'person' THEN ({NAMES}) END,
    b.sor, b.include_sub_units, b.data_from, b.data_to, greatest(b.created, b.valid_from) > (
      SELECT v.started FROM access_override v WHERE v.context = c.id AND v.ended_at IS NULL)))::text
FROM access_block b WHERE b.patient_id = c.patient_id AND b.ended IS NULL AND b.valid_from <= %(now)s
  AND (b.valid_until IS NULL OR b.valid_until > %(now)s)
"""  # noqa: S608 the name is the constant above
"""The blocks of a context's patient that stand now, in the form that `decide` reads."""


class Held(NamedTuple):
    """One block, in the order of HELD."""

    kind: str
    issuer: str
    subject: str
    names: list[tuple[str, str]] | None
    """The professional's at every issuer, as far as they are known."""
    sor: str
    below: bool
    first: str | None
    last: str | None
    is_late: bool | None
    """Whether it was made, or has begun, since the override that runs."""

    def aims_at(self, people: set[Person]) -> bool:
        return not people.isdisjoint(Person(*each) for each in [(self.issuer, self.subject), *(self.names or ())])


def decide(question: Question) -> Decision:
    """What the blocks in our register hide from this user; of an override, what it does not lift."""
    if not question.held:
        return PERMIT
    people = {each.named for each in (question.acting, question.responsible) if each}
    held = [Held(*each) for each in orjson.loads(question.held)]
    if question.override and (late := _hidden([each for each in held if each.is_late], people)).notice:
        return replace(late, is_late=True)
    return _hidden(held, people)


def _hidden(held: list[Held], people: set[Person]) -> Decision:
    organisations: dict[str, bool] = {}
    periods: list[Span] = []
    for each in held:
        if each.kind == "all" or (each.kind == "person" and each.aims_at(people)):
            return DENY
        if each.kind == "organisation":
            organisations[each.sor] = each.below or organisations.get(each.sor, False)
        if each.kind == "period":
            periods.append(Span(_day(each.first), _day(each.last)))
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
