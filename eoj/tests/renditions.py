"""A report as its sender would write it in XML; knows nothing of what types say, unlike what reads it. Pure."""

from typing import Any
from xml.etree import ElementTree


def xml(tree: dict[str, Any]) -> bytes:
    """The resource in XML, without narratives."""
    root = ElementTree.Element(tree["resourceType"], xmlns="http://hl7.org/fhir")
    _fill(root, tree)
    return ElementTree.tostring(root)


def _fill(parent: ElementTree.Element, tree: dict[str, Any]) -> None:
    for name, said in tree.items():
        for one in said if isinstance(said, list) else [said]:
            if name in ("resourceType", "text") or (name == "url" and parent.tag == "extension"):
                continue
            child = ElementTree.SubElement(parent, name)
            if not isinstance(one, dict):
                child.set("value", str(one).lower() if isinstance(one, bool) else str(one))
                continue
            if name == "extension":
                child.set("url", one["url"])
            if "resourceType" in one:
                child = ElementTree.SubElement(child, one["resourceType"])
            _fill(child, one)
