"""One event as a FHIR R4 AuditEvent. Pure: imports no Django.

Sources: FHIR R4 AuditEvent; IHE BALP 1.1 (PatientRead, PatientQuery, PatientCreate), IHE MHD audit of ITI-65/67/68.
An event carries codes and references only: never a CPR number, a name or a text (the check stands in `audit.check`).
"""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, IntEnum
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson

Tree = dict[str, Any]

HL7 = "http://terminology.hl7.org/CodeSystem"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
REST_EVENT = f"{HL7}/audit-event-type"
REST_SUBTYPE = "http://hl7.org/fhir/restful-interaction"
IHE_EVENT = "urn:ihe:event-type-code"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
BALP = "https://profiles.ihe.net/ITI/BALP"
SOR = "urn:oid:1.2.208.176.1.1"
OURS = "urn:sundhedsjournal"

RESOURCES = {"Recording": "DocumentReference", "Delivery": "Bundle", "Patient": "Patient", "Organisation": "Organization"}
"""What our things are called in FHIR; anything else is named by an identifier of ours."""


class Outcome(IntEnum):
    """FHIR audit-event-outcome: 4 for what the caller did wrong (4xx), 8 for what we did wrong (5xx)."""

    SUCCESS = 0
    MINOR = 4
    SERIOUS = 8


class Shape(Enum):
    """Which pattern of BALP or DICOM an action follows: it decides the roles of client and server."""

    READ = "PatientRead"
    QUERY = "PatientQuery"
    CREATE = "PatientCreate"
    UPDATE = "PatientUpdate"
    SECURITY = "Security"
    SYSTEM = "System"


@dataclass(frozen=True)
class Facts:
    """What is the same for every event of one action: type and subtypes as (system, code), CRUDE code, shape."""

    type: tuple[str, str]
    subtypes: tuple[tuple[str, str], ...]
    crud: Literal["C", "R", "U", "D", "E"]
    shape: Shape


@dataclass(frozen=True)
class Actor:
    """Who did it: codes and identifiers, never a name. `ref` is our own id of the user, `organisation` a SOR code."""

    kind: Literal["user", "sender", "client", "system", "anonymous"]
    issuer: str = ""
    subject: str = ""
    ref: uuid.UUID | None = None
    role: str = ""
    organisation: str = ""
    network: str = ""


@dataclass(frozen=True)
class Event:
    """Everything one audit row says."""

    id: uuid.UUID
    recorded: datetime
    action: str
    facts: Facts
    actor: Actor
    outcome: Outcome = Outcome.SUCCESS
    reason: str = ""
    patient: uuid.UUID | None = None
    entity: str = ""
    context: str = ""
    correlation: str = ""
    purpose: str = ""
    request_id: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


def canonical(tree: Tree) -> bytes:
    """The bytes of a tree: UTF-8, sorted keys, no white space. The same tree read back from jsonb gives the same bytes."""
    return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)


def audit_event(event: Event, observer: str) -> Tree:
    """The event as a FHIR AuditEvent, recorded by the service at the URL `observer`."""
    facts = event.facts
    tree: Tree = {
        "resourceType": "AuditEvent",
        "id": str(event.id),
        "type": coding(*facts.type),
        "subtype": [coding(*subtype) for subtype in facts.subtypes] + [coding(f"{OURS}:event", event.action)],
        "action": facts.crud,
        "recorded": event.recorded.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "outcome": str(int(event.outcome)),
        "agent": _agents(event, observer),
        "source": {"observer": identifier("urn:ietf:rfc:3986", observer), "type": [coding(f"{HL7}/security-source-type", "4")]},
    }
    if event.reason:
        tree["outcomeDesc"] = event.reason
    if event.purpose:
        tree["purposeOfEvent"] = [concept(f"{HL7}/v3-ActReason", event.purpose)]
    if entities := _entities(event):
        tree["entity"] = entities
    if profile := _profile(event):
        tree["meta"] = {"profile": [f"{BALP}/StructureDefinition/IHE.BasicAudit.{profile}"]}
    return tree


def coding(system: str, code: str) -> Tree:
    return {"system": system, "code": code}


def concept(system: str, code: str) -> Tree:
    return {"coding": [coding(system, code)]}


def identifier(system: str, value: str) -> Tree:
    return {"identifier": {"system": system, "value": value} if system else {"value": value}}


def _profile(event: Event) -> str:
    """The BALP profile the event fulfils: they describe successes with a client address and a patient, nothing else."""
    shape = event.facts.shape
    if event.outcome or not event.patient or not event.actor.network or shape in (Shape.SECURITY, Shape.SYSTEM):
        return ""
    return shape.value if event.entity or shape is Shape.QUERY else ""


