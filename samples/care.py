"""The resources of a municipal report, in the profiles of KL's gateway guide 1.2.0. Pure.

Concepts are named by their older FSIII key (`J2.1`); what is written is the uuid with its name, or in the old manner of
the time before the simplification the older key alone. No element of free text: the profiles forbid it.
"""

from dataclasses import dataclass
from typing import Any

from samples.ids import uuid
from samples.organisations import ORGANISATIONS
from samples.personas import PATIENTS
from terminology import caresocial
from terminology.fsiii import SYSTEM, shipped

Tree = dict[str, Any]
BASE = "http://fhir.kl.dk/gateway/StructureDefinition/"
LOCAL = "http://fhir.kl.dk/gateway/CodeSystem/LocallyDefinedInterventions"
HL7 = "http://terminology.hl7.org/CodeSystem/"
SITE = "https://sundhedsjournal.example/fhir"
CPR, SOR = "urn:oid:1.2.208.176.1.2", "urn:oid:1.2.208.176.1.1"
LEVELS = {0: "B1", 1: "B2", 2: "B3", 3: "B4", 4: "B5", 9: "B6"}
RESULTS = {"continued": "E1", "adjusted": "E2", "ended": "E3", "reassessed": "E4"}
DELIVERY = {
    "group": "2865f123-15a7-4a36-a514-32ea37c400ca",
    "individual": "8d12d74c-17da-47a7-a4fe-e69dbaec0a8c",
    "robot": "34cdd6ab-3da9-49e8-84dc-1cbf683d4fcf",
    "digital": "284857a4-5e91-499a-a001-64d7f0b7038a",
}
MANNERS = {"telephone": "1b55a4b0-1156-4f58-b2df-b5c6014d9048", "screen": "124be95d-6924-4609-9d2a-e7c73ae3ab3d"}


