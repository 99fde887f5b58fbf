"""From versions to what stands: one statement for one report or for a hundred thousand.

Every version is kept, and what stands is worked out from all of a resource's versions, so that reports may come in any
order, twice, and from two workers at once: the end is the same. Source: EOJ.md §3, §5 and §10 (the order is that of
meta.lastUpdated, then of the reports).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from uuid_utils.compat import uuid7

from eoj.item import Item, Report

SAID = (
    "patient_id", "sor", "type", "resource_id", "report_id", "profile", "effective", "reported", "invalid", "state",
    "code", "area", "recorded", "ended", "level", "refs", "detail", "digest",
)  # fmt: skip
INSERT = (
    f"INSERT INTO eoj_version (id, {', '.join(SAID)}) VALUES ({', '.join(['%s'] * (len(SAID) + 1))})"  # noqa: S608
    " ON CONFLICT ON CONSTRAINT eoj_version_once DO NOTHING"
)
KEY = "patient_id, sor, type, resource_id"
STAND = f"""
WITH touched AS (
    SELECT DISTINCT {KEY} FROM eoj_version WHERE report_id = ANY(%(reports)s)
), told AS (
    SELECT v.*, (SELECT r.received_at FROM eoj_report r WHERE r.id = v.report_id) AS arrived,
        row_number() OVER w AS place, lag(v.digest) OVER w AS digest_before, lag(v.level) OVER w AS level_before,
        lead(v.invalid) OVER w AS invalid_after,
        v.type = 'Condition' AND v.state <> 'active' AS closed
    FROM eoj_version v JOIN touched USING ({KEY})
    WINDOW w AS (PARTITION BY {KEY} ORDER BY effective, reported, report_id)
), counted AS (
    SELECT *, NOT (%(instance)s AND (invalid OR coalesce(invalid_after, false))) AS counts FROM told
), newest AS (
    SELECT DISTINCT ON ({KEY}) *, (NOT counts OR invalid) AS hidden FROM counted
    ORDER BY {KEY}, counts DESC, place DESC
), whole AS (
    SELECT {KEY},
        min(c.recorded) FILTER (WHERE c.recorded <> '' AND NOT c.invalid) AS created,
        max(c.effective) FILTER (WHERE c.digest IS DISTINCT FROM c.digest_before) AS changed,
        max(c.arrived) FILTER (WHERE c.digest IS DISTINCT FROM c.digest_before) AS arrived,
        max(c.place) FILTER (WHERE NOT c.closed AND NOT c.invalid) AS last_open,
        coalesce(jsonb_agg(jsonb_build_object('level', c.level, 'at', c.effective) ORDER BY c.place)
            FILTER (WHERE c.level IS NOT NULL AND c.level IS DISTINCT FROM c.level_before AND NOT c.invalid), '[]')
            AS levels
    FROM counted c WHERE c.counts GROUP BY {KEY}
), since AS (
    SELECT {KEY}, min(c.effective) AS since
    FROM counted c JOIN whole USING ({KEY})
    WHERE c.counts AND NOT c.invalid AND c.closed AND c.place > coalesce(whole.last_open, 0)
        AND (whole.last_open IS NOT NULL OR c.state = 'inactive')
    GROUP BY {KEY}
)
INSERT INTO eoj_standing (id, version_id, hidden, created, changed, arrived, since, levels, {", ".join(SAID)})
SELECT gen_random_uuid(), newest.id, newest.hidden, coalesce(whole.created, ''),
    coalesce(whole.changed, newest.effective), coalesce(whole.arrived, newest.arrived), since.since,
    coalesce(whole.levels, '[]'),
    {", ".join(f"newest.{column}" for column in SAID)}
FROM newest LEFT JOIN whole USING ({KEY}) LEFT JOIN since USING ({KEY})
ORDER BY {KEY}
ON CONFLICT ({KEY}) DO UPDATE SET (
    version_id, hidden, created, changed, arrived, since, levels, {", ".join(SAID)}
) = (
    EXCLUDED.version_id, EXCLUDED.hidden, EXCLUDED.created, EXCLUDED.changed, EXCLUDED.arrived, EXCLUDED.since,
    EXCLUDED.levels,
    {", ".join(f"EXCLUDED.{column}" for column in SAID)}
)
WHERE (eoj_standing.version_id, eoj_standing.hidden, eoj_standing.created, eoj_standing.changed, eoj_standing.levels)
    IS DISTINCT FROM (EXCLUDED.version_id, EXCLUDED.hidden, EXCLUDED.created, EXCLUDED.changed, EXCLUDED.levels)
    OR eoj_standing.since IS DISTINCT FROM EXCLUDED.since
"""  # noqa: S608
"""Ended means the first version of the last run of versions that are not active; a first version that is merely out of
focus tells no time (the source may never have considered it). `instance` is the other reading of an invalidation."""


def keep(patient_id: UUID, report: Report) -> None:
    """Write what a report says as versions; a report that is there already writes nothing."""
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, [_row(patient_id, report, item) for item in report.items])


def stand(report_ids: Sequence[str]) -> None:
    """Work out anew what stands of every resource that these reports speak of; holds no lock of its own."""
    with connection.cursor() as cursor:
        cursor.execute(STAND, {"reports": list(report_ids), "instance": settings.EOJ_INVALIDATES == "instance"})


def _row(patient_id: UUID, report: Report, item: Item) -> tuple[Any, ...]:
    refs, detail = orjson.dumps(item.refs).decode(), orjson.dumps(item.detail).decode()
    return (
        uuid7(), patient_id, report.sor, item.type, item.id, report.id, item.profile, item.effective, report.timestamp,
        item.invalid, item.state, item.code, str(item.area), item.recorded, item.ended, item.level, refs, detail,
        item.digest,
    )  # fmt: skip
