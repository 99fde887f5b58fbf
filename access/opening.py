"""The one command that opens a record, whichever door it came in by: OpenContext (design: L2).

Every launch of a record for staff ends in `for_staff`, every citizen's in `for_citizen`. Both write the context and its
event in one transaction; what must be asked before a record is opened is asked here and nowhere else.
"""

from django.db import transaction
from django.http import HttpRequest

from access import actors, contexts, purposes, sessions
from access.contexts import Opening
from access.models import PatientContext
from audit.actions import Action
from audit.record import record


def for_staff(opening: Opening, request: HttpRequest, *, entity: str) -> PatientContext:
    """Open a launched record in the caller's transaction; `entity` is what it was launched with."""
    context = contexts.open_context(opening, sessions.key_hash(request))
    _tell(Action.LAUNCH_OPENED, context, request, entity)
    return context


def for_citizen(opening: Opening, request: HttpRequest) -> PatientContext:
    """Open a citizen's record, or find it open: one serves every tab."""
    with transaction.atomic():
        context, is_new = contexts.open_own(opening, sessions.key_hash(request))
        if is_new:
            _tell(Action.CONTEXT_OPENED, context, request, "")
    return context


def _tell(action: Action, context: PatientContext, request: HttpRequest, entity: str) -> None:
    record(
        action,
        actor=actors.of_user(context.user, request, actors.unit(context), audience=context.audience),
        patient=context.patient_id,
        entity=entity,
        context=context.pk,
        correlation=context.correlation_id,
        purpose=purposes.of(context.audience),
        request_id=actors.request_id(request),
    )
