"""The dates of the tab: which one is shown, what is derived, and days that no calendar has."""

from typing import Any

import pytest
import time_machine
from django.db import connection

from eoj.models import Version
from eoj.tests.reports import condition, encounter, plan, procedure, report, wrong
from eoj.tests.tab import HERE, NOW, Put, See, health, rows
from sundhedsjournal.tests.pages import check_page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]


@time_machine.travel(NOW, tick=False)
def test_ended_says_when_and_that_it_is_derived(put: Put, doctor: See) -> None:
    put(health())
    ended = condition("I7.1", id="luft", recorded="2026-03-01", status="inactive", focus=False)
    done = plan("G1.29", "2026-03-02", "2026-05-10", "completed", id="behandling")
    put(report(ended, done, sor=HERE, timestamp="2026-05-11T20:00:00Z", id="slut"))
    assert rows(doctor()) == []
    page = doctor("?vis=afsluttede")
    assert any("Afsluttet 11.05.2026" in row for row in rows(page))
    text = words(check_page(page))
    assert "11.05.2026 (udledt af kommunens rapport)" in text
    assert "Afsluttet 10.05.2026" in text


@time_machine.travel(NOW, tick=False)
def test_the_table_says_that_an_end_is_derived(put: Put, doctor: See) -> None:
    put(health())
    gone = condition("I7.1", id="luft", recorded="2026-03-01", focus=False)
    put(report(gone, sor=HERE, timestamp="2026-05-11T20:00:00Z", id="ude"))
    text = words(check_page(doctor("?vis=alle&visning=tidslinje")))
    assert "Ikke længere i fokus 11.05.2026 (udledt af kommunens rapport)" in text


ENDLESS = ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "9999"]
BEGINNINGLESS = ["0001-01-01", "0001-01-01T00:00:00+14:00", "1900-01-01", "2026-04-31T10:00:00Z"]
ODD = ["2026-04-30T23:59:60Z", "99999-1", "x"]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("column", ["recorded", "ended"])
@pytest.mark.parametrize("when", [*ENDLESS, *BEGINNINGLESS, *ODD])
def test_no_stored_day_closes_the_tab(put: Put, nurse: See, column: str, when: str) -> None:
    put(
        report(
            condition("I7.1", id="luft"),
            plan("G1.29", "2026-03-02", "2026-12-01", id="a", reasons=("luft",)),
            plan("G1.30", "2026-03-02", "2026-04-01", "completed", id="b"),
            procedure("G1.29", "2026-05-03T09:00:00+02:00"),
            encounter("2026-09-01", reasons=("luft",)),
            sor=HERE,
        )
    )
    Version.objects.update(**{column: when})
    for query in ("", "?vis=alle", "?vis=alle&periode=1", "?vis=alle&visning=tidslinje"):
        assert nurse(query).status_code == 200, query


@time_machine.travel(NOW, tick=False)
def test_a_day_that_clocks_do_not_know_is_shown_as_it_was_written(put: Put, doctor: See) -> None:
    put(report(plan("G1.29", "2026-03-02", id="a"), plan("G1.30", "2026-03-02", id="b"), sor=HERE))
    Version.objects.filter(resource_id="a").update(ended="9999-12-31T23:59:59Z")
    Version.objects.filter(resource_id="b").update(recorded="2026-04-30T23:59:60Z")
    text = words(check_page(doctor("?vis=alle")))
    assert "Planlagt slut 31.12.9999" in text
    assert "Bevilget fra 30.04.2026" in text


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("said", ["effective", "reported", "effective, reported"])
@pytest.mark.parametrize(
    "when", ["infinity", "10000-01-01 11:59:59+00", "9999-12-31 23:59:59+00", "0001-12-31 00:00:00 BC"]
)
def test_no_stored_moment_closes_the_tab(put: Put, nurse: See, said: str, when: str) -> None:
    put(report(condition("J3.8", 2, id="gaa"), condition("I7.1", id="luft"), sor=HERE, id="a"))
    put(report(condition("J3.8", 3, id="gaa"), condition("I7.1", id="luft", status="inactive"), sor=HERE, id="b"))
    columns = ", ".join(f"{column} = '{when}'" for column in said.split(", "))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE eoj_version SET {columns} WHERE report_id = 'b'")
    for query in ("?vis=alle", "?vis=alle&visning=tidslinje"):
        assert nurse(query).status_code == 200, query


