"""What the roles may do: the app everything it needs on live data, and only add and read in the audit; the sequencer
add to what seals it.
"""

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

READ_ONLY = {"django_migrations"}
SEQUENCER = "sj_sequencer"
SEALS = {
    "audit_event": "SELECT",
    "audit_leaf": "SELECT, INSERT",
    "audit_tile": "SELECT, INSERT",
    "audit_checkpoint": "SELECT, INSERT",
}
"""All that the sequencer may."""
LOG = "audit_event"
QUEUE = "minlog_outbox"
"""Its rows are changed by whoever sends them, and removed by nobody but the owner: each stands for a look."""


class NoSuchRole(LookupError):
    """The role that the app connects as does not exist on the server."""


def grant(connection: BaseDatabaseWrapper, role: str) -> None:
    """Give `role` its rights on every table the owner has, and take back any other; may be repeated."""
    quoted = connection.ops.quote_name(role)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s), current_schema()", [role])
        known, schema = cursor.fetchone()
        if not known:
            raise NoSuchRole(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA {connection.ops.quote_name(schema)} TO {quoted}")
        cursor.execute(
            "SELECT relname, relkind = 'S', relname LIKE 'audit\\_%%' OR relname = ANY(%s) FROM pg_class"
            " WHERE relnamespace = current_schema()::regnamespace AND relowner = current_user::regrole"
            " AND relkind IN ('r', 'p', 'v', 'm', 'S') ORDER BY relname",
            [list(READ_ONLY)],
        )
        for name, is_sequence, guarded in cursor.fetchall():
            table = connection.ops.quote_name(name)
            if is_sequence:
                cursor.execute(f"GRANT USAGE, SELECT ON SEQUENCE {table} TO {quoted}")
            elif guarded:
                cursor.execute(f"REVOKE ALL ON {table} FROM {quoted}")
                cursor.execute(f"GRANT SELECT ON {table} TO {quoted}")
                if name == LOG:
                    cursor.execute(f"GRANT INSERT ({_given(cursor)}) ON {table} TO {quoted}")
            elif name == QUEUE:
                cursor.execute(f"REVOKE ALL ON {table} FROM {quoted}")
                cursor.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {quoted}")
            else:
                cursor.execute(f"REVOKE TRUNCATE, REFERENCES, TRIGGER ON {table} FROM {quoted}")
                cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {quoted}")


def grant_sequencer(connection: BaseDatabaseWrapper, role: str) -> None:
    """Give the sequencer's role its rights, and take back any other; raises NoSuchRole. May be repeated."""
    quoted = connection.ops.quote_name(role)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s), current_schema()", [role])
        known, schema = cursor.fetchone()
        if not known:
            raise NoSuchRole(role)
        schema = connection.ops.quote_name(schema)
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quoted}")
        for table, rights in SEALS.items():
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if cursor.fetchone()[0]:
                cursor.execute(f"GRANT {rights} ON {table} TO {quoted}")


def _given(cursor: CursorWrapper) -> str:
    """What a writer says of an event: every column but the transaction, which the database alone fills in.

    Rows go in through the table itself, never through a partition: reading one is all that is needed there.
    """
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attname <> 'txid'",
        [LOG],
    )
    return str(cursor.fetchone()[0])
