"""Walks a resource along its profile's tree (`eoj.nodes`), each element once. Pure: imports no Django.

Rules are named `<profile>:<element id>:` and min, max, fixed, binding, type, range (of years), target (of another kind
than allowed), aggregation (a reference that leads out of the report), slicing, unknown or display (a warning). Paths
are put together only for what is found. Nothing here raises, whatever the resource holds.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from eoj.bindings import Code, Sets
from eoj.known import Known, Where, written
from eoj.nodes import CANONICALS, Node, out_of_range, sensible
from eoj.profiles import PROFILES
from eoj.sentences import sentence
from fhir import structure
from fhir.bundle import Severity
from fhir.findings import Findings
from fhir.primitives import moment
from fhir.structure import NAME
from fhir.tree import empty, extended, references

DEPTH = 32
OF_DOMAIN = frozenset({"implicitRules", "language", "text", "contained", "modifierExtension"})
OF_BUNDLE = frozenset({"implicitRules", "language"})


def _usual(meta: dict[str, Any]) -> bool:
    """Whether a meta says nothing but one profile that we know, and perhaps when the resource changed."""
    said = meta.get("profile")
    if type(said) is not list or len(said) != 1 or type(said[0]) is not str or said[0] not in CANONICALS:
        return False
    return len(meta) == 1 or (len(meta) == 2 and type(said := meta.get("lastUpdated")) is str and _sound(said))


@lru_cache(maxsize=4096)
def _sound(instant: str) -> bool:
    """The instants of a report are few, and its resources have the same."""
    return moment(instant) is not None and sensible(instant)


def _plain(node: Node, item: dict[str, Any]) -> tuple[Node, str, str, str | None] | None:
    """What a concept of a single coding says, when it says nothing but system, code and perhaps display."""
    codings = item.get("coding")
    if len(item) != 1 or type(codings) is not list or len(codings) != 1 or type(coding := codings[0]) is not dict:
        return None
    system, code, display = coding.get("system"), coding.get("code"), coding.get("display")
    if type(system) is not str or type(code) is not str:
        return None
    if len(coding) == 2 or (len(coding) == 3 and type(display) is str):
        return node, system, code, display
    return None


class Walk:
    """One report being checked."""

    __slots__ = ("codes", "known", "out", "refs", "sets")

    def __init__(self, sets: Sets, known: Known, out: Findings) -> None:
        self.sets, self.known, self.out = sets, known, out
        self.begin()

    def begin(self) -> None:
        """Gather anew, for the next resource, the codes that it has of each value set, and what it refers to."""
        self.codes: dict[str, list[Code]] = {}
        self.refs: set[str] = set()

    def into(self, node: Node, holder: Mapping[str, Any], where: Where) -> None:
        """Check every element of an object, then what is missing."""
        children = node.children or {}
        for key, item in holder.items():
            child = children.get(key)
            if child is None:
                if key != "resourceType":
                    self._other(node, key, item, holder, where)
            elif child.single is not None:
                if type(item) is str and item in child.only:
                    continue
                if not child.single(item):
                    if item is not None or f"_{key}" not in holder:
                        self._malformed(child, item, (where, child.name, None))
                elif child.only:
                    self.add(child, "fixed" if child.fixed else "binding", (where, child.name, None))
            elif child.high == 0:
                if not empty(item):
                    self.add(child, "max", (where, child.name, None))
            elif child.many:
                if type(item) is not list:
                    self.add(child, "type", (where, child.name, None))
                else:
                    self._list(child, item, where)
            else:
                self._one(child, item, (where, child.name, None))
        if not node.must <= holder.keys():
            for child in node.required:
                if child.key not in holder and not extended(holder.get(f"_{child.key}")):
                    self.add(child, "min", (where, child.name, None))

    def add(self, node: Node, kind: str, where: Where, severity: Severity = Severity.ERROR) -> None:
        """Note that an element breaks a kind of rule."""
        self.out.add(f"{node.rule}:{kind}", written(where), sentence(node, kind), severity)

    def _malformed(self, node: Node, item: Any, where: Where) -> None:
        if out_of_range(node, item):
            self.add(node, "range", where)
        elif not empty(item):
            self.add(node, "max" if isinstance(item, list) and len(item) > 1 else "type", where)
        else:
            self.add(node, "min" if node.low else "empty", where)

    def _list(self, node: Node, items: list[Any], where: Where) -> None:
        if not items:
            self._malformed(node, items, (where, node.name, None))
        if node.high is not None and len(items) > node.high:
            self.add(node, "max", (where, node.name, None))
        if not node.slices:
            for number, item in enumerate(items):
                self._one(node, item, (where, node.name, number))
            return
        met: dict[Node, int] = dict.fromkeys(node.slices.values(), 0)
        for number, item in enumerate(items):
            here = where, node.name, number
            said = item.get(node.by) if isinstance(item, dict) else None
            part = node.slices.get(said) if isinstance(said, str) else None
            if part is not None:
                met[part] += 1
            elif node.closed:
                self.add(node, "slicing", here)
            self._one(part or node, item, here)
        for part, count in met.items():
            if count < part.low:
                self.add(part, "min", (where, node.name, None))
            if part.high is not None and count > part.high:
                self.add(part, "max", (where, node.name, None))

    def _one(self, node: Node, item: Any, here: Where) -> None:
        """One value of an element, of a complex type or out of a list."""
        if node.valid is not None:
            if not node.valid(item):
                self._malformed(node, item, here)
            return
        if type(item) is not dict or not item:
            self._malformed(node, item, here)
        elif node.type == "Resource":
            return
        elif node.children is None:
            self._left(item, node.type, here)
        elif node.type == "CodeableConcept":
            self._concept(node, item, here)
        elif node.set:
            if not self._coded(node, item, here):
                self.into(node, item, here)
        elif node.targets:
            self._refers(node, item, here)
            if len(item) > 1 or "reference" not in item:
                self.into(node, item, here)
        elif node.type != "Meta" or not _usual(item):
            self.into(node, item, here)

    def _concept(self, node: Node, item: dict[str, Any], here: Where) -> None:
        """A concept; of one plain coding, what was sound once is sound again: a whole night has few different ones."""
        key = _plain(node, item)
        said = self.sets.sound.get(key) if key else None
        if said is None:
            before, noted, self.codes = self.codes, self.out.noted, {}
            if not node.set or not self._coded(node, item, here):
                self.into(node, item, here)
            said = tuple((name, code) for name, codes in self.codes.items() for code in codes)
            self.codes = before
            if key and self.out.noted == noted:
                self.sets.remember(key, said)
        for name, code in said:
            self.codes.setdefault(name, []).append(code)

    def _coded(self, node: Node, item: dict[str, Any], here: Where) -> bool:
        """The code of a Coding, or of one in a CodeableConcept, is in the value set; whether that says everything."""
        codings = item.get("coding") if node.type == "CodeableConcept" else [item]
        if not isinstance(codings, list) or not codings:
            return False
        allowed = self.sets[node.set]
        found = whole = False
        for coding in codings:
            if not isinstance(coding, dict):
                continue
            system, said = coding.get("system"), coding.get("code")
            code = allowed.get((system, said)) if isinstance(system, str) and isinstance(said, str) else None
            if code is None:
                continue
            if not found:
                self.codes.setdefault(node.set, []).append(code)
            found, display = True, coding.get("display")
            if display is not None and code.name and display != code.name:
                self.add(node, "display", here, Severity.WARNING)
            whole = (len(coding) == 2 and node.bare) or (len(coding) == 3 and node.named and display == code.name)
        if not found:
            self.add(node, node.kind, here)
        return whole and len(codings) == 1 and (codings[0] is item or len(item) == 1)

    def _refers(self, node: Node, item: dict[str, Any], here: Where) -> None:
        """A reference leads to something in the report, of a kind that the profile allows."""
        said = item.get("reference")
        key = self.known.key(said) if isinstance(said, str) else ""
        if not key:
            self.add(node, "aggregation", here)
            return
        if node.name != "subject":
            self.refs.add(key)
        profile = self.known.profiles[key]
        if profile in node.targets:
            return
        type_ = key.partition("/")[0]
        other = type_ not in {PROFILES[target][0] for target in node.targets}
        self.add(node, "target", here, Severity.ERROR if other else Severity.WARNING)

    def _other(self, node: Node, key: str, item: Any, holder: Mapping[str, Any], where: Where) -> None:
        """A name that the tree does not have: another type of a choice, the half of a primitive, or nothing known."""
        children = node.children or {}
        for choice in node.choices:
            if key.lstrip("_").startswith(choice.name) and key.lstrip("_")[len(choice.name) :][:1].isupper():
                if key[0] != "_" or choice.high == 0 or key[1:] not in children:
                    self.add(choice, "max" if choice.high == 0 else "type", (where, choice.name, None))
                elif key[1:] not in holder and not extended(item):
                    self.add(choice, "empty", (where, choice.name, None))
                return
        half = children.get(key[1:]) if key.startswith("_") else None
        if half is not None and half.high == 0:
            self.add(half, "max", (where, half.name, None))
        elif half is not None and half.valid is not None:
            for each in item if isinstance(item, list) else [item]:
                if each is not None:
                    self._left(each, "Element", (where, half.name, None))
        elif key in (OF_BUNDLE if node.name == "Bundle" else OF_DOMAIN) and node.type != "Extension":
            self._left({key: item}, "DomainResource", where)
        else:
            named = (where, key, None) if NAME.fullmatch(key) else where
            self.add(node, "unknown", named)

    def _left(self, item: Any, type_: str, where: Where) -> None:
        """What no profile narrows: base FHIR's rules, and references that must lead somewhere."""
        path = written(where)
        if structure.too_deep([item], DEPTH):
            self.out.add("care-report-depth", path, "Rapporten har for mange niveauer inden i hinanden.")
            return
        structure.check(item, type_, path, self.out, {})
        for place, said in references(item, path):
            if not said.startswith("#") and not self.known.key(said):
                self.out.add("care-report-reference", place, "En henvisning fører til noget, der ikke er i rapporten.")
