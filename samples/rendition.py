"""The bytes of a document: FHIR JSON, and the same as FHIR XML. Pure."""

import json
from typing import Any
from xml.sax.saxutils import escape

from fhir.bundle import Tree

MEDIA = {"json": "application/fhir+json", "xml": "application/fhir+xml"}
_ATTRIBUTE = {'"': "&quot;", "'": "&apos;", "\n": "&#xA;", "\r": "&#xD;", "\t": "&#x9;"}


def as_json(tree: Tree) -> bytes:
    return json.dumps(tree, ensure_ascii=False, indent=1).encode() + b"\n"


def as_xml(tree: Tree) -> bytes:
    """Elements in the order of the keys; line breaks in values become references, else XML makes them spaces."""
    return (
        "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *_resource(tree, "", ' xmlns="http://hl7.org/fhir"')])
        + "\n"
    ).encode()


def _resource(tree: Tree, indent: str, namespace: str = "") -> list[str]:
    kind = tree["resourceType"]
    inner = [
        line for key, value in tree.items() if key != "resourceType" for line in _element(key, value, indent + " ")
    ]
    return [f"{indent}<{kind}{namespace}>", *inner, f"{indent}</{kind}>"]


def _element(key: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, list):
        return [line for item in value for line in _element(key, item, indent)]
    if key == "div":
        return [f"{indent}{value}"]
    if isinstance(value, dict) and "resourceType" in value:
        return [f"{indent}<{key}>", *_resource(value, indent + " "), f"{indent}</{key}>"]
    if isinstance(value, dict):
        url = f' url="{escape(value["url"], _ATTRIBUTE)}"' if key == "extension" else ""
        inner = [
            line
            for name, item in value.items()
            if not (url and name == "url")
            for line in _element(name, item, indent + " ")
        ]
        return [f"{indent}<{key}{url}>", *inner, f"{indent}</{key}>"]
    return [f'{indent}<{key} value="{escape(_primitive(value), _ATTRIBUTE)}"/>']


def _primitive(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
