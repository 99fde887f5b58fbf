"""The timeline: what stands on a line, and what is written beside it."""

from typing import Any

import pytest
import time_machine

from eoj.tests.reports import condition, plan, procedure, report
from eoj.tests.tab import HERE, NOW, Put, See
from sundhedsjournal.tests.pages import check_page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(page: Any) -> list[str]:
    """The words of the picture, below the line of years: names and what stands beside their bars."""
    (svg,) = [each for each in check_page(page).iter(f"{SVG}svg") if each.get("role") == "img"]
    return [words(text) for text in svg.iter(f"{SVG}text") if text.get("y") != "18"]


def bars(page: Any) -> list[list[tuple[float, float]]]:
    """Where the bars of each line begin and end."""
    (svg,) = [each for each in check_page(page).iter(f"{SVG}svg") if each.get("role") == "img"]
    found: dict[str, list[tuple[float, float]]] = {}
    for each in svg.iter(f"{SVG}rect"):
        x = float(each.get("x"))
        found.setdefault(each.get("y"), []).append((x, x + float(each.get("width"))))
    return list(found.values())


@time_machine.travel(NOW, tick=False)
def test_a_change_of_law_is_an_end_and_a_beginning(put: Put, nurse: See) -> None:
    old = plan("H1.11", "2023-05-15", "2025-06-30", "completed", id="a")
    new = plan("Madservice", "2025-07-01", id="b")
    put(report(old, new, sor=HERE))
    assert drawn(nurse("?vis=alle&visning=tidslinje")) == [
        "Indsatser",
        "Madservice (serviceloven)",
        "afsluttet 30.06.2025",
        "Madservice (ældreloven)",
        "aktiv siden 01.07.2025",
    ]


@time_machine.travel(NOW, tick=False)
def test_what_came_back_stands_on_one_line(put: Put, doctor: See) -> None:
    first = plan("G1.29", "2024-03-04", "2024-11-30", "completed", id="a")
    put(report(first, plan("G1.29", "2025-09-03", id="b"), condition("I7.1", id="luft"), sor=HERE))
    page = doctor("?vis=alle&visning=tidslinje")
    assert drawn(page)[3:] == [
        "aktiv siden 01.03.2026",
        "Respirationsbehandling (sundhedsloven)",
        "2 forløb, aktiv siden 03.09.2025",
    ]
    (_condition, ((_from, to), (again, _now))) = bars(page)
    assert to < again


@time_machine.travel(NOW, tick=False)
def test_what_overlaps_stands_on_lines_of_its_own(put: Put, doctor: See) -> None:
    told = [
        plan("G1.29", "2024-03-04", "2025-11-30", "completed", id="a"),
        plan("G1.29", "2025-09-03", id="b"),
        plan("G1.29", "2025-12-01", id="c"),
    ]
    put(report(*told, sor=HERE))
    page = doctor("?vis=alle&visning=tidslinje")
    assert len(bars(page)) == 3
    assert all(len(line) == 1 for line in bars(page))


@time_machine.travel(NOW, tick=False)
def test_other_local_names_are_other_lines(put: Put, nurse: See) -> None:
    told = [
        plan("H1.1", "2024-03-04", "2024-11-30", "completed", id="a", local=("1", "Bad om morgenen")),
        plan("H1.1", "2025-09-03", id="b", local=("2", "Bad om aftenen")),
    ]
    put(report(*told, sor=HERE))
    assert len(bars(nurse("?vis=alle&visning=tidslinje"))) == 2


@time_machine.travel(NOW, tick=False)
def test_what_was_delivered_again_says_how_often(put: Put, doctor: See) -> None:
    told = [procedure("G1.29", f"2026-0{month}-03", id=f"y-{month}") for month in (2, 3, 5)]
    put(report(*told, sor=HERE))
    assert drawn(doctor("?vis=alle&visning=tidslinje"))[2:] == ["leveret 3 gange, senest 03.05.2026"]


@time_machine.travel(NOW, tick=False)
def test_an_end_that_is_derived_is_called_so_beside_its_bar(put: Put, doctor: See) -> None:
    put(report(condition("I7.1", id="luft"), sor=HERE, id="a"))
    gone = condition("I7.1", id="luft", focus=False)
    put(report(gone, sor=HERE, timestamp="2026-05-11T20:00:00Z", id="b"))
    assert drawn(doctor("?vis=alle&visning=tidslinje"))[2:] == ["ikke længere i fokus 11.05.2026 (udledt)"]


@time_machine.travel(NOW, tick=False)
def test_the_picture_begins_no_earlier_than_it_can_show(put: Put, doctor: See) -> None:
    put(report(plan("G1.29", "1900-01-01", id="a"), plan("G1.30", "2026-03-02", id="b"), sor=HERE))
    page = doctor("?visning=tidslinje").content.decode()
    assert 2 <= page.count('class="year"') <= 16
    assert "aktiv siden 01.01.1900" in page
