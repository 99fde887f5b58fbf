"""The browser comes back from an issuer: what is proven is checked against what was asked, and only then signed in."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from access import citizen_views, joining, launch_views, launching, matrix, refusals, sign_in, signed
from access.models import LoginTransaction, User
from access.oidc import pages, people, redeeming, smart, transactions
from access.oidc.failing import Failed
from access.oidc.redeeming import Proven
from access.oidc.transactions import Kind

Arrival = Callable[[HttpRequest, LoginTransaction, Proven], HttpResponse]


@require_GET
@refusals.unless_unrecorded
def callback(request: HttpRequest) -> HttpResponse:
    """The one address that issuers send browsers back to; what comes is used up whatever becomes of it."""
    transaction: LoginTransaction | None = None
    try:
        transaction = transactions.use(request)
        response = ARRIVALS[Kind(transaction.door)](request, transaction, redeeming.proven(request, transaction))
    except Failed as failure:
        issuer, kind = (transaction.issuer, transaction.door) if transaction else (None, Kind.STAFF)
        response = pages.failed(request, failure, issuer, kind, transaction)
    except launching.Refused as refusal:
        response = launch_views.refused(request, refusal)
    response.delete_cookie(transactions.cookie_name(request.GET.get("state", "")[:200]), path=request.path)
    response["Cache-Control"] = "no-store"
    return response


def _by_ticket(request: HttpRequest, transaction: LoginTransaction, proven: Proven) -> HttpResponse:
    launch = transaction.launch
    assert launch is not None  # a constraint of the table
    if not launching.is_for(launch, transaction.issuer.issuer, proven.login.subject):
        raise launching.Refused(launching.WRONG_USER, launch)
    if (unit := proven.login.organisation) and unit != (launch.organisation_system, launch.organisation_id):
        raise launching.Refused("organisation-mismatch", launch)
    user = people.known(transaction.issuer, proven.login)
    if not matrix.launches(user.role):
        raise launching.Refused("user-role", launch)
    _signed_in(request, transaction, user, proven)
    return redirect("access:launch", launch_id=launch.pk)


def _by_smart(request: HttpRequest, transaction: LoginTransaction, proven: Proven) -> HttpResponse:
    """The launch is made now, and goes on as one that a ticket made."""
    asked = smart.asked(transaction.issuer, proven, transaction.smart_launch)
    user = people.known(transaction.issuer, proven.login)
    if not matrix.launches(user.role):
        raise launching.Refused("user-role")
    launch, secret = launching.arrive(asked)
    _signed_in(request, transaction, user, proven)
    response = redirect("access:launch", launch_id=launch.pk)
    launch_views.remember(response, launch.pk, secret)
    return response


def _by_staff(request: HttpRequest, transaction: LoginTransaction, proven: Proven) -> HttpResponse:
    user = people.known(transaction.issuer, proven.login)
    sign_in.complete(request, user, kept=_kept(transaction, proven))
    return redirect(transaction.next_path or "/")


def _by_citizen(request: HttpRequest, transaction: LoginTransaction, proven: Proven) -> HttpResponse:
    user = people.known(transaction.issuer, proven.login)
    sign_in.complete(request, user, kept=_kept(transaction, proven))
    return citizen_views.arrived(request, user)


def _again(request: HttpRequest, transaction: LoginTransaction, proven: Proven) -> HttpResponse:
    """Whoever proves it once more must be the one who is signed in, for the same person; what is open stays open."""
    user, told = request.user, (transaction.issuer.issuer, proven.login.subject)
    if not isinstance(user, User) or (user.issuer, user.subject) != told or not _for_the_same(request, user, proven):
        raise Failed("again-other-user")
    people.known(transaction.issuer, proven.login)
    sign_in.complete(request, user, kept=_kept(transaction, proven), goes_on=True)
    return redirect(transaction.next_path or "/")


def _signed_in(request: HttpRequest, transaction: LoginTransaction, user: User, proven: Proven) -> None:
    """A launch by somebody who is signed in here already, for the same person, leaves the other records open."""
    goes_on = request.user.is_authenticated and request.user.pk == user.pk and _for_the_same(request, user, proven)
    sign_in.complete(request, user, kept=_kept(transaction, proven), goes_on=goes_on)


def _for_the_same(request: HttpRequest, user: User, proven: Proven) -> bool:
    """Whether the login names the responsible person whom the open records were opened for, or nobody as before."""
    held, named = signed.responsible(request, user), proven.login.on_behalf_of
    return (held.subject if held else "") == (named[0] if named else "")


def _kept(transaction: LoginTransaction, proven: Proven) -> dict[str, Any]:
    return people.kept(transaction.issuer, proven.login) | {joining.LOGIN: transaction.pk}


ARRIVALS: Mapping[Kind, Arrival] = {
    Kind.TICKET: _by_ticket,
    Kind.SMART: _by_smart,
    Kind.STAFF: _by_staff,
    Kind.CITIZEN: _by_citizen,
    Kind.AGAIN: _again,
}
