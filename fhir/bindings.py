"""Codes that FHIR R4 binds as required, for the elements our documents use. Pure: imports no Django.

Source: hl7.org/fhir/R4, the value sets that the elements name; `<type>.<element>` → the codes.
"""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GENDER = _codes("male female other unknown")
_OBSERVATION = _codes("registered preliminary final amended corrected cancelled entered-in-error unknown")

BINDINGS: dict[str, frozenset[str]] = {
    "Bundle.type": _codes(
        "document message transaction transaction-response batch batch-response history searchset collection"
    ),
    "Bundle.entry.search.mode": _codes("match include outcome"),
    "Bundle.entry.request.method": _codes("GET HEAD POST PUT DELETE PATCH"),
    "Composition.status": _codes("preliminary final amended entered-in-error"),
    "Composition.confidentiality": _codes("U L M N R V"),
    "Composition.attester.mode": _codes("personal professional legal official"),
    "Composition.relatesTo.code": _codes("replaces transforms signs appends"),
    "Composition.section.mode": _codes("working snapshot changes"),
    "Observation.status": _OBSERVATION,
    "Patient.gender": _GENDER,
    "Patient.contact.gender": _GENDER,
    "Patient.link.type": _codes("replaced-by replaces refer seealso"),
    "Practitioner.gender": _GENDER,
    "PractitionerRole.availableTime.daysOfWeek": _codes("mon tue wed thu fri sat sun"),
    "Narrative.status": _codes("generated extensions additional empty"),
    "Identifier.use": _codes("usual official temp secondary old"),
    "HumanName.use": _codes("usual official temp nickname anonymous old maiden"),
    "ContactPoint.system": _codes("phone fax email pager url sms other"),
    "ContactPoint.use": _codes("home work temp old mobile"),
    "Address.use": _codes("home work temp old billing"),
    "Address.type": _codes("postal physical both"),
    "Quantity.comparator": _codes("< <= >= >"),
    "DocumentReference.status": _codes("current superseded entered-in-error"),
    "DocumentReference.docStatus": _codes("preliminary final amended entered-in-error"),
    "DocumentReference.relatesTo.code": _codes("replaces transforms signs appends"),
    "List.status": _codes("current retired entered-in-error"),
    "List.mode": _codes("working snapshot changes"),
}
