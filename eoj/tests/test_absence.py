"""What the tab says of what is not there: true of all that the looker may see, whatever the filter hides."""

import pytest
import time_machine
from django.test import Client

from access.tests.cast import own
from eoj.tests.reports import condition, plan, report
from eoj.tests.tab import HERE, NOW, THERE, Put, See, health, rows
from sundhedsjournal.tests.pages import check_page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]


def lines(page: object) -> dict[str, str]:
    """The last line of each list, by its heading."""
    panels = [each for each in check_page(page).iter("section") if each.get("class") == "panel"]
    return {words(each.find("h2")).rsplit(" ", 1)[0]: " ".join(words(p) for p in each.findall("p")) for each in panels}


def ended() -> object:
    """A condition that ended, one that goes on, and interventions under two laws, one of them ended."""
    return report(
        condition("I7.1", id="luft", status="inactive", focus=False),
        condition("I2.1", id="krop"),
        condition("J3.8", 2, id="gaa"),
        plan("G1.29", "2026-03-02", "2026-04-01", "completed", id="a"),
        plan("H1.1", "2026-03-02", id="b"),
        sor=HERE,
    )


@time_machine.travel(NOW, tick=False)
def test_an_area_with_something_that_has_ended_is_not_empty(put: Put, nurse: See) -> None:
    put(ended())
    health, source = "Helbredstilstande", "fra Horsens Kommune"
    active = lines(nurse())
    assert active[health] == f"Ingen aktive {source} i 1 område · Ingen registreringer {source} i 10 andre områder"
    assert active["Funktionsevnetilstande"] == f"Ingen registreringer {source} i 3 andre områder"
    gone = lines(nurse("?vis=afsluttede"))
    assert gone[health] == f"Ingen afsluttede {source} i 1 område · Ingen registreringer {source} i 10 andre områder"
    assert lines(nurse("?vis=alle"))[health] == f"Ingen registreringer {source} i 10 andre områder"


@time_machine.travel(NOW, tick=False)
def test_laws_without_anything_stand_in_one_line(put: Put, nurse: See) -> None:
    put(ended())
    source = "fra Horsens Kommune"
    assert lines(nurse())["Indsatser"] == f"Ingen aktive indsatser {source} efter sundhedsloven eller ældreloven"
    gone = lines(nurse("?vis=afsluttede"))["Indsatser"]
    assert gone == f"Ingen afsluttede indsatser {source} efter serviceloven eller ældreloven"
    assert lines(nurse("?vis=alle"))["Indsatser"] == f"Ingen indsatser {source} efter ældreloven"


@time_machine.travel(NOW, tick=False)
def test_of_a_law_that_the_policy_keeps_nothing_is_said(put: Put, doctor: See) -> None:
    put(ended())
    assert lines(doctor())["Indsatser"] == "Ingen aktive indsatser fra Horsens Kommune efter sundhedsloven"
    assert lines(doctor("?vis=alle"))["Indsatser"] == ""


@time_machine.travel(NOW, tick=False)
def test_of_several_municipalities_none_is_named(put: Put, client: Client) -> None:
    put(report(condition("I7.1", id="luft"), sor=HERE, id="a"))
    put(report(plan("H1.1", id="hjem"), sor=THERE, id="b"))
    said = lines(client.get(f"/borger/{own(client, 'nancy')}/kommune/"))
    assert said["Helbredstilstande"] == "Ingen registreringer i 11 andre områder"
    assert said["Indsatser"] == "Ingen aktive indsatser efter sundhedsloven eller ældreloven"


@time_machine.travel(NOW, tick=False)
def test_a_search_says_of_no_area_that_it_is_empty(put: Put, nurse: See) -> None:
    put(ended())
    found = lines(nurse("?vis=alle&q=mobilitet"))
    source = "fra Horsens Kommune"
    assert found["Helbredstilstande"] == f"Ingen registreringer {source} i 10 andre områder"
    assert found["Funktionsevnetilstande"] == (
        f"Intet passer til søgningen · Ingen registreringer {source} i 3 andre områder"
    )
    assert found["Indsatser"] == f"Intet passer til søgningen · Ingen indsatser {source} efter ældreloven"


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("form", ["", "&visning=tidslinje"])
@pytest.mark.parametrize(
    ("query", "said", "back"),
    [
        ("?q=zzz", "Intet passer til søgningen.", "Vis alle 3"),
        ("?vis=afsluttede&periode=1", "Intet passer til den valgte periode.", "Vis alle 3"),
        ("?vis=afsluttede", "Ingen afsluttede oplysninger.", "Vis alle 3"),
    ],
)
def test_where_nothing_passes_a_message_stands_for_the_lists(
    put: Put, nurse: See, query: str, said: str, back: str, form: str
) -> None:
    put(health())
    put(report(condition("J3.8", 2, id="gaa"), sor=HERE, id="b"))
    page = nurse(f"{query}{form}")
    root = check_page(page)
    (state,) = [each for each in root.iter("div") if each.get("role") == "status" and "state" in each.get("class", "")]
    assert words(state) == f"{said} {back}"
    assert lines(page) == {}
    (main,) = root.iter("main")
    assert not list(main.iter("table", "figure"))
    (way,) = [each.get("href") for each in state.iter("a")]
    assert len(rows(nurse(way.partition("kommune/")[2]))) == (3 if not form else 0)
    assert nurse(way.partition("kommune/")[2]).content.decode().count("<tr role") == (4 if form else 0)


@time_machine.travel(NOW, tick=False)
def test_where_all_has_ended_the_page_says_that_none_is_active(put: Put, doctor: See) -> None:
    put(report(condition("I7.1", id="luft", status="inactive", focus=False), sor=HERE))
    assert "Ingen aktive oplysninger. Vis alle 1" in words(check_page(doctor()))
