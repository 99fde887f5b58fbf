"""The SOR register: who a SOR number is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A unit of the Danish health organisation register (SOR), valid from one day to another."""

    sor = models.CharField(_("SOR-nummer"), max_length=20, primary_key=True)
    name = models.CharField(_("navn"), max_length=300)
    type = models.CharField(_("type (SNOMED CT)"), max_length=20, blank=True)
    parent_sor = models.CharField(_("overordnet SOR-nummer"), max_length=20, blank=True)
    municipality_code = models.CharField(_("kommunekode"), max_length=4, blank=True)
    municipality = models.CharField(_("kommune"), max_length=100, blank=True)
    valid_from = models.DateField(_("gyldig fra"), null=True, blank=True)
    valid_to = models.DateField(_("gyldig til"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("organisation"), _("organisationer")
        constraints = [
            models.CheckConstraint(condition=models.Q(sor__regex=r"^[0-9]{3,20}$"), name="organisations_sor_digits"),
            models.CheckConstraint(
                condition=models.Q(valid_to=None)
                | models.Q(valid_from=None)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="organisations_valid_order",
            ),
        ]
        indexes = [models.Index(fields=["parent_sor"], name="organisations_parent")]

    def __str__(self) -> str:
        return self.name or f"SOR {self.sor}"
