"""What is said, and recorded, when a record is not shown."""

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.doors import Door
from audit.record import NotRecorded

log = logging.getLogger(__name__)
Kind = Literal["page", "fragment", "bytes"]
"""What a request was for: a whole page, a part that htmx swaps in, or bytes such as an image."""

LOG_IN = gettext_lazy("Log ind som borger")


@dataclass(frozen=True)
class Refusal:
    """Why nothing is shown: `code` is for the audit, the rest for the person; {system} is where it was opened."""

    code: str
    status: int
    heading: str | Promise
    sentence: str | Promise
    advice: str | Promise = ""
    look: str = "error"
    """The kind of message on the page: error (red) or stale (the access ended as it should)."""
    way: bool = False
    """Whether the way to the citizens' own page is shown."""
    way_words: str | Promise = LOG_IN
    """What that way is called."""


REOPEN = gettext_lazy("Åbn journalen igen fra {system}.")
ENDED = (gettext_lazy("Adgangen er udløbet"), gettext_lazy("Din adgang er udløbet."), REOPEN, "stale")
NO_ACCESS = (
    gettext_lazy("Du har ikke adgang"),
    gettext_lazy("Du har ikke adgang til denne borgers oplysninger."),
    gettext_lazy("Er det en fejl, så kontakt din systemansvarlige."),
)
NOT_FOUND = (
    gettext_lazy("Siden findes ikke"),
    gettext_lazy("Der er ingen journal på denne adresse."),
    gettext_lazy("Åbn journalen fra dit journalsystem. Er det dine egne data, så log ind som borger."),
    "error",
    True,
)
"""Byte for byte the same whatever is behind the address, and at whichever door."""
UNAVAILABLE = (
    gettext_lazy("Journalen kan ikke vises"),
    gettext_lazy("Opslaget kan ikke registreres lige nu, og derfor vises der ingen oplysninger."),
    gettext_lazy("Prøv igen om lidt."),
)

