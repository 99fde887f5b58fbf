"""One event as a FHIR R4 AuditEvent. Pure: imports no Django.

Sources: FHIR R4 AuditEvent; IHE BALP 1.1 (PatientRead, PatientQuery, PatientCreate), IHE MHD audit of ITI-65/67/68.
"""

import base64
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

import orjson

from audit.event import Event, Shape

Tree = dict[str, Any]

HL7 = "http://terminology.hl7.org/CodeSystem"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
REST_EVENT = f"{HL7}/audit-event-type"
REST_SUBTYPE = "http://hl7.org/fhir/restful-interaction"
IHE_EVENT = "urn:ihe:event-type-code"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
BALP = "https://profiles.ihe.net/ITI/BALP"
REGISTERS = {"sor": "urn:oid:1.2.208.176.1.1", "ydernummer": "urn:oid:1.2.208.176.1.4"}
"""The registers of organisations that have an OID; an identifier without a prefix is a SOR code."""
OURS = "urn:sundhedsjournal"

RESOURCES = {
    "Recording": "DocumentReference",
    "Delivery": "Bundle",
    "Patient": "Patient",
    "Organisation": "Organization",
}
"""What our things are called in FHIR; anything else is named by an identifier of ours."""


def canonical(tree: Tree) -> bytes:
    """The bytes of a tree: UTF-8, sorted keys, no white space; a tree read back from jsonb gives the same."""
    return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)


def coding(system: str, code: str) -> Tree:
    return {"system": system, "code": code}


def concept(system: str, code: str) -> Tree:
    return {"coding": [{"system": system, "code": code}]}


def identifier(system: str, value: str) -> Tree:
    return {"identifier": {"system": system, "value": value} if system else {"value": value}}


# The parts that never change are made once; nothing writes to a tree after it is built.
APPLICATION_SERVER = [coding(f"{HL7}/security-source-type", "4")]
PERSON, SYSTEM_OBJECT = coding(f"{HL7}/audit-entity-type", "1"), coding(f"{HL7}/audit-entity-type", "2")
PATIENT, REPORT, RESOURCE, QUERY = (coding(f"{HL7}/object-role", role) for role in ("1", "3", "4", "24"))
REQUEST = coding(f"{BALP}/CodeSystem/BasicAuditEntityType", "XrequestId")
CONTEXT, DETAIL = coding(f"{OURS}:entity", "context"), coding(f"{OURS}:entity", "detail")
RECIPIENT, AUTHOR, RESPONSIBLE = (concept(f"{HL7}/v3-ParticipationType", code) for code in ("IRCP", "AUT", "RESP"))
PROVIDER = concept(f"{HL7}/v3-RoleClass", "PROV")
BROWSER = {"type": "Device", "display": "browser"}
APPLICATION, DESTINATION, SOURCE = (concept(DCM, code) for code in ("110150", "110152", "110153"))
AUTHORISER = concept(f"{HL7}/extra-security-role-type", "authserver")
CLIENT_SERVER = {
    Shape.READ: (DESTINATION, SOURCE),
    Shape.QUERY: (SOURCE, DESTINATION),
    Shape.CREATE: (SOURCE, DESTINATION),
    Shape.UPDATE: (SOURCE, DESTINATION),
    Shape.SECURITY: (APPLICATION, AUTHORISER),
    Shape.SYSTEM: (APPLICATION, APPLICATION),
}
"""The ends of the wire as BALP names them: the data's direction decides, for a query the question's."""


