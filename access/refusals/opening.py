"""Why a record is not opened."""

from dataclasses import replace

from django.utils.translation import gettext_lazy

from access.refusals.record import NO_ACCESS, NO_RESPONSIBLE, UNAVAILABLE
from access.refusals.refusal import Refusal

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
