"""Every answer that is no success, as an OperationOutcome; nothing of what was sent is repeated or logged."""

import errno
import logging
import traceback

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from audit.record import NotRecorded
from fhir.bundle import Rejected
from fhir.judging import NotAllowed
from fhir.outcome import failure

log = logging.getLogger(__name__)
FULL = (errno.ENOSPC, errno.EDQUOT)
AGAIN = {"Retry-After": "5"}
CODES = {401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 406: "not-supported"}
CODES |= {413: "too-long", 415: "not-supported", 429: "throttled"}
"""HTTP status → FHIR IssueType."""
RIGHTS = {
    "reads-the-log": "Et system, der læser loggen, kan ikke levere her.",
    "log-not-allowed": "Afsenderen har ikke adgang til loggen.",
}
SENTENCES = {
    403: "Afsenderen må ikke levere denne slags dokument.",
    404: "Der er intet på denne adresse.",
    405: "Denne metode understøttes ikke her.",
    406: "Vi svarer kun med application/fhir+json eller application/fhir+xml.",
    429: "Der er sendt for mange forespørgsler; prøv igen lidt senere.",
}


def answer(error: Exception) -> Response:
    """The answer to a request that failed; what we do not know is our fault, and tells nothing."""
    match error:
        case exceptions.APIException():
            return _refusal(error)
        case Http404():
            return _refusal(exceptions.NotFound())
        case NotAllowed():
            return _refusal(exceptions.PermissionDenied(code="kind-not-allowed"))
        case Rejected():
            return Response(failure("structure", error.rule, error.sentence, error.where), 400)
        case SuspiciousOperation():
            return Response(failure("invalid", "request-refused", "Forespørgslen kan ikke læses."), 400)
        case OSError() if error.errno in FULL:
            log.error("storage full")
            return Response(failure("no-store", "storage-full", "Lageret er fuldt; intet er gemt."), 507)
        case NotRecorded() | OperationalError() | InterfaceError() | OSError():
            log.error("unavailable: %s", type(error).__name__)
            return Response(
                failure("transient", "unavailable", "Vi kan ikke modtage lige nu; intet er gemt."), 503, headers=AGAIN
            )
    log.error("failed: %s", place(error))
    return Response(failure("exception", "failed", "Der skete en fejl hos os; intet er gemt."), 500)


def reason(error: Exception) -> str:
    """A code for the audit."""
    match error:
        case exceptions.APIException():
            codes = error.get_codes()
            return codes if isinstance(codes, str) else "refused"
        case Rejected():
            return error.rule
        case NotAllowed():
            return "kind-not-allowed"
        case OSError() if error.errno in FULL:
            return "storage-full"
    return type(error).__name__


def place(error: BaseException) -> str:
    """Class and place of an error: its message may hold what a document says, and stays out of the log."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return f"{type(error).__name__} at " + "".join(f"{frame.filename}:{frame.lineno}" for frame in last)


def _refusal(error: exceptions.APIException) -> Response:
    status, headers = error.status_code, {}
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(int(getattr(error, "wait", None) or 0) + 1)
    if told := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = told
    sentence = RIGHTS.get(reason(error)) or SENTENCES.get(status) or str(error.detail)
    return Response(failure(CODES.get(status, "invalid"), reason(error), sentence), status, headers=headers)
