"""What MinLog is told about one look. Pure: imports no Django.

The fields are those that MinLog2 shows in an answer to a look-up (ACCESS.md §9b); the registration has its own schema,
which is not public, so what each field means is inferred, and stands here alone:

| Field | From | Rule |
|---|---|---|
| Source.SystemName | the product | whose pages the user sits at |
| Source.CorrelationId | the context's correlation | as the launching system names its session: MinLog groups by it |
| Destination.SystemName | the kind of source | the system that holds what was seen |
| Destination.Activity | the action | plain Danish, `ACTIVITIES` |
| Destination.Reason | the ground | of the opening; of the override, with "Værdispring: " before it |
| Destination.FromDateTime, ToDateTime | recorded | a look is one moment: both, in UTC |
| Destination.OrganisationId@source, OrganisationName | the launch's unit | the register's name: sor, ydernummer, cvr |
| Destination.PersonIdentifier@source, PersonName | the responsible person | the acting user, where nobody else is |
| Destination.CorrelationId | the event's id | the idempotency key |
| Destination.UserPersonIdentifier@source, UserPersonName, UserRole | the acting user | as launch and login say |

A person is identified by the CPR number that the login told, else by the authorisation, else as the issuer knows her.
Criticality and Addition are left out: what may stand in them is not known, and we have nothing to add.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from audit.event import Event, Outcome

Tree = dict[str, Any]
"""Element → text, (register, text), or elements: in the order in which they are written."""
PRODUCT = "Sundhedsjournal"
PURPOSES = frozenset({"TREAT", "ETREAT", "BTG"})
"""What staff look for: current treatment, or in spite of a block. Citizens, holders of custody, guardians and proxies
have purposes of their own, and INTERNAL_AUDIT_ONLY is for nobody outside."""
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Source(StrEnum):
    """The kind of source that something was seen of: who registers it is a setting for each (MINLOG)."""

    EKG = "ekg"
    """EKGs that were delivered to us directly."""
    EOJ = "eoj"
    """Reports of the municipalities."""
    JOURNAL = "journal"
    """What the viewer itself puts together or tells: the overview, a CPR number, an override."""


SYSTEMS: Mapping[Source, str] = {
    Source.EKG: f"{PRODUCT}: EKG",
    Source.EOJ: f"{PRODUCT}: kommunale data",
    Source.JOURNAL: PRODUCT,
}
ACTIVITIES: Mapping[str, tuple[Source, str]] = {
    "ekg_folder.viewed": (Source.EKG, "Så listen over EKG'er"),
    "ekg_recording.viewed": (Source.EKG, "Så EKG"),
    "ekg_original.opened": (Source.EKG, "Åbnede EKG som original"),
    "ekg.printed": (Source.EKG, "Udskrev EKG"),
    "ekg_pdf.fetched": (Source.EKG, "Hentede EKG som fil"),
    "eoj.viewed": (Source.EOJ, "Så kommunale data"),
    "overview.viewed": (Source.JOURNAL, "Så oversigten"),
    "cpr.revealed": (Source.JOURNAL, "Så det fulde CPR-nummer"),
    "override.started": (Source.JOURNAL, "Begyndte værdispring"),
}
"""What staff can do that is a look: of `audit.trail.LOOKS` all but the log itself, which staff cannot open."""


class Person(NamedTuple):
    """Somebody at work, as MinLog may know her."""

    source: str
    """cpr | authorisation | the issuer of the identifier."""
    identifier: str
    name: str


class Look(NamedTuple):
    """What the gate knows of a look, beside its event: all of it personal, so none of it stands in the event."""

    cpr: str
    """The patient's."""
    user: Person
    role: str
    """In Danish words."""
    responsible: Person | None
    organisation_name: str
    reason: str
    """In Danish words."""


def is_owed(event: Event) -> bool:
    """Whether this event is a look that a citizen is told of by MinLog."""
    return event.action in ACTIVITIES and event.outcome is Outcome.SUCCESS and event.purpose in PURPOSES


def registration(event: Event, look: Look) -> Tree:
    """The look as MinLog is told of it; the patient's CPR number is kept and sent beside it."""
    source, activity = ACTIVITIES[event.action]
    register, _, number = event.actor.organisation.rpartition(":")
    when, responsible = _time(event.recorded), look.responsible or look.user
    return {
        "Source": {"SystemName": PRODUCT, "CorrelationId": event.correlation},
        "Destination": {
            "SystemName": SYSTEMS[source],
            "Activity": activity,
            "Reason": look.reason,
            "FromDateTime": when,
            "ToDateTime": when,
            "OrganisationId": (register or "sor", number),
            "OrganisationName": plain(look.organisation_name),
            "PersonIdentifier": (responsible.source, responsible.identifier),
            "PersonName": plain(responsible.name),
            "CorrelationId": str(event.id),
            "UserPersonIdentifier": (look.user.source, look.user.identifier),
            "UserPersonName": plain(look.user.name),
            "UserRole": look.role,
        },
    }


def plain(text: str) -> str:
    """Without what XML cannot hold: a name from outside must not keep a look from being told."""
    return NOT_XML.sub("", text)


def _time(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
