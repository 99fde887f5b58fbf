"""Puts a document before its rules: MedCom's profiles and invariants, and the guide's text. Pure: imports no Django."""

from typing import Any

from ekg import invariants, profile_rules, text_rules
from ekg.observations import in_sections
from ekg.profiles import PROFILES
from ekg.times import Span
from fhir.bundle import Handling
from fhir.findings import Findings
from fhir.references import Entry, Index
from fhir.tree import first, values

SLICE = "medcom-ekg-recording-bundle:Bundle.entry:medcom-ekg-recording-composition"


def composition(bundle: Index, out: Findings) -> Entry | None:
    """The Composition; without one, or with two, there is no document to speak of."""
    found = bundle.of("Composition")
    if not found:
        out.add(f"{SLICE}:min", "Bundle.entry", "Dokumentet har ingen Composition.", handling=Handling.REFUSED)
        return None
    for further in found[1:]:
        out.add(f"{SLICE}:max", further.path, "Dokumentet har mere end én Composition.", handling=Handling.REFUSED)
    return found[0]


def check(
    tree: dict[str, Any],
    bundle: Index,
    composition: Entry | None,
    patient: Entry | None,
    observations: list[Entry],
    out: Findings,
) -> None:
    """Every rule of the standard, resource by resource, then those about the whole."""
    profile_rules.check("Bundle", tree, "Bundle", bundle, out)
    invariants.check("Bundle", tree, "Bundle", out)
    _profiles(bundle, composition, patient, observations, out)
    text_rules.references(bundle, out)
    text_rules.full_urls(bundle, out)
    if not observations:
        out.add("ekg-recording", "Bundle.entry", "Dokumentet indeholder ingen EKG-undersøgelse.",
                handling=Handling.ERROR)  # fmt: skip
    if composition is not None:
        listed = in_sections(composition.resource, bundle)
        text_rules.profile(composition, out)
        text_rules.times(composition, [Span.of_observation(one.resource) for one in observations], out)
        for observation in observations:
            text_rules.performer(composition, observation, bundle, out)
            text_rules.in_section(observation, listed, out)


def _profiles(
    bundle: Index, composition: Entry | None, patient: Entry | None, observations: list[Entry], out: Findings
) -> None:
    """The resources that a profile binds: from the Composition along its references, and those that claim one.

    Nothing is shown of a resource that only claims its profile, so it costs the document a disclaimer at most.
    """
    waiting = [entry for entry in (composition, patient, *observations) if entry is not None]
    bound: dict[Entry, None] = {}
    while waiting:
        entry = waiting.pop(0)
        if entry not in bound:
            bound[entry] = None
            waiting += profile_rules.check(entry.type, entry.resource, entry.path, bundle, out)
            invariants.check(entry.type, entry.resource, entry.path, out)
    out.ceiling = Handling.DISCLAIMER
    for entry in bundle.entries:
        if entry not in bound and _claims(entry):
            profile_rules.check(entry.type, entry.resource, entry.path, bundle, out)
            invariants.check(entry.type, entry.resource, entry.path, out)
    out.ceiling = Handling.REFUSED


def _claims(entry: Entry) -> bool:
    """Whether a resource says that it follows the profile of its type."""
    profile = PROFILES.get(entry.type, ("",))[0]
    said = values(first(entry.resource, "meta"), "profile")
    return bool(profile) and any(isinstance(one, str) and f"/{profile}" in one for one in said)
