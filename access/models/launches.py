"""How a record is launched, by whichever door."""

from django.db import models

from access.models.clients import LaunchClient, OrganisationSystem
from access.models.contexts import HASH, OPAQUE, PatientContext
from access.ticket_request import LANDINGS


class Launch(models.Model):
    """One opening that a system asked for: one user, one patient, one unit, one use.

    By the ticket door it is issued to the EPJ's server (`ticket_sha256`; a hash is kept, no ticket) and redeemed by a
    browser within a minute; by the SMART door it comes into being in the browser. From then on it is bound to that
    browser by a cookie of its own (`secret_sha256`), and waits for its user.
    """

    id = models.CharField(primary_key=True, max_length=22, editable=False)
    ticket_sha256 = models.CharField(max_length=64, unique=True, null=True)
    secret_sha256 = models.CharField(max_length=64, blank=True)
    handle_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    """Of the `launch` that an EPJ made for SMART: it is the name by which that EPJ may close what came of it."""
    client = models.ForeignKey(LaunchClient, on_delete=models.PROTECT)
    user_issuer = models.CharField(max_length=200)
    user_subject = models.CharField(max_length=200)
    """The user by the issuer's own name: who comes for the first time is nobody here yet."""
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT)
    patient_name = models.CharField(max_length=300, blank=True)
    organisation_system = models.CharField(max_length=10, choices=OrganisationSystem.choices)
    organisation_id = models.CharField(max_length=20)
    organisation_name = models.CharField(max_length=300)
    correlation_id = models.CharField(max_length=40)
    landing = models.CharField(max_length=10, blank=True, default="", db_default="")
    """What the system asked to have opened first; "" when it did not ask."""
    created = models.DateTimeField()
    expires = models.DateTimeField(db_index=True)
    """Of the ticket, until it is redeemed; then of the launch."""
    redeemed_at = models.DateTimeField(null=True)
    context = models.OneToOneField(PatientContext, null=True, on_delete=models.CASCADE)
    """The one context it became; from then on it opens nothing more."""

    class Meta:
        indexes = [
            models.Index(fields=["handle_sha256"], condition=~models.Q(handle_sha256=""), name="access_launch_handle")
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(id__regex=OPAQUE), name="access_launch_id_opaque"),
            models.CheckConstraint(
                condition=models.Q(ticket_sha256=None) | models.Q(ticket_sha256__regex=HASH),
                name="access_launch_ticket_hash_only",
            ),
            models.CheckConstraint(
                condition=models.Q(redeemed_at=None, secret_sha256="", context=None, ticket_sha256__isnull=False)
                | models.Q(redeemed_at__isnull=False, secret_sha256__regex=HASH),
                name="access_launch_redeemed_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(handle_sha256="") | models.Q(ticket_sha256=None, handle_sha256__regex=HASH),
                name="access_launch_handle_hash_only",
            ),
            models.CheckConstraint(
                condition=models.Q(expires__gt=models.F("created")), name="access_launch_expires_later"
            ),
            models.CheckConstraint(condition=models.Q(landing__in=["", *LANDINGS]), name="access_launch_landing_known"),
        ]
