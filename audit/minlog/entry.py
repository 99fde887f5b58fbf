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
    "INSERT INTO minlog_outbox (event_id, recorded, since, next_try, source, state, reason, key_id, patient_cpr_enc,"
    " payload_enc) SELECT id, recorded, recorded, recorded, %s, %s, %s, %s, %s, %s FROM event"
)
"""Goes on from an INSERT of the event that returns id and recorded."""


def entry(event: Event, look: Look) -> tuple[object, ...] | None:
    """The values of INSERT, in its order; None for an event that MinLog is not told of. Raises NoKey."""
    if not is_owed(event):
        return None
    source, about = ACTIVITIES[event.action][0].value, event.id.bytes
    if (mode := settings.MINLOG[source]) != VIEWER:
        return source, "suppressed", f"by-{mode}", "", None, None
    content = orjson.dumps(registration(event, look))
    key_id, (cpr, payload) = keys.hidden((look.cpr.encode(), CPR + about), (content, PAYLOAD + about))
    return source, "pending", "", key_id, cpr, payload


def content(event_id: UUID, key_id: str, cpr: bytes, payload: bytes) -> tuple[str, Tree]:
    """The patient's CPR number and what is told, of a row; raises NoKey."""
    shown = keys.show(payload, PAYLOAD + event_id.bytes, key_id)
    return keys.show(cpr, CPR + event_id.bytes, key_id).decode(), orjson.loads(shown)
