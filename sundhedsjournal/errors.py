"""What is said when something went wrong outside a record: calm, in Danish, without data, and without a database."""

import sys
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access import actors
from audit.actions import Action
from audit.record import NotRecorded, Outcome, record, safe


@dataclass(frozen=True)
class Fault:
    """One kind of fault, as a person meets it."""

    status: int
    heading: Promise
    sentence: Promise
    advice: Promise


BAD_REQUEST = Fault(
    400,
    _("Forespørgslen kan ikke forstås"),
    _("Adressen eller formularen er ufuldstændig."),
    _("Gå tilbage, og prøv igen."),
)
EXPIRED_FORM = Fault(
    403,
    _("Siden er for gammel"),
    _("Formularen kunne ikke sendes, fordi siden har været åben for længe, eller fordi browseren ikke gemmer cookies."),
    _("Gå tilbage, hent siden igen, og prøv en gang til."),
)
FORBIDDEN = Fault(
    403,
    _("Du har ikke adgang"),
    _("Du har ikke adgang til denne side."),
    _("Er det en fejl, så kontakt din systemansvarlige."),
)
NOT_FOUND = Fault(
    404, _("Siden findes ikke"), _("Der er ikke noget på denne adresse."), _("Åbn journalen fra dit journalsystem.")
)
BROKEN = Fault(
    500, _("Der er sket en fejl"), _("Siden kan ikke vises. Fejlen er registreret."), _("Prøv igen om lidt.")
)
UNAVAILABLE = Fault(503, _("Sundhedsjournal svarer ikke"), _("Systemet svarer ikke lige nu."), _("Prøv igen om lidt."))
NO_EKG = Fault(
    503,
    _("EKG-deling svarer ikke"),
    _("EKG-deling svarer ikke lige nu. Vi ved ikke, om der findes EKG'er."),
    _("Prøv igen om lidt."),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What cannot be read, a form too large among it. Below a record it is an attempt at it, and has its line."""
    return _recorded(request, BAD_REQUEST, "malformed") if _context(request) else told(request, BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return told(request, FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return told(request, NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old, or another site's attempt to get by: nobody can tell, so each has its line."""
    return _recorded(request, EXPIRED_FORM, "csrf")


def server_error(request: HttpRequest) -> HttpResponse:
    """500, unless the database is away: 503, soon over."""
    cause = sys.exc_info()[1]
    if isinstance(cause, OperationalError | InterfaceError):
        return told(request, NO_EKG if "/ekg/" in request.path else UNAVAILABLE)
    return told(request, BROKEN)


def told(request: HttpRequest, fault: Fault) -> HttpResponse:
    """The whole page, or the message alone for htmx: by the header, since the fault may lie before its middleware."""
    name = "errors/_fault.html" if request.headers.get("HX-Request") == "true" else "errors/fault.html"
    response = render(request, name, {"fault": fault}, status=fault.status)
    response["Cache-Control"] = "no-store"
    if fault.status == 503:
        response["Retry-After"] = "5"
    return response


def _recorded(request: HttpRequest, fault: Fault, reason: str) -> HttpResponse:
    """The fault, once its line is written."""
    try:
        line = record(
            Action.ACCESS_REFUSED,
            actor=actors.of_user(request.user, request),
            outcome=Outcome.MINOR,
            reason=reason,
            context=safe(_context(request)),
            request_id=actors.request_id(request),
        )
    except (NotRecorded, OperationalError, InterfaceError):
        return told(request, UNAVAILABLE)
    response = told(request, fault)
    response["X-Audit-Id"] = str(line)
    return response


def _context(request: HttpRequest) -> str:
    """The record that the address names, if any."""
    return str(request.resolver_match.kwargs.get("context", "")) if request.resolver_match else ""
