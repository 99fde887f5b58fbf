"""Two recordings beside each other, through the door: what the page says, who may see it, what the log says of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.tests.cast import JENS, NANCY, launched, own
from audit import trail
from audit.models import AuditEvent
from ekg import comparing, distance
from ekg.apart import Apart, apart, largest
from ekg.models import Recording
from ekg.tests import making
from ekg.tests.making import HOSPITAL, PRACTICE, STARTED, deliver, document, held, metadata
from ekg.tests.test_blocked import SECRET, by_place, gone, stored, without
from fhir.bundle import Finding, Handling, Severity
from sundhedsjournal.tests.pages import check_page, words

pytestmark = pytest.mark.django_db
DENMARK = ZoneInfo("Europe/Copenhagen")
NOTE = "V1 og V2 er byttet om."
Get = Callable[..., Any]


@pytest.fixture
def context(client: Client) -> str:
    return launched(client, "holm", NANCY)


@pytest.fixture
def get(client: Client, context: str) -> Get:
    def ask(path: str = "", *, fragment: bool = False) -> Any:
        return client.get(f"/k/{context}/ekg/{path}", headers={"HX-Request": "true"} if fragment else {})

    return ask


def both(a: Recording, b: Recording, more: str = "") -> str:
    return f"{a.pk}/?{more}med={b.pk}"


def made(name: str, days: int = 0, **said: Any) -> Recording:
    deliver(document(name, making.recording(**({"started": STARTED - timedelta(days=days)} | said))))
    return held(name)


def placed(name: str, days: int, place: str) -> Recording:
    told = making.recording(started=STARTED - timedelta(days=days))
    deliver(document(name, told), metadata(f"urn:uuid:{name}", facility_type=place))
    return held(name)


def side(page: Any, letter: str) -> str:
    (found,) = [each for each in check_page(page).iter("article") if each.get("data-side") == letter]
    return words(found)


def pane(page: Any) -> str:
    (found,) = [each for each in check_page(page).iter("section") if each.get("id") == "laesepanel"]
    return words(found)


def link(page: Any, id: str) -> str:
    (found,) = [a for a in check_page(page).iter("a") if a.get("id") == id]
    return found.get("href") or ""


def menu(page: Any, letter: str) -> list[str]:
    (found,) = [each for each in check_page(page).iter("article") if each.get("data-side") == letter]
    return [a.get("href").split("/ekg/")[1] for a in found.iterfind(".//ol//a")]


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_both_recordings_stand_on_one_page_with_what_changes_how_they_are_read(get: Get) -> None:
    old = made("old", 983)
    new = made("new", note=NOTE)
    page = get(both(new, old))
    assert side(page, "A").startswith("A 12.03.2026 kl. 09.10 Kilden oplyser ikke hvor · Lægehuset Nord")
    assert f"Kommentar til tolkning: {NOTE}" in side(page, "A")
    assert side(page, "B").startswith("B 03.07.2023 kl. 10.10")
    assert "Ingen kommentar til tolkning" in side(page, "B")
    assert "Afstand i tid: 2 år 8 måneder" in pane(page)
    for letter in "AB":
        assert f"Åbn original PDF {letter}" in side(page, letter)
    assert words(next(check_page(page).iter("title"))).startswith("Sammenlign EKG – Sundhedsjournal – ")


def test_reservation_and_earlier_version_stand_at_their_own_side(get: Get) -> None:
    fault = Finding("rule", Severity.ERROR, "Organization.name", "Navn på den afsendende enhed mangler.")
    deliver(document("doubt", making.recording(started=STARTED - timedelta(days=1))),
            handling=Handling.DISCLAIMER, findings=(fault,))  # fmt: skip
    deliver(document("v1"), metadata("urn:uuid:v1"))
    deliver(document("v2", making.recording(note=NOTE)), metadata("urn:uuid:v2", replaces=("urn:uuid:v1",)))
    page = get(both(held("v1"), held("doubt")))
    assert "Erstattet: Dette er en tidligere version." in side(page, "A")
    assert f"Den gældende version har en kommentar til tolkning: {NOTE}" in side(page, "A")
    assert "Forbehold: Dokumentet indeholder fejl." in side(page, "B")
    (way,) = [a.get("href") for a in check_page(page).iter("a") if words(a) == "Vis den gældende version"]
    assert way.endswith(both(held("v2"), held("doubt"))), "what takes its place takes it here"


def test_a_pages_past_nothing_and_b_pages_through_the_folder_without_meeting_a(get: Get) -> None:
    newest, second, third, oldest = (made(f"n-{days}", days) for days in range(4))
    page = get(both(second, third))
    assert link(page, "nyere").endswith(both(second, newest)), "A itself is passed over"
    assert link(page, "aeldre").endswith(both(second, oldest))
    last = get(both(second, oldest))
    assert link(last, "aeldre") == ""
    assert link(last, "byt").endswith(both(oldest, second))
    first = get(both(second, newest))
    assert link(first, "nyere") == ""
    assert link(first, "aeldre").endswith(both(second, third))


def test_what_may_stand_in_the_place_of_a_or_b_is_listed_at_each(get: Get) -> None:
    newest, second, third = (made(f"n-{days}", days, note=NOTE if days == 2 else "") for days in range(3))
    page = get(both(newest, second))
    assert menu(page, "A") == [both(newest, second), both(third, second)]
    assert menu(page, "B") == [both(newest, second), both(newest, third)]
    assert "Vælg en optagelse at sammenligne med" in side(page, "B")
    assert f"Kommentar til tolkning: {NOTE}" in side(page, "B"), "a note is in every list"


def test_of_many_recordings_those_around_the_open_one_are_listed_and_all_on_request(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "LISTED", 4)
    all_ = [made(f"n-{days}", days) for days in range(10)]
    page = get(both(all_[0], all_[6]))
    listed = menu(page, "B")
    assert len(listed) == 4
    assert both(all_[0], all_[6]) in listed
    assert "Vis alle 9" in side(page, "B")
    assert len(menu(get(f"{both(all_[0], all_[6])}&alle=1"), "B")) == 9


def test_the_filter_stays_and_gives_way_to_what_it_would_leave_out(get: Get) -> None:
    a, b, c = placed("a", 0, HOSPITAL), placed("b", 1, PRACTICE), placed("c", 2, HOSPITAL)
    d = placed("d", 3, HOSPITAL)
    page = get(both(a, c, "kilde=hospital&"))
    assert menu(page, "B") == [both(a, each, "kilde=hospital&") for each in (c, d)]
    assert link(page, "aeldre").endswith(both(a, d, "kilde=hospital&"))
    assert f"{a.pk}/?kilde=hospital#sammenlign" in link(page, "luk-sammenligning")
    assert link(get(both(a, b, "kilde=hospital&")), "aeldre").endswith(both(a, c))


def test_one_recording_twice_is_said_and_another_can_be_chosen(get: Get) -> None:
    a, b = made("a"), made("b", 1)
    page = get(both(a, a))
    assert "A og B er den samme optagelse. Vælg en anden optagelse som B." in side(page, "B")
    assert menu(page, "B") == [both(a, b)]
    assert "Afstand" not in pane(page)


def test_an_only_recording_has_no_button_to_compare_and_says_why(get: Get) -> None:
    only = made("only")
    assert 'id="sammenlign"' not in get().content.decode()
    assert 'name="valgt"' not in get().content.decode()
    assert "Der er ikke en anden optagelse at sammenligne med." in side(get(both(only, only)), "B")


def test_a_time_that_is_not_told_is_not_guessed(get: Get) -> None:
    page = get(both(made("a"), made("b", started=None)))
    assert "Afstanden i tid kendes ikke: Kilden oplyser ikke, hvornår begge er optaget." in pane(page)


def test_htmx_gets_the_comparison_alone_and_it_says_whose_it_is(get: Get, context: str) -> None:
    a, b = made("a"), made("b", 1)
    answer = get(both(a, b), fragment=True)
    (part,) = check_page(answer)
    assert (part.get("id"), part.get("data-kontekst")) == ("laesepanel", context)
    assert part.get("data-status") == "B er optagelse 2 af 2"


def test_a_side_that_waits_for_its_picture_comes_back_as_the_comparison(get: Get, context: str) -> None:
    a, b = made("a"), made("b", 1)
    page = get(both(a, b, "kilde=andre&"))
    checks = [div.get("hx-get") for div in check_page(page).iter("div") if "/klar/" in (div.get("hx-get") or "")]
    assert len(checks) == 2
    Recording.objects.update(preview="failed", preview_next_try=None)
    for check in checks:
        (fetches,) = check_page(get(check.split("/ekg/")[1], fragment=True)).iter("div")
        assert fetches.get("hx-get") == f"/k/{context}/ekg/{both(a, b, 'kilde=andre&')}"


# ── how one comes there, and back ───────────────────────────────────────────────────────────────────────────────────
def test_the_button_compares_with_the_previous_recording_and_the_oldest_with_the_next(get: Get) -> None:
    newest, oldest = made("newest"), made("oldest", 1)
    page = get()
    assert link(page, "sammenlign").endswith(both(newest, oldest))
    assert "Sammenlign med optagelsen fra 11.03.2026 kl. 09.10" in pane(page)
    assert link(get(f"{oldest.pk}/"), "sammenlign").endswith(both(oldest, newest))
    assert link(get(both(newest, oldest)), "luk-sammenligning").endswith(f"/ekg/{newest.pk}/#sammenlign")


def test_two_that_were_ticked_are_compared_and_the_newer_one_is_a(get: Get) -> None:
    newest, older = made("newest"), made("older", 5)
    ticks = [each.get("value") for each in check_page(get()).iter("input") if each.get("name") == "valgt"]
    assert ticks == [str(newest.pk), str(older.pk)]
    page = get(f"?valgt={older.pk}&valgt={newest.pk}")
    assert side(page, "A").startswith("A 12.03.2026")
    assert side(page, "B").startswith("B 07.03.2026")
    assert link(page, "luk-sammenligning").endswith(f"/ekg/{newest.pk}/#r-{newest.pk}"), "back to its row"
    assert link(page, "byt").endswith(f"{both(older, newest)}&fra=liste")


@pytest.mark.parametrize("count", [1, 3])
def test_another_number_than_two_is_said_where_they_are_ticked(get: Get, count: int) -> None:
    ticked = [made(f"n-{days}", days) for days in range(3)][:count]
    page = get("?" + "&".join(f"valgt={each.pk}" for each in ticked))
    assert f"Vælg to optagelser. Du har valgt {count}." in words(check_page(page))
    ticks = [each for each in check_page(page).iter("input") if each.get("name") == "valgt"]
    kept = [each.get("value") for each in ticks if each.get("checked") is not None]
    assert kept == [str(each.pk) for each in ticked]


# ── how far apart ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("2026-11-20 14:32", "2024-03-02 11:45", "2 år 8 måneder"),
        ("2026-11-20 14:32", "2025-11-20 14:32", "1 år"),
        ("2026-11-20 14:32", "2025-11-20 14:33", "11 måneder 30 dage"),
        ("2026-11-20 14:32", "2025-10-20 14:32", "1 år 1 måned"),
        ("2026-03-31 08:00", "2026-02-28 08:00", "1 måned 3 dage"),
        ("2028-02-29 08:00", "2027-02-28 08:00", "1 år"),  # and a day, which is not said beside years
        ("2026-10-18 08:15", "2026-10-17 02:41", "1 dag 5 timer"),
        ("2026-10-17 02:41", "2026-10-17 01:22", "1 time 19 minutter"),
        ("2024-03-02 17:20", "2024-03-02 11:45", "5 timer 35 minutter"),
        ("2026-10-17 01:23", "2026-10-17 01:22", "1 minut"),
        ("2026-10-17 01:22", "2026-10-17 01:22", "under 1 minut"),
        ("2026-10-25 04:00", "2026-10-25 01:00", "4 timer"),  # the clock is put back in between
    ],
)
def test_how_far_apart_they_are_is_said_in_the_two_largest_units(one: str, other: str, said: str) -> None:
    first, second = (datetime.fromisoformat(each).replace(tzinfo=DENMARK) for each in (one, other))
    assert distance.between(first, second) == distance.between(second, first) == said


def test_a_unit_that_is_nought_is_left_out_and_none_is_said_across_it() -> None:
    day = datetime(2026, 1, 1, tzinfo=DENMARK)
    assert apart(day, day.replace(year=2028, day=3)) == Apart(2, 0, 2)
    assert largest(Apart(2, 0, 2)) == (("years", 2),)
    assert largest(Apart()) == ()


# ── who may see it ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_not_there_cannot_be_compared(get: Get, client: Client) -> None:
    mine = made("mine")
    deliver(document("his", making.recording(), cpr=JENS))
    withdrawn = made("withdrawn", 3)
    Recording.objects.filter(pk=withdrawn.pk).update(status="withdrawn", withdrawn_at=timezone.now())
    never = without(get(both(mine, Recording(pk=uuid4()))))
    for other in (held("his"), withdrawn):
        for path in (both(mine, other), both(other, mine), f"?valgt={mine.pk}&valgt={other.pk}"):
            answer = get(path)
            assert (answer.status_code, without(answer)) == (404, never)


@pytest.mark.parametrize("said", ["", "x", "1", "{id}x", "urn:uuid:{id}", "{upper}", "{id}&valgt=x"])
def test_what_is_no_id_is_looked_for_like_what_never_was(get: Get, said: str) -> None:
    mine = made("mine")
    said = said.format(id=mine.pk, upper=str(mine.pk).upper() if str(mine.pk).upper() != str(mine.pk) else "x")
    if "&" not in said:
        assert get(f"{mine.pk}/?med={said}").status_code == 404
    assert get(f"?valgt={said}").status_code == 404


@pytest.mark.parametrize("ways", ["{open}/?med={it}", "{it}/?med={open}", "?valgt={open}&valgt={it}"])
@pytest.mark.parametrize("fragment", [False, True])
def test_a_hidden_recording_is_compared_like_one_that_never_was(get: Get, ways: str, fragment: bool) -> None:
    secret, shown = stored("secret", 10, SECRET), stored("open", 1)
    by_place()
    asked, told = [], []
    for it in (secret.pk, uuid4()):
        with CaptureQueriesContext(connection) as queries:
            answer = get(ways.format(open=shown.pk, it=it), fragment=fragment)
        assert answer.status_code == 404
        asked.append(len(queries))
        event = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
        told.append((without(answer), event.action, event.reason, event.entity))
    assert told[0] == told[1]
    assert asked[0] == asked[1]


def test_a_comparison_beside_hidden_recordings_is_the_comparison_without_them(get: Get) -> None:
    secret = [stored("secret-first", 2, SECRET), stored("secret-second", 20, SECRET)]
    shown, older = stored("open", 1), stored("older", 30)
    by_place()
    with time_machine.travel(timezone.now(), tick=False):
        paths = (both(shown, older), both(older, shown), both(shown, shown), "", f"?valgt={shown.pk}")
        with_them = [without(get(path)) for path in paths]
        gone(*secret)
        assert with_them == [without(get(path)) for path in paths]
    assert SECRET not in "".join(with_them)


def test_a_citizen_compares_what_is_their_own_behind_their_own_door(client: Client) -> None:
    a, b = made("a", note=NOTE), made("b", 1)
    context = own(client, "nancy")
    page = client.get(f"/borger/{context}/ekg/{both(a, b)}")
    assert f"Kommentar fra personalet: {NOTE}" in side(page, "A")
    assert "Ingen kommentar fra personalet" in side(page, "B")
    assert link(page, "byt") == f"/borger/{context}/ekg/{both(b, a)}"


# ── what the log says, and what it costs ────────────────────────────────────────────────────────────────────────────
def test_one_line_says_that_both_were_seen(get: Get) -> None:
    a, b = made("a"), made("b", 1)
    for path, fragment in ((both(a, b), False), (both(a, b), True), (f"?valgt={a.pk}&valgt={b.pk}", False)):
        before = AuditEvent.objects.count()
        answer = get(path, fragment=fragment)
        assert AuditEvent.objects.count() == before + 1
        (line, *_) = trail.for_patient(a.patient_id)
        assert str(line.id) == answer["X-Audit-Id"]
        assert (line.action, line.outcome) == ("ekg_recording.viewed", 0)
        assert {line.entity, line.beside} == {f"Recording/{a.pk}", f"Recording/{b.pk}"}
    get(f"{a.pk}/")
    assert trail.for_patient(a.patient_id)[0].beside == ""


def test_a_refusal_names_neither(get: Get) -> None:
    a = made("a")
    line = AuditEvent.objects.get(pk=get(f"{a.pk}/?med={UUID(int=1)}")["X-Audit-Id"])
    assert (line.action, line.entity) == ("access.refused", "")
    assert "beside" not in str(line.event)


def test_a_comparison_costs_as_many_queries_however_many_recordings_there_are(get: Get) -> None:
    a, b = made("a"), made("b", 1)

    def cost(path: str) -> int:
        get(path)
        with CaptureQueriesContext(connection) as asked:
            assert get(path).status_code == 200
        return len(asked)

    alone, two = cost(f"{a.pk}/"), cost(both(a, b))
    assert two == alone
    for number in range(49):
        made(f"more-{number}", 2 + number)
    assert cost(both(a, b)) == two
