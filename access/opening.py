"""The one command that opens a record, whichever door it came in by: OpenContext (design: L2).

Every opening of a record for staff goes `what_to_ask` → (a page that asks) → `for_staff`; every citizen's is
`for_citizen`. The context and its event are one transaction; what must be asked before a record is opened is asked
here and nowhere else, and what follows from the answers (reason, cases) is written with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from access import actors, cases, contexts, purposes, reasons, sessions
from access.contexts import Opening
from access.models import AccessReason, Case, PatientContext
from access.reasons import Reason
from access.relation import asking, following
from access.relation.asking import Denied
from access.relation.question import Level, Relation
from audit.actions import Action
from audit.record import record

__all__ = ["Ask", "Denied", "for_citizen", "for_staff", "what_to_ask"]


@dataclass(frozen=True)
class Ask:
    """Why the person must say something before the record opens; all of it is asked on one page."""

    other_open: bool = False
    """Another patient is open in this browser, and the way here came from elsewhere."""
    unknown_relation: bool = False
    """No treatment relation is known: a ground is not enough, words are asked for too."""


def what_to_ask(
    opening: Opening, request: HttpRequest, reason: Reason | None = None, *, other_open: bool = False
) -> Ask | None:
    """What must be asked before `for_staff`, None when nothing must; raises Denied. Not inside a transaction.

    While a question is open that needs no source, none is called (design: L6).
    """
    if reason is None and (other_open or (opening.client is not None and opening.client.asks_purpose)):
        return Ask(other_open=other_open)
    if asking.ask(opening, request).level is not Level.E:
        return None
    if settings.RELATION_E == "deny":
        raise Denied("relation-denied")
    return None if reason is not None and reason.is_told else Ask(unknown_relation=True)


def for_staff(
    opening: Opening,
    request: HttpRequest,
    *,
    entity: str,
    reason: Reason | None = None,
    action: Action = Action.LAUNCH_OPENED,
) -> PatientContext:
    """Open a record in the caller's transaction; `entity` is what it was launched with. Raises Denied.

    `what_to_ask` has asked about the relation; what it was told is used here, once.
    """
    relation = asking.take(opening, request)
    if relation.level is Level.E and (reason is None or not reason.is_told or settings.RELATION_E == "deny"):
        raise Denied("relation-denied")
    told = replace(
        opening,
        relation=relation.level,
        relation_reference=relation.reference,
        ground=reason.ground if reason else "",
    )
    context = contexts.open_context(told, sessions.key_hash(request), actors.request_id(request))
    extra = {"relation": str(relation.level), "evidence": relation.evidence}
    event = _tell(action, context, request, entity, extra | ({"ground": context.ground} if context.ground else {}))
    kept = reasons.keep(context, reason.ground, reason.text, AccessReason.Kind.OPENING) if reason else None
    _queue(context, relation, event, request, kept)
    return context


def for_citizen(opening: Opening, request: HttpRequest) -> PatientContext:
    """Open a citizen's record, or find it open: one serves every tab."""
    with transaction.atomic():
        context, is_new = contexts.open_own(opening, sessions.key_hash(request), actors.request_id(request))
        if is_new:
            _tell(Action.CONTEXT_OPENED, context, request, "")
    return context


def _queue(
    context: PatientContext, relation: Relation, event: UUID, request: HttpRequest, reason: AccessReason | None
) -> None:
    """What somebody, or the source of relations, has to look at afterwards."""
    kinds = [Case.Kind.MANUAL] if context.client_id is None else []
    if relation.level is Level.UNVERIFIED:
        kinds.append(Case.Kind.UNVERIFIED)
    elif not relation.level.permits:
        kinds.append(Case.Kind.FOLLOW_UP)
    for kind in kinds:
        cases.opened(
            kind,
            context,
            relation.reference or event,
            actor=actors.of_user(context.user, request, actors.unit(context)),
            level=relation.level,
            ground=context.ground,
            reason=reason,
            next_try=following.first_try(kind, relation),
            request_id=actors.request_id(request),
        )


def _tell(
    action: Action, context: PatientContext, request: HttpRequest, entity: str, extra: Mapping[str, str] | None = None
) -> UUID:
    return record(
        action,
        actor=actors.of_user(context.user, request, actors.unit(context), audience=context.audience),
        patient=context.patient_id,
        entity=entity,
        context=context.pk,
        correlation=context.correlation_id,
        purpose=purposes.of(context.audience),
        request_id=actors.request_id(request),
        extra=extra,
    )
