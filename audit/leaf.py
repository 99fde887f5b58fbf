"""What the log is sealed over: one row of `audit_event` as bytes. Pure.

`verify_audit.py` makes the same bytes with the standard library alone, so nothing may stand here that it cannot repeat.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

SALT = 16
COLUMNS = frozenset({
    "id", "recorded", "action", "type", "subtype", "crud", "outcome", "reason", "actor_kind", "actor_issuer",
    "actor_subject", "actor_ref", "actor_role", "actor_organisation", "actor_network", "patient_ref", "entity",
    "context", "correlation", "purpose", "request_id", "event", "txid",
})  # fmt: skip
"""Every column but the salt. A later column may join only by being left out where it is null: old leaves must hold."""
FRACTION = re.compile(rb'(?:":|[,\[])-?\d+[.eE]')
"""Where a number with a fraction could stand (infinity becomes null); text may look the same: then look closer."""


def canonical(row: Mapping[str, object]) -> bytes:
    """The row as compact JSON in UTF-8 with sorted keys; the salt is left out. ValueError for what has no one form.

    Numbers must be whole and below 64 bits: fractions are written differently from one program to the next.
    """
    told = dict(row)
    told.pop("salt", None)
    recorded = told.get("recorded")
    if told.keys() != COLUMNS:
        raise ValueError("not the columns of an audit event")
    if not isinstance(recorded, datetime) or recorded.tzinfo is None:
        raise ValueError("recorded must be an instant")
    if not isinstance(told["event"], dict):
        raise ValueError("event must be the value, not its text")
    told["recorded"] = recorded.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
    try:
        written = orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError as error:
        raise ValueError(str(error)) from error
    nulls = (told["actor_ref"], told["patient_ref"]).count(None)
    if (FRACTION.search(written) or written.count(b"null") != nulls) and _fraction(told):
        raise ValueError("a number with a fraction has no one form")
    return written


def leaf_data(salt: bytes, canonical: bytes) -> bytes:
    """What the leaf hash is taken over: the salt keeps the hash from telling anything of a row somebody can guess."""
    if len(salt) != SALT:
        raise ValueError("a salt has 16 bytes")
    return b"".join((salt, canonical))


def _fraction(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_fraction, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_fraction, value))
    return isinstance(value, float)
