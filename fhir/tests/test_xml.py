"""The XML rendition gives the tree of the JSON rendition."""

import random
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir.elements import CHOICES, ELEMENTS, Element
from fhir.findings import Findings
from fhir.fingerprint import fingerprint
from fhir.structure import check
from fhir.xml import to_tree

NS = 'xmlns="http://hl7.org/fhir"'
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Æ &amp; <b>ø</b></p></div>'


def written(tree: dict[str, Any]) -> bytes:
    """A resource in XML, as hl7.org/fhir/R4/xml.html writes it."""
    return _resource(tree).encode()


def _resource(tree: dict[str, Any]) -> str:
    return f"<{tree['resourceType']} {NS}>{_children(tree, ELEMENTS[tree['resourceType']])}</{tree['resourceType']}>"


def _children(tree: dict[str, Any], elements: dict[str, Element]) -> str:
    parts = []
    for name, element in elements.items():
        if (name == "id" and "implicitRules" not in elements) or (name == "url" and "valueUuid" in elements):
            continue  # an attribute
        values, halves = tree.get(name), tree.get(f"_{name}")
        many = values if isinstance(values, list) else [values] if name in tree else []
        extra = halves if isinstance(halves, list) else [halves]
        for index in range(max(len(many), len(extra) if halves else 0)):
            value = many[index] if index < len(many) else None
            half = extra[index] if index < len(extra) else None
            parts.append(_element(element, value, half or {}))
    return "".join(parts)


def _element(element: Element, value: Any, half: dict[str, Any]) -> str:
    if element.type == "xhtml":
        return str(value)
    if element.type == "Resource":
        return f"<{element.name}>{_resource(value)}</{element.name}>"
    if not element.primitive:
        known = ELEMENTS.get(element.type, ELEMENTS["Element"])
        marks = "".join(
            f" {name}={quoteattr(value[name])}" for name in ("id", "url") if name in value and _attribute(name, known)
        )
        return f"<{element.name}{marks}>{_children(value, known)}</{element.name}>"
    said = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    escapes = {"\n": "&#xA;", "\r": "&#xD;", "\t": "&#x9;"}
    mark = "" if value is None else f" value={quoteattr(said, escapes)}"
    mark += f" id={quoteattr(half['id'])}" if half.get("id") else ""
    return f"<{element.name}{mark}>{_children(half, ELEMENTS['Element'])}</{element.name}>"


def _attribute(name: str, elements: dict[str, Element]) -> bool:
    return name == "id" or "valueUuid" in elements


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=12
) | (st.sampled_from(["a\nb", "\t", "<&>'\"", "æøå\r\n", "1", "true", "1.0", " x "]))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-100, 100),
    "unsignedInt": st.integers(0, 100),
    "positiveInt": st.integers(1, 100),
    "decimal": st.decimals(-100, 100, places=2).map(float),
    "xhtml": st.just(DIV),
}


@st.composite
def trees(draw: st.DrawFn, type_: str, depth: int = 3) -> dict[str, Any]:
    """A tree of the type: some of its elements, at most one of a choice."""
    elements = list(ELEMENTS[type_].values())
    chosen = draw(st.lists(st.sampled_from(elements), max_size=4, unique_by=lambda one: one.path))
    tree: dict[str, Any] = {"resourceType": type_} if "implicitRules" in ELEMENTS[type_] else {}
    for element in chosen:
        if not element.primitive and (depth == 0 or element.type not in ELEMENTS | {"Resource": {}}):
            continue
        count = draw(st.integers(1, 2)) if element.many else 1
        values = [draw(_value(element, depth)) for _ in range(count)]
        if all(values) or element.primitive:
            tree[element.name] = values if element.many else values[0]
        if element.primitive and element.type != "xhtml" and element.name not in ("id", "url") and draw(st.booleans()):
            half = {"extension": [{"url": "urn:x", "valueString": draw(TEXTS)}]}
            tree[f"_{element.name}"] = [half] * count if element.many else half
            if draw(st.booleans()):
                tree.pop(element.name)
    return tree


