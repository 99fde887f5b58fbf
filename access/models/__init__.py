"""Who signs in, how a patient was launched, the open patient contexts, and what is blocked in them."""

from access.models.clients import LaunchClient, OrganisationSystem, UsedAssertion
from access.models.consent import AccessReason, Block, Override
from access.models.contexts import PatientContext
from access.models.launches import Launch, LaunchTicket
from access.models.people import Role, User

__all__ = [
    "AccessReason", "Block", "Launch", "LaunchClient", "LaunchTicket", "OrganisationSystem", "Override",
    "PatientContext", "Role", "UsedAssertion", "User",
]  # fmt: skip