SIGNED_OUT = Refusal("signed-out", 401, *ENDED)
UNKNOWN = Refusal("context-unknown", 404, *NOT_FOUND)
FOREIGN = Refusal("context-of-another-user", 404, *NOT_FOUND)
OTHER_SESSION = Refusal("context-of-another-session", 404, *NOT_FOUND)
WRONG_DOOR = Refusal("context-of-another-door", 404, *NOT_FOUND)
MISSING = Refusal(
    "not-found", 404, gettext_lazy("Siden findes ikke"), gettext_lazy("Det, du søger, er ikke i denne journal.")
)
EXPIRED = Refusal("context-expired", 410, *ENDED)
CLOSED = Refusal(
    "context-closed", 410, gettext_lazy("Journalen er lukket"), gettext_lazy("Journalen er lukket."), REOPEN, "stale"
)
SUPERSEDED = Refusal(
    "context-superseded",
    409,
    gettext_lazy("En anden journal er åben"),
    gettext_lazy("Denne fane viser en anden borger end den, du sidst åbnede, og er derfor lukket."),
    REOPEN,
)
NO_ROLE = Refusal("role", 403, *NO_ACCESS)
FORBIDDEN = Refusal("forbidden", 403, *NO_ACCESS)
NOT_OWN = Refusal("not-own", 403, *NO_ACCESS)
NO_RESPONSIBLE = Refusal(
    "responsible-missing",
    403,
    *NO_ACCESS[:2],
    gettext_lazy("Medhjælp skal være logget ind på vegne af en ansvarlig sundhedsperson. Log ud, og log ind igen."),
)
OVER = gettext_lazy("Adgangen er ophørt")
WHOM = gettext_lazy("Se, hvem du kan se data for")
CHILD_DECIDES = Refusal(
    "child-decides",
    410,
    OVER,
    gettext_lazy("Barnet er fyldt 15 år og bestemmer nu selv over sine data."),
    gettext_lazy("Barnet kan selv logge ind og se sine data."),
    "stale",
    True,
    WHOM,
)
RELATION_ENDED = Refusal(
    "relation-ended",
    410,
    OVER,
    gettext_lazy("Forældremyndigheden eller værgemålet er ikke længere registreret."),
    gettext_lazy("Er det en fejl, så kontakt Familieretshuset."),
    "stale",
    True,
    WHOM,
)
POWER_ENDED = Refusal(
    "power-ended",
    410,
    OVER,
    gettext_lazy("Fuldmagten gælder ikke længere."),
    gettext_lazy("Er fuldmagten fornyet, så log ud, og log ind igen."),
    "stale",
    True,
    WHOM,
)
TOO_YOUNG = Refusal(
    "too-young",
    403,
    NO_ACCESS[0],
    gettext_lazy("Du kan se dine data her, når du er fyldt 15 år."),
    gettext_lazy("Indtil da kan dine forældre se dem for dig."),
    "stale",
)
CROSS_SITE = Refusal("cross-site", 403, *NO_ACCESS)
METHOD = Refusal("method", 405, gettext_lazy("Siden findes ikke"), gettext_lazy("Siden kan ikke åbnes på denne måde."))
DAMAGED = Refusal(
    "damaged",
    500,
    gettext_lazy("Filen kan ikke vises"),
    gettext_lazy("Filen er beskadiget hos os og bliver ikke vist."),
    gettext_lazy("Bed om optagelsen hos den, der har lavet den, hvis det haster."),
)
NOT_RECORDED = Refusal("not-recorded", 503, *UNAVAILABLE)
BROKEN = Refusal(
    "database",
    503,
    gettext_lazy("Journalen kan ikke vises"),
    gettext_lazy("Noget svarer ikke lige nu."),
    UNAVAILABLE[2],
)
CONSENT_UNKNOWN = Refusal(
    "consent-unknown",
    503,
    gettext_lazy("Journalen kan ikke vises"),
    gettext_lazy("Vi kan lige nu ikke se, om borgeren har spærret oplysninger, og derfor vises journalen ikke."),
    UNAVAILABLE[2],
)
NOT_ASKED = gettext_lazy("Vi kan ikke se, om borgeren har spærret oplysninger, og derfor vises journalen ikke.")
CONSENT_NOT_ASKED = {
    code: Refusal(code, 403, CONSENT_UNKNOWN.heading, NOT_ASKED, why)
    for code, why in {
        "consent-user-unknown": gettext_lazy("Dit login oplyser ikke dit CPR-nummer. Kontakt din systemansvarlige."),
        "consent-responsible-unknown": gettext_lazy(
            "Dit login oplyser ikke CPR-nummeret på den, du arbejder på vegne af. Kontakt din systemansvarlige."
        ),
        "consent-unit-unknown": gettext_lazy(
            "Journalen er åbnet uden din enheds SOR-nummer. Kontakt din systemansvarlige."
        ),
    }.items()
}
"""What must be asked with is missing, and will be at the next try."""

RELATION_DENIED = Refusal(
    "relation-denied",
    403,
    NO_ACCESS[0],
    NO_ACCESS[1],
    gettext_lazy("Der er ikke fundet en behandlingsrelation mellem dig og borgeren."),
)
RELATION_UNAVAILABLE = Refusal(
    "relation-unavailable",
    503,
    gettext_lazy("Journalen kan ikke åbnes lige nu"),
    gettext_lazy("Din behandlingsrelation til borgeren kan ikke kontrolleres lige nu, og derfor åbnes journalen ikke."),
    UNAVAILABLE[2],
)
NO_UNIT = Refusal(
    "no-organisation",
    403,
    NO_ACCESS[0],
    gettext_lazy("Dit login oplyser ikke, hvilken enhed du arbejder på."),
    gettext_lazy("Åbn journalen fra dit journalsystem, eller kontakt din systemansvarlige."),
)
LAUNCH_REFUSED = Refusal(
    "launch",
    410,
    gettext_lazy("Journalen blev ikke åbnet"),
    gettext_lazy("Åbningen gælder kun én gang og kun i kort tid."),
    gettext_lazy("Gå tilbage til dit journalsystem, og åbn journalen igen derfra."),
    "stale",
)
STRANGER = replace(
    LAUNCH_REFUSED,
    status=403,
    sentence=gettext_lazy("Det system, du kom fra, er ikke tilsluttet Sundhedsjournal."),
    advice=gettext_lazy("Kontakt din systemansvarlige."),
    look="error",
)
LOGIN_OFF = replace(STRANGER, sentence=gettext_lazy("Dit login er ikke tilsluttet Sundhedsjournal."))
LAUNCH = {
    "client-inactive": STRANGER,
    "issuer-unknown": LOGIN_OFF,
    "ticket-unknown": replace(LAUNCH_REFUSED, status=403),
    "launch-unknown": replace(LAUNCH_REFUSED, status=404),
    "launch-of-another-browser": replace(LAUNCH_REFUSED, status=404),
    "organisation-mismatch": replace(
        LAUNCH_REFUSED,
        status=403,
        sentence=gettext_lazy("Journalen blev åbnet for en anden enhed end den, du er logget ind på."),
    ),
    NO_RESPONSIBLE.code: NO_RESPONSIBLE,
    "relation-denied": RELATION_DENIED,
    "relation-unavailable": RELATION_UNAVAILABLE,
    "launch-expired": replace(LAUNCH_REFUSED, sentence=gettext_lazy("Der gik for lang tid, før du loggede ind.")),
}
"""The words never tell a guesser whether there was a ticket; the audit does."""

