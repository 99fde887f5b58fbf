"""Who has seen a citizen's data, as the citizen and those who act for one read it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from access.tests.blocks import block, override
from access.tests.cast import (
    EMIL,
    JENS,
    NANCY,
    UNIT,
    WORDS,
    arrived,
    chosen,
    citizen_signs_in,
    custody,
    epj,
    launched,
    own,
    power,
    ticket,
)
from audit.models import AuditEvent
from ekg.models import Recording
from ekg.tests import making
from organisations.models import Organisation
from patients.registry import patient_for
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db

REASON = "Bevidstløs i ambulancen."
DOCTOR = "Autoriseret sundhedsperson, Lægehuset Nord"


@pytest.fixture(autouse=True)
def _north(db: None) -> None:
    Organisation.objects.get_or_create(sor=UNIT, defaults={"name": "Lægehuset Nord"})


def ekg(cpr: str = NANCY, **said: Any) -> Recording:
    return making.one(making.document(f"for-{cpr}-{len(said)}", making.recording(**said), cpr=cpr))


def log(client: Client, context: str, query: str = "") -> str:
    answer = client.get(f"/borger/{context}/log/{query}")
    assert answer.status_code == 200, answer.status_code
    check_page(answer)
    return str(answer.content.decode())


def lines(page: str) -> list[str]:
    """What the list says, one line a look."""
    import html5lib

    root = html5lib.parse(page, namespaceHTMLElements=False)
    return [words(each) for section in root.iter("section") for each in section.iter("li")]


def nancys(query: str = "", **changed: Any) -> str:
    """What Nancy reads."""
    browser = CheckingClient()
    return log(browser, own(browser, "nancy", **changed), query)


# ── what a look is, and what it says ────────────────────────────────────────────────────────────────────────────────
def test_each_look_says_who_where_what_when_and_why_and_the_newest_stands_first(doctor: Client) -> None:
    one = ekg()
    context = launched(doctor, "holm", NANCY)
    for rest in (f"ekg/{one.pk}/", "kommune/", f"ekg/{one.pk}/original.pdf"):
        doctor.get(f"/k/{context}/{rest}")
    day = f"{timezone.localtime(one.started):%d.%m.%Y}"
    told = lines(nancys())
    assert [line.split(" ", 2)[2] for line in told] == [
        f"{DOCTOR}, så den originale PDF af EKG fra {day} Grund til opslaget: Aktuel behandling",
        f"{DOCTOR}, så kommunale data Grund til opslaget: Aktuel behandling",
        f"{DOCTOR}, så EKG fra {day} Grund til opslaget: Aktuel behandling",
    ]
    newest = AuditEvent.objects.filter(action="ekg_original.opened").get()
    assert told[0].startswith(f"kl. {timezone.localtime(newest.recorded):%H.%M} ")


def test_the_list_that_opens_with_a_recording_says_which(doctor: Client) -> None:
    one = ekg()
    doctor.get(f"/k/{launched(doctor, 'holm', NANCY)}/ekg/")
    day = f"{timezone.localtime(one.started):%d.%m.%Y}"
    assert f"så listen over EKG'er og EKG fra {day} Grund" in lines(nancys())[0]


def test_what_was_refused_or_fetched_ahead_is_no_look(doctor: Client) -> None:
    one = ekg()
    context = launched(doctor, "holm", NANCY)
    assert doctor.get(f"/k/{context}/ekg/{one.pk}/side/1.png").status_code in (200, 404)
    assert doctor.get(f"/k/{context}/ekg/{one.pk}/", headers={"Sec-Fetch-Site": "none"}).status_code == 200
    AuditEvent.objects.count()
    assert CheckingClient().get(f"/k/{context}/ekg/").status_code == 401
    assert doctor.post(f"/k/{context}/ekg/").status_code == 405
    told = lines(nancys())
    assert len(told) == 1
    assert "så EKG fra" in told[0]


def test_where_nobody_has_looked_it_says_so(db: None) -> None:
    page = nancys()
    assert "Ingen har set dine data i den valgte periode." in page
    assert "komplet" not in page


def test_the_ground_that_was_chosen_stands_there_and_not_the_words(doctor: Client) -> None:
    launched(doctor, "holm", JENS)
    path = arrived(doctor, ticket("holm", NANCY))
    epj(unvouched=["*"])
    told = WORDS | {"formaal": "consent", "begrundelse": REASON}
    answer = doctor.post(f"{path}aabn/", told)
    assert answer.status_code == 303
    doctor.get(answer["Location"])
    page = nancys()
    assert "Grund til opslaget: Borgeren har givet samtykke" in page
    assert REASON not in page


def test_what_was_seen_in_spite_of_a_block_is_marked_with_its_ground(doctor: Client) -> None:
    one = ekg()
    block("all", NANCY)
    context = launched(doctor, "holm", NANCY)
    doctor.get(f"/k/{context}/kommune/")
    assert override(doctor, context, reason=REASON).status_code == 303
    doctor.get(f"/k/{context}/ekg/{one.pk}/")
    doctor.post(f"/k/{context}/vaerdispring/slut")
    doctor.get(f"/k/{context}/kommune/")
    page = nancys()
    after, seen, begun, before = lines(page)
    for line in (seen, begun):
        assert "Grund til opslaget: Væsentligt hensyn til borgeren" in line
        assert "Værdispring: Personalet åbnede oplysninger, du har spærret." in line
    assert "så EKG fra" in seen
    assert f"{DOCTOR}, begyndte værdispring" in begun
    for line in (before, after):
        assert "Grund til opslaget: Aktuel behandling" in line
        assert "Værdispring" not in line
    assert REASON not in page


def test_what_was_withdrawn_is_told_without_its_day(doctor: Client) -> None:
    one = ekg()
    doctor.get(f"/k/{launched(doctor, 'holm', NANCY)}/ekg/{one.pk}/")
    Recording.objects.update(status="withdrawn", withdrawn_at=timezone.now())
    assert "så et EKG, der er trukket tilbage" in nancys()


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("shown", [False, True])
def test_the_names_of_staff_are_shown_when_the_controller_has_decided_so(
    doctor: Client, settings: Any, shown: bool
) -> None:
    settings.STAFF_NAMES = shown
    doctor.get(f"/k/{launched(doctor, 'holm', NANCY)}/kommune/")
    page = nancys()
    assert ("Anna Holm" in page) is shown
    assert ("Læge Anna Holm (Autoriseret sundhedsperson), Lægehuset Nord, så kommunale data" in page) is shown


def test_one_s_own_looks_are_one_s_own_and_reading_the_list_adds_nothing_to_it(db: None) -> None:
    browser = CheckingClient()
    context = own(browser, "nancy")
    browser.get(f"/borger/{context}/kommune/")
    for _ in range(3):
        told = lines(log(browser, context))
    assert len(told) == 1
    assert told[0].endswith("Du så kommunale data Grund til opslaget: Egne oplysninger")


# ── those who act for somebody ──────────────────────────────────────────────────────────────────────────────────────
def test_a_parent_reads_the_child_s_list_without_what_is_hidden_from_custody(doctor: Client) -> None:
    shown, hidden = ekg(EMIL), ekg(EMIL, note="Skal skjules.")
    context = launched(doctor, "holm", EMIL)
    for one in (shown, hidden):
        doctor.get(f"/k/{context}/ekg/{one.pk}/")
    custody()
    browser = CheckingClient()
    citizen_signs_in(browser, "maria")
    own_record = chosen(browser, "custody", EMIL)
    assert len(lines(log(browser, own_record))) == 2
    Recording.objects.filter(pk=hidden.pk).update(hidden_from_custody=True)
    assert len(lines(log(browser, own_record))) == 1
    page = log(browser, own_record)
    assert "Hvem har set data" in page
    assert "Hvem har set mine data" not in page


def test_whoever_is_given_the_log_alone_reads_it_and_opens_with_it(doctor: Client) -> None:
    doctor.get(f"/k/{launched(doctor, 'holm', JENS)}/kommune/")
    browser = CheckingClient()
    citizen_signs_in(browser, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", "se_log")])
    person = f"proxy.{patient_for(JENS).pk}"
    opened = browser.post("/borger/", {"person": person})["Location"]
    assert opened.endswith("/log/")
    page = browser.get(opened).content.decode()
    assert "så kommunale data" in page
    assert "/ekg/" not in page
    assert "/kommune/" not in page
    jens = CheckingClient()
    told = lines(log(jens, own(jens, "jens")))
    assert "Fuldmagtshaver så listen over, hvem der har set data Grund til opslaget: Fuldmagt" in told[0]


def test_a_fuldmagt_to_everything_else_does_not_open_the_log(db: None) -> None:
    browser = CheckingClient()
    citizen_signs_in(browser, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", "se_journal")])
    context = chosen(browser, "proxy", JENS)
    assert browser.get(f"/borger/{context}/log/").status_code == 403
    assert "/log/" not in browser.get(f"/borger/{context}/kommune/").content.decode()


# ── the way through it ──────────────────────────────────────────────────────────────────────────────────────────────
def looked(doctor: Client, times: int) -> None:
    context = launched(doctor, "holm", NANCY)
    for _ in range(times):
        doctor.get(f"/k/{context}/kommune/")


def link(page: str, said: str) -> str:
    import html5lib

    root = html5lib.parse(page, namespaceHTMLElements=False)
    (found,) = [each.get("href") for each in root.iter("a") if words(each) == said]
    return f"?{found.partition('?')[2]}"


def test_fifty_stand_on_a_page_and_the_next_goes_on_where_it_ended(doctor: Client) -> None:
    looked(doctor, 53)
    browser = CheckingClient()
    context = own(browser, "nancy")
    first = log(browser, context)
    assert len(lines(first)) == 50
    second = log(browser, context, link(first, "Vis ældre"))
    assert len(lines(second)) == 3
    assert "Vis ældre" not in second
    assert link(second, "Vis de nyeste") == "?"


@pytest.mark.parametrize("after", ["x", "0190a1b2-0000-7000-8000-000000000001", "anothers"])
def test_a_page_after_no_look_of_this_citizen_is_not_there(doctor: Client, after: str) -> None:
    if after == "anothers":
        doctor.get(f"/k/{launched(doctor, 'holm', JENS)}/kommune/")
        after = str(AuditEvent.objects.filter(action="eoj.viewed").values_list("id", flat=True)[0])
    browser = CheckingClient()
    assert browser.get(f"/borger/{own(browser, 'nancy')}/log/?efter={after}").status_code == 404


def test_a_period_is_chosen_and_what_is_older_stays_out(doctor: Client) -> None:
    long_ago: Callable[[int], Any] = lambda days: time_machine.travel(timezone.now() + timedelta(days=days))  # noqa: E731
    looked(doctor, 1)
    for days, query, count in ((20, "?periode=maaned", 1), (40, "?periode=maaned", 0), (40, "", 1), (800, "", 0),
                               (800, "?periode=alle", 1), (800, "?periode=x", 0)):  # fmt: skip
        with long_ago(days):
            assert len(lines(nancys(query))) == count, (days, query)


def test_the_questions_do_not_grow_with_the_looks(doctor: Client, django_assert_num_queries: Any) -> None:
    browser = CheckingClient()
    context = own(browser, "nancy")
    looked(doctor, 2)
    log(browser, context)
    with django_assert_num_queries(8, exact=False) as few:
        log(browser, context)
    asked = len(few.captured_queries)  # the next request empties the list
    looked(doctor, 30)
    with django_assert_num_queries(asked):
        log(browser, context)


def test_reading_it_is_an_event_of_its_own(db: None) -> None:
    browser = CheckingClient()
    answer = browser.get(f"/borger/{own(browser, 'nancy')}/log/")
    line = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
    assert (line.action, line.type, line.purpose, line.actor_role) == ("log.viewed", "110101", "PATRQT", "citizen")
    assert line.patient_ref == patient_for(NANCY).pk
    assert answer["Cache-Control"] == "no-store"
