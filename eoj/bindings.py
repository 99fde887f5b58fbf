"""The value sets that the KL Gateway profiles bind, as look-ups by system and code. Pure: imports no Django.

A set is what stands at certain places in the tree of a code list (EOJ.md §6): no name decides, and both codes of a
concept, also of a retired one, lead to the same `Code`. After the transition (§9) only uuids do.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from eoj.item import Area
from terminology import caresocial, fsiii
from terminology.fsiii import Catalogue, Concept, Kind, Law

FSIII = (fsiii.SYSTEM, "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII")
CARE = (caresocial.SYSTEM, "http://kl.dk/fhir/common/caresocial/CodeSystem/KLCommonCareSocialCodes")
"""Each code list has another name in the guides for outgoing data."""
LOCAL = (
    "http://fhir.kl.dk/gateway/CodeSystem/LocallyDefinedInterventions",
    "http://gateway.kl.dk/1.0/CodeSystem/LocallyDefinedInterventions",
)
ADMIN = {"ff47f955-3179-446f-b211-dc29de9456e3", "6f9ed46f-6498-4567-9637-2324dbfaa0a0"}
"""The law groups 0-ydelser of the health act (G2) and of the service act (H7)."""
GOAL_TYPE = "e182c5dc-9f91-474a-92e8-f62be3d498f4"
HL7 = "http://terminology.hl7.org/CodeSystem"


class Code(NamedTuple):
    """What a code means to the rules."""

    key: str
    name: str
    kind: Kind | None = None
    area: Area = Area.NONE
    level: int | None = None


ValueSet = dict[tuple[str, str], Code]
Said = tuple[tuple[str, Code], ...]
"""Value set and code, of each code that a concept has."""


class Sets(dict[str, ValueSet]):
    """The value sets of one catalogue by their names, and the concepts that were found to be sound by them."""

    MOST = 20_000

    def __init__(self, sets: Mapping[str, ValueSet]) -> None:
        super().__init__(sets)
        self.sound: dict[Hashable, Said] = {}

    def remember(self, concept: Hashable, said: Said) -> None:
        """Nothing was wrong with it; whoever sends ever new ones makes us forget the others, no more."""
        if len(self.sound) >= self.MOST:
            self.sound.clear()
        self.sound[concept] = said


KINDS = {
    "conditions": (Kind.HEALTH_CONDITION, Kind.FUNCTION_CONDITION),
    "interventions": (Kind.INTERVENTION,),
    "severities": (Kind.SEVERITY,),
    "areas": (Kind.HEALTH_AREA, Kind.FUNCTION_AREA),
    "follow-up-results": (Kind.FOLLOW_UP_RESULT,),
    "own-questions": (Kind.OWN_PERFORMANCE_QUESTION, Kind.OWN_MEANING_QUESTION),
    "own-answers": (Kind.OWN_PERFORMANCE, Kind.OWN_MEANING),
    "not-relevant": (Kind.SEVERITY,),
    "goal-type": (Kind.GOAL_TYPE,),
}
"""Value set → the kinds of FSIII concepts in it; the last two are narrowed to one concept below."""

_BUILT: dict[tuple[int, bool], tuple[Catalogue, Sets]] = {}


def value_sets(catalogue: Catalogue, after_transition: bool) -> Sets:
    """Every value set, built once for a catalogue."""
    key = id(catalogue), after_transition
    if key not in _BUILT:
        if len(_BUILT) >= 4:
            _BUILT.clear()
        _BUILT[key] = catalogue, _sets(catalogue, after_transition)
    return _BUILT[key][1]


def _sets(catalogue: Catalogue, after_transition: bool) -> Sets:
    concepts = list({concept.key: concept for concept in catalogue.concepts.values()}.values())
    sets = {
        name: _fsiii((c for c in concepts if c.kind in kinds), catalogue, after_transition)
        for name, kinds in KINDS.items()
    }
    sets["not-relevant"] = {said: code for said, code in sets["not-relevant"].items() if code.level == 9}
    sets["goal-type"] = {said: code for said, code in sets["goal-type"].items() if code.key == GOAL_TYPE}
    contacts = caresocial.below(caresocial.CONTACT)
    if after_transition:
        contacts = {code: contacts[code] for code in (caresocial.FOLLOW_UP, caresocial.PERFORMED)}
    goals, measures = caresocial.below(caresocial.GOAL), caresocial.below(caresocial.MEASURE)
    return Sets({
        **sets,
        "encounter-types": _plain(CARE, contacts),
        "follow-up-type": _plain(CARE, {caresocial.FOLLOW_UP: contacts[caresocial.FOLLOW_UP]}),
        "delivery-types": _plain(CARE, caresocial.below(caresocial.DELIVERY)),
        "goal-types": _plain(CARE, goals),
        "condition-goal": _plain(CARE, {caresocial.CONDITION_GOAL: goals[caresocial.CONDITION_GOAL]}),
        "measures": _plain(CARE, measures),
        "function-level": _plain(CARE, {caresocial.FUNCTION_LEVEL: measures[caresocial.FUNCTION_LEVEL]}),
        "encounter-classes": _plain(CARE, caresocial.below(caresocial.CONTACT_CLASS))
        | _words(f"{HL7}/v3-ActCode", "AMB EMER FLD HH IMP ACUTE NONACUTE OBSENC PRENC SS VR"),
        "home-visit": _words(f"{HL7}/v3-ActCode", "HH"),
        "clinical-status": _words(f"{HL7}/condition-clinical", "active recurrence relapse inactive remission resolved"),
        "verification-status": _words(
            f"{HL7}/condition-ver-status",
            "unconfirmed provisional differential confirmed refuted entered-in-error",
        ),
        "follow-up": _words("http://snomed.info/sct", "712744002"),
    })  # fmt: skip


def _fsiii(concepts: Iterable[Concept], catalogue: Catalogue, uuid_only: bool) -> ValueSet:
    found: ValueSet = {}
    for each in concepts:
        level = each.level if each.kind is Kind.SEVERITY else None
        code = Code(each.key, each.name, each.kind, _area(each, catalogue), level)
        for said in (each.key,) if uuid_only else (each.key, each.legacy):
            found.update({(system, said): code for system in FSIII if said})
    return found


def _area(concept: Concept, catalogue: Catalogue) -> Area:
    """The law area of a concept, by where it stands."""
    match concept.kind:
        case Kind.HEALTH_CONDITION | Kind.HEALTH_AREA:
            return Area.HEALTH
        case (
            Kind.FUNCTION_CONDITION
            | Kind.FUNCTION_AREA
            | Kind.OWN_PERFORMANCE_QUESTION
            | Kind.OWN_MEANING_QUESTION
            | Kind.OWN_PERFORMANCE
            | Kind.OWN_MEANING
        ):
            return Area.FUNCTION
        case Kind.INTERVENTION:
            group = catalogue.find(concept.parent, Kind.LAW_GROUP)
            if concept.parent in ADMIN or (group is not None and group.name == "0-ydelser"):
                return Area.ADMIN
            return {Law.HEALTH: Area.HEALTH, Law.SERVICE: Area.SERVICE, Law.ELDERLY: Area.ELDERLY}.get(
                concept.law, Area.NONE
            )
        case _:
            return Area.NONE


def _plain(systems: tuple[str, ...], names: dict[str, str]) -> ValueSet:
    return {(system, code): Code(code, name) for code, name in names.items() for system in systems}


def _words(system: str, words: str) -> ValueSet:
    """A set of an international code list, whose names are not ours to judge."""
    return {(system, word): Code(word, "") for word in words.split()}
