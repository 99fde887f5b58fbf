"""Who signs in, how a patient was launched, the open patient contexts, and what is to be looked at afterwards."""

from access.models.cases import AccessReason, Case
from access.models.clients import LaunchClient, OrganisationSystem, UsedAssertion
from access.models.consent import Block, Override
from access.models.contexts import LEVELS, MANUAL, Audience, PatientContext
from access.models.issuers import IssuedSession, Issuer, LoginTransaction, UsedLogoutToken
from access.models.launches import Launch
from access.models.people import Role, User
from access.models.relations import RelationAnswer, RelationInbox, RelationNotification
from access.models.relatives import CareOf

__all__ = [
    "LEVELS", "MANUAL", "AccessReason", "Audience", "Block", "CareOf", "Case", "IssuedSession", "Issuer", "Launch",
    "LaunchClient", "LoginTransaction", "OrganisationSystem", "Override", "PatientContext", "RelationAnswer",
    "RelationInbox", "RelationNotification", "Role", "UsedAssertion", "UsedLogoutToken", "User",
]  # fmt: skip
