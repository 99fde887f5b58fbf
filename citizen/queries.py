"""Who has looked at a citizen's data, with what the registers know of it: every function takes the gate's grant."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404

from access import matrix, naming, units
from access.gate import Grant
from audit import trail
from audit.trail import Look
from ekg import told
from ekg.told import Made

AT_ONCE = 50
"""Looks on one page."""
NONE = UUID(int=0)
"""No recording."""


@dataclass(frozen=True)
class Seen:
    """One look."""

    look: Look
    name: str
    """Of the person, "" when it is not shown or not known."""
    place: str
    """"" for a citizen, who is at none."""
    recording: Made | None
    """The EKG that it put on the screen; None when there was none, or none that may be told of."""
    beside: Made | None
    """Another one that it was compared with, likewise."""
    own: bool
    """Whether the reader looked."""


@dataclass(frozen=True)
class Seens:
    """One page of the log, newest first."""

    rows: tuple[Seen, ...]
    more: bool


def seen(grant: Grant, since: datetime | None, after: str) -> Seens:
    """The looks from `since` on; those older than the look `after` when a page has ended there."""
    before = _line(grant, after) if after else None
    found = trail.looks(
        grant.patient_id,
        limit=AT_ONCE + 1,
        since=since,
        before=before,
        reader=grant.user_id,
        without=told.withheld(grant),
    )
    shown = found[:AT_ONCE]
    names = naming.staff(_people(shown)) if matrix.shows_names(grant.rights) else {}
    places = units.names(look.line.actor_organisation for look in shown)
    made = told.made(grant, [key for look in shown for key in _recordings(look)])
    rows = (
        Seen(
            look,
            names.get(look.line.actor_ref, "") if look.line.actor_ref else "",
            places.get(look.line.actor_organisation, ""),
            made.get(_recording(look.line.entity)),
            made.get(_recording(look.line.beside)),
            look.line.actor_ref == grant.user_id,
        )
        for look in shown
    )
    return Seens(tuple(rows), len(found) > AT_ONCE)


def _line(grant: Grant, after: str) -> trail.Line:
    try:
        found = trail.line(grant.patient_id, UUID(after))
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _people(looks: list[Look]) -> list[UUID]:
    return [look.line.actor_ref for look in looks if look.line.actor_ref]


def _recordings(look: Look) -> list[UUID]:
    return [key for key in (_recording(look.line.entity), _recording(look.line.beside)) if key != NONE]


def _recording(named: str) -> UUID:
    kind, _slash, key = named.partition("/")
    return UUID(key) if kind == "Recording" else NONE
