"""Documents with their metadata (IHE MHD ITI-65), and metadata that comes alone."""

import base64
import hashlib
from typing import Any

import orjson
import pytest

from fhir.bundle import Tree
from fhir.models import Delivery
from fhir.resources.R4B.bundle import Bundle
from fhir.tests import packages
from fhir.tests.letters import letter
from fhir.tests.packages import ENTRY, SET, UNIQUE, package, transaction, update
from fhir.writing import to_xml


@pytest.fixture
def send(post):
    return lambda tree, **more: post(tree, to="/fhir", **more)


def outcomes(answer: Any) -> list[Any]:
    return [entry["response"]["outcome"] for entry in answer.tree["entry"]]


def rules(outcome: Any) -> list[str]:
    return [each["code"] for issue in outcome["issue"] for each in issue["details"].get("coding", ())]


def test_a_document_arrives_with_its_metadata(send, letters):
    answer = send(package())
    assert answer.status == 200
    (kept, known), delivery = letters.kept[0], Delivery.objects.get()
    assert (kept.title, known.unique_id, known.entry_uuid, known.status) == ("hello", UNIQUE, ENTRY, "current")
    assert (known.facility_type, known.practice_setting) == ("22232009", "394579002")
    assert (known.cpr, known.content_type) == (kept.cpr, "application/fhir+json")
    assert (delivery.state, delivery.door, delivery.kind, delivery.status) == ("stored", "transaction", "letter", 200)


def test_the_answer_has_one_entry_for_each_of_the_request_in_its_order(send):
    answer = send(package())
    pk = Delivery.objects.get().pk
    assert answer.tree["type"] == "transaction-response"
    responses = [entry["response"] for entry in answer.tree["entry"]]
    assert [(each["status"], each["location"]) for each in responses] == [
        ("201", f"List/{pk}"),
        ("201", f"DocumentReference/{ENTRY.removeprefix('urn:uuid:')}"),
        ("201", f"Binary/{pk}.2"),
    ]
    assert [each["extension"][0]["valueCode"] for each in outcomes(answer)] == ["show", "show", "show"]
    Bundle.model_validate(answer.tree)


def test_the_findings_of_the_document_stand_at_its_entry(send):
    answer = send(package(letter("disclaimer")))
    assert [rules(outcome) for outcome in outcomes(answer)] == [[], ["rule-disclaimer"], []]
    assert outcomes(answer)[1]["extension"][0]["valueCode"] == "disclaimer"
    assert Delivery.objects.get().handling == "disclaimer"


def test_xml_is_the_same_transaction(send, letters):
    assert send(to_xml(package()), media="application/fhir+xml").content.startswith(b"<?xml")
    assert letters.kept[0][1].unique_id == UNIQUE


def test_the_same_transaction_gets_its_first_answer(send, letters):
    first, second = send(package()), send(package())
    assert (second.status, second.content) == (200, first.content)
    assert len(letters.kept) == 1


def test_a_document_inside_may_be_xml(send, letters):
    tree = package(to_xml(letter()))
    tree["entry"][1]["resource"]["content"][0]["attachment"]["contentType"] = "application/fhir+xml"
    tree["entry"][2]["resource"]["contentType"] = "application/fhir+xml"
    assert send(tree).status == 200
    assert letters.kept[0][0].title == "hello"


def test_one_refused_document_refuses_the_whole_transaction(send, letters):
    second = package(letter("refused"))["entry"]
    second[1]["fullUrl"], second[2]["fullUrl"] = "urn:uuid:x", "urn:uuid:y"
    second[1]["resource"]["content"][0]["attachment"]["url"] = "urn:uuid:y"
    answer = send(transaction([*package()["entry"], *second[1:]]))
    assert (answer.status, answer.tree["resourceType"], answer.handling) == (422, "OperationOutcome", "refused")
    assert "rule-refused" in answer.rules
    assert letters.kept == []
    assert Delivery.objects.get().state == "quarantined"


def attachment(**changes: Any) -> list[Any]:
    raw = orjson.dumps(letter())
    known = packages.described(raw, "current")["content"][0]["attachment"]
    return [{"attachment": {name: value for name, value in (known | changes).items() if value is not None}}]


