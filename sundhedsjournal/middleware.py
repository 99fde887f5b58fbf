"""What every answer gets: a line in the access log, an id, and the headers that no view may forget."""

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

Next = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger("sundhedsjournal.access")


def request_line(get_response: Next) -> Next:
    """One line a request: id, method, path without query, status, milliseconds, and the audit row it left."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.request_id = request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        began = time.perf_counter()
        response = get_response(request)
        response["X-Request-Id"] = request_id
        log.info(
            "%s %s %s %s %.1fms audit=%s",
            request_id,
            request.method,
            request.path,
            response.status_code,
            (time.perf_counter() - began) * 1000,
            response.get("X-Audit-Id", "-"),
        )
        return response

    return middleware


def headers(get_response: Next) -> Next:
    """Nothing is stored by a cache unless a view says otherwise; nothing is shared with another origin."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), interest-cohort=()"
        return response

    return middleware
