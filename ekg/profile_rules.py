"""Walks a resource along its profile's table (`ekg.profiles`). Pure: imports no Django.

Rules are named `<profile>:<element id>:` and min, max, fixed, pattern, maxLength or target; the element id is that of
the StructureDefinition. Nothing here raises, whatever the resource holds.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from ekg.profiles import PROFILES
from ekg.sentences import sentence
from fhir.bundle import Handling
from fhir.findings import Findings
from fhir.references import Entry, Index
from fhir.tree import empty, extended, text

SEGMENT = re.compile(r"[^.:]+(?::[^.]+)?")


@dataclass
class Node:
    """One element of a profile; `low` and `high` are its cardinality, high None for no limit."""

    id: str
    name: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    """JSON names, each with the name of its extension half."""
    low: int = 0
    high: int | None = None
    discriminator: tuple[str, str] | None = None
    value: str | None = None
    kind: str = ""
    targets: tuple[str, ...] = ()
    max_length: int | None = None
    effect: Handling | None = None
    sliced: bool = False
    children: dict[str, "Node"] = field(default_factory=dict)


def compiled(type_: str, table: str) -> Node:
    """The tree of nodes of one table."""
    root = Node(type_)
    for line in table.strip().splitlines():
        element, cardinality, *options = re.split(r" {2,}", line.strip())
        node = root
        for segment in SEGMENT.findall(element):
            node = node.children.setdefault(segment, _node(f"{node.id}.{segment}", segment))
        low, high = cardinality.split("..")
        node.low, node.high = int(low), None if high == "*" else int(high)
        for option in options:
            _apply(node, option)
    return root


def _node(id_: str, segment: str) -> Node:
    name, _, slice_ = segment.partition(":")
    choice = name.endswith("[x]")
    key = slice_ if choice and slice_ else name
    return Node(id_, name.removesuffix("[x]"), _keys(key), sliced=bool(slice_))


def _keys(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, f"_{name}") for name in names)


def _apply(node: Node, option: str) -> None:
    sign, _, said = option.partition(" ")
    match sign:
        case "=":
            node.value, node.kind = said, "fixed"
        case "~":
            node.value, node.kind = said, "pattern"
        case "->":
            node.targets = tuple(said.split())
        case "max":
            node.max_length = int(said)
        case "as":
            node.keys = _keys(*(f"{node.name}{type_[0].upper()}{type_[1:]}" for type_ in said.split()))
        case "by":
            by, _, value = said.partition(" ")
            node.discriminator = (by, value)
        case "!error" | "!refused":
            node.effect = Handling(sign[1:])


NODES = {type_: (profile, compiled(type_, table)) for type_, (profile, table) in PROFILES.items()}
"""Resource type → its profile's name and its tree of nodes."""


def check(type_: str, resource: Any, path: str, index: Index, out: Findings) -> list[Entry]:
    """Check one resource against the profile of its type; gives the entries that it binds to theirs."""
    if type_ not in NODES:
        return []
    profile, root = NODES[type_]
    walk = _Walk(profile, index, out)
    for child in root.children.values():
        walk.check(child, resource, path)
    return walk.bound


class _Walk:
    """One resource being checked: what every step needs, and the entries met on the way."""

    def __init__(self, profile: str, index: Index, out: Findings) -> None:
        self.profile, self.index, self.out = profile, index, out
        self.bound: list[Entry] = []

    def check(self, node: Node, holder: Any, path: str) -> None:
        """One element of the profile, in one object that may hold it."""
        here = f"{path}.{node.name}"
        found = _occurrences(node, holder, here)
        if found and node.sliced:
            found = [(where, value) for where, value in found if self._in_slice(node, value)]
        count = len(found)
        if count < node.low:
            self._add(node, "min", here, node.effect)
        if node.high is not None and count > node.high:
            self._add(node, "max", here)
        for where, value in found:
            if node.value is not None and value != node.value:
                self._add(node, node.kind, where, node.effect, value)
            if node.max_length is not None and isinstance(value, str) and len(value) > node.max_length:
                self._add(node, "maxLength", where)
            if node.targets and not node.sliced:
                self._follow(node, value, where)
            if isinstance(value, dict):
                for child in node.children.values():
                    self.check(child, value, where)

    def _add(self, node: Node, kind: str, where: str, handling: Handling | None = None, said: Any = None) -> None:
        self.out.add(f"{self.profile}:{node.id}:{kind}", where, sentence(node.id, kind, node, said), handling=handling)

    def _follow(self, node: Node, value: Any, where: str) -> None:
        entry = self.index.resolve(text(value, "reference"))
        if entry is not None and entry.type in node.targets:
            self.bound.append(entry)
        elif entry is not None:
            self._add(node, "target", where)

    def _in_slice(self, node: Node, value: Any) -> bool:
        """Whether a value belongs to the slice that the node is, by its discriminator; any value when it is none."""
        if node.discriminator is not None:
            name, wanted = node.discriminator
            return text(value, name) == wanted
        if node.sliced and node.targets:
            entry = self.index.resolve(text(value, "reference"))
            return entry is not None and entry.type in node.targets
        return True


def _occurrences(node: Node, holder: Any, here: str) -> list[tuple[str, Any]]:
    """The values of an element that are there in FHIR's sense, with the FHIRPath of each."""
    found: list[tuple[str, Any]] = []
    for key, half in node.keys:
        value, sibling = holder.get(key), holder.get(half)
        if value is None and sibling is None:  # most elements of most resources
            continue
        if isinstance(value, list):
            for number, one in enumerate(value):
                if not empty(one) or (isinstance(sibling, list) and extended(sibling[number : number + 1])):
                    found.append((f"{here}[{number}]", one))
        elif not empty(value) or extended(sibling):
            found.append((here, value))
    return found
