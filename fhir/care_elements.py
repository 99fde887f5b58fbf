"""The elements of FHIR R4 (4.0.1) that municipal care is reported in, in the notation of `fhir.elements`. Pure."""

RESOURCES = """
Condition: identifier*:Identifier clinicalStatus:CodeableConcept verificationStatus:CodeableConcept \
 category*:CodeableConcept severity:CodeableConcept code:CodeableConcept bodySite*:CodeableConcept subject!:Reference \
 encounter:Reference onset[x]:dateTime|Age|Period|Range|string abatement[x]:dateTime|Age|Period|Range|string \
 recordedDate:dateTime recorder:Reference asserter:Reference stage*:Condition.stage evidence*:Condition.evidence \
 note*:Annotation
CarePlan: identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri basedOn*:Reference \
 replaces*:Reference partOf*:Reference status!:code intent!:code category*:CodeableConcept title:string \
 description:string subject!:Reference encounter:Reference period:Period created:dateTime author:Reference \
 contributor*:Reference careTeam*:Reference addresses*:Reference supportingInfo*:Reference goal*:Reference \
 activity*:CarePlan.activity note*:Annotation
Goal: identifier*:Identifier lifecycleStatus!:code achievementStatus:CodeableConcept category*:CodeableConcept \
 priority:CodeableConcept description!:CodeableConcept subject!:Reference start[x]:date|CodeableConcept \
 target*:Goal.target statusDate:date statusReason:string expressedBy:Reference addresses*:Reference note*:Annotation \
 outcomeCode*:CodeableConcept outcomeReference*:Reference
Procedure: identifier*:Identifier instantiatesCanonical*:canonical instantiatesUri*:uri basedOn*:Reference \
 partOf*:Reference status!:code statusReason:CodeableConcept category:CodeableConcept code:CodeableConcept \
 subject!:Reference encounter:Reference performed[x]:dateTime|Period|string|Age|Range recorder:Reference \
 asserter:Reference performer*:Procedure.performer location:Reference reasonCode*:CodeableConcept \
 reasonReference*:Reference bodySite*:CodeableConcept outcome:CodeableConcept report*:Reference \
 complication*:CodeableConcept complicationDetail*:Reference followUp*:CodeableConcept note*:Annotation \
 focalDevice*:Procedure.focalDevice usedReference*:Reference usedCode*:CodeableConcept
Encounter: identifier*:Identifier status!:code statusHistory*:Encounter.statusHistory class!:Coding \
 classHistory*:Encounter.classHistory type*:CodeableConcept serviceType:CodeableConcept priority:CodeableConcept \
 subject:Reference episodeOfCare*:Reference basedOn*:Reference participant*:Encounter.participant \
 appointment*:Reference period:Period length:Duration reasonCode*:CodeableConcept reasonReference*:Reference \
 diagnosis*:Encounter.diagnosis account*:Reference hospitalization:Encounter.hospitalization \
 location*:Encounter.location serviceProvider:Reference partOf:Reference
"""
BACKBONES = """
Condition.stage: summary:CodeableConcept assessment*:Reference type:CodeableConcept
Condition.evidence: code*:CodeableConcept detail*:Reference
CarePlan.activity: outcomeCodeableConcept*:CodeableConcept outcomeReference*:Reference progress*:Annotation \
 reference:Reference detail:CarePlan.activity.detail
CarePlan.activity.detail: kind:code instantiatesCanonical*:canonical instantiatesUri*:uri code:CodeableConcept \
 reasonCode*:CodeableConcept reasonReference*:Reference goal*:Reference status!:code statusReason:CodeableConcept \
 doNotPerform:boolean scheduled[x]:Timing|Period|string location:Reference performer*:Reference \
 product[x]:CodeableConcept|Reference dailyAmount:Quantity quantity:Quantity description:string
Goal.target: measure:CodeableConcept detail[x]:Quantity|Range|CodeableConcept|string|boolean|integer|Ratio \
 due[x]:date|Duration
Procedure.performer: function:CodeableConcept actor!:Reference onBehalfOf:Reference
Procedure.focalDevice: action:CodeableConcept manipulated!:Reference
Encounter.statusHistory: status!:code period!:Period
Encounter.classHistory: class!:Coding period!:Period
Encounter.participant: type*:CodeableConcept period:Period individual:Reference
Encounter.diagnosis: condition!:Reference use:CodeableConcept rank:positiveInt
Encounter.hospitalization: preAdmissionIdentifier:Identifier origin:Reference admitSource:CodeableConcept \
 reAdmission:CodeableConcept dietPreference*:CodeableConcept specialCourtesy*:CodeableConcept \
 specialArrangement*:CodeableConcept destination:Reference dischargeDisposition:CodeableConcept
Encounter.location: location!:Reference status:code physicalType:CodeableConcept period:Period
"""
