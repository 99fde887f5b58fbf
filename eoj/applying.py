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
WHOLE = ("version_id", "hidden", "created", "changed", "arrived", "since", "levels")
"""What only all versions of a resource together can tell."""
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
), marked AS (
    SELECT *, counts AND NOT invalid AS good, counts AND digest IS DISTINCT FROM digest_before AS news,
        max(place) FILTER (WHERE counts AND NOT invalid AND NOT closed) OVER (PARTITION BY {KEY}) AS last_open
    FROM counted
), whole AS (
    SELECT (array_agg(id ORDER BY counts DESC, place DESC))[1] AS version_id,
        (array_agg(NOT counts OR invalid ORDER BY counts DESC, place DESC))[1] AS hidden,
        coalesce(min(recorded) FILTER (WHERE good AND recorded <> ''), '') AS created,
        coalesce(max(effective) FILTER (WHERE news), max(effective)) AS changed,
        coalesce(max(arrived) FILTER (WHERE news), max(arrived)) AS arrived,
        min(effective) FILTER (
            WHERE good AND closed AND place > coalesce(last_open, 0) AND (last_open IS NOT NULL OR state = 'inactive')
        ) AS since,
        coalesce(
            jsonb_agg(jsonb_build_object('level', level, 'at', effective) ORDER BY place)
                FILTER (WHERE good AND level IS NOT NULL AND level IS DISTINCT FROM level_before),
            '[]'
        ) AS levels
    FROM marked GROUP BY {KEY}
)
INSERT INTO eoj_standing (id, {", ".join(WHOLE)}, {", ".join(SAID)})
SELECT gen_random_uuid(), {", ".join(f"whole.{column}" for column in WHOLE)},
    {", ".join(f"v.{column}" for column in SAID)}
FROM whole JOIN eoj_version v ON v.id = whole.version_id
ORDER BY {KEY}
ON CONFLICT ({KEY}) DO UPDATE SET ({", ".join((*WHOLE, *SAID))}) =
    ({", ".join(f"EXCLUDED.{column}" for column in (*WHOLE, *SAID))})
WHERE ({", ".join(f"eoj_standing.{column}" for column in WHOLE)})
    IS DISTINCT FROM ({", ".join(f"EXCLUDED.{column}" for column in WHOLE)})
"""  # noqa: S608
"""Ended means the first version of the last run of versions that are not active; a first version that is merely out of
focus tells no time (the source may never have considered it). `instance` is the other reading of an invalidation."""


def keep(patient_id: UUID, report: Report) -> None:
    """Write what a report says as versions; a report that is there already writes nothing."""
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, [row(patient_id, report, item) for item in report.items])


def stand(report_ids: Sequence[str]) -> None:
    """Work out anew what stands of every resource that these reports speak of; holds no lock of its own."""
    with connection.cursor() as cursor:
        cursor.execute(STAND, {"reports": list(report_ids), "instance": settings.EOJ_INVALIDATES == "instance"})


def row(patient_id: UUID, report: Report, item: Item) -> tuple[Any, ...]:
    """The columns of a version: its id, and SAID."""
    refs, detail = orjson.dumps(item.refs).decode(), orjson.dumps(item.detail).decode()
    return (
        uuid7(), patient_id, report.sor, item.type, item.id, report.id, item.profile, item.effective, report.timestamp,
        item.invalid, item.state, item.code, str(item.area), item.recorded, item.ended, item.level, refs, detail,
        item.digest,
    )  # fmt: skip