OTHER = {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": "0512489996"}}
BROKEN = [
    ("XDSRepositoryMetadataError", {"content": attachment(size=1)}),
    ("XDSRepositoryMetadataError", {"content": attachment(hash=base64.b64encode(b"x" * 20).decode())}),
    ("XDSMissingDocument", {"content": attachment(url="urn:uuid:nowhere")}),
    ("InvalidDocumentContent", {"content": attachment(contentType="application/pdf")}),
    ("XDSPatientIdDoesNotMatch", {"subject": OTHER, "context": {"sourcePatientInfo": OTHER}}),
    ("XDSPatientIdDoesNotMatch", {"subject": OTHER}),
    ("XDSMissingDocumentMetadata", {"masterIdentifier": None}),
    ("DocumentReference.status", {"status": "draft"}),
    ("DocumentReference.content", {"content": attachment() * 2}),
    ("XDSReplaceFailed", {"relatesTo": [{"code": "replaces", "target": {}}]}),
]


@pytest.mark.parametrize(("rule", "changes"), BROKEN)
def test_metadata_that_cannot_be_trusted_refuses_the_document(send, letters, rule, changes):
    answer = send(package(**changes))
    assert answer.status == 422
    assert rule in answer.rules
    assert (letters.kept, Delivery.objects.get().state) == ([], "quarantined")


HEXADECIMAL = hashlib.sha1(orjson.dumps(letter()), usedforsecurity=False).hexdigest()
LENIENT = [
    ("uniqueId-differs", {"masterIdentifier": {"value": "urn:uuid:cccccccc-0000-4000-8000-000000000001"}}),
    ("typeCode-differs", {"type": {"coding": [{"system": "http://loinc.org", "code": "11524-6"}]}}),
    ("PartialTransformContentNotProcessed", {"relatesTo": [{"code": "transforms", "target": {"reference": "x"}}]}),
    ("XDSMissingDocumentMetadata", {"subject": None, "context": {}}),
    (None, {"content": attachment(hash=HEXADECIMAL.upper())}),
    (None, {"content": attachment(hash=base64.b64encode(HEXADECIMAL.encode()).decode())}),
    (None, {"content": attachment(hash=None, size=None)}),
    (None, {"type": {"coding": [{"system": "http://loinc.org", "code": "11488-4", "display": "Consult NOTE"}]}}),
    (None, {"identifier": None}),
]


@pytest.mark.parametrize(("rule", "changes"), LENIENT)
def test_lesser_faults_of_the_metadata_are_told_and_lose_no_document(send, letters, rule, changes):
    answer = send(package(**changes))
    assert answer.status == 200
    assert rules(outcomes(answer)[1]) == ([rule] if rule else [])
    assert outcomes(answer)[1]["extension"][0]["valueCode"] == "show"
    assert len(letters.kept) == 1


def test_the_unique_id_of_the_metadata_is_the_key(send, letters):
    send(package(masterIdentifier={"value": "1.2.208.9^77"}))
    assert letters.kept[0][1].unique_id == "1.2.208.9^77"


REPLACED = "urn:uuid:dddddddd-0000-4000-8000-00000000000d"
TARGETS = [
    {"identifier": {"value": REPLACED}},
    {"reference": f"DocumentReference/{REPLACED.removeprefix('urn:uuid:')}"},
    {"reference": f"http://sj.test/fhir/DocumentReference/{REPLACED.removeprefix('urn:uuid:').upper()}/_history/1"},
    {"reference": REPLACED},
]


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_replaced_can_be_named_in_each_of_fhirs_ways(send, letters, target):
    assert send(package(relatesTo=[{"code": "replaces", "target": target}])).status == 200
    assert letters.kept[0][1].replaces == (REPLACED,)


def test_a_document_without_entry_uuid_gets_one_and_the_answer_names_it(send, letters):
    answer = send(package(identifier=None))
    given = letters.kept[0][1].entry_uuid
    assert given.startswith("urn:uuid:")
    location = answer.tree["entry"][1]["response"]["location"]
    assert location == f"DocumentReference/{given.removeprefix('urn:uuid:')}"
    patch = {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "operation",
                "part": [
                    {"name": "path", "valueString": "DocumentReference.status"},
                    {"name": "type", "valueCode": "replace"},
                    {"name": "value", "valueCode": "superseded"},
                ],
            }
        ],
    }
    entries = [
        packages.entry(SET, packages.submission_set(), "List"),
        packages.entry("urn:uuid:p", patch, location, "PATCH"),
    ]
    answer = send(transaction(entries))
    assert answer.status == 200
    assert (letters.updated[0].entry_uuid, letters.updated[0].status) == (given, "superseded")


def test_metadata_alone_updates_a_document_we_hold(send, letters):
    send(package())
    answer = send(update("entered-in-error"))
    assert [entry["response"]["status"] for entry in answer.tree["entry"]] == ["201", "200"]
    assert letters.updated[0].status == "entered-in-error"
    assert len(letters.kept) == 1, "and makes no new one"
    assert set(Delivery.objects.values_list("kind", "state")) == {("letter", "stored")}


