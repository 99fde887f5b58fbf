"""The elements of FHIR R4 (4.0.1) resources and data types that our documents are made of. Pure: imports no Django.

One line a type: `name:type`, `*` may repeat, `!` required, `+` required and may repeat, `[x]` a choice of types.
Source: hl7.org/fhir/R4 definitions. A resource type that is not here is passed through unchecked.
"""

from dataclasses import dataclass

from fhir import care_elements

RESOURCES = """
Bundle: identifier:Identifier type!:code timestamp:instant total:unsignedInt link*:Bundle.link entry*:Bundle.entry \
 signature:Signature
Binary: contentType!:code securityContext:Reference data:base64Binary
"""
DOMAIN_RESOURCES = """
Composition: identifier:Identifier status!:code type!:CodeableConcept category*:CodeableConcept subject:Reference \
 encounter:Reference date!:dateTime author+:Reference title!:string confidentiality:code \
 attester*:Composition.attester custodian:Reference relatesTo*:Composition.relatesTo event*:Composition.event \
 section*:Composition.section
Observation: identifier*:Identifier basedOn*:Reference partOf*:Reference status!:code category*:CodeableConcept \
 code!:CodeableConcept subject:Reference focus*:Reference encounter:Reference \
 effective[x]:dateTime|Period|Timing|instant issued:instant performer*:Reference \
 value[x]:Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period \
 dataAbsentReason:CodeableConcept interpretation*:CodeableConcept note*:Annotation bodySite:CodeableConcept \
 method:CodeableConcept specimen:Reference device:Reference referenceRange*:Observation.referenceRange \
 hasMember*:Reference derivedFrom*:Reference component*:Observation.component
Patient: identifier*:Identifier active:boolean name*:HumanName telecom*:ContactPoint gender:code birthDate:date \
 deceased[x]:boolean|dateTime address*:Address maritalStatus:CodeableConcept multipleBirth[x]:boolean|integer \
 photo*:Attachment contact*:Patient.contact communication*:Patient.communication generalPractitioner*:Reference \
 managingOrganization:Reference link*:Patient.link
Organization: identifier*:Identifier active:boolean type*:CodeableConcept name:string alias*:string \
 telecom*:ContactPoint address*:Address partOf:Reference contact*:Organization.contact endpoint*:Reference
Practitioner: identifier*:Identifier active:boolean name*:HumanName telecom*:ContactPoint address*:Address gender:code \
 birthDate:date photo*:Attachment qualification*:Practitioner.qualification communication*:CodeableConcept
PractitionerRole: identifier*:Identifier active:boolean period:Period practitioner:Reference organization:Reference \
 code*:CodeableConcept specialty*:CodeableConcept location*:Reference healthcareService*:Reference \
 telecom*:ContactPoint availableTime*:PractitionerRole.availableTime notAvailable*:PractitionerRole.notAvailable \
 availabilityExceptions:string endpoint*:Reference
DocumentReference: masterIdentifier:Identifier identifier*:Identifier status!:code docStatus:code type:CodeableConcept \
 category*:CodeableConcept subject:Reference date:instant author*:Reference authenticator:Reference \
 custodian:Reference relatesTo*:DocumentReference.relatesTo description:string securityLabel*:CodeableConcept \
 content+:DocumentReference.content context:DocumentReference.context
List: identifier*:Identifier status!:code mode!:code title:string code:CodeableConcept subject:Reference \
 encounter:Reference date:dateTime source:Reference orderedBy:CodeableConcept note*:Annotation entry*:List.entry \
 emptyReason:CodeableConcept
"""
BACKBONES = """
Bundle.link: relation!:string url!:uri
Bundle.entry: link*:Bundle.link fullUrl:uri resource:Resource search:Bundle.entry.search \
 request:Bundle.entry.request response:Bundle.entry.response
Bundle.entry.search: mode:code score:decimal
Bundle.entry.request: method!:code url!:uri ifNoneMatch:string ifModifiedSince:instant ifMatch:string \
 ifNoneExist:string
Bundle.entry.response: status!:string location:uri etag:string lastModified:instant outcome:Resource
Composition.attester: mode!:code time:dateTime party:Reference
Composition.relatesTo: code!:code target[x]!:Identifier|Reference
Composition.event: code*:CodeableConcept period:Period detail*:Reference
Composition.section: title:string code:CodeableConcept author*:Reference focus:Reference text:Narrative mode:code \
 orderedBy:CodeableConcept entry*:Reference emptyReason:CodeableConcept section*:Composition.section
Observation.referenceRange: low:Quantity high:Quantity type:CodeableConcept appliesTo*:CodeableConcept age:Range \
 text:string
Observation.component: code!:CodeableConcept \
 value[x]:Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period \
 dataAbsentReason:CodeableConcept interpretation*:CodeableConcept referenceRange*:Observation.referenceRange
Patient.contact: relationship*:CodeableConcept name:HumanName telecom*:ContactPoint address:Address gender:code \
 organization:Reference period:Period
Patient.communication: language!:CodeableConcept preferred:boolean
Patient.link: other!:Reference type!:code
Organization.contact: purpose:CodeableConcept name:HumanName telecom*:ContactPoint address:Address
Practitioner.qualification: identifier*:Identifier code!:CodeableConcept period:Period issuer:Reference
PractitionerRole.availableTime: daysOfWeek*:code allDay:boolean availableStartTime:time availableEndTime:time
PractitionerRole.notAvailable: description!:string during:Period
DocumentReference.relatesTo: code!:code target!:Reference
DocumentReference.content: attachment!:Attachment format:Coding
DocumentReference.context: encounter*:Reference event*:CodeableConcept period:Period facilityType:CodeableConcept \
 practiceSetting:CodeableConcept sourcePatientInfo:Reference related*:Reference
List.entry: flag:CodeableConcept deleted:boolean date:dateTime item!:Reference
Timing: event*:dateTime repeat:Timing.repeat code:CodeableConcept
"""
DATA_TYPES = """
Extension: url!:uri \
 value[x]:base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|positiveInt|string|\
time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|CodeableConcept|Coding|ContactPoint|Count|Distance|\
Duration|HumanName|Identifier|Money|Period|Quantity|Range|Ratio|Reference|SampledData|Signature|Timing|ContactDetail|\
Contributor|DataRequirement|Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Dosage|Meta
Meta: versionId:id lastUpdated:instant source:uri profile*:canonical security*:Coding tag*:Coding
Narrative: status!:code div!:xhtml
Identifier: use:code type:CodeableConcept system:uri value:string period:Period assigner:Reference
CodeableConcept: coding*:Coding text:string
Coding: system:uri version:string code:code display:string userSelected:boolean
Reference: reference:string type:uri identifier:Identifier display:string
Period: start:dateTime end:dateTime
HumanName: use:code text:string family:string given*:string prefix*:string suffix*:string period:Period
ContactPoint: system:code value:string use:code rank:positiveInt period:Period
Address: use:code type:code text:string line*:string city:string district:string state:string postalCode:string \
 country:string period:Period
Attachment: contentType:code language:code data:base64Binary url:url size:unsignedInt hash:base64Binary title:string \
 creation:dateTime
Annotation: author[x]:Reference|string time:dateTime text!:markdown
Quantity: value:decimal comparator:code unit:string system:uri code:code
Range: low:Quantity high:Quantity
Ratio: numerator:Quantity denominator:Quantity
SampledData: origin!:Quantity period!:decimal factor:decimal lowerLimit:decimal upperLimit:decimal \
 dimensions!:positiveInt data:string
Signature: type+:Coding when!:instant who!:Reference onBehalfOf:Reference targetFormat:code sigFormat:code \
 data:base64Binary
Timing.repeat: bounds[x]:Duration|Range|Period count:positiveInt countMax:positiveInt duration:decimal \
 durationMax:decimal durationUnit:code frequency:positiveInt frequencyMax:positiveInt period:decimal \
 periodMax:decimal periodUnit:code dayOfWeek*:code timeOfDay*:time when*:code offset:unsignedInt
"""
OF_ELEMENT = "extension*:Extension"
OF_BACKBONE = f"{OF_ELEMENT} modifierExtension*:Extension"
OF_RESOURCE = "id:id meta:Meta implicitRules:uri language:code"
OF_DOMAIN_RESOURCE = f"{OF_RESOURCE} text:Narrative contained*:Resource {OF_BACKBONE}"


