"""Makes an Item of each resource of a report in which nothing is wrong. Pure: imports no Django."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from eoj.bindings import LOCAL
from eoj.item import Area, Item
from eoj.seen import Seen
from fhir.tree import first, text

ERROR = "entered-in-error"
ENDED = {"inactive", "remission", "resolved"}
RECORDED = {
    "Condition": "recordedDate",
    "Procedure": "performedDateTime",
    "Observation": "effectiveDateTime",
    "Goal": "startDate",
}
"""Resource type → the element that dates it; of those with a period, it is the start."""


def digest(resource: Any) -> str:
    """Hex of the content."""
    return sha256(orjson.dumps(resource, option=orjson.OPT_SORT_KEYS)).hexdigest()


def item(seen: Seen, reported: datetime) -> Item:
    """What the resource says."""
    resource, type_, code = seen.resource, seen.type, seen.code
    period = resource.get("period") or {}
    state, invalid = _state(seen)
    level = seen.one("severities") if "severities" in seen.codes else None
    dated = RECORDED.get(type_)
    content = resource.copy()
    content.pop("meta", None)
    content.pop("text", None)
    return Item(
        type_,
        resource["id"],
        seen.profile,
        seen.changed or reported,
        invalid,
        state,
        code.key if code else "",
        code.area if code else Area.NONE,
        (resource.get(dated) if dated else period.get("start")) or "",
        period.get("end") or "",
        level.level if level else None,
        seen.refs,
        _detail(seen),
        digest(content),
    )


def _state(seen: Seen) -> tuple[str, bool]:
    """How it stands, and whether it was entered in error."""
    resource = seen.resource
    if seen.type == "Patient":
        invalid = resource.get("active") is False
        return ("inactive" if invalid else "active"), invalid
    if seen.type != "Condition":
        status = resource.get("lifecycleStatus" if seen.type == "Goal" else "status") or ""
        return status, status == ERROR
    clinical, verification = seen.one("clinical-status"), seen.one("verification-status")
    invalid = verification is not None and verification.key == ERROR
    if clinical is not None and clinical.key in ENDED:
        return "inactive", invalid
    return ("active" if resource.get("category") else "unfocused"), invalid


def _detail(seen: Seen) -> dict[str, Any]:
    """What the page needs besides what all items have."""
    codes = seen.codes
    found: dict[str, Any] = {}
    for name, keys in DETAILS.get(seen.type, {}).items():
        said = [code.key for key in keys for code in codes.get(key, ())]
        if said:
            found[name] = said if name in LISTS else said[0]
    if seen.type in ("CarePlan", "Procedure"):
        holder = first(seen.resource, "activity", "detail") or seen.resource
        local = [
            {"code": text(coding, "code"), "display": text(coding, "display")}
            for coding in holder["code"]["coding"]
            if coding.get("system") in LOCAL
        ]
        return found | {"local": local} if local else found
    return found


DETAILS: dict[str, dict[str, tuple[str, ...]]] = {
    "CarePlan": {"delivery": ("delivery-types",)},
    "Encounter": {"class": ("encounter-classes", "home-visit"), "types": ("encounter-types",)},
    "Observation": {
        "value": ("follow-up-results", "own-answers", "not-relevant"),
        "question": ("own-questions",),
        "risk": ("conditions",),
    },
}
"""Resource type → name in the detail → the value sets whose codes it has."""
LISTS = {"delivery", "types", "risk"}
