"""Why a launch opens nothing, and its line in the audit."""

from django.http import HttpRequest

from access import actors
from access.models import Launch
from audit.actions import Action
from audit.record import Outcome, record

WRONG_USER = "user-mismatch"


class Refused(Exception):
    """Nothing is opened; `code` goes into the audit, `launch` tells which one it was when that is certain."""

    def __init__(self, code: str, launch: Launch | None = None) -> None:
        super().__init__(code)
        self.code, self.launch = code, launch


def refused(reason: Refused, request: HttpRequest) -> None:
    """Record that a launch opened nothing."""
    launch = reason.launch
    record(
        Action.LAUNCH_REFUSED,
        actor=actors.of_user(request.user, request),
        patient=launch.patient_id if launch else None,
        outcome=Outcome.MINOR,
        reason=reason.code,
        entity=entity(launch) if launch else "",
        correlation=launch.correlation_id if launch else "",
        request_id=actors.request_id(request),
    )


def entity(launch: Launch) -> str:
    """How the audit names a launch."""
    return f"Launch/{launch.pk}"
