"""Citizens who look at somebody else's data: chosen by a press, asked for at every request, and ended calmly."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from access.models import CareOf, PatientContext, User
from access.tests.cast import (
    CITIZENS,
    EMIL,
    JENS,
    KAREN,
    NANCY,
    came_back,
    chosen,
    citizen_claims,
    citizen_signs_in,
    custody,
    guardianship,
    issuers,
    own,
    power,
)
from access.tests.conftest import Rows
from audit.models import AuditEvent
from patients.models import Patient
from patients.registry import patient_for
from sundhedsjournal.tests.pages import CheckingClient

pytestmark = pytest.mark.django_db
REFUSED, VIEWED, OPENED = "access.refused", "eoj.viewed", "context.opened"
BEFORE = datetime(2032, 9, 11, 21, 50, tzinfo=UTC)
"""Ten minutes before Emil, born on 12 September 2017, turns fifteen in Denmark."""


def text(answer: Any) -> str:
    return str(answer.content.decode())


def tab(context: str, rest: str = "kommune/") -> str:
    return f"/borger/{context}/{rest}"


def offered(client: Client) -> list[str]:
    """The names on the buttons of the choice, and what each person is to the reader."""
    page = text(client.get("/borger/"))
    buttons = re.findall(r"<button[^>]*name=\"person\"[^>]*>(.*?)</button>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in buttons]


@pytest.fixture
def browser() -> Client:
    return CheckingClient()


@pytest.fixture
def hers(browser: Client, events: Rows) -> str:
    """Emil's record, open in that browser as his mother."""
    custody()
    citizen_signs_in(browser, "maria")
    context = chosen(browser, "custody", EMIL)
    events()
    return context


# ── the choice ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_sees_only_oneself_is_not_asked(browser: Client) -> None:
    assert citizen_signs_in(browser, "maria") == tab(PatientContext.objects.get().pk)
    page = text(browser.get("/borger/"))
    assert "Se dine data" in page
    assert "Hvem vil du se data for?" not in page
    assert "Skift person" not in text(browser.get(tab(PatientContext.objects.get().pk)))


def test_who_may_see_others_chooses_after_signing_in_oneself_first(browser: Client, events: Rows) -> None:
    custody()
    guardianship("maria", KAREN)
    powers = [power(JENS, "Jens Mikkel Thorsen", "se_ekg"), power(NANCY, "Nancy Ann Berggren", "se_log")]
    assert citizen_signs_in(browser, "maria", powers=powers) == "/borger/"
    assert events() == [("user.signed_in", 0, "")]
    assert offered(browser) == [
        "Se dine data",
        "Emil Vang Kjær dit barn",
        "Karen Margrethe Dam du er værge",
        "Jens Mikkel Thorsen du har fuldmagt",
        "Nancy Ann Berggren du har fuldmagt",
    ]
    assert events() == []
    assert not PatientContext.objects.exists()
    page = text(browser.get("/borger/"))
    for number in (EMIL, KAREN, JENS, CITIZENS["maria"][1]):
        assert number not in page
        assert f"{number[:6]}-{number[6:]}" not in page


def test_a_child_without_a_name_in_the_register_has_the_documents_name_or_none(browser: Client) -> None:
    custody(name="")
    citizen_signs_in(browser, "maria")
    assert offered(browser)[1] == "Navn ikke oplyst dit barn"
    Patient.objects.filter(cpr=EMIL).update(name="Emil i et dokument", name_as_of=timezone.now())
    assert offered(browser)[1] == "Emil i et dokument dit barn"


def test_each_person_is_a_record_of_its_own_and_one_serves_every_tab(browser: Client, events: Rows) -> None:
    custody()
    mine = own(browser, "maria")
    events()
    emils = chosen(browser, "custody", EMIL)
    assert emils != mine
    assert chosen(browser, "custody", EMIL) == emils
    assert events() == [(OPENED, 0, "")]
    assert browser.get(tab(mine)).status_code == 200
    assert browser.get(tab(emils)).status_code == 200
    assert "Du har også en anden persons data åbne" in text(browser.get(tab(emils)))


def test_a_person_who_is_both_ward_and_giver_is_two_records(browser: Client) -> None:
    guardianship()
    citizen_signs_in(browser, "bent", powers=[power(KAREN, "Karen Margrethe Dam", "se_ekg")])
    contexts = {chosen(browser, audience, KAREN) for audience in ("guardian", "proxy")}
    assert len(contexts) == 2


