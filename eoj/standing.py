"""What stands of a citizen's resources: one query over all their versions, when somebody looks.

Worked out, never stored: so reports may come in any order, twice, and from two workers at once, and writing them is
nothing but appending. A heavy case has some thousand versions: milliseconds (docs/adr/0018). Source: EOJ.md §3, §5
and §10 (the order is that of meta.lastUpdated, then of the reports).
"""

from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection

SAID = (
    "sor", "type", "resource_id", "state", "code", "area", "recorded", "ended", "level", "refs::text", "detail::text",
    "profile", "effective", "reported", "invalid",
)  # fmt: skip
"""Of the version that stands."""
WHOLE = ("hidden", "created", "changed", "arrived", "since", "levels::text", "moves::text")
"""What only all versions of a resource together can tell. `changed` and `arrived` are of what it says itself; where its
references changed stands in `moves`, for only those count that lead to something the reader may see."""
FIRST, LAST = "0001-01-03", "9999-12-30"
"""Of the days that both PostgreSQL and Python can name, in any time zone."""
COLUMNS = tuple(column.removesuffix("::text") for column in (*SAID, *WHOLE))
STANDING = f"""
WITH dated AS (
    SELECT v.sor, v.type, v.resource_id, v.report_id, v.state, v.code, v.area, v.recorded, v.ended, v.level, v.refs,
        v.detail, v.profile, v.invalid, r.received_at,
        greatest(least(v.effective, v.reported, '{LAST}'), '{FIRST}') AS effective,
        greatest(least(v.reported, '{LAST}'), '{FIRST}') AS reported,
        concat_ws('|', v.state, v.code, v.recorded, v.ended, v.level, v.invalid, v.detail) AS says
    FROM eoj_version v JOIN eoj_report r ON r.id = v.report_id AND r.patient_id = v.patient_id
    WHERE v.patient_id = %(patient)s AND r.patient_id = %(patient)s
), told AS (
    SELECT *, row_number() OVER w AS place, lag(says) OVER w AS says_before, lag(refs) OVER w AS refs_before,
        lag(level) OVER w AS level_before, lead(invalid) OVER w AS invalid_after,
        type = 'Condition' AND state <> 'active' OR type = 'CarePlan' AND state IN ('completed', 'revoked') AS closed
    FROM dated WINDOW w AS (PARTITION BY sor, type, resource_id ORDER BY effective, reported, report_id)
), counted AS (
    SELECT *, NOT (%(instance)s AND type <> 'Patient' AND (invalid OR coalesce(invalid_after, false))) AS counts
    FROM told
), marked AS (
    SELECT *, counts AND NOT invalid AS good, counts AND says IS DISTINCT FROM says_before AS news,
        max(place) FILTER (WHERE counts AND NOT invalid AND NOT closed) OVER w AS last_open,
        coalesce(max(place) FILTER (WHERE counts) OVER w, max(place) OVER w) AS standing
    FROM counted WINDOW w AS (PARTITION BY sor, type, resource_id)
), whole AS (
    SELECT *, NOT counts OR invalid AS hidden,
        coalesce(min(recorded) FILTER (WHERE good AND recorded <> '') OVER w, '') AS created,
        coalesce(max(effective) FILTER (WHERE news) OVER w, max(effective) OVER w) AS changed,
        coalesce(max(received_at) FILTER (WHERE news) OVER w, max(received_at) OVER w) AS arrived,
        min(effective) FILTER (
            WHERE good AND closed AND place > coalesce(last_open, 0) AND (last_open IS NOT NULL OR state <> 'unfocused')
        ) OVER w AS since,
        coalesce(
            jsonb_agg(jsonb_build_object('level', level, 'at', effective))
                FILTER (WHERE good AND level IS NOT NULL AND level IS DISTINCT FROM level_before)
                OVER (w ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
            '[]'
        ) AS levels,
        jsonb_agg(jsonb_build_object('refs', refs, 'before', refs_before, 'at', effective, 'arrived', received_at))
            FILTER (WHERE counts AND place > 1 AND refs <> refs_before) OVER w AS moves
    FROM marked WINDOW w AS (PARTITION BY sor, type, resource_id)
)
SELECT {", ".join((*SAID, *WHOLE))} FROM whole WHERE place = standing ORDER BY sor, type, resource_id
"""  # noqa: S608 the names are the constants above
"""Ended means the first version of the last run of versions that are not active; a first version that is merely out of
focus tells no time (the source may never have considered it). `instance` is the other reading of an invalidation; that
a journal is closed is none. Nothing changed after the report that says so."""

TIMES = psycopg.adapters.get_loader(psycopg.adapters.types["timestamptz"].oid, psycopg.pq.Format.TEXT)


def standing(patient_id: UUID) -> list[tuple[Any, ...]]:
    """Every resource of a citizen as it stands, also what is hidden: COLUMNS of each."""
    with connection.cursor() as cursor:
        # Django's own loader is Python on Python; a page of 300 rows has 1200 times.
        cursor.cursor.adapters.register_loader("timestamptz", TIMES)
        cursor.execute(STANDING, {"patient": patient_id, "instance": settings.EOJ_INVALIDATES == "instance"})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
