"""Looks for MinLog in a database where commits are real, and what is in the queue for it."""

import uuid
from typing import Any

from audit.actions import Action
from audit.event import Actor
from audit.minlog.payload import Look, Person
from audit.models import MinLogRow
from audit.record import record

CPR, HOLMS, LUNDS = "2512489996", "0101701236", "0202801237"
LUND = Actor(
    "user", "https://idp.example.dk", "lund", role="assistant", organisation="325421000016001", network="192.0.2.10"
)
LOOK = Look(
    cpr=CPR,
    user=Person("cpr", LUNDS, "Sekretær Ida Lund"),
    role="Medhjælp",
    responsible=Person("cpr", HOLMS, "Læge Anna Holm"),
    organisation_name="Lægehuset Nord",
    reason="Aktuel behandling",
)
PERSONAL = (CPR, HOLMS, LUNDS, "Ida Lund", "Anna Holm", "Lægehuset", "Medhjælp")
"""Of a look, what may stand nowhere in clear."""


def looked(action: Action = Action.EKG_RECORDING_VIEWED, look: Look | None = LOOK, **told: Any) -> uuid.UUID:
    """Somebody looked."""
    patient = uuid.uuid4()
    given: dict[str, Any] = {"actor": LUND, "patient": patient, "entity": f"Recording/{patient}", "purpose": "TREAT"}
    return record(action, minlog=look, **given | {"correlation": "epj-session-7"} | told)


def states() -> dict[str, int]:
    """How many rows there are of each state."""
    found: dict[str, int] = {}
    for state in MinLogRow.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def row(key: uuid.UUID) -> MinLogRow:
    return MinLogRow.objects.get(pk=key)
