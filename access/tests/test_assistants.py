"""An assistant works on behalf of a responsible person: said on the page, held in the log, asked at each request."""

from typing import Any

import pytest

from access.models import PatientContext
from access.tests.blocks import block
from access.tests.cast import (
    EMIL,
    ISSUER,
    JENS,
    NANCY,
    arrived,
    came_back,
    claims,
    launched,
    person,
    signed_in,
    ticket,
    told,
)
from access.tests.conftest import Rows
from access.tests.provider import provider
from audit.models import AuditEvent
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db
HOLM = {"sub": "holm-7", "name": "Læge Anna Holm"}


def agents(event: AuditEvent) -> dict[str, Any]:
    return {agent["type"]["coding"][0]["code"]: agent for agent in event.event["agent"]}


@pytest.fixture
def lund() -> CheckingClient:
    client = CheckingClient()
    signed_in(client, "lund", on_behalf_of=HOLM)
    return client


def test_the_page_says_on_whose_behalf(lund: CheckingClient) -> None:
    page = lund.get(f"/k/{launched(lund, 'lund', NANCY)}/kommune/").content.decode()
    assert "Sekretær Ida Lund på vegne af Læge Anna Holm" in page


def test_every_event_holds_both_though_the_responsible_person_has_never_been_here(lund: CheckingClient) -> None:
    context = launched(lund, "lund", NANCY)
    lund.get(f"/k/{context}/kommune/")
    for action in ("launch.opened", "eoj.viewed"):
        event = AuditEvent.objects.get(action=action)
        both = agents(event)
        assert both["IRCP"]["who"]["identifier"] == {"system": ISSUER, "value": "lund"}
        assert both["IRCP"]["requestor"] is True
        assert both["RESP"] == {
            "type": both["RESP"]["type"],
            "who": {"identifier": {"system": ISSUER, "value": "holm-7"}},
            "requestor": False,
        }
        assert (event.actor_role, event.actor_subject) == ("assistant", "lund")
    assert "Anna" not in str(AuditEvent.objects.get(action="eoj.viewed").event)


def test_a_subject_that_looks_like_a_cpr_number_is_not_repeated(lund: CheckingClient) -> None:
    told(lund, on_behalf_of={"sub": NANCY, "name": "Læge Anna Holm"})
    lund.get(f"/k/{launched(lund, 'lund', JENS)}/kommune/")
    said = agents(AuditEvent.objects.get(action="eoj.viewed"))["RESP"]["who"]["identifier"]["value"]
    assert said.startswith("hash-")


def test_the_responsible_person_is_asked_for_at_every_request(lund: CheckingClient, events: Rows) -> None:
    context = launched(lund, "lund", EMIL)
    assert lund.get(f"/k/{context}/kommune/").status_code == 200
    told(lund, on_behalf_of=None)
    events()
    refused = lund.get(f"/k/{context}/kommune/")
    assert refused.status_code == 403
    assert "Medhjælp skal være logget ind på vegne af en ansvarlig sundhedsperson." in refused.content.decode()
    assert "Emil" not in refused.content.decode()
    assert events() == [("access.refused", 4, "responsible-missing")]


KVIST = {"sub": "kvist-3", "name": "Læge Signe Kvist"}


def test_a_record_stays_with_the_person_it_was_opened_for(lund: CheckingClient, events: Rows) -> None:
    """On whose behalf decides what is blocked and what the log says: a later login for another changes neither."""
    context = launched(lund, "lund", NANCY)
    block("person", issuer=ISSUER, subject=HOLM["sub"])
    assert "Borgeren har spærret" in lund.get(f"/k/{context}/kommune/").content.decode()
    events()
    again = lund.post("/log-ind/igen/", {"next": f"/k/{context}/kommune/"})
    assert came_back(lund, again, claims("lund", on_behalf_of=KVIST)).status_code == 403
    assert events() == [("user.sign_in_failed", 4, "again-other-user")]
    assert "på vegne af Læge Anna Holm" in lund.get(f"/k/{context}/kommune/").content.decode()
    again = lund.post("/log-ind/igen/", {"next": f"/k/{context}/kommune/"})
    assert came_back(lund, again, claims("lund", on_behalf_of=HOLM)).status_code == 302
    assert lund.get(f"/k/{context}/kommune/").status_code == 200


def test_a_launch_for_another_responsible_person_closes_what_was_open(lund: CheckingClient) -> None:
    before = launched(lund, "lund", NANCY)
    path = arrived(lund, ticket("lund", JENS, org={"sor": "999000000000111"}))  # the login is for another unit
    said = claims("lund", on_behalf_of=KVIST, organization={"sor": "999000000000111"})
    came_back(lund, lund.get(path), said)
    opened = lund.get(path)["Location"]
    assert "på vegne af Læge Signe Kvist" in lund.get(opened.replace("/ekg/", "/kommune/")).content.decode()
    assert lund.get(f"/k/{before}/kommune/").status_code == 404
    assert PatientContext.objects.get(pk=before).closed_reason == "signed-in-again"


def test_two_tabs_that_come_back_at_once_for_two_responsible_persons_share_no_session(lund: CheckingClient) -> None:
    left = [CheckingClient() for _ in range(2)]
    browser = left[0]
    paths = [arrived(browser, ticket("lund", cpr)) for cpr in (NANCY, JENS)]
    backs = [
        provider().authorize(browser.get(path)["Location"], claims("lund", on_behalf_of=named))
        for path, named in zip(paths, (HOLM, KVIST), strict=True)
    ]
    for name, morsel in browser.cookies.items():
        left[1].cookies[name] = morsel.value
    for tab, back, path in zip(left, backs, paths, strict=True):
        assert tab.get(back)["Location"] == path
    assert len({tab.cookies["sj"].value for tab in left}) == 2


def test_what_another_s_login_said_is_nothing_to_this_user(lund: CheckingClient) -> None:
    """Another user in the same browser has a session of its own."""
    person("holm")
    signed_in(lund, "holm")
    page = lund.get(f"/k/{launched(lund, 'holm', NANCY)}/kommune/").content.decode()
    assert "Læge Anna Holm" in page
    assert "på vegne af" not in page
    assert "RESP" not in agents(AuditEvent.objects.get(action="eoj.viewed"))


def test_with_a_national_role_of_one_s_own_nobody_is_named(events: Rows, settings: Any) -> None:
    settings.ASSISTANT_ROLES = {"nspPlejeAssR3": ["kommune"]}
    client = CheckingClient()
    signed_in(client, "lund", national_role="nspPlejeAssR3")
    context = launched(client, "lund", NANCY)
    page = client.get(f"/k/{context}/kommune/")
    assert page.status_code == 200
    assert "på vegne af" not in page.content.decode()
    assert f'href="/k/{context}/ekg/"' not in page.content.decode()
    assert client.get(f"/k/{context}/kommune/hjerte/").status_code == 403
    settings.ASSISTANT_ROLES = {}
    assert client.get(f"/k/{context}/kommune/").status_code == 403
    assert PatientContext.objects.get().audience == "assistant"
