"""Reads a published FSIII: the FHIR CodeSystem (JSON) or a table of all codes (CSV). Pure.

In the CodeSystem every concept stands twice, once under its uuid and once under its older key, in two trees of the same
shape and the same words. Nothing in them says what a concept is for, or which law it is under: its place does.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from terminology.fsiii import SYSTEM, Catalogue, Concept, Kind, Law

SYSTEMS = {SYSTEM, "http://fhir.kl.dk/term/CodeSystem/FSIII", "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"}
COLUMNS = ("system", "code", "code_kind", "paired_code", "display_da", "definition_da", "parent_code", "status")
LENGTHS = {"legacy": 100, "name": 300, "description": 20_000}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PARAGRAPH = re.compile(r"§\s*(\d+)(?:([a-zA-Z])| ([a-h]))?\b(?:,?\s*stk\.\s*(\d+))?(?:,?\s*nr\.\s*(\d+))?")

CONDITIONS_AREA = {1: Kind.HEALTH_AREA, 2: Kind.HEALTH_CONDITION}
FUNCTION_AREA = {1: Kind.FUNCTION_AREA, 2: Kind.FUNCTION_CONDITION}
INTERVENTIONS = {1: Kind.LAW_GROUP, 2: Kind.INTERVENTION}
GOALS = {0: Kind.GOAL_TYPE, 1: Kind.GOAL_TYPE, 2: Kind.GOAL_TYPE}
ROOTS: dict[str, tuple[dict[int, Kind], Law, str]] = {
    "4db72d65-7ec1-45b4-89c3-5017c35d085e": (CONDITIONS_AREA, Law.HEALTH, "§ 138"),
    "d49d6b0c-c067-4469-b92d-3842822c4971": (FUNCTION_AREA, Law.SERVICE, ""),
    "cac857f7-2957-4fc7-a814-9e7fc450270a": (INTERVENTIONS, Law.HEALTH, ""),
    "b07bbb6d-16b2-4cee-b5a5-771ca5beb67c": (INTERVENTIONS, Law.SERVICE, ""),
    "2c02a704-deee-4878-9378-1167613b3da6": ({1: Kind.SEVERITY}, Law.NONE, ""),
    "ad78224f-b339-462c-9f2c-90b3120605cb": ({1: Kind.FOLLOW_UP_RESULT}, Law.NONE, ""),
    "59c107b1-afc2-400e-a129-f9676a0aa9bf": (GOALS, Law.NONE, ""),
    "687159ad-a61c-47c0-a878-53aa54bae2d5": (
        {0: Kind.OWN_MEANING_QUESTION, 1: Kind.OWN_MEANING}, Law.NONE, "",
    ),
    "d6d48a71-b96f-4b88-86f9-b13bd3c03560": (
        {0: Kind.OWN_PERFORMANCE_QUESTION, 1: Kind.OWN_PERFORMANCE}, Law.NONE, "",
    ),
    "0fa991ef-adf5-4202-8cfe-a31454ed6e9d": ({}, Law.HEALTH, "§ 119"),
    "102ea764-d2cf-4a24-979d-68c2e8d638cf": ({}, Law.HEALTH, "§ 119"),
    "94db6c71-859d-43e6-9a62-4e7fa7daf767": ({}, Law.HEALTH, "§ 140"),
    "7deb81de-12c0-4a49-bd5b-72ea6fe89d83": ({}, Law.HEALTH, "§ 140"),
    "f5e2461b-2737-4b52-846c-2ff8f2d88db5": ({}, Law.SERVICE, ""),
}  # fmt: skip
"""Of each root the kinds by depth below it, and the law of what stands there; a root not named here is OTHER."""

LAW_IN_NAMES = {
    "cac857f7-2957-4fc7-a814-9e7fc450270a",
    "b07bbb6d-16b2-4cee-b5a5-771ca5beb67c",
    "f5e2461b-2737-4b52-846c-2ff8f2d88db5",
}
"""The roots whose children are named after the law they stand for."""


class Unusable(ValueError):
    """The file is no catalogue; the sentence says where."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds: its concepts, each with the description it gives ("" where it only repeats the name)."""

    version: str
    concepts: tuple[tuple[Concept, str], ...]


