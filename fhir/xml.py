"""The XML rendition of FHIR as the tree that the JSON rendition gives. Pure: imports no Django.

Source: hl7.org/fhir/R4/xml.html and json.html. Types and repetition come from `fhir.elements`; an element that is not
there is a list when it is repeated. What JSON cannot hold (text between elements, foreign attributes and namespaces) is
kept under names that no element has (`#text`, `@name`, `{namespace}name`), so that the structure rules report it.
"""

import re
from typing import Any

import orjson
from lxml import etree

from fhir.bundle import Rejected, Tree
from fhir.elements import ELEMENTS, Element

FHIR = "{http://hl7.org/fhir}"
FHIR_LENGTH = len(FHIR)
XHTML_DIV = "{http://www.w3.org/1999/xhtml}div"
XINCLUDE = "{http://www.w3.org/2001/XInclude}"
NODES = 500_000
"""Tags in one document: bounds memory before anything is built."""
TEXT = 10_000_000
"""Bytes that libxml2 allows one attribute; a payload may be larger, so a larger document lifts its limits."""
BOM = b"\xef\xbb\xbf"
NUMBERS = frozenset(("integer", "unsignedInt", "positiveInt", "decimal"))
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
ENCODING = re.compile(rb"""\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"'>]*)["']""")

MALFORMED = "Dokumentet er ikke gyldig XML."
TRUNCATED = "Dokumentet er afbrudt: det slutter, før det er helt."
NO_UTF8 = "Dokumentet skal være skrevet i UTF-8."
FORBIDDEN = "Dokumentet indeholder DTD, entiteter eller XInclude, og det er ikke tilladt."
TOO_DEEP = "Dokumentet har for mange niveauer inden i hinanden."
TOO_MANY = "Dokumentet har for mange elementer."
NO_RESOURCE = "Dokumentet er ikke en FHIR-ressource: det yderste element skal ligge i http://hl7.org/fhir."


def to_tree(raw: bytes, max_depth: int = 64) -> Tree:
    """The JSON tree of an XML document; raises Rejected(sentence, where). Recursion is at most `max_depth` deep."""
    root = _root(raw)
    if not _name(root).isidentifier():
        raise Rejected(NO_RESOURCE, _place(root))
    return _resource(root, max_depth)


def _root(raw: bytes) -> etree._Element:
    declared = ENCODING.match(raw.removeprefix(BOM)[:200])
    named = declared[1].lower() if declared else b"utf-8"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw[:4] or named not in (b"utf-8", b"us-ascii"):
        raise Rejected(NO_UTF8, "linje 1, tegn 1")
    for word in (b"<!DOCTYPE", b"<!ENTITY"):  # anywhere, even in a comment: no document of ours needs the words
        if word in raw:
            before = raw[: raw.index(word)].split(b"\n")
            raise Rejected(FORBIDDEN, f"linje {len(before)}, tegn {len(before[-1]) + 1}")
    if len(raw) > NODES and raw.count(b"<") > NODES:
        raise Rejected(TOO_MANY)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=len(raw) > TEXT,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise _rejected(raw, error) from None


def _rejected(raw: bytes, error: etree.XMLSyntaxError) -> Rejected:
    """What libxml2 refused, in our words."""
    line, column = error.position
    lines = raw.rstrip().split(b"\n")
    if "depth" in str(error).lower():
        sentence = TOO_DEEP
    elif "encoding" in str(error).lower():
        sentence = NO_UTF8
    elif "mismatch" in str(error):
        sentence = MALFORMED
    elif "Premature end" in str(error) or not raw.strip() or (line >= len(lines) and column > len(lines[-1])):
        sentence = TRUNCATED
    else:
        sentence = MALFORMED
    return Rejected(sentence, f"linje {line}, tegn {column}")


def _place(node: etree._Element) -> str:
    return f"linje {node.sourceline}"


def _name(node: etree._Element) -> str:
    """The JSON name of an element: its own in FHIR's namespace, otherwise with the namespace before it."""
    tag = node.tag
    return (
        "div"
        if tag == XHTML_DIV
        else tag[FHIR_LENGTH:]
        if tag.startswith(FHIR)
        else tag
        if "{" in tag
        else f"{{}}{tag}"
    )


def _resource(node: etree._Element, depth: int) -> Tree:
    type_ = _name(node)
    return {"resourceType": type_, **_object(node, ELEMENTS.get(type_, ELEMENTS["DomainResource"]), depth)}


def _object(node: etree._Element, elements: dict[str, Element], depth: int) -> Tree:
    """A complex element: its attributes, then its children by name, in their order."""
    if depth <= 0:
        raise Rejected(TOO_DEEP, _place(node))
    tree: Tree = {}
    for name, value in node.attrib.items():
        tree[str(name) if name == "id" or (name == "url" and name in elements) else "@" + str(name)] = str(value)
    groups: dict[str, list[etree._Element]] = {}
    stray = node.text or ""
    for child in node:
        groups.setdefault(_name(child), []).append(child)
        stray += child.tail or ""
    if stray and not stray.isspace():
        tree["#text"] = stray.strip()
    for name, children in groups.items():
        element = elements.get(name)
        pairs = [_value(child, element, depth - 1) for child in children]
        many = element.many if element else len(children) > 1
        for key, parts in ((name, [value for value, _ in pairs]), (f"_{name}", [sibling for _, sibling in pairs])):
            if any(part is not None for part in parts):
                tree[key] = parts if many or len(parts) > 1 else parts[0]
    return tree


def _value(node: etree._Element, element: Element | None, depth: int) -> tuple[Any, Tree | None]:
    """What an element stands for: a value and, for a primitive, its id and extensions."""
    if node.tag == XHTML_DIV:
        return etree.tostring(node, encoding="unicode", with_tail=False), None
    if node.tag.startswith(XINCLUDE):
        raise Rejected(FORBIDDEN, _place(node))
    if element is None and "value" not in node.attrib:
        return _object(node, ELEMENTS["Extension"], depth), None
    if element is not None and element.type == "Resource":
        inside = [_resource(child, depth - 1) for child in node]
        return (inside[0] if len(inside) == 1 else inside), None
    if element is not None and not element.primitive:
        return _object(node, ELEMENTS.get(element.type, ELEMENTS["Extension"]), depth), None
    value = node.attrib.get("value")
    if len(node.attrib) == 1 and len(node) == 0 and value is not None:  # most elements of most documents
        return _typed(str(value), element), None
    rest = _object(node, ELEMENTS["Element"], depth)
    rest.pop("@value", None)
    return None if value is None else _typed(str(value), element), rest or None


def _typed(value: str, element: Element | None) -> Any:
    """A primitive as JSON has it; what is no such value stays a string, and the structure rules report it."""
    type_ = element.type if element else ""
    if type_ == "boolean" and value in ("true", "false"):
        return value == "true"
    if type_ in NUMBERS and NUMBER.fullmatch(value):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:  # beyond what a double holds
            return value
    return value
