"""Whom the record is about."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class Patient(models.Model):
    """A citizen; the id is the pseudonym that logs and the audit use instead of the CPR number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cpr = models.CharField(_("CPR-nummer"), max_length=10)
    name = models.CharField(_("navn"), max_length=300, blank=True)
    name_as_of = models.DateTimeField(_("navn oplyst"), null=True, blank=True)
    created = models.DateTimeField(_("oprettet"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("borger"), _("borgere")
        constraints = [
            models.UniqueConstraint(fields=["cpr"], name="patients_patient_cpr_once"),
            models.CheckConstraint(condition=models.Q(cpr__regex=r"^[0-9]{10}$"), name="patients_patient_cpr_digits"),
            models.CheckConstraint(
                condition=models.Q(name="", name_as_of=None) | models.Q(name__gt="", name_as_of__isnull=False),
                name="patients_patient_name_dated",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
