"""Who signs in, how a patient was launched, and the open patient contexts."""

from access.models.clients import LaunchClient, OrganisationSystem, UsedAssertion
from access.models.contexts import Audience, PatientContext
from access.models.issuers import IssuedSession, Issuer, LoginTransaction
from access.models.launches import Launch
from access.models.people import Role, User
from access.models.relatives import CareOf

__all__ = [
    "Audience", "CareOf", "IssuedSession", "Issuer", "Launch", "LaunchClient", "LoginTransaction", "OrganisationSystem",
    "PatientContext", "Role", "UsedAssertion", "User",
]  # fmt: skip
