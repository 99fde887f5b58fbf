"""What the log is sealed over: one row of `audit_event` as bytes. Pure.

`verify_audit.py` makes the same bytes with the standard library alone, so nothing may stand here that it cannot repeat.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

SALT = 16
COLUMNS = frozenset({
    "id", "recorded", "action", "type", "subtype", "crud", "outcome", "reason", "actor_kind", "actor_issuer",
    "actor_subject", "actor_ref", "actor_role", "actor_organisation", "actor_network", "patient_ref", "entity",
    "context", "correlation", "purpose", "request_id", "event", "txid",
})  # fmt: skip
"""Every column but the salt. A later column may join only by being left out where it is null: old leaves must hold."""
PLAIN = frozenset({str, int, bool, type(None), uuid.UUID})
"""Values that have one form. Fractions have not: programs write them differently."""


def canonical(row: Mapping[str, object]) -> bytes:
    """The row as compact JSON in UTF-8 with sorted keys; the salt is left out. ValueError for what has no one form.

    Numbers must be whole and have at most 64 bits.
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
    if not _plain(told):
        raise ValueError("a value has no one form")
    try:
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise ValueError(str(error)) from error


def leaf_data(salt: bytes, canonical: bytes) -> bytes:
    """What the leaf hash is taken over: the salt keeps the hash from telling anything of a row somebody can guess."""
    if len(salt) != SALT:
        raise ValueError("a salt has 16 bytes")
    return b"".join((salt, canonical))


def _plain(told: dict[str, object]) -> bool:
    """Whether every value in a tree is plain; a loop, since it runs for every row that is sealed or verified."""
    inner: list[Any] = [told]
    while inner:
        each = inner.pop()
        for value in each.values() if type(each) is dict else each:
            kind = type(value)
            if kind is dict or kind is list:
                inner.append(value)
            elif kind not in PLAIN:
                return False
    return True
