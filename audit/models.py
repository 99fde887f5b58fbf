"""The table of events, and what seals it. Imported by audit alone: everyone else calls `audit.record`."""

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
    txid = models.BigIntegerField(_("transaktion"))
    """The transaction that wrote the row (the database fills it in): what the sequencer reads by."""

    class Meta:
        db_table = "audit_event"
        default_permissions = ("view",)
        verbose_name, verbose_name_plural = _("hændelse"), _("hændelser")
        indexes = [
            models.Index(fields=["patient_ref", "-recorded"], name="audit_event_patient"),
            models.Index(fields=["actor_ref", "recorded"], name="audit_event_actor"),
            models.Index(fields=["context"], name="audit_event_context"),
            BrinIndex(fields=["recorded"], name="audit_event_recorded"),
            models.Index(fields=["txid", "id"], name="audit_event_txid"),
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


class AuditLeaf(models.Model):
    """The hash of one event at its place in the tree; it stays when the event's month is dropped."""

    leaf_index = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(_("hændelse"), unique=True)
    recorded = models.DateTimeField(_("tidspunkt"))
    leaf_hash = models.BinaryField()

    class Meta:
        db_table = "audit_leaf"
        default_permissions = ("view",)
        verbose_name, verbose_name_plural = _("blad"), _("blade")

    def __str__(self) -> str:
        return str(self.leaf_index)


class AuditTile(models.Model):
    """256 neighbouring hashes of one level: the n-th full tile (C2SP tlog-tiles)."""

    pk = models.CompositePrimaryKey("level", "n")
    level = models.SmallIntegerField(_("niveau"))
    n = models.BigIntegerField(_("nummer"))
    bytes = models.BinaryField()

    class Meta:
        db_table = "audit_tile"
        default_permissions = ("view",)
        verbose_name, verbose_name_plural = _("flise"), _("fliser")

    def __str__(self) -> str:
        return f"{self.level}/{self.n}"


class AuditCheckpoint(models.Model):
    """The tree at one size, signed (C2SP tlog-checkpoint in a signed note)."""

    size = models.BigIntegerField(_("hændelser"), primary_key=True)
    root = models.BinaryField(_("rod"))
    note = models.TextField(_("underskrevet note"))
    signed_at = models.DateTimeField(_("underskrevet"))
    settled = models.BigIntegerField(_("forseglet til transaktion"))
    """Every event with a lower txid is in the tree."""

    class Meta:
        db_table = "audit_checkpoint"
        default_permissions = ("view",)
        verbose_name, verbose_name_plural = _("kontrolpunkt"), _("kontrolpunkter")

    def __str__(self) -> str:
        return str(self.size)


class AuditHold(models.Model):
    """A month that retention must leave, or may take again; the newest row of a month counts, none is ever changed."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField(_("måned"))
    held = models.BooleanField(_("bevares"))
    reason = models.TextField(_("grund"))
    set_by = models.TextField(_("bestemt af"))
    at = models.DateTimeField(_("tidspunkt"))

    class Meta:
        db_table = "audit_hold"
        default_permissions = ("view",)
        verbose_name, verbose_name_plural = _("bevaret måned"), _("bevarede måneder")

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class AuditDropped(models.Model):
    """The tombstone of a partition: its rows are gone by retention, their leaves stay in the tree."""

    partition = models.TextField(_("partition"), primary_key=True)
    start = models.DateTimeField(_("fra"))
    end = models.DateTimeField(_("til"))
    rows = models.BigIntegerField(_("hændelser"))
    last_size = models.BigIntegerField(_("seneste kontrolpunkt"))
    dropped_at = models.DateTimeField(_("slettet"))

    class Meta:
        db_table = "audit_dropped"
        default_permissions = ("view",)
        verbose_name, verbose_name_plural = _("slettet måned"), _("slettede måneder")

    def __str__(self) -> str:
        return self.partition
