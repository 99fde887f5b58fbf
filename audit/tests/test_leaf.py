"""A leaf is a pure function of the row: what jsonb gives back has the bytes that were written (invariant I4)."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import psycopg
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.json import JsonbLoader

from audit.actions import Action
from audit.event import Actor
from audit.leaf import COLUMNS, canonical, leaf_data
from audit.merkle import leaf_hash
from audit.models import AuditEvent
from audit.record import INSERT, record
from audit.record import row as row_of
from audit.tests.conftest import HOLM

NOON = datetime(2026, 11, 28, 12, 0, 0, 0, tzinfo=UTC)
ROW: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, ""), "id": uuid.UUID(int=1), "recorded": NOON, "subtype": ["110122"], "outcome": 0,
    "actor_ref": None, "patient_ref": uuid.UUID(int=2), "event": {"b": [True, None], "a": {"outcome": "0"}},
}  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=[]))
"""Every character there is, the halves of surrogate pairs among them."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def by_the_standard_library(row: dict[str, Any]) -> bytes:
    """What `verify_audit.py` can do."""
    told = {name: str(value) if isinstance(value, uuid.UUID) else value for name, value in row.items()}
    told |= {"recorded": row["recorded"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@settings(deadline=None)
@given(st.dictionaries(TEXT, VALUES, max_size=4), TEXT)
def test_the_standard_library_writes_the_same_bytes(event: dict[str, object], subject: str) -> None:
    row = ROW | {"event": event, "actor_subject": subject}
    try:
        expected = by_the_standard_library(row)
    except UnicodeEncodeError:
        with pytest.raises(ValueError, match="surrogates"):
            canonical(row)
        return
    assert canonical(row) == expected
    assert json.loads(expected) == json.loads(orjson.dumps(orjson.loads(expected)))


def test_every_single_character_is_written_as_the_standard_library_writes_it() -> None:
    for first in range(0, 0x110000, 0x800):
        text = "".join(map(chr, range(first, first + 0x800)))
        if first != 0xD800:
            row = ROW | {"context": text, "event": {text: text}}
            assert canonical(row) == by_the_standard_library(row)


@pytest.mark.parametrize(
    "event",
    [0.5, {"a": [1, {"b": -0.0}]}, [1e300], {"a": float("nan")}, [None, float("inf")], 2**64, -(2**63) - 1, {1: "a"},
     {"a": b""}, {"a": object()}, {"a": datetime(2026, 1, 1, tzinfo=UTC)}],
)  # fmt: skip
def test_what_has_no_one_form_is_refused(event: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the library's
        canonical(ROW | {"event": {"a": event}})


def test_every_column_counts_and_none_can_be_forgotten() -> None:
    written = canonical(ROW)
    assert (
        {field.column for field in AuditEvent._meta.concrete_fields} - {"salt"} == COLUMNS == json.loads(written).keys()
    )
    for name in COLUMNS:
        later: dict[str, object] = {"recorded": NOON + timedelta(microseconds=1), "outcome": 4, "event": {}}
        other = later.get(name, "other")
        assert canonical(ROW | {name: other}) != written, name
        with pytest.raises(ValueError, match="columns"):
            canonical({column: value for column, value in ROW.items() if column != name})
    with pytest.raises(ValueError, match="columns"):
        canonical(ROW | {"later": None})
    assert canonical(ROW | {"recorded": NOON.astimezone(timezone(timedelta(hours=2)))}) == written
    for when in (NOON.replace(tzinfo=None), "2026-11-28T12:00:00.000000Z", None):
        with pytest.raises(ValueError, match="instant"):
            canonical(ROW | {"recorded": when})
    with pytest.raises(ValueError, match="one form"):
        canonical(ROW | {"outcome": 0.0})
    for event in ('{"a": 1}', None, [ROW["event"]]):
        with pytest.raises(ValueError, match="not its text"):
            canonical(ROW | {"event": event})
    with pytest.raises(ValueError, match="16 bytes"):
        leaf_data(bytes(15), written)
    assert leaf_data(bytes(range(16)), written) == bytes(range(16)) + written
    assert leaf_hash(leaf_data(bytes(16), written)) != leaf_hash(leaf_data(bytes([1] * 16), written))


@pytest.mark.django_db
def test_a_recorded_row_has_one_leaf_however_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was written, as Django reads it, and as a driver reads it that knows neither Django nor our zone."""
    names = [name.strip() for name in INSERT.partition("(")[2].partition(")")[0].split(",")]
    written: list[dict[str, Any]] = []

    def noted(*event: Any) -> tuple[object, ...]:
        values = row_of(*event)
        found: dict[str, Any] = dict(zip(names, values, strict=True))
        found |= {
            "event": json.loads(found["event"]),
            "subtype": [each for each in found["subtype"][1:-1].split(",") if each],
        }
        written.append(found)
        return values

    monkeypatch.setattr("audit.record.row", noted)
    patient = uuid.uuid4()
    told: dict[str, Any] = {
        "purpose": "TREAT",
        "request_id": "r-1",
        "context": "c",
        "correlation": "k",
        "extra": {"page": "2"},
    }
    far = Actor("user", "https://idp.example.dk", "bjørn.ægir", role="læge", organisation="ydernummer:012345",
                responsible="øster", ref=uuid.uuid4(), network="2001:db8::1")  # fmt: skip
    record(Action.EKG_RECORDING_VIEWED, actor=HOLM, patient=patient, entity=f"Recording/{patient}", **told)
    record(Action.EKG_FOLDER_VIEWED, actor=far, patient=patient, **told)
    record(Action.SIGN_IN_FAILED, actor=Actor("anonymous"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")  # the one value that the database itself adds
        numbered = {"txid": cursor.fetchone()[0]}
    leaves = [leaf_hash(leaf_data(each["salt"], canonical(each | numbered))) for each in written]
    assert len(set(leaves)) == 3
    ours = {row["id"]: row for row in AuditEvent.objects.values()}
    raw: psycopg.Cursor[dict[str, Any]] = psycopg.Cursor(connection.connection, row_factory=dict_row)
    raw.adapters.register_loader("jsonb", JsonbLoader)
    raw.adapters.register_loader("timestamptz", TimestamptzLoader)
    raw.execute("SET LOCAL timezone TO 'Asia/Kathmandu'")
    theirs = {row["id"]: row for row in raw.execute("SELECT * FROM audit_event")}
    assert {row["recorded"].utcoffset() for row in theirs.values()} == {timedelta(hours=5, minutes=45)}
    for row, leaf in zip(written, leaves, strict=True):
        for read in (ours[row["id"]], theirs[row["id"]]):
            assert leaf_hash(leaf_data(bytes(read["salt"]), canonical(read))) == leaf
