"""Every override is a case for the log controllers."""

from uuid import UUID

from access import cases
from access.models import Case, Override, PatientContext
from audit.record import Actor


def tell_controller(override: Override, actor: Actor, request_id: str, event: UUID) -> None:
    """Say that one has begun, in the transaction of its event."""
    context = PatientContext.objects.get(pk=override.context)
    cases.opened(
        Case.Kind.OVERRIDE,
        context,
        event,
        actor=actor,
        ground=override.ground,
        reason=override.reason,
        request_id=request_id,
    )
