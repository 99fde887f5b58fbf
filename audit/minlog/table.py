"""The table of what is owed to MinLog. Imported by audit alone, like the table of events."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

CONTENT = Q(patient_cpr_enc__isnull=False, payload_enc__isnull=False, key_id__gt="")
EMPTY = Q(patient_cpr_enc=None, payload_enc=None, key_id="")


class MinLogRow(models.Model):
    """One look and how far its registration is: one row for each event, which it must never outlive or lack."""

    class State(models.TextChoices):
        PENDING = "pending", _("venter")
        SENDING = "sending", _("er ved at blive sendt")
        ACKED = "acked", _("registreret")
        SUPPRESSED = "suppressed", _("registreres ikke af os")
        DEAD = "dead", _("opgivet")

    event_id = models.UUIDField(_("hændelse"), primary_key=True, editable=False)
    recorded = models.DateTimeField(_("tidspunkt"))
    source = models.TextField(_("kilde"))
    state = models.TextField(_("tilstand"), choices=State.choices)
    attempts = models.SmallIntegerField(_("forsøg"), default=0, db_default=0)
    since = models.DateTimeField(_("venter siden"))
    """When it was put in the queue: by its event, or again by an operator."""
    next_try = models.DateTimeField(_("næste forsøg"))
    reason = models.TextField(_("seneste årsag"), default="", db_default="")
    """A code: why it is suppressed, or why the last attempt failed."""
    key_id = models.TextField(_("nøgle"), default="", db_default="")
    patient_cpr_enc = models.BinaryField(null=True)
    payload_enc = models.BinaryField(null=True)
    acked_at = models.DateTimeField(_("registreret"), null=True)
    ack_ref = models.TextField(_("MinLogs reference"), default="", db_default="")

    class Meta:
        db_table = "minlog_outbox"
        default_permissions = ("view", "change")
        verbose_name, verbose_name_plural = _("opslag til MinLog"), _("opslag til MinLog")
        indexes = [
            models.Index(
                fields=["next_try"],
                include=["state", "since"],
                condition=Q(state__in=["pending", "sending"]),
                name="minlog_outbox_due",
            ),
            models.Index(fields=["since"], condition=Q(state="dead"), name="minlog_outbox_dead"),
            models.Index(
                fields=["acked_at"], condition=Q(state="acked", payload_enc__isnull=False), name="minlog_outbox_wipe"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sending", "dead"], acked_at=None) & CONTENT
                | Q(state="suppressed", acked_at=None) & EMPTY
                | Q(state="acked", acked_at__isnull=False) & (CONTENT | EMPTY),
                name="minlog_outbox_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.event_id)
