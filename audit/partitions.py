"""The months of the audit table: made ahead by the owner, watched by a command."""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

log = logging.getLogger(__name__)

BOUNDS = re.compile(r"FROM \('([^']+)'\) TO \('([^']+)'\)")
MONTHS_AHEAD = 3


@dataclass(frozen=True)
class Partition:
    """One partition and the time it takes, [start, end) in UTC."""

    name: str
    start: datetime
    end: datetime


def month(moment: datetime, ahead: int = 0) -> datetime:
    """The first instant (UTC) of the month that lies `ahead` months after the moment's."""
    moment = moment.astimezone(UTC)
    years, index = divmod(moment.month - 1 + ahead, 12)
    return datetime(moment.year + years, index + 1, 1, tzinfo=UTC)


def partitions(connection: BaseDatabaseWrapper) -> list[Partition]:
    """Every partition but the default one, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)"
            " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('audit_event')"
        )
        bounds = [(name, BOUNDS.search(bound)) for name, bound in cursor.fetchall()]
    found = [Partition(name, _utc(told[1]), _utc(told[2])) for name, told in bounds if told]
    return sorted(found, key=lambda partition: partition.start)


def exists(connection: BaseDatabaseWrapper) -> bool:
    """Whether the table has been migrated in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_event') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def make_ahead(connection: BaseDatabaseWrapper, now: datetime, months: int = MONTHS_AHEAD) -> list[str]:
    """Make the partitions of this month and the next `months`, as far as they are missing; returns the new names."""
    made = []
    for start in missing(connection, now, months):
        end, name = month(start, 1), f"audit_event_{start:%Y_%m}"
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                lock(cursor)
                if start in missing(connection, now, months):
                    _attach_new(cursor, name, f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')")
                    made.append(name)
        except IntegrityError:
            continue  # the default partition holds rows of this month: `alarms` tells, `adopt` mends
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            log.warning("%s not made: somebody reads the whole log; the next run tries again", name)
    return made


def missing(connection: BaseDatabaseWrapper, now: datetime, months: int) -> list[datetime]:
    """The months, from this one to `months` ahead, that no partition takes."""
    have = partitions(connection)
    wanted = [month(now, ahead) for ahead in range(months + 1)]
    return [start for start in wanted if not any(one.start <= start and month(start, 1) <= one.end for one in have)]


def default_in_use(connection: BaseDatabaseWrapper) -> bool:
    """Whether rows lie where no month takes them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM audit_event_default)")
        return bool(cursor.fetchone()[0])


def alarms(connection: BaseDatabaseWrapper, now: datetime) -> list[str]:
    """What an operator must hear about, as sentences; none when all is well. Works for the app role too."""
    told = [
        _("Hændelsesloggen mangler en partition for %(month)s.") % {"month": f"{start:%m.%Y}"}
        for start in missing(connection, now, 1)
    ]
    if default_in_use(connection):
        told.append(
            _("Der ligger hændelser i partitionen audit_event_default. Kør: manage.py audit_partitions --adopt.")
        )
    return told


def adopt(connection: BaseDatabaseWrapper) -> str:
    """Turn the default partition into the proper one of its rows' months; returns the new name, "" when it is empty.

    No row is moved or touched: the table gets a name and bounds, and an empty default takes its place. Raises
    ProgrammingError (and changes nothing) when its rows lie on both sides of a partition that exists.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        lock(cursor)
        cursor.execute("ALTER TABLE audit_event DETACH PARTITION audit_event_default")
        cursor.execute("SELECT min(recorded), max(recorded) FROM audit_event_default")
        first, last = cursor.fetchone()
        if first is None:
            cursor.execute("ALTER TABLE audit_event ATTACH PARTITION audit_event_default DEFAULT")
            return ""
        start, end = month(first), month(last, 1)
        name = f"audit_event_{start:%Y_%m}" + ("" if month(start, 1) == end else f"_to_{month(last):%Y_%m}")
        cursor.execute(f"ALTER TABLE audit_event_default RENAME TO {name}")
        cursor.execute(
            f"ALTER TABLE audit_event ATTACH PARTITION {name}"
            f" FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )
        _attach_new(cursor, "audit_event_default", "DEFAULT")
        return name


def _attach_new(cursor: CursorWrapper, name: str, bounds: str) -> None:
    """Attaching locks the table less than CREATE … PARTITION OF: writers of other months go on."""
    cursor.execute(f"CREATE TABLE {name} (LIKE audit_event INCLUDING CONSTRAINTS INCLUDING COMPRESSION)")
    cursor.execute(
        f"CREATE TRIGGER audit_event_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()"
    )
    cursor.execute(f"ALTER TABLE audit_event ATTACH PARTITION {name} {bounds}")


def lock(cursor: CursorWrapper) -> None:
    """One maker at a time. Attaching waits for whoever reads the default partition, and new readers wait behind it:
    it gives up before the app's own patience (lock_timeout 1 s) ends.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit_event partitions'))")
    cursor.execute("SET LOCAL lock_timeout = '800ms'")


def _utc(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
