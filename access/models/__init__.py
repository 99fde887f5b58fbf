"""Who signs in, how a patient was launched, and the open patient contexts."""

from access.models.clients import LaunchClient, OrganisationSystem, UsedAssertion
from access.models.contexts import Audience, PatientContext
from access.models.launches import Launch, LaunchTicket
from access.models.people import Role, User
from access.models.relatives import CareOf

__all__ = [
    "Audience", "CareOf", "Launch", "LaunchClient", "LaunchTicket", "OrganisationSystem", "PatientContext", "Role",
    "UsedAssertion", "User",
]  # fmt: skip
