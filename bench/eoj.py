"""Benchmarks of municipal data: reading and checking, loading, loading again, and the tab with 300 rows."""

from typing import Any

import orjson

from bench.eoj_load import loading
from bench.measure import Result, cpu, paired
from bench.pages import application, page, urlconf
from demo.clients import Clinician, Sender
from demo.running import Running
from samples.personas import PATIENTS
from samples.population import reports


def municipal(demo: Running) -> list[Result]:
    """eoj_read, eoj_page_300, and those of eoj_load."""
    wsgi = application(demo)
    return [reading(), tab(demo, wsgi), *loading(demo)]


def reading() -> Result:
    """CPU of reading and checking, against parsing the same bytes."""
    from eoj.report import read
    from terminology.fsiii import shipped

    raws = [orjson.dumps(each) for each in reports(60, 11)]
    catalogue = shipped()

    def ours() -> None:
        for raw in raws:
            read(orjson.loads(raw), catalogue)

    def floor() -> None:
        for raw in raws:  # none is kept: the collector would count their objects again and again
            orjson.loads(raw)

    return paired("eoj_read", "ms CPU", lambda: cpu(ours, 3), lambda: cpu(floor, 60), "<= 12")


def tab(demo: Running, wsgi: Any) -> Result:
    """The tab with 300 rows, against sending the same HTML from a constant."""
    from django.http import HttpResponse
    from django.urls import path

    from bench import floors
    from eoj.tests.reports import condition, plan, report

    cpr = PATIENTS["karen"].cpr
    many = [condition("I7.1", id=f"l-{n}") for n in range(150)] + [plan("G1.29", id=f"p-{n}") for n in range(150)]
    assert Sender(demo.at).put(report(*many, cpr=cpr, id="bench-300")).status_code == 200
    holm = Clinician(demo.at, "holm", cpr)
    shown = page(wsgi, demo, holm.path("kommune/"), holm.cookies)
    html = shown()
    assert html.count(b'class="about"') == 300

    floors.urlpatterns.append(path("constant", lambda request: HttpResponse(html)))

    def floor() -> float:
        with urlconf("bench.floors"):
            return cpu(page(wsgi, demo, "/constant", holm.cookies), 40)

    return paired("eoj_page_300", "ms CPU", lambda: cpu(shown, 10), floor, "<= 3")