def test_no_get_opens_anybody_and_a_forged_press_neither(browser: Client, events: Rows) -> None:
    custody()
    citizen_signs_in(browser, "maria")
    events()
    emil = f"custody.{patient_for(EMIL).pk}"
    assert browser.get("/borger/", {"person": emil}).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post("/borger/", {"person": emil}).status_code == 403
    assert events() == [("access.refused", 4, "csrf")]
    assert not PatientContext.objects.exists()


# ── whose data it is ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("username", "audience", "cpr", "name", "words", "purpose"),
    [
        ("maria", "custody", EMIL, "Emil Vang Kjær", "Du ser dit barns data.", "FAMRQT"),
        ("bent", "guardian", KAREN, "Karen Margrethe Dam", "Du ser data for Karen Margrethe Dam som værge.", "FAMRQT"),
        (
            "lise", "proxy", JENS, "Jens Mikkel Thorsen", "Du ser data for Jens Mikkel Thorsen efter fuldmagt.",
            "PWATRNY",
        ),
    ],
    ids=["custody", "guardian", "proxy"],
)  # fmt: skip
def test_the_page_says_whose_data_it_is_and_the_log_holds_both(
    browser: Client, events: Rows, username: str, audience: str, cpr: str, name: str, words: str, purpose: str
) -> None:
    custody()
    guardianship()
    citizen_signs_in(browser, username, powers=[power(JENS, "Jens Mikkel Thorsen", "se_journal")])
    context = chosen(browser, audience, cpr)
    page = browser.get(tab(context))
    reader = User.objects.get(username=username)
    for said in (words, name, reader.get_full_name(), "Skift person", "Log ud"):
        assert said in text(page)
    assert "Du ser dine egne data." not in text(page)
    for event in (
        AuditEvent.objects.get(pk=page["X-Audit-Id"]),
        AuditEvent.objects.get(action=OPENED, context=context),
    ):
        assert (event.actor_ref, event.patient_ref) == (reader.pk, patient_for(cpr).pk)
        assert (event.purpose, event.actor_role, event.context) == (purpose, audience, context)
        assert event.actor_ref != event.patient_ref


