"""Every constraint of the published profiles, broken one at a time: the reader names it, or a list says why not."""

import csv
import re
from pathlib import Path

import pytest

from ekg.tests import vectors
from ekg.tests.breakers import broken
from ekg.tests.breaking import PROFILES, Constraint, Place, Unbreakable, constraints, snapshot
from ekg.tests.specimen import Specimen
from fhir.bundle import Finding

VECTORS = vectors.folder()
LIST = Path(__file__).parent / "conformance_exceptions.csv"
CARDINAL = {"min", "max", "fixed", "pattern", "maxLength"}


def exceptions() -> dict[tuple[str, str, str], dict[str, str]]:
    """The committed list: what needs no finding of its own, why, and the rule that speaks instead, if any."""
    rows = csv.DictReader(LIST.read_text("utf-8").splitlines())
    return {(row["profile"], row["element"], row["kind"]): row for row in rows}


def names(finding: Finding, constraint: Constraint, place: Place) -> bool:
    """Whether a finding names the constraint: by the profile's rule, or by base FHIR's rule at the same element.

    A rule of the whole element (`Patient.identifier`) names its slices (`Patient.identifier:d-ecpr`) too.
    """
    unsliced = re.sub(r":[^.]+", "", constraint.element)
    if finding.rule in {f"{constraint.profile}:{id_}:{constraint.kind}" for id_ in (constraint.element, unsliced)}:
        return True
    kind, of_base = finding.rule.rpartition(":")[2], finding.rule.count(":") <= 1
    same_place = bare(finding.path, place) == bare(place.path, place)
    if constraint.kind == "ele-1":  # an empty element that must not be missing is reported as missing
        return same_place and kind in {"ele-1", "min"}
    if constraint.kind in CARDINAL:
        return same_place and of_base and kind == constraint.kind
    return finding.rule == constraint.kind and finding.path.startswith(place.resource_path)


def bare(path: str, place: Place) -> str:
    """A path without the numbers after the resource's own."""
    own = place.resource_path if path.startswith(place.resource_path) else ""
    return own + re.sub(r"\[\d+\]", "", path[len(own) :])


@pytest.mark.parametrize("profile", PROFILES)
def test_every_constraint_of_a_profile_is_named_when_it_is_broken(profile: str) -> None:
    elements = snapshot(VECTORS, profile)
    excused, silent, needless = exceptions(), [], []
    for constraint in constraints(profile, elements):
        specimen = Specimen()
        excuse = excused.get((profile, constraint.element, constraint.kind))
        try:
            place = broken(specimen, constraint, elements)
        except Unbreakable as reason:
            if excuse is None:
                silent.append((constraint.element, constraint.kind, str(reason)))
            continue
        found = specimen.judged().findings
        named = any(names(finding, constraint, place) for finding in found)
        if excuse and excuse["found_as"]:
            assert excuse["found_as"] in {finding.rule for finding in found}, excuse
        if named and excuse:
            needless.append((constraint.element, constraint.kind))
        if not named and not excuse:
            silent.append((constraint.element, constraint.kind, str([(one.rule, one.path) for one in found])))
    assert not silent, f"{len(silent)} constraints are neither named nor excused: {silent[:20]}"
    assert not needless, f"these are named after all, so their excuse must go: {needless}"


def test_the_list_of_exceptions_names_constraints_that_exist_and_says_why() -> None:
    known = {
        (profile, one.element, one.kind)
        for profile in PROFILES
        for one in constraints(profile, snapshot(VECTORS, profile))
    }
    assert set(exceptions()) <= known
    assert all(len(row["reason"]) > 20 for row in exceptions().values())
