"""What may stand in an event: codes and opaque ids. Pure.

The check is made where the row is written, so that a mistake anywhere in the house costs an answer, never a CPR number
in a log that cannot be changed.
"""

import hashlib
import re

from audit.event import Event

OPAQUE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9A-Za-z])"
)
"""UUIDs and hexadecimal digests: long runs of digits happen in them by chance."""
CPR = re.compile(r"(?<!\d)\d{6}[-–./ ]?\d{4}(?!\d)")  # noqa: RUF001 people write a dash for a hyphen
"""Ten digits, or six and four; a SOR code is longer, a CVR number shorter."""

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHORT = re.compile(r"[\w.:/+=-]{1,64}", re.ASCII)
FIELDS = {
    "reason": CODE,
    "issuer": re.compile(r"[!-~]{1,200}"),
    "subject": re.compile(r"[\w.@+:|/=-]{1,200}"),
    "role": re.compile(r"[\w.:/#-]{1,64}"),
    "organisation": re.compile(r"[\w.:-]{1,40}", re.ASCII),
    "network": re.compile(r"[\w.:%-]{1,100}", re.ASCII),
    "entity": re.compile(r"[A-Za-z][\w.]{0,49}(/[\w.:-]{1,128})?", re.ASCII),
    "context": re.compile(r"[\w-]{1,64}", re.ASCII),
    "correlation": re.compile(r"[\w.:-]{1,64}", re.ASCII),
    "purpose": re.compile(r"[A-Z0-9-]{1,20}"),
    "request_id": re.compile(r"[\w.:-]{1,64}", re.ASCII),
}


def looks_personal(value: str) -> bool:
    """Whether a CPR number could stand in the value."""
    return CPR.search(OPAQUE.sub("", value)) is not None


def unfit(event: Event) -> str:
    """The name of the first field that holds anything but a code or an opaque id; "" when all are fit."""
    actor = event.actor
    values = {
        "reason": event.reason,
        "issuer": actor.issuer,
        "subject": actor.subject,
        "role": actor.role,
        "organisation": actor.organisation,
        "network": actor.network,
        "entity": event.entity,
        "context": event.context,
        "correlation": event.correlation,
        "purpose": event.purpose,
        "request_id": event.request_id,
    }
    for name, value in values.items():
        if value and (not FIELDS[name].fullmatch(value) or looks_personal(value)):
            return name
    for key, value in event.extra.items():
        if not CODE.fullmatch(key) or not SHORT.fullmatch(value) or looks_personal(key) or looks_personal(value):
            return "extra"
    return ""


def safe(value: str, field: str = "context") -> str:
    """A value from outside as the field may hold it: itself, or a short hash that says nothing of the person."""
    if not value or (FIELDS[field].fullmatch(value) and not looks_personal(value)):
        return value
    return "hash-" + hashlib.sha256(value.encode(errors="replace")).hexdigest()[:32]
