"""Blocked data on the overview: the page with them is the page without them, byte for byte."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from access.models import Block
from access.tests import blocks
from access.tests.blocks import block, nobody_knows, override
from access.tests.cast import NANCY, launched, own
from audit.models import AuditEvent
from ekg.models import Recording
from ekg.tests.test_blocked import gone, stored, without
from eoj.models import Version
from eoj.tests.reports import condition, report
from eoj.tests.tab import NOW, THERE, Put, health
from organisations.models import Organisation
from overview.tests.conftest import See
from overview.tests.reading import links, parts, sources, tabs
from sundhedsjournal.tests.pages import check_page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]
SECRET = "999000000000110"
NOTICE = "Borgeren har spærret nogle oplysninger."


@pytest.fixture(autouse=True)
def _secret() -> None:
    Organisation.objects.create(sor=SECRET, name="Hemmelig Klinik")


def by_place() -> list[Block]:
    return [block("organisation", sor=SECRET), block("organisation", sor=THERE)]


def secrets(put: Put) -> list[Recording]:
    """An EKG that would be the newest, and what another municipality tells."""
    put(report(condition("I2.1", id="krop"), sor=THERE, timestamp="2026-05-20T20:00:00Z", id="hemmelig"))
    return [stored("secret", 0, SECRET, note="Hemmelig bemærkning")]


def forgotten(*recordings: Recording) -> None:
    """As if none of it had ever come."""
    gone(*recordings)
    Version.objects.filter(sor=THERE).delete()


@pytest.mark.parametrize("looked", [False, True])
def test_a_page_with_blocked_data_is_the_page_without_them(put: Put, see: See, client: Client, looked: bool) -> None:
    with time_machine.travel(NOW - timedelta(days=3), tick=False):
        put(health())
        stored("open", 5)
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        if looked:
            first = launched(client, "holm", NANCY)
            client.get(f"/k/{first}/ekg/")
            client.get(f"/k/{first}/kommune/")
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        hidden = secrets(put)
        by_place()
    with time_machine.travel(NOW, tick=False):
        context = launched(client, "holm", NANCY)
        page = see(context)
        with_them = without(page)
        forgotten(*hidden)
        assert with_them == without(see(context))
    assert "Hemmelig" not in with_them
    assert "Randers" not in with_them
    assert NOTICE in words(check_page(page).find(".//main"))
    assert tabs(page) == ["*Oversigt", "EKG 1", "Kommunale data 2"]
    assert "Ingen nye" not in with_them, "nobody may read that nothing has come of what is kept back"
    if looked:
        since = "EKG: Dit seneste opslag var 30.05.2026. Kommunale data: Dit seneste opslag var 30.05.2026 kl. 12.00."
        assert parts(page)["Nyt til dig"] == f"Nyt til dig {since}"


@pytest.mark.parametrize("how", [by_place, lambda: block("all"), lambda: blocks.person("holm")])
def test_where_all_is_blocked_no_list_says_that_there_is_nothing(
    put: Put, see: See, client: Client, how: Callable[[], Any]
) -> None:
    with time_machine.travel(NOW, tick=False):
        hidden = secrets(put)
        before = parts(see())
        assert "Hemmelig bemærkning" in before["Nyeste EKG"]
        assert "Problemer med mobilitet og bevægelse" in before["Aktive kommunale data"]
        how()
        context = launched(client, "holm", NANCY)
        page = see(context)
        with_them = without(page)
        forgotten(*hidden)
        assert with_them == without(see(context))
    told = parts(page)
    assert told["EKG"] == "EKG Visningen er tom."
    assert "Visningen er tom." in told["Aktive kommunale data"]
    assert "Ingen" not in words(check_page(page))
    assert tabs(page) == ["*Oversigt", "EKG", "Kommunale data"]
    assert "Randers" not in sources(page)
    assert AuditEvent.objects.get(pk=page["X-Audit-Id"]).entity == ""


@time_machine.travel(NOW, tick=False)
def test_an_override_that_starts_here_ends_here(put: Put, see: See, client: Client) -> None:
    secrets(put)
    by_place()
    context = launched(client, "holm", NANCY)
    way = links(see(context))["Vis spærrede oplysninger (værdispring)"]
    assert way == f"/k/{context}/vaerdispring/?fra=oversigt"
    answer = client.post(way, blocks.UNREACHABLE)
    assert answer["Location"] == f"/k/{context}/"
    page = see(context)
    assert "Hemmelig bemærkning" in parts(page)["Nyeste EKG"]
    assert AuditEvent.objects.get(pk=page["X-Audit-Id"]).purpose == "BTG"
    assert override(client, context)["Location"] == f"/k/{context}/ekg/", "from elsewhere to where it was"
    client.post(f"/k/{context}/vaerdispring/slut")
    assert "Hemmelig" not in see(context).content.decode()


def test_while_nobody_knows_what_is_blocked_nothing_is_shown(see: See, settings: Any) -> None:
    stored("open", 1, note="Hemmelig bemærkning")
    settings.CONSENT_SOURCE = f"{nobody_knows.__module__}.{nobody_knows.__name__}"
    answer = see()
    assert answer.status_code == 503
    assert "Hemmelig" not in answer.content.decode()


@time_machine.travel(NOW, tick=False)
def test_a_citizen_sees_what_she_has_blocked_from_staff(put: Put, client: Client) -> None:
    secrets(put)
    by_place()
    page = client.get(f"/borger/{own(client, 'nancy')}/")
    assert "Hemmelig bemærkning" in parts(page)["Nyeste EKG"]
    assert "spærret" not in words(check_page(page).find(".//main"))
