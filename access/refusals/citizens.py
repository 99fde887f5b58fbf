"""What a citizen is told instead, who has no other system to go back to."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from access.refusals.record import CLOSED, CROSS_SITE, EXPIRED, FORBIDDEN, NO_ROLE, NOT_OWN, SIGNED_OUT

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
"""By the code of the refusal; one without a line here is the same for all."""
