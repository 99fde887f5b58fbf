"""Breaks a valid document at one element of a published StructureDefinition."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ekg.tests.specimen import ORGANIZATION, Json, Specimen, entry
from fhir.elements import CHOICES, ELEMENTS, REQUIRED, Element

PROFILES = (
    "medcom-ekg-recording-bundle",
    "medcom-ekg-recording-composition",
    "medcom-ekg-recording-observation",
    "medcom-document-patient",
    "medcom-document-organization",
    "medcom-document-practitioner",
    "medcom-document-practitionerrole",
)
PRIMITIVES = {
    "boolean": True, "integer": 1, "unsignedInt": 1, "positiveInt": 1, "decimal": 1.5, "base64Binary": "AAAA",
    "instant": "2026-03-12T09:10:00Z", "dateTime": "2026-03-12T09:10:00Z", "date": "2026-03-12", "time": "09:10:00",
    "oid": "urn:oid:1.2.3", "uuid": "urn:uuid:6f9e1c50-1d3a-4c1b-9b52-000000000099",
    "uri": "http://example.org/x", "url": "http://example.org/x", "canonical": "http://example.org/x|1.0",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
}  # fmt: skip
"""Primitive type → a value of it; "x" for the others."""
DISCRIMINATORS = {
    "Organization.identifier:KOMBIT-ORG-ID": "https://kombit.dk/sts/organisation",
    "Organization.identifier:CVR-ID": "urn:oid:2.16.840.1.113883.2.24.1.1",
}
"""Slices whose system only an invariant of the profile tells (dk-core-organization-mandatory-identifier)."""


@dataclass(frozen=True)
class Constraint:
    """One constraint of a snapshot: `kind` is min, max, fixed, pattern, maxLength, or the key of an invariant."""

    profile: str
    element: str
    kind: str
    value: Any = None


class Unbreakable(Exception):
    """There is no way to break this constraint in a document; says why."""


def snapshot(folder: Path, profile: str) -> dict[str, Json]:
    """The elements of a published profile, by id."""
    said = json.loads((folder / "profiles" / f"StructureDefinition-{profile}.json").read_text("utf-8"))
    return {element["id"]: element for element in said["snapshot"]["element"]}


def constraints(profile: str, elements: dict[str, Json]) -> Iterator[Constraint]:
    """Every constraint of a profile: cardinalities, fixed values, patterns, lengths, invariants."""
    for id_, element in elements.items():
        if "." in id_:
            if element["min"] > 0:
                yield Constraint(profile, id_, "min", element["min"])
            if element["max"] != "*":
                yield Constraint(profile, id_, "max", int(element["max"]))
        for key, value in element.items():
            if key.startswith(("fixed", "pattern")):
                yield Constraint(profile, id_, "fixed" if key.startswith("fixed") else "pattern", value)
        if "maxLength" in element:
            yield Constraint(profile, id_, "maxLength", element["maxLength"])
        for invariant in element.get("constraint", []):
            yield Constraint(profile, id_, invariant["key"])


class Place:
    """Where an element stands in a specimen: made there when it was not."""

    def __init__(self, specimen: Specimen, id_: str, elements: dict[str, Json]) -> None:
        self.specimen, self.elements = specimen, elements
        type_, *segments = re.findall(r"[^.:]+(?::[^.]+)?", id_)
        self.resource, self.path = _start(specimen, type_)
        self.resource_path = self.path
        self.holder, self.type = self.resource, type_
        walked = type_
        for segment in segments[:-1]:
            walked += f".{segment}"
            self._into(segment, walked)
        self.segment, self.id = segments[-1] if segments else "", id_
        if self.segment:
            self.name, self.slice = self._name(self.segment)
            self.element = self._element(self.name, self.slice)
            self.path += f".{self.element.path}"

    def _name(self, segment: str) -> tuple[str, str]:
        name, _, slice_ = segment.partition(":")
        return name, slice_

    def _element(self, name: str, slice_: str) -> Element:
        """The element as base FHIR has it; of a choice the sliced type, or the one that is there, or the first."""
        known = ELEMENTS[self.type]
        if not name.endswith("[x]"):
            return known[name]
        types = [key for key in CHOICES[self.type][name[:-3]] if key == slice_ or not slice_]
        if self.type == "Extension":
            return known["valueAttachment"]
        return known[next((key for key in types if key in self.holder), types[0])]

    def _into(self, segment: str, id_: str) -> None:
        name, slice_ = self._name(segment)
        element = self._element(name, slice_)
        items = self.items(element, slice_, id_)
        if not items:
            items = [self.put(element, slice_, id_)]
        self.path += f".{element.path}"
        self.holder, self.type = items[0], element.type
        if self.type == "Resource":
            raise Unbreakable("en ressource har sin egen profil")

    def items(self, element: Element, slice_: str, id_: str) -> list[Any]:
        """The values of an element that belong to the slice."""
        value = self.holder.get(element.name)
        found = value if isinstance(value, list) else [] if value is None else [value]
        kind, wanted = ("", None) if not slice_ or element.name == slice_ else self._discriminator(id_)
        if not kind:
            return found
        if kind == "author":
            return [one for one in found if one.get("reference", "").startswith("Organization/")]
        if kind == "resource":
            return [one for one in found if one["resource"]["resourceType"] == wanted]
        return [one for one in found if isinstance(one, dict) and one.get(kind) == wanted]

    def put(self, element: Element, slice_: str, id_: str) -> Any:
        """A minimal value of the element, in its slice."""
        made = minimal(element)
        if slice_ and element.name != slice_:
            kind, wanted = self._discriminator(id_)
            if kind:
                made[kind] = wanted
        self.holder.pop(f"_{element.name}", None)
        if element.many:
            self.holder.setdefault(element.name, []).append(made)
        else:
            for other in CHOICES[self.type].get(element.path, ()):
                self.holder.pop(other, None)
            self.holder[element.name] = made
        return made

    def _discriminator(self, id_: str) -> tuple[str, Any]:
        """What makes a value one of the slice, from the published snapshot; ("", None) when that does not say."""
        if id_ == "Composition.author:institution":
            return "author", None
        if id_.startswith("Bundle.entry:"):
            return "resource", "Composition"
        for name in ("system", "url", "use"):
            for key, value in self.elements.get(f"{id_}.{name}", {}).items():
                if key.startswith(("fixed", "pattern")):
                    return name, value
        if id_ in DISCRIMINATORS:
            return "system", DISCRIMINATORS[id_]
        for type_ in self.elements[id_].get("type", []):
            if type_["code"] == "Extension" and type_.get("profile"):
                return "url", type_["profile"][0].partition("|")[0]
        return "", None

    def all(self) -> list[Any]:
        """The values of the element the place is for, made when there are none."""
        found = self.items(self.element, self.slice, self.id)
        return found or [self.put(self.element, self.slice, self.id)]

    def remove(self) -> None:
        """Take the element away; what held it keeps an extension, so that it is not missing as well."""
        if "resourceType" not in self.holder and self.type != "Extension":
            self.holder["extension"] = [{"url": "http://example.org/x", "valueString": "x"}]
        gone = self.items(self.element, self.slice, self.id)
        value = self.holder.get(self.element.name)
        if isinstance(value, list) and len(gone) < len(value):
            self.holder[self.element.name] = [one for one in value if not any(one is other for other in gone)]
        else:
            self.holder.pop(self.element.name, None)

    def replace(self, value: Any) -> None:
        """Another value in the place of the first."""
        old = self.all()[0]
        held = self.holder[self.element.name]
        if isinstance(held, list):
            self.holder[self.element.name] = [value if one is old else one for one in held]
        else:
            self.holder[self.element.name] = value

    def multiply(self, times: int) -> None:
        """As many of the element as asked for, in one list."""
        if self.slice and self.element.name != self.slice and not self._discriminator(self.id)[0]:
            raise Unbreakable("what makes an item one of the slice is not in the published profile")
        found = self.all()
        held = self.holder[self.element.name]
        others = [one for one in held if not any(one is mine for mine in found)] if isinstance(held, list) else []
        self.holder[self.element.name] = others + [deepcopy(found[index % len(found)]) for index in range(times)]


def _start(specimen: Specimen, type_: str) -> tuple[Json, str]:
    if type_ == "Bundle":
        return specimen.tree, "Bundle"
    number = next(n for n, one in enumerate(specimen.resources) if one["resourceType"] == type_)
    return specimen.resources[number], f"Bundle.entry[{number}].resource"


def minimal(element: Element) -> Any:
    """The least that can stand for an element."""
    if element.primitive:
        return PRIMITIVES.get(element.type, "x")
    if element.type == "Extension":
        return {"url": "http://example.org/x", "valueString": "x"}
    if element.type == "Reference":
        return dict(ORGANIZATION)
    if element.type == "Resource":
        return {"resourceType": "Organization", "id": "o", "name": "x", "identifier": [{"value": "x"}]}
    if element.type == "Bundle.entry":
        return entry({"resourceType": "Basic", "id": "b", "code": {"text": "x"}})
    known = ELEMENTS.get(element.type)
    if known is None:
        return {"value": 1}
    made: Json = {}
    for _, (name, *_others) in REQUIRED[element.type]:
        made[name] = [minimal(known[name])] if known[name].many else minimal(known[name])
    if not made:
        first = next(one for one in known.values() if one.name not in ("id", "extension"))
        made[first.name] = [minimal(first)] if first.many else minimal(first)
    return made
