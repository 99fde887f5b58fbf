"""Reads a care delivery report of KL Gateway: what it says, and every rule that it breaks. Pure: imports no Django.

`read(tree, catalogue)` takes the JSON tree that `fhir.parse` gives and answers with a `Judgement`: REFUSED when a rule
is broken, else SHOW with a `Report`. It never raises for bad content and never stops at the first finding. The rules:
`eoj.profiles` (the guide's tables, walked by `eoj.profile_rules`) and `eoj.rules` (its named rules and its text).
`after_transition` asks for what the guide will demand when the transition to FSIII 2023 is over (EOJ.md §9).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from eoj import items, rules
from eoj.bindings import Sets, value_sets
from eoj.item import Area, Item, Report
from eoj.known import Known
from eoj.nodes import CANONICALS, FRAMES, ROOTS
from eoj.profile_rules import Walk
from eoj.profiles import BUNDLES, INCREMENTAL, PROFILES, REPORT, TRANSITIONAL
from eoj.seen import Seen, Whole
from fhir.bundle import Finding, Handling, Judgement, Severity, Tree
from fhir.findings import Findings
from fhir.primitives import moment
from fhir.tree import first, text, values
from terminology.fsiii import Catalogue

__all__ = ["Area", "Item", "Report", "inner_reports", "is_incremental", "read", "read_incremental_frame", "recognises"]

TYPES = {type_ for type_, _ in PROFILES.values()}
ONLY = {type_: profile for profile, (type_, _) in PROFILES.items() if type_ not in ("Observation", "Encounter")}
"""Resource type → its profile, where there is only one."""
CONFORMS = {"Observation": "gateway-care-report-1", "Encounter": "gateway-care-report-2"}
NO_PROFILE = "Oplysningen følger ikke en af standardens profiler."


def recognises(tree: Mapping[str, Any]) -> bool:
    """Whether to judge a tree as a report or a delivery of reports, before any rule is checked (P-13)."""
    if not isinstance(tree, dict) or tree.get("resourceType") != "Bundle":
        return False
    return tree.get("type") == "collection" or bool(_claimed(tree, BUNDLES))


def is_incremental(tree: Mapping[str, Any]) -> bool:
    """Whether a tree is a delivery of several reports: it says so, or says nothing and holds Bundles."""
    claimed = _claimed(tree, BUNDLES)
    return claimed == INCREMENTAL or (
        not claimed and any(text(entry, "resource", "resourceType") == "Bundle" for entry in values(tree, "entry"))
    )


def inner_reports(tree: Tree) -> Iterator[Tree]:
    """The reports of a delivery, in the order in which they stand, which means nothing (EOJ.md §2.2)."""
    for entry in values(tree, "entry"):
        resource = first(entry, "resource")
        if isinstance(resource, dict):
            yield resource


def read_incremental_frame(tree: Tree) -> tuple[Finding, ...]:
    """What is wrong with a delivery itself, whatever is in its reports."""
    out = Findings()
    if not _is_bundle(tree, out):
        return out.all()
    _claims(tree, INCREMENTAL, out)
    Walk(Sets({}), Known(), out).into(FRAMES[INCREMENTAL], tree, "Bundle")
    _timestamp(tree, INCREMENTAL, out)
    for number, entry in enumerate(values(tree, "entry")):
        resource = first(entry, "resource")
        if resource is not None and text(resource, "resourceType") != "Bundle":
            out.add(f"{INCREMENTAL}:Bundle.entry.resource:target", f"Bundle.entry[{number}].resource",
                    "En samling af rapporter må kun indeholde rapporter.")  # fmt: skip
    return out.all()


def read(tree: Tree, catalogue: Catalogue, *, after_transition: bool = False) -> Judgement:
    """Judge one report."""
    out = Findings()
    if not _is_bundle(tree, out):
        return Judgement(Handling.REFUSED, out.all())
    sets = value_sets(catalogue, after_transition)
    known = Known()
    seen = _resources(tree, known, after_transition, out)
    walk = Walk(sets, known, out)
    _claims(tree, REPORT, out)
    walk.into(FRAMES[REPORT], tree, "Bundle")
    timestamp = _timestamp(tree, REPORT, out)
    for each in seen:
        if each.profile:
            walk.begin()
            walk.into(ROOTS[each.profile], each.resource, each.path)
            each.refs, each.codes = tuple(sorted(walk.refs)), walk.codes
    citizen = _whole(seen, after_transition, out)
    _changes(seen, timestamp, out)
    if out.handling is not Handling.SHOW or timestamp is None or citizen is None:
        return Judgement(Handling.REFUSED, out.all())
    said = tuple(items.item(each, timestamp) for each in seen)
    report = Report(
        id=text(tree, "id"),
        timestamp=timestamp,
        cpr=text(citizen.resource, "identifier", "value"),
        sor=text(citizen.resource, "managingOrganization", "identifier", "value"),
        deceased=citizen.resource.get("deceasedBoolean") is True,
        items=said,
        digest=items.digest([text(tree, "id"), text(tree, "timestamp"), *sorted(each.digest for each in said)]),
    )
    return Judgement(Handling.SHOW, out.all(), report)


def _whole(seen: list[Seen], after_transition: bool, out: Findings) -> Seen | None:
    """The rules that look across resources; gives the citizen."""
    citizen = rules.citizens(seen, out)
    rules.unique(seen, out)
    said = citizen.resource if citizen else {}
    deceased = said.get("deceasedBoolean") is True or "deceasedDateTime" in said
    whole = Whole(out, {each.key: each for each in seen}, deceased, after_transition)
    for each in seen:
        rules.check(each, whole)
    return citizen


def _changes(seen: list[Seen], reported: datetime | None, out: Findings) -> None:
    """When each resource changed: when that is unknown or cannot be, it is the report's time."""
    unknown = False
    for each in seen:
        meta = each.resource.get("meta")
        said = meta.get("lastUpdated") if type(meta) is dict else None
        unknown = unknown or not said
        each.changed = moment(said)
        if each.changed is not None and reported is not None and each.changed > reported:
            each.changed = None
            out.add("care-report-changed-later", f"{each.path}.meta.lastUpdated", "Oplysningens ændringstid er senere "
                    "end rapporten; den gælder fra rapportens tid.", Severity.WARNING)  # fmt: skip
    if unknown:
        out.add("care-report-last-updated", "Bundle.entry", "Oplysninger uden ændringstid gælder fra rapportens tid.",
                Severity.INFORMATION)  # fmt: skip


