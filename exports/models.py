"""What somebody has asked for as a file: the task, and where the file lies until it is thrown away."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class Export(models.Model):
    """One file for one reader in one open record; its row and its bytes are gone an hour later."""

    class State(models.TextChoices):
        PENDING = "pending", _("venter")
        READY = "ready", _("klar")
        DEAD = "dead", _("opgivet")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Plain values: the gate checks them against whoever asks, and a row may outlive what it points to.
    context = models.CharField(_("åben journal"), max_length=64)
    user = models.UUIDField(_("bruger"))
    patient = models.UUIDField(_("borger"))
    # What it is about, as the audit names it, and how it was wanted: together what one double click asks for twice.
    entity = models.CharField(_("indhold"), max_length=100)
    wanted = models.CharField(_("ønske"), max_length=100, blank=True)
    made_action = models.CharField(_("hændelse"), max_length=100)

    # What it is made of, only as long as it is to be made: pages of ours, and files that follow them (by sha256).
    html = models.TextField("HTML", blank=True)
    appended = ArrayField(models.CharField(max_length=64), verbose_name=_("vedlagt"), default=list, blank=True)

    state = models.CharField(_("tilstand"), max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("forsøg"), default=0)
    next_try = models.DateTimeField(_("næste forsøg"), null=True, blank=True)
    file = models.CharField(_("fil"), max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(_("bestilt"))
    expires_at = models.DateTimeField(_("udløber"))

    class Meta:
        verbose_name, verbose_name_plural = _("fil til hentning"), _("filer til hentning")
        constraints = [
            models.UniqueConstraint(
                fields=["context", "entity", "wanted"], condition=Q(state="pending"), name="exports_export_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", file="", sha256="", next_try__isnull=False)
                | Q(state="ready", file__gt="", sha256__regex=r"^[0-9a-f]{64}$", html="", next_try=None)
                | Q(state="dead", file="", sha256="", html="", next_try=None),
                name="exports_export_state_whole",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="exports_export_expires"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="exports_export_expiring"),
            models.Index(fields=["next_try"], name="exports_export_due", condition=Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"Export/{self.pk}"
