"""Base structure: is each element of a resource one that FHIR R4 knows, of the right type, as often as it may occur?

Pure: imports no Django. Never raises and never stops at the first finding, whatever the tree holds; recursion is as
deep as the tree, which `fhir.parse` (and `too_deep`) limits. Rules are named `<type>.<element>:` and min, max, type,
unknown or binding, after the R4 definitions, or by the key of the invariant.
"""

import re
from typing import Any

from fhir import invariants, narrative
from fhir.bindings import BINDINGS
from fhir.elements import ELEMENTS, REQUIRED, Element
from fhir.findings import Findings
from fhir.primitives import VALID
from fhir.tree import NODE, empty, extended, present

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
MODIFIERS = ("modifierExtension", "implicitRules")
MODIFIED = "Dokumentet bruger en udvidelse, som kan ændre betydningen, og som vi ikke kender."
"""FHIR R4 §2.5.1.6: who does not understand such an element must not pass over it in silence."""
Narratives = dict[str, narrative.Narrative]
"""Narratives read so far, by their text: reading one is most of the work, and the fingerprint needs it again."""


def too_deep(tree: Any, limit: int) -> bool:
    """Whether lists and objects are nested deeper than `limit`; iterative, so safe for any depth."""
    level = [tree]
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, NODE)
        ]
        if not level:
            return False
    return True


def check(value: Any, type_: str, path: str, out: Findings, narratives: Narratives) -> None:
    """Check one complex element (`path` is its FHIRPath) and everything in it."""
    if type_ == "Resource" and isinstance(value, dict):
        named = value.get("resourceType")
        if not isinstance(named, str) or not named:
            out.add("Resource:type", path, f"Elementet {_last(path)} skal være en ressource.")
            return
        if named not in ELEMENTS or "." in named:
            return
        type_ = named
    elements = ELEMENTS.get(type_)
    if elements is None:
        return
    if not isinstance(value, dict):
        out.add(f"{type_}:type", path, f"Elementet {_last(path)} har ikke den form, standarden foreskriver.")
        return
    chosen: dict[str, str] = {}
    for key, item in value.items():
        element = elements.get(key)
        if element is None:
            _check_other(key, item, type_, path, out, narratives)
            continue
        if key in MODIFIERS and not empty(item):
            out.add("isModifier", f"{path}.{key}", MODIFIED)
        if element.path != key and chosen.setdefault(element.path, key) != key:
            out.add(f"{element.rule}[x]:max", f"{path}.{element.path}", f"Elementet {element.rule} har to værdier.")
        if element.primitive and not element.many and isinstance(item, str):  # most elements of most documents
            _check_primitive(item, element, f"{path}.{element.path}", out, narratives)
        else:
            _check_element(item, value, element, f"{path}.{element.path}", out, narratives)
    for name, json_names in REQUIRED[type_]:
        if not any(present(value, json_name) for json_name in json_names):
            out.add(f"{type_}.{name}:min", f"{path}.{name}", f"Elementet {type_}.{name} mangler.")
    invariants.check(value, type_, path, out)


def _check_element(
    item: Any, holder: dict[str, Any], element: Element, here: str, out: Findings, narratives: Narratives
) -> None:
    """One property: as often as it may occur, then each of its values."""
    rule = element.rule
    if element.many:
        if not isinstance(item, list):
            out.add(f"{rule}:type", here, f"Elementet {rule} skal være en liste.")
            item = [item]
        if not item:
            out.add("ele-1", here, f"Elementet {rule} er tomt.")
        items = [(f"{here}[{index}]", one) for index, one in enumerate(item)]
    elif isinstance(item, list):
        kind = "max" if len(item) > 1 else "type"
        out.add(f"{rule}:{kind}", here, f"Elementet {rule} må kun forekomme én gang.")
        items = [(here, one) for one in item]
    else:
        items = [(here, item)]
    if not element.primitive:
        for where, one in items:
            check(one, element.type, where, out, narratives)
        return
    siblings = holder.get(f"_{element.name}")
    for index, (where, one) in enumerate(items):
        if one is None and extended(siblings[index : index + 1] if isinstance(siblings, list) else siblings):
            continue  # known only by an extension
        _check_primitive(one, element, where, out, narratives)


def _check_primitive(value: Any, element: Element, where: str, out: Findings, narratives: Narratives) -> None:
    type_, rule = element.type, element.rule
    if value is None or value == "":
        out.add("ele-1", where, f"Elementet {rule} er tomt.")
    elif not VALID[type_](value):
        out.add(f"{rule}:type", where, f"Elementet {rule} er ikke en gyldig værdi af typen {type_}.")
    elif type_ == "xhtml":
        if value not in narratives:
            narratives[value] = narrative.parse(value)
        for key in narratives[value].faults:
            out.add(key, where, SENTENCES[key])
    elif type_ == "code" and rule in BINDINGS and value not in BINDINGS[rule]:
        out.add(f"{rule}:binding", where, f"Elementet {rule} har en kode, der ikke findes i standardens liste.")


def _check_other(key: Any, item: Any, type_: str, path: str, out: Findings, narratives: Narratives) -> None:
    """A key that is no element: the extensions of a primitive, the resource's type, or something unknown."""
    elements = ELEMENTS[type_]
    if key == "resourceType" and "implicitRules" in elements:
        return
    element = elements.get(key[1:]) if isinstance(key, str) and key.startswith("_") else None
    if element is not None and element.primitive:
        for index, sibling in enumerate(item if isinstance(item, list) else [item]):
            if sibling is not None:
                where = f"{path}.{element.path}" + (f"[{index}]" if element.many else "")
                check(sibling, "Element", where, out, narratives)
        return
    known = isinstance(key, str) and NAME.fullmatch(key)
    name = f" {key}" if known else ""
    out.add(f"{type_}:unknown", f"{path}.{key}" if known else path, f"Elementet{name} findes ikke i {type_}.")


def _last(path: str) -> str:
    return path.rpartition(".")[2]


SENTENCES = {
    "txt-1": "Den læsbare tekst (text.div) indeholder andet end den tilladte XHTML.",
    "txt-2": "Den læsbare tekst (text.div) er tom.",
}