def _resources(tree: Tree, known: Known, after_transition: bool, out: Findings) -> list[Seen]:
    """The resources of the report, each with its profile; what may not be in a report is a finding."""
    seen = []
    for number, entry in enumerate(values(tree, "entry")):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        path = f"Bundle.entry[{number}].resource"
        type_, id_ = resource.get("resourceType"), resource.get("id")
        if not isinstance(type_, str) or type_ not in TYPES:
            out.add(f"{REPORT}:Bundle.entry.resource:target", path, "Rapporten indeholder en ressource, der ikke må "
                    "indgå i den.")  # fmt: skip
            continue
        profile = _profile(resource, type_, after_transition, path, out)
        key = f"{type_}/{id_}" if isinstance(id_, str) and id_ else ""
        seen.append(Seen(path, resource, type_, key, profile))
        if key:
            known.profiles.setdefault(key, profile)
            address = entry.get("fullUrl")
            if isinstance(address, str):
                known.addresses.setdefault(address, key)
    return seen


def _profile(resource: Tree, type_: str, after_transition: bool, path: str, out: Findings) -> str:
    """The profile that a resource claims; without one, that of its type, if there is only one."""
    claimed = _claimed(resource, PROFILES)
    if claimed and PROFILES[claimed][0] == type_ and not (after_transition and claimed in TRANSITIONAL):
        return claimed
    out.add(CONFORMS.get(type_, "care-report-profile"), f"{path}.meta.profile", NO_PROFILE)
    return ONLY.get(type_, "")


def _claims(tree: Tree, profile: str, out: Findings) -> None:
    if _claimed(tree, BUNDLES) != profile:
        out.add("care-report-profile", "Bundle.meta.profile", NO_PROFILE)


def _claimed(resource: Mapping[str, Any], among: Mapping[str, Any]) -> str:
    """The first profile that a resource says it follows and that is one of these; "" when none is."""
    for said in values(resource.get("meta"), "profile"):
        profile = CANONICALS.get(said.partition("|")[0], "") if isinstance(said, str) else ""
        if profile in among:
            return profile
    return ""


def _is_bundle(tree: Any, out: Findings) -> bool:
    if isinstance(tree, dict) and tree.get("resourceType") == "Bundle":
        return True
    out.add("care-report-bundle", "Resource", "Det modtagne er ikke en rapport (Bundle).")
    return False


def _timestamp(tree: Tree, profile: str, out: Findings) -> Any:
    """When the report was made; a second 60 is valid FHIR, but no moment on our clocks."""
    said = tree.get("timestamp")
    found = moment(said)
    if found is None and isinstance(said, str) and said:
        out.add(f"{profile}:Bundle.timestamp:type", "Bundle.timestamp",
                "Tidspunktet, hvor rapporten blev dannet, er ikke et gyldigt tidspunkt med tidszone.")  # fmt: skip
    return found
