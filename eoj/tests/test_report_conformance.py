"""Every cardinality, fixed value and binding of the published profiles, broken one at a time: the reader names it."""

import copy
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eoj.report import read, read_incremental_frame
from eoj.tests import vectors
from eoj.tests.reports import FSIII, LOCAL, Tree, everything, incremental
from terminology.fsiii import shipped

LIST = Path(__file__).parent / "report_conformance_exceptions.csv"
TABLE = vectors.folder() / "profiles" / "profile_elements.csv"
INCREMENTAL = "klgateway-care-incremental-delivery"
SLICES = {"level2": ("system", FSIII), "level3": ("system", LOCAL), "cpr": ("system", "urn:oid:1.2.208.176.1.2"),
          "x-ecpr": ("system", "urn:oid:1.2.208.176.1.6.1.1"), "d-ecpr": ("system", "urn:oid:1.2.208.176.1.6.1.3"),
          "followUpEncounter": ("url", "klgateway-care-follow-up-encounter-extension"),
          "basedOnIntervention": ("url", "BasedOnInterventionExtension"), "deliveryType": ("url", "DeliveryType"),
          "findingContextAtRisk": ("url", "klgateway-care-finding-context-at-risk-extension")}  # fmt: skip
Row = dict[str, str]
Constraint = tuple[str, str, str]


def rows() -> dict[Constraint, Row]:
    """Every constraint that one document can break by itself."""
    found: dict[Constraint, Row] = {}
    for row in csv.DictReader(TABLE.read_text("utf-8").splitlines()):
        if not row["ig"].startswith("incoming") or "." not in row["element"]:
            continue
        kinds = {"min": row["min"] not in ("", "0"), "max": row["max"] not in ("", "*"),
                 "fixed": bool(row["fixed_or_pattern"]), "binding": row["binding"].startswith("required")}  # fmt: skip
        found |= {(row["profile"], row["element"], kind): row for kind, there in kinds.items() if there}
    return found


def exceptions() -> dict[Constraint, str]:
    listed = csv.DictReader(LIST.read_text("utf-8").splitlines())
    return {(row["profile"], row["element"], row["kind"]): row["reason"] for row in listed}


def roots(profile: str, tree: Tree) -> list[Any]:
    """What the profile binds in the specimen: the Bundle, resources, or extensions anywhere."""
    if "Extension" in profile or "-extension" in profile or profile == "DeliveryType":
        return [node for node in nodes(tree) if str(node.get("url", "")).endswith(f"/{profile}")]
    return [node for node in nodes(tree) if any(said.endswith(f"/{profile}") for said in _profiles(node))]


def _profiles(node: Tree) -> list[str]:
    return list(node["meta"]["profile"]) if isinstance(node.get("meta"), dict) else []


def nodes(tree: Any) -> Iterator[Tree]:
    if isinstance(tree, dict):
        yield tree
    for below in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes(below)


def holders(holder: Any, names: list[str]) -> Iterator[Tree]:
    """The objects that hold (or could hold) the last element of the path."""
    if len(names) == 1:
        yield holder
        return
    for one in found(holder, names[0]):
        if isinstance(one, dict):
            yield from holders(one, names[1:])


def keys(holder: Tree, segment: str) -> list[str]:
    name, _, slice_ = segment.partition(":")
    if not name.endswith("[x]"):
        return [name]
    if slice_:
        return [slice_]
    return [key for key in holder if re.fullmatch(rf"{name[:-3]}[A-Z]\w*", key)] or [f"{name[:-3]}DateTime"]


def found(holder: Tree, segment: str) -> list[Any]:
    values = [holder[key] for key in keys(holder, segment) if key in holder]
    many = [one for value in values for one in (value if isinstance(value, list) else [value])]
    slice_ = segment.partition(":")[2]
    if slice_ not in SLICES or "[x]" in segment:
        return many
    by, said = SLICES[slice_]
    return [one for one in many if str(one.get(by, "")).endswith(said)]


def breaks(holder: Tree, segment: str, kind: str, row: Row) -> None:
    key, those = keys(holder, segment)[0], found(holder, segment)
    match kind:
        case "min" if isinstance(holder.get(key), list):
            holder[key] = [one for one in holder[key] if one not in those]
        case "min":
            holder.pop(key, None)
            holder.setdefault("id", "x")  # an empty holder would itself be what is missing
        case "max" if row["max"] == "0":
            by, said = SLICES.get(segment.partition(":")[2], ("code", "x"))
            holder[key] = [{by: said}] if ":" in segment and "[x]" not in segment else "2026-03-12"
        case "max":
            value = holder[key]
            holder[key] = [*value, *copy.deepcopy(those[:1])] if isinstance(value, list) else [value, value]
        case "fixed" | "binding" if isinstance(holder[key], str):
            holder[key] = "noget-andet"
        case _:
            for node in [node for one in those for node in nodes(one) if isinstance(node.get("code"), str)]:
                node["code"] = "noget-andet"


def broken(constraint: Constraint, row: Row) -> Tree | None:
    profile, element, kind = constraint
    tree = incremental(everything()) if profile == INCREMENTAL else copy.deepcopy(everything())
    names = element.split(".")[1:]
    places = [place for root in roots(profile, tree)[:1] for place in holders(root, names)]
    if not places or (kind != "min" and row["max"] != "0" and not found(places[0], names[-1])):
        return None
    before = json.dumps(tree)
    breaks(places[0], names[-1], kind, row)
    return tree if json.dumps(tree) != before else None


def said(tree: Tree) -> set[str]:
    if tree["meta"]["profile"][0].endswith(INCREMENTAL):
        return {finding.rule for finding in read_incremental_frame(tree)}
    return {finding.rule for finding in read(tree, shipped()).findings}


def test_the_specimen_has_every_profile_and_nothing_wrong() -> None:
    assert said(everything()) == {"care-report-last-updated"}
    assert not said(incremental(everything()))
    assert all(roots(profile, incremental(everything())) for profile, _, _ in rows())


@pytest.mark.parametrize("profile", sorted({profile for profile, _, _ in rows()}))
def test_every_constraint_of_a_profile_is_named_when_it_is_broken(profile: str) -> None:
    silent, needless = [], []
    for constraint, row in rows().items():
        if constraint[0] != profile:
            continue
        tree = broken(constraint, row)
        _, element, kind = constraint
        names = {f"{profile}:{id_}:{kind}" for id_ in (element, re.sub(r":[^.]+", "", element))}
        named = tree is not None and bool(names & said(tree))
        if named and constraint in exceptions():
            needless.append(constraint)
        if not named and constraint not in exceptions():
            silent.append((constraint, said(tree) if tree else "could not be broken"))
    assert not silent, silent
    assert not needless


def test_the_list_of_exceptions_names_constraints_that_exist_and_says_why() -> None:
    assert set(exceptions()) <= set(rows())
    assert all(len(reason) > 20 for reason in exceptions().values())