OWN_ENDED = {"advice": gettext_lazy("Log ind igen for at se dine data."), "way": True}
OWN_NO_ACCESS = {
    "sentence": gettext_lazy("Du har ikke adgang til disse oplysninger."),
    "advice": gettext_lazy("Er det en fejl, så log ud, og log ind igen."),
    "way": True,
}
TO_CITIZENS: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys((SIGNED_OUT.code, EXPIRED.code), OWN_ENDED),
    **dict.fromkeys((NO_ROLE.code, FORBIDDEN.code, NOT_OWN.code, CROSS_SITE.code), OWN_NO_ACCESS),
    CLOSED.code: {
        "heading": gettext_lazy("Adgangen er lukket"),
        "sentence": gettext_lazy("Adgangen til dine data er lukket."),
        **OWN_ENDED,
    },
}
"""What a citizen is told instead, who has no other system to go back to."""

EXPIRED_PAGE = {Door.STAFF: "access:expired", Door.CITIZEN: "access:own-expired"}

View = Callable[..., HttpResponse]


def unless_unrecorded(view: View) -> View:
    """A view whose event cannot be written answers 503 and nothing else."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            return view(request, **named)
        except NotRecorded:
            return answer(request, NOT_RECORDED)
        except (OperationalError, InterfaceError):
            return answer(request, BROKEN)

    return guarded


def is_fragment(request: HttpRequest, kind: Kind) -> bool:
    """Whether a part of a page asks, and not a person for a whole one."""
    return kind == "fragment" or (kind != "bytes" and bool(getattr(request, "htmx", False)))


def answer(
    request: HttpRequest,
    refusal: Refusal,
    *,
    system: str = "",
    kind: Kind = "page",
    door: Door = Door.STAFF,
    page: str = "access/refused.html",
    told: Mapping[str, Any] | None = None,
    status: int = 0,
) -> HttpResponse:
    """The refusal as a page, or as a fragment when htmx asked; never a byte about a patient.

    `page` is the template of a page of its own, `told` what it says beside, `status` another than the refusal's.
    """
    if door is Door.CITIZEN:
        refusal = replace(refusal, **TO_CITIZENS.get(refusal.code, {}))
    said = {
        "refusal": refusal,
        "advice": str(refusal.advice).format(system=system or _("dit journalsystem")),
        "title": refusal.heading,
        **(told or {}),
    }
    fragment = is_fragment(request, kind)
    response = render(request, "access/_refused.html" if fragment else page, said, status=status or refusal.status)
    response["Cache-Control"] = "no-store"
    if refusal.status == 401 and fragment:
        response["HX-Redirect"] = reverse(EXPIRED_PAGE[door])
    if refusal.status == 503:
        response["Retry-After"] = "5"
        log.error("answered 503: %s", refusal.code)
    return response