def _value(element: Element, depth: int) -> st.SearchStrategy[Any]:
    if element.type == "Resource":
        return trees(random.Random(depth).choice(["Patient", "Organization"]), 0)
    return VALUES.get(element.type, TEXTS) if element.primitive else trees(element.type, depth - 1)


RESOURCES = ["Bundle", "Composition", "Observation", "Patient", "Organization", "Practitioner", "PractitionerRole",
             "DocumentReference", "List", "Binary"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(RESOURCES).flatmap(trees))
def test_what_is_written_as_xml_comes_back_as_json(tree: dict[str, Any]) -> None:
    assert to_tree(written(tree)) == tree


@pytest.mark.parametrize(
    ("xml", "tree"),
    [
        ('<total value="3"/>', {"total": 3}),
        ('<total value="03"/>', {"total": "03"}),
        ('<total value="mange"/>', {"total": "mange"}),
        ('<type id="t" value="document"/>', {"type": "document", "_type": {"id": "t"}}),
        ('<id value="a&#xA;b"/>', {"id": "a\nb"}),
        ('<id value="a\nb"/>', {"id": "a b"}),
        ("<entry/>", {"entry": [{}]}),
        ('<type value="a"/><type value="b"/>', {"type": ["a", "b"]}),
        ('<ukendt value="1"/>', {"ukendt": "1"}),
        ('<ukendt value="1"/><ukendt value="2"/>', {"ukendt": ["1", "2"]}),
        ('<ukendt><extension url="u"><valueBoolean value="true"/></extension></ukendt>',
         {"ukendt": {"extension": [{"url": "u", "valueBoolean": True}]}}),
        ('<entry><resource><Device><id value="d"/></Device></resource></entry>',
         {"entry": [{"resource": {"resourceType": "Device", "id": "d"}}]}),
        ("<entry><resource/></entry>", {"entry": [{"resource": []}]}),
        ('<!-- note --><?pi x?><id value="x"/>', {"id": "x"}),
    ],
)  # fmt: skip
def test_an_element_becomes(xml: str, tree: dict[str, Any]) -> None:
    assert to_tree(f"<Bundle {NS}>{xml}</Bundle>".encode()) == {"resourceType": "Bundle", **tree}


@pytest.mark.parametrize(
    "xml", ["tekst", '<x:y xmlns:x="urn:x" value="1"/>', '<id value="x" farve="rød"/>', "<id/>tekst"]
)
def test_what_json_cannot_say_is_reported_not_lost(xml: str) -> None:
    tree = to_tree(f'<Bundle {NS}><type value="searchset"/>{xml}</Bundle>'.encode())
    out = Findings()
    check(tree, "Bundle", "Bundle", out, {})
    assert any(one.rule.endswith(":unknown") for one in out.all())


def test_both_renditions_have_one_fingerprint() -> None:
    tree = {
        "resourceType": "Patient",
        "active": True,
        "multipleBirthInteger": 2,
        "name": [{"given": ["Ida"], "family": "Bo"}],
        "text": {"status": "generated", "div": DIV},
        "photo": [{"data": "QUJD"}],
        "contained": [{"resourceType": "Device", "id": "d", "identifier": [{"value": "1"}], "lot": 5, "new": True}],
    }
    pretty = DIV.replace("<p>", '\n  <p  class="x">').replace('class="x"', "")
    xml = f"""<Patient {NS}><active value="true"/><multipleBirthInteger value="2"/>
      <name><given value="Ida"/><family value="Bo"/></name><text><status value="generated"/>{pretty}</text>
      <photo><data value="QU JD"/></photo>
      <contained><Device><id value="d"/><identifier><value value="1"/></identifier><lot value="5"/><new value="true"/>
      </Device></contained>
      </Patient>"""
    hashes = {"QUJD": "abc", "QU JD": "abc"}
    assert fingerprint(tree, {}, hashes) == fingerprint(to_tree(xml.encode()), {}, hashes)
    assert fingerprint({**tree, "active": False}, {}, hashes) != fingerprint(tree, {}, hashes)


def test_every_choice_of_the_table_is_one_of_its_elements() -> None:
    for type_, choices in CHOICES.items():
        assert all(name in ELEMENTS[type_] for names in choices.values() for name in names)
