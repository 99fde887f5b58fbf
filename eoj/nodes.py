"""Compiles the tables of `eoj.profiles` into trees of nodes, once, when loaded. Pure: imports no Django."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from eoj.bindings import FSIII, LOCAL
from eoj.profiles import BASES, BUNDLES, PROFILES
from fhir.elements import ELEMENTS
from fhir.primitives import VALID

SYSTEMS = {"fsiii": FSIII, "local": LOCAL}
LONGEST = 35
"""Characters of a dateTime: nanoseconds and an offset; no clock says more."""
FIRST_YEAR, LAST_YEAR = "1900", "2199"
"""No citizen's care was before; what is said to come after stands for something else (`9999-12-31`: no end)."""


def sensible(value: str) -> bool:
    """Whether a date or a time is one that care can have: any calendar and any time zone can hold it."""
    return FIRST_YEAR <= value[:4] <= LAST_YEAR


@lru_cache(maxsize=4096)
def _moment(value: str) -> bool:
    """The days of a report are few, and the same in the next one."""
    return len(value) <= LONGEST and VALID["dateTime"](value) and sensible(value)


TIMES: dict[str, Callable[[Any], bool]] = {
    "dateTime": lambda value: type(value) is str and _moment(value),
    "instant": lambda value: VALID["instant"](value) and sensible(value),
    "date": lambda value: VALID["date"](value) and sensible(value),
}
CHECKS = {**VALID, **TIMES}


def out_of_range(node: "Node", value: Any) -> bool:
    """Whether a value is refused for nothing but its year."""
    return node.type in TIMES and VALID[node.type](value) and not sensible(value)


@dataclass(eq=False, slots=True)
class Node:
    """One element of a profile; `low` and `high` are its cardinality, high None for no limit."""

    rule: str
    """What its rules are named by: `<profile>:<element id>`."""
    below: str = ""
    """What those of the elements in it are named by, when that is another profile's (an extension's)."""
    name: str = ""
    key: str = ""
    type: str = ""
    many: bool = False
    low: int = 0
    high: int | None = None
    valid: Callable[[Any], bool] | None = None
    """Of a primitive: whether a JSON value may stand for it."""
    children: dict[str, "Node"] | None = None
    """By JSON name; None when the element is left to base FHIR's rules."""
    required: list["Node"] = field(default_factory=list)
    must: frozenset[str] = frozenset()
    """The JSON names of what is required."""
    choices: list["Node"] = field(default_factory=list)
    """Elements that may take several types, by the start of their JSON names."""
    by: str = ""
    slices: dict[str, "Node"] = field(default_factory=dict)
    """By the value of the element that tells them apart."""
    closed: bool = False
    fixed: str | None = None
    only: frozenset[str] = frozenset()
    """The codes that a primitive may be, when they are few."""
    set: str = ""
    kind: str = "binding"
    targets: frozenset[str] = frozenset()
    single: Callable[[Any], bool] | None = None
    """`valid`, of a primitive that is allowed and no list."""
    bare: bool = False
    """Whether a coding of the value set needs no further look when it holds nothing but system and code …"""
    named: bool = False
    """… or those and the code list's own name."""


def compiled(profile: str, type_: str, table: str) -> Node:
    """The tree of one profile."""
    root = Node(f"{profile}:{type_}", name=type_, type=type_, children={})
    nodes = {"": root}
    _declare(nodes, "id", "id", 1)
    _declare(nodes, "meta", "Meta")
    if type_ != "Bundle":
        _declare(nodes, "extension*", "Extension", high=None)
    for line in filter(None, table.splitlines()):
        if line.startswith("- "):
            for path in line[2:].split():
                _declare(nodes, path, "", high=0)
            continue
        path, cardinality, types, *options = re.split(r" {2,}", line)
        low, high = cardinality.split("..")
        node = _declare(nodes, path, types, int(low), None if high == "*" else int(high))
        for option in options:
            _apply(nodes, path, node, option)
    _finish(root)
    return root