@dataclass(frozen=True, slots=True)
class Element:
    """One JSON property of a type: `path` is its FHIRPath name (`effective` for `effectivePeriod`)."""

    name: str
    type: str
    many: bool
    required: bool
    path: str
    rule: str
    """`Period.start`: the element as R4's definitions call it."""
    primitive: bool


def _elements(words: str, holder: str) -> dict[str, Element]:
    """The properties that one line of the table describes, by JSON name; a choice gives one a type."""
    found: dict[str, Element] = {}
    for word in words.split():
        name, types = word.split(":")
        many, required = name[-1] in "*+", name[-1] in "!+"
        name = name.rstrip("*!+")
        for type_ in types.split("|"):
            json_name = name[:-3] + type_[0].upper() + type_[1:] if name.endswith("[x]") else name
            path = name.removesuffix("[x]")
            rule, primitive = f"{holder}.{path}", type_[0].islower()
            found[json_name] = Element(json_name, type_, many, required, path, rule, primitive)
    return found


def _table(lines: str, inherited: str) -> dict[str, dict[str, Element]]:
    return {
        type_: _elements(f"{inherited} {words}", type_)
        for type_, words in (line.split(": ", 1) for line in lines.strip().splitlines())
    }


ELEMENTS = {
    **_table(RESOURCES, OF_RESOURCE),
    **_table(DOMAIN_RESOURCES, OF_DOMAIN_RESOURCE),
    **_table(care_elements.RESOURCES, OF_DOMAIN_RESOURCE),
    **_table(BACKBONES, f"id:string {OF_BACKBONE}"),
    **_table(care_elements.BACKBONES, f"id:string {OF_BACKBONE}"),
    **_table(DATA_TYPES, f"id:string {OF_ELEMENT}"),
}
"""Type → its properties by JSON name."""

ELEMENTS["Element"] = _elements(f"id:string {OF_ELEMENT}", "Element")
ELEMENTS["DomainResource"] = _elements(OF_DOMAIN_RESOURCE, "DomainResource")
for alias in ("Age", "Count", "Distance", "Duration"):
    ELEMENTS[alias] = ELEMENTS["Quantity"]

DOMAIN = frozenset(
    line.split(":", 1)[0]
    for lines in (DOMAIN_RESOURCES, care_elements.RESOURCES)
    for line in lines.strip().splitlines()
)
"""The resource types here that carry a narrative."""

REQUIRED = {
    type_: tuple(
        (path, tuple(e.name for e in elements.values() if e.path == path))
        for path in dict.fromkeys(e.path for e in elements.values() if e.required)
    )
    for type_, elements in ELEMENTS.items()
}
"""Type → its required elements: the FHIRPath name, and the JSON names it can take."""

CHOICES = {
    type_: {
        path: tuple(e.name for e in elements.values() if e.path == path)
        for path in dict.fromkeys(e.path for e in elements.values() if e.path != e.name)
    }
    for type_, elements in ELEMENTS.items()
}
"""Type → FHIRPath name of a choice → the JSON names it can take."""
