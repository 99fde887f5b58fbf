"""The invariants of FHIR R4's own definitions, by their keys. Pure: imports no Django.

Source: the `constraint` keys of hl7.org/fhir/R4 (bdl-1 … obs-7). Each function answers whether the rule holds of one
element of the type; `RULES` is the table.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from fhir.bundle import Severity
from fhir.elements import DOMAIN, ELEMENTS
from fhir.findings import Findings
from fhir.primitives import moment
from fhir.tree import empty, extended, first, present, references, text, values

Holder = dict[str, Any]


def check(value: Holder, type_: str, path: str, out: Findings) -> None:
    """Check one complex element against the invariants of its type."""
    if "implicitRules" not in ELEMENTS[type_] and not _has_content(value):
        out.add("ele-1", path, "Elementet er tomt.")
    for key, holds, severity, where, sentence in RULES.get(type_, ()):
        if not holds(value):
            out.add(key, f"{path}.{where}" if where else path, sentence, severity)


def _has_content(value: Holder) -> bool:
    """ele-1: a value or children besides the id."""
    return any(key != "id" and (not empty(one) or extended(one)) for key, one in value.items())


def _value(value: Holder, choice: str = "value") -> bool:
    """Whether a choice element (`value[x]`) is present in any of its types."""
    return any(
        key.lstrip("_").startswith(choice)
        and key.lstrip("_")[len(choice) :][:1].isupper()
        and present(value, key.lstrip("_"))
        for key in value
        if isinstance(key, str)
    )


def _ordered(period: Holder) -> bool:
    """per-1: the start is not after the end; only moments can be compared for certain."""
    start, end = moment(period.get("start")), moment(period.get("end"))
    return start is None or end is None or start <= end


def _distinct_full_urls(bundle: Holder) -> bool:
    """bdl-7: fullUrl (with the version of its resource) occurs once."""
    seen = Counter(
        (entry["fullUrl"], text(entry, "resource", "meta", "versionId"))
        for entry in values(bundle, "entry")
        if isinstance(entry, dict) and isinstance(entry.get("fullUrl"), str)
    )
    return bundle.get("type") == "history" or all(count == 1 for count in seen.values())


def _document(bundle: Holder, holds: Callable[[Holder], bool]) -> bool:
    return bundle.get("type") != "document" or holds(bundle)


def _entries(bundle: Holder, name: str, *types: str) -> bool:
    """bdl-3, bdl-4: every entry has the part when the bundle is of one of these types, and none otherwise."""
    wanted = bundle.get("type") in types
    return all(present(entry, name) == wanted for entry in values(bundle, "entry"))


def _first_is(bundle: Holder, type_: str) -> bool:
    return text(bundle, "entry", "resource", "resourceType") == type_


def _component_codes_differ(observation: Holder) -> bool:
    """obs-7: with a value of its own, no component repeats the observation's code."""
    if not _value(observation):
        return True
    own = [(text(coding, "system"), text(coding, "code")) for coding in values(observation.get("code"), "coding")]
    return not any(
        (text(coding, "system"), text(coding, "code")) in own
        for component in values(observation, "component")
        for coding in values(first(component, "code"), "coding")
    )


def _contained_are_referenced(resource: Holder) -> bool:
    """dom-3: each contained resource is referred to from its holder, or refers to it."""
    contained = [one for one in values(resource, "contained") if isinstance(one, dict)]
    if not contained:
        return True
    used = {said for _, said in references(resource, "")}
    return all(f"#{one.get('id')}" in used or any(said == "#" for _, said in references(one, "")) for one in contained)


def _no_contained(*names: str) -> Callable[[Holder], bool]:
    return lambda resource: (
        not any(
            present(one, names[0])
            if len(names) == 1
            else any(present(first(one, names[0]), name) for name in names[1:])
            for one in values(resource, "contained")
        )
    )


def _unused_at_home(name: str) -> Callable[[Holder], bool]:
    return lambda organization: not any(text(one, "use") == "home" for one in values(organization, name))


def _any(*names: str) -> Callable[[Holder], bool]:
    return lambda holder: any(present(holder, name) for name in names)


Rule = tuple[str, Callable[[Holder], bool], Severity, str, str]
_E, _W = Severity.ERROR, Severity.WARNING

_DOMAIN: tuple[Rule, ...] = (
    ("dom-2", _no_contained("contained"), _E, "contained", "En indlejret ressource må ikke selv indlejre ressourcer."),
    ("dom-3", _contained_are_referenced, _E, "contained", "En indlejret ressource bliver ikke brugt."),
    ("dom-4", _no_contained("meta", "versionId", "lastUpdated"), _E, "contained",
     "En indlejret ressource må ikke have version eller ændringstid."),
    ("dom-5", _no_contained("meta", "security"), _E, "contained",
     "En indlejret ressource må ikke have sikkerhedsmærker."),
    ("dom-6", lambda resource: present(first(resource, "text"), "div"), _W, "text",
     "Ressourcen bør have en læsbar tekst."),
)  # fmt: skip

