"""What goes with a switch in the administration, in its own transaction: an issuer's sessions, a system's open records.

Whoever makes a session or a context holds the row of its issuer or system meanwhile (`held`): so either it is there
when the switch looks, or it is never made (ADR 0021).
"""

from django.db import connection
from django.http import HttpRequest

from access import actors, contexts
from access.models import IssuedSession, Issuer, LaunchClient, PatientContext
from access.oidc import backchannel
from audit.actions import Action
from audit.record import record

HOLD = "SELECT 1 FROM {} WHERE id = %s AND active FOR SHARE"
INACTIVE = "client-inactive"


def held(what: type[Issuer] | type[LaunchClient], key: int) -> bool:
    """Whether it is switched on, which it then stays until the caller's transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD.format(connection.ops.quote_name(what._meta.db_table)), [key])
        return cursor.fetchone() is not None


def issuer(issuer: Issuer, request: HttpRequest) -> None:
    """End every session that came of its logins."""
    for one in IssuedSession.objects.filter(issuer=issuer):
        backchannel.end_session(one, issuer, request, PatientContext.Closed.OPERATOR, "issuer-inactive")


def client(client: LaunchClient, request: HttpRequest) -> None:
    """Close every record that it opened."""
    for context in contexts.close_of(client, actors.request_id(request)):
        record(
            Action.CONTEXT_CLOSED,
            actor=actors.of_user(request.user, request),
            patient=context.patient_id,
            reason=INACTIVE,
            context=context.pk,
            correlation=context.correlation_id,
            request_id=actors.request_id(request),
            extra=actors.unverified(context),
        )
