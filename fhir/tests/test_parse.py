"""What is refused before it is a document, and where the refusal points."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir import parse
from fhir.bundle import Rejected
from fhir.parse import from_json, from_xml

NS = 'xmlns="http://hl7.org/fhir"'
JSON_REFUSED: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", parse.TRUNCATED, "linje 1, tegn 1"),
    "cut short": (b'{"a": {"b": [1, 2', parse.TRUNCATED, "linje 1, tegn 18"),
    "cut short inside a string": (b'{"a":\n "b', parse.TRUNCATED, "linje 2, tegn 4"),
    "a comma too many": (b'{"a": 1,\n}', parse.MALFORMED, "linje 1, tegn 8"),
    "something after the end": (b'{"a": 1} x', parse.MALFORMED, "linje 1, tegn 10"),
    "NaN": (b'{"a": NaN}', parse.MALFORMED, "linje 1, tegn 7"),
    "Infinity": (b'{"a": -Infinity}', parse.MALFORMED, "linje 1, tegn 8"),
    "a number beyond a double": (b'{"a": 1e999}', parse.MALFORMED, "linje 1, tegn 7"),
    "a lone surrogate": (b'{"a": "\\ud800"}', parse.MALFORMED, "linje 1, tegn 8"),
    "a lone surrogate in a name": (b'{"\\udfff": 1}', parse.MALFORMED, "linje 1, tegn 3"),
    "a surrogate in UTF-8": (b'{"a": "\xed\xa0\x80"}', parse.NO_UTF8, "linje 1, tegn 8"),
    "Latin-1": ('{"æ":\n"ø"}'.encode("latin-1"), parse.NO_UTF8, "linje 1, tegn 3"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), parse.NO_UTF8, "linje 1, tegn 1"),
    "NUL": (b'{"a":\n"\\u0000"}', parse.CONTROL, "linje 2, tegn 2"),
    "NUL in a name": (b'{"a\\u0000": 1}', parse.CONTROL, "linje 1, tegn 4"),
    "a raw control character": (b'{"a": "\x01"}', parse.MALFORMED, "linje 1, tegn 8"),
    "a name twice": (b'{"a": 1,\n "b": 2, "a": 3}', parse.DUPLICATE, "linje 2, tegn 10"),
    "a name twice far inside": (b'{"x": [{"y": {"a": ":", "a": ":"}}]}', parse.DUPLICATE, "linje 1, tegn 25"),
    "a name twice, once with an escape": (b'{"a": 1, "\\u0061": 2}', parse.DUPLICATE, "linje 1, tegn 10"),
    "a name twice, made up for by an escaped colon": (
        b'{"a": "x", "b": "\\u003a", "a": "y"}',
        parse.DUPLICATE,
        "linje 1, tegn 27",
    ),
    "a list": (b"[{}]", parse.NO_OBJECT, ""),
    "a string": (b'"x"', parse.NO_OBJECT, ""),
    "65 levels": (b'{"a":' * 65 + b"1" + b"}" * 65, parse.TOO_DEEP, "linje 1, tegn 321"),
}
XML_REFUSED: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", parse_xml_truncated := "Dokumentet er afbrudt: det slutter, før det er helt."),
    "cut short": (f'<Bundle {NS}>\n<id value="x"/>', parse_xml_truncated),
    "cut short inside a tag": (f'<Bundle {NS}><id value="x"', parse_xml_truncated),
    "JSON": ('{"resourceType": "Bundle"}', "Dokumentet er ikke gyldig XML."),
    "tags that do not match": (f"<Bundle {NS}><id></Bundle>", "Dokumentet er ikke gyldig XML."),
    "an attribute twice": (f'<Bundle {NS}><id value="x" value="y"/></Bundle>', "Dokumentet er ikke gyldig XML."),
    "an unknown entity": (f'<Bundle {NS}><id value="&x;"/></Bundle>', "Dokumentet er ikke gyldig XML."),
    "NUL": (f'<Bundle {NS}><id value="&#0;"/></Bundle>', "Dokumentet er ikke gyldig XML."),
    "another encoding": (
        f'<?xml version="1.0" encoding="ISO-8859-1"?><Bundle {NS}/>',
        "Dokumentet skal være skrevet i UTF-8.",
    ),
    "bytes that are no UTF-8": (
        f'<Bundle {NS}><id value="'.encode() + b'\xff"/></Bundle>',
        "Dokumentet skal være skrevet i UTF-8.",
    ),
    "UTF-16": (f"<Bundle {NS}/>".encode("utf-16"), "Dokumentet skal være skrevet i UTF-8."),
    "no namespace": ('<Bundle><id value="x"/></Bundle>', "Dokumentet er ikke en FHIR-ressource"),
    "another namespace": ('<Bundle xmlns="urn:x"/>', "Dokumentet er ikke en FHIR-ressource"),
}
FORBIDDEN = {
    "a DTD": f'<!DOCTYPE Bundle SYSTEM "http://x.example/x.dtd"><Bundle {NS}/>',
    "a DTD with an entity": f'<!DOCTYPE b [<!ENTITY e "x">]><Bundle {NS}><id value="&e;"/></Bundle>',
    "an entity of a file": f'<!DOCTYPE b [<!ENTITY e SYSTEM "file:///etc/passwd">]><Bundle {NS}/>',
    "a billion laughs": "<!DOCTYPE b ["
    + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    + f']><Bundle {NS}><id value="&l9;"/></Bundle>',
    "XInclude": f'<Bundle {NS} xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></Bundle>',
    "XInclude without a prefix": f'<Bundle {NS}><i xmlns="http://www.w3.org/2001/XInclude" href="x"/></Bundle>',
}


@pytest.mark.parametrize("case", JSON_REFUSED)
def test_json_is_refused_and_the_place_is_named(case: str) -> None:
    raw, sentence, where = JSON_REFUSED[case]
    with pytest.raises(Rejected) as refusal:
        from_json(raw)
    assert (refusal.value.sentence, refusal.value.where) == (sentence, where)


@pytest.mark.parametrize("case", XML_REFUSED)
def test_xml_is_refused_and_the_place_is_named(case: str) -> None:
    raw, sentence = XML_REFUSED[case]
    with pytest.raises(Rejected) as refusal:
        from_xml(raw if isinstance(raw, bytes) else raw.encode())
    assert refusal.value.sentence.startswith(sentence)
    assert refusal.value.where.startswith("linje")


@pytest.mark.parametrize("case", FORBIDDEN)
def test_xml_that_would_reach_outside_itself_is_refused(case: str) -> None:
    with pytest.raises(Rejected, match="DTD, entiteter eller XInclude"):
        from_xml(FORBIDDEN[case].encode())


@pytest.mark.parametrize("depth", [65, 1_025, 100_000])
def test_too_many_levels_are_refused_in_no_time(depth: int) -> None:
    started = time.perf_counter()
    for opening in (b"[", b'{"a":', b'{"a":['):
        with pytest.raises(Rejected, match="niveauer"):
            from_json(b'{"a":' + opening * depth) if depth > 1_024 else from_json(_closed(opening, depth))
    with pytest.raises(Rejected, match=r"niveauer|afbrudt"):
        from_xml(f"<Bundle {NS}>".encode() + b"<a>" * depth)
    with pytest.raises(Rejected, match="niveauer"):
        from_xml(f"<Bundle {NS}>".encode() + b"<a>" * depth + b"</a>" * depth + b"</Bundle>")
    assert time.perf_counter() - started < 2


def test_as_many_levels_as_allowed_are_read() -> None:
    assert from_json(_closed(b'{"a":', 63))
    assert from_json(_closed(b'{"a":', 9), max_depth=10)
    assert from_xml(f"<Bundle {NS}>".encode() + b"<a>" * 62 + b'<b value="x"/>' + b"</a>" * 62 + b"</Bundle>")


def _closed(opening: bytes, times: int) -> bytes:
    closing = opening.replace(b'{"a":', b"}").replace(b"[", b"]")[::-1]
    return b'{"a":' + opening * times + b"1" + closing * times + b"}"


def test_too_many_values_are_refused_before_anything_is_built() -> None:
    for raw in (b'{"a":[' + b"[]," * 400_000 + b"[]]}", b'{"a":[' + b"0," * 600_000 + b"0]}"):
        with pytest.raises(Rejected, match="for mange"):
            from_json(raw)
    with pytest.raises(Rejected, match="for mange"):
        from_xml(f"<Bundle {NS}>".encode() + b"<a/>" * 600_000 + b"</Bundle>")


def test_a_byte_order_mark_is_skipped() -> None:
    assert from_json(b'\xef\xbb\xbf{"a": "\xc3\xa6"}') == {"a": "æ"}
    assert from_xml(b"\xef\xbb\xbf" + f'<Bundle {NS}><id value="æ"/></Bundle>'.encode())["id"] == "æ"


def test_an_escape_that_only_looks_like_nul_is_kept() -> None:
    assert from_json(b'{"a": "\\\\u0000"}') == {"a": "\\u0000"}


def test_a_large_payload_is_read_from_both_renditions() -> None:
    payload = "QUJD" * 3_000_000
    assert from_json(json.dumps({"resourceType": "Binary", "data": payload}).encode())["data"] == payload
    assert from_xml(f'<Binary {NS}><data value="{payload}"/></Binary>'.encode())["data"] == payload


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text('ab:"\\{}[],æ', max_size=4), inside, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text('ab:"\\{}[],æ', max_size=4), VALUES, max_size=5), st.booleans())
def test_json_without_a_fault_is_read_as_any_reader_reads_it(tree: dict[str, Any], escaped: bool) -> None:
    raw = json.dumps(tree, ensure_ascii=escaped).encode()
    if "\\u0000" in json.dumps(tree):
        return
    assert from_json(raw) == tree


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text('ab:"\\', max_size=2), VALUES), max_size=6))
def test_a_name_twice_is_always_refused(pairs: list[tuple[str, Any]]) -> None:
    raw = "{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}"
    names = [name for name, _ in pairs]
    if "\\u0000" in raw:
        return
    if len(set(names)) < len(names):
        with pytest.raises(Rejected, match="to gange"):
            from_json(raw.encode())
    else:
        assert from_json(raw.encode()) == dict(pairs)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]:,"\\ab01.eE<>/= &;#', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for read in (from_json, from_xml):
        with suppress(Rejected):
            assert isinstance(read(raw), dict)


def test_the_pure_modules_import_no_django() -> None:
    folder = Path(parse.__file__).parent
    for name in ("parse", "xml", "elements", "structure", "invariants", "narrative", "fingerprint", "references"):
        assert "django" not in (folder / f"{name}.py").read_text("utf-8").replace("imports no Django", "")
