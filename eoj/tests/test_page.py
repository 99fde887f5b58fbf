"""The municipal tab through its door: what each looker sees."""

from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from eoj.models import LawPolicy
from eoj.tests.reports import CPR, citizen, condition, plan, procedure, report, wrong
from eoj.tests.tab import HERE, NOW, THERE, Put, See, health, home, masked, rows
from sundhedsjournal.tests.pages import check_page, words
from terminology.fsiii import Law, catalogue, shipped
from terminology.registry import current

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]


@time_machine.travel(NOW, tick=False)
def test_a_nurse_sees_all_of_her_own_municipality(put: Put, nurse: See) -> None:
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
def test_the_policy_of_the_day_decides(put: Put, doctor: See) -> None:
    put(home())
    assert not any(row.startswith("Gå") for row in rows(doctor()))
    LawPolicy.objects.create(
        area="funktionsevne", audience="clinician", leave="all", basis="Afprøvning", valid_from="2026-05-01"
    )
    assert any(row.startswith("Gå") for row in rows(doctor()))
    LawPolicy.objects.filter(basis="Afprøvning").update(valid_to="2026-05-31")
    assert not any(row.startswith("Gå") for row in rows(doctor()))


@time_machine.travel(NOW, tick=False)
def test_an_error_and_a_record_that_was_never_theirs_are_not_shown(put: Put, doctor: See) -> None:
    put(health())
    put(report(wrong(condition("I7.1", id="luft")), sor=HERE, timestamp="2026-05-09T20:00:00Z", id="fejl"))
    assert [row for row in rows(doctor("?vis=alle")) if row.startswith("Respirationsproblemer")] == []
    put(report(sor=HERE, timestamp="2026-05-10T20:00:00Z", id="lukket", active=False))
    assert rows(doctor("?vis=alle")) == []


@time_machine.travel(NOW, tick=False)
def test_an_unplanned_intervention_is_shown_on_its_day(put: Put, doctor: See) -> None:
    put(report(procedure("G1.29", "2026-05-03T09:00:00+02:00"), sor=HERE, id="akut"))
    assert rows(doctor()) == []
    assert any("Leveret 03.05.2026" in row for row in rows(doctor("?vis=afsluttede")))


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("query", ["?vis=alle", "?vis=alle&visning=tidslinje"])
def test_looking_is_recorded_and_the_number_of_queries_does_not_grow(put: Put, doctor: See, query: str) -> None:
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


def test_municipal_staff_open_no_ekg(nurse: See, client: Client) -> None:
    assert nurse().status_code == 200
    (line,) = AuditEvent.objects.filter(action="eoj.viewed")
    refused = client.get(f"/k/{line.context}/ekg/")
    assert refused.status_code == 403
    assert AuditEvent.objects.filter(action="access.refused", reason="role").count() == 1


def test_every_row_has_a_description_in_the_page(put: Put, doctor: See) -> None:
    put(health())
    root = check_page(doctor())
    for button in [each for each in root.iter("button") if each.get("class") == "about"]:
        (popover,) = [each for each in root.iter("div") if each.get("id") == button.get("popovertarget")]
        assert popover.get("popover") is not None
        assert words(popover)


@time_machine.travel(NOW, tick=False)
def test_the_tab_links_only_to_where_it_is(put: Put, doctor: See) -> None:
    put(health())
    page = doctor("?vis=alle")
    here = page.wsgi_request.path
    root = check_page(page)
    (content,) = root.iter("main")
    links = [each.get("href") for each in content.iter("a")] + [each.get("action") for each in content.iter("form")]
    assert len(links) >= 6
    assert all(link.startswith(("#", here)) for link in links)


@time_machine.travel(NOW, tick=False)
def test_what_a_municipality_writes_is_text_and_never_markup(put: Put, nurse: See) -> None:
    said = '<b>Bad</b> & "kaffe" <script>'
    put(report(plan("H1.1", id="pleje", local=("L-1", said)), sor=HERE, id="tegn"))
    assert said in words(check_page(nurse()))
    assert "<b>Bad" not in masked(nurse())


@time_machine.travel(NOW, tick=False)
def test_the_same_id_in_two_municipalities_is_two_rows(put: Put, doctor: See) -> None:
    for sor in (HERE, THERE):
        put(report(condition("I7.1", id="a.b"), condition("I2.1", id="a-b"), sor=sor, id=f"ens-{sor}"))
    assert len(rows(doctor())) == 4


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("invalidates", ["resource", "instance"])
def test_a_journal_that_was_closed_is_open_again_under_another_patient_id(
    put: Put, doctor: See, settings: Any, invalidates: str
) -> None:
    settings.EOJ_INVALIDATES = invalidates
    put(health(1, "a"))
    put(report(sor=HERE, timestamp="2026-05-03T20:00:00Z", id="b"))
    put(report(sor=HERE, timestamp="2026-05-04T20:00:00Z", id="c", active=False))
    assert rows(doctor("?vis=alle")) == []
    again = citizen(CPR, HERE, active=True) | {"id": "borger-2"}
    body = condition("I2.1", id="krop", subject={"reference": "Patient/borger-2"})
    put(report(again, body, sor=HERE, timestamp="2026-05-05T20:00:00Z", id="d"))
    assert any(row.startswith("Problemer med mobilitet") for row in rows(doctor("?vis=alle")))
    put(report(again | {"active": False}, sor=HERE, timestamp="2026-05-06T20:00:00Z", id="e"))
    assert rows(doctor("?vis=alle")) == []


@time_machine.travel(NOW, tick=False)
def test_within_a_heading_the_newest_comes_first_and_what_has_ended_last(put: Put, nurse: See) -> None:
    told = [
        plan("H1.1", "2026-03-01", id="a"),
        plan("H2.11", "2026-03-03", id="b"),
        plan("H1.8", "2026-03-02", id="c"),
        plan("H1.11", "2026-03-04", "2026-04-01", "completed", id="d"),
    ]
    put(report(*told, sor=HERE))
    assert [row.split("Oprettet ")[1][:10] for row in rows(nurse("?vis=alle"))] == [
        "03.03.2026",
        "02.03.2026",
        "01.03.2026",
        "04.03.2026",
    ]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("query", ["?vis=alle", "?vis=alle&visning=tidslinje"])
def test_an_intervention_that_a_catalogue_puts_under_no_law_is_shown(
    put: Put, nurse: See, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    put(report(plan("H7.1", id="nul"), sor=HERE))
    lawless = [replace(each, law=Law.NONE, paragraph="") if each.legacy == "H7.1" else each for each in shipped()]
    today = catalogue("2027", lawless)
    monkeypatch.setattr("eoj.queries.current", lambda: today)
    monkeypatch.setattr("eoj.views.current", lambda: today)
    LawPolicy.objects.create(
        area="0-ydelser", audience="municipal", leave="own", basis="Afprøvning", valid_from="2026-05-01"
    )
    text = words(check_page(nurse(query)))
    assert "Generel 0-ydelse" in text
    assert "Andre indsatser 1" in text or "Generel 0-ydelse Indsats" in text
