"""A citizen's own tab: all law areas of all municipalities, at an address of the citizens' door."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from access.tests.cast import (
    EMIL,
    JENS,
    NANCY,
    chosen,
    citizen_signs_in,
    custody,
    guardianship,
    launched,
    own,
    power,
    signed_in,
)
from audit.models import AuditEvent
from eoj.models import LawPolicy
from eoj.tests.door import municipality
from eoj.tests.reports import condition, plan, report
from organisations.models import Organisation
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db
HERE, THERE = "999000000000530", "999000000000540"


@pytest.fixture(autouse=True)
def _reported() -> None:
    for sor, name, code in ((HERE, "Horsens Kommune", "0615"), (THERE, "Randers Kommune", "0730")):
        Organisation.objects.create(sor=sor, name=name, municipality_code=code, municipality=name.split()[0])
    put = municipality()
    put(report(condition("I7.1", id="luft"), plan("G1.29", id="behandling", reasons=("luft",)), sor=HERE, id="her"))
    put(report(condition("J2.1", 3, id="hus"), plan("H1.8", id="rent", reasons=("hus",)), sor=THERE, id="der"))


def shown(page: Any) -> str:
    return words(check_page(page))


@time_machine.travel("2026-06-01T10:00:00+00:00", tick=False)
def test_a_citizen_sees_what_every_municipality_has_told_under_every_law(client: Client) -> None:
    page = client.get(f"/borger/{own(client, 'nancy')}/kommune/?vis=alle")
    assert page.status_code == 200
    for said in ("Helbredstilstande", "Funktionsevnetilstande", "Horsens Kommune", "Randers Kommune"):
        assert said in shown(page)
    assert "Vises ikke her" not in shown(page)
    assert AuditEvent.objects.get(pk=page["X-Audit-Id"]).purpose == "PATRQT"

    doctor = CheckingClient()
    theirs = doctor.get(f"/k/{launched(doctor, 'holm', NANCY)}/kommune/?vis=alle")
    assert "Helbredstilstande" in shown(theirs)
    assert "Funktionsevnetilstande" not in shown(theirs)
    assert "Randers Kommune" not in shown(theirs)


@time_machine.travel("2026-06-01T10:00:00+00:00", tick=False)
def test_the_policy_of_the_day_decides_for_citizens_too(client: Client) -> None:
    LawPolicy.objects.create(
        area="servicelov", audience="citizen", leave="none", basis="Afprøvning", valid_from="2026-05-01"
    )
    LawPolicy.objects.create(
        area="funktionsevne", audience="citizen", leave="none", basis="Afprøvning", valid_from="2026-05-01"
    )
    page = client.get(f"/borger/{own(client, 'nancy')}/kommune/?vis=alle")
    assert "Helbredstilstande" in shown(page)
    assert "Funktionsevnetilstande" not in shown(page)


@time_machine.travel("2026-06-01T10:00:00+00:00", tick=False)
@pytest.mark.parametrize("query", ["", "?vis=alle", "?visning=tidslinje", "?q=luft"])
def test_every_link_of_the_tab_stays_behind_the_citizens_door(client: Client, query: str) -> None:
    context = own(client, "nancy")
    page = client.get(f"/borger/{context}/kommune/{query}").content.decode()
    ways = re.findall(r'(?:href|action|hx-post|hx-get)="(/[^"]*)"', page)
    ways = [way for way in ways if not way.startswith("/static/") and way not in ("/log-ud/", "/indstillinger/")]
    assert ways
    assert [way for way in ways if not way.startswith(f"/borger/{context}/")] == []


def test_a_citizen_of_whom_nothing_is_told_reads_that_there_is_nothing(client: Client) -> None:
    page = client.get(f"/borger/{own(client, 'jens')}/kommune/")
    assert page.status_code == 200
    assert "Ingen kommunale oplysninger" in shown(page)


def of_guardian(client: Client) -> str:
    guardianship(ward=NANCY)
    citizen_signs_in(client, "bent")
    return chosen(client, "guardian", NANCY)


def of_proxy(client: Client) -> str:
    citizen_signs_in(client, "lise", powers=[power(NANCY, "Nancy Ann Berggren", "se_kommune")])
    return chosen(client, "proxy", NANCY)


@pytest.mark.parametrize("audience", ["guardian", "proxy"])
def test_who_acts_for_a_citizen_sees_what_the_citizen_sees(client: Client, audience: str) -> None:
    context = {"guardian": of_guardian, "proxy": of_proxy}[audience](client)
    page = client.get(f"/borger/{context}/kommune/?vis=alle")
    for said in ("Helbredstilstande", "Funktionsevnetilstande", "Horsens Kommune", "Randers Kommune"):
        assert said in shown(page)


def test_a_parent_sees_what_the_child_would_until_the_policy_says_otherwise_area_for_area(client: Client) -> None:
    put = municipality()
    put(report(condition("I7.1", id="luft"), sor=HERE, cpr=EMIL, id="emil-1"))
    put(report(condition("J2.1", 3, id="hus"), sor=THERE, cpr=EMIL, id="emil-2"))
    custody()
    citizen_signs_in(client, "maria")
    address = f"/borger/{chosen(client, 'custody', EMIL)}/kommune/?vis=alle"
    page = shown(client.get(address))
    assert "Du ser dit barns data." in page
    assert "Horsens Kommune" in page
    assert "Randers Kommune" in page
    LawPolicy.objects.create(
        area="sundhedslov", audience="custody", leave="none", basis="Afprøvning", valid_from="2026-05-01"
    )
    page = shown(client.get(address))
    assert "Horsens Kommune" not in page
    assert "Randers Kommune" in page
    proxy = CheckingClient()
    assert "Horsens Kommune" in shown(proxy.get(f"/borger/{of_proxy(proxy)}/kommune/?vis=alle"))


def test_a_row_of_one_s_own_opens_what_is_closed_to_the_citizen_too(client: Client) -> None:
    """Both ways: the row decides, not the citizen's."""
    LawPolicy.objects.create(
        area="sundhedslov", audience="citizen", leave="none", basis="Afprøvning", valid_from="2026-05-01"
    )
    LawPolicy.objects.create(
        area="sundhedslov", audience="guardian", leave="all", basis="Afprøvning", valid_from="2026-04-01"
    )
    assert "Horsens Kommune" in shown(client.get(f"/borger/{of_guardian(client)}/kommune/?vis=alle"))
    proxy = CheckingClient()
    assert "Horsens Kommune" not in shown(proxy.get(f"/borger/{of_proxy(proxy)}/kommune/?vis=alle"))


def test_an_assistant_sees_what_the_responsible_doctor_would(client: Client) -> None:
    signed_in(client, "lund", on_behalf_of={"sub": "holm", "name": "Læge Anna Holm"})
    page = shown(client.get(f"/k/{launched(client, 'lund', NANCY)}/kommune/?vis=alle"))
    assert "Helbredstilstande" in page
    assert "Funktionsevnetilstande" not in page


def test_nobody_reads_of_this_citizen_what_is_meant_for_staff(client: Client) -> None:
    citizen_signs_in(client, "lise", powers=[power(JENS, "Jens Mikkel Thorsen", "se_kommune")])
    page = shown(client.get(f"/borger/{chosen(client, 'proxy', JENS)}/kommune/"))
    assert "Ingen kommunale oplysninger kan vises her." in page
    assert "denne borger" not in page