def audit_event(event: Event, observer: str) -> Tree:
    """The event as a FHIR AuditEvent, recorded by the service at the URL `observer`."""
    facts = event.facts
    service = identifier("urn:ietf:rfc:3986", observer)
    tree: Tree = {
        "resourceType": "AuditEvent",
        "id": str(event.id),
        "type": coding(*facts.type),
        "subtype": [*(coding(*subtype) for subtype in facts.subtypes), coding(f"{OURS}:event", event.action)],
        "action": facts.crud,
        "recorded": event.recorded.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "outcome": str(int(event.outcome)),
        "agent": _agents(event, service, urlsplit(observer).hostname or observer),
        "source": {"observer": service, "type": APPLICATION_SERVER},
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


def _profile(event: Event) -> str:
    """The BALP profile the event fulfils: they describe successes with a client address and a patient, nothing else."""
    shape = event.facts.shape
    if event.outcome or not event.patient or not event.actor.network or shape in (Shape.SECURITY, Shape.SYSTEM):
        return ""
    return shape.value if event.entity or shape is Shape.QUERY else ""


def _agents(event: Event, service: Tree, host: str) -> list[Tree]:
    """User, on whose behalf, organisation, client and server; exactly one of them is the requestor."""
    actor, agents = event.actor, []
    client, server = CLIENT_SERVER[event.facts.shape]
    if actor.kind == "user":
        user: Tree = {
            "type": AUTHOR if event.facts.shape is Shape.CREATE else RECIPIENT,
            "who": identifier(actor.issuer, actor.subject),
            "requestor": True,
        }
        if actor.ref:
            user["altId"] = str(actor.ref)
        if actor.role:
            user["role"] = [concept(f"{OURS}:role", actor.role)]
        if event.purpose:
            user["purposeOfUse"] = [concept(f"{HL7}/v3-ActReason", event.purpose)]
        agents.append(user)
        if actor.responsible:
            who = identifier(actor.issuer, actor.responsible)
            agents.append({"type": RESPONSIBLE, "who": who, "requestor": False})
    if actor.organisation:
        register, _, number = actor.organisation.rpartition(":")
        who = identifier(REGISTERS.get(register or "sor", f"{OURS}:{register}"), number)
        agents.append({"type": PROVIDER, "who": who, "requestor": False})
    if actor.kind != "system":
        machine = actor.kind in ("sender", "client") and actor.subject
        who = identifier(actor.issuer, actor.subject) if machine else BROWSER
        asking: Tree = {"type": client, "who": who, "requestor": actor.kind != "user"}
        if actor.network:
            asking["network"] = {"address": actor.network, "type": "2"}
        agents.append(asking)
    network = {"address": host, "type": "1"}
    agents.append({"type": server, "who": service, "requestor": actor.kind == "system", "network": network})
    return agents


def _entities(event: Event) -> list[Tree]:
    """Patient, query, thing, request and patient context, each as its own entity."""
    entities: list[Tree] = []
    query = event.facts.shape is Shape.QUERY and event.patient is not None
    detail = [{"type": key, "valueString": value} for key, value in sorted(event.extra.items())]
    if event.patient:
        patient = f"Patient/{event.patient}"
        entities.append({"what": {"reference": patient}, "type": PERSON, "role": PATIENT})
        if query:
            # BALP wants the search as asked; ours is always this one, and the patient in it is the pseudonym.
            asked = base64.b64encode(b"DocumentReference?patient=" + patient.encode()).decode()
            entities.append({"type": SYSTEM_OBJECT, "role": QUERY, "query": asked})
    if event.entity:
        thing = _thing(event.entity, query)
        entities.append(thing | {"detail": detail} if detail else thing)
    elif detail:
        entities.append({"type": DETAIL, "detail": detail})
    if event.request_id:
        entities.append({"type": REQUEST, "what": identifier("", event.request_id)})
    if event.context or event.correlation:
        context: Tree = {"type": CONTEXT, "what": identifier(f"{OURS}:context", event.context or "none")}
        if event.correlation:
            context["detail"] = [{"type": "correlation", "valueString": event.correlation}]
        entities.append(context)
    return entities


def _thing(entity: str, query: bool) -> Tree:
    """The thing acted on. Beside a query it is typed by its resource: BALP allows one "system object", the query."""
    kind, _, key = entity.partition("/")
    resource = RESOURCES.get(kind)
    what = {"reference": f"{resource}/{key}"} if resource and key else identifier(f"{OURS}:{kind}", key or kind)
    kind_of_thing = coding(RESOURCE_TYPES, resource or "Basic") if query else SYSTEM_OBJECT
    return {"what": what, "type": kind_of_thing, "role": REPORT if resource == "DocumentReference" else RESOURCE}
