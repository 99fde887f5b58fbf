"""The only door into the audit."""

import logging
import os
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from uuid_utils.compat import uuid7

from audit.actions import FACTS, Action
from audit.check import safe, unfit
from audit.event import Actor, Event, Outcome
from audit.minlog.entry import INSERT as INSERT_OWED
from audit.minlog.entry import entry
from audit.minlog.keys import NoKey
from audit.minlog.payload import Look
from audit.resource import audit_event, canonical

__all__ = ["SYSTEM", "Actor", "NotRecorded", "Outcome", "Unfit", "record", "record_many", "safe"]

log = logging.getLogger(__name__)
SYSTEM = Actor("system", subject="sundhedsjournal")

INSERT = (
    "INSERT INTO audit_event (id, recorded, action, type, subtype, crud, outcome, reason, actor_kind, actor_issuer,"
    " actor_subject, actor_ref, actor_role, actor_organisation, actor_network, patient_ref, entity, context,"
    " correlation, purpose, request_id, salt, event) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
    " %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
INSERT_BOTH = f"WITH event AS ({INSERT} RETURNING id, recorded) {INSERT_OWED}"
"""The event and what MinLog is owed for it: one statement, so there is never one without the other."""


class NotRecorded(Exception):
    """The event could not be recorded: whoever asked gets no answer (503)."""


class Unfit(NotRecorded, ValueError):
    """The event holds something that is neither a code nor an opaque id; the message names the field alone."""


def record(
    action: Action,
    *,
    actor: Actor,
    patient: uuid.UUID | None = None,
    outcome: Outcome = Outcome.SUCCESS,
    reason: str = "",
    entity: str = "",
    context: str = "",
    correlation: str = "",
    purpose: str = "",
    request_id: str = "",
    extra: Mapping[str, str] | None = None,
    using: str = DEFAULT_DB_ALIAS,
    minlog: Look | None = None,
) -> uuid.UUID:
    """Write one row: committed at once in autocommit, with the caller's transaction inside one; returns its id.

    `entity` is "Recording/<uuid>" or the like; `reason` and the values of `extra` are codes, never text. Values that
    came from outside go through `safe` first. `minlog` is who looked at whom: it never enters the event, but, where
    MinLog is told of this action, a row beside it, hidden (audit.minlog). `using` names another connection than the
    app's, whose transaction the event is part of. Raises NotRecorded; then nothing may be answered.
    """
    now = datetime.now(UTC)
    event = Event(
        uuid7(int(now.timestamp()), now.microsecond * 1000), now, action.value, FACTS[action], actor, outcome, reason,
        patient, entity, context, correlation, purpose, request_id, extra or {},
    )  # fmt: skip
    if wrong := unfit(event):
        log.error("%s not recorded: %s is neither a code nor an opaque id", action.value, wrong)
        raise Unfit(f"{action.value}: {wrong}")
    try:
        owed = entry(event, minlog) if minlog is not None else None
        _insert(INSERT_BOTH if owed else INSERT, (*row(event), *owed) if owed else row(event), using)
    except NoKey as error:
        log.error("%s not recorded: minlog %s", action.value, error.code)
        raise NotRecorded(action.value) from error
    except Error as error:
        # The database's own words may repeat the row; its class is enough to act on.
        log.error("%s not recorded: %s", action.value, type(error.__cause__ or error).__name__)
        raise NotRecorded(action.value) from error
    return event.id


def record_many(action: Action, actor: Actor, about: Iterable[tuple[uuid.UUID | None, str]], reason: str = "") -> None:
    """One row for each (patient, entity), in the caller's transaction and one round trip; raises like `record`."""
    now, facts = datetime.now(UTC), FACTS[action]
    events = [
        Event(uuid7(int(now.timestamp()), now.microsecond * 1000), now, action.value, facts, actor, Outcome.SUCCESS,
              reason, patient, entity, "", "", "", "", {})
        for patient, entity in about
    ]  # fmt: skip
    if any(unfit(event) for event in events):
        raise Unfit(f"{action.value}: neither a code nor an opaque id")
    try:
        with connection.wrap_database_errors:
            psycopg.Cursor(connection.connection).executemany(INSERT, [row(event) for event in events])
    except Error as error:
        log.error("%s not recorded: %s", action.value, type(error.__cause__ or error).__name__)
        raise NotRecorded(action.value) from error


def row(event: Event) -> tuple[object, ...]:
    """The values of INSERT, in its order; the salt hides the content from whoever sees only the hash of a row."""
    facts, actor = event.facts, event.actor
    return (
        event.id, event.recorded, event.action, facts.type[1], facts.subtype_codes, facts.crud,
        int(event.outcome), event.reason, actor.kind, actor.issuer, actor.subject, actor.ref, actor.role,
        actor.organisation, actor.network, event.patient, event.entity, event.context, event.correlation,
        event.purpose, event.request_id, os.urandom(16), canonical(audit_event(event, settings.SITE_URL)).decode(),
    )  # fmt: skip


def _insert(sql: str, values: tuple[object, ...], using: str) -> None:
    """One prepared statement: half the processor time of Django's own cursor, which writes the values into the SQL.

    What that cursor would have looked after is done here: a transaction that is doomed, a connection that died.
    """
    connection = connections[using]
    connection.validate_no_broken_transaction()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        psycopg.Cursor(connection.connection).execute(sql, values, prepare=True)
