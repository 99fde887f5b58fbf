"""The KL Gateway profiles as tables: every element that each allows, and those it prohibits. Pure: imports no Django.

Source: hl7dk/kl-gateway 1.2.0 on FHIR R4 4.0.1 (EOJ.md §2 and §4). A line is an element below its resource (`*` it is a
list in JSON), how often it occurs, its type, and, two spaces apart: `= value` it is fixed · `in set` its code is one of
a value set (`eoj.bindings`) · `is set` its coding is fixed · `-> profile` what it refers to · `by name value` it is the
slice whose values have that system or url · `of words` it is one of base FHIR's codes · `as rule` the profile and
element that name its rules. A line with `-` lists what is prohibited; elements in neither do not exist.
"""

CPR, SOR = "urn:oid:1.2.208.176.1.2", "urn:oid:1.2.208.176.1.1"

REPORT, INCREMENTAL = "klgateway-care-delivery-report", "klgateway-care-incremental-delivery"
CITIZEN, CONDITION, GOAL = "klgateway-care-citizen", "klgateway-care-condition", "klgateway-care-goal"
PLANNED, COMPLETED = "klgateway-care-planned-intervention", "klgateway-care-completed-intervention"
ENCOUNTER, GENERAL_ENCOUNTER = "klgateway-care-encounter", "klgateway-care-general-encounter"
FOLLOW_UP = "klgateway-care-follow-up-observation"
MATTER_OF_INTEREST = "klgateway-care-matter-of-interest-observation"
OWN_OBSERVATION = "klgateway-care-citizens-own-observation"
FOLLOW_UP_EXTENSION = "klgateway-care-follow-up-encounter-extension"
AT_RISK_EXTENSION = "klgateway-care-finding-context-at-risk-extension"
BASED_ON_EXTENSION, DELIVERY_EXTENSION = "BasedOnInterventionExtension", "DeliveryType"

BASES = tuple(
    f"{base}/StructureDefinition/"
    for base in (
        "http://fhir.kl.dk/gateway",
        "http://gateway.kl.dk/1.0",
        "http://municipality-care-data.gateway.kl.dk/1.0",
        "http://municipality-healthcare-data.gateway.kl.dk/1.0",
    )
)
"""Where the profiles have been published: now, before 1.1.0, and the two guides for outgoing data (P-13)."""

_BUNDLE = """
type  1..1  code  = collection
timestamp  1..1  instant
entry*  0..*  BackboneElement
entry.fullUrl  0..1  uri
entry.link*  0..*  Bundle.link
entry.resource  1..1  Resource
- identifier total link* signature entry.search entry.request entry.response
"""
_SUBJECT = f"subject  1..1  Reference  -> {CITIZEN}"
_PERIOD = """
period  1..1  Period
period.start  1..1  dateTime
"""
_PLAIN = "- {0}.version {0}.display {0}.userSelected"
_FOLLOW_UP_ENCOUNTER = f"""
extension:followUpEncounter*  0..1  Extension  by url {FOLLOW_UP_EXTENSION}  as {FOLLOW_UP_EXTENSION}:Extension
extension:followUpEncounter.value[x]  1..1  Reference  -> {ENCOUNTER}
- extension:followUpEncounter.extension*
"""


def _intervention(code: str) -> str:
    """The two levels of an intervention's code: the shared language's, and the municipality's own."""
    return f"""
{code}  1..1  CodeableConcept
{code}.coding  1..*  Coding
{code}.coding:level2  1..1  Coding  by system fsiii  in interventions
{code}.coding:level2.system  1..1  uri
{code}.coding:level3  0..1  Coding  by system local
{code}.coding:level3.system  1..1  uri
{code}.coding:level3.code  1..1  code
{code}.coding:level3.display  1..1  string
"""


