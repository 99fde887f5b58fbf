"""What an EPJ's server may ask: a ticket for a patient, and to close what it opened. JSON in, JSON out."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from access import actors, assertion, clients, contexts, launching, ticket_request
from access.models import LaunchClient
from audit.actions import Action
from audit.record import NotRecorded, Outcome, record

MAX_BODY = 16_384
SENTENCES = {
    "user-unknown": "Brugeren kendes ikke hos Sundhedsjournal.",
    "issuer-unknown": "Brugerens login kendes ikke hos Sundhedsjournal.",
    "user-role": "Brugerens rolle giver ikke adgang til journaler.",
    "organisation-not-allowed": "Klienten må ikke åbne journaler for denne organisation.",
}


class _Answer(Exception):
    """A refusal on its way out: `error` as OAuth 2.0 names it, `code` for the audit."""

    def __init__(self, status: int, error: str, sentence: str, code: str, field: str = "") -> None:
        super().__init__(code)
        self.status, self.error, self.sentence, self.code, self.field = status, error, sentence, code, field


View = Callable[..., JsonResponse]


def _for_clients(view: View) -> Callable[..., HttpResponse]:
    """Prove the client first; every refusal is recorded and answered with words that a developer can use."""

    def answered(request: HttpRequest, **named: str) -> HttpResponse:
        client: LaunchClient | None = None
        try:
            try:
                client = _client(request)
                response = view(request, client, **named)
            except _Answer as answer:
                response = _refused(request, client, answer)
        except (NotRecorded, OperationalError, InterfaceError):
            told = {"error": "temporarily_unavailable", "error_description": "Sundhedsjournal svarer ikke lige nu."}
            response = JsonResponse(told, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "5"})
        response["Cache-Control"] = "no-store"
        return response

    return csrf_exempt(require_POST(answered))


def _issue_ticket(request: HttpRequest, client: LaunchClient) -> JsonResponse:
    if request.content_type != "application/json":
        raise _Answer(415, "invalid_request", "Indholdet skal være application/json.", "content-type")
    try:
        ticket = launching.issue(client, ticket_request.read(request.body), request)
    except ticket_request.Rejected as wrong:
        raise _Answer(400, "invalid_request", wrong.sentence, "request", wrong.field) from wrong
    except launching.Refused as refusal:
        raise _Answer(403, refusal.code.replace("-", "_"), SENTENCES[refusal.code], refusal.code) from refusal
    return JsonResponse({"ticket": ticket, "expires_in": settings.TICKET_TTL})


def _close_contexts(request: HttpRequest, client: LaunchClient, session_ref: str) -> JsonResponse:
    if not ticket_request.is_ref(session_ref):
        raise _Answer(404, "unknown_session", "Sessionen kendes ikke.", "session-unknown")
    with transaction.atomic():
        closed = contexts.close_from(client, session_ref, actors.request_id(request))
        for context in closed:
            record(
                Action.CONTEXT_CLOSED,
                actor=actors.of_client(client, request),
                patient=context.patient_id,
                reason="epj",
                context=context.pk,
                correlation=context.correlation_id,
                request_id=actors.request_id(request),
                extra=actors.unverified(context),
            )
    return JsonResponse({"closed": len(closed)})


def _client(request: HttpRequest) -> LaunchClient:
    if len(request.META.get("CONTENT_LENGTH") or "") > len(str(MAX_BODY)) or len(request.body) > MAX_BODY:
        raise _Answer(413, "invalid_request", "Indholdet er for stort.", "body-size")
    try:
        return clients.calling(request)
    except assertion.Rejected as wrong:
        sentence = f"Klienten er ikke godkendt ({wrong.code})."
        raise _Answer(401, "invalid_client", sentence, wrong.code) from wrong


def _refused(request: HttpRequest, client: LaunchClient | None, answer: _Answer) -> JsonResponse:
    record(
        Action.LAUNCH_TICKET_REFUSED,
        actor=actors.of_client(client, request),
        outcome=Outcome.MINOR,
        reason=answer.code,
        request_id=actors.request_id(request),
    )
    told = {"error": answer.error, "error_description": answer.sentence}
    if answer.field:
        told["field"] = answer.field
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'} if answer.status == HTTPStatus.UNAUTHORIZED else {}
    return JsonResponse(told, status=answer.status, headers=headers)


issue_ticket = _for_clients(_issue_ticket)
close_contexts = _for_clients(_close_contexts)