def test_both_parts_stand_in_the_tabs_and_a_fuldmagt_shows_its_own_alone(browser: Client) -> None:
    citizen_signs_in(browser, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", "se_kommune")])
    context = chosen(browser, "proxy", JENS)
    page = text(browser.get(tab(context)))
    assert f'href="{tab(context)}"' in page
    assert f'href="{tab(context, "ekg/")}"' not in page
    citizen_signs_in(browser, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", "se_journal")])
    context = chosen(browser, "proxy", JENS)
    assert f'href="{tab(context, "ekg/")}"' in text(browser.get(tab(context)))


def test_a_fuldmagt_for_ekgs_opens_at_the_ekgs(browser: Client) -> None:
    citizen_signs_in(browser, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", "se_ekg")])
    answer = browser.post("/borger/", {"person": f"proxy.{patient_for(JENS).pk}"})
    assert answer["Location"].endswith("/ekg/")


def test_a_guardian_sees_no_minor_whatever_the_register_says(browser: Client, events: Rows) -> None:
    """Parents are the guardians of minors by law: they come by custody, or not at all."""
    guardianship("maria", EMIL, name="Emil Vang Kjær")
    citizen_signs_in(browser, "maria")
    assert "Emil" not in text(browser.get("/borger/"))
    events()
    assert browser.post("/borger/", {"person": f"guardian.{patient_for(EMIL).pk}"}).status_code == 403
    assert events() == [(REFUSED, 4, "not-own")]


# ── tampering ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_choosing_somebody_one_may_not_see_is_refused_and_recorded_with_whom(browser: Client, events: Rows) -> None:
    custody()
    guardianship()
    citizen_signs_in(browser, "maria")
    events()
    emil, karen = patient_for(EMIL).pk, patient_for(KAREN).pk
    mine = patient_for(CITIZENS["maria"][1]).pk
    wrong = {
        f"custody.{karen}": karen,  # another's ward
        f"guardian.{karen}": karen,
        f"guardian.{emil}": emil,  # the right child, the wrong right
        f"proxy.{emil}": emil,
        f"citizen.{emil}": emil,
        f"custody.{mine}": mine,
        f"clinician.{emil}": None,
        "custody.0190a1b2-0000-7000-8000-000000000001": None,
        f"custody.{EMIL}": None,
        "custody": None,
        "1": None,
        "x" * 5000: None,
    }
    for key, patient in wrong.items():
        answer = browser.post("/borger/", {"person": key})
        assert answer.status_code == 403, key
        assert "Du har ikke adgang til disse oplysninger." in text(answer)
        assert not re.search(r"Emil|Karen|120917|010255", text(answer))
        assert events() == [(REFUSED, 4, "not-own")]
        assert AuditEvent.objects.order_by("-recorded", "-id")[0].patient_ref == patient
    assert not PatientContext.objects.exists()


def test_what_one_parent_has_open_is_no_other_s(browser: Client, hers: str, events: Rows) -> None:
    custody("bent")
    other, elsewhere = CheckingClient(), CheckingClient()
    citizen_signs_in(other, "bent")
    citizen_signs_in(elsewhere, "maria")
    events()
    assert other.get(tab(hers)).status_code == 404
    assert elsewhere.get(tab(hers)).status_code == 404
    assert browser.get(f"/k/{hers}/kommune/").status_code == 404
    assert [row[2] for row in events()] == [
        "context-of-another-user", "context-of-another-session", "context-of-another-door",
    ]  # fmt: skip


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rest", ["kommune/", "ekg/", "ekg/original.pdf", "ekg/nyt/0/", "cpr"])
def test_the_child_turns_fifteen_while_the_parent_looks(events: Rows, rest: str) -> None:
    with time_machine.travel(BEFORE, tick=False) as clock:
        browser = CheckingClient()
        custody()
        citizen_signs_in(browser, "maria")
        context = chosen(browser, "custody", EMIL)
        assert browser.generic("POST" if rest == "cpr" else "GET", tab(context, rest)).status_code in {200, 204}
        events()
        clock.shift(timedelta(minutes=10))
        for headers in ({}, {"HX-Request": "true"}):
            answer = browser.generic("POST" if rest == "cpr" else "GET", tab(context, rest), headers=headers)
            assert answer.status_code == 410
            assert events() == [(REFUSED, 4, "child-decides")]
            assert "Barnet er fyldt 15 år" in text(answer)
            assert "Emil" not in text(answer)
        assert offered(browser) == []
        again = browser.post("/borger/", {"person": f"custody.{patient_for(EMIL).pk}"})
        assert again.status_code == 410
        assert "Barnet er fyldt 15 år" in text(again)
        assert events() == [(REFUSED, 4, "child-decides")]


def test_from_fifteen_to_eighteen_the_parents_see_nothing_and_the_child_does(browser: Client) -> None:
    custody()
    for day, may_child in ((date(2032, 9, 12), True), (date(2034, 1, 1), True), (date(2032, 9, 11), False)):
        with time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=UTC)):
            parent, child = CheckingClient(), CheckingClient()
            assert citizen_signs_in(parent, "maria").endswith("/kommune/") is may_child
            _, citizens = issuers()
            left = child.post("/borger/log-ind/", {"issuer": citizens.pk})
            answer = came_back(child, left, citizen_claims("emil"))
            assert answer.status_code == (303 if may_child else 403)


def test_a_child_without_a_known_birth_date_is_shown_to_no_parent(browser: Client) -> None:
    custody(child="3002179943")  # 30 February
    citizen_signs_in(browser, "maria")
    assert offered(browser) == []


def test_a_guardianship_that_ends_today_ends_with_the_day(events: Rows) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 22, 50, tzinfo=UTC), tick=False) as clock:
        browser = CheckingClient()
        guardianship(until=date(2026, 11, 20))
        citizen_signs_in(browser, "bent")
        context = chosen(browser, "guardian", KAREN)
        assert browser.get(tab(context)).status_code == 200
        events()
        clock.shift(timedelta(minutes=10))
        answer = browser.get(tab(context))
        assert answer.status_code == 410
        assert "er ikke længere registreret" in text(answer)
        assert "Karen" not in text(answer)
        assert events() == [(REFUSED, 4, "relation-ended")]
        assert offered(browser) == []


@pytest.mark.parametrize(
    "change",
    [
        {"valid_until": date(2026, 1, 1)},
        {"valid_from": date(2999, 1, 1)},
        {"kind": "custody"},
    ],
    ids=["ended", "not yet", "of another kind"],
)
def test_the_register_is_asked_at_every_request(browser: Client, change: dict[str, Any]) -> None:
    guardianship()
    citizen_signs_in(browser, "bent")
    context = chosen(browser, "guardian", KAREN)
    assert browser.get(tab(context)).status_code == 200
    CareOf.objects.update(**change)
    assert browser.get(tab(context)).status_code == 410


