"""The row that an event puts in the queue for MinLog: written in the event's own statement, or not at all."""

from uuid import UUID

import orjson
from django.conf import settings

from audit.event import Event
from audit.minlog import keys
from audit.minlog.payload import ACTIVITIES, Look, Tree, is_owed, registration

VIEWER = "viewer"
"""We register what is seen of such a source; `source`: it does so itself; `none`: nobody does."""
CPR, PAYLOAD = b"patient_cpr_enc:", b"payload_enc:"
"""What each ciphertext is bound to, with its event's id: one cannot stand in the place of another."""
INSERT = (
    "INSERT INTO minlog_outbox (event_id, recorded, source, state, since, next_try, reason, key_id, patient_cpr_enc,"
    " payload_enc) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def entry(event: Event, look: Look) -> tuple[object, ...] | None:
    """The values of INSERT, in its order; None for an event that MinLog is not told of. Raises NoKey."""
    if not is_owed(event):
        return None
    source, when = ACTIVITIES[event.action][0].value, event.recorded
    if (mode := settings.MINLOG[source]) != VIEWER:
        return event.id, when, source, "suppressed", when, when, f"by-{mode}", "", None, None
    content = orjson.dumps(registration(event, look))
    return (
        event.id, when, source, "pending", when, when, "", keys.current(),
        keys.hide(look.cpr.encode(), CPR + event.id.bytes),
        keys.hide(content, PAYLOAD + event.id.bytes),
    )  # fmt: skip


def content(event_id: UUID, key_id: str, cpr: bytes, payload: bytes) -> tuple[str, Tree]:
    """The patient's CPR number and what is told, of a row; raises NoKey."""
    shown = keys.show(payload, PAYLOAD + event_id.bytes, key_id)
    return keys.show(cpr, CPR + event_id.bytes, key_id).decode(), orjson.loads(shown)
