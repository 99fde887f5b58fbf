"""The shape of an event: FHIR R4, and the patterns of BALP."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent as Fhir

from audit.actions import FACTS, WORDS, Action
from audit.event import Actor, Event, Outcome, Shape
from audit.resource import audit_event, canonical
from audit.tests.conftest import HOLM

SERVICE = "https://journal.example.dk"
PATIENT = uuid.UUID("01919191-0000-7000-8000-00000000000a")
ACTORS = [
    HOLM,
    replace(HOLM, subject="lund", role="assistant", responsible="holm"),
    Actor("sender", "https://login.example.dk", "sender-7", organisation="325421000016001", network="192.0.2.20"),
    Actor("client", subject="epj-1", network="192.0.2.30"),
    Actor("system", subject="sundhedsjournal"),
    Actor("anonymous", network="2001:db8::1"),
]


def event(action: Action = Action.EKG_RECORDING_VIEWED, actor: Actor = HOLM, **told: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "patient": PATIENT,
        "entity": f"Recording/{PATIENT}",
        "context": "AbCdEfGhIjKlMnOpQrStUv",
        "correlation": "c-1",
        "purpose": "TREAT",
        "request_id": "0f" * 16,
    }
    now = datetime(2026, 11, 20, 14, 32, 1, 123456, tzinfo=UTC)
    return audit_event(Event(PATIENT, now, action.value, FACTS[action], actor, **given | told), SERVICE)


def agents(tree: dict[str, Any]) -> dict[str, Any]:
    """Agents by the code of their type."""
    return {agent["type"]["coding"][0]["code"]: agent for agent in tree["agent"]}


def entities(tree: dict[str, Any]) -> dict[str, Any]:
    return {entity["type"]["code"]: entity for entity in tree.get("entity", [])}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: actor.kind)
def test_every_event_is_a_fhir_audit_event_with_one_requestor(action: Action, actor: Actor) -> None:
    tree = event(action, actor, extra={"page": "2"})
    Fhir.model_validate_json(canonical(tree))
    assert sum(agent["requestor"] for agent in tree["agent"]) == 1
    assert tree["subtype"][-1]["code"] == action.value


def test_every_action_has_codes_and_danish_words() -> None:
    assert set(FACTS) == set(WORDS) == set(Action)
    assert len({str(words) for words in WORDS.values()}) == len(Action)


def test_a_seen_recording_is_a_patient_read() -> None:
    tree = event()
    assert tree["type"]["code"] == "rest"
    assert [coding["code"] for coding in tree["subtype"][:2]] == ["read", "ITI-68"]
    assert (tree["action"], tree["outcome"], tree["recorded"]) == ("R", "0", "2026-11-20T14:32:01.123456Z")
    assert tree["meta"]["profile"] == [
        "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
    ]
    by_code = agents(tree)
    assert by_code["IRCP"]["requestor"] is True
    assert by_code["IRCP"]["who"]["identifier"] == {"system": "https://idp.example.dk", "value": "holm"}
    assert "network" not in by_code["IRCP"]
    assert by_code["PROV"]["who"]["identifier"] == {"system": "urn:oid:1.2.208.176.1.1", "value": "325421000016001"}
    assert by_code["110152"]["network"] == {"address": "192.0.2.10", "type": "2"}
    assert by_code["110153"]["who"]["identifier"]["value"] == SERVICE
    found = entities(tree)
    assert found["1"]["what"] == {"reference": f"Patient/{PATIENT}"}
    assert found["1"]["role"]["code"] == "1"
    assert found["2"]["what"] == {"reference": f"DocumentReference/{PATIENT}"}
    assert found["2"]["role"]["code"] == "3"
    assert found["XrequestId"]["what"]["identifier"]["value"] == "0f" * 16
    assert found["context"]["what"]["identifier"]["value"] == "AbCdEfGhIjKlMnOpQrStUv"
    assert found["context"]["detail"] == [{"type": "correlation", "valueString": "c-1"}]


def test_a_seen_folder_is_a_patient_query_with_one_system_object() -> None:
    tree = event(Action.EKG_FOLDER_VIEWED)
    assert tree["action"] == "E"
    assert tree["meta"]["profile"][0].endswith("PatientQuery")
    by_code = agents(tree)
    assert by_code["110153"]["network"]["address"] == "192.0.2.10", "in a query the client is the source"
    assert by_code["110152"]["who"]["identifier"]["value"] == SERVICE
    objects = [entity for entity in tree["entity"] if entity["type"]["code"] == "2"]
    assert len(objects) == 1
    assert objects[0]["role"]["code"] == "24"
    assert "what" not in objects[0]
    assert "detail" not in objects[0]
    assert entities(tree)["DocumentReference"]["what"]["reference"] == f"DocumentReference/{PATIENT}"


@pytest.mark.parametrize("told", [{"outcome": Outcome.MINOR, "reason": "not-found"}, {"patient": None}, {"entity": ""}])
def test_only_a_complete_success_claims_a_profile(told: dict[str, Any]) -> None:
    assert "meta" not in event(**told)


def test_a_refusal_tells_its_code() -> None:
    tree = event(Action.ACCESS_REFUSED, outcome=Outcome.MINOR, reason="context-of-another-session")
    assert (tree["outcome"], tree["outcomeDesc"]) == ("4", "context-of-another-session")
    assert tree["type"]["code"] == "110113"


def test_sign_in_and_out_carry_the_codes_of_dicom() -> None:
    for action, code in ((Action.SIGNED_IN, "110122"), (Action.SIGNED_OUT, "110123")):
        tree = event(action)
        assert (tree["type"]["code"], tree["subtype"][0]["code"]) == ("110114", code)


def test_a_thing_without_a_fhir_name_is_named_by_an_identifier() -> None:
    tree = event(Action.SOR_IMPORTED, ACTORS[3], entity="Sor/12-3", patient=None, context="", correlation="")
    assert entities(tree)["2"]["what"]["identifier"] == {"system": "urn:sundhedsjournal:Sor", "value": "12-3"}


def test_a_unit_with_a_practice_number_is_not_called_a_sor_code() -> None:
    who = agents(event(actor=replace(HOLM, organisation="ydernummer:012345")))["PROV"]["who"]["identifier"]
    assert who == {"system": "urn:oid:1.2.208.176.1.4", "value": "012345"}


def test_the_shape_of_an_action_fits_its_code() -> None:
    assert {facts.shape for facts in FACTS.values() if facts.crud == "R"} <= {Shape.READ, Shape.SECURITY}
    assert all(facts.crud == "E" for facts in FACTS.values() if facts.shape is Shape.QUERY)
    assert all(facts.crud == "C" for facts in FACTS.values() if facts.shape is Shape.CREATE)
