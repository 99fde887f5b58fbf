"""What a looker has not seen before: marked, and counted from when."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from access.tests.cast import NANCY, launched
from eoj.tests.reports import condition, report
from eoj.tests.tab import HERE, NOW, Put, See, health, rows
from sundhedsjournal.tests.pages import check_page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]


def test_what_came_since_the_last_look_is_new(put: Put, client: Client) -> None:
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        put(health())
        first = launched(client, "holm", NANCY)
        assert "Ny" not in " ".join(rows(client.get(f"/k/{first}/kommune/"))).split()
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        put(report(condition("I2.1", id="krop"), sor=HERE, timestamp="2026-05-30T20:00:00Z", id="ny"))
    with time_machine.travel(NOW, tick=False):
        again = launched(client, "holm", NANCY)
        page = client.get(f"/k/{again}/kommune/")
        table = check_page(client.get(f"/k/{again}/kommune/?visning=tidslinje"))
    since = "Ny siden dit seneste opslag 30.05.2026 kl. 12.00"
    assert [row.split(" Ny ")[0] for row in rows(page) if since in row] == ["Problemer med mobilitet og bevægelse"]
    assert [words(p) for p in check_page(page).iter("p") if p.get("class") == "since"] == [since]
    assert [words(p) for p in table.iter("p") if p.get("class") == "since"] == [since]
    heads = [words(th) for th in table.iter("th") if th.get("scope") == "row"]
    assert [head for head in heads if " Ny " in head] == [f"Problemer med mobilitet og bevægelse {since}"]
    (drawn,) = [words(text) for text in table.iter("{http://www.w3.org/2000/svg}text") if " · ny" in words(text)]
    assert drawn == "aktiv siden 01.03.2026 · ny"


@time_machine.travel(NOW, tick=False)
def test_nothing_is_new_to_who_looks_for_the_first_time(put: Put, doctor: See) -> None:
    put(health())
    for query in ("", "?visning=tidslinje"):
        page = doctor(query).content.decode()
        assert "siden dit seneste opslag" not in page
        assert 'class="new"' not in page
