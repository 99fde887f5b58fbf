"""Who has custody of whom, and who is whose guardian, as an authority told it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models.contexts import Audience
from access.models.people import User


class CareOf(models.Model):
    """One citizen looks after another, from one day to another; a row is ended, not deleted.

    What the register told counts at once; what a person entered counts when another person has confirmed it.
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
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, verbose_name=_("indtastet af"), related_name="+"
    )
    """Who wrote it in the administration, or last made more of it; None when it came from a register."""
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, verbose_name=_("bekræftet af"), related_name="+"
    )
    confirmed_at = models.DateTimeField(_("bekræftet"), null=True, editable=False)

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
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None, confirmed_at=None)
                | models.Q(
                    ~models.Q(confirmed_by=models.F("entered_by")),
                    entered_by__isnull=False,
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                ),
                name="access_careof_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def counts(self) -> bool:
        """Whether anybody may see anything because of it: `COUNTS`, of one row."""
        return self.entered_by_id is None or self.confirmed_by_id is not None


COUNTS = models.Q(entered_by=None) | models.Q(confirmed_by__isnull=False)
"""A register has told it, or two persons have."""
