"""How a record is launched: a ticket, and what it became."""

from django.db import models
from uuid_utils.compat import uuid7

from access.models.clients import LaunchClient, OrganisationSystem
from access.models.contexts import HASH, OPAQUE, PatientContext
from access.models.people import User


class LaunchTicket(models.Model):
    """What an EPJ's server asked for: one user, one patient, one use, within a minute; a hash is kept, no ticket."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(LaunchClient, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT)
    patient_name = models.CharField(max_length=300, blank=True)
    organisation_system = models.CharField(max_length=10, choices=OrganisationSystem.choices)
    organisation_id = models.CharField(max_length=20)
    organisation_name = models.CharField(max_length=300)
    correlation_id = models.CharField(max_length=40)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=HASH), name="access_launchticket_hash_only"),
            models.CheckConstraint(
                condition=models.Q(expires__gt=models.F("created")), name="access_launchticket_expires_later"
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(used_at__lt=models.F("expires")),
                name="access_launchticket_used_in_time",
            ),
        ]


class Launch(models.Model):
    """A redeemed ticket on its way to a context, bound to one browser by a cookie of its own."""

    id = models.CharField(primary_key=True, max_length=22, editable=False)
    secret_sha256 = models.CharField(max_length=64)
    ticket = models.OneToOneField(LaunchTicket, on_delete=models.CASCADE)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    context = models.OneToOneField(PatientContext, null=True, on_delete=models.CASCADE)
    """The one context it became; from then on it opens nothing more."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id__regex=OPAQUE), name="access_launch_id_opaque"),
            models.CheckConstraint(condition=models.Q(secret_sha256__regex=HASH), name="access_launch_hash_only"),
        ]
