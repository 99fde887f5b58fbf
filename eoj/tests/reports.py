"""Builds care delivery reports: small, and right until a test makes them wrong. Pure: imports no Django.

Every builder takes further elements by their JSON names (`condition("J1.1", 1, note=[…])`); they replace its own, and
None takes one away. The citizen is one of the samples, and so are the organisations.
"""

from typing import Any

Tree = dict[str, Any]

BASE = "http://fhir.kl.dk/gateway/StructureDefinition/"
FSIII, CARE = "urn:oid:1.2.208.176.2.21", "http://fhir.kl.dk/term/CodeSystem/CareSocialCodes"
LOCAL = "http://fhir.kl.dk/gateway/CodeSystem/LocallyDefinedInterventions"
CPR, OTHER_CPR = "2512489996", "0404619995"
SOR, OTHER_SOR = "999000000000101", "999000000000102"
TIME = "2026-03-12T20:00:00Z"
CITIZEN = "Patient/borger"

FOLLOW_UP, PERFORMED = "9f03dfbb-7a97-45a5-94db-d4c3501714a9", "784275f1-6822-4a88-b361-d958007d5253"
MOBILITY, RESPIRATION = "J3.1", "I7.1"
"""A home-care condition (with a level) and a nursing condition (without one), by their older codes."""


def report(
    *resources: Tree, cpr: str = CPR, sor: str = SOR, timestamp: str = TIME, id: str = "rapport-1", **patient: Any
) -> Tree:
    """A report of one citizen, whose further elements come by name; a Patient among the resources replaces it."""
    has_patient = any(each.get("resourceType") == "Patient" for each in resources)
    return bundle(
        "klgateway-care-delivery-report",
        *(resources if has_patient else (citizen(cpr, sor, **patient), *resources)),
        timestamp=timestamp,
        id=id,
    )


def incremental(*reports: Tree, timestamp: str = TIME, id: str = "levering-1") -> Tree:
    """Several reports in one delivery."""
    return bundle("klgateway-care-incremental-delivery", *reports, timestamp=timestamp, id=id)


def bundle(profile: str, *resources: Tree, timestamp: str, id: str) -> Tree:
    """A collection of resources."""
    return {
        "resourceType": "Bundle",
        "id": id,
        "meta": {"profile": [BASE + profile]},
        "type": "collection",
        "timestamp": timestamp,
        "entry": [
            {"fullUrl": f"https://eoj.example/{each.get('resourceType')}/{each.get('id')}", "resource": each}
            for each in resources
        ],
    }


def citizen(cpr: str = CPR, sor: str = SOR, **elements: Any) -> Tree:
    """The citizen; never a name (the profile forbids it)."""
    return _resource(
        "Patient", "klgateway-care-citizen", "borger", elements,
        identifier=[{"use": "official", "system": "urn:oid:1.2.208.176.1.2", "value": cpr}],
        managingOrganization={"identifier": {"use": "official", "system": "urn:oid:1.2.208.176.1.1", "value": sor}},
        deceasedBoolean=False,
    )  # fmt: skip


def condition(
    code: str,
    /,
    level: int | str | None = None,
    *,
    id: str = "tilstand",
    recorded: str = "2026-03-01",
    status: str = "active",
    focus: bool = True,
    follow_up: str = "",
    **elements: Any,
) -> Tree:
    """A condition; a level is 0–4 or 9 (or a code), and belongs to home care alone. `follow_up`: an Encounter's id."""
    own: Tree = {
        "clinicalStatus": _hl7("condition-clinical", status),
        "code": coded(code),
        "recordedDate": recorded,
    }
    if focus:
        own["category"] = [_hl7("condition-category", "problem-list-item")]
    if level is not None:
        own["severity"] = coded(severity(level))
    if follow_up:
        url = f"{BASE}klgateway-care-follow-up-encounter-extension"
        own["extension"] = [{"url": url, "valueReference": ref("Encounter", follow_up)}]
    return _resource("Condition", "klgateway-care-condition", id, elements, **own)