def _finish(node: Node) -> None:
    """What follows from all lines of the table together."""
    node.single = node.valid if node.high != 0 and not node.many else None
    node.must = frozenset(child.key for child in node.required)
    children = node.children or {}
    coding = children.get("coding") if node.type == "CodeableConcept" else node
    if node.set and coding is not None and (coding is node or not coding.set) and not coding.slices:
        node.bare = not {each.key for each in coding.required} - {"system", "code"}
        node.named = node.bare and (coding.children or {})["display"].high != 0
    for child in (*children.values(), *node.slices.values()):
        _finish(child)


def _declare(nodes: dict[str, Node], path: str, types: str, low: int = 0, high: int | None = 1) -> Node:
    """Put one element into the tree, in the place of what its data type says of it; `*` means a list in JSON."""
    many, path = path.endswith("*"), path.rstrip("*")
    above, _, segment = path.rpartition(".")
    parent = _node(nodes, above)
    name, _, slice_ = segment.partition(":")
    name, choice = name.removesuffix("[x]"), name.endswith("[x]")
    children = parent.children if parent.children is not None else {}
    declared = []
    for type_ in types.split("|"):
        key = slice_ if choice and slice_ else name + type_[:1].upper() + type_[1:] if choice else name
        plain = many or (name in children and children[name].many)
        node = _checked(Node(f"{parent.below or parent.rule}.{segment}", "", name, key, type_, plain, low, high))
        declared.append(node)
        if choice or not slice_:
            children[key] = node
    first = nodes[path] = declared[0]
    if choice and not slice_:
        parent.choices.append(first)
    if low and (choice or not slice_):
        parent.required.append(first)
    return first


def _node(nodes: dict[str, Node], path: str) -> Node:
    """The node of a path, which may be one that a data type brought."""
    if path not in nodes:
        above, _, name = path.rpartition(".")
        nodes[path] = (_node(nodes, above).children or {})[name]
    return nodes[path]


def _checked(node: Node) -> Node:
    """The node with what its type demands; a prohibited element has no type to be checked."""
    node.valid = CHECKS.get(node.type)
    if node.valid is None and node.high != 0:
        node.children = _children(node)
    return node


def _children(node: Node) -> dict[str, Node] | None:
    """The elements of a data type, which lines of the table may then narrow; None of one that no profile narrows."""
    match node.type:
        case "BackboneElement":
            return {"id": _plain(node, "id", "string"), "extension": _plain(node, "extension", "Extension", True)}
        case "Extension" if node.below:
            return {"url": _plain(node, "url", "uri")}
        case "CodeableConcept" | "Coding" | "Identifier" | "Meta" | "Period" | "Reference":
            return {key: _plain(node, key, each.type, each.many) for key, each in ELEMENTS[node.type].items()}
        case _:
            return None


def _plain(parent: Node, key: str, type_: str, many: bool = False) -> Node:
    node = Node(f"{parent.below or parent.rule}.{key}", "", key, key, type_, many, 0, None if many else 1)
    node.valid = CHECKS.get(type_)
    if type_ == "Coding":
        node.children = {name: _plain(node, name, each.type, each.many) for name, each in ELEMENTS["Coding"].items()}
    return node


def _apply(nodes: dict[str, Node], path: str, node: Node, option: str) -> None:
    sign, _, said = option.partition(" ")
    match sign:
        case "=":
            node.fixed, node.only = said, frozenset({said})
        case "of":
            node.only = frozenset(said.split())
        case "in" | "is":
            node.set, node.kind = said, "binding" if sign == "in" else "fixed"
        case "->":
            node.targets = frozenset(said.split())
        case "as":
            node.below = said if node.type == "Extension" else ""
            node.rule = node.rule if node.below else said
            node.children = _children(node)
        case "by":
            whole = _node(nodes, path.rstrip("*").rpartition(":")[0])
            whole.by, _, value = said.partition(" ")
            values = [base + value for base in BASES] if whole.by == "url" else SYSTEMS.get(value, (value,))
            whole.closed = whole.closed or value == "local"
            whole.slices.update(dict.fromkeys(values, node))


ROOTS = {profile: compiled(profile, type_, table) for profile, (type_, table) in PROFILES.items()}
FRAMES = {profile: compiled(profile, "Bundle", table) for profile, table in BUNDLES.items()}
"""Profile → its tree: of a resource, and of a Bundle."""
CANONICALS = {base + profile: profile for base in BASES for profile in (*PROFILES, *BUNDLES)}
"""Canonical → profile, wherever it has been published."""
