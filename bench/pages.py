"""Benchmarks of reading: CPU of one request through the whole WSGI application, without a network in between."""

import io
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from bench.measure import Result, cpu, paired
from demo.clients import SAMPLES, Clinician, Sender, variation
from demo.running import Running

SAMPLE = SAMPLES / "ekg" / "emil-2023-02-06-first.json"
TEN, MANY = "0707529921", "0101379945"  # test persons who have nothing but what the benchmark sends
Page = Callable[[], bytes]


def fill(demo: Running, cpr: str, count: int) -> None:
    sender = Sender(demo.at)
    for _ in range(count):
        assert sender.post(variation(SAMPLE, cpr=cpr)).status_code == 201


def application(demo: Running) -> Any:
    """The product's own WSGI application in this process, on the demo's database."""
    os.environ.update(demo.env() | {"SJ_DEMO": "1", "DJANGO_SETTINGS_MODULE": "sundhedsjournal.settings"})
    os.environ["LOG_LEVEL"] = "WARNING"
    from sundhedsjournal.wsgi import application as wsgi

    return wsgi


def page(wsgi: Any, demo: Running, path: str, cookies: str) -> Page:
    """One GET, its body read to the end; anything but 200 stops the benchmark."""
    said: list[str] = []

    def start_response(status: str, _headers: Any, _error: Any = None) -> Callable[[bytes], object]:
        said.append(status)
        return lambda _bytes: None

    def get() -> bytes:
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(demo.at.port), "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": f"127.0.0.1:{demo.at.port}",
            "HTTP_COOKIE": cookies, "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
            "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip
        answer = wsgi(environ, start_response)
        body = b"".join(answer)
        answer.close()
        assert said[-1].startswith("200"), f"{path}: {said[-1]}"
        return body

    return get


@contextmanager
def urlconf(name: str) -> Iterator[None]:
    from django.test import override_settings

    with override_settings(ROOT_URLCONF=name):
        yield


def reading(demo: Running) -> list[Result]:
    """page_audit, page_cpu, page_500 and pdf_audit."""
    fill(demo, TEN, 10)
    fill(demo, MANY, 500)
    wsgi = application(demo)
    ten, many = Clinician(demo.at, "holm", TEN), Clinician(demo.at, "holm", MANY)
    folder = page(wsgi, demo, ten.path("ekg/"), ten.cookies)
    long_folder = page(wsgi, demo, many.path("ekg/"), many.cookies)
    minimal = page(wsgi, demo, "/minimal", ten.cookies)
    pdf = page(wsgi, demo, ten.newest("original.pdf"), ten.cookies)
    file = Path(demo.at.var / "bench.pdf")
    file.write_bytes(pdf())
    os.environ["BENCH_FILE"] = str(file)
    plain = page(wsgi, demo, "/file", ten.cookies)

    def unaudited() -> float:
        with mock.patch("access.visit.record", side_effect=lambda *_args, **_named: uuid.uuid4()):
            return cpu(folder, 40)

    def floor(get: Page) -> float:
        with urlconf("bench.floors"):
            return cpu(get, 40)

    return [
        paired("page_audit", "ms CPU", lambda: cpu(folder, 40), unaudited, "<= 1.08"),
        paired("page_cpu", "ms CPU", lambda: cpu(folder, 40), lambda: floor(minimal), "<= 5"),
        paired("page_500", "ms CPU", lambda: cpu(long_folder, 20), lambda: cpu(folder, 20), "<= 2"),
        paired("pdf_audit", "ms CPU", lambda: cpu(pdf, 60), lambda: floor(plain), "<= 1.35"),
        launching(demo, ten),
    ]


def launching(demo: Running, clinician: Clinician) -> Result:
    """launch: from the browser's ticket POST to the folder, against the folder alone, over HTTP; milliseconds."""

    def launches() -> float:
        tickets = [clinician.ticket() for _ in range(10)]
        began = time.perf_counter()
        for ticket in tickets:
            clinician.launch_again(ticket)
        return (time.perf_counter() - began) * 100

    def folders() -> float:
        began = time.perf_counter()
        for _ in range(10):
            clinician.get("ekg/")
        return (time.perf_counter() - began) * 100

    return paired("launch", "ms", launches, folders, "<= 2")
