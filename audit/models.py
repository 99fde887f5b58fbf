"""The table of events. Imported by audit alone: everyone else calls `audit.record`."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.minlog.table import MinLogRow

__all__ = ["AuditEvent", "MinLogRow"]


class AuditEvent(models.Model):
    """One event, as plain values: no foreign keys, since a row must outlive and never follow what it tells of.

    The table is partitioned by month, so its real primary key is (id, recorded); see docs/adr/0004-audit-table.md.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    recorded = models.DateTimeField(_("tidspunkt"))
    action = models.TextField(_("handling"))
    type = models.TextField(_("type"))
    subtype = ArrayField(models.TextField(), verbose_name=_("undertyper"))
    crud = models.CharField(_("art"), max_length=1)
    outcome = models.SmallIntegerField(_("udfald"))
    reason = models.TextField(_("årsag"))
    actor_kind = models.TextField(_("aktørens art"))
    actor_issuer = models.TextField(_("udsteder"))
    actor_subject = models.TextField(_("aktør"))
    actor_ref = models.UUIDField(_("aktørens id"), null=True)
    actor_role = models.TextField(_("rolle"))
    actor_organisation = models.TextField(_("organisation"))
    actor_network = models.TextField(_("netadresse"))
    patient_ref = models.UUIDField(_("borger"), null=True)
    entity = models.TextField(_("genstand"))
    context = models.TextField(_("kontekst"))
    correlation = models.TextField(_("korrelation"))
    purpose = models.TextField(_("formål"))
    request_id = models.TextField(_("forespørgsel"))
    salt = models.BinaryField()
    event = models.JSONField("FHIR AuditEvent")

    class Meta:
        db_table = "audit_event"
        default_permissions = ("view",)
        verbose_name, verbose_name_plural = _("hændelse"), _("hændelser")
        indexes = [
            models.Index(fields=["patient_ref", "-recorded"], name="audit_event_patient"),
            models.Index(fields=["actor_ref", "recorded"], name="audit_event_actor"),
            models.Index(fields=["context"], name="audit_event_context"),
            BrinIndex(fields=["recorded"], name="audit_event_recorded"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(crud__in=["C", "R", "U", "D", "E"]), name="audit_event_crud"),
            models.CheckConstraint(condition=models.Q(outcome__in=[0, 4, 8, 12]), name="audit_event_outcome"),
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["user", "sender", "client", "system", "anonymous"]),
                name="audit_event_actor_kind",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
