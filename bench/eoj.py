"""Benchmarks of municipal data: reading and checking, loading, loading again, and the tab with 300 rows."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import psycopg

from bench.measure import Result, cpu, paired
from bench.pages import application, page, urlconf
from demo.clients import Clinician, Sender
from demo.running import Running
from samples.personas import PATIENTS
from samples.population import reports


def municipal(demo: Running) -> list[Result]:
    """eoj_read, eoj_load_100k, eoj_load_again_100k and eoj_page_300."""
    wsgi = application(demo)
    return [reading(), *loading(demo), tab(demo, wsgi)]


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


def loading(demo: Running, citizens: int = 3_600) -> list[Result]:
    """Loading some 100,000 resources from their bytes, new and again, against COPY of the same rows."""
    from django.db import connection, transaction

    from eoj import applying
    from eoj.loading import load
    from eoj.report import read
    from fhir.models import Sender as Registered
    from patients import registry
    from terminology.fsiii import shipped

    sender = Registered.objects.select_related("issuer").get(subject="demo-sender")
    people = list(reports(citizens, 12))
    found = [judgement.document for each in people if (judgement := read(each, shipped())).document]
    with transaction.atomic():
        patients = registry.patients_for(report.cpr for report in found)
    rows = [applying.row(patients[report.cpr], report, item) for report in found for item in report.items]
    columns = ", ".join(("id", *applying.SAID))

    def copied(table: str, some: Sequence[Sequence[Any]]) -> None:
        cursor = psycopg.Cursor(connection.connection)
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in some:
                copy.write_row(row)

    def floor() -> float:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE bench_rows (LIKE eoj_version)")
            began = time.perf_counter()
            copied("bench_rows", rows)
            took = time.perf_counter() - began
            cursor.execute("DROP TABLE bench_rows")
        return len(rows) / took

    raws = [orjson.dumps(each) for each in people]
    floors = [floor() for _ in range(3)]
    update = _rate(lambda: list(load(raws, sender)), len(rows))
    replay = _rate(lambda: list(load(raws, sender)), len(rows))
    usual = sorted(floors)[1]
    return [
        Result("eoj_load_100k", "rows/s", usual, update, (update / usual,), "from bytes, checked"),
        Result("eoj_load_again_100k", "rows/s", usual, replay, (replay / usual,), "from bytes"),
    ]


def _rate(do: Callable[[], object], rows: int) -> float:
    began = time.perf_counter()
    do()
    return rows / (time.perf_counter() - began)


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
