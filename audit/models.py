"""The table of events. Imported by audit alone: everyone else calls `audit.record`."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class AuditEvent(models.Model):
    """One event, as plain values: no foreign keys, since a row must outlive and never follow what it tells of.

    The table is partitioned by month, so its real primary key is (id, recorded); see docs/adr/0004-audit-table.md.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    recorded = models.DateTimeField("tidspunkt")
    action = models.TextField("handling")
    type = models.TextField("type")
    subtype = ArrayField(models.TextField(), verbose_name="undertyper")
    crud = models.CharField("art", max_length=1)
    outcome = models.SmallIntegerField("udfald")
    reason = models.TextField("årsag")
    actor_kind = models.TextField("aktørens art")
    actor_issuer = models.TextField("udsteder")
    actor_subject = models.TextField("aktør")
    actor_ref = models.UUIDField("aktørens id", null=True)
    actor_role = models.TextField("rolle")
    actor_organisation = models.TextField("organisation")
    actor_network = models.TextField("netadresse")
    patient_ref = models.UUIDField("borger", null=True)
    entity = models.TextField("genstand")
    context = models.TextField("kontekst")
    correlation = models.TextField("korrelation")
    purpose = models.TextField("formål")
    request_id = models.TextField("forespørgsel")
    salt = models.BinaryField()
    event = models.JSONField("FHIR AuditEvent")

    class Meta:
        db_table = "audit_event"
        default_permissions = ("view",)
        verbose_name, verbose_name_plural = "hændelse", "hændelser"
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
