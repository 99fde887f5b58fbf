"""The municipal tab as its tests read it, and the reports that most of them send; pure."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from eoj.tests.door import Answer
from eoj.tests.reports import condition, encounter, goal, plan, report
from sundhedsjournal.tests.pages import check_page, words

HERE, THERE = "999000000000530", "999000000000540"
NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
Put = Callable[..., Answer]
See = Callable[..., Any]
"""Somebody's GET of the tab, by its query."""


def health(day: int = 1, id: str = "sundhed") -> Any:
    """A nursing condition and its intervention."""
    return report(
        condition("I7.1", id="luft", recorded="2026-03-01"),
        plan("G1.29", "2026-03-02", id="behandling", reasons=("luft",)),
        encounter("2026-09-01", reasons=("luft",), id="opfoelgning"),
        sor=HERE, timestamp=f"2026-05-{day:02}T20:00:00Z", id=id,
    )  # fmt: skip


def home(day: int = 2, sor: str = HERE, id: str = "hjemme") -> Any:
    """Home care that hangs together with the nursing condition, which is carried along unchanged."""
    return report(
        condition("I7.1", id="luft", recorded="2026-03-01"),
        condition("J3.8", 2, id="gaa", recorded="2026-03-01"),
        goal("gaa", 1, "2026-03-05", id="maal"),
        plan("H1.1", "2026-03-03", id="pleje", reasons=("gaa", "luft"), local=("L-1", "Bad om morgenen")),
        encounter("2026-08-01", reasons=("gaa",), id="kun-gang"),
        goal("gaa", 0, "2026-03-06", id="nyere"),
        sor=sor, timestamp=f"2026-05-{day:02}T20:00:00Z", id=id,
    )  # fmt: skip


def rows(response: Any) -> list[str]:
    root = check_page(response)
    lists = [each for each in root.iter("section") if each.get("class") == "panel"]
    return [words(p) for panel in lists for li in panel.iter("li") for p in li.findall("p")]


def masked(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
