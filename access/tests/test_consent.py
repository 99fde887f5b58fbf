"""Blocks at the gate: whom they keep out of what, from which moment, and that nothing is shown when nobody knows."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from access.models import Block, Role, User
from access.registering import register_user
from access.tests import blocks, cast
from access.tests.blocks import Peer, block, minspaerring
from access.tests.cast import JENS, NANCY, launched, own, signed_in
from access.tests.conftest import Rows
from audit.models import AuditEvent
from organisations.models import Organisation
from patients.registry import patient_for
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db
HOSPITAL, WARD, ROOM, ELSEWHERE = "999000000000110", "999000000000111", "999000000000119", "999000000000210"
BLOCKED = "Borgeren har spærret nogle oplysninger."
DAY = "2025-07-01"
ANNA = "0101909990"
"""The CPR number of Anna Holm, who works with records."""
PATHS = ["ekg/", "ekg/original.pdf", "ekg/image.png", "ekg/nyt/1/", "kommune/", "vaerdispring/"]


def seen(client: Client, context: str, sor: str = HOSPITAL, day: str = DAY) -> bool:
    """Whether data from that place and day are shown."""
    answer = client.get(f"/k/{context}/ekg/data/{sor}/{day}/")
    assert answer.status_code == 200
    return "vist" in answer.content.decode()


def consent(client: Client, context: str) -> Any:
    """What the event of a look says about the decision."""
    page = client.get(f"/k/{context}/ekg/")
    event = AuditEvent.objects.get(pk=page["X-Audit-Id"]).event
    details = [each for entity in event.get("entity", ()) for each in entity.get("detail", ())]
    return next((each["valueString"] for each in details if each["type"] == "consent"), None)


# ── whom and what a block keeps ─────────────────────────────────────────────────────────────────────────────────────
def test_without_a_block_everything_is_shown_and_nothing_is_said(holm: Client, nancy: str) -> None:
    assert seen(holm, nancy)
    assert consent(holm, nancy) is None
    assert BLOCKED not in holm.get(f"/k/{nancy}/ekg/").content.decode()


def test_a_blocked_person_sees_nothing_and_a_colleague_everything(holm: Client, nancy: str) -> None:
    kvist = CheckingClient()
    theirs = launched(kvist, "kvist", NANCY)
    blocks.person("holm")
    assert not seen(holm, nancy, ELSEWHERE, "1990-01-01")
    assert consent(holm, nancy) == "deny"
    assert seen(kvist, theirs)
    assert consent(kvist, theirs) is None


def test_who_assists_a_blocked_person_sees_nothing_either(holm: Client, nancy: str) -> None:
    cast.told(holm, on_behalf_of={"sub": "kvist", "name": "Læge Signe Kvist"})
    assert seen(holm, nancy)
    blocks.person("kvist")
    assert not seen(holm, nancy)


def test_the_same_subject_of_another_issuer_is_somebody_else(holm: Client, nancy: str) -> None:
    block("person", issuer="https://other.invalid", subject="holm")
    assert seen(holm, nancy)


def elsewhere(cpr: str, subject: str = "anna") -> User:
    """The professional of this CPR number, by what another issuer calls her or him."""
    user = register_user("https://other.invalid", subject, name="Anna Holm", username=f"other-{subject}")
    User.objects.filter(pk=user.pk).update(professional_cpr=cpr)
    return user


def test_a_blocked_professional_is_blocked_at_every_issuer_that_tells_the_same_cpr_number(
    holm: Client, events: Rows
) -> None:
    signed_in(holm, "holm", cpr=ANNA)
    nancy = launched(holm, "holm", NANCY)
    elsewhere("0101919990")
    made = block("person", issuer="https://other.invalid", subject="anna")
    assert seen(holm, nancy)  # another number, and not yet known to be the same
    elsewhere(ANNA)
    assert not seen(holm, nancy)
    assert consent(holm, nancy) == "deny"
    Block.objects.filter(pk=made.pk).update(ended=timezone.now())
    assert seen(holm, nancy)
    blocks.person("kvist")
    assert seen(holm, nancy)


def test_a_block_goes_on_hitting_when_a_later_login_leaves_the_cpr_number_out(holm: Client) -> None:
    signed_in(holm, "holm", cpr=ANNA)
    signed_in(holm, "holm")
    nancy = launched(holm, "holm", NANCY)
    elsewhere(ANNA)
    block("person", issuer="https://other.invalid", subject="anna")
    assert not seen(holm, nancy)


def test_people_without_a_known_cpr_number_are_not_one_another(holm: Client, nancy: str) -> None:
    elsewhere("")
    block("person", issuer="https://other.invalid", subject="anna")
    assert seen(holm, nancy)


def test_who_assists_a_professional_blocked_at_another_issuer_sees_nothing(holm: Client, nancy: str) -> None:
    cast.told(holm, on_behalf_of={"sub": "kvist", "name": "Læge Signe Kvist"})
    User.objects.filter(pk=cast.person("kvist").pk).update(professional_cpr=ANNA)
    assert seen(holm, nancy)
    elsewhere(ANNA)
    block("person", issuer="https://other.invalid", subject="anna")
    assert not seen(holm, nancy)


def test_everything_blocked_is_kept_from_all_staff(holm: Client, nancy: str) -> None:
    block("all")
    assert not seen(holm, nancy)
    assert consent(holm, nancy) == "deny"


def test_what_comes_from_a_place_is_kept_from_all_staff(holm: Client, nancy: str) -> None:
    block("organisation", sor=HOSPITAL)
    assert not seen(holm, nancy, HOSPITAL)
    assert seen(holm, nancy, WARD)
    assert consent(holm, nancy) == "partial"


def test_the_units_below_a_place_only_when_they_are_meant(holm: Client, nancy: str) -> None:
    for sor, parent in ((HOSPITAL, ""), (WARD, HOSPITAL), (ROOM, WARD), (ELSEWHERE, "")):
        Organisation.objects.create(sor=sor, name=sor, parent_sor=parent)
    block("organisation", sor=HOSPITAL, include_sub_units=True)
    assert [seen(holm, nancy, sor) for sor in (HOSPITAL, WARD, ROOM, ELSEWHERE)] == [False, False, False, True]


def test_what_comes_from_a_period_is_kept_from_all_staff(holm: Client, nancy: str) -> None:
    block("period", data_from=date(2025, 6, 1), data_to=date(2025, 8, 31))
    days = ("2025-05-31", "2025-06-01", "2025-08-31", "2025-09-01")
    assert [seen(holm, nancy, day=day) for day in days] == [True, False, False, True]


def test_several_blocks_add_up(holm: Client, nancy: str) -> None:
    block("organisation", sor=HOSPITAL)
    block("period", data_from=date(2025, 6, 1))
    assert not seen(holm, nancy, HOSPITAL, "1990-01-01")
    assert not seen(holm, nancy, ELSEWHERE, "2026-01-01")
    assert seen(holm, nancy, ELSEWHERE, "1990-01-01")


def test_another_citizens_block_is_another_citizens(holm: Client, nancy: str) -> None:
    block("all", cpr=JENS)
    assert seen(holm, nancy)


def test_blocks_aim_at_staff_and_a_citizen_sees_everything(client: Client) -> None:
    context = own(client, "nancy")
    block("all")
    page = client.get(f"/borger/{context}/kommune/")
    assert page.status_code == 200
    assert BLOCKED not in page.content.decode()
    with pytest.raises(Resolver404):
        resolve(f"/borger/{context}/vaerdispring/")


# ── from when ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_19_a_block_holds_from_the_very_next_request_and_its_end_too(holm: Client, nancy: str) -> None:
    assert seen(holm, nancy)
    made = block("all")
    assert not seen(holm, nancy)
    Block.objects.filter(pk=made.pk).update(ended=timezone.now())
    assert seen(holm, nancy)


def test_a_block_holds_while_it_is_valid(holm: Client, nancy: str) -> None:
    now = timezone.now()
    block("all", valid_from=now + timedelta(minutes=5), valid_until=now + timedelta(minutes=10))
    for minutes, shown in ((4, True), (6, False), (11, True)):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert seen(holm, nancy) is shown


def test_reading_the_blocks_costs_no_query_however_many_there_are(
    holm: Client, nancy: str, django_assert_num_queries: Any
) -> None:
    for number in range(20):
        block("organisation", sor=f"9990000000{number:05}")
    seen(holm, nancy)
    with django_assert_num_queries(1):  # the session: the blocks come with the context
        assert seen(holm, nancy)


# ── the notice ──────────────────────────────────────────────────────────────────────────────────────────────────────
def flags(client: Client, context: str) -> str:
    page = client.get(f"/k/{context}/ekg/").content.decode()
    return page[page.index('<ul class="flags">') : page.index("</ul>", page.index('<ul class="flags">'))]


def test_partial_and_deny_are_told_with_the_same_words(holm: Client, nancy: str) -> None:
    made = block("period", data_from=date(2025, 6, 1))
    partial = flags(holm, nancy)
    Block.objects.filter(pk=made.pk).update(ended=timezone.now())
    blocks.person("holm")
    assert flags(holm, nancy) == partial
    assert BLOCKED in partial
    assert f'href="/k/{nancy}/vaerdispring/"' in partial


def test_who_may_not_override_reads_the_notice_without_a_way(client: Client) -> None:
    context = launched(client, "krogh", NANCY)
    block("all")
    page = client.get(f"/k/{context}/kommune/").content.decode()
    assert BLOCKED in page
    assert "vaerdispring" not in page


# ── the register keeps its rows whole ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "said",
    [
        {"kind": "everything"},
        {"kind": "person"},
        {"kind": "person", "issuer": "https://x.invalid"},
        {"kind": "person", "issuer": "https://x.invalid", "subject": "a", "sor": HOSPITAL},
        {"kind": "organisation"},
        {"kind": "organisation", "sor": "Hospital"},
        {"kind": "organisation", "sor": HOSPITAL, "data_from": date(2025, 1, 1)},
        {"kind": "period"},
        {"kind": "period", "data_to": date(2025, 1, 1)},
        {"kind": "period", "data_from": date(2025, 1, 2), "data_to": date(2025, 1, 1)},
        {"kind": "period", "data_from": date(2025, 1, 2), "include_sub_units": True},
        {"kind": "all", "sor": HOSPITAL},
        {"kind": "all", "subject": "a"},
        {"kind": "all", "valid_until": timezone.now() - timedelta(days=1)},
        {"kind": "all", "ended": timezone.now() - timedelta(days=1)},
    ],
)
def test_half_a_block_is_none(said: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        Block.objects.create(patient=patient_for(NANCY), **said)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.delete(),
        lambda found: found.update(kind="all"),
        lambda found: found.update(valid_until=timezone.now() + timedelta(days=1)),
        lambda found: found.update(ended=None, subject="kvist"),
    ],
)
def test_a_block_is_ended_and_never_changed_or_deleted(change: Any) -> None:
    made = blocks.person("holm")
    with pytest.raises(IntegrityError), transaction.atomic():
        change(Block.objects.filter(pk=made.pk))
    Block.objects.filter(pk=made.pk).update(ended=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Block.objects.filter(pk=made.pk).update(ended=None)


# ── nobody knows ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rest", PATHS)
def test_30_nothing_is_shown_when_nobody_knows(
    holm: Client, nancy: str, events: Rows, settings: Any, rest: str
) -> None:
    settings.CONSENT_SOURCE = "access.tests.blocks.nobody_knows"
    answer = holm.get(f"/k/{nancy}/{rest}")
    assert answer.status_code == 503
    assert events() == [("access.refused", 8, "consent-unknown")]
    body = answer.content.decode()
    assert "Vi kan lige nu ikke se, om borgeren har spærret oplysninger" in body
    assert not any(word in body for word in ("Nancy", "251248", "Ingen", "PDF", "nyt"))
    settings.CONSENT_SOURCE = "register"
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 200


def test_a_record_can_be_closed_when_nobody_knows_and_citizens_are_not_asked_about(
    holm: Client, nancy: str, settings: Any
) -> None:
    settings.CONSENT_SOURCE = "access.tests.blocks.nobody_knows"
    assert holm.post(f"/k/{nancy}/luk").status_code == 200
    citizen = CheckingClient()
    assert citizen.get(f"/borger/{own(citizen, 'nancy')}/kommune/").status_code == 200


# ── a service shaped like MinSpærring ───────────────────────────────────────────────────────────────────────────────
HOLM, KVIST, LUND = "0101019995", "0202029990", "0303039997"
"""At work."""


@pytest.fixture
def peer(settings: Any, nancy: str) -> Iterator[Peer]:
    numbered("holm", HOLM)
    with minspaerring() as service:
        settings.CONSENT_SOURCE, settings.CONSENT_TIMEOUT = service.url, 1
        yield service


def numbered(username: str, cpr: str) -> None:
    """What the next login would tell of somebody."""
    User.objects.filter(username=username).update(professional_cpr=cpr)


def test_the_service_is_asked_about_the_citizen_and_the_user_at_every_request(
    holm: Client, nancy: str, peer: Peer
) -> None:
    assert seen(holm, nancy)
    assert seen(holm, nancy)
    assert (
        peer.asked
        == [
            {
                "UserType": "nsi:HealthcareProfessional",
                "ActingUserCivilRegistrationNumber": HOLM,
                "ResponsibleUserCivilRegistrationNumber": HOLM,
                "OrgUsingID": {"NameFormat": "nsi:sor", "value": cast.UNIT},
                "CitizenCivilRegistrationNumber": NANCY,
            }
        ]
        * 2
    )


def test_the_service_is_told_of_the_authorisation_that_the_login_told_of(peer: Peer) -> None:
    kvist = CheckingClient()
    cast.signed_in(kvist, "kvist", cpr=KVIST, authorisation_id="0XK21")
    assert seen(kvist, launched(kvist, "kvist", NANCY))
    asked = peer.asked[-1]
    assert (asked["ActingUserCivilRegistrationNumber"], asked["ResponsibleUserAuthorizationCode"]) == (KVIST, "0XK21")


def test_for_an_assistant_the_service_is_asked_about_both(peer: Peer) -> None:
    lund, behind = CheckingClient(), {"sub": "kvist", "name": "Læge Signe Kvist", "cpr": KVIST}
    cast.signed_in(lund, "lund", cpr=LUND, on_behalf_of=behind | {"authorisation_id": "0XK21"})
    assert seen(lund, launched(lund, "lund", NANCY))
    asked = peer.asked[-1]
    assert asked["ActingUserCivilRegistrationNumber"] == LUND
    assert asked["ResponsibleUserCivilRegistrationNumber"] == KVIST
    assert asked["ResponsibleUserAuthorizationCode"] == "0XK21"


def not_asked(client: Client, context: str, rest: str) -> str:
    """What is said instead of a record: nothing of the patient, whatever was asked for."""
    headers = {"HX-Request": "true"} if "nyt" in rest else {}
    answer = client.get(f"/k/{context}/{rest}", headers=headers)
    assert answer.status_code == 403
    body = str(answer.content.decode())
    assert "Vi kan ikke se, om borgeren har spærret oplysninger" in body
    assert not any(word in body for word in ("Nancy", "251248", "Ingen", "PDF", HOLM))
    return body


@pytest.mark.parametrize("rest", PATHS)
def test_30_without_the_users_cpr_number_nothing_is_asked_and_nothing_shown(
    holm: Client, nancy: str, peer: Peer, events: Rows, rest: str
) -> None:
    numbered("holm", "")
    assert "Dit login oplyser ikke dit CPR-nummer." in not_asked(holm, nancy, rest)
    assert events() == [("access.refused", 4, "consent-user-unknown")]
    assert peer.asked == []
    numbered("holm", HOLM)
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 200


@pytest.mark.parametrize("rest", ["ekg/", "ekg/original.pdf", "kommune/"])
def test_30_without_the_responsible_persons_cpr_number_nothing_is_asked_and_nothing_shown(
    peer: Peer, events: Rows, rest: str
) -> None:
    lund = CheckingClient()
    cast.signed_in(lund, "lund", cpr=LUND, on_behalf_of={"sub": "kvist", "name": "Læge Signe Kvist"})
    context = launched(lund, "lund", NANCY)
    events()
    assert "CPR-nummeret på den, du arbejder på vegne af" in not_asked(lund, context, rest)
    assert events() == [("access.refused", 4, "consent-responsible-unknown")]
    assert peer.asked == []


def test_30_a_unit_that_the_service_cannot_know_is_not_asked_about(peer: Peer, events: Rows) -> None:
    kvist, practice = CheckingClient(), {"ydernummer": "123456"}
    cast.signed_in(kvist, "kvist", cpr=KVIST, organization=practice)
    context = launched(kvist, "kvist", NANCY, org=practice)
    events()
    assert "uden din enheds SOR-nummer" in not_asked(kvist, context, "ekg/")
    assert events() == [("access.refused", 4, "consent-unit-unknown")]
    assert peer.asked == []


def test_a_login_with_a_number_that_is_none_is_no_login(holm: Client, events: Rows) -> None:
    for behind in ({"sub": "kvist", "cpr": "1"}, {"sub": "kvist", "cpr": None}, {"sub": "k", "authorisation_id": 7}):
        assert cast.signed_in(holm, "lund", on_behalf_of=behind).status_code == 403
    assert cast.signed_in(holm, "kvist", authorisation_id="x" * 21).status_code == 403
    assert {row[0] for row in events()} == {"user.sign_in_failed"}


def test_the_service_is_told_of_an_override_only_while_there_is_one(holm: Client, nancy: str, peer: Peer) -> None:
    peer.answer = {"consent": "negative"}
    assert not seen(holm, nancy)
    assert blocks.override(holm, nancy).status_code == 303
    peer.answer = {"consent": "positive"}  # what it answers when it is overridden
    assert seen(holm, nancy)
    assert BLOCKED in holm.get(f"/k/{nancy}/ekg/").content.decode()
    holm.post(f"/k/{nancy}/vaerdispring/slut")
    peer.answer = {"consent": "negative"}
    assert not seen(holm, nancy)
    told = [question.get("ConsentOverride", "absent") for question in peer.asked]
    assert told == ["absent", "absent", True, True, "absent"]


def test_what_the_service_leaves_out_is_left_out(holm: Client, nancy: str, peer: Peer) -> None:
    Organisation.objects.create(sor=WARD, name="Afdeling", parent_sor=HOSPITAL)
    peer.answer = {
        "consent": "data-specific",
        "warning": "filtered",
        "filters": [{"sor": HOSPITAL, "includeSubUnits": True}, {"from": "2025-06-01", "to": None}],
    }
    assert not seen(holm, nancy, HOSPITAL, "1990-01-01")
    assert not seen(holm, nancy, WARD, "1990-01-01")
    assert not seen(holm, nancy, ELSEWHERE, "2025-06-01")
    assert seen(holm, nancy, ELSEWHERE, "2025-05-31")
    peer.answer = {"consent": "negative"}
    assert not seen(holm, nancy, ELSEWHERE, "2025-05-31")


FILTERED = {"consent": "data-specific", "warning": "filtered"}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        {"consent": "Positive"},
        {"consent": None},
        {},
        FILTERED,
        FILTERED | {"filters": []},
        FILTERED | {"filters": {"sor": HOSPITAL}},
        FILTERED | {"filters": [{"sor": HOSPITAL}]},
        FILTERED | {"filters": [{"sor": 999000000000110, "includeSubUnits": True}]},
        FILTERED | {"filters": [{"sor": HOSPITAL, "includeSubUnits": "nej"}]},
        FILTERED | {"filters": [{"from": "i går", "to": None}]},
        FILTERED | {"filters": [{"from": None, "to": None}]},
        FILTERED | {"filters": [{"from": "2026-12-31", "to": "2026-01-01"}]},
        FILTERED | {"filters": [{"sor": "٩٩٩٠٠٠٠٠٠٠٠٠١١٠", "includeSubUnits": False}]},
        FILTERED | {"filters": [{"sor": HOSPITAL, "includeSubUnits": False}, {"diagnosis": "DI489"}]},
        {"consent": "data-specific", "filters": [{"sor": HOSPITAL, "includeSubUnits": False}]},
        b'{"consent": "positive", "much": "' + b"x" * 70_000 + b'"}',
    ],
)
def test_30_what_is_not_a_plain_answer_shows_nothing(
    holm: Client, nancy: str, peer: Peer, events: Rows, answer: Any
) -> None:
    peer.answer = answer
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 503
    assert events() == [("access.refused", 8, "consent-unknown")]


@pytest.mark.parametrize("status", [204, 301, 302, 400, 403, 404, 500, 503])
def test_30_another_status_shows_nothing_and_no_redirect_is_followed(
    holm: Client, nancy: str, peer: Peer, status: int
) -> None:
    peer.status, peer.location = status, peer.url
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 503
    assert len(peer.asked) == 1


def test_30_a_service_that_is_slow_or_gone_shows_nothing(holm: Client, nancy: str, peer: Peer, settings: Any) -> None:
    peer.waits = 3  # and then it would say yes
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 503
    settings.CONSENT_SOURCE = "http://127.0.0.1:9/"
    assert holm.get(f"/k/{nancy}/ekg/").status_code == 503


# ── the administration ──────────────────────────────────────────────────────────────────────────────────────────────
def test_operators_see_that_there_is_a_block_and_not_whom_it_aims_at(settings: Any) -> None:
    settings.ROOT_URLCONF = "access.tests.urls_with_admin"
    User.objects.filter(pk=cast.person("drift").pk).update(is_staff=True, is_superuser=True)
    operator = Client()
    operator.force_login(User.objects.get(role=Role.OPERATOR))
    made = blocks.person("holm")
    for page in ("/admin/access/block/", f"/admin/access/block/{made.pk}/change/"):
        told = operator.get(page)
        assert told.status_code == 200
        assert "251248-••••" in told.content.decode()
        assert "holm" not in told.content.decode()
        assert AuditEvent.objects.filter(pk=told["X-Audit-Id"]).exists()
    assert operator.get("/admin/access/block/add/").status_code == 403
