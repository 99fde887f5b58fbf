"""What breaks each constraint of a profile."""

from collections.abc import Callable
from typing import Any

from ekg.tests.breaking import Constraint, Place, Unbreakable
from ekg.tests.specimen import Json, Specimen

Breaker = Callable[[Place], None]


def broken(specimen: Specimen, constraint: Constraint, elements: dict[str, Json]) -> Place:
    """Break one constraint of the specimen; raises Unbreakable when no document can."""
    place = Place(specimen, constraint.element, elements)
    match constraint.kind:
        case "min":
            place.all()
            place.remove()
        case "max":
            place.multiply(constraint.value + 1) if constraint.value else place.all()
        case "fixed" | "pattern":
            place.all()
            place.replace("noget-andet")
        case "maxLength":
            place.all()
            place.replace("1" * (constraint.value + 1))
        case "ele-1":
            place.all()
            place.replace("" if place.element.primitive else {})
        case "ext-1":
            place.replace({"url": place.all()[0]["url"]})
        case key:
            INVARIANTS[key](place)
    return place


def _contained(**elements: Any) -> Breaker:
    def act(place: Place) -> None:
        place.resource["contained"] = [{"resourceType": "Organization", "id": "c", "name": "x", **elements}]
        place.resource.setdefault("extension", []).append(
            {"url": "http://example.org/x", "valueReference": {"reference": "#c"}}
        )

    return act


def _unused(place: Place) -> None:
    place.resource["contained"] = [{"resourceType": "Organization", "id": "c", "name": "x"}]


def _with(**elements: Any) -> Breaker:
    """Sets elements of the resource; None takes one away."""

    def act(place: Place) -> None:
        for name, value in elements.items():
            place.resource.pop(name, None)
            if value is not None:
                place.resource[name] = value

    return act


def _entry(**elements: Any) -> Breaker:
    def act(place: Place) -> None:
        place.specimen.tree["entry"][-1].update(elements)

    return act


def _said(value: Any) -> Breaker:
    def act(place: Place) -> None:
        place.all()
        place.replace(value)

    return act


def _unbreakable(reason: str) -> Breaker:
    def act(place: Place) -> None:
        raise Unbreakable(reason)

    return act


DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
TEXT = {"text": "x"}
QUANTITY = {"value": 1, "unit": "mV"}
STUDY = {"coding": [{"system": "http://loinc.org", "code": "11524-6", "display": "EKG study"}]}
MARITAL = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": c} for c in "PA"]}
INVARIANTS: dict[str, Breaker] = {
    "dom-2": _contained(contained=[{"resourceType": "Organization", "id": "d", "name": "x"}]),
    "dom-3": _unused,
    "dom-4": _contained(meta={"versionId": "1"}),
    "dom-5": _contained(meta={"security": [{"code": "x"}]}),
    "dom-6": _with(text=None),
    "txt-1": _said(DIV.format("<script>x</script>")),
    "txt-2": _said(DIV.format(" <p> </p>")),
    "bdl-1": _with(total=6),
    "bdl-2": _entry(search={"mode": "match"}),
    "bdl-3": _entry(request={"method": "GET", "url": "x"}),
    "bdl-4": _entry(response={"status": "200"}),
    "bdl-5": lambda place: place.specimen.tree["entry"].append({"fullUrl": "http://example.org/x"}),
    "bdl-7": lambda place: place.specimen.tree["entry"].append(place.specimen.tree["entry"][-1]),
    "bdl-8": _entry(fullUrl="http://example.org/Practitioner/x/_history/1"),
    "bdl-9": _with(identifier={"system": "urn:ietf:rfc:3986"}),
    "bdl-10": _with(timestamp=None),
    "bdl-11": lambda place: place.specimen.tree["entry"].reverse(),
    "bdl-12": _with(type="message"),
    "cmp-1": _with(section=[{"title": "x"}]),
    "cmp-2": lambda place: place.resource["section"][0].update(emptyReason=TEXT),
    "obs-3": _with(referenceRange=[{"type": TEXT}]),
    "obs-6": _with(valueString="x", dataAbsentReason=TEXT),
    "obs-7": _with(valueString="x", component=[{"code": STUDY, "valueString": "x"}]),
    "org-1": _with(identifier=None, name=None),
    "org-2": _with(address=[{"use": "home", "text": "x"}]),
    "org-3": _with(telecom=[{"use": "home", "system": "phone", "value": "1"}]),
    "pat-1": _with(contact=[{"gender": "female"}]),
    "cpr": _said("3102489996"),
    "min-digits-sor": _said("1234567890"),
    "medcom-document-bundle-id-uuid": _said("6f9e1c50"),
    "medcom-uuid": _said("urn:oid:1.2.3"),
    "medcom-canonical-semver": _said("http://example.org/profile"),
    "medcom-canonical-fixed-major": _said("http://example.org/profile|3.0"),
    "medcom-datetime-has-time-offset-zulu": _said("2026-03-12"),
    "medcom-core-practitionerrole-code-xor-text": lambda place: place.resource["code"].append(TEXT),
    "dk-core-organization-mandatory-identifier": _with(identifier=[{"system": "http://example.org", "value": "1"}]),
    "dk-core-observation-mandatory-units": _with(valueQuantity={"value": 1}),
    "marital-status-unknown-usage": _with(maritalStatus=MARITAL),
    "x-ecpr": _unbreakable("the expression asks for the value of a string"),
    "d-ecpr": _unbreakable("the expression asks for the value of a string"),
}
"""Key of an invariant → what breaks it."""
