"""What the law keeps from a looker leaves no trace: with it and without it, the page is the same byte for byte."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from access.tests.cast import NANCY, launched
from eoj.tests.reports import condition, encounter, matter_of_interest, old_encounter, plan, report
from eoj.tests.tab import HERE, NOW, THERE, Put, See, health, home, masked, rows
from sundhedsjournal.tests.pages import check_page, words
from terminology.fsiii import catalogue, shipped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]
QUERIES = ["", "?vis=alle", "?vis=alle&visning=tidslinje", "?q=a", "?vis=afsluttede&periode=1"]


def luft(**elements: Any) -> Any:
    return condition("I7.1", id="luft", recorded="2026-03-01", **elements)


def treatment(*reasons: str, **elements: Any) -> Any:
    return plan("G1.29", "2026-03-02", id="behandling", reasons=reasons, **elements)


WALKING = condition("J3.8", 2, id="gaa", recorded="2026-03-01")
CLEANING = plan("H1.8", "2026-03-03", id="rent", reasons=("luft",))
PAIRS: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {
    "a reference to what is hidden": (
        [luft(), treatment("luft")],
        [luft(), WALKING, treatment("luft", "gaa")],
    ),
    "a plan that ended without saying when, carried along": (
        [luft(), treatment("luft", status="completed")],
        [luft(), treatment("luft", status="completed"), WALKING, plan("H1.8", id="rent", reasons=("gaa", "luft"))],
    ),
    "a follow-up that something hidden shares": (
        [luft(), encounter("2026-09-01", reasons=("luft",), id="k-1")],
        [luft(), WALKING, encounter("2026-09-01", reasons=("luft", "gaa"), id="k-1")],
    ),
    "a follow-up that something hidden points to": (
        [luft(follow_up="k-1"), old_encounter("2026-09-01", id="k-1")],
        [CLEANING | {"extension": luft(follow_up="k-1")["extension"]}, luft(follow_up="k-1"),
         old_encounter("2026-09-01", id="k-1")],
    ),
}  # fmt: skip
"""What is told first, and what is told later: nothing new but what a doctor may not see."""


@time_machine.travel(NOW, tick=False)
def test_a_nurse_sees_nothing_of_another_municipality(put: Put, nurse: See) -> None:
    before = masked(nurse())
    put(home(sor=THERE))
    assert masked(nurse()) == before


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("query", ["", "?vis=alle", "?vis=alle&visning=tidslinje", "?q=a", "?vis=afsluttede&periode=1"])
def test_what_a_doctor_may_not_see_changes_no_byte(put: Put, doctor: See, query: str) -> None:
    put(health())
    ended = condition("I2.1", id="krop", status="inactive"), plan("G1.30", "2026-03-02", "2026-04-01", "completed")
    put(report(*ended, sor=HERE, timestamp="2026-05-01T21:00:00Z", id="slut"))
    before = masked(doctor(query))
    assert "Helbredstilstande" in before or "tidslinje" in query
    put(home())
    put(report(condition("J2.1", 3, id="hus"), plan("H1.8", id="rent"), sor=THERE, id="andet"))
    after = masked(doctor(query))
    assert after == before
    assert "Gå" not in after


@time_machine.travel(NOW, tick=False)
def test_nothing_but_hidden_data_looks_like_nothing(put: Put, doctor: See) -> None:
    before = masked(doctor())
    put(report(condition("J2.1", 3, id="hus"), plan("H1.8", id="rent"), sor=THERE, id="andet"))
    assert masked(doctor()) == before
    assert "kan vises her" in before


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("query", [*QUERIES, "?vis=afsluttede"])
@pytest.mark.parametrize("what", PAIRS)
def test_hidden_news_of_what_is_seen_changes_no_byte(put: Put, doctor: See, nurse: See, what: str, query: str) -> None:
    first, later = PAIRS[what]
    put(report(*first, sor=HERE, timestamp="2026-05-01T20:00:00Z", id="a"))
    before, known = masked(doctor(query)), masked(nurse("?vis=alle"))
    put(report(*later, sor=HERE, timestamp="2026-05-09T20:00:00Z", id="b"))
    assert masked(doctor(query)) == before
    assert masked(nurse("?vis=alle")) != known


@pytest.mark.parametrize("what", PAIRS)
def test_hidden_news_marks_nothing_as_new(put: Put, client: Client, what: str) -> None:
    first, later = PAIRS[what]
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        put(report(*first, sor=HERE, timestamp="2026-05-01T20:00:00Z", id="a"))
        client.get(f"/k/{launched(client, 'holm', NANCY)}/kommune/")
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        put(report(*later, sor=HERE, timestamp="2026-05-09T20:00:00Z", id="b"))
    with time_machine.travel(NOW, tick=False):
        page = client.get(f"/k/{launched(client, 'holm', NANCY)}/kommune/?vis=alle")
    assert 'class="new"' not in page.content.decode()


def test_a_reference_to_what_is_seen_is_news(put: Put, client: Client) -> None:
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        put(report(luft(), treatment(), sor=HERE, timestamp="2026-05-01T20:00:00Z", id="a"))
        client.get(f"/k/{launched(client, 'holm', NANCY)}/kommune/")
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        put(report(luft(), treatment("luft"), sor=HERE, timestamp="2026-05-09T20:00:00Z", id="b"))
    with time_machine.travel(NOW, tick=False):
        page = client.get(f"/k/{launched(client, 'holm', NANCY)}/kommune/")
    assert [row.split(" ")[0] for row in rows(page) if " Ny " in row] == ["Respirationsbehandling"]
    assert "seneste rapport 09.05.2026" in words(check_page(page))


@time_machine.travel(NOW, tick=False)
def test_the_last_report_is_of_what_is_shown(put: Put, doctor: See) -> None:
    area = matter_of_interest("I7", id="omraade")
    nothing = masked(doctor())
    put(report(area, sor=THERE, timestamp="2026-05-09T20:00:00Z", id="andre"))
    assert masked(doctor()) == nothing
    put(health())
    before = masked(doctor())
    put(report(area, sor=HERE, timestamp="2026-05-10T20:00:00Z", id="egne"))
    assert masked(doctor()) == before


@time_machine.travel(NOW, tick=False)
def test_the_law_of_today_decides_also_for_what_came_under_another(
    put: Put, doctor: See, nurse: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(report(luft(), treatment("luft"), sor=HERE, timestamp="2026-05-01T20:00:00Z", id="a"))
    (law,) = [each for each in shipped() if each.legacy == "H1.1"]
    moved = [replace(each, law=law.law, parent=law.parent) if each.legacy == "G1.29" else each for each in shipped()]
    today = catalogue("2027", moved)
    monkeypatch.setattr("eoj.queries.current", lambda: today)
    monkeypatch.setattr("eoj.views.current", lambda: today)
    shown = rows(doctor())
    assert len(shown) == 1
    assert shown[0].startswith("Respirationsproblemer")
    assert "Efter serviceloven" in words(check_page(nurse()))