@dataclass(frozen=True)
class Record:
    """One citizen's record in one municipality: every id is made of it, so the next report means the same."""

    patient: str
    place: str
    old: bool = False
    """In the manner of before the simplification: older keys without names, follow-up as an extension."""

    def reference(self, kind: str, name: str) -> Tree:
        return {"reference": f"{kind}/{self.id(kind, name)}"}

    def id(self, kind: str, name: str) -> str:
        return uuid("eoj", self.patient, self.place, kind, name)

    @property
    def subject(self) -> Tree:
        return self.reference("Patient", "")

    # ── codes ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def fsiii(self, legacy: str) -> Tree:
        concept = shipped().concepts[legacy]
        if self.old:
            return {"system": SYSTEM, "code": concept.legacy}
        return {"system": SYSTEM, "code": concept.key, "display": concept.name}

    def level(self, level: int) -> Tree:
        return {"coding": [self.fsiii(LEVELS[level])]}

    # ── resources ───────────────────────────────────────────────────────────────────────────────────────────────────
    def _resource(self, kind: str, name: str, profile: str, **rest: Any) -> Tree:
        meta = {"profile": [f"{BASE}klgateway-care-{profile}"]}
        return {"resourceType": kind, "id": self.id(kind, name), "meta": meta} | rest

    def citizen(self, active: bool | None = None) -> Tree:
        said: Tree = {"active": active} if active is not None else {}
        said["identifier"] = [{"use": "official", "system": CPR, "value": PATIENTS[self.patient].cpr}]
        if not self.old:
            said["deceasedBoolean"] = False
        sor = {"use": "official", "system": SOR, "value": ORGANISATIONS[self.place].sor}
        said["managingOrganization"] = {"identifier": sor}
        return self._resource("Patient", "", "citizen", **said)

    def condition(
        self, code: str, since: str, level: int | None = None, state: str = "focus", follow_up: str = ""
    ) -> Tree:
        """`state`: focus, out-of-focus (active without category), ended (inactive without it), or error."""
        said: Tree = {}
        if follow_up:
            url = f"{BASE}klgateway-care-follow-up-encounter-extension"
            said["extension"] = [{"url": url, "valueReference": self.reference("Encounter", follow_up)}]
        if state != "error":  # FHIR con-5
            clinical = "inactive" if state == "ended" else "active"
            said["clinicalStatus"] = {"coding": [{"system": f"{HL7}condition-clinical", "code": clinical}]}
        else:
            wrong = {"system": f"{HL7}condition-ver-status", "code": "entered-in-error"}
            said["verificationStatus"] = {"coding": [wrong]}
        if state in {"focus", "error"}:
            listed = {"system": f"{HL7}condition-category", "code": "problem-list-item"}
            said["category"] = [{"coding": [listed]}]
        if level is not None:
            said["severity"] = self.level(level)
        said |= {"code": {"coding": [self.fsiii(code)]}, "subject": self.subject, "recordedDate": since}
        return self._resource("Condition", code, "condition", **said)

    def goal(self, condition: str, level: int, since: str, status: str = "planned") -> Tree:
        """The level that is expected of a functional condition; another one is a goal of its own."""
        measured, kind = _care(caresocial.FUNCTION_LEVEL), _care(caresocial.CONDITION_GOAL)
        direction = self.fsiii("e182c5dc_9f91_474a_92e8_f62be3d498f4")
        direction["code"] = "e182c5dc-9f91-474a-92e8-f62be3d498f4"  # the guide fixes the uuid, also in the old manner
        return self._resource(
            "Goal", f"{condition} {since}", "goal",
            lifecycleStatus=status,
            category=[{"coding": [kind]}],
            description={"coding": [direction]},
            subject=self.subject,
            startDate=since,
            target=[{"measure": {"coding": [measured]}, "detailCodeableConcept": self.level(level)}],
            addresses=[self.reference("Condition", condition)],
        )  # fmt: skip

    def plan(
        self,
        code: str,
        start: str,
        end: str = "",
        *reasons: str,
        status: str = "active",
        local: tuple[str, str] | None = None,
        delivered: tuple[str, ...] = (),
    ) -> Tree:
        """An intervention: granted from `start`; `local` is the municipality's own level 3, as code and name."""
        coding = [self.fsiii(code)]
        if local is not None:
            coding.append({"system": LOCAL, "code": local[0], "display": local[1]})
        detail: Tree = {"code": {"coding": coding}}
        if delivered:
            detail = {"extension": [_delivery(each) for each in delivered]} | detail
        if reasons:
            detail["reasonReference"] = [self.reference("Condition", reason) for reason in reasons]
        detail["status"] = {"completed": "completed", "entered-in-error": "unknown"}.get(status, "in-progress")
        return self._resource(
            "CarePlan", f"{code} {start}", "planned-intervention",
            status=status,
            intent="plan",
            subject=self.subject,
            period={"start": start} | ({"end": end} if end else {}),
            activity=[{"detail": detail}],
        )  # fmt: skip

    def done(self, code: str, at: str, *reasons: str, status: str = "completed") -> Tree:
        """An intervention that was given without having been planned."""
        said: Tree = {"status": status, "code": {"coding": [self.fsiii(code)]}, "subject": self.subject}
        said["performedDateTime"] = at
        if reasons:
            said["reasonReference"] = [self.reference("Condition", reason) for reason in reasons]
        return self._resource("Procedure", f"{code} {at}", "completed-intervention", **said)

    def follow_up(self, name: str, day: str, *reasons: str, status: str = "planned", manner: str = "home") -> Tree:
        """A follow-up, planned or held; `name` stays when its date is moved."""
        where = {"system": f"{HL7}v3-ActCode", "code": "HH"} if manner == "home" else _care(MANNERS[manner])
        said: Tree = {"status": status, "class": where}
        kind = _care(caresocial.FOLLOW_UP)
        if self.old:
            del kind["display"]
        said |= {"type": [{"coding": [kind]}], "subject": self.subject, "period": {"start": day}}
        if reasons:
            said["reasonReference"] = [self.reference("Condition", reason) for reason in reasons]
        return self._resource("Encounter", name, "encounter" if self.old else "general-encounter", **said)

    def result(self, result: str, day: str, *conditions: str) -> Tree:
        """What came out of a follow-up."""
        value = {"coding": [self.fsiii(RESULTS[result])]}
        return self._resource(
            "Observation", f"result {day} {conditions[0]}", "follow-up-observation",
            status="final",
            code={"coding": [{"system": "http://snomed.info/sct", "code": "712744002"}]},
            subject=self.subject,
            focus=[self.reference("Condition", condition) for condition in conditions],
            effectiveDateTime=day,
            valueCodeableConcept=value,
        )  # fmt: skip

    def area(self, code: str, day: str, *risks: str) -> Tree:
        """An area in focus, with the conditions that the citizen is at risk of (old manner)."""
        said: Tree = {}
        if risks:
            url = f"{BASE}klgateway-care-finding-context-at-risk-extension"
            said["extension"] = [{"url": url, "valueCoding": self.fsiii(risk)} for risk in risks]
        said |= {"status": "final", "code": {"coding": [self.fsiii(code)]}, "subject": self.subject}
        said["effectiveDateTime"] = day
        return self._resource("Observation", f"area {code}", "matter-of-interest-observation", **said)

    def own_view(self, question: str, answer: str, day: str, condition: str) -> Tree:
        """What the citizen says: C how it is done, D what it means (old manner)."""
        return self._resource(
            "Observation", f"own {question} {condition}", "citizens-own-observation",
            status="final",
            code={"coding": [self.fsiii(question)]},
            subject=self.subject,
            focus=[self.reference("Condition", condition)],
            effectiveDateTime=day,
            valueCodeableConcept={"coding": [self.fsiii(answer)]},
        )  # fmt: skip


def unchanged(resource: Tree, at: str) -> Tree:
    """The resource as it was reported before, carried along because something new refers to it."""
    return resource | {"meta": resource["meta"] | {"lastUpdated": at}}


def report(name: str, at: str, *resources: Tree) -> Tree:
    """One citizen's report: what has no time of its own was last changed when the report was made."""
    return {
        "resourceType": "Bundle",
        "id": uuid("eoj", "report", name),
        "meta": {"profile": [f"{BASE}klgateway-care-delivery-report"], "lastUpdated": at},
        "type": "collection",
        "timestamp": at,
        "entry": [
            {
                "fullUrl": f"{SITE}/{each['resourceType']}/{each['id']}",
                "resource": each if "lastUpdated" in each["meta"] else unchanged(each, at),
            }
            for each in resources
        ],
    }


def delivery(name: str, at: str, *reports: Tree) -> Tree:
    """Several reports at once, in whatever order."""
    return {
        "resourceType": "Bundle",
        "id": uuid("eoj", "delivery", name),
        "meta": {"profile": [f"{BASE}klgateway-care-incremental-delivery"], "lastUpdated": at},
        "type": "collection",
        "timestamp": at,
        "entry": [{"fullUrl": f"{SITE}/Bundle/{each['id']}", "resource": each} for each in reports],
    }


def _delivery(manner: str) -> Tree:
    return {"url": f"{BASE}DeliveryType", "valueCodeableConcept": {"coding": [_care(DELIVERY[manner])]}}


def _care(code: str) -> Tree:
    return {"system": caresocial.SYSTEM, "code": code, "display": caresocial.shipped()[code][0]}
