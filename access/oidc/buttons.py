"""The buttons that lead to an issuer, on the pages where somebody signs in without a launch."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.doors import Door
from access.models import Issuer
from access.oidc import leaving, pages
from access.oidc.failing import Failed
from access.oidc.transactions import Kind


def offered(door: Door) -> QuerySet[Issuer]:
    """The issuers whose buttons stand at this door."""
    return Issuer.objects.filter(door=door, active=True).order_by("name", "pk")


def pressed(request: HttpRequest, door: Door, next_path: str = "") -> HttpResponse:
    """Off to the issuer that the form names by its number."""
    kind = Kind.CITIZEN if door is Door.CITIZEN else Kind.STAFF
    number = request.POST.get("issuer", "")
    issuer = offered(door).filter(pk=number).first() if number.isdecimal() and len(number) < 10 else None
    try:
        if issuer is None:
            raise Failed("issuer-unknown")
        return leaving.leave(issuer, kind, next_path=next_path)
    except Failed as failure:
        return pages.failed(request, failure, issuer, kind)


def own(request: HttpRequest) -> Issuer | None:
    """The issuer that the session's login came from; None after a password."""
    held = request.session.get("issuer")
    return Issuer.objects.filter(pk=held, active=True).first() if held else None


def ask_again(request: HttpRequest, issuer: Issuer | None, next_path: str) -> HttpResponse:
    """The page for somebody whose login is too old for what is asked; after it, the browser is at `next_path`."""
    response = render(request, "access/again.html", {"next": next_path, "issuer": issuer})
    response["Cache-Control"] = "no-store"
    return leaving.let_forms_leave(response, [issuer] if issuer else [])
