"""What MedCom's EKG profiles ask beyond base FHIR, as tables. Pure: imports no Django.

Source: the snapshots of EKG 2.0.0-trial-use-2026-04-28 and document 2.0.2 (1.x differs only in the version it names).
A line is an element below its resource, how often it occurs, and, two spaces apart, what else holds of it:
`= value` it is fixed · `~ value` it has a pattern · `-> Type` what it refers to · `max n` characters ·
`by name value` the slice is the values whose element `name` is `value` · `!error`, `!refused` what breaking it means.
Base FHIR's own cardinalities are in `fhir.elements`; who the patient is, is decided in `ekg.identity`.
"""

ATTACHMENT = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-observation-value-attachment-extension"
PROFILE = "http://medcomfhir.dk/ig/ekg/StructureDefinition/medcom-ekg-recording-composition"
SOR = "urn:oid:1.2.208.176.1.1"
CPR = "urn:oid:1.2.208.176.1.2"
LOINC, EKG_STUDY = "http://loinc.org", "11524-6"
TITLE = "Elektrokardiogram-12-aflednings"
CLASS_CODES = "http://medcomfhir.dk/ig/xdsmetadata/CodeSystem/MedCom-ihe-classcode-CS"

BUNDLE = """
id  1..1
identifier  1..1
type  1..1  ~ document  !refused
timestamp  1..1
entry  1..*  !refused
entry.fullUrl  1..1
entry.resource  1..1
"""
COMPOSITION = f"""
id  1..1
meta  1..1
meta.profile  1..1
language  1..1  = da
text  1..1
identifier  1..1
identifier.system  1..1
identifier.value  1..1
status  1..1  ~ final
type.coding  1..1
type.coding.system  1..1  = {LOINC}
type.coding.code  1..1  = {EKG_STUDY}
type.coding.display  1..1  = EKG study
category  1..1
category.coding  1..1
category.coding.system  1..1  ~ {CLASS_CODES}
category.coding.code  1..1  ~ 001
category.coding.display  1..1  ~ Klinisk rapport
subject  1..1  -> Patient  !refused
author  1..2  -> Organization Practitioner PractitionerRole
author:institution  1..1  -> Organization
title  1..1  = {TITLE}
confidentiality  1..1  = N
attester  0..1
attester.party  0..1  -> Practitioner
event  1..1
event.period  1..1
event.period.start  1..1
section  1..*
section.entry  1..*  -> Observation
"""
OBSERVATION_CODES = {
    "SNOMEDCT": "http://snomed.info/sct",
    "NPU": "http://npu-terminology.org",
    "IEEE": "urn:iso:std:iso:11073:10101",
    "MedCom": "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-observation-codes",
    "SKS": "urn:oid:1.2.208.176.2.4",
}


def _codes(element: str, codes: dict[str, str]) -> str:
    """The slices of a CodeableConcept's codings by system: each at most once, each with a code."""
    return "\n".join(
        f"{element}.coding:{name}  0..1  by system {system}\n{element}.coding:{name}.code  1..1"
        for name, system in codes.items()
    )


OBSERVATION = f"""
id  1..1
text  1..1
extension  1..*
extension:valueAttachment  1..1  by url {ATTACHMENT}  !error
extension:valueAttachment.extension  0..0
extension:valueAttachment.value[x]  1..1  as Attachment  !error
extension:valueAttachment.value[x].contentType  1..1  = application/pdf
extension:valueAttachment.value[x].data  1..1  !error
extension:valueAttachment.value[x].title  1..1  ~ {TITLE}
identifier  1..1
identifier.system  1..1
identifier.value  1..1
status  1..1  ~ final
code.coding  1..*
code.coding:LOINC  1..1  by system {LOINC}
code.coding:LOINC.code  1..1  = {EKG_STUDY}
code.coding:LOINC.display  1..1  = EKG study
{_codes("code", OBSERVATION_CODES)}
subject  1..1  -> Patient  !refused
effective[x]  1..1  as dateTime Period
effective[x]:effectivePeriod.start  1..1
performer  1..1  -> Organization
value[x]:valueQuantity.system  0..1  ~ http://unitsofmeasure.org
note  0..1
note.text  1..1  max 1024
method.coding:SCTCode  0..1  by system http://snomed.info/sct|http://snomed.info/sct/554471000005108
{_codes("component.code", {"LOINC": LOINC, **OBSERVATION_CODES})}
component.value[x]:valueQuantity.system  0..1  ~ http://unitsofmeasure.org
"""
PATIENT = f"""
id  1..1
text  1..1
identifier  1..1
identifier:cpr  1..1  by system {CPR}  !refused
identifier:cpr.use  0..1  = official
identifier:cpr.value  1..1  max 10  !refused
identifier:x-ecpr  0..0  by system urn:oid:1.2.208.176.1.6.1.1
identifier:x-ecpr.use  0..1  = temp
identifier:x-ecpr.value  1..1  max 10
name  1..1
name:official  1..1  by use official
name:official.family  1..1
name:official.given  1..*
gender  1..1
birthDate  1..1
address.extension:municipalityCode  0..1  by url http://hl7.dk/fhir/core/StructureDefinition/dk-core-municipalityCodes
address.extension:regionalSubDivisionCodes  0..1  by url \
http://hl7.dk/fhir/core/StructureDefinition/dk-core-RegionalSubDivisionCodes
address.extension:address-official  0..1  by url http://hl7.org/fhir/StructureDefinition/address-official
"""
ORGANIZATION = f"""
id  1..1
text  1..1
identifier  1..*
identifier:SOR-ID  1..1  by system {SOR}
identifier:SOR-ID.use  0..1  = official
identifier:SOR-ID.value  1..1
identifier:KOMBIT-ORG-ID  0..1  by system https://kombit.dk/sts/organisation
identifier:Ydernummer  0..1  by system urn:oid:1.2.208.176.1.4
identifier:Ydernummer.value  1..1
identifier:CVR-ID  0..1  by system urn:oid:2.16.840.1.113883.2.24.1.1
identifier:Kommunekode  0..1  by system http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes
identifier:Kommunekode.value  1..1
identifier:Regionskode  0..1  by system http://hl7.dk/fhir/core/CodeSystem/dk-core-regional-subdivision-codes
identifier:Regionskode.value  1..1
name  1..1
"""
PRACTITIONER = """
id  1..1
text  1..1
identifier  1..1
identifier.system  1..1
identifier.value  1..1
name  1..*
name.family  1..1
name.given  1..*
"""
PRACTITIONER_ROLE = """
id  1..1
text  1..1
identifier  1..1
identifier.system  1..1
identifier.value  1..1
practitioner  0..1  -> Practitioner
organization  1..1  -> Organization
code.coding.system  1..1
code.coding.code  1..1
"""
PROFILES = {
    "Bundle": ("medcom-ekg-recording-bundle", BUNDLE),
    "Composition": ("medcom-ekg-recording-composition", COMPOSITION),
    "Observation": ("medcom-ekg-recording-observation", OBSERVATION),
    "Patient": ("medcom-document-patient", PATIENT),
    "Organization": ("medcom-document-organization", ORGANIZATION),
    "Practitioner": ("medcom-document-practitioner", PRACTITIONER),
    "PractitionerRole": ("medcom-document-practitionerrole", PRACTITIONER_ROLE),
}
"""Resource type → the profile that binds it, and its table."""
