"""Writes the few resources we answer with as FHIR XML (https://hl7.org/fhir/R4/xml.html). Pure: imports no Django."""

from typing import Any

from lxml import etree

from fhir.bundle import Tree

NS = "http://hl7.org/fhir"


def to_xml(tree: Tree) -> bytes:
    """The resource as UTF-8 XML; the elements must stand in the tree in the order that FHIR gives them."""
    return bytes(etree.tostring(_resource(tree), encoding="UTF-8", xml_declaration=True))


def _resource(tree: Tree) -> Any:
    nsmap: Any = {None: NS}
    node = etree.Element(f"{{{NS}}}{tree['resourceType']}", nsmap=nsmap)
    _fill(node, tree)
    return node


def _fill(parent: Any, tree: Tree) -> None:
    for name, value in tree.items():
        if name == "resourceType":
            continue
        for one in value if isinstance(value, list) else [value]:
            if name == "url" and parent.tag == f"{{{NS}}}extension":
                parent.set("url", one)  # with id the only attribute of an element
                continue
            child = etree.SubElement(parent, f"{{{NS}}}{name}")
            if isinstance(one, dict) and "resourceType" in one:
                child.append(_resource(one))
            elif isinstance(one, dict):
                _fill(child, one)
            else:
                child.set("value", str(one).lower() if isinstance(one, bool) else str(one))
