"""Writes what reports say: every version of every resource, once, in any order, from any number of workers.

Nothing else is written: what stands is worked out from the versions when somebody looks (`eoj.standing`).
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import connection

from eoj.item import Item, Report

COLUMNS = (
    "patient_id", "sor", "type", "resource_id", "report_id", "profile", "effective", "reported", "invalid", "state",
    "code", "area", "recorded", "ended", "level", "refs", "detail", "digest",
)  # fmt: skip
INSERT = (
    f"INSERT INTO eoj_version ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608
    " ON CONFLICT DO NOTHING"
)


def keep(patient_id: UUID, report: Report) -> None:
    """Write what a report says as versions; a report that is there already writes nothing."""
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, [row(patient_id, report, item) for item in report.items])


def row(patient_id: UUID, report: Report, item: Item) -> tuple[Any, ...]:
    """The columns of a version."""
    refs, detail = orjson.dumps(item.refs).decode(), orjson.dumps(item.detail).decode()
    return (
        patient_id, report.sor, item.type, item.id, report.id, item.profile, item.effective, report.timestamp,
        item.invalid, item.state, item.code, str(item.area), item.recorded, item.ended, item.level, refs, detail,
        item.digest,
    )  # fmt: skip


def keep_many(rows: Iterable[Sequence[Any]]) -> None:
    """Write the versions of reports that are not here yet, in the caller's transaction; rows as `row` makes them."""
    copy("eoj_version", COLUMNS, rows)


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table, in the caller's transaction."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as into:
            for each in rows:
                into.write_row(each)
