"""Look-ups: everything that one person saw in one opened record, as the log tells it.

A look-up is a patient context: from the opening to the last page. What is asked here reads a time or an index, never
the whole table.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from audit import trail
from audit.actions import Action
from audit.models import AuditEvent
from audit.trail import LOOKS, NAMES, Line

OPENED = (Action.LAUNCH_OPENED, Action.LOOKUP_OPENED)
"""A record was opened, by an EPJ or by a typed number; that is part of the look-up, and is no look by itself."""
SEEN = tuple(action.value for action in LOOKS if action not in (Action.LOG_VIEWED, Action.OVERRIDE_STARTED))
"""What a member of staff may have had on the screen."""
LASTS = timedelta(days=1)
"""Longer than any context lives: where the opening of a look-up may lie."""


def said(what: str) -> str:
    """SQL for a detail (extra) of an event, as audit.resource has written it."""
    return f"jsonb_path_query_first(event, '$.entity[*].detail[*] ? (@.type == \"{what}\").valueString') #>> '{{}}'"


IN_TIME = "recorded >= %(start)s AND recorded < %(end)s AND id >= %(first)s AND id < %(last)s"
FROM_BEFORE = "recorded >= %(before)s AND recorded < %(end)s AND id >= %(earlier)s AND id < %(last)s"
AT_UNITS = "actor_kind = 'user' AND actor_organisation = ANY(%(units)s) AND outcome = 0"
RESPONSIBLE = """
  jsonb_path_query_first(event, '$.agent[*] ? (@.type.coding[*].code == "RESP").who.identifier.value') #>> '{}'"""
AT_WORK = f"""
WITH looks AS (
  SELECT context, (array_agg(id ORDER BY id))[1] AS event, (array_agg(actor_ref))[1] AS actor_ref,
    (array_agg(patient_ref))[1] AS patient_ref, max(actor_role) AS role,
    max(actor_organisation) AS organisation, min(recorded) AS begun, max(recorded) AS ended,
    coalesce(array_agg(DISTINCT rtrim(concat_ws(' ', action, entity, CASE WHEN entity <> '' THEN {said("beside")} END)))
      FILTER (WHERE action = ANY(%(seen)s)), '{{}}') AS seen,
    bool_or(purpose = 'BTG') AS override
  FROM audit_event WHERE {IN_TIME} AND {AT_UNITS} AND action = ANY(%(looks)s) AND context <> ''
    AND patient_ref IS NOT NULL AND actor_ref IS NOT NULL
  GROUP BY context
), told AS (
  SELECT context, max({RESPONSIBLE}) AS responsible, max({said("relation")}) AS relation,
    max({said("ground")}) FILTER (WHERE action <> 'override.started') AS ground,
    max({said("ground")}) FILTER (WHERE action = 'override.started') AS override_ground
  FROM audit_event WHERE {FROM_BEFORE} AND {AT_UNITS}
    AND action = ANY(%(openings)s)
  GROUP BY context
)
SELECT looks.*, coalesce(told.responsible, '') AS responsible, coalesce(told.relation, '') AS relation,
  coalesce(told.ground, '') AS ground, coalesce(told.override_ground, '') AS override_ground
FROM looks LEFT JOIN told USING (context)
"""  # noqa: S608 the names are constants of this house
"""The look-ups of a time at some units, one row each, for whoever keeps them: with `at_work` as its parameters."""


def at_work(units: Iterable[str], start: datetime, end: datetime) -> dict[str, Any]:
    """The parameters of AT_WORK; units as events write them."""
    before = start - LASTS
    return {
        "units": sorted(units), "start": start, "end": end, "before": before,
        "first": _id(start), "last": _id(end), "earlier": _id(before),
        "seen": list(SEEN), "looks": [*SEEN, *OPENED, Action.OVERRIDE_STARTED], "openings": list(trail.OPENINGS),
    }  # fmt: skip


def begins() -> datetime | None:
    """When the log that is kept begins; None while it is empty. Read from an index."""
    return AuditEvent.objects.order_by("id").values_list("recorded", flat=True).first()


@dataclass
class LookUp:
    """One look-up of one's own, newest first in a list."""

    opening: Line
    ground: str
    relation: str
    seen: set[tuple[str, str]] = field(default_factory=set)
    """Actions, and what each was about: the same thing seen twice is seen once."""
    override: bool = False
    override_ground: str = ""


def own(user: uuid.UUID, *, limit: int, since: datetime | None = None, before: Line | None = None) -> list[LookUp]:
    """The records that this user opened, newest first, and what was seen in each; two queries."""
    opened = AuditEvent.objects.filter(actor_ref=user, action__in=OPENED, outcome=0, patient_ref__isnull=False)
    if since:
        opened = opened.filter(recorded__gte=since)
    rows = [trail.read(row) for row in trail.ordered(opened, before).values_list(*NAMES, "event")[:limit]]
    found = {line.context: LookUp(line, said.get("ground", ""), said.get("relation", "")) for line, said in rows}
    if found:
        _see(user, found)
    return list(found.values())


def own_line(user: uuid.UUID, key: uuid.UUID) -> Line | None:
    """An opening of this user's, to go on from."""
    row = AuditEvent.objects.filter(id=key, actor_ref=user, action__in=OPENED).values_list(*NAMES, "event").first()
    return trail.read(row)[0] if row else None


def _see(user: uuid.UUID, found: dict[str, LookUp]) -> None:
    times = [one.opening.recorded for one in found.values()]
    looks = AuditEvent.objects.filter(_within(found, times), actor_ref=user, outcome=0)
    for row in looks.filter(action__in=[*SEEN, Action.OVERRIDE_STARTED]).values_list(*NAMES, "event"):
        line, said = trail.read(row)
        one = found[line.context]
        one.override |= line.action == Action.OVERRIDE_STARTED or "override" in said
        if line.action == Action.OVERRIDE_STARTED:
            one.override_ground = said.get("ground", "")
        else:
            one.seen.add((line.action, line.entity))
            if line.beside:
                one.seen.add((line.action, line.beside))


def _within(contexts: Collection[str], times: list[datetime]) -> Q:
    """By the index on contexts, in the months in question alone."""
    return Q(context__in=list(contexts), recorded__gte=min(times), recorded__lt=max(times) + LASTS)


def _id(moment: datetime) -> uuid.UUID:
    """Below every id of this moment and later: ids begin with the time."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
