"""Why a record is opened, in the codes of v3-ActReason: what an event holds."""

from collections.abc import Mapping

from access.models import Audience

TREATMENT = "TREAT"
"""Current treatment is the only purpose a launch may have (sundhedsloven § 42 a)."""
OVERRIDE = "BTG"
"""Break the glass: what the patient has blocked is shown on a ground of § 42 a."""
OWN = "PATRQT"
"""The patient asked."""
FAMILY = "FAMRQT"
"""A member of the family, or whoever stands in the place of one, asked."""
POWER = "PWATRNY"
"""Somebody with a power of attorney asked."""
BY: Mapping[str, str] = {
    Audience.CITIZEN: OWN,
    Audience.CUSTODY: FAMILY,
    Audience.GUARDIAN: FAMILY,
    Audience.PROXY: POWER,
}


def of(audience: str) -> str:
    """The purpose of a context that was opened for this audience."""
    return BY.get(audience, TREATMENT)
