"""The security checklist of the design (ACCESS.md §10), 17–20 and 28–30: who sees what, and what is left of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from access.contexts import new_id
from access.models import Block, CareOf, PatientContext, User
from access.tests.blocks import Peer, block, minspaerring, nobody_knows, override
from access.tests.brs_peer import service as relation_service
from access.tests.cast import (
    EMIL,
    ISSUER,
    JENS,
    KAREN,
    NANCY,
    UNIT,
    WHY,
    arrived,
    came_back,
    chosen,
    citizen_signs_in,
    claims,
    custody,
    epj,
    guardianship,
    issuers,
    launched,
    own,
    person,
    power,
    signed_in,
    ticket,
)
from access.tests.conftest import Rows
from access.tests.provider import provider
from access.tests.test_checklist_pages import drawn
from audit.models import AuditEvent
from audit.record import NotRecorded
from ekg.models import Recording
from exports.tests.making import exported
from patients.registry import patient_for
from sundhedsjournal.tests.addresses import RECORD, ROUTES, address
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NOTE = "V1 og V2 er byttet om."


@pytest.fixture(autouse=True)
def _whole_house(settings: Any) -> None:
    settings.ROOT_URLCONF = "sundhedsjournal.urls"


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


def below(route: str) -> str:
    return route.partition(f"/{RECORD}")[2]


STAFF = [route for route in ROUTES if route.startswith(f"k/{RECORD}")]
CITIZEN = [route for route in ROUTES if route.startswith(f"borger/{RECORD}")]
POSTS = ("cpr", "luk", "slut", "<uuid:recording_id>/pdf/")


def ask(client: Client, route: str, **places: Any) -> Any:
    path = address(route, **places)
    return client.post(path) if route.endswith(POSTS) else client.get(path)


# ── 17 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
EKG, CARE, LOG, OVERRIDING = "ekg", "kommune", "log", "vaerdispring/"
SEES = {
    "clinician": {EKG, CARE, OVERRIDING},
    "assistant": {EKG, CARE},
    "municipal": {CARE},
    "municipal, authorised": {CARE, OVERRIDING},
    "citizen": {EKG, CARE, LOG},
    "custody": {EKG, CARE, LOG},
    "guardian": {EKG, CARE, LOG},
    "proxy for the record": {EKG, CARE},
    "proxy for EKGs": {EKG},
    "proxy for municipal data": {CARE},
    "proxy for the log": {LOG},
}
"""By hand, out of the table of the design."""


def arrive(client: Client, who: str) -> tuple[str, str]:
    """The context and the patient of somebody who has come in by their own door."""
    if who in ("clinician", "municipal", "municipal, authorised", "assistant"):
        username = {"clinician": "holm", "assistant": "lund"}.get(who, "krogh")
        said: dict[str, Any] = {"on_behalf_of": {"sub": "holm", "name": "Læge Anna Holm"}} if who == "assistant" else {}
        signed_in(client, username, authorised=who in ("clinician", "municipal, authorised"), **said)
        return launched(client, username, EMIL), EMIL
    if who == "citizen":
        return own(client, "jens"), JENS
    if who == "custody":
        custody()
        citizen_signs_in(client, "maria")
        return chosen(client, "custody", EMIL), EMIL
    if who == "guardian":
        guardianship()
        citizen_signs_in(client, "bent")
        return chosen(client, "guardian", KAREN), KAREN
    privilege = {"record": "se_journal", "EKGs": "se_ekg", "data": "se_kommune", "log": "se_log"}[who.split()[-1]]
    citizen_signs_in(client, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", privilege)])
    return chosen(client, "proxy", JENS), JENS


@pytest.mark.parametrize("who", SEES)
def test_17_the_matrix_decides_every_address_and_every_field(browser: Client, who: str) -> None:
    context, cpr = arrive(browser, who)
    one = drawn(cpr)
    block("period", cpr=cpr, data_from="2000-01-01", data_to="2000-01-02")
    door = STAFF if browser.get(f"/k/{context}/kommune/").status_code != 404 else CITIZEN
    for route in door:
        if below(route) in ("luk", "vaerdispring/slut"):
            continue
        made = exported(one, context) if "export_id" in route else None
        answer = ask(browser, route, context=context, recording_id=one.pk, export_id=made)
        room = below(route).split("/")[0]
        allowed = below(route) != OVERRIDING if room == "vaerdispring" else room not in (EKG, CARE, LOG)
        allowed |= room in SEES[who] or below(route) in SEES[who]
        assert answer.status_code == (200 if allowed else 403) or (allowed and answer.status_code in (204, 303)), route
        if not allowed:
            said = answer.content.decode(errors="replace")
            assert not [word for word in (NOTE, cpr, "Emil", "Thorsen", "Karen", "<img") if word in said], route
        elif room in (EKG, CARE) and b"<html" in answer.content[:200]:
            said = answer.content.decode()
            # Field by field: a whole number only when it is asked for, no address, nothing of the professional's own.
            assert f"{cpr[:6]}-{cpr[6:]}" not in said
            assert cpr not in said
            assert ("Borgeren har spærret nogle oplysninger." in said) == (door is STAFF), route
            assert ("vaerdispring" in said) == (OVERRIDING in SEES[who]), route


def test_17_log_controllers_and_operators_open_no_record(browser: Client, events: Rows) -> None:
    drawn(NANCY)
    for role in ("log-controller", "operator"):
        client = CheckingClient()
        context = launched(client, "holm", NANCY)
        User.objects.filter(username="holm").update(role=role)
        PatientContext.objects.filter(pk=context).update(audience=role)
        events()
        for route in STAFF:
            assert ask(client, route, context=context, recording_id=Recording.objects.get().pk).status_code == 403
        assert events() == [("access.refused", 4, "role")] * len(STAFF)
        User.objects.filter(username="holm").update(role="clinician")


# ── 18, 19 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_18_a_record_of_another_session_user_or_patient_is_none_and_an_alert(browser: Client, events: Rows) -> None:
    one, other = drawn(NANCY), drawn(JENS)
    elsewhere, kvist, citizen = CheckingClient(), CheckingClient(), CheckingClient()
    context = launched(browser, "holm", NANCY)
    launched(elsewhere, "holm", NANCY)
    launched(kvist, "kvist", NANCY)
    own(citizen, "nancy")
    asking = {
        "context-of-another-session": elsewhere, "context-of-another-user": kvist, "context-unknown": browser,
    }  # fmt: skip
    events()
    for route in STAFF:
        pages = set()
        for reason, client in asking.items():
            used = new_id() if reason == "context-unknown" else context
            answer = ask(client, route, context=used, recording_id=one.pk)
            assert answer.status_code == 404, (route, reason)
            pages.add(answer.content)
            assert events() == [("access.refused", 4, reason)]
        assert ask(citizen, route, context=context, recording_id=one.pk).content in pages
        assert events() == [("access.refused", 4, "context-of-another-user")]
        assert len(pages) == 1, route
    for route in (route for route in STAFF if "recording_id" in route):
        assert ask(browser, route, context=context, recording_id=other.pk).status_code == 404
        assert events() == [("access.refused", 4, "not-found")]


def test_19_a_block_a_role_a_relation_and_a_fuldmagt_count_from_the_next_request(browser: Client) -> None:
    one = drawn(NANCY)
    base = f"/k/{launched(browser, 'holm', NANCY)}/ekg/{one.pk}/"
    below_it = ("", "side/1/150", "original.pdf")
    assert {browser.get(base + rest).status_code for rest in below_it} == {200}
    made = block("person", issuer=ISSUER, subject="holm")
    assert {browser.get(base + rest).status_code for rest in below_it} == {404}
    Block.objects.filter(pk=made.pk).update(ended=timezone.now())
    assert {browser.get(base + rest).status_code for rest in below_it} == {200}
    User.objects.filter(username="holm").update(role="log-controller")
    assert {browser.get(base + rest).status_code for rest in below_it} == {403}

    parent, holder = CheckingClient(), CheckingClient()
    context, _ = arrive(parent, "custody")
    assert parent.get(f"/borger/{context}/ekg/").status_code == 200
    CareOf.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    assert parent.get(f"/borger/{context}/ekg/").status_code == 410

    soon = power(JENS, "Jens Mikkel Thorsen", "se_journal", expires=timezone.now().timestamp() + 60)
    citizen_signs_in(holder, "lise", powers=[soon])
    context = chosen(holder, "proxy", JENS)
    assert holder.get(f"/borger/{context}/kommune/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert holder.get(f"/borger/{context}/kommune/").status_code == 410


# ── 20 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def consent_peer(settings: Any) -> Iterator[Peer]:
    with minspaerring() as listening:
        settings.CONSENT_SOURCE, settings.CONSENT_TIMEOUT = listening.url, 2
        yield listening


def test_20_every_call_to_a_source_names_who_asks(browser: Client, consent_peer: Peer, settings: Any) -> None:
    settings.RELATION_EVIDENCE = ()
    behind = {"sub": "kvist", "name": "Læge Signe Kvist", "cpr": "0303039997"}
    assistant: dict[str, Any] = {"on_behalf_of": behind}
    with relation_service(settings) as relations:
        for client, username, said, cpr in (
            (browser, "holm", {}, "0101019995"),
            (CheckingClient(), "lund", assistant, "0202029990"),
        ):
            signed_in(client, username, cpr=cpr, **said)
            context = launched(client, username, NANCY)
            client.get(f"/k/{context}/kommune/")
            asked = consent_peer.asked[-1]
            assert asked["ActingUserCivilRegistrationNumber"] == cpr
            assert asked["OrgUsingID"] == {"NameFormat": "nsi:sor", "value": UNIT}
            assert asked["CitizenCivilRegistrationNumber"] == NANCY
            assert asked["ResponsibleUserCivilRegistrationNumber"] == (behind["cpr"] if said else cpr)
            assert relations.asked[-1]["HealthProfessionalCpr"] == cpr
            assert relations.asked[-1]["OrganisationIdentifier"] == UNIT
            assert relations.asked[-1]["PatientCpr"] == NANCY
    assert all(asked["ActingUserCivilRegistrationNumber"] for asked in consent_peer.asked)
    assert all(asked["HealthProfessionalCpr"] for asked in relations.asked)
    # Whoever asked about the relation stands in the log before the call.
    told = AuditEvent.objects.filter(action="relation.asked").values_list("actor_subject", flat=True)
    assert sorted(told) == ["holm", "lund"]


def test_20_the_epj_s_patient_is_read_with_the_leave_of_the_user_who_signed_in(browser: Client) -> None:
    issuers(launch_client=epj(), fhir_base=provider().fhir)
    number = {"system": "urn:oid:1.2.208.176.1.2", "value": NANCY}
    told = {"resourceType": "Patient", "id": "p1", "identifier": [number], "name": [{"text": "Nancy Ann Berggren"}]}
    provider().patients, provider().launches, provider().tokens = {"p1": told}, {"launch-1": "p1"}, {}
    grants: list[str] = []
    original = provider().changed

    def listening(path: str, form: Any) -> Any:
        grants.append(form["grant_type"])
        return original(path, form)

    provider().changed = listening  # type: ignore[method-assign]
    try:
        left = browser.get("/launch", {"iss": provider().fhir, "launch": "launch-1"})
        back = came_back(browser, left, claims("holm"))
        assert browser.get(back["Location"])["Location"].startswith("/k/")
        # The provider opens a patient to the one token of that login alone; and no other kind of token was asked for.
        assert list(provider().tokens.values()) == ["p1"]
        assert grants == ["authorization_code"]
    finally:
        del provider().changed
        provider().patients, provider().launches, provider().tokens = {}, {}, {}


# ── 28, 29 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
FOLLOWS = ("override.stopped", "case.opened")
"""What the house does of itself, when somebody has closed or overridden something."""


def test_28_sign_ins_permits_denials_and_bypasses_are_told_with_who_when_where_and_what(browser: Client) -> None:
    began = datetime.now(UTC)
    one = drawn(NANCY)
    stale = ticket("holm", NANCY)
    path = arrived(browser, stale)
    with provider().breaking(claims={"aud": "another"}):
        came_back(browser, browser.get(path), claims("holm"))
    came_back(browser, browser.get(path), claims("holm"))
    base = browser.get(path)["Location"].removesuffix("ekg/")
    browser.get(f"{base}ekg/")
    browser.get(f"{base}ekg/{one.pk}/original.pdf")
    browser.get(f"{base}ekg/{one.pk}/original.pdf", headers={"Sec-Fetch-Site": "cross-site"})
    browser.get(base.replace("/k/", "/borger/") + "kommune/")
    CheckingClient().get(f"{base}ekg/")
    CheckingClient().post("/launch/ticket", {"ticket": stale})
    block("all")
    override(browser, base.split("/")[2])
    browser.post(f"{base}luk")
    browser.post("/log-ud/")
    rows = list(AuditEvent.objects.exclude(action__startswith="ekg.").order_by("recorded", "id"))
    told = [(row.action, row.outcome, row.reason) for row in rows if row.actor_kind != "system"]
    expected = [
        ("launch_ticket.issued", 0, ""), ("launch_ticket.spent", 0, ""), ("user.sign_in_failed", 4, "token-aud"),
        ("user.signed_in", 0, ""),
        ("launch.opened", 0, ""), ("ekg_folder.viewed", 0, ""), ("ekg_original.opened", 0, ""),
        ("access.refused", 4, "cross-site"), ("access.refused", 4, "context-of-another-door"),
        ("access.refused", 4, "signed-out"), ("launch.refused", 4, "ticket-replayed"), ("override.started", 0, ""),
        ("case.opened", 0, "override"), ("override.stopped", 0, "context-closed"), ("context.closed", 0, ""),
        ("user.signed_out", 0, ""),
    ]  # fmt: skip
    assert told == expected
    nancy = patient_for(NANCY).pk
    for row in rows:
        assert began <= row.recorded <= datetime.now(UTC), "when"
        assert re.fullmatch(r"[\d-]{10}T[\d:.]+(Z|\+00:00)", row.event["recorded"]), "in UTC"
        if row.actor_kind in ("user", "anonymous") and row.action not in FOLLOWS:
            assert row.actor_network == "127.0.0.1", "where"
            assert row.request_id, "which line of the access log"
        if row.action in ("launch.opened", "ekg_folder.viewed", "ekg_original.opened", "context.closed"):
            assert (row.actor_subject, row.actor_issuer, row.actor_role) == ("holm", ISSUER, "clinician"), "who"
            assert (row.patient_ref, row.actor_organisation) == (nancy, UNIT), "whose"
    assert next(row for row in rows if row.action == "ekg_original.opened").entity == f"Recording/{one.pk}", "what"


def test_29_the_product_s_own_role_can_add_rows_to_the_log_and_nothing_else(browser: Client) -> None:
    """That checkpoints of it stand outside the database is the other half of this number, and comes with them."""
    context = launched(browser, "holm", NANCY)
    row = AuditEvent.objects.filter(action="launch.opened").get()
    for statement in (
        "UPDATE audit_event SET outcome = 4",
        "UPDATE audit_event SET actor_subject = 'kvist' WHERE false",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DROP TABLE audit_event",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "ALTER TABLE audit_event DETACH PARTITION audit_event_default",
    ):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            connection.cursor().execute(statement)
    for change in (
        lambda: AuditEvent.objects.filter(pk=row.pk).update(outcome=4),
        lambda: AuditEvent.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    same = AuditEvent.objects.filter(action="launch.opened").get()
    assert (same.outcome, same.actor_subject, same.context) == (0, "holm", context)


# ── 30 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
DATA = ("Nancy", "Berggren", "251248", NOTE, "<img", "Ingen EKG")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_30_without_the_log_nothing_of_a_record_leaves(browser: Client, headers: dict[str, str]) -> None:
    one = drawn(NANCY)
    context, citizen = launched(browser, "holm", NANCY), CheckingClient()
    hers = own(citizen, "nancy")
    path = arrived(CheckingClient(), ticket("holm", NANCY))
    with patch("access.visit.record", side_effect=NotRecorded("down")):
        for client, routes, opened in ((browser, STAFF, context), (citizen, CITIZEN, hers)):
            for route in routes:
                place = address(route, context=opened, recording_id=one.pk)
                answer = (
                    client.post(place, headers=headers) if route.endswith(POSTS) else client.get(place, headers=headers)
                )
                said = answer.content.decode(errors="replace")
                assert not [word for word in DATA if word in said], route
                # A background check is covered by its page's event, and says the same fixed words for every patient.
                assert answer.status_code in ({503, 204, 200} if _is_check(route) else {503, 404}), route
    assert PatientContext.objects.filter(closed_at=None).count() == 2, "nor is anything changed"
    with patch("access.launching.refused.record", side_effect=NotRecorded("down")):
        assert CheckingClient().get(path).status_code == 503
    assert browser.get(f"/k/{context}/ekg/").status_code == 200


def _is_check(route: str) -> bool:
    return route.endswith(("nyt/<int:version>/", "klar/", "tid/"))


@pytest.mark.parametrize("how", ["nobody knows", "no answer", "not understood", "not asked"])
def test_30_without_an_answer_about_consent_staff_see_nothing(
    browser: Client, consent_peer: Peer, settings: Any, how: str
) -> None:
    one = drawn(NANCY)
    signed_in(browser, "holm", cpr="0101019995")
    context = launched(browser, "holm", NANCY)
    assert browser.get(f"/k/{context}/ekg/").status_code == 200
    if how == "nobody knows":
        settings.CONSENT_SOURCE = f"{nobody_knows.__module__}.nobody_knows"
    elif how == "no answer":
        consent_peer.status = 503
    elif how == "not asked":  # the service knows people by their CPR numbers, and this one is not known
        User.objects.filter(username="holm").update(professional_cpr="")
    else:
        consent_peer.answer = {"consent": "data-specific"}
    for route in STAFF:
        if below(route) in ("luk", "vaerdispring/slut"):  # they show nothing, and must work
            continue
        answer = ask(browser, route, context=context, recording_id=one.pk)
        assert answer.status_code == (403 if how == "not asked" else 503), route
        assert not [word for word in DATA if word in answer.content.decode()], route
    nancy = CheckingClient()
    assert nancy.get(f"/borger/{own(nancy, 'nancy')}/ekg/").status_code == 200, "blocks aim at staff"


def test_30_without_an_answer_about_the_relation_only_a_vouched_clinician_goes_on(
    browser: Client, settings: Any, events: Rows
) -> None:
    """The documented exception (ACCESS.md S3): launched from the EPJ, every event says so, and somebody looks at it."""
    drawn(NANCY)
    settings.RELATION_EVIDENCE, settings.RELATION_BRS_TIMEOUT = (), 500
    with relation_service(settings) as relations:
        relations.status = 503
        epj(unvouched=["*"])
        path = arrived(browser, ticket("holm", NANCY))
        came_back(browser, browser.get(path), claims("holm"))
        events()
        for answer in (browser.get(path), browser.post(f"{path}aabn/", WHY)):
            assert answer.status_code == 503
            assert not [word for word in DATA if word in answer.content.decode()]
        assert events() == [("relation.asked", 0, ""), ("launch.refused", 4, "relation-unavailable")] * 2
        assert not PatientContext.objects.exists()

        epj(unvouched=[])
        opened = browser.get(path)["Location"]
        assert browser.get(opened).status_code == 200
        context = PatientContext.objects.get()
        assert context.relation == "unverified"
        rows = AuditEvent.objects.filter(context=context.pk, action__in=("launch.opened", "ekg_folder.viewed"))
        assert {"unverified" in str(row.event) for row in rows} == {True}
        assert ("case.opened", 0, "relation-unverified") in events()


def test_30_without_the_database_it_is_said_that_nobody_knows(browser: Client) -> None:
    context = launched(browser, "holm", NANCY)
    with patch("access.gate.contexts.find", side_effect=OperationalError("gone")):
        for route in STAFF:
            answer = ask(browser, route, context=context)
            assert answer.status_code == 503, route
            assert not [word for word in DATA if word in answer.content.decode()], route
    person("holm")
    assert browser.get(f"/k/{context}/ekg/").status_code == 200
