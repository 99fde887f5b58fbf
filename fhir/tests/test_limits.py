"""What the door does not take: each limit has a clear answer, and nothing is stored."""

import gzip
import io
from typing import Any

import orjson
import pytest
from lxml import etree

from fhir.models import Delivery
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.tests.conftest import call
from fhir.tests.letters import letter

RAW = orjson.dumps(letter())
DTD = b'<!DOCTYPE Bundle [<!ENTITY x "y">]><Bundle xmlns="http://hl7.org/fhir"><type value="&x;"/></Bundle>'
MALFORMED = [
    ("afbrudt", RAW[:-20], "application/fhir+json"),
    ("JSON", b'{"resourceType": }', "application/fhir+json"),
    ("to gange", b'{"resourceType":"Bundle","type":"document","type":"batch"}', "application/fhir+json"),
    ("niveauer", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "application/fhir+json"),
    ("JSON", b'{"a": NaN}', "application/fhir+json"),
    ("UTF-8", b'{"a": "\xff"}', "application/fhir+json"),
    ("NUL", b'{"a": "\\u0000"}', "application/fhir+json"),
    ("JSON", b'{"a": "\\ud800"}', "application/fhir+json"),
    ("resourceType", b"[]", "application/fhir+json"),
    ("", DTD, "application/fhir+xml"),
    ("", b'<Bundle xmlns="http://hl7.org/fhir"><type value="document"/>', "application/fhir+xml"),
]


@pytest.mark.parametrize(("words", "raw", "media"), MALFORMED)
def test_malformed_bytes_are_400_with_a_sentence_and_nothing_is_stored(post, events, words, raw, media):
    answer = post(raw, media=media, HTTP_ACCEPT="application/fhir+json")
    assert answer.status == 400
    assert words in answer.sentence
    assert [(action, outcome) for action, _, outcome in events()] == [("document.rejected", 4)]
    assert Delivery.objects.count() == 0


def test_a_truncated_document_is_told_where_it_ends(post):
    raw = orjson.dumps(letter(), option=orjson.OPT_INDENT_2)[:-30]
    place = post(raw).tree["issue"][0]["diagnostics"]
    assert place.startswith(f"linje {raw.count(10) + 1}, ")


def test_a_body_over_the_limit_is_413_unread(post, settings, events):
    settings.FHIR_MAX_BODY = len(RAW) - 1
    answer = post(RAW)
    assert (answer.status, answer.tree["issue"][0]["code"]) == (413, "too-long")
    assert events() == [("document.rejected", "too-large", 4)]


def test_a_body_of_exactly_the_limit_is_taken(post, settings):
    settings.FHIR_MAX_BODY = len(RAW)
    assert post(RAW).status == 201


def test_gzip_is_unpacked_and_is_the_same_document(post):
    assert post(gzip.compress(RAW), HTTP_CONTENT_ENCODING="gzip").status == 201
    assert post(RAW).status == 201
    assert Delivery.objects.count() == 1


def test_a_gzip_bomb_is_stopped_at_the_limit(post, settings):
    settings.FHIR_MAX_BODY = 100_000
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < settings.FHIR_MAX_BODY
    assert post(bomb, HTTP_CONTENT_ENCODING="gzip").status == 413


BROKEN = {
    "cut short": gzip.compress(RAW)[:-5],
    "more after the end": gzip.compress(RAW) + b"more",
    "no gzip": b"no gzip",
    "nothing inside": gzip.compress(b""),
}


@pytest.mark.parametrize("packed", BROKEN.values(), ids=BROKEN.keys())
def test_broken_gzip_is_400(post, packed):
    assert post(packed, HTTP_CONTENT_ENCODING="gzip").status == 400


