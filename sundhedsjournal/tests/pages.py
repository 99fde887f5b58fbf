"""A test client that checks the house on every HTML answer: one h1, a title, unique ids, labels, nothing inline."""

import re
from typing import Any

import html5lib
from django.test import Client
from lxml import etree

CPR = re.compile(r"(?<![\w-])\d{6}-?\d{4}(?![\w-])")  # not the digits that stand inside one UUID in a hundred
Element = Any


def parsed(html: str, *, fragment: bool = False) -> Element:
    """The element tree of strictly parsed HTML: a parse error is a failure."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False, strict=True)
    if fragment:
        root = etree.Element("fragment")
        root.extend(part for part in parser.parseFragment(html) if not isinstance(part, str))
        return root
    return parser.parse(html).getroot()


def words(element: Element) -> str:
    """The text of an element with white space folded, as a person reads it."""
    return " ".join("".join(element.itertext()).split())


def check_page(response: Any) -> Element:
    """Everything a page must have whatever it shows; returns its tree."""
    html = response.content.decode()
    fragment = "<html" not in html[:200].lower()
    root = parsed(html, fragment=fragment)
    ids = [element.get("id") for element in root.iter() if isinstance(element.tag, str) and element.get("id")]
    assert len(ids) == len(set(ids)), f"ids stand twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        inline = [name for name in element.attrib if name == "style" or name.startswith("on")]
        assert not inline, f"<{element.tag}> has {inline}: nothing is inline (CSP)"
        assert element.tag != "style", "a style element: nothing is inline (CSP)"
        if element.tag == "script":
            assert element.get("src"), "an inline script (CSP)"
        if element.tag in {"input", "select", "textarea"} and element.get("type") not in {"hidden", "submit"}:
            assert _labelled(root, element), f"no label for {element.get('name')}"
        if element.tag == "img":
            assert element.get("alt") is not None, "an image without alt"
        for name in ("href", "src", "action"):
            assert not CPR.search(element.get(name) or ""), "a CPR number in a URL"
    if not fragment:
        titles = root.findall(".//title")
        headings = [h1 for h1 in root.iter("h1") if not any(above.tag == "template" for above in h1.iterancestors())]
        assert len(titles) == 1, f"{len(titles)} titles"
        assert words(titles[0]), "an empty title"
        assert not CPR.search(words(titles[0])), "a CPR number in the title"
        assert len(headings) == 1, f"{len(headings)} h1"
        assert root.get("lang") == "da"
    return root


def _labelled(root: Element, field: Element) -> bool:
    if field.get("aria-label") or field.get("aria-labelledby"):
        return True
    if any(parent.tag == "label" for parent in field.iterancestors()):
        return True
    return any(label.get("for") == field.get("id") for label in root.iter("label"))


class CheckingClient(Client):
    """Django's test client; every HTML answer outside the administration is checked without a line more."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        is_html = response.get("Content-Type", "").startswith("text/html")
        if is_html and not response.streaming and response.content and "/admin/" not in request.get("PATH_INFO", ""):
            check_page(response)
        return response
