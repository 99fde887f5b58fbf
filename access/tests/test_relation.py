"""Why somebody may open a record: the relation is asked once, at opening, and what is not sure is looked at later."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.utils import timezone

from access import opening
from access.models import AccessReason, Case, Launch, LaunchClient, PatientContext, RelationAnswer
from access.relation import following
from access.relation.question import Level
from access.tests import knowing
from access.tests.cast import JENS, NANCY, UNIT, WHY, WORDS, arrived, epj, launched, person, ticket
from access.tests.conftest import Rows
from audit.models import AuditEvent

OTHER = {"formaal": "other", "begrundelse": "Vagtlægen har bedt mig se på optagelsen."}
CROSS = {"Sec-Fetch-Site": "cross-site"}


@pytest.fixture(autouse=True)
def _knows(settings: Any) -> Iterator[None]:
    """One kind of evidence from above: good for thirty days."""
    told = {"known": "access.tests.knowing.last_seen", "code": "seen", "level": "B+", "days": 30}
    settings.RELATION_EVIDENCE = (told,)
    knowing.SEEN.clear()
    yield
    knowing.SEEN.clear()


@pytest.fixture
def strange(db: None) -> LaunchClient:
    """The EPJ of a unit that treats none of the patients."""
    return epj(unvouched=[f"sor:{UNIT}"])


def text(answer: Any) -> str:
    return str(answer.content.decode())


def signed_in(client: Client, cpr: str = NANCY, **changed: Any) -> str:
    """The path of a launch whose user is signed in and has nothing open."""
    first = launched(client, "holm", JENS)
    client.post(f"/k/{first}/luk")
    return arrived(client, ticket("holm", cpr, **changed))


def detail(action: str) -> dict[str, str]:
    """What the newest event of this action says beside its columns."""
    tree = AuditEvent.objects.filter(action=action).order_by("recorded", "id").last().event  # type: ignore[union-attr]
    return {
        each["type"]: each["valueString"]
        for entity in tree["entity"]
        for each in entity.get("detail", ())
        if each["type"] != "correlation"
    }


def test_the_levels_are_ranked_and_the_four_strongest_permit() -> None:
    assert [each.value for each in sorted(Level, key=lambda level: level.rank)] == [
        "A+", "A", "B+", "B", "C", "D", "E", "unverified",
    ]  # fmt: skip
    assert [each.value for each in Level if each.permits] == ["A+", "A", "B+", "B"]


def test_a_launch_from_the_own_system_is_evidence_enough(holm: Client, events: Rows) -> None:
    path = signed_in(holm)
    events()
    assert holm.get(path)["Location"].startswith("/k/")
    assert events() == [("launch.opened", 0, "")]
    context = PatientContext.objects.get(patient__cpr=NANCY)
    assert (context.relation, context.relation_reference, context.ground) == ("B", None, "")
    assert detail("launch.opened") == {"relation": "B", "evidence": "launch"}
    assert not Case.objects.exists()
    assert not AccessReason.objects.exists()


@pytest.mark.parametrize(("days", "level", "cases"), [(29, "B+", 0), (31, "C", 1)])
def test_what_the_own_unit_told_counts_for_a_time_and_then_is_history_that_is_followed_up(
    holm: Client, strange: LaunchClient, days: int, level: str, cases: int
) -> None:
    knowing.SEEN.append(timezone.now() - timedelta(days=days))
    path = signed_in(holm)
    Case.objects.all().delete()
    assert holm.get(path)["Location"].startswith("/k/")
    assert PatientContext.objects.get(patient__cpr=NANCY).relation == level
    assert Case.objects.filter(kind="relation-follow-up", level=level).count() == cases


def test_without_a_relation_the_page_asks_why_and_an_answer_opens_and_is_followed_up(
    holm: Client, events: Rows
) -> None:
    path = signed_in(holm)
    epj(unvouched=["*"])
    events()
    page = holm.get(path, headers=CROSS)
    assert page.status_code == 200
    assert not PatientContext.objects.filter(patient__cpr=NANCY).exists()
    for expected in ("Bekræft opslag", "Nancy Ann Berggren", "251248-9996", "kvinde", "Borgeren kan se dit opslag."):
        assert expected in text(page)
    assert "Der er ikke fundet en behandlingsrelation" in text(page)
    assert re.search(r'value="treatment"\s+checked\s+autofocus', text(page))
    assert events() == []
    opened = holm.post(f"{path}aabn/", OTHER)
    assert opened["Location"].startswith("/k/")
    assert events() == [("launch.opened", 0, ""), ("case.opened", 0, "relation-follow-up")]
    context = PatientContext.objects.get(patient__cpr=NANCY)
    assert (context.relation, context.ground) == ("E", "other")
    assert detail("launch.opened") == {"relation": "E", "evidence": "none", "ground": "other"}
    reason, case = AccessReason.objects.get(), Case.objects.get()
    assert (reason.context, reason.ground, reason.text) == (context.pk, "other", OTHER["begrundelse"])
    assert (case.reason, case.level, case.context, case.state) == (reason, "E", context.pk, "open")
    assert case.event == AuditEvent.objects.filter(action="launch.opened", context=context.pk).get().id
    assert AuditEvent.objects.get(action="case.opened").request_id == opened["X-Request-Id"]
    assert case.due - case.created == timedelta(days=30)
    assert "Formål: Andet" in text(holm.get(opened["Location"]))
    assert "Vagtlægen" not in "".join(str(row) for row in AuditEvent.objects.values_list("event", "reason"))


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"formaal": "research"},
        {"formaal": "other"},
        {"formaal": "other", "begrundelse": "  kort     "},
        {"formaal": "treatment"},
        {"formaal": "consent", "begrundelse": "  ni tegn.  "},
        {"formaal": "treatment", "begrundelse": "x" * 2001},
        {"begrundelse": "Vagtlægen har bedt mig se på optagelsen."},
    ],
)
def test_an_answer_that_says_nothing_opens_nothing_and_may_be_given_again(
    holm: Client, events: Rows, posted: dict[str, str]
) -> None:
    path = signed_in(holm)
    epj(unvouched=["*"])
    holm.get(path)
    events()
    again = holm.post(f"{path}aabn/", posted)
    assert again.status_code == 422
    assert 'role="alert"' in text(again)
    assert "anden journal" not in text(again)
    assert "Der er ikke fundet en behandlingsrelation" in text(again)
    assert events() == []
    assert not PatientContext.objects.filter(patient__cpr=NANCY).exists()
    assert holm.post(f"{path}aabn/", OTHER)["Location"].startswith("/k/")


def test_a_reason_is_kept_without_what_no_database_holds(holm: Client) -> None:
    launched(holm, "holm", JENS)
    epj(unvouched=["*"])
    path = arrived(holm, ticket("holm", NANCY))
    said = {"formaal": "other", "begrundelse": "Ringet op\0 af vagtlægen."}
    assert holm.post(f"{path}aabn/", said).status_code == 303
    assert AccessReason.objects.get().text == "Ringet op af vagtlægen."


def test_a_deployment_may_refuse_whoever_has_no_relation(holm: Client, events: Rows, settings: Any) -> None:
    settings.RELATION_E = "deny"
    path = signed_in(holm)
    epj(unvouched=["*"])
    events()
    for answer in (holm.get(path), holm.post(f"{path}aabn/", OTHER)):
        assert answer.status_code == 403
        assert "Du har ikke adgang til denne borgers oplysninger." in text(answer)
        assert "Nancy" not in text(answer)
    assert events() == [("launch.refused", 4, "relation-denied")] * 2
    assert not PatientContext.objects.filter(patient__cpr=NANCY).exists()


def test_a_system_that_tells_no_purpose_has_its_users_asked_before_anything_else(holm: Client, events: Rows) -> None:
    path = signed_in(holm)
    RelationAnswer.objects.all().delete()
    epj(asks_purpose=True)
    events()
    page = holm.get(path, headers=CROSS)
    assert "Hvorfor åbner du journalen?" in text(page)
    assert "Der kendes ingen" not in text(page)
    assert events() == []
    assert not RelationAnswer.objects.exists()
    holm.post(f"{path}aabn/", {"formaal": "consent"})
    context = PatientContext.objects.get(patient__cpr=NANCY)
    assert (context.relation, context.ground) == ("B", "consent")
    assert AccessReason.objects.get().ground == "consent"
    assert not Case.objects.exists()


@pytest.mark.parametrize("ground", ["treatment", "consent", "other"])
def test_without_a_relation_every_ground_takes_words_which_stand_where_log_controllers_read_alone(
    holm: Client, ground: str
) -> None:
    path = signed_in(holm)
    epj(unvouched=["*"])
    page = text(holm.get(path))
    assert 'aria-required="true"' in page
    assert "Begrundelse (skal udfyldes)" in page
    again = text(holm.post(f"{path}aabn/", {"formaal": ground, "begrundelse": "for kort"}))
    assert "Skriv en begrundelse på mindst 10 tegn." in again
    assert re.search(
        r'<textarea[^>]*aria-describedby="begrundelse-hjaelp fejl"\s+aria-invalid="true"\s+autofocus', again
    )
    assert again.count(" autofocus") == 1
    assert ">for kort</textarea>" in again
    unseen = text(holm.post(f"{path}aabn/", {"formaal": ground, "begrundelse": "\u200b\u00ad\u0301" * 9}))
    assert "Skriv en begrundelse på mindst 10 tegn." in unseen
    said = {"formaal": ground, "begrundelse": "Ti tegn her"}
    assert holm.post(f"{path}aabn/", said)["Location"].startswith("/k/")
    assert (AccessReason.objects.get().ground, AccessReason.objects.get().text) == (ground, "Ti tegn her")
    assert "Ti tegn" not in "".join(str(row) for row in AuditEvent.objects.values_list("event", flat=True))


def test_a_second_patient_without_a_relation_is_asked_about_on_one_page(holm: Client) -> None:
    launched(holm, "holm", JENS)
    epj(unvouched=["*"])
    RelationAnswer.objects.all().delete()
    path = arrived(holm, ticket("holm", NANCY))
    page = holm.get(path, headers=CROSS)
    assert "Du har i forvejen en anden journal åben" in text(page)
    assert not RelationAnswer.objects.exists()
    assert holm.post(f"{path}aabn/", WORDS)["Location"].startswith("/k/")
    assert PatientContext.objects.get(patient__cpr=NANCY).relation == "E"


def test_who_gave_a_ground_before_it_was_known_that_there_is_no_relation_is_asked_for_words(
    holm: Client, events: Rows
) -> None:
    launched(holm, "holm", JENS)
    epj(unvouched=["*"])
    path = arrived(holm, ticket("holm", NANCY))
    assert "Udfyld kun, hvis du har valgt Andet." in text(holm.get(path, headers=CROSS))
    events()
    again = holm.post(f"{path}aabn/", WHY)
    assert again.status_code == 422
    assert "Der er ikke fundet en behandlingsrelation" in text(again)
    assert "Skriv en begrundelse på mindst 10 tegn." in text(again)
    assert not PatientContext.objects.filter(patient__cpr=NANCY).exists()
    assert events() == []
    assert holm.post(f"{path}aabn/", WORDS)["Location"].startswith("/k/")


def test_nothing_opens_that_nobody_was_asked_about(holm: Client, nancy: str) -> None:
    from access import launching

    path = arrived(holm, ticket("holm", JENS))
    request = RequestFactory().get(path)
    request.session = holm.session
    launch = Launch.objects.select_related("client", "patient").get(context=None)
    request.user = user = person("holm")
    with pytest.raises(launching.Refused, match="relation-not-asked"):
        launching.complete(launch, user, request)
    assert opening.what_to_ask(launching.wanted(launch, user), request) is None
    launching.complete(launch, user, request)
    with pytest.raises(launching.Refused, match="relation-not-asked"):
        launching.complete(launch, user, request)


def test_an_answer_is_of_its_own_session_alone(holm: Client, events: Rows) -> None:
    path = signed_in(holm)
    epj(unvouched=["*"])
    holm.get(path)
    RelationAnswer.objects.filter(used_at=None).update(level="A", session_key_hash="0" * 64)
    assert "Der er ikke fundet en behandlingsrelation" in text(holm.get(path))


@pytest.fixture
def followed(holm: Client) -> Case:
    """The follow-up of an opening without a relation."""
    path = signed_in(holm)
    epj(unvouched=["*"])
    holm.get(path)
    holm.post(f"{path}aabn/", OTHER)
    return Case.objects.get()


def sweep(at: datetime) -> Case:
    with time_machine.travel(at):
        following.sweep_once()
    return Case.objects.get(kind="relation-follow-up")


def test_a_follow_up_ends_when_the_own_unit_tells_of_the_patient(followed: Case, events: Rows) -> None:
    events()
    assert sweep(followed.created + timedelta(hours=7)).state == "open"
    knowing.SEEN.append(followed.created + timedelta(days=1))
    assert sweep(followed.created + timedelta(hours=8)).state == "open"  # not asked again so soon
    case = sweep(followed.created + timedelta(hours=14))
    assert (case.state, case.outcome, case.closed_by, case.next_try) == ("closed", "confirmed", None, None)
    assert events() == [("case.answered", 0, "confirmed")]
    assert Case.objects.count() == 1


def test_a_follow_up_that_finds_nothing_is_handed_on_to_the_log_controller(followed: Case, events: Rows) -> None:
    events()
    case = sweep(followed.due + timedelta(hours=1))
    assert (case.state, case.outcome) == ("closed", "not-confirmed")
    handed = Case.objects.get(kind="relation-notification")
    assert (handed.event, handed.level, handed.state, handed.reason) == (followed.event, "E", "open", followed.reason)
    assert events() == [("case.answered", 0, "not-confirmed"), ("case.opened", 0, "relation-notification")]
    sweep(followed.due + timedelta(days=9))
    assert Case.objects.count() == 2


def test_answers_are_forgotten_after_a_day_and_reasons_after_five_years(followed: Case) -> None:
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=100)):
        call_command("forget")
    assert not RelationAnswer.objects.exists()
    assert not PatientContext.objects.exists()
    assert Case.objects.get().reason == AccessReason.objects.get()
    with time_machine.travel(now + timedelta(days=5 * 366 + 1)):
        call_command("forget")
    assert not AccessReason.objects.exists()
    assert Case.objects.get().reason is None  # still open: somebody must look
