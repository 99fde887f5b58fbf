"""Why a record is not shown: what the gate says, in the order in which it asks."""

from django.utils.translation import gettext_lazy

from access.refusals.refusal import Refusal

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
GIVER_TOO_YOUNG = Refusal(
    "giver-too-young",
    403,
    NO_ACCESS[0],
    gettext_lazy("En fuldmagt gælder kun fra en person, der er fyldt 15 år."),
    gettext_lazy("Har du forældremyndigheden, så vælg barnet som dit barn."),
    "stale",
    True,
    WHOM,
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