_CITIZEN = f"""
identifier*  1..1  Identifier
identifier:cpr  1..1  Identifier  by system {CPR}
identifier:cpr.use  0..1  code  = official
identifier:cpr.value  1..1  string
identifier:x-ecpr  0..0  Identifier  by system urn:oid:1.2.208.176.1.6.1.1
active  0..1  boolean
deceased[x]:deceasedBoolean  0..1  boolean
deceased[x]:deceasedDateTime  0..0  dateTime
managingOrganization  1..1  Reference
managingOrganization.identifier  1..1  Identifier
managingOrganization.identifier.use  0..1  code  = official
managingOrganization.identifier.system  1..1  uri  = {SOR}
managingOrganization.identifier.value  1..1  string
- managingOrganization.reference managingOrganization.type managingOrganization.display
- name* telecom* gender birthDate address* maritalStatus multipleBirth[x] photo* contact* communication*
- generalPractitioner* link*
"""
_CONDITION = f"""
{_FOLLOW_UP_ENCOUNTER}
clinicalStatus  0..1  CodeableConcept  in clinical-status
clinicalStatus.coding  1..1  Coding
{_PLAIN.format("clinicalStatus.coding")} clinicalStatus.text
verificationStatus  0..1  CodeableConcept  in verification-status
verificationStatus.coding  1..1  Coding
{_PLAIN.format("verificationStatus.coding")} verificationStatus.text
category*  0..1  CodeableConcept
category.coding  1..1  Coding
category.coding.code  0..1  code  = problem-list-item
{_PLAIN.format("category.coding")} category.text
severity  0..1  CodeableConcept  in severities
severity.coding  1..1  Coding
code  1..1  CodeableConcept  in conditions
code.coding  1..1  Coding
{_SUBJECT}
recordedDate  1..1  dateTime
- identifier* bodySite* encounter onset[x] abatement[x] recorder asserter stage* evidence* note*
"""
_PLANNED = f"""
{_FOLLOW_UP_ENCOUNTER}
status  1..1  code  of draft active on-hold revoked completed entered-in-error unknown
intent  1..1  code  = plan
{_SUBJECT}
{_PERIOD}
activity*  1..1  BackboneElement
activity.detail  1..1  BackboneElement
{_intervention("activity.detail.code")}
activity.detail.extension:deliveryType*  0..*  Extension  by url {DELIVERY_EXTENSION}  as {DELIVERY_EXTENSION}:Extension
activity.detail.extension:deliveryType.value[x]  0..1  CodeableConcept
activity.detail.extension:deliveryType.value[x].coding  0..*  Coding  in delivery-types  \
as {PLANNED}:CarePlan.activity.detail.extension:deliveryType.value[x].coding
- activity.detail.extension:deliveryType.extension*
activity.detail.reasonReference*  0..*  Reference  -> {CONDITION}
activity.detail.status  1..1  code  of not-started scheduled in-progress on-hold completed cancelled stopped unknown \
entered-in-error
- identifier* instantiatesCanonical* instantiatesUri* basedOn* replaces* partOf* category* title description encounter
- created author contributor* careTeam* addresses* supportingInfo* goal* note*
- activity.outcomeCodeableConcept* activity.outcomeReference* activity.progress* activity.reference
- activity.detail.kind activity.detail.instantiatesCanonical* activity.detail.instantiatesUri*
- activity.detail.reasonCode* activity.detail.goal* activity.detail.statusReason activity.detail.doNotPerform
- activity.detail.scheduled[x] activity.detail.location activity.detail.performer* activity.detail.product[x]
- activity.detail.dailyAmount activity.detail.quantity activity.detail.description
"""
_COMPLETED = f"""
status  1..1  code  of preparation in-progress not-done on-hold stopped completed entered-in-error unknown
{_intervention("code")}
{_SUBJECT}
performed[x]  1..1  dateTime
reasonReference*  0..*  Reference  -> {CONDITION}
- identifier* instantiatesCanonical* instantiatesUri* basedOn* partOf* statusReason category encounter recorder asserter
- performer* location reasonCode* bodySite* outcome report* complication* complicationDetail* followUp* note*
- focalDevice* usedReference* usedCode*
"""
_ENCOUNTER_STATUS = """
status  1..1  code  of planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown
- identifier* statusHistory* classHistory* serviceType priority episodeOfCare* basedOn* participant* appointment* length
- reasonCode* diagnosis* account* hospitalization location* serviceProvider partOf
"""
_ENCOUNTER = f"""
{_ENCOUNTER_STATUS}
class  1..1  Coding  is home-visit
{_PLAIN.format("class")}
type*  1..1  CodeableConcept  in encounter-types
type.coding  1..1  Coding  is follow-up-type
{_PLAIN.format("type.coding")} type.text
{_SUBJECT}
{_PERIOD}
- period.end reasonReference*
"""
_GENERAL_ENCOUNTER = f"""
extension:basedOnIntervention*  0..*  Extension  by url {BASED_ON_EXTENSION}  as {BASED_ON_EXTENSION}:Extension
extension:basedOnIntervention.value[x]  1..1  Reference  -> {PLANNED}
- extension:basedOnIntervention.extension*
{_ENCOUNTER_STATUS}
class  1..1  Coding  in encounter-classes
- class.version class.userSelected
type*  1..*  CodeableConcept  in encounter-types
type.coding  1..1  Coding
- type.coding.version type.coding.userSelected type.text
{_SUBJECT}
{_PERIOD}
reasonReference*  0..*  Reference  -> {CONDITION}
"""
_OBSERVATION = f"""
status  1..1  code  of registered preliminary final amended corrected cancelled entered-in-error unknown
{_SUBJECT}
effective[x]  1..1  dateTime
- identifier* basedOn* partOf* category* encounter issued performer* dataAbsentReason interpretation* note* bodySite
- method specimen device referenceRange* hasMember* derivedFrom* component*
"""
_FOLLOW_UP = f"""
{_OBSERVATION}
code  1..1  CodeableConcept
code.coding  1..1  Coding  is follow-up
focus*  1..*  Reference  -> {CONDITION} {PLANNED}
value[x]  1..1  CodeableConcept  in follow-up-results
"""
_MATTER_OF_INTEREST = f"""
extension:findingContextAtRisk*  0..*  Extension  by url {AT_RISK_EXTENSION}  as {AT_RISK_EXTENSION}:Extension
extension:findingContextAtRisk.value[x]  1..1  Coding  in conditions
- extension:findingContextAtRisk.extension*
{_OBSERVATION}
code  1..1  CodeableConcept
code.coding  1..1  Coding  in areas
value[x]  0..1  CodeableConcept  in not-relevant
- focus*
"""
_OWN_OBSERVATION = f"""
{_OBSERVATION}
code  1..1  CodeableConcept  in own-questions
code.coding  0..*  Coding
{_PLAIN.format("code.coding")} code.text
focus*  1..1  Reference  -> {CONDITION} {MATTER_OF_INTEREST}
value[x]  1..1  CodeableConcept  in own-answers
value[x].coding  0..*  Coding
{_PLAIN.format("value[x].coding")} value[x].text
"""
_GOAL = f"""
lifecycleStatus  1..1  code  of proposed planned accepted active on-hold completed cancelled entered-in-error rejected
category*  1..1  CodeableConcept  in goal-types
category.coding  1..1  Coding  is condition-goal
- category.coding.version category.coding.userSelected category.text
description  1..1  CodeableConcept
description.coding  1..1  Coding  is goal-type
{_SUBJECT}
start[x]  1..1  date
target*  1..1  BackboneElement
target.measure  1..1  CodeableConcept  in measures
target.measure.coding  1..1  Coding  is function-level
- target.measure.coding.version target.measure.coding.userSelected target.measure.text
target.detail[x]  0..1  CodeableConcept  in severities
target.due[x]  0..1  date|Duration
addresses*  1..1  Reference  -> {CONDITION}
- identifier* achievementStatus priority statusDate statusReason expressedBy note* outcomeCode* outcomeReference*
"""

BUNDLES = {REPORT: _BUNDLE, INCREMENTAL: _BUNDLE}
"""The two Bundles: a report's entries are resources, those of an incremental delivery are reports."""
PROFILES = {
    CITIZEN: ("Patient", _CITIZEN),
    CONDITION: ("Condition", _CONDITION),
    PLANNED: ("CarePlan", _PLANNED),
    COMPLETED: ("Procedure", _COMPLETED),
    ENCOUNTER: ("Encounter", _ENCOUNTER),
    GENERAL_ENCOUNTER: ("Encounter", _GENERAL_ENCOUNTER),
    FOLLOW_UP: ("Observation", _FOLLOW_UP),
    MATTER_OF_INTEREST: ("Observation", _MATTER_OF_INTEREST),
    OWN_OBSERVATION: ("Observation", _OWN_OBSERVATION),
    GOAL: ("Goal", _GOAL),
}
"""Profile → resource type and table."""
TRANSITIONAL = {ENCOUNTER, MATTER_OF_INTEREST, OWN_OBSERVATION}
"""Profiles that reports no longer have after the transition (EOJ.md §9)."""
