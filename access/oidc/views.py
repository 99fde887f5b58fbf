"""The addresses that issuers and launching EPJs use, and the buttons that lead to an issuer."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access import launching, refusals, sign_in, turned_away
from access.models import User
from access.oidc import backchannel, buttons, leaving, own_key, pages
from access.oidc.failing import Failed
from access.oidc.transactions import Kind

LONGEST = 2000


@require_GET
def public_keys(request: HttpRequest) -> HttpResponse:
    """The public halves of our own key."""
    return JsonResponse(own_key.public_keys(), headers={"Cache-Control": "public, max-age=300"})


@require_GET
@refusals.unless_unrecorded
def smart_launch(request: HttpRequest) -> HttpResponse:
    """GET /launch?iss=&launch=, where an EPJ sends the browser (SMART App Launch 2.2).

    `iss` is the FHIR server; the issuer's own URL is taken for it too. Both are opaque, and matched
    whole; nothing is fetched for a stranger.
    """
    iss, launch = request.GET.get("iss", ""), request.GET.get("launch", "")
    issuer = launching.smart_issuer(iss) if iss and len(iss) <= LONGEST and iss.isprintable() else None
    try:
        if issuer is None:
            raise Failed("issuer-unknown")
        if not launch or len(launch) > LONGEST or not launch.isprintable():
            raise Failed("launch-missing")
        return leaving.leave(issuer, Kind.SMART, smart_launch=launch)
    except Failed as failure:
        if issuer is None or failure.code == "launch-missing":
            launching.refused(launching.Refused(failure.code), request)
            told = refusals.STRANGER if issuer is None else refusals.LAUNCH["ticket-unknown"]
            return refusals.answer(request, told)
        return pages.failed(request, failure, issuer, Kind.SMART)


@require_http_methods(["GET", "HEAD", "POST"])
@refusals.unless_unrecorded
def again(request: HttpRequest) -> HttpResponse:
    """Prove once more who one is, at the issuer one came from, and go back to `next`: for what needs a newer login."""
    issuer = buttons.own(request)
    if not isinstance(request.user, User):
        pages.note(request, Failed(refusals.SIGNED_OUT.code))
        return turned_away.answer(request)
    if request.method != "POST" or issuer is None:
        return buttons.ask_again(request, issuer, sign_in.local(request.GET.get("next", "")))
    try:
        return leaving.leave(issuer, Kind.AGAIN, next_path=sign_in.local(request.POST.get("next", "")), anew=True)
    except Failed as failure:
        return pages.failed(request, failure, issuer, Kind.AGAIN)


@csrf_exempt  # comes from the issuer's server, proven by its signature; no cookie is read
@require_POST
@refusals.unless_unrecorded
def backchannel_logout(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Back-Channel Logout: the issuer ends sessions that came of its logins."""
    try:
        backchannel.end(request.POST.get("logout_token", ""), request)
    except Failed as failure:
        pages.note(request, failure)
        told = {"error": "invalid_request", "error_description": f"logout_token ({failure.code})"}
        return JsonResponse(told, status=400, headers={"Cache-Control": "no-store"})
    return HttpResponse(status=200, headers={"Cache-Control": "no-store"})
