"""Legal hold: months of the log that retention must leave alone. A history; the newest word on a month counts."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from audit.actions import Action
from audit.partitions import lock
from audit.record import SYSTEM, record

STANDING = """
SELECT month, reason, set_by FROM (
    SELECT DISTINCT ON (month) month, held, reason, set_by FROM audit_hold ORDER BY month, id DESC
) AS newest WHERE held ORDER BY month
"""


class Hold(NamedTuple):
    """One month that is held."""

    month: date
    reason: str
    set_by: str


def standing(connection: BaseDatabaseWrapper) -> list[Hold]:
    """Every month that is held now, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        return [Hold(*row) for row in cursor.fetchall()]


def held(connection: BaseDatabaseWrapper, start: datetime, end: datetime) -> list[Hold]:
    """The months held within [start, end); a partition may span several."""
    return [hold for hold in standing(connection) if start <= _begin(hold.month) < end]


def change(
    connection: BaseDatabaseWrapper, month: date, *, hold: bool, reason: str, set_by: str, now: datetime
) -> bool:
    """Hold a month back or release it, with its event; False when that is so already. It waits for a drop."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        lock(cursor)
        if hold == any(each.month == month for each in standing(connection)):
            return False
        cursor.execute(
            "INSERT INTO audit_hold (month, held, reason, set_by, at) VALUES (%s, %s, %s, %s, %s)",
            [month, hold, reason, set_by, now],
        )
        action = Action.AUDIT_HELD if hold else Action.AUDIT_RELEASED
        entity, told = f"AuditHold/{month:%Y-%m}", {"by": set_by}
        record(action, actor=SYSTEM, reason=reason, entity=entity, extra=told, using=connection.alias)
    return True


def _begin(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)
