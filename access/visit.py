"""One request for a record, from arriving to its line in the audit: what the gate knows, tells and writes."""

from dataclasses import dataclass
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from access import actors, purposes, refusals, turned_away
from access.consent import Decision
from access.doors import Door
from access.lookup import Opened, Running
from access.minlog import telling
from access.refusals import Kind, Refusal
from audit.actions import Action
from audit.record import Actor, NotRecorded, Outcome, record, safe

TELL_NOTHING = (
    refusals.SIGNED_OUT, refusals.UNKNOWN, refusals.FOREIGN, refusals.OTHER_SESSION, refusals.WRONG_DOOR,
)  # fmt: skip
"""Refusals to somebody who may not even know which system opened the record."""


@dataclass
class Visit:
    """Who asks for what, as far as it has been found out: all of it goes into the event."""

    request: HttpRequest
    door: Door
    context_id: str
    kind: Kind
    actor: Actor
    context: Opened | None = None
    decision: Decision | None = None
    """What the citizen's blocks hide, once it has been asked."""
    override: Running | None = None
    """The override (værdispring) under which it is made."""


def rendered(response: HttpResponseBase) -> HttpResponseBase:
    """A response that rendered late could fail after the event said that it was shown."""
    render = getattr(response, "render", None)
    return render() if callable(render) else response


def recorded(visit: Visit, action: Action, response: HttpResponseBase) -> HttpResponseBase:
    """The answer, once its line is written; raises NotRecorded, and then it must not leave."""
    outcome, reason = Outcome.SUCCESS, ""
    if response.status_code >= 400:
        outcome, reason = (Outcome.SERIOUS if response.status_code >= 500 else Outcome.MINOR), str(response.status_code)
    try:
        line = event(visit, action, outcome, reason)
    except NotRecorded:
        # Not response.close(): that tells Django that the request is over, which closes the connection mid-transaction.
        if isinstance(response, FileResponse) and response.file_to_stream is not None:
            response.file_to_stream.close()
        raise
    if then := getattr(visit.request, "audit_then", None):
        then(line)
    response["X-Audit-Id"] = str(line)
    response["Cache-Control"] = "no-store"  # a cached answer is an unrecorded view
    patch_vary_headers(response, ["HX-Request"])
    return response


def refused(visit: Visit, refusal: Refusal) -> HttpResponseBase:
    """The refusal as an answer, once its line is written."""
    outcome = Outcome.SERIOUS if refusal.status >= 500 else Outcome.MINOR
    line = event(visit, Action.ACCESS_REFUSED, outcome, refusal.code)
    system = visit.context.opened_from if visit.context and refusal not in TELL_NOTHING else ""
    if refusal is refusals.SIGNED_OUT:
        response = turned_away.answer(visit.request, kind=visit.kind, door=visit.door)
    else:
        response = refusals.answer(visit.request, refusal, system=system, kind=visit.kind, door=visit.door)
    response["X-Audit-Id"] = str(line)
    return response


def event(visit: Visit, action: Action, outcome: Outcome, reason: str) -> UUID:
    """One line about this request and its patient; raises NotRecorded."""
    context = visit.context
    return record(
        action,
        actor=visit.actor,
        patient=context.patient_id if context else None,
        outcome=outcome,
        reason=reason,
        entity=getattr(visit.request, "audit_entity", ""),
        context=safe(visit.context_id),
        correlation=context.correlation_id if context else "",
        purpose=_purpose(visit, action),
        request_id=actors.request_id(visit.request),
        extra={
            **(actors.unverified(context) or {} if context else {}),
            **_consent(visit),
            **getattr(visit.request, "audit_extra", {}),
        },
        minlog=telling.look(visit, action),
    )


def _purpose(visit: Visit, action: Action) -> str:
    if visit.override is not None or action in (Action.OVERRIDE_STARTED, Action.OVERRIDE_STOPPED):
        return purposes.OVERRIDE
    return purposes.of(visit.context.audience) if visit.context else ""


def _consent(visit: Visit) -> dict[str, str]:
    """The decision, where something is blocked, and the override, where one runs: an event without both is a permit."""
    told = {"consent": visit.decision.kind.value} if visit.decision and visit.decision.notice else {}
    return told | {"override": str(visit.override.id)} if visit.override else told
