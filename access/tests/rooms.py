"""Every way a view can answer, and the file that one of them opens."""

import io
from collections.abc import Callable
from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template import engines
from django.template.response import TemplateResponse

from access.gate import Grant

open_files: list[io.BytesIO] = []
TAB = """{% extends "record.html" %}
{% block tabs %}{% include "components/tabs.html" with here="kommune" care_count=count %}{% endblock tabs %}
{% block content %}<h1>Kommunale data</h1>{% endblock content %}"""


def opened() -> io.BytesIO:
    """A file that the test can see closed."""
    open_files.append(io.BytesIO(b"%PDF- the original"))
    return open_files[-1]


def _missing(request: HttpRequest, grant: Grant) -> NoReturn:
    raise Http404


def _forbidden(request: HttpRequest, grant: Grant) -> NoReturn:
    raise PermissionDenied


def _broken(request: HttpRequest, grant: Grant) -> NoReturn:
    raise ZeroDivisionError


def _no_database(request: HttpRequest, grant: Grant) -> NoReturn:
    raise OperationalError("server closed the connection unexpectedly")


def _late(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    return TemplateResponse(request, engines["django"].from_string("{% include nothing %}"))


def _conflict(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    return HttpResponse("<p>optaget</p>", status=409)


def _cached(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    return HttpResponse("<p>nok</p>", headers={"Cache-Control": "private, max-age=300"})


ANSWERS: dict[str, Callable[[HttpRequest, Grant], HttpResponseBase]] = {
    "missing": _missing,
    "forbidden": _forbidden,
    "broken": _broken,
    "no-database": _no_database,
    "late": _late,
    "conflict": _conflict,
    "cached": _cached,
}
