"""The citizens' way in: sign in, choose whom to see, open it. No GET opens anything, whoever follows or prefetches."""

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import actors, doors, entitlement, opening, persons, purposes, refusals, turned_away
from access.contexts import Opening
from access.doors import Door
from access.entitlement import Claim
from access.models import Role, User
from access.oidc import buttons, leaving
from access.persons import Person
from access.refusals import Refusal
from audit.actions import Action
from audit.record import Outcome, record
from patients.registry import by_id


@require_http_methods(["GET", "HEAD", "POST"])
@refusals.unless_unrecorded
def own(request: HttpRequest) -> HttpResponse:
    """The page of a citizen before anything is open; its buttons open what is the citizen's own, or another's."""
    user = request.user
    if isinstance(user, User) and request.method == "POST":
        return _opened(request, user)
    if isinstance(user, User) and user.role == Role.CITIZEN:
        return _asked(request, user)
    return _begin(request)


@require_POST
@refusals.unless_unrecorded
def citizen_sign_in_page(request: HttpRequest) -> HttpResponse:
    """Off to an issuer to sign in as a citizen; whoever was signed in here is so no longer when that succeeds."""
    return buttons.pressed(request, Door.CITIZEN)


def arrived(request: HttpRequest, user: User) -> HttpResponse:
    """After a login: straight to what is one's own, or to the choice where there is one."""
    if user.patient_id is not None:
        persons.of(request, user)
        if persons.are_known(request):
            return HttpResponse(status=303, headers={"Location": reverse("access:own")})
    return _opened(request, user)


@require_GET
@refusals.unless_unrecorded
def own_expired(request: HttpRequest) -> HttpResponse:
    """Where htmx sends a page whose citizen is no longer signed in."""
    return turned_away.answer(request, door=Door.CITIZEN, status=200)


def _begin(request: HttpRequest) -> HttpResponse:
    """Offer the ways to sign in; say so to somebody who is signed in here as something else."""
    issuers = list(buttons.offered(Door.CITIZEN))
    told = {"issuers": issuers, "colleague": request.user if isinstance(request.user, User) else None}
    response = render(request, "access/citizen_sign_in.html", told)
    response["Cache-Control"] = "no-store"
    return leaving.let_forms_leave(response, issuers)


def _asked(request: HttpRequest, user: User) -> HttpResponse:
    me, *others = (person for person in persons.of(request, user) if not person.decides)
    response = render(request, "access/own.html", {"who": user, "me": me, "others": others})
    response["Cache-Control"] = "no-store"
    return response


def _opened(request: HttpRequest, user: User) -> HttpResponse:
    """Go to the record that was chosen, opened now or before; one transaction with its event."""
    if user.role != Role.CITIZEN or user.patient_id is None:
        return _refused(request, user, refusals.NO_ROLE)
    offered = persons.of(request, user)
    key = request.POST.get("person") or offered[0].key
    person = next((each for each in offered if each.key == key), None)
    if person is None:
        return _refused(request, user, refusals.NOT_OWN, *_named(key))
    patient = by_id(person.patient)
    assert patient is not None
    rights = entitlement.of(Claim(request, user, person.audience, person.patient, patient.cpr))
    if isinstance(rights, Refusal):
        return _refused(request, user, rights, person.audience, person.patient)
    context = opening.for_citizen(_opening(user, person), request)
    path = doors.address(Door.CITIZEN, rights.home, context.pk)
    return HttpResponse(status=303, headers={"Location": path})


def _opening(user: User, person: Person) -> Opening:
    return Opening(
        user=user,
        audience=person.audience,
        patient=person.patient,
        patient_name=person.name,
        correlation=str(uuid4()),
    )


def _named(key: str) -> tuple[str, UUID | None]:
    """Whom a choice that was not offered names: for the event, when there is such a person."""
    audience, _, said = key.partition(".")
    try:
        patient = by_id(UUID(said))
    except ValueError:
        return "", None
    return (audience, patient.pk) if patient and audience in purposes.BY else ("", None)


def _refused(
    request: HttpRequest, user: User, refusal: Refusal, audience: str = "", patient: UUID | None = None
) -> HttpResponse:
    record(
        Action.ACCESS_REFUSED,
        actor=actors.of_user(user, request, audience=audience),
        patient=patient,
        outcome=Outcome.MINOR,
        reason=refusal.code,
        purpose=purposes.of(audience) if audience else "",
        request_id=actors.request_id(request),
    )
    return refusals.answer(request, refusal, door=Door.CITIZEN)
