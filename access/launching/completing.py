"""From a launch that has found its user to an open record."""

from django.db import connection, transaction
from django.http import HttpRequest

from access import entitlement, matrix, opening, refusals, sessions, switching_off
from access.contexts import Opening
from access.launching.refused import WRONG_USER, Refused, entity
from access.models import Launch, LaunchClient, PatientContext, User
from access.reasons import Reason

COMPLETE = "UPDATE access_launch SET context_id = %s WHERE id = %s AND context_id IS NULL"


def wanted(launch: Launch, user: User) -> Opening:
    """What the launch would open for this user."""
    return Opening(
        user=user,
        audience=user.role,
        patient=launch.patient_id,
        patient_name=launch.patient_name,
        correlation=launch.correlation_id,
        client=launch.client,
        organisation_system=launch.organisation_system,
        organisation_id=launch.organisation_id,
        organisation_name=launch.organisation_name,
    )


def what_to_ask(
    launch: Launch, user: User, request: HttpRequest, reason: Reason | None = None, *, other_open: bool = False
) -> opening.Ask | None:
    """What the person must say before `complete`; raises Refused when nothing that is said would help."""
    _must_be_allowed(launch, user, request)
    try:
        return opening.what_to_ask(wanted(launch, user), request, reason, other_open=other_open)
    except opening.Denied as denied:
        raise Refused(denied.code, launch) from denied


def complete(launch: Launch, user: User, request: HttpRequest, reason: Reason | None = None) -> PatientContext:
    """Open the record: the launch, the context and the event in one transaction; raises Refused when it is spent."""
    _must_be_allowed(launch, user, request)
    with transaction.atomic():
        if not switching_off.held(LaunchClient, launch.client_id):
            raise Refused(switching_off.INACTIVE, launch)
        try:
            context = opening.for_staff(wanted(launch, user), request, entity=entity(launch), reason=reason)
        except opening.Denied as denied:
            raise Refused(denied.code, launch) from denied
        with connection.cursor() as cursor:
            cursor.execute(COMPLETE, [context.pk, launch.pk])
            if not cursor.rowcount:
                raise Refused("launch-completed", launch)
    if launch.client.shared_workstation:
        sessions.share(request)
    return context


def _must_be_allowed(launch: Launch, user: User, request: HttpRequest) -> None:
    """All that can have changed since the launch was asked for, beside what `find` has looked at."""
    if not is_for(launch, user.issuer, user.subject):
        raise Refused(WRONG_USER, launch)
    if not launch.client.active:
        raise Refused(switching_off.INACTIVE, launch)
    if not matrix.launches(user.role):
        raise Refused("user-role", launch)
    if not entitlement.may_launch(request, user):
        raise Refused(refusals.NO_RESPONSIBLE.code, launch)


def is_for(launch: Launch, issuer: str, subject: str) -> bool:
    """A ticket is not a login (design: L3): only whom it names may have what it opens."""
    return (launch.user_issuer, launch.user_subject) == (issuer, subject)
