"""PUT /fhir/Bundle/<id>: accepted once, the first answer again, other content refused; a bad citizen stops nobody."""

from collections.abc import Callable

import orjson
import pytest
from django.test import Client
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from eoj.models import Report, Version
from eoj.tests.door import JSON, XML, Answer, municipality
from eoj.tests.reports import CPR, MOBILITY, OTHER_CPR, RESPIRATION, condition, incremental, plan, report, wrong
from eoj.tests.stands import stands
from fhir.models import Delivery

Put = Callable[..., Answer]


@pytest.fixture
def put(db: None) -> Put:
    return municipality()


def standing() -> dict[str, str]:
    return {pk: row.state for pk, row in stands("Condition").items()}


def test_a_report_is_accepted_and_stands(put: Put) -> None:
    answer = put(report(condition(MOBILITY, 2, id="gang")))
    assert (answer.status, answer.handling) == (200, "accepted")
    assert standing() == {"gang": "active"}
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.door, delivery.kind, delivery.address) == ("stored", "report", "eoj", "rapport-1")


def test_the_same_bytes_get_the_first_answer_and_store_nothing(put: Put) -> None:
    first, again = put(report(condition(MOBILITY, 2))), put(report(condition(MOBILITY, 2)))
    assert (again.status, again.tree) == (200, first.tree)
    assert (Delivery.objects.count(), Report.objects.count()) == (1, 1)


def test_another_content_under_the_id_is_a_duplicate_and_the_first_stays(put: Put) -> None:
    put(report(condition(MOBILITY, 2, id="gang")))
    for changed in (
        report(condition(MOBILITY, 3, id="gang")),
        orjson.dumps(report(condition(MOBILITY, 2, id="gang"))) + b" ",
    ):
        answer = put(changed)
        assert (answer.status, answer.handling, answer.codes) == (409, "duplicate", ["duplicate"])
    assert [row.level for row in stands("Condition").values()] == [2]
    assert set(Delivery.objects.exclude(state="stored").values_list("state", "handling", "status")) == {
        ("quarantined", "duplicate", 409)
    }


def test_the_same_report_from_another_sender_is_accepted_and_stored_once(put: Put) -> None:
    put(report(condition(MOBILITY, 2)))
    assert municipality("another")(report(condition(MOBILITY, 2))).handling == "accepted"
    assert Report.objects.count() == 1


def test_what_is_refused_is_told_and_kept_in_quarantine(put: Put) -> None:
    answer = put(report(condition(MOBILITY)))
    assert (answer.status, answer.handling) == (422, "refused")
    assert "klgateway-severity-mandatory-in-home-care-not-allowed-in-nursing" in answer.rules
    held = Delivery.objects.get()
    assert (held.state, held.status) == ("quarantined", 422)
    assert (Report.objects.count(), Version.objects.count()) == (0, 0)
    assert put(report(condition(MOBILITY, 1))).handling == "accepted", "the id is free: nothing was stored under it"


@pytest.mark.parametrize("address", ["en-anden", "rapport_1", "x" * 65])
def test_a_report_is_put_to_its_own_id(put: Put, address: str) -> None:
    assert put(report(condition(MOBILITY, 2)), to=address).status in (400, 422)
    assert Report.objects.count() == 0


def test_a_report_as_xml_is_the_same_report(put: Put) -> None:
    xml = (
        '<Bundle xmlns="http://hl7.org/fhir"><id value="rapport-9"/><meta><profile value="http://fhir.kl.dk/gateway/'
        'StructureDefinition/klgateway-care-delivery-report"/></meta><type value="collection"/>'
        '<timestamp value="2026-03-12T20:00:00Z"/><entry><fullUrl value="https://x.test/Patient/borger"/><resource>'
        '<Patient><id value="borger"/><meta><profile value="http://fhir.kl.dk/gateway/StructureDefinition/'
        'klgateway-care-citizen"/></meta><identifier><use value="official"/><system value="urn:oid:1.2.208.176.1.2"/>'
        f'<value value="{CPR}"/></identifier><managingOrganization><identifier><use value="official"/>'
        '<system value="urn:oid:1.2.208.176.1.1"/><value value="999000000000101"/></identifier></managingOrganization>'
        "</Patient></resource></entry></Bundle>"
    ).encode()
    answer = put(xml, to="rapport-9", media=XML)
    assert (answer.status, answer.handling) == (200, "accepted"), answer.tree


