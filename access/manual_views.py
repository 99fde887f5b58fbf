"""Opening a record by a CPR number: a fallback that is off unless the controller has decided otherwise (design: Z1).

Off, there is no such address. On, it takes a clinician, a unit that the login has told, and a reason; each time becomes
a case. The number is posted, and stands in no address.
"""

from uuid import uuid4

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from access import actors, doors, matrix, opening, reasons, refusals, turned_away, units
from access.contexts import Opening
from access.doors import Door
from access.models import Role, User
from access.reasons import Missing, Reason
from access.refusals import Refusal
from access.units import Unit
from audit.actions import Action
from audit.record import Outcome, record
from patients import cpr
from patients.registry import patient_for

DENIED = {"relation-denied": refusals.RELATION_DENIED, "relation-unavailable": refusals.RELATION_UNAVAILABLE}


@require_http_methods(["GET", "HEAD", "POST"])
@refusals.unless_unrecorded
def look_up(request: HttpRequest) -> HttpResponse:
    """The form, and what it leads to."""
    user = request.user
    if not isinstance(user, User):
        _note(request, refusals.SIGNED_OUT)
        return turned_away.answer(request)
    if user.role != Role.CLINICIAN:
        return _refused(request, refusals.NO_ROLE)
    if (unit := units.of_login(request.session)) is None:
        return _refused(request, refusals.NO_UNIT)
    if request.method != "POST":
        return _form(request, user, unit)
    number = cpr.cleaned(request.POST.get("cpr", "")[:20])
    if not number:
        return _form(request, user, unit, Missing(_("Skriv et CPR-nummer på ti cifre."), "cpr"))
    try:
        return _opened(request, user, unit, number, reasons.posted(request.POST))
    except Missing as missing:
        return _form(request, user, unit, missing)


def _opened(request: HttpRequest, user: User, unit: Unit, number: str, reason: Reason) -> HttpResponse:
    wanted = Opening(
        user=user,
        audience=user.role,
        patient=patient_for(number).pk,
        patient_name="",
        correlation=str(uuid4()),
        organisation_system=unit.system,
        organisation_id=unit.number,
        organisation_name=unit.name,
    )
    try:
        if opening.what_to_ask(wanted, request, reason):
            return _form(request, user, unit, Missing(reasons.TOO_SHORT, reasons.TEXT), must_tell=True)
        with transaction.atomic():
            context = opening.for_staff(wanted, request, entity="", reason=reason, action=Action.LOOKUP_OPENED)
    except opening.Denied as denied:
        return _refused(request, DENIED.get(denied.code, refusals.RELATION_DENIED), wanted)
    path = doors.address(Door.STAFF, matrix.home(user.role), context.pk)
    return HttpResponse(status=303, headers={"Location": path})


def _form(
    request: HttpRequest, user: User, unit: Unit, fault: Missing | None = None, *, must_tell: bool = False
) -> HttpResponse:
    told = {
        "who": user,
        "unit": unit,
        "fault": fault.sentence if fault else "",
        "focus": fault.field if fault and fault.field == reasons.TEXT else "cpr",
        "must_tell": must_tell,
        "number": request.POST.get("cpr", ""),
        "chosen": request.POST.get("formaal", ""),
        "written": request.POST.get("begrundelse", ""),
    }
    response = render(request, "access/look_up.html", told, status=422 if fault else 200)
    response["Cache-Control"] = "no-store"
    return response


def _refused(request: HttpRequest, refusal: Refusal, wanted: Opening | None = None) -> HttpResponse:
    _note(request, refusal, wanted)
    return refusals.answer(request, refusal)


def _note(request: HttpRequest, refusal: Refusal, wanted: Opening | None = None) -> None:
    record(
        Action.ACCESS_REFUSED,
        actor=actors.of_user(request.user, request, actors.unit(wanted) if wanted else ""),
        patient=wanted.patient if wanted else None,
        outcome=Outcome.SERIOUS if refusal.status >= 500 else Outcome.MINOR,
        reason=refusal.code,
        request_id=actors.request_id(request),
    )
