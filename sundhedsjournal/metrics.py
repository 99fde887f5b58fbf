"""/metrics for the operator's monitoring, in Prometheus' text format: counts and ages, nothing about anybody."""

import logging
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.db import Error, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.crypto import constant_time_compare

log = logging.getLogger(__name__)
PREFIX = "sundhedsjournal_"
ERRORS = "metrics_errors"
PATIENCE = "SET LOCAL statement_timeout = '1s'"
Source = Callable[[], Mapping[str, float | None]]


def metrics(sources: Sequence[Source], told: Mapping[str, str]) -> Callable[[HttpRequest], HttpResponse]:
    """The page of these sources; `told` says what each value is, in the order of the page."""

    def page(request: HttpRequest) -> HttpResponse:
        token = settings.METRICS_TOKEN
        if not token:
            raise Http404
        if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
            return HttpResponse(status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        text = written(read(sources), {**told, ERRORS: "Values that could not be read"})
        return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")

    return page


def read(sources: Sequence[Source]) -> dict[str, float]:
    """What the sources say; what cannot be read is left out and counted."""
    values: dict[str, float] = {}
    errors = 0
    for source in sources:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(PATIENCE)
                said = source()
        except Exception as error:
            log.error("metrics: %s cannot be read: %s", getattr(source, "__name__", "?"), type(error).__name__)
            errors += 1
            if isinstance(error, Error) and connection.connection is None:
                errors += len(sources) - sources.index(source) - 1
                break  # there is no database: waiting for it once is enough
            continue
        values |= {name: float(value) for name, value in said.items() if value is not None}
        errors += sum(value is None for value in said.values())
    return {**values, ERRORS: errors}


def written(values: Mapping[str, float], told: Mapping[str, str]) -> str:
    """The text format: names and labels are ours, so nothing in them needs to be escaped."""
    lines = []
    for name, words in told.items():
        found = {key: value for key, value in values.items() if key.partition("{")[0] == name}
        if found:
            lines += [f"# HELP {PREFIX}{name} {words}.", f"# TYPE {PREFIX}{name} gauge"]
            lines += [f"{PREFIX}{key} {value:.15g}" for key, value in found.items()]
    return "\n".join(lines) + "\n"
