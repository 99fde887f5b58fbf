"""Blocked municipal data: the tab with them is the tab without them, byte for byte."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from access.consent import Decision, Kind, Span
from access.models import Block
from access.tests import blocks
from access.tests.blocks import block
from access.tests.cast import NANCY, launched
from eoj.blocked import course
from eoj.models import Report, Version
from eoj.stands import stands
from eoj.tests.door import municipality
from eoj.tests.reports import condition, encounter, plan, procedure, report
from organisations.models import Organisation
from patients.models import Patient
from terminology.registry import current

pytestmark = pytest.mark.django_db
HERE, THERE = "999000000000530", "999000000000540"
NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
NOTICE = "Borgeren har spærret nogle oplysninger."
Put = Callable[[Any], None]
Get = Callable[..., Any]
QUERIES = ("", "?vis=afsluttede", "?vis=alle", "?visning=tidslinje", "?q=luft", "?q=zzz", "?vis=alle&periode=1")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _registered() -> None:
    for sor, name, code in ((HERE, "Horsens Kommune", "0615"), (THERE, "Randers Kommune", "0730")):
        Organisation.objects.create(sor=sor, name=name, municipality_code=code, municipality=name.split()[0])


@pytest.fixture
def put() -> Callable[[Any], None]:
    door = municipality()

    def accepted(said: Any) -> None:
        answer = door(said)
        assert answer.status in {200, 201}, answer.rules

    return accepted


@pytest.fixture
def doctor(client: Client) -> Get:
    context = launched(client, "holm", NANCY)
    return lambda query="": client.get(f"/k/{context}/kommune/{query}")


def here() -> Any:
    return report(
        condition("I7.1", id="luft", recorded="2026-03-01"),
        plan("G1.29", "2026-03-02", id="behandling", reasons=("luft",)),
        sor=HERE, timestamp="2026-05-01T20:00:00Z", id="her",
    )  # fmt: skip


def there() -> Any:
    return report(
        condition("I1.1", id="hud", recorded="2026-04-01"),
        plan("G1.29", "2026-04-02", id="pleje", reasons=("hud",)),
        encounter("2026-09-01", reasons=("hud",), id="opfoelgning"),
        sor=THERE, timestamp="2026-05-02T20:00:00Z", id="der",
    )  # fmt: skip


def masked(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())


def gone(sor: str) -> None:
    """As if the organisation had never reported."""
    Version.objects.filter(sor=sor).delete()
    Report.objects.filter(sor=sor).delete()


@pytest.mark.parametrize("query", QUERIES)
def test_a_tab_with_hidden_data_is_the_tab_without_them(put: Put, doctor: Get, query: str) -> None:
    put(there())
    put(here())
    block("organisation", sor=THERE)
    hidden = masked(doctor(query))
    gone(THERE)
    assert hidden == masked(doctor(query))
    assert NOTICE in hidden
    assert "Randers" not in hidden
    assert "Ingen registreringer" not in hidden
    assert not re.search(r'class="count">0<|\(0\)', hidden), "nobody may read that there is nothing"


def test_hidden_data_alone_are_no_empty_tab(put: Put, doctor: Get) -> None:
    put(there())
    block("organisation", sor=THERE)
    hidden = masked(doctor())
    gone(THERE)
    assert hidden == masked(doctor())
    assert hidden.count(NOTICE) == 2
    assert "Ingen" not in hidden
    assert 'class="count"' not in hidden
    assert "Randers" not in hidden


def test_partial_and_deny_say_the_same_of_a_tab_of_which_nothing_is_seen(put: Put, doctor: Get) -> None:
    put(there())
    made = block("organisation", sor=THERE)
    partial = masked(doctor())
    Block.objects.filter(pk=made.pk).update(ended=timezone.now())
    blocks.person("holm")
    assert masked(doctor()) == partial


def test_an_override_shows_it_and_its_end_hides_it(client: Client, put: Put) -> None:
    put(there())
    block("organisation", sor=THERE)
    context = launched(client, "holm", NANCY)
    assert blocks.override(client, context).status_code == 303
    assert "Randers Kommune" in client.get(f"/k/{context}/kommune/").content.decode()
    client.post(f"/k/{context}/vaerdispring/slut")
    assert "Randers Kommune" not in client.get(f"/k/{context}/kommune/").content.decode()


# ── what a period means (ADR 0023): any day in common with created … ended ─────────────────────────────────────────
def told() -> Any:
    return report(
        condition("I7.1", id="aktiv", recorded="2024-03-01"),
        plan("G1.29", "2024-01-10", "2024-02-20", id="slut"),
        plan("G1.29", "2024-06-01", id="gaar"),
        procedure("G1.29", "2024-05-05", id="een-dag"),
        sor=HERE, timestamp="2026-05-01T20:00:00Z", id="tider",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "hidden"),
    [
        (date(2023, 1, 1), date(2023, 12, 31), set()),
        (date(2024, 2, 20), date(2024, 2, 20), {"slut"}),
        (date(2024, 2, 21), date(2024, 2, 29), set()),
        (date(2024, 3, 1), date(2024, 3, 1), {"aktiv"}),
        (date(2024, 5, 5), date(2024, 5, 5), {"aktiv", "een-dag"}),
        (date(2024, 5, 6), date(2024, 5, 31), {"aktiv"}),
        (date(2025, 1, 1), date(2025, 1, 2), {"aktiv", "gaar"}),
        (date(2024, 1, 1), None, {"aktiv", "slut", "gaar", "een-dag"}),
    ],
)
def test_a_period_hides_what_has_a_day_in_common_with_it(
    put: Put, first: date, last: date | None, hidden: set[str]
) -> None:
    put(told())
    decision = Decision(Kind.PARTIAL, periods=(Span(first, last),))
    rows = stands(Patient.objects.get().pk, current())
    found = {each.id for each in rows if each.type != "Patient" and decision.hides_course(each.sor, course(each))}
    assert found == hidden


def test_what_tells_no_day_is_hidden_by_any_period(put: Put) -> None:
    put(told())
    decision = Decision(Kind.PARTIAL, periods=(Span(date(1990, 1, 1), date(1990, 1, 2)),))
    row = next(each for each in stands(Patient.objects.get().pk, current()) if each.type == "Condition")
    assert not decision.hides_course(row.sor, course(row))
    assert decision.hides_course(row.sor, course(row._replace(created="", recorded="")))
    assert decision.hides_course(row.sor, course(row._replace(created="i foråret")))


def test_what_is_seen_does_not_name_what_is_hidden(put: Put, doctor: Get) -> None:
    put(
        report(
            condition("I7.1", id="luft", recorded="2026-01-01", status="inactive"),
            plan("G1.29", "2026-05-02", id="behandling", reasons=("luft",)),
            sor=HERE, timestamp="2026-05-03T20:00:00Z", id="her",
        )
    )  # fmt: skip
    assert "Respirationsproblemer" in masked(doctor("?vis=alle"))
    block("period", data_from=date(2026, 1, 1), data_to=date(2026, 2, 1))
    hidden = masked(doctor("?vis=alle"))
    assert "Respirationsproblemer" not in hidden
    assert 'id="panel-intervention"' in hidden
