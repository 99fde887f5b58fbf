"""The municipal tab through its door: what each looker sees, and that what is hidden leaves no trace."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.tests.cast import NANCY, launched
from audit.models import AuditEvent
from eoj.models import LawPolicy
from eoj.tests.door import Answer, municipality
from eoj.tests.reports import condition, encounter, goal, plan, procedure, report, wrong
from organisations.models import Organisation
from sundhedsjournal.tests.pages import check_page, words
from terminology.registry import current

pytestmark = pytest.mark.django_db
HERE, THERE = "999000000000530", "999000000000540"
NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
Put = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _registered() -> None:
    for sor, name, code in ((HERE, "Horsens Kommune", "0615"), (THERE, "Randers Kommune", "0730")):
        Organisation.objects.create(sor=sor, name=name, municipality_code=code, municipality=name.split()[0])


@pytest.fixture
def put() -> Put:
    return municipality()


@pytest.fixture
def nurse(client: Client) -> Callable[..., Any]:
    """A GET of the tab by care staff of Horsens."""
    context = launched(client, "krogh", NANCY, org={"sor": HERE})
    return lambda query="": client.get(f"/k/{context}/kommune/{query}")


@pytest.fixture
def doctor(client: Client) -> Callable[..., Any]:
    """A GET of the tab by a doctor."""
    context = launched(client, "holm", NANCY)
    return lambda query="": client.get(f"/k/{context}/kommune/{query}")


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


@time_machine.travel(NOW, tick=False)
def test_a_nurse_sees_all_of_her_own_municipality(put: Put, nurse: Callable[..., Any]) -> None:
    put(health())
    put(home())
    page = nurse()
    shown = rows(page)
    assert any(row.startswith("Gå") and "Niveau 2 Moderate begrænsninger" in row for row in shown)
    assert any(row.startswith("Respirationsproblemer") for row in shown)
    text = words(check_page(page))
    for said in ("Forventet niveau 0", "Efter serviceloven", "Bad om morgenen", "Næste opfølgning 01.08.2026"):
        assert said in text, said
    assert "Horsens Kommune, seneste rapport 02.05.2026" in text


@time_machine.travel(NOW, tick=False)
def test_a_nurse_sees_nothing_of_another_municipality(put: Put, nurse: Callable[..., Any]) -> None:
    before = masked(nurse())
    put(home(sor=THERE))
    assert masked(nurse()) == before


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("query", ["", "?vis=alle", "?vis=alle&visning=tidslinje", "?q=a", "?vis=afsluttede&periode=1"])
def test_what_a_doctor_may_not_see_changes_no_byte(put: Put, doctor: Callable[..., Any], query: str) -> None:
    put(health())
    before = masked(doctor(query))
    assert "Helbredstilstande" in before or "tidslinje" in query
    put(home())
    put(report(condition("J2.1", 3, id="hus"), plan("H1.8", id="rent"), sor=THERE, id="andet"))
    after = masked(doctor(query))
    assert after == before
    assert "Gå" not in after


@time_machine.travel(NOW, tick=False)
def test_nothing_but_hidden_data_looks_like_nothing(put: Put, doctor: Callable[..., Any]) -> None:
    before = masked(doctor())
    put(report(condition("J2.1", 3, id="hus"), plan("H1.8", id="rent"), sor=THERE, id="andet"))
    assert masked(doctor()) == before
    assert "kan vises her" in before


@time_machine.travel(NOW, tick=False)
def test_the_policy_of_the_day_decides(put: Put, doctor: Callable[..., Any]) -> None:
    put(home())
    assert not any(row.startswith("Gå") for row in rows(doctor()))
    LawPolicy.objects.create(
        area="funktionsevne", audience="clinician", leave="all", basis="Afprøvning", valid_from="2026-05-01"
    )
    assert any(row.startswith("Gå") for row in rows(doctor()))
    LawPolicy.objects.filter(basis="Afprøvning").update(valid_to="2026-05-31")
    assert not any(row.startswith("Gå") for row in rows(doctor()))


@time_machine.travel(NOW, tick=False)
def test_ended_says_when_and_that_it_is_derived(put: Put, doctor: Callable[..., Any]) -> None:
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
def test_an_error_and_a_record_that_was_never_theirs_are_not_shown(put: Put, doctor: Callable[..., Any]) -> None:
    put(health())
    put(report(wrong(condition("I7.1", id="luft")), sor=HERE, timestamp="2026-05-09T20:00:00Z", id="fejl"))
    assert [row for row in rows(doctor("?vis=alle")) if row.startswith("Respirationsproblemer")] == []
    put(report(sor=HERE, timestamp="2026-05-10T20:00:00Z", id="lukket", active=False))
    assert rows(doctor("?vis=alle")) == []


@time_machine.travel(NOW, tick=False)
def test_an_unplanned_intervention_is_shown_on_its_day(put: Put, doctor: Callable[..., Any]) -> None:
    put(report(procedure("G1.29", "2026-05-03T09:00:00+02:00"), sor=HERE, id="akut"))
    assert rows(doctor()) == []
    assert any("Leveret 03.05.2026" in row for row in rows(doctor("?vis=afsluttede")))


def test_what_came_since_the_last_look_is_new(put: Put, client: Client) -> None:
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        put(health())
        first = launched(client, "holm", NANCY)
        assert "Ny" not in " ".join(rows(client.get(f"/k/{first}/kommune/"))).split()
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        put(report(condition("I2.1", id="krop"), sor=HERE, timestamp="2026-05-30T20:00:00Z", id="ny"))
    with time_machine.travel(NOW, tick=False):
        again = launched(client, "holm", NANCY)
        found = {row.split(" Ny ")[0] for row in rows(client.get(f"/k/{again}/kommune/")) if " Ny " in row}
    assert found == {"Problemer med mobilitet og bevægelse"}


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("query", ["?vis=alle", "?vis=alle&visning=tidslinje"])
def test_looking_is_recorded_and_the_number_of_queries_does_not_grow(
    put: Put, doctor: Callable[..., Any], query: str
) -> None:
    def asked() -> int:
        current()  # asked anew every few seconds, which is no matter of rows
        with CaptureQueriesContext(connection) as queries:
            assert doctor(query).status_code == 200
        return len(queries)

    put(health())
    few = asked()
    many = [condition("I7.1", id=f"luft-{n}") for n in range(150)] + [plan("G1.29", id=f"p-{n}") for n in range(150)]
    put(report(*many, sor=HERE, id="mange"))
    assert asked() == few <= 12
    assert AuditEvent.objects.filter(action="eoj.viewed", outcome=0).count() == 2


def test_municipal_staff_open_no_ekg(nurse: Callable[..., Any], client: Client) -> None:
    assert nurse().status_code == 200
    (line,) = AuditEvent.objects.filter(action="eoj.viewed")
    refused = client.get(f"/k/{line.context}/ekg/")
    assert refused.status_code == 403
    assert AuditEvent.objects.filter(action="access.refused", reason="role").count() == 1


def test_every_row_has_a_description_in_the_page(put: Put, doctor: Callable[..., Any]) -> None:
    put(health())
    root = check_page(doctor())
    for button in [each for each in root.iter("button") if each.get("class") == "about"]:
        (popover,) = [each for each in root.iter("div") if each.get("id") == button.get("popovertarget")]
        assert popover.get("popover") is not None
        assert words(popover)


@time_machine.travel(NOW, tick=False)
def test_the_tab_links_only_to_where_it_is(put: Put, doctor: Callable[..., Any]) -> None:
    put(health())
    page = doctor("?vis=alle")
    here = page.wsgi_request.path
    root = check_page(page)
    (content,) = root.iter("main")
    links = [each.get("href") for each in content.iter("a")] + [each.get("action") for each in content.iter("form")]
    assert len(links) >= 6
    assert all(link.startswith(("#", here)) for link in links)


@time_machine.travel(NOW, tick=False)
def test_what_a_municipality_writes_is_text_and_never_markup(put: Put, nurse: Callable[..., Any]) -> None:
    said = '<b>Bad</b> & "kaffe" <script>'
    put(report(plan("H1.1", id="pleje", local=("L-1", said)), sor=HERE, id="tegn"))
    assert said in words(check_page(nurse()))
    assert "<b>Bad" not in masked(nurse())


@time_machine.travel(NOW, tick=False)
def test_the_same_id_in_two_municipalities_is_two_rows(put: Put, doctor: Callable[..., Any]) -> None:
    for sor in (HERE, THERE):
        put(report(condition("I7.1", id="a.b"), condition("I2.1", id="a-b"), sor=sor, id=f"ens-{sor}"))
    assert len(rows(doctor())) == 4


@time_machine.travel(NOW, tick=False)
def test_the_table_says_that_an_end_is_derived(put: Put, doctor: Callable[..., Any]) -> None:
    put(health())
    gone = condition("I7.1", id="luft", recorded="2026-03-01", focus=False)
    put(report(gone, sor=HERE, timestamp="2026-05-11T20:00:00Z", id="ude"))
    text = words(check_page(doctor("?vis=alle&visning=tidslinje")))
    assert "Ikke længere i fokus 11.05.2026 (udledt af kommunens rapport)" in text