def test_a_put_names_the_document_by_its_address(send, letters):
    location = send(package(identifier=None)).tree["entry"][1]["response"]["location"]
    tree = update("superseded", masterIdentifier={}, identifier=[])
    tree["entry"][1]["request"] = {"method": "PUT", "url": location}
    assert send(tree).status == 200
    assert letters.updated[0].entry_uuid == letters.kept[0][1].entry_uuid


def test_metadata_for_a_document_we_do_not_hold_is_refused_and_judged_anew_when_it_comes_again(send, letters):
    early = send(update())
    assert (early.status, early.rules) == (422, ["document-unknown"])
    assert early.tree["issue"][0]["expression"] == ["Bundle.entry[1].resource.masterIdentifier"]
    assert Delivery.objects.get().state == "quarantined"
    quarantined = Delivery.objects.get().pk
    send(package())
    assert send(update()).status == 200
    assert Delivery.objects.get(pk=quarantined).state == "stored"
    assert len(letters.updated) == 1


def test_document_and_patch_of_the_old_one_stand_or_fall_together(send, letters):
    patch = packages.entry("urn:uuid:p", {"resourceType": "Parameters"}, "DocumentReference/x", "PATCH")
    answer = send(transaction([*package()["entry"], patch]))
    assert (answer.status, answer.rules[0]) == (422, "Patch.Parameters")
    other = update("superseded", masterIdentifier={"value": "unknown"}, identifier=[])["entry"][1]
    answer = send(transaction([*package()["entry"], other]))
    assert (answer.status, answer.rules) == (422, ["document-unknown"])
    assert Delivery.objects.filter(state="stored").count() == 0


def without(kind: str) -> Tree:
    tree = package()
    tree["entry"] = [entry for entry in tree["entry"] if entry["resource"]["resourceType"] != kind]
    return tree


def stray(resource: Tree, method: str = "POST") -> Tree:
    return transaction([*package()["entry"], packages.entry("urn:uuid:s", resource, "X", method)])


SHAPES = [
    ("Minimal.ProvideBundle.entry:SubmissionSet", without("List")),
    ("XDSMissingDocumentMetadata", without("DocumentReference")),
    ("FHIRDocumentNotSupported", stray(letter())),
    ("Minimal.ProvideBundle.entry", stray({"resourceType": "Observation"})),
    ("Minimal.ProvideBundle.entry.request", stray({"resourceType": "Patient"}, "DELETE")),
    ("XDSMissingDocumentMetadata", stray(packages.binary(b"x"))),
    ("Minimal.ProvideBundle.type", {"resourceType": "Bundle", "type": "batch"}),
    ("Bundle.entry", transaction(package()["entry"] * 200)),
    (
        "Minimal.ProvideBundle.entry:SubmissionSet",
        {"resourceType": "Bundle", "type": "transaction", "entry": [1, None, []]},
    ),
]


@pytest.mark.parametrize(("rule", "tree"), SHAPES)
def test_a_transaction_of_another_shape_is_refused_as_a_whole(send, letters, rule, tree):
    answer = send(tree)
    assert answer.status == 422
    assert rule in answer.rules
    assert letters.kept == []


def test_a_folder_and_a_patient_are_told_to_be_left_out(send):
    folder = packages.entry("urn:uuid:f", {"resourceType": "List", "code": {"coding": [{"code": "folder"}]}}, "List")
    patient = packages.entry("urn:uuid:q", {"resourceType": "Patient"}, "Patient")
    answer = send(transaction([*package()["entry"], folder, patient]))
    assert [entry["response"]["status"] for entry in answer.tree["entry"]] == ["201", "201", "201", "200", "200"]
    assert rules(outcomes(answer)[3]) == ["PartialFolderContentNotProcessed"]


def test_base64_that_is_none_is_refused_and_white_space_is_not(send):
    tree = package()
    data = tree["entry"][2]["resource"]["data"]
    tree["entry"][2]["resource"]["data"] = "\n".join(data[start : start + 76] for start in range(0, len(data), 76))
    assert send(tree).status == 200
    tree["entry"][2]["resource"]["data"] = data[:-4] + "!!!!"
    answer = send(tree)
    assert (answer.status, answer.rules) == (422, ["InvalidDocumentContent"])


def test_a_document_inside_that_is_malformed_is_refused(send):
    answer = send(package(b'{"resourceType": "Bundle"'))
    assert (answer.status, answer.rules) == (422, ["InvalidDocumentContent"])


def test_a_binary_can_be_named_by_its_type_and_id(send):
    tree = package(content=attachment(url="Binary/b1"))
    tree["entry"][2] = packages.entry("", tree["entry"][2]["resource"] | {"id": "b1"}, "Binary")
    del tree["entry"][2]["fullUrl"]
    assert send(tree).status == 200