RULES: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys(DOMAIN, _DOMAIN),
    "Extension": (("ext-1", lambda e: present(e, "extension") != _value(e), _E, "",
                   "En udvidelse skal have enten en værdi eller egne udvidelser."),),
    "Period": (("per-1", _ordered, _E, "", "Perioden slutter, før den begynder."),),
    "Attachment": (("att-1", lambda a: empty(a.get("data")) or present(a, "contentType"), _E, "",
                    "En vedhæftet fil skal angive sin filtype."),),
    "Quantity": (("qty-3", lambda q: empty(q.get("code")) or present(q, "system"), _E, "",
                  "En kodet enhed skal angive sit kodesystem."),),
    "ContactPoint": (("cpt-2", lambda c: empty(c.get("value")) or present(c, "system"), _E, "",
                      "En kontaktoplysning skal angive, hvad den er."),),
    "Composition.section": (
        ("cmp-1", _any("text", "entry", "section"), _E, "", "Et afsnit skal have tekst, indhold eller egne afsnit."),
        ("cmp-2", lambda s: not (present(s, "emptyReason") and present(s, "entry")), _E, "",
         "Et afsnit med indhold må ikke angive, hvorfor det er tomt."),
    ),
    "Observation.referenceRange": (("obs-3", _any("low", "high", "text"), _E, "",
                                    "Et referenceområde skal have grænser eller tekst."),),
    "Patient.contact": (("pat-1", _any("name", "telecom", "address", "organization"), _E, "",
                         "En kontaktperson skal have navn, kontaktoplysning, adresse eller organisation."),),
    "Bundle.entry": (
        ("bdl-5", _any("resource", "request", "response"), _E, "", "En post i dokumentet er tom."),
        ("bdl-8", lambda e: "/_history/" not in text(e, "fullUrl"), _E, "fullUrl",
         "Adressen (fullUrl) må ikke pege på en bestemt version."),
    ),
    "Bundle": (
        ("bdl-1", lambda b: not present(b, "total") or b.get("type") in ("searchset", "history"), _E, "total",
         "Et dokument må ikke angive et samlet antal."),
        ("bdl-2", lambda b: b.get("type") == "searchset" or not any(present(e, "search") for e in values(b, "entry")),
         _E, "entry", "En post i et dokument må ikke have søgeoplysninger."),
        ("bdl-3", lambda b: _entries(b, "request", "batch", "transaction", "history"), _E, "entry",
         "En post har, eller mangler, en forespørgsel (request)."),
        ("bdl-4", lambda b: _entries(b, "response", "batch-response", "transaction-response", "history"), _E, "entry",
         "En post har, eller mangler, et svar (response)."),
        ("bdl-7", _distinct_full_urls, _E, "entry", "Den samme adresse (fullUrl) er brugt flere gange."),
        ("bdl-9", lambda b: _document(b, lambda d: present(d.get("identifier"), "system") and present(
            d.get("identifier"), "value")), _E, "identifier", "Dokumentets id skal have både system og værdi."),
        ("bdl-10", lambda b: _document(b, lambda d: present(d, "timestamp")), _E, "timestamp",
         "Tidspunktet, hvor dokumentet blev samlet, mangler."),
        ("bdl-11", lambda b: _document(b, lambda d: _first_is(d, "Composition")), _E, "entry[0]",
         "Dokumentets første post skal være Composition."),
        ("bdl-12", lambda b: b.get("type") != "message" or _first_is(b, "MessageHeader"), _E, "entry[0]",
         "En beskeds første post skal være MessageHeader."),
    ),
    "Observation": (
        *_DOMAIN,
        ("obs-6", lambda o: not (present(o, "dataAbsentReason") and _value(o)), _E, "dataAbsentReason",
         "En værdi må ikke stå sammen med en grund til, at den mangler."),
        ("obs-7", _component_codes_differ, _E, "component", "En delmåling har samme kode som målingen selv."),
    ),
    "Organization": (
        *_DOMAIN,
        ("org-1", _any("identifier", "name"), _E, "", "Organisationen skal have id eller navn."),
        ("org-2", _unused_at_home("address"), _E, "address", "En organisations adresse kan ikke være privat."),
        ("org-3", _unused_at_home("telecom"), _E, "telecom", "En organisations kontaktoplysning kan ikke være privat."),
    ),
}  # fmt: skip
"""Type → (key, holds?, severity, where below the element, sentence)."""