def test_other_encodings_and_formats_are_415(post):
    assert post(RAW, HTTP_CONTENT_ENCODING="br").status == 415
    plain = post(RAW, media="application/json")
    assert plain.status == 415
    assert "application/fhir+json" in plain.sentence
    assert post(RAW, media="application/fhir+json; charset=iso-8859-1").status == 415
    assert post(RAW, media="application/fhir+json; fhirVersion=5.0").status == 415
    assert post(RAW, media="").status == 415
    assert post(RAW, media='application/fhir+json; charset="UTF-8"; fhirVersion=4.0').status == 201


def test_a_sender_that_hangs_up_early_stores_nothing(token):
    """A server may give a broken connection as an early end of the body."""
    half = io.BytesIO(RAW[: len(RAW) // 2])
    headers: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {token()}", "CONTENT_TYPE": "application/fhir+json"}
    answer = call("POST", "/fhir/Bundle", CONTENT_LENGTH=str(len(RAW)), **{"wsgi.input": half}, **headers)
    assert answer.status_code == 400
    assert Delivery.objects.count() == 0


def chunked(token: Any, stream: io.BytesIO) -> Any:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token()}", "CONTENT_TYPE": "application/fhir+json"}
    more: dict[str, Any] = {"wsgi.input": stream, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return call("POST", "/fhir/Bundle", CONTENT_LENGTH="", **headers, **more)


def test_a_body_in_chunks_is_taken_up_to_the_limit(token, letters, settings):
    assert chunked(token, io.BytesIO(RAW)).status_code == 201
    settings.FHIR_MAX_BODY = 1_000_000
    endless = io.BytesIO(b" " * 5_000_000)
    assert chunked(token, endless).status_code == 413
    assert endless.tell() < 2_000_000, "reading stops at the limit"


def test_an_empty_body_is_400(post):
    assert post(b"", CONTENT_TYPE="application/fhir+json").status == 400


def test_other_methods_and_addresses_answer_in_fhir(post, token):
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token()}"}
    for method, address, status in (
        ("GET", "/fhir/Bundle", 405),
        ("PUT", "/fhir", 405),
        ("GET", "/fhir/Patient/1", 404),
    ):
        answer = call(method, address, **bearer)
        assert answer.status_code == status
        assert orjson.loads(answer.content)["resourceType"] == "OperationOutcome"


def test_the_capability_statement_is_public_and_says_what_is_true(client):
    answer = call("GET", "/fhir/metadata")
    tree = orjson.loads(answer.content)
    assert answer.status_code == 200
    assert (tree["resourceType"], tree["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    assert tree["format"] == ["application/fhir+json", "application/fhir+xml"]
    assert tree["rest"][0]["interaction"][0]["code"] == "transaction"
    assert tree["rest"][0]["resource"][0]["interaction"][0]["code"] == "create"
    assert tree["document"] == [{"mode": "consumer", "profile": "http://example.org/letter"}]
    as_xml = call("GET", "/fhir/metadata", HTTP_ACCEPT="application/fhir+xml")
    assert as_xml.content.startswith(b"<?xml")
    assert call("HEAD", "/fhir/metadata").status_code == 200
    browser = call("GET", "/fhir/metadata", HTTP_ACCEPT="text/html,application/xml;q=0.9,*/*;q=0.8")
    assert browser.status_code == 200


def test_our_answers_are_valid_fhir_and_their_xml_has_the_order_that_fhir_wants(post):
    asked: dict[Any, list[Any]] = {
        CapabilityStatement: [lambda **accept: call("GET", "/fhir/metadata", **accept)],
        OperationOutcome: [
            lambda **accept: post(letter("disclaimer"), **accept),
            lambda **accept: post(b"{", **accept),
            lambda **accept: post(letter(), bearer="x", **accept),
        ],
    }
    for resource, questions in asked.items():
        for ask in questions:
            resource.model_validate(orjson.loads(ask(HTTP_ACCEPT="application/fhir+json").content))
            names = [
                child.tag.partition("}")[2]
                for child in etree.fromstring(ask(HTTP_ACCEPT="application/fhir+xml").content)
            ]
            order = resource.elements_sequence()
            assert [name for name in order for _ in range(names.count(name))] == names
