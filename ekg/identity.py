"""Whom a document is about: every doubt refuses it (EKG.md §8). Pure: imports no Django.

Rules of the standard's text carry names of ours, `ekg-…`: MedCom gives them none.
"""

from typing import Any

from ekg.profiles import CPR
from fhir.bundle import Handling
from fhir.findings import Findings
from fhir.references import Entry, Index
from fhir.tree import empty, first, text, values


def patient(composition: Entry | None, index: Index, out: Findings) -> Entry | None:
    """The Patient that the Composition and every Observation are about; None, with a refusing finding, in any doubt."""
    found = _subject(composition, index, out) if composition else None
    for observation in index.of("Observation"):
        theirs = _subject(observation, index, out)
        if found is not None and theirs is not None and theirs is not found:
            _refuse(out, "ekg-subjects-equal", f"{observation.path}.subject",
                    "Dokumentet og undersøgelsen handler ikke om den samme borger.")  # fmt: skip
    if found is not None:
        _one_number(found, out)
        _further(found, index, out)
    return found


def cpr(patient: Entry) -> str:
    """The CPR number as sent, "" when there is none."""
    return next((value for value in _numbers(patient) if isinstance(value, str)), "")


def _refuse(out: Findings, rule: str, path: str, sentence: str) -> None:
    out.add(rule, path, sentence, handling=Handling.REFUSED)


def _subject(holder: Entry, index: Index, out: Findings) -> Entry | None:
    """The Patient that a resource's subject names. A contained one is never trusted."""
    path = f"{holder.path}.subject"
    said = values(holder.resource, "subject")
    found = index.resolve(text(said[0], "reference")) if len(said) == 1 else None
    if found is None or found.type != "Patient":
        _refuse(out, "ekg-subject-resolves", path, "Borgeren, der henvises til, findes ikke i dokumentet.")
        return None
    if f"Patient/{found.id}" in index.repeated:
        _refuse(out, "ekg-subject-unique", path, "Flere borgere i dokumentet har det samme id.")
    number = first(said[0], "identifier", "value")
    if text(said[0], "identifier", "system") == CPR and not empty(number) and number not in _numbers(found):
        _refuse(out, "ekg-subject-number", path, "Henvisningen til borgeren har et andet CPR-nummer end borgeren selv.")
    return found


def _numbers(patient: Entry) -> list[Any]:
    return [
        number
        for one in values(patient.resource, "identifier")
        if text(one, "system") == CPR
        for number in values(one, "value")
    ]


def _one_number(patient: Entry, out: Findings) -> None:
    """Two different CPR numbers leave the identity unclear; the same one twice does not."""
    if len({str(number) for number in _numbers(patient)}) > 1:
        _refuse(out, "medcom-document-patient:Patient.identifier:cpr:max", f"{patient.path}.identifier",
                "Borgeren har mere end ét CPR-nummer i dokumentet.")  # fmt: skip


def _further(patient: Entry, index: Index, out: Findings) -> None:
    """A further Patient that nothing refers to is stray; one that something refers to leaves the identity unclear."""
    others = [entry for entry in index.of("Patient") if entry is not patient]
    if not others:
        return
    meant = {id(one.entry) for one in index.references() if one.entry is not one.holder}
    for other in others:
        if id(other) in meant:
            _refuse(out, "ekg-further-patient", other.path, "Dokumentet handler om mere end én borger.")
        else:
            out.add("ekg-further-patient", other.path, "Dokumentet indeholder en borger, som intet henviser til.")
