"""How far the seal is behind, as figures and as alarms; cheap enough to be asked on a request."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.sealing import signing
from audit.sealing.publishing import Folder

MERGE_DELAY = 60
"""Seconds from recorded to signed (I7)."""
WITNESS_DELAY = timedelta(hours=1)
MOST = 10_000
STATE = """
SELECT (SELECT coalesce(max(leaf_index) + 1, 0) FROM audit_leaf), coalesce(size, 0), signed_at, coalesce(settled, 0)
FROM (SELECT) one LEFT JOIN (SELECT * FROM audit_checkpoint ORDER BY size DESC LIMIT 1) newest ON true"""
WAITING = """
SELECT count(*), min(recorded) FROM (
  SELECT e.recorded FROM audit_event e WHERE e.txid >= %s
  AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = e.id AND l.leaf_index < %s) LIMIT %s
) waiting"""


@dataclass(frozen=True)
class Figures:
    """The seal as it stands."""

    size: int
    """Rows that have a leaf."""
    signed: int
    """Rows under the newest checkpoint."""
    signed_at: datetime | None
    waiting: int
    """Rows that no checkpoint covers yet; counted to ten thousand."""
    lag: float
    """Seconds since the oldest of them was recorded; 0 when there is none."""
    published: int | None
    """Rows under the newest published checkpoint; None when there is none, or the folder cannot be read."""
    witnessed: dict[str, int | None]
    """For each witness, rows under the newest checkpoint that it has signed."""


def figures(now: datetime | None = None) -> Figures:
    """Two queries and a look into the folder."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        size, signed, signed_at, settled = cursor.fetchone()
        cursor.execute(WAITING, [settled, signed, MOST])
        waiting, oldest = cursor.fetchone()
    lag = max(0.0, ((now or datetime.now(UTC)) - oldest).total_seconds()) if oldest else 0.0
    try:
        folder = Folder(Path(settings.AUDIT_PUBLISH))
        published = folder.newest()
        witnessed = {url: folder.witnessed(url) for url in settings.AUDIT_WITNESSES}
    except OSError:
        published, witnessed = None, dict.fromkeys(settings.AUDIT_WITNESSES)
    return Figures(size, signed, signed_at, waiting, lag, published, witnessed)


def alarms(found: Figures | None = None) -> list[str]:
    """What an operator must hear about, as sentences; none when all is well."""
    told, found = [], found or figures()
    if found.lag > MERGE_DELAY:
        said = ngettext(
            "Hændelsesloggen er ikke forseglet: %(rows)s hændelse har ventet i %(seconds)s sekunder.",
            "Hændelsesloggen er ikke forseglet: %(rows)s hændelser venter, den ældste i %(seconds)s sekunder.",
            found.waiting,
        )
        told.append(said % {"rows": found.waiting, "seconds": int(found.lag)})
    if found.published is not None and found.published > found.signed:
        told.append(signing.rolled_back(found.published, found.signed))
    behind = found.signed_at is not None and found.signed_at < datetime.now(UTC) - timedelta(seconds=MERGE_DELAY)
    if behind and (found.published or 0) < found.signed:
        told.append(_("Det seneste kontrolpunkt er ikke offentliggjort i AUDIT_PUBLISH."))
    for url, seen in found.witnessed.items():
        if (seen or 0) < found.signed and _older(seen):
            told.append(_("Vidnet %s har ikke set loggens kontrolpunkter i en time.") % url)
    return told


def _older(seen: int | None) -> bool:
    """Whether a checkpoint larger than this was signed more than an hour ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM audit_checkpoint WHERE size > %s AND signed_at < %s)",
            [seen or 0, datetime.now(UTC) - WITNESS_DELAY],
        )
        return bool(cursor.fetchone()[0])