def wrong(resource: Tree) -> Tree:
    """The same resource, entered in error."""
    if resource["resourceType"] == "Condition":
        without = {key: value for key, value in resource.items() if key != "clinicalStatus"}
        return without | {"verificationStatus": _hl7("condition-ver-status", "entered-in-error")}
    return resource | {"lifecycleStatus" if resource["resourceType"] == "Goal" else "status": "entered-in-error"}


def plan(
    code: str,
    /,
    start: str = "2026-03-01",
    end: str | None = None,
    status: str = "active",
    reasons: tuple[str, ...] = (),
    *,
    id: str = "indsats",
    local: tuple[str, str] | None = None,
    delivery: tuple[str, ...] = (),
    **elements: Any,
) -> Tree:
    """A planned intervention; `reasons` are ids of conditions, `local` the municipality's own code and its name."""
    detail: Tree = {"code": coded(code), "status": "in-progress"}
    if local is not None:
        detail["code"]["coding"].append({"system": LOCAL, "code": local[0], "display": local[1]})
    if reasons:
        detail["reasonReference"] = [ref("Condition", reason) for reason in reasons]
    if delivery:
        detail["extension"] = [
            {"url": f"{BASE}DeliveryType", "valueCodeableConcept": coded(each, CARE)} for each in delivery
        ]
    return _resource(
        "CarePlan", "klgateway-care-planned-intervention", id, elements,
        status=status, intent="plan", activity=[{"detail": detail}],
        period={"start": start} | ({"end": end} if end else {}),
    )  # fmt: skip


def procedure(
    code: str, /, performed: str = TIME, *, id: str = "ydelse", reasons: tuple[str, ...] = (), **elements: Any
) -> Tree:
    """An intervention that was not planned, delivered."""
    own: Tree = {"status": "completed", "code": coded(code), "performedDateTime": performed}
    if reasons:
        own["reasonReference"] = [ref("Condition", reason) for reason in reasons]
    return _resource("Procedure", "klgateway-care-completed-intervention", id, elements, **own)


def encounter(
    start: str = "2026-04-01",
    end: str | None = None,
    status: str = "planned",
    reasons: tuple[str, ...] = (),
    plans: tuple[str, ...] = (),
    *,
    type: str = FOLLOW_UP,
    id: str = "kontakt",
    class_: tuple[str, str] = ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "HH"),
    **elements: Any,
) -> Tree:
    """A contact: a planned follow-up of conditions, or a visit that delivered plans."""
    own: Tree = {
        "status": status,
        "class": {"system": class_[0], "code": class_[1]},
        "type": [coded(type, CARE)],
        "period": {"start": start} | ({"end": end} if end else {}),
    }
    if reasons:
        own["reasonReference"] = [ref("Condition", reason) for reason in reasons]
    if plans:
        url = f"{BASE}BasedOnInterventionExtension"
        own["extension"] = [{"url": url, "valueReference": ref("CarePlan", each)} for each in plans]
    return _resource("Encounter", "klgateway-care-general-encounter", id, elements, **own)


def old_encounter(start: str = "2026-04-01", *, id: str = "opfoelgning", **elements: Any) -> Tree:
    """A planned follow-up as it was reported first; conditions and plans refer to it."""
    own = encounter(start) | {"id": id}
    own["meta"] = {"profile": [f"{BASE}klgateway-care-encounter"]}
    return own | elements


def goal(condition: str, level: int | str, start: str = "2026-03-01", *, id: str = "maal", **elements: Any) -> Tree:
    """The level that is expected of a condition."""
    return _resource(
        "Goal", "klgateway-care-goal", id, elements,
        lifecycleStatus="planned",
        category=[coded("ca552020-6ed1-4cdc-b0d4-32697f1f27ad", CARE)],
        description=coded("e182c5dc-9f91-474a-92e8-f62be3d498f4"),
        startDate=start,
        target=[{
            "measure": coded("66959f77-6e2a-4574-8423-3ff097f8b9fa", CARE),
            "detailCodeableConcept": coded(severity(level)),
        }],
        addresses=[ref("Condition", condition)],
    )  # fmt: skip


