"""A catalogue in the shape in which FSIII is published, made of what the tests need: two trees, word for word alike."""

import copy
import json
from typing import Any

from terminology.fsiii import SYSTEM, Concept, shipped

PERSONAL_CARE, COOKING, NEW = (
    "feb38b55-c2d7-4d57-99c2-93622eaa0025",
    "75bfc8db-a220-4801-a8c7-5e968e94d44b",
    "0c0ffee0-0000-4000-8000-000000000001",
)

Tree = dict[str, Any]


def code_system(version: str = "9.1", definitions: dict[str, str] | None = None) -> Tree:
    """The shipped code list as a CodeSystem, with these definitions by uuid; elsewhere the name is repeated."""
    told = definitions or {}
    every = list(shipped())

    def tree(concept: Concept, older: bool) -> Tree:
        below = [tree(each, older) for each in every if each.parent == concept.key]
        made: Tree = {
            "code": concept.legacy if older else concept.key,
            "display": concept.name,
            "definition": told.get(concept.key, concept.name),
        }
        return made | ({"concept": below} if below else {})

    roots = [each for each in every if not each.parent]
    concepts = [tree(each, older) for older in (False, True) for each in roots]
    return {"resourceType": "CodeSystem", "url": SYSTEM, "version": version, "content": "complete", "concept": concepts}


def raw(tree: Tree) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode()


def both(tree: Tree, key: str) -> tuple[Tree, Tree]:
    """A concept in the one tree and in the other."""
    concept = shipped().concepts[key]
    return found(tree, concept.key), found(tree, concept.legacy)


def found(tree: Tree, code: str) -> Tree:
    """The concept with a code, wherever it lies."""
    concepts: list[Tree] = tree.get("concept", [])
    for each in concepts:
        if each["code"] == code:
            return each
        try:
            return found(each, code)
        except KeyError:
            continue
    raise KeyError(code)


def renamed(tree: Tree, key: str, name: str) -> Tree:
    copied = copy.deepcopy(tree)
    for each in both(copied, key):
        each["display"] = name
    return copied


def without(tree: Tree, key: str) -> Tree:
    copied = copy.deepcopy(tree)
    codes = {key, shipped().concepts[key].legacy}

    def prune(each: Tree) -> None:
        each["concept"] = [below for below in each.get("concept", ()) if below["code"] not in codes]
        for below in each["concept"]:
            prune(below)

    prune(copied)
    return copied


def moved(tree: Tree, key: str, parent: str) -> Tree:
    ours = both(tree, key)
    copied = without(tree, key)
    for above, each in zip(both(copied, parent), ours, strict=True):
        above.setdefault("concept", []).append(each)
    return copied


def added(tree: Tree, parent: str, key: str, legacy: str, name: str) -> Tree:
    copied = copy.deepcopy(tree)
    for above, code in zip(both(copied, parent), (key, legacy), strict=True):
        above.setdefault("concept", []).append({"code": code, "display": name})
    return copied
