"""Which Observations of a document are its recordings. Pure: imports no Django."""

from typing import Any

from ekg.profiles import ATTACHMENT, EKG_STUDY, LOINC
from fhir.references import Entry, Index
from fhir.tree import first, text, values


def recorded(composition: Entry | None, bundle: Index) -> list[Entry]:
    """Those that the Composition's sections list, in that order; then any other that carries an EKG or its code.

    A further Observation without either is an extra resource, which the open Bundle allows.
    """
    listed = in_sections(composition.resource, bundle) if composition else []
    others = [entry for entry in bundle.of("Observation") if entry not in listed and _is_ekg(entry.resource)]
    return listed + others


def in_sections(holder: Any, bundle: Index) -> list[Entry]:
    """The Observations that sections list, sections inside sections included, each once."""
    found: list[Entry] = []
    for section in values(holder, "section"):
        for one in values(section, "entry"):
            entry = bundle.resolve(text(one, "reference"))
            if entry is not None and entry.type == "Observation":
                found.append(entry)
        found.extend(in_sections(section, bundle))
    return list(dict.fromkeys(found))


def _is_ekg(observation: Any) -> bool:
    return any(text(one, "url") == ATTACHMENT for one in values(observation, "extension")) or any(
        text(one, "system") == LOINC and text(one, "code") == EKG_STUDY
        for one in values(first(observation, "code"), "coding")
    )