def follow_up(*focus: str, result: str = "E1", at: str = "2026-03-12", id: str = "opfulgt", **elements: Any) -> Tree:
    """What a follow-up decided; `focus` are ids of conditions, or `Type/id`."""
    return _observation(
        "klgateway-care-follow-up-observation", id, at, elements,
        code=coded("712744002", "http://snomed.info/sct"),
        focus=[ref(*each.split("/")) if "/" in each else ref("Condition", each) for each in focus],
        valueCodeableConcept=coded(result),
    )  # fmt: skip


def matter_of_interest(code: str, /, *risks: str, at: str = "2026-03-12", id: str = "omraade", **elements: Any) -> Tree:
    """An area of problems, with the conditions that the citizen is at risk of."""
    own: Tree = {"code": coded(code)}
    if risks:
        url = f"{BASE}klgateway-care-finding-context-at-risk-extension"
        own["extension"] = [{"url": url, "valueCoding": {"system": FSIII, "code": risk}} for risk in risks]
    return _observation("klgateway-care-matter-of-interest-observation", id, at, elements, **own)


def own_observation(
    question: str, answer: str, focus: str, *, at: str = "2026-03-12", id: str = "egen", **elements: Any
) -> Tree:
    """What the citizen says of a condition: C performance, D meaning."""
    return _observation(
        "klgateway-care-citizens-own-observation", id, at, elements,
        code=coded(question), focus=[ref("Condition", focus)], valueCodeableConcept=coded(answer),
    )  # fmt: skip


def everything() -> Tree:
    """A report with one resource of every profile, each element that a profile names, and nothing wrong."""
    return report(
        citizen(active=True),
        condition("J3.1", 1, id="funktion", follow_up="opfoelgning",
                  verificationStatus=_hl7("condition-ver-status", "confirmed")),
        condition("I7.1", id="helbred"),
        plan("H1.1", reasons=("funktion",), local=("1.1", "Bad to gange om ugen"), id="indsats",
             delivery=("8d12d74c-17da-47a7-a4fe-e69dbaec0a8c",),
             extension=[{"url": f"{BASE}klgateway-care-follow-up-encounter-extension",
                         "valueReference": ref("Encounter", "opfoelgning")}]),
        procedure("G1.39", reasons=("helbred",)) | {"code": {"coding": [
            *coded("G1.39")["coding"], {"system": LOCAL, "code": "2", "display": "Sårpleje i klinik"}]}},
        old_encounter(),
        encounter(reasons=("funktion",), plans=("indsats",)),
        goal("funktion", 0),
        follow_up("funktion", "CarePlan/indsats"),
        matter_of_interest("J3", "J3.1", valueCodeableConcept=coded("B6")),
        own_observation("C", "C1", "funktion"),
    )  # fmt: skip


def coded(code: str, system: str = FSIII) -> Tree:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}


def severity(level: int | str) -> str:
    """The older code of a level, which is one more than the level (B1 is 0); a code is left as it is."""
    return level if isinstance(level, str) else "B6" if level == 9 else f"B{level + 1}"


def ref(type_: str, id: str) -> Tree:
    """A reference within the report."""
    return {"reference": f"{type_}/{id}"}


def _hl7(system: str, code: str) -> Tree:
    return coded(code, f"http://terminology.hl7.org/CodeSystem/{system}")


def _observation(profile: str, id: str, at: str, elements: Tree, **own: Any) -> Tree:
    return _resource("Observation", profile, id, elements, status="final", effectiveDateTime=at, **own)


def _resource(type_: str, profile: str, id: str, elements: Tree, **own: Any) -> Tree:
    """Elements given by a test come last, and a None takes one away."""
    subject = {} if type_ == "Patient" else {"subject": {"reference": CITIZEN}}
    whole = {"resourceType": type_, "id": id, "meta": {"profile": [BASE + profile]}, **subject, **own, **elements}
    return {name: value for name, value in whole.items() if value is not None}
