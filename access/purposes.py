"""Why a record is opened, in the codes of v3-ActReason: what an event holds."""

from access.models import Role

TREATMENT = "TREAT"
"""Current treatment is the only purpose a launch may have (sundhedsloven § 42 a)."""
OVERRIDE = "BTG"
"""Break the glass: what the patient has blocked is shown on a ground of § 42 a."""
OWN = "PATRQT"
"""The patient asked."""


def of(audience: str) -> str:
    """The purpose of a context that was opened for this role."""
    return OWN if audience == Role.CITIZEN else TREATMENT