@time_machine.travel(NOW, tick=False)
def test_nothing_was_updated_after_the_report_that_says_so(put: Put, doctor: See) -> None:
    future = condition("I7.1", id="luft")
    future["meta"] = future["meta"] | {"lastUpdated": "2062-05-01T20:00:00Z"}
    put(report(future, sor=HERE, timestamp="2026-05-01T20:00:00Z", id="a"))
    Version.objects.update(effective="2062-05-01T20:00:00Z")
    assert "seneste rapport 01.05.2026" in words(check_page(doctor()))
    put(report(wrong(condition("I7.1", id="luft")), sor=HERE, timestamp="2026-05-02T20:00:00Z", id="b"))
    assert rows(doctor("?vis=alle")) == []


@time_machine.travel(NOW, tick=False)
def test_a_plan_is_granted_from_the_day_that_stands(put: Put, doctor: See) -> None:
    put(report(plan("G1.29", "2026-03-02", id="a"), procedure("G1.30", "2026-03-02"), sor=HERE, id="a"))
    later = "2026-05-02T20:00:00Z"
    put(
        report(plan("G1.29", "2026-07-15", id="a"), procedure("G1.30", "2026-04-15"), sor=HERE, timestamp=later, id="b")
    )
    shown = rows(doctor("?vis=alle"))
    assert any("Oprettet 15.07.2026 · Kommende" in row for row in shown), shown
    assert any("Leveret 15.04.2026" in row for row in shown), shown


@time_machine.travel(NOW, tick=False)
def test_a_condition_is_as_old_as_its_oldest_report_says(put: Put, doctor: See) -> None:
    for day, recorded in (("01", "2026-03-10"), ("02", "2026-03-15")):
        told = condition("I7.1", id="luft", recorded=recorded)
        put(report(told, sor=HERE, timestamp=f"2026-05-{day}T20:00:00Z", id=f"r-{day}"))
    assert any("Oprettet 10.03.2026" in row for row in rows(doctor()))


@time_machine.travel(NOW, tick=False)
def test_a_plan_that_ended_without_saying_when_ended_when_that_was_first_told(put: Put, doctor: See) -> None:
    def told(day: str, status: str) -> None:
        care = plan("G1.29", "2026-03-02", status=status, id="a")
        put(report(care, sor=HERE, timestamp=f"2026-05-{day}T20:00:00Z", id=f"r-{day}"))

    told("01", "completed")
    told("03", "active")
    told("05", "completed")
    told("09", "completed")
    assert any("Afsluttet 05.05.2026 (udledt)" in row for row in rows(doctor("?vis=afsluttede")))


@time_machine.travel(NOW, tick=False)
def test_a_finished_follow_up_brings_no_older_one_back(put: Put, nurse: See) -> None:
    luft = condition("I7.1", id="luft")

    def follow(day: str, *kept: Any) -> str:
        put(report(luft, *kept, sor=HERE, timestamp=f"2026-05-{day}T20:00:00Z", id=f"r-{day}"))
        return words(check_page(nurse("?vis=alle")))

    superseded = encounter("2026-09-01", reasons=("luft",), id="e-1")
    assert "Næste opfølgning 01.09.2026" in follow("01", superseded)
    assert "Næste opfølgning 20.06.2026" in follow("02", encounter("2026-06-20", reasons=("luft",), id="e-2"))
    done = encounter("2026-05-20", "2026-05-20", "finished", reasons=("luft",), id="e-2")
    assert "Næste opfølgning" not in follow("20", done)
    text = follow("21", done, encounter("2026-08-01", reasons=("luft",), id="e-3"))
    assert "Næste opfølgning 01.08.2026" in text
    assert text.count("Næste opfølgning") == 1


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("ended", [{"status": "inactive", "focus": False}, {"focus": False}])
def test_what_has_ended_has_no_next_follow_up(put: Put, nurse: See, ended: Any) -> None:
    follow = encounter("2026-09-01", reasons=("luft",), plans=("a",))
    put(report(condition("I7.1", id="luft"), plan("G1.29", id="a"), follow, sor=HERE, id="a"))
    assert words(check_page(nurse())).count("Næste opfølgning") == 2
    gone = condition("I7.1", id="luft", **ended), plan("G1.29", id="a", status="completed")
    put(report(*gone, sor=HERE, timestamp="2026-05-02T20:00:00Z", id="b"))
    assert "Næste opfølgning" not in words(check_page(nurse("?vis=alle")))
