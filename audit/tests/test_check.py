"""Nothing but codes and opaque ids gets into an event, whatever the caller says."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.actions import FACTS, Action
from audit.check import OPAQUE, looks_personal, safe, unfit
from audit.event import Actor, Event
from audit.resource import audit_event, canonical

CPR = "2512489996"
FIELDS = ["reason", "entity", "context", "correlation", "purpose", "request_id"]
OF_ACTOR = ["issuer", "subject", "role", "organisation", "network"]
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def event(where: str, value: str) -> Event:
    of_actor: dict[str, Any] = {where: value} if where in OF_ACTOR else {}
    told: dict[str, Any] = {where: value} if where in FIELDS else {}
    if where == "extra":
        told = {"extra": {"code": value}}
    action = Action.EKG_RECORDING_VIEWED
    return Event(uuid.UUID(int=1), NOW, action.value, FACTS[action], Actor("user", **of_actor), **told)


written = st.sampled_from([CPR, "251248-9996", "251248 9996", "251248–9996", "251248/9996"])
around = st.text(max_size=30)


@given(st.sampled_from([*FIELDS, *OF_ACTOR, "extra"]), around, written, around)
def test_no_cpr_number_gets_into_an_event(where: str, before: str, cpr: str, after: str) -> None:
    value = before + cpr + after
    if before[-1:].isdigit() or after[:1].isdigit():
        return  # part of a longer number, such as a SOR code
    told = event(where, value)
    stored = OPAQUE.sub("", canonical(audit_event(told, "https://journal.example.dk")).decode())
    assert unfit(told) or cpr not in stored


@given(st.sampled_from([*FIELDS, *OF_ACTOR, "extra"]), st.text(alphabet="abcæøå ABC,;!?", min_size=1), around)
def test_no_sentence_gets_into_an_event(where: str, words: str, more: str) -> None:
    assert unfit(event(where, f"{words} {more}"))


@given(st.uuids(), st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_ids_and_hashes_are_never_taken_for_cpr_numbers(key: uuid.UUID, digest: bytes, short: bytes) -> None:
    assert not unfit(event("entity", f"Recording/{key}"))
    assert not unfit(event("subject", str(key)))
    assert not unfit(event("entity", f"Binary/{digest.hex()}"))
    assert not unfit(event("request_id", short.hex()))


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("organisation", "325421000016001"),
        ("organisation", "ydernummer:012345"),
        ("network", "2001:db8::1"),
        ("network", "192.0.2.10"),
        ("issuer", "https://idp.example.dk/realms/region?x=1"),
        ("subject", "læge.søren@example.dk"),
        ("reason", "context-of-another-session"),
        ("entity", "Sor/12-3"),
        ("entity", "Recording"),
        ("purpose", "TREAT"),
        ("context", "AbCdEfGhIjKlMnOpQrSt_-"),
        ("extra", "12"),
    ],
)
def test_what_the_house_writes_is_fit(where: str, value: str) -> None:
    assert unfit(event(where, value)) == ""
    if where != "extra":
        assert safe(value, where) == value


@given(st.sampled_from([*FIELDS, *OF_ACTOR]), around, written, around)
def test_a_value_from_outside_is_made_safe_and_stays_recognisable(
    where: str, before: str, cpr: str, after: str
) -> None:
    value = before + cpr + after
    assert unfit(event(where, safe(value, where))) == ""
    assert safe(value) == safe(value) != safe(value + "x")
    if looks_personal(value):
        assert cpr not in safe(value)


def test_the_field_is_named_and_the_value_is_not() -> None:
    assert unfit(event("role", CPR)) == "role"
    assert unfit(event("extra", CPR)) == "extra"
    two = event("role", "a b")._replace(context="\n")
    assert unfit(two) in {"role", "context"}
