"""Who signs in, how a patient was launched, the open patient contexts, and what is to be looked at afterwards."""

from access.models.cases import AccessReason, Case
from access.models.clients import LaunchClient, OrganisationSystem, UsedAssertion
from access.models.contexts import LEVELS, MANUAL, PatientContext
from access.models.launches import Launch, LaunchTicket
from access.models.people import Role, User
from access.models.relations import RelationAnswer, RelationInbox, RelationNotification

__all__ = [
    "LEVELS", "MANUAL", "AccessReason", "Case", "Launch", "LaunchClient", "LaunchTicket", "OrganisationSystem",
    "PatientContext", "RelationAnswer", "RelationInbox", "RelationNotification", "Role", "UsedAssertion", "User",
]  # fmt: skip