@dataclass(frozen=True, slots=True)
class _Node:
    """A concept as the file says it, before its place has been judged; `retiring` is None where nothing is said."""

    key: str
    legacy: str
    name: str
    description: str
    parent: str
    retiring: bool | None


def read(raw: bytes, known: Catalogue) -> Read:
    """The catalogue in a file; `known` is what is in effect, and tells what the file leaves out. Raises Unusable."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable("Filen er ikke UTF-8-tekst.") from None
    if text.lstrip()[:1] in ("{", "["):
        version, nodes = _code_system(text, known)
    else:
        version, nodes = "", list(_table(text))
    if not nodes:
        raise Unusable("Der er ingen begreber i filen.")
    by_key: dict[str, _Node] = {}
    for node in nodes:
        for field, most in LENGTHS.items():
            if len(getattr(node, field)) > most:
                raise Unusable(f"{node.key}: {field} er længere end {most} tegn.")
        if by_key.setdefault(node.key, node) is not node:
            raise Unusable(f"Koden {node.key} står to gange.")
    older = [node.legacy for node in nodes if node.legacy]
    if twice := next((code for code in older if older.count(code) > 1), ""):
        raise Unusable(f"Koden {twice} står to gange.")
    made: dict[str, Concept] = {}
    for node in nodes:
        _place(node, by_key, known, made)
    return Read(version, tuple((made[node.key], node.description) for node in nodes))


# ── where a concept stands ──────────────────────────────────────────────────────────────────────────────────────────
def _place(node: _Node, nodes: Mapping[str, _Node], known: Catalogue, made: dict[str, Concept]) -> Concept:
    """Judge a concept by its place; one that has not moved keeps the judgement it has."""
    if node.key in made:
        return made[node.key]
    way = _way(node, nodes)
    root, depth = way[-1].key, len(way) - 1
    kinds, law, paragraph = ROOTS.get(root, ({}, Law.NONE, ""))
    if depth:
        parent = _place(nodes[node.parent], nodes, known, made)
        if depth > 1 or root not in LAW_IN_NAMES:
            law, paragraph = parent.law, parent.paragraph
        elif "ældrelov" in node.name.lower():
            law = Law.ELDERLY
        else:
            paragraph = _paragraph(node.name)
    elif root in LAW_IN_NAMES:
        law = Law.NONE
    before = known.find(node.key)
    kind = kinds.get(depth, Kind.OTHER)
    if kind is Kind.SEVERITY and not node.name.isdecimal():
        raise Unusable(f"{node.key}: »{node.name}« er ikke et niveau.")
    retiring = node.retiring if node.retiring is not None else before is not None and before.retiring
    made[node.key] = Concept(node.key, node.legacy, kind, node.name, node.parent, law, paragraph, retiring)
    if before is not None and before.parent == node.parent:
        made[node.key] = replace(before, legacy=node.legacy, name=node.name, retiring=retiring)
    return made[node.key]


def _way(node: _Node, nodes: Mapping[str, _Node]) -> list[_Node]:
    """The concept and those above it, up to its root."""
    way = [node]
    while way[-1].parent:
        above = nodes.get(way[-1].parent)
        if above is None:
            raise Unusable(f"{way[-1].key}: overbegrebet {way[-1].parent} er ikke i filen.")
        if above in way:
            raise Unusable(f"{node.key}: overbegreberne går i ring.")
        way.append(above)
    return way


def _paragraph(name: str) -> str:
    """ "§ 83a Rehabilitering …" and "SUL § 138" as the law writes them: "§ 83 a", "§ 138"."""
    found = _PARAGRAPH.search(name)
    if found is None:
        return ""
    number, glued, apart, part, item = found.groups()
    letter = (glued or apart or "").lower()
    said = f"§ {number} {letter}".strip()
    return said + (f", stk. {part}" if part else "") + (f", nr. {item}" if item else "")


# ── the two forms ───────────────────────────────────────────────────────────────────────────────────────────────────
def _table(text: str) -> Iterator[_Node]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise Unusable(f"Linje 1: kolonnerne {', '.join(missing)} mangler.")
    try:
        for row in reader:
            said = {name: (row[name] or "").strip() for name in COLUMNS}
            if said["system"] != SYSTEM:
                raise Unusable(f"Linje {reader.line_num}: »{said['system']}« er ikke FSIII ({SYSTEM}).")
            if said["code_kind"] != "uuid":
                continue
            key, name = said["code"], said["display_da"]
            if not _UUID.fullmatch(key):
                raise Unusable(f"Linje {reader.line_num}: »{key}« er ikke et uuid.")
            if not name:
                raise Unusable(f"Linje {reader.line_num}: navnet mangler.")
            told = "" if said["definition_da"] == name else said["definition_da"]
            retiring = said["status"].startswith("retiring")
            yield _Node(key, said["paired_code"], name, told, said["parent_code"], retiring)
    except csv.Error as error:
        raise Unusable(f"Linje {reader.line_num}: {error}.") from None


def _code_system(text: str, known: Catalogue) -> tuple[str, list[_Node]]:
    try:
        tree = json.loads(text)
        if not isinstance(tree, dict) or tree.get("resourceType") != "CodeSystem":
            raise Unusable("Filen er ikke et CodeSystem.")
        identifiers = tree.get("identifier") or []
        names = {tree.get("url")} | {each.get("value") for each in identifiers if isinstance(each, dict)}
        if not names & SYSTEMS:
            raise Unusable(f"Filen er CodeSystem »{tree.get('url', '')}«, ikke FSIII ({SYSTEM}).")
        return str(tree.get("version") or ""), list(_pairs(_concepts(tree), "", known))
    except json.JSONDecodeError as error:
        raise Unusable(f"Linje {error.lineno}: filen er ikke gyldig JSON.") from None
    except RecursionError:
        raise Unusable("Begreberne ligger for dybt i hinanden.") from None


def _concepts(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = tree.get("concept") or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unusable("»concept« er ikke en liste af begreber.")
    for each in found:
        for name in ("code", "display"):
            if not isinstance(each.get(name), str) or not each[name].strip():
                raise Unusable(f"Begrebet {each.get('code', '')!s:.60}: »{name}« mangler.")
    return found


def _pairs(siblings: Iterable[dict[str, Any]], parent: str, known: Catalogue) -> Iterator[_Node]:
    """The concepts of two trees that lie side by side, tied as they are known to be, otherwise in order and by name."""
    new = [each for each in siblings if _UUID.fullmatch(each["code"])]
    old = {each["code"]: each for each in siblings if not _UUID.fullmatch(each["code"])}
    tied: dict[str, dict[str, Any]] = {}
    for each in new:
        before = known.find(each["code"])
        if before is not None and before.legacy in old:
            tied[each["code"]] = old.pop(before.legacy)
    if old:
        left = [each for each in new if each["code"] not in tied]
        for each, other in zip(left, old.values(), strict=False):
            if each["display"] == other["display"]:
                tied[each["code"]] = other
        if loose := set(old) - {other["code"] for other in tied.values()}:
            raise Unusable(f"Koden {min(loose)} svarer ikke til noget uuid på samme sted i træet.")
    for each in new:
        other = tied.get(each["code"], {})
        before = known.find(each["code"])
        name, told = each["display"].strip(), str(each.get("definition") or "").strip()
        legacy = other.get("code") or (before.legacy if before is not None else "")
        yield _Node(each["code"], legacy, name, "" if told == name else told, parent, _retired(each))
        yield from _pairs([*_concepts(each), *_concepts(other)], each["code"], known)


def _retired(concept: Mapping[str, Any]) -> bool | None:
    """What FHIR's properties `status` and `inactive` say; FSIII has had neither so far."""
    for each in concept.get("property") or []:
        if isinstance(each, dict) and each.get("code") in ("status", "inactive"):
            return each.get("valueBoolean") is True or each.get("valueCode") in ("retired", "deprecated")
    return None
