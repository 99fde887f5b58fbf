"""A refusal as an answer: a page, a fragment, or bytes that are none; never a byte about a patient."""

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from access.doors import Door
from access.refusals.citizens import TO_CITIZENS
from access.refusals.record import BROKEN, NOT_RECORDED
from access.refusals.refusal import Refusal
from audit.record import NotRecorded

log = logging.getLogger("access.refusals")
Kind = Literal["page", "fragment", "bytes"]
"""What a request was for: a whole page, a part that htmx swaps in, or bytes such as an image."""
EXPIRED_PAGE = {Door.STAFF: "access:expired", Door.CITIZEN: "access:own-expired"}

View = Callable[..., HttpResponse]


def unless_unrecorded(view: View) -> View:
    """A view whose event cannot be written answers 503 and nothing else."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            return view(request, **named)
        except NotRecorded:
            return answer(request, NOT_RECORDED)
        except (OperationalError, InterfaceError):
            return answer(request, BROKEN)

    return guarded


def is_fragment(request: HttpRequest, kind: Kind) -> bool:
    """Whether a part of a page asks, and not a person for a whole one."""
    return kind == "fragment" or (kind != "bytes" and bool(getattr(request, "htmx", False)))


def answer(
    request: HttpRequest,
    refusal: Refusal,
    *,
    system: str = "",
    kind: Kind = "page",
    door: Door = Door.STAFF,
    page: str = "access/refused.html",
    told: Mapping[str, Any] | None = None,
    status: int = 0,
) -> HttpResponse:
    """The refusal as a page, or as a fragment when htmx asked; never a byte about a patient.

    `page` is the template of a page of its own, `told` what it says beside, `status` another than the refusal's.
    """
    if door is Door.CITIZEN:
        refusal = replace(refusal, **TO_CITIZENS.get(refusal.code, {}))
    said = {
        "refusal": refusal,
        "advice": str(refusal.advice).format(system=system or _("dit journalsystem")),
        "title": refusal.heading,
        **(told or {}),
    }
    fragment = is_fragment(request, kind)
    response = render(request, "access/_refused.html" if fragment else page, said, status=status or refusal.status)
    response["Cache-Control"] = "no-store"
    if refusal.status == 401 and fragment:
        response["HX-Redirect"] = reverse(EXPIRED_PAGE[door])
    if refusal.status == 503:
        response["Retry-After"] = "5"
        log.error("answered 503: %s", refusal.code)
    return response
