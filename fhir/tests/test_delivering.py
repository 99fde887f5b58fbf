"""A document comes to the door."""

import orjson
import pytest

from fhir import blobs
from fhir.models import Delivery
from fhir.tests.letters import letter
from fhir.writing import to_xml

STATES = [
    ("hello", 201, "show", "stored", []),
    ("disclaimer", 201, "disclaimer", "stored", ["rule-disclaimer"]),
    ("error", 201, "error", "stored", ["rule-error"]),
    ("refused", 422, "refused", "quarantined", ["rule-refused"]),
]


@pytest.mark.parametrize(("title", "status", "handling", "state", "rules"), STATES)
def test_each_handling_has_its_answer_and_its_place(post, letters, title, status, handling, state, rules):
    answer = post(letter(title))
    assert (answer.status, answer.handling, answer.rules) == (status, handling, rules)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.handling, delivery.status, delivery.kind) == (
        state, handling, status, "" if status == 422 and not delivery.kind else "letter",
    )  # fmt: skip
    assert len(letters.kept) == (status == 201)


def test_a_finding_is_told_with_rule_severity_place_and_sentence(post):
    issue = post(letter("disclaimer")).tree["issue"][0]
    assert issue == {
        "severity": "error",
        "code": "invariant",
        "details": {
            "coding": [{"system": "urn:sundhedsjournal:rule", "code": "rule-disclaimer"}],
            "text": "Titlen er forkert.",
        },
        "expression": ["Composition.title"],
    }


def test_a_good_document_is_told_so(post):
    answer = post(letter())
    assert [(issue["severity"], issue["code"]) for issue in answer.tree["issue"]] == [("information", "informational")]
    assert answer.headers["Location"].endswith(f"/fhir/Bundle/{Delivery.objects.get().pk}")
    assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_bytes_are_kept_as_they_came(post):
    raw = orjson.dumps(letter(), option=orjson.OPT_INDENT_2)
    post(raw)
    assert blobs.read(Delivery.objects.get().sha256) == raw


def test_json_and_xml_are_the_same_document(post, letters):
    tree = {"resourceType": "Bundle", "type": "document", "entry": letter()["entry"]}
    assert post(tree).status == 201
    as_xml = post(to_xml(tree), media="application/fhir+xml; charset=UTF-8")
    assert as_xml.status == 201
    assert as_xml.headers["Content-Type"].startswith("application/fhir+xml")
    assert (
        b'<OperationOutcome xmlns="http://hl7.org/fhir"><extension url="urn:sundhedsjournal:handling">'
        in as_xml.content
    )
    assert letters.kept[0] == letters.kept[1]


def test_accept_and_format_choose_the_answer(post):
    assert post(letter(), HTTP_ACCEPT="application/fhir+xml").content.startswith(b"<?xml")
    assert post(letter(), to="/fhir/Bundle?_format=xml").content.startswith(b"<?xml")
    assert post(letter(), HTTP_ACCEPT="application/json").status == 201
    assert post(letter(), HTTP_ACCEPT="text/html").status == 406


def test_the_same_bytes_get_the_first_answer(post, letters, events):
    first, second = post(letter("disclaimer")), post(letter("disclaimer"))
    assert (second.status, second.content) == (first.status, first.content)
    assert second.headers["Location"] == first.headers["Location"]
    assert len(letters.kept) == Delivery.objects.count() == 1
    assert [action for action, _, _ in events()] == ["document.received", "document.repeated"]


def test_refused_bytes_get_their_first_answer_too(post):
    first, second = post(letter("refused")), post(letter("refused"))
    assert (second.status, second.content) == (first.status, first.content) == (422, first.content)
    assert Delivery.objects.count() == 1


def test_two_clients_with_the_same_bytes_at_once_keep_one(post, letters):
    inner = []

    def other_client_is_faster():
        letters.on_read = None
        inner.append(post(letter()))

    letters.on_read = other_client_is_faster
    outer = post(letter())
    assert (outer.status, outer.content) == (inner[0].status, inner[0].content)
    assert len(letters.kept) == Delivery.objects.count() == 1


def test_what_the_tables_tell_is_told_to_the_source(post, letters):
    from fhir.bundle import Finding, Severity

    letters.told = (Finding("document-id-reused", Severity.INFORMATION, "Composition.identifier", "Brugt før."),)
    first, second = post(letter()), post(letter())
    assert first.rules == second.rules == ["document-id-reused"]
    assert Delivery.objects.get().findings[0]["rule"] == "document-id-reused"


def test_every_answer_carries_the_audit_row_it_left(post, events):
    answer = post(letter())
    assert events() == [("document.received", "show", 0)]
    assert len(answer.headers["X-Audit-Id"]) == 36


def test_what_is_no_fhir_document_goes_to_quarantine(post, letters):
    patient = post({"resourceType": "Patient"})
    other = post({"resourceType": "Bundle", "type": "document", "entry": [{"resource": {"resourceType": "Patient"}}]})
    assert (patient.status, patient.rules) == (422, ["bundle-expected"])
    assert (other.status, other.rules) == (422, ["document-type-unknown"])
    assert Delivery.objects.filter(state="quarantined").count() == 2


def test_a_document_at_the_wrong_door_is_shown_the_right_one(post):
    wrong = post(letter(), to="/fhir")
    assert wrong.status == 422
    assert "/fhir/Bundle" in wrong.sentence
    assert post(letter()).status == 201, "and the refusal does not follow the bytes to the right door"
    assert Delivery.objects.get().state == "stored"


def test_a_kind_that_the_sender_may_not_send_is_refused_and_recorded(post, sender, events):
    sender.kinds = ["other"]
    sender.save()
    answer = post(letter())
    assert (answer.status, answer.tree["issue"][0]["code"]) == (403, "forbidden")
    assert Delivery.objects.count() == 0
    assert events() == [("sender.refused", "kind-not-allowed", 4)]


def test_an_outside_validator_joins_its_findings_with_ours(post, settings):
    settings.FHIR_VALIDATOR = "fhir.tests.test_delivering.strict"
    answer = post(letter())
    assert (answer.status, answer.handling, answer.rules) == (201, "disclaimer", ["outside-1"])


def test_an_outside_validator_that_fails_stops_nothing(post, settings):
    settings.FHIR_VALIDATOR = "fhir.tests.test_delivering.broken"
    answer = post(letter())
    assert (answer.status, answer.handling, answer.rules) == (201, "show", ["outside-validator"])


def strict(raw, content_type):
    from fhir.bundle import Finding, Severity

    assert raw.startswith(b"{")
    assert content_type == "application/fhir+json"
    return [Finding("outside-1", Severity.ERROR, "Bundle", "Ikke efter standarden.")]


def broken(raw, content_type):
    raise ConnectionError("no validator")


def test_receiving_costs_few_queries(post, django_assert_num_queries):
    post(letter("the first reads the issuer's keys"))
    # sender, earlier delivery, insert, and the savepoint around it (a real request: BEGIN, COMMIT); audit apart
    with django_assert_num_queries(5):
        post(letter())
