"""What is said, and recorded, when a sign-in did not succeed: calm, and never what the issuer sent."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from access import actors, refusals
from access.models import Issuer, LoginTransaction
from access.oidc.failing import Failed
from access.oidc.transactions import Kind
from access.refusals import Refusal
from audit.actions import Action
from audit.record import Outcome, record

AGAIN = {
    Kind.TICKET: _("Gå tilbage til dit journalsystem, og åbn journalen igen derfra."),
    Kind.SMART: _("Gå tilbage til dit journalsystem, og åbn journalen igen derfra."),
    Kind.STAFF: _("Prøv igen. Bliver det ved, så kontakt din systemansvarlige."),
    Kind.CITIZEN: _("Prøv igen. Bliver det ved, så log ind på en anden måde."),
    Kind.AGAIN: _("Gå tilbage, og prøv igen."),
}
OFF = frozenset({"issuer-inactive", "client-inactive"})
"""Trying again does not help."""
NOT_SIGNED_IN = Refusal(
    "login",
    403,
    _("Du blev ikke logget ind"),
    _("Svaret fra dit login kan ikke godtages, og derfor vises der ingen oplysninger."),
)
OVER = replace(
    NOT_SIGNED_IN, status=410, sentence=_("Et login gælder kun én gang og kun i nogle få minutter."), look="stale"
)
SILENT = replace(NOT_SIGNED_IN, status=503, sentence=_("Dit login svarer ikke lige nu."))
WORDS: dict[str, Refusal] = {
    "login-replayed": OVER,
    "login-expired": OVER,
    "issuer-unreachable": SILENT,
    "issuer-access_denied": replace(NOT_SIGNED_IN, sentence=_("Du afbrød dit login."), look="stale"),
    "token-acr": replace(NOT_SIGNED_IN, sentence=_("Du er ikke logget ind på en måde, der er sikker nok.")),
    "token-auth_time": replace(NOT_SIGNED_IN, sentence=_("Det er for længe siden, du loggede ind.")),
    "issuer-inactive": replace(NOT_SIGNED_IN, sentence=refusals.LOGIN_OFF.sentence),
    "client-inactive": replace(NOT_SIGNED_IN, sentence=refusals.STRANGER.sentence),
    "user-role": replace(NOT_SIGNED_IN, sentence=_("Din rolle giver ikke adgang her.")),
    "user-inactive": replace(NOT_SIGNED_IN, sentence=_("Din adgang til Sundhedsjournal er lukket.")),
    "organisation-missing": replace(NOT_SIGNED_IN, sentence=_("Dit login oplyser ikke, hvilken enhed du arbejder på.")),
    "organisation-mismatch": replace(
        NOT_SIGNED_IN, sentence=_("Journalen blev åbnet for en anden enhed end den, du er logget ind på.")
    ),
    "patient-missing": replace(NOT_SIGNED_IN, sentence=_("Dit journalsystem oplyste ikke, hvilken borger det gælder.")),
}
WORDS |= dict.fromkeys(("patient-other", "patient-cpr"), WORDS["patient-missing"])
"""By code; the others are for those who look after the running, and are told alike."""


def failed(
    request: HttpRequest, failure: Failed, issuer: Issuer | None, kind: str, transaction: LoginTransaction | None = None
) -> HttpResponse:
    """Record that nobody was signed in, and say so."""
    note(request, failure, issuer, transaction)
    known = next((one for one in Kind if one == kind), Kind.STAFF)
    advice = refusals.LOGIN_OFF.advice if failure.code in OFF else AGAIN[known]
    refusal = replace(WORDS.get(failure.code, NOT_SIGNED_IN), advice=advice, way=known == Kind.CITIZEN)
    return refusals.answer(request, refusal)


def note(
    request: HttpRequest,
    failure: Failed,
    issuer: Issuer | None = None,
    transaction: LoginTransaction | None = None,
) -> None:
    """The line of a sign-in that did not succeed; with the patient whom the ticket was for."""
    launch = transaction.launch if transaction else None
    record(
        Action.SIGN_IN_FAILED,
        actor=actors.of_user(request.user, request),
        outcome=Outcome.MINOR,
        reason=failure.code,
        patient=launch.patient_id if launch else None,
        correlation=launch.correlation_id if launch else "",
        entity=f"Issuer/{issuer.pk}" if issuer else "",
        request_id=actors.request_id(request),
    )
