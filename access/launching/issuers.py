"""Where the user of a launch signs in."""

from django.db.models import Q

from access.doors import Door
from access.models import Issuer


def staff_issuer(issuer: str) -> Issuer | None:
    """The issuer that a launch's user signs in at."""
    return Issuer.objects.filter(issuer=issuer, door=Door.STAFF, active=True).first()


def smart_issuer(iss: str) -> Issuer | None:
    """The issuer that a SMART launch names by its FHIR server, or by itself: matched whole, or not at all."""
    named = Q(fhir_base=iss) | Q(issuer=iss)
    return Issuer.objects.filter(named, launches=True, active=True).select_related("launch_client").first()
