"""The door: POST /fhir/Bundle, POST /fhir (ITI-65), GET /fhir/metadata. It knows no kind of document."""

import re
from collections.abc import Sequence
from typing import Any, NoReturn, cast

from django.http import Http404
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.actions import Action
from audit.record import NotRecorded, Outcome, record
from fhir import errors
from fhir.authentication import SenderAuthentication, actor_of
from fhir.bundle import DOCUMENT, REPORT, TRANSACTION, Kind, Rejected
from fhir.capability import statement
from fhir.judging import NotAllowed
from fhir.models import Sender
from fhir.reading import FhirJsonParser, FhirXmlParser, LargeJsonParser, body_of
from fhir.receiving import Call, as_code, receive
from fhir.rendering import FhirJsonRenderer, FhirNegotiation, FhirXmlRenderer
from fhir.rights import Delivers
from fhir.throttling import SenderThrottle

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
"""FHIR R4 datatypes.html: id."""


class Fhir(APIView):
    """What every FHIR address has in common: formats, and answers that are OperationOutcomes."""

    authentication_classes: Sequence[Any] = ()
    permission_classes: Sequence[Any] = ()
    throttle_classes: Sequence[Any] = ()
    parser_classes: Sequence[Any] = (FhirJsonParser, FhirXmlParser)
    renderer_classes: Sequence[Any] = (FhirJsonRenderer, FhirXmlRenderer)
    content_negotiation_class = FhirNegotiation
    metadata_class = None
    http_method_names = ["get", "post"]
    kinds: Sequence[Kind] = ()

    def handle_exception(self, exc: Exception) -> Response:
        """No error leaves this door as HTML; what a known sender did wrong is recorded."""
        if header := getattr(exc, "status_code", 0) == 401 and self.get_authenticate_header(self.request):
            exc.auth_header = header  # type: ignore[attr-defined]
        return errors.answer(exc)


class Deliver(Fhir):
    """POST of a document, or of a transaction that carries documents."""

    authentication_classes = (SenderAuthentication,)
    permission_classes = (Delivers,)
    throttle_classes = (SenderThrottle,)
    http_method_names = ["post"]
    door = DOCUMENT
    sender: Sender | None = None

    def post(self, request: Request) -> Response:
        """Receive, and answer with the outcome."""
        return self.taken(request)

    def taken(self, request: Request, address: str = "") -> Response:
        """Receive, at this address."""
        self.sender = cast(Sender, request.auth)
        actor = actor_of(self.sender, request)
        call = Call(self.sender, actor, self.door, body_of(request), request_id(request), address)
        reply = receive(call, self.kinds)
        response = Response(reply.text, reply.status)
        response["X-Audit-Id"] = str(reply.audit_id)
        if reply.status == 201:
            response["Location"] = request.build_absolute_uri(f"/fhir/Bundle/{reply.delivery_id}")
        return response

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> NoReturn:
        """A known sender with another right; the refusal is recorded."""
        self.sender = cast(Sender, request.auth)
        super().permission_denied(request, message, code)

    def handle_exception(self, exc: Exception) -> Response:
        """What a known sender got wrong, or we failed at, leaves a row; when it cannot be written, 503."""
        response = super().handle_exception(exc)
        if self.sender is not None and response.status_code not in (429, 503):
            not_allowed = isinstance(exc, NotAllowed | PermissionDenied)
            action = Action.SENDER_REFUSED if not_allowed else Action.DOCUMENT_REJECTED
            outcome = Outcome.SERIOUS if response.status_code >= 500 else Outcome.MINOR
            try:
                row = record(
                    action,
                    actor=actor_of(self.sender, self.request),
                    outcome=outcome,
                    reason=as_code(errors.reason(exc)),
                    request_id=request_id(self.request),
                )
            except NotRecorded as error:
                return super().handle_exception(error)
            response["X-Audit-Id"] = str(row)
        return response


class Transaction(Deliver):
    """POST to the base: IHE MHD ITI-65 Provide Document Bundle."""

    door = TRANSACTION


class Put(Deliver):
    """PUT of a report under the id that its sender gave it; what is held under an id never changes."""

    door = REPORT
    parser_classes = (LargeJsonParser, FhirXmlParser)
    http_method_names = ["put"]

    def put(self, request: Request, address: str) -> Response:
        """Receive, and answer with the outcome."""
        if not ID.fullmatch(address):
            raise Rejected("Adressen indeholder ikke et gyldigt FHIR-id.", "Bundle.id", "bundle-id")
        return self.taken(request, address)


class Metadata(Fhir):
    """GET of the CapabilityStatement: public, as FHIR expects, and without anything about anybody."""

    http_method_names = ["get", "head"]

    def get(self, request: Request) -> Response:
        """What this door really does."""
        return Response(statement(self.kinds, request.build_absolute_uri("/fhir")))


class Nothing(Fhir):
    """Any other address."""

    def get(self, request: Request, elsewhere: str) -> Response:
        """404 as an OperationOutcome."""
        raise Http404

    post = get


def request_id(request: Request) -> str:
    """The id that the access log gives this request."""
    return str(getattr(request, "request_id", ""))