CLIENT_SERVER = {
    Shape.READ: ((DCM, "110152"), (DCM, "110153")),
    Shape.QUERY: ((DCM, "110153"), (DCM, "110152")),
    Shape.CREATE: ((DCM, "110153"), (DCM, "110152")),
    Shape.UPDATE: ((DCM, "110153"), (DCM, "110152")),
    Shape.SECURITY: ((DCM, "110150"), (f"{HL7}/extra-security-role-type", "authserver")),
    Shape.SYSTEM: ((DCM, "110150"), (DCM, "110150")),
}


def _agents(event: Event, observer: str) -> list[Tree]:
    """User, organisation, client and server; exactly one of them is the requestor."""
    actor, agents = event.actor, []
    client, server = CLIENT_SERVER[event.facts.shape]
    if actor.kind == "user":
        part = "AUT" if event.facts.shape is Shape.CREATE else "IRCP"
        user: Tree = {"type": concept(f"{HL7}/v3-ParticipationType", part), "requestor": True}
        user["who"] = identifier(actor.issuer, actor.subject)
        if actor.ref:
            user["altId"] = str(actor.ref)
        if actor.role:
            user["role"] = [concept(f"{OURS}:role", actor.role)]
        if event.purpose:
            user["purposeOfUse"] = [concept(f"{HL7}/v3-ActReason", event.purpose)]
        agents.append(user)
    if actor.organisation:
        organisation = {"type": concept(f"{HL7}/v3-RoleClass", "PROV"), "who": identifier(SOR, actor.organisation)}
        agents.append(organisation | {"requestor": False})
    if actor.kind != "system":
        who = identifier(actor.issuer, actor.subject) if actor.kind in ("sender", "client") else {"type": "Device"}
        asking: Tree = {"type": concept(*client), "who": who, "requestor": actor.kind != "user"}
        if who == {"type": "Device"}:
            asking["who"] = {"type": "Device", "display": "browser"}
        if actor.network:
            asking["network"] = {"address": actor.network, "type": "2"}
        agents.append(asking)
    answering = {"type": concept(*server), "who": identifier("urn:ietf:rfc:3986", observer)}
    network = {"address": urlsplit(observer).hostname or observer, "type": "1"}
    agents.append(answering | {"requestor": actor.kind == "system", "network": network})
    return agents


def _entities(event: Event) -> list[Tree]:
    """Patient, thing, query, request and patient context, each as its own entity."""
    entities: list[Tree] = []
    query = event.facts.shape is Shape.QUERY and event.patient is not None
    detail = [{"type": key, "valueString": value} for key, value in sorted(event.extra.items())]
    if event.patient:
        what = {"reference": f"Patient/{event.patient}"}
        person = {"type": coding(f"{HL7}/audit-entity-type", "1"), "role": coding(f"{HL7}/object-role", "1")}
        entities.append({"what": what} | person)
    if query:
        # BALP wants the search as asked; ours is always this one, and the patient in it is the pseudonym.
        asked = base64.b64encode(f"DocumentReference?patient=Patient/{event.patient}".encode()).decode()
        system_object = {"type": coding(f"{HL7}/audit-entity-type", "2"), "role": coding(f"{HL7}/object-role", "24")}
        entities.append(system_object | {"query": asked})
    if event.entity:
        entities.append(_thing(event.entity, query) | ({"detail": detail} if detail else {}))
    elif detail:
        entities.append({"type": coding(f"{OURS}:entity", "detail"), "detail": detail})
    if event.request_id:
        request = {"type": coding(f"{BALP}/CodeSystem/BasicAuditEntityType", "XrequestId")}
        entities.append(request | {"what": identifier("", event.request_id)})
    if event.context or event.correlation:
        what = identifier(f"{OURS}:context", event.context) if event.context else {"type": "Encounter"}
        context: Tree = {"type": coding(f"{OURS}:entity", "context"), "what": what}
        if event.correlation:
            context["detail"] = [{"type": "correlation", "valueString": event.correlation}]
        entities.append(context)
    return entities


def _thing(entity: str, query: bool) -> Tree:
    """The thing acted on. Beside a query it is typed by its resource: BALP allows one "system object", the query."""
    kind, _, key = entity.partition("/")
    resource = RESOURCES.get(kind)
    what = {"reference": f"{resource}/{key}"} if resource and key else identifier(f"{OURS}:{kind}", key or kind)
    role = "3" if resource == "DocumentReference" else "4"
    kind_of_thing = coding(RESOURCE_TYPES, resource or "Basic") if query else coding(f"{HL7}/audit-entity-type", "2")
    return {"what": what, "type": kind_of_thing, "role": coding(f"{HL7}/object-role", role)}
