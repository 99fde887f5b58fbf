"""The named invariants of the MedCom and DK core profiles, as published. Pure: imports no Django."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ekg.profiles import CPR, SOR
from fhir.bundle import Handling, Severity
from fhir.findings import Findings
from fhir.tree import empty, present, text, values
from patients.cpr import PATTERN as CPR_NUMBER

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ZULU = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
SEMVER = re.compile(
    r".*[|][0-9]+[.][0-9]+([.][0-9]+)?(-[0-9A-Za-z-]+([.][0-9A-Za-z-]+)*)?([+][0-9A-Za-z-]+([.][0-9A-Za-z-]+)*)?"
)
WITHDRAWN = "Dokumentet følger version 1 af standarden, som er afløst af version 2."
MAJOR = "Dokumentet følger ikke version 2 af standarden."
TIME = "Tidspunktet skal være gyldigt og have sekunder og tidszone."
MANDATORY = (SOR, "https://kombit.dk/sts/organisation", "urn:oid:2.16.840.1.113883.2.24.1.1")
MARITAL = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"


@dataclass(frozen=True)
class Pattern:
    """A rule that every value of one element matches a regular expression, the whole of it."""

    key: str
    type: str
    element: tuple[str, ...]
    """JSON names from the resource on; `identifier[system]` only the values with that system."""
    pattern: re.Pattern[str]
    text: str
    handling: Handling | None = None


PATTERNS = (
    Pattern("medcom-document-bundle-id-uuid", "Bundle", ("id",), re.compile(UUID, re.IGNORECASE),
            "Bundle.id skal være et UUID (version 4 eller 5)."),
    Pattern("medcom-datetime-has-time-offset-zulu", "Bundle", ("timestamp",), ZULU, TIME),
    Pattern("medcom-uuid", "Composition", ("identifier", "value"), re.compile(f"urn:uuid:{UUID}", re.IGNORECASE),
            "Dokumentets id skal være et UUID (version 4 eller 5) med urn:uuid: foran."),
    Pattern("medcom-canonical-semver", "Composition", ("meta", "profile"), SEMVER,
            "Dokumentets profil skal angive en version, fx 2.0."),
    Pattern("medcom-canonical-fixed-major", "Composition", ("meta", "profile"), re.compile(r".*[|]2[.].*"), MAJOR),
    Pattern("medcom-datetime-has-time-offset-zulu", "Composition", ("event", "period", "start"), ZULU, TIME),
    Pattern("medcom-datetime-has-time-offset-zulu", "Composition", ("event", "period", "end"), ZULU, TIME),
    Pattern("medcom-datetime-has-time-offset-zulu", "Observation", ("effectiveDateTime",), ZULU, TIME),
    Pattern("medcom-datetime-has-time-offset-zulu", "Observation", ("effectivePeriod", "start"), ZULU, TIME),
    Pattern("medcom-datetime-has-time-offset-zulu", "Observation", ("effectivePeriod", "end"), ZULU, TIME),
    Pattern("cpr", "Patient", (f"identifier[{CPR}]", "value"), re.compile(CPR_NUMBER.pattern, re.ASCII),
            "Borgerens CPR-nummer er ikke et gyldigt CPR-nummer.", Handling.REFUSED),
    Pattern("min-digits-sor", "Organization", (f"identifier[{SOR}]", "value"), re.compile("[0-9]{11,}"),
            "SOR-koden skal have mindst 11 cifre."),
)  # fmt: skip

RULES = {type_: tuple(rule for rule in PATTERNS if rule.type == type_) for type_ in {rule.type for rule in PATTERNS}}


def check(type_: str, resource: dict[str, Any], path: str, out: Findings) -> None:
    """Check one resource against the invariants of its profile."""
    for rule in RULES.get(type_, ()):
        for where, value in _values(resource, rule.element, path):
            if not (isinstance(value, str) and rule.pattern.fullmatch(value)):
                sentence = WITHDRAWN if rule.text == MAJOR and "|1." in str(value) else rule.text
                out.add(rule.key, where, sentence, handling=rule.handling)
    for key, rule_type, holds, severity, element, sentence in PREDICATES:
        if rule_type == type_ and not holds(resource):
            out.add(key, f"{path}.{element}" if element else path, sentence, severity)


def _values(holder: Any, names: tuple[str, ...], path: str) -> list[tuple[str, Any]]:
    """The values at the end of a path of JSON names, with the FHIRPath of each."""
    name, _, system = names[0].rstrip("]").partition("[")
    said = holder.get(name) if isinstance(holder, dict) else None
    if said is None:
        return []
    here = f"{path}.{'effective' if name.startswith('effective') else name}"
    many = [(f"{here}[{number}]", one) for number, one in enumerate(said)] if isinstance(said, list) else [(here, said)]
    found = [(where, one) for where, one in many if not empty(one) and (not system or text(one, "system") == system)]
    if len(names) == 1:
        return found
    return [end for where, one in found for end in _values(one, names[1:], where)]


def _mandatory_identifier(organization: dict[str, Any]) -> bool:
    return any(text(one, "system") in MANDATORY for one in values(organization, "identifier"))


def _code_xor_text(role: dict[str, Any]) -> bool:
    codes = values(role, "code")
    if not codes:
        return True
    coded = any(
        present(coding, "system") and present(coding, "code") for code in codes for coding in values(code, "coding")
    )
    return coded != any(present(code, "text") for code in codes)


def _units(observation: dict[str, Any]) -> bool:
    quantity = observation.get("valueQuantity")
    return not present(quantity, "value") or present(quantity, "unit") or present(quantity, "code")


def _marital(patient: dict[str, Any]) -> bool:
    codings = values(patient.get("maritalStatus"), "coding")
    codes = {text(one, "code") for one in codings if text(one, "system") == MARITAL}
    return not {"P", "A"} <= codes


Predicate = tuple[str, str, Callable[[dict[str, Any]], bool], Severity, str, str]
PREDICATES: tuple[Predicate, ...] = (
    ("dk-core-organization-mandatory-identifier", "Organization", _mandatory_identifier, Severity.ERROR, "identifier",
     "Enheden skal have en SOR-kode, en KOMBIT-kode eller et CVR-nummer."),
    ("medcom-core-practitionerrole-code-xor-text", "PractitionerRole", _code_xor_text, Severity.ERROR, "code",
     "Den sundhedsfaglige rolle skal være enten en kode eller fri tekst."),
    ("dk-core-observation-mandatory-units", "Observation", _units, Severity.ERROR, "value",
     "En målt værdi skal have en enhed."),
    ("marital-status-unknown-usage", "Patient", _marital, Severity.WARNING, "maritalStatus",
     "Borgerens civilstand er angivet på to måder, der ikke passer sammen."),
)  # fmt: skip
"""(key, resource type, holds?, severity, element, sentence)."""
