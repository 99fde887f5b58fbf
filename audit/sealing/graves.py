"""Whether the tombstone of a dropped month may be believed: whoever may drop a table may write a tombstone too."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from audit.actions import Action
from audit.partitions import month
from audit.sealing.store import Connection, Signed

KEPT = 36
"""Months that every row is kept for at least, whatever AUDIT_KEEP_YEARS says (the settings refuse less)."""
APART = timedelta(minutes=5)
"""How far the clocks of the owner's machine and the sequencer's may differ."""
LATE = timedelta(days=1)
"""How long after the tombstone's time its event may be recorded: the look at the month lies between them."""
GRAVES = 'SELECT partition, start, "end", rows, dropped_at FROM audit_dropped ORDER BY start, partition'
EVENTS = """
SELECT e.recorded, l.event_id IS NOT NULL
FROM audit_event e LEFT JOIN audit_leaf l ON l.event_id = e.id AND l.recorded = e.recorded
WHERE e.action = %s AND e.entity = %s AND e.recorded BETWEEN %s AND %s
AND e.event #> '{entity,0,detail}' @> %s::jsonb"""


@dataclass
class Dropped:
    """The tombstone of a month whose rows are gone: their leaves stay."""

    partition: str
    start: datetime
    end: datetime
    rows: int
    dropped_at: datetime
    missed: int = 0


def read(connection: Connection) -> list[Dropped]:
    """Every tombstone, the oldest month first; none where the table is not there yet."""
    has = connection.execute("SELECT to_regclass('audit_dropped') IS NOT NULL").fetchone()
    return [Dropped(*row) for row in connection.execute(GRAVES)] if has and has[0] else []


def doubt(
    connection: Connection, grave: Dropped, graves: Iterable[Dropped], last: Signed | None, settled: datetime
) -> str:
    """Why a tombstone is not believed; "" when it is. What was written after `settled` need not be sealed yet."""
    newest = max(last.signed_at, settled) if last else settled
    if said := _untimely(grave, newest):
        return said
    until = grave.dropped_at + LATE
    for other in graves:
        if other.start <= until and grave.dropped_at < other.end and not _untimely(other, newest):
            return ""  # the month that held the event has gone itself, and is judged by its own tombstone
    asked = (Action.AUDIT_DROPPED.value, f"AuditPartition/{grave.partition}", grave.dropped_at - APART, until)
    for recorded, sealed in connection.execute(EVENTS, (*asked, _told(grave))):
        if sealed or recorded > settled:
            return ""
    return _("%s står som slettet, men ingen forseglet hændelse fortæller om det.") % grave.partition


def _untimely(grave: Dropped, newest: datetime) -> str:
    if grave.end > month(grave.dropped_at, -KEPT):
        return _("%s står som slettet, før hændelserne var tre år gamle.") % grave.partition
    if grave.dropped_at > newest + APART:
        return _("%s står som slettet senere end det seneste kontrolpunkt.") % grave.partition
    return ""


def _told(grave: Dropped) -> str:
    """The details of the event that the drop writes (`audit.retention`); a span that is not of whole days has none."""
    span = {"from": grave.start.isoformat(), "to": grave.end.isoformat()}
    told = {key: at.removesuffix("T00:00:00+00:00") for key, at in span.items()} | {"rows": f"{grave.rows:_}"}
    return json.dumps([{"type": key, "valueString": value} for key, value in told.items()])