def test_one_bad_citizen_does_not_stop_the_others(put: Put) -> None:
    good = report(condition(MOBILITY, 2, id="gang"), id="god")
    bad = report(condition(MOBILITY, id="uden-niveau"), cpr=OTHER_CPR, id="daarlig")
    answer = put(incremental(bad, good))
    assert (answer.status, answer.handling) == (200, "accepted")
    assert standing() == {"gang": "active"}
    held = Delivery.objects.get(state="quarantined")
    assert (held.address, held.status) == ("daarlig", 422)
    told = [issue["expression"][0] for issue in answer.tree["issue"] if issue["severity"] in ("error", "fatal")]
    assert told
    assert all(path.startswith("Bundle.entry[0].resource") for path in told)


def test_a_delivery_of_nothing_good_is_refused(put: Put) -> None:
    answer = put(incremental(report(condition(MOBILITY), id="daarlig")))
    assert (answer.status, answer.handling) == (422, "refused")
    assert Report.objects.count() == 0


def test_a_delivery_of_what_is_there_already_is_accepted(put: Put) -> None:
    inner = report(condition(MOBILITY, 2), id="god")
    put(inner)
    assert put(incremental(inner)).handling == "accepted"
    assert (
        put(
            incremental(inner, report(condition(MOBILITY, 3), id="ny", timestamp="2026-03-13T20:00:00Z"), id="b")
        ).status
        == 200
    )
    assert Report.objects.count() == 2


def test_an_inner_report_whose_id_is_taken_goes_to_quarantine_alone(put: Put) -> None:
    put(report(condition(MOBILITY, 2, id="gang"), id="god"))
    changed = report(condition(MOBILITY, 4, id="gang"), id="god")
    fresh = report(condition(RESPIRATION, id="luft"), id="ny", cpr=OTHER_CPR)
    answer = put(incremental(changed, fresh))
    assert (answer.status, answer.handling) == (200, "accepted")
    assert "duplicate" in answer.codes
    assert stands("Condition")["gang"].level == 2
    assert Delivery.objects.get(state="quarantined").handling == "duplicate"


def test_a_delivery_of_which_nothing_can_be_accepted_is_refused_with_all_that_is_wrong(put: Put) -> None:
    put(report(condition(MOBILITY, 2, id="gang"), id="god"))
    changed, bad = report(condition(MOBILITY, 4, id="gang"), id="god"), report(condition(MOBILITY), id="daarlig")
    for number, inner in enumerate([(changed,), (changed, bad)]):
        answer = put(incremental(*inner, id=f"levering-{number}"))
        assert (answer.status, answer.handling) == (422, "refused")
        assert "duplicate" in answer.codes
        held = Delivery.objects.get(address=f"levering-{number}")
        assert (held.state, held.status, held.handling) == ("quarantined", 422, "refused")
        assert {each["rule"] for each in held.findings} >= {"duplicate"}
    assert "klgateway-severity-mandatory-in-home-care-not-allowed-in-nursing" in answer.rules
    assert stands("Condition")["gang"].level == 2
    again = put(incremental(changed, bad, id="levering-1"))
    assert (again.status, again.tree) == (422, answer.tree)


def test_one_id_twice_in_a_report_is_refused(put: Put) -> None:
    answer = put(report(plan("H1.1", "2026-03-01", id="p"), plan("H1.5", "2026-03-01", id="p")))
    assert (answer.status, answer.handling) == (422, "refused")


def test_entered_in_error_hides_and_keeps(put: Put) -> None:
    put(report(condition(RESPIRATION, id="luft"), id="a"))
    assert (
        put(report(wrong(condition(RESPIRATION, id="luft")), id="b", timestamp="2026-03-13T20:00:00Z")).handling
        == "accepted"
    )
    assert standing() == {}
    assert Version.objects.filter(resource_id="luft").count() == 2


def test_a_document_is_sent_to_the_other_door(put: Put) -> None:
    answer = put({"resourceType": "Bundle", "id": "x", "type": "document"})
    assert (answer.status, answer.rules) == (422, ["wrong-door"])


def test_the_capability_statement_tells_of_the_door_for_reports(client: Client) -> None:
    tree = client.get("/fhir/metadata", HTTP_ACCEPT=JSON).json()
    CapabilityStatement.model_validate(tree)
    bundle = tree["rest"][0]["resource"][0]
    assert [each["code"] for each in bundle["interaction"]] == ["create", "update"]
    assert bundle["updateCreate"] is True
    base = "http://fhir.kl.dk/gateway/StructureDefinition/klgateway-care-"
    assert bundle["supportedProfile"] == [f"{base}delivery-report", f"{base}incremental-delivery"]
    assert not [each for each in tree["document"] if "klgateway" in each["profile"]]
    assert tree["document"], "documents are told of as before"
