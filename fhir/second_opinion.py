"""What the library fhir.resources (R4B models) makes of the base structure. Pure: imports no Django.

It never decides: every finding is information. It is asked about one resource at a time, since it would stop at the
first bad one, and never sees a payload. It costs more than all our own rules together, and its models half a second
when first loaded, so `ekg.document` asks it only about documents in which our own rules found something.
"""

from typing import Any

from fhir.bundle import Finding, Severity
from fhir.elements import ELEMENTS
from fhir.references import Entry

RULE = "base-structure"
LIMIT = 20
"""Findings of one document: more would say nothing that the first do not."""


def findings(entries: tuple[Entry, ...], known: set[str]) -> tuple[Finding, ...]:
    """What the models refuse in each entry, except at the paths already `known`; () when the library fails itself."""
    found: list[Finding] = []
    for entry in entries:
        for where, said in _errors(entry):
            path = _path(entry.path, entry.type, where)
            if len(found) == LIMIT:
                return tuple(found)
            if path not in known:
                text = f"Grundstrukturen i {entry.type} afviger fra FHIR R4 ({said})."
                found.append(Finding(RULE, Severity.INFORMATION, path, text))
    return tuple(found)


def _errors(entry: Entry) -> list[tuple[tuple[Any, ...], str]]:
    """Where and how the models refuse a resource: a place in it, and the library's own word for the fault."""
    try:
        from fhir.resources.R4B import get_fhir_model_class  # half a second, and rarely needed

        get_fhir_model_class(entry.type).model_validate(without_payloads(entry.resource))
    except Exception as error:  # it raises what it likes; an opinion must not cost the document
        listed = getattr(error, "errors", None)
        if not callable(listed):
            return []
        return [(tuple(one["loc"]), str(one["type"])) for one in listed(include_input=False, include_url=False)[:50]]
    return []


def without_payloads(node: Any) -> Any:
    """A copy in which every base64 payload is four characters long."""
    if isinstance(node, dict):
        return {
            key: "AAAA" if key == "data" and isinstance(value, str) and value else without_payloads(value)
            for key, value in node.items()
        }
    return [without_payloads(one) for one in node] if isinstance(node, list) else node


def _path(path: str, type_: str, where: tuple[Any, ...]) -> str:
    """The FHIRPath of a place that the library names by JSON names (`effectivePeriod`)."""
    for step in where:
        element = ELEMENTS.get(type_, {}).get(str(step))
        if isinstance(step, int):
            path += f"[{step}]"
        elif element is not None:
            path += f".{element.path}"
            type_ = element.type
        else:
            return path  # a name the sender made up; it may be anything, so it is not repeated
    return path
