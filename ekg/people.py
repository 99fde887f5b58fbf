"""Names, roles and organisations as a reader writes them, exactly as sent. Pure: imports no Django."""

from typing import Any

from ekg.profiles import SOR
from fhir.references import Entry, Index
from fhir.tree import first, text, values
from terminology import roles


def name(resource: Any, use: str = "official") -> str:
    """'Given Family' of the official name, else of the first; a name given only as text stays that text."""
    names = [one for one in values(resource, "name") if isinstance(one, dict)]
    chosen = next((one for one in names if text(one, "use") == use), names[0] if names else None)
    parts = [*values(chosen, "given"), *values(chosen, "family")]
    written = " ".join(part for part in parts if isinstance(part, str) and part.strip())
    return written or text(chosen, "text")


def organisation(entry: Entry | None) -> tuple[str, str]:
    """SOR code and name of an organisation; "" for what it does not say."""
    if entry is None:
        return "", ""
    sor = next((text(one, "value") for one in values(entry.resource, "identifier") if text(one, "system") == SOR), "")
    return sor, text(entry.resource, "name").strip()


def sender(composition: Entry, observation: Entry, index: Index) -> Entry | None:
    """The organisation that sends the document: its author, else who performed the recording."""
    said = [*values(composition.resource, "author"), *values(observation.resource, "performer")]
    found = (index.resolve(text(one, "reference")) for one in said)
    return next((one for one in found if one is not None and one.type == "Organization"), None)


def author(composition: Entry, index: Index) -> tuple[str, str]:
    """Name and role of the author person; several are joined by commas, each once. EKG.md §8.10."""
    names: list[str] = []
    words: list[str] = []
    for reference in values(composition.resource, "author"):
        entry = index.resolve(text(reference, "reference"))
        if entry is None and text(reference, "reference").startswith("Practitioner"):
            names.append(text(reference, "display"))
        elif entry is not None and entry.type == "Practitioner":
            names.append(name(entry.resource))
        elif entry is not None and entry.type == "PractitionerRole":
            person = index.resolve(text(entry.resource, "practitioner", "reference"))
            known = person is not None and person.type == "Practitioner"
            names.append(name(person.resource) if person and known else text(entry.resource, "practitioner", "display"))
            words.extend(role(code) for code in values(entry.resource, "code"))
    return _joined(names), _joined(words)


def role(code: Any) -> str:
    """A role in Danish words: the code list's, else the sender's, else the code as it is."""
    codings = values(code, "coding")
    known = (roles.display(text(one, "system"), text(one, "code")) for one in codings)
    said = (text(one, "display") or text(one, "code") for one in codings)
    return next(filter(None, known), "") or text(code, "text") or next(filter(None, said), "")


def note(observation: Any) -> str:
    """The comment's text, not a character changed; several comments are kept apart by an empty line."""
    return "\n\n".join(text(one, "text") for one in values(observation, "note") if text(one, "text"))


def official(patient: Entry) -> tuple[str, str | None, str | None]:
    """Name, birth date and gender of the patient, as sent."""
    birth_date, gender = first(patient.resource, "birthDate"), first(patient.resource, "gender")
    return (
        name(patient.resource),
        birth_date if isinstance(birth_date, str) and birth_date else None,
        gender if isinstance(gender, str) and gender else None,
    )


def _joined(words: list[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, (word.strip() for word in words))))
