"""Who has custody of whom, and who is whose guardian, as an authority told it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models.contexts import Audience


class CareOf(models.Model):
    """One citizen looks after another, from one day to another; a row is ended, not deleted.

    Between adults of equal standing there is none of this: a fuldmagt comes with the login, and is not kept here.
    """

    class Kind(models.TextChoices):
        CUSTODY = Audience.CUSTODY.value, _("Forældremyndighed")
        GUARDIAN = Audience.GUARDIAN.value, _("Værgemål")

    holder = models.ForeignKey(
        "patients.Patient",
        verbose_name=_("forældremyndighedsindehaver eller værge"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    patient = models.ForeignKey(
        "patients.Patient", verbose_name=_("barn eller person under værgemål"), on_delete=models.PROTECT,
        related_name="+", db_index=False,
    )  # fmt: skip
    patient_name = models.CharField(_("barnets eller personens navn"), max_length=300, blank=True)
    kind = models.CharField(_("art"), max_length=10, choices=Kind.choices)
    valid_from = models.DateField(_("gælder fra"))
    valid_until = models.DateField(_("gælder til og med"), null=True, blank=True)
    source = models.CharField(_("kilde"), max_length=100)
    created = models.DateTimeField(_("oprettet"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("forældremyndighed og værgemål"), _("forældremyndighed og værgemål")
        constraints = [
            models.UniqueConstraint(fields=["holder", "patient", "kind", "valid_from"], name="access_careof_once"),
            models.CheckConstraint(condition=~models.Q(holder=models.F("patient")), name="access_careof_of_another"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[Audience.CUSTODY, Audience.GUARDIAN]), name="access_careof_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gte=models.F("valid_from")),
                name="access_careof_order",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="access_careof_has_source"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