def test_a_fuldmagt_expires_while_somebody_looks(events: Rows) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 10, tzinfo=UTC), tick=False) as clock:
        browser = CheckingClient()
        ends = timezone.now().timestamp() + 600
        powers = [
            power(JENS, "Jens Mikkel Thorsen", "se_kommune", expires=ends),
            power(JENS, "Jens Mikkel Thorsen", "se_ekg", expires=ends - 300),
        ]
        citizen_signs_in(browser, "lise", powers=powers)
        context = chosen(browser, "proxy", JENS)
        assert browser.get(tab(context, "kommune/hjerte/")).status_code == 200
        clock.shift(timedelta(minutes=5))
        events()
        assert browser.get(tab(context, "kommune/hjerte/")).status_code == 403  # one of the two has ended
        assert events() == [(REFUSED, 4, "role")]
        assert browser.get(tab(context)).status_code == 200
        clock.shift(timedelta(minutes=5))
        answer = browser.get(tab(context))
        assert answer.status_code == 410
        assert "Fuldmagten gælder ikke længere." in text(answer)
        assert "Jens" not in text(answer)
        assert (REFUSED, 4, "power-ended") in events()
        assert offered(browser) == []
        assert browser.post("/borger/", {"person": f"proxy.{patient_for(JENS).pk}"}).status_code == 403


def test_a_fuldmagt_lives_no_longer_than_the_login_that_told_of_it(browser: Client) -> None:
    citizen_signs_in(browser, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", "se_journal")])
    context = chosen(browser, "proxy", JENS)
    citizen_signs_in(browser, "lise")
    assert browser.get(tab(context)).status_code == 404
    assert offered(browser) == []


def test_a_child_gives_no_fuldmagt_and_the_page_says_why(browser: Client, events: Rows) -> None:
    with time_machine.travel(BEFORE, tick=False) as clock:
        powers = [power(EMIL, "Emil Vang Kjær", "se_journal", expires=timezone.now().timestamp() + 3600)]
        citizen_signs_in(browser, "lise", powers=powers)
        emil = f"proxy.{patient_for(EMIL).pk}"
        events()
        answer = browser.post("/borger/", {"person": emil})
        assert answer.status_code == 403
        assert "En fuldmagt gælder kun fra en person, der er fyldt 15 år." in text(answer)
        assert "Emil" not in text(answer)
        assert events() == [(REFUSED, 4, "giver-too-young")]
        row = AuditEvent.objects.get(action=REFUSED)
        assert (row.patient_ref, row.purpose, row.actor_role) == (patient_for(EMIL).pk, "PWATRNY", "proxy")
        assert not PatientContext.objects.exists()
        clock.shift(timedelta(minutes=10))  # he is fifteen
        assert browser.post("/borger/", {"person": emil}).status_code == 303


def test_who_is_no_citizen_any_more_sees_nobody_s_data(browser: Client, hers: str, events: Rows) -> None:
    User.objects.filter(username="maria").update(role="clinician", patient=None)
    assert browser.get(tab(hers)).status_code == 403
    assert events() == [(REFUSED, 4, "role")]


# ── cost, and the table ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_relation_costs_one_query_however_many_there_are(
    browser: Client, hers: str, django_assert_num_queries: Any
) -> None:
    for number in range(20):
        custody(child=f"{number + 1:02}01209900")
    browser.get(tab(hers))
    with django_assert_num_queries(2):  # session; the register; the context is asked for below Django
        browser.get(tab(hers))
    with django_assert_num_queries(3):  # session; user; the register
        browser.get("/borger/")


def test_a_fuldmagt_costs_none(browser: Client, django_assert_num_queries: Any) -> None:
    citizen_signs_in(browser, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", "se_journal")])
    context = chosen(browser, "proxy", JENS)
    browser.get(tab(context))
    with django_assert_num_queries(1):
        browser.get(tab(context))


def test_the_register_holds_what_makes_sense(browser: Client) -> None:
    row = custody()
    wrongs: list[Any] = [
        {"holder": row.patient},
        {"kind": "proxy"},
        {"valid_until": row.valid_from - timedelta(days=1)},
        {"source": ""},
    ]
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            CareOf.objects.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        CareOf.objects.create(
            holder=row.holder, patient=row.patient, kind="custody", valid_from=row.valid_from, source="to"
        )
    assert custody(until=date(2030, 1, 1)).pk == row.pk


def test_nothing_of_a_person_is_in_the_session(browser: Client, hers: str) -> None:
    said = str(dict(browser.session))
    for secret in (EMIL, "Emil", str(patient_for(EMIL).pk), hers):
        assert secret not in said
