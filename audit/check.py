"""What may stand in an event: codes and opaque ids. Pure.

The check is made where the row is written, so that a mistake anywhere in the house costs an answer, never a CPR number
in a log that cannot be changed.
"""

import hashlib
import re

from audit.event import Event

OPAQUE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
"""UUIDs and hexadecimal digests: long runs of digits happen in them by chance."""
CPR = re.compile(r"(?<!\d)\d{6}[-–./ ]?\d{4}(?!\d)")
"""Ten digits, or six and four; a SOR code is longer, a CVR number shorter."""

CODE = "[a-z0-9][a-z0-9._-]{0,63}"
SHORT = re.compile("[A-Za-z0-9_.:/+=-]{1,64}")
FIELDS = {
    "reason": CODE,
    "issuer": "[!-~]{1,200}",
    "subject": r"[\w.@+:|/=-]{1,200}",
    "responsible": r"[\w.@+:|/=-]{1,200}",
    "role": r"[\w.:/#-]{1,64}",
    "organisation": "[A-Za-z0-9_.:-]{1,40}",
    "network": "[A-Za-z0-9_.:%-]{1,100}",
    "entity": "[A-Za-z][A-Za-z0-9_.-]{0,49}(?:/[A-Za-z0-9_.:-]{1,128})?",
    "context": "[A-Za-z0-9_-]{1,64}",
    "correlation": "[A-Za-z0-9_.:-]{1,64}",
    "purpose": "[A-Za-z0-9-]{1,40}",
    "request_id": "[A-Za-z0-9_.:-]{1,64}",
}
"""What each value may look like; none of them takes white space, so none takes a sentence."""
ALL = re.compile("\n".join(f"(?:{pattern})?" for pattern in FIELDS.values()))


def looks_personal(value: str) -> bool:
    """Whether a CPR number could stand in the value."""
    return CPR.search(value) is not None and CPR.search(OPAQUE.sub("", value)) is not None


def unfit(event: Event) -> str:
    """The name of the first field that holds anything but a code or an opaque id; "" when all are fit."""
    actor = event.actor
    values = (
        event.reason, actor.issuer, actor.subject, actor.responsible, actor.role, actor.organisation, actor.network,
        event.entity, event.context, event.correlation, event.purpose, event.request_id,
    )  # fmt: skip
    together = "\n".join(values)  # one look at all of them: this runs once for every answer
    if ALL.fullmatch(together) is None or looks_personal(together):
        for name, value in zip(FIELDS, values, strict=True):
            if value != safe(value, name):
                return name
        return "several fields"
    for key, value in event.extra.items():
        if not re.fullmatch(CODE, key) or not SHORT.fullmatch(value) or looks_personal(f"{key} {value}"):
            return "extra"
    return ""


def safe(value: str, field: str = "context") -> str:
    """A value from outside as the field may hold it: itself, or a short hash that says nothing of the person."""
    if not value or (re.fullmatch(FIELDS[field], value) and not looks_personal(value)):
        return value
    return "hash-" + hashlib.sha256(value.encode(errors="replace")).hexdigest()[:32]
