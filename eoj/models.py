"""Municipal care: the reports as they came, every version of every resource, and what stands now."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from eoj.item import Area
from eoj.policy import Audience, Leave
from fhir.models import Delivery
from patients.models import Patient

KEY = ["patient", "sor", "type", "resource_id"]
"""What one resource is. The organisation and the citizen belong to it: nobody else's report can touch it."""


class Report(models.Model):
    """One care delivery report: what one organisation says of one citizen, at one time. Never changed."""

    id = models.CharField(primary_key=True, max_length=64)
    digest = models.CharField("sha256", max_length=64)
    delivery = models.ForeignKey(Delivery, models.PROTECT, db_index=False, verbose_name=_("levering"))
    patient = models.ForeignKey(Patient, models.PROTECT, db_index=False, verbose_name=_("borger"))
    sor = models.CharField(_("organisation (SOR)"), max_length=20)
    timestamp = models.DateTimeField(_("dannet"))
    received_at = models.DateTimeField(_("modtaget"))
    deceased = models.BooleanField(_("borgeren er død"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("kommunal rapport"), _("kommunale rapporter")
        indexes = [models.Index(fields=["patient", "sor", "-timestamp"], name="eoj_report_newest")]

    def __str__(self) -> str:
        return f"CareReport/{self.pk}"


class LawPolicy(models.Model):
    """Whether an audience may see a law area of municipal data, from one day to another, and on what legal basis."""

    area = models.CharField(_("lovområde"), max_length=16, choices=[
        (Area.HEALTH, _("Sundhedsloven § 138 og helbredstilstande")),
        (Area.FUNCTION, _("Funktionsevnetilstande, niveauer og mål")),
        (Area.SERVICE, _("Indsatser efter serviceloven")),
        (Area.ELDERLY, _("Indsatser efter ældreloven")),
        (Area.ADMIN, _("0-ydelser (administrative)")),
    ])  # fmt: skip
    audience = models.CharField(_("målgruppe"), max_length=16, choices=[
        (Audience.CITIZEN, _("Borgeren")),
        (Audience.CLINICIAN, _("Sundhedsperson i aktuel behandling")),
        (Audience.MUNICIPAL, _("Kommunalt plejepersonale")),
    ])  # fmt: skip
    leave = models.CharField(_("må se"), max_length=8, choices=[
        (Leave.ALL, _("alt")), (Leave.OWN, _("egen kommunes oplysninger")), (Leave.NONE, _("intet")),
    ])  # fmt: skip
    basis = models.TextField(_("hjemmel"))
    valid_from = models.DateField(_("gælder fra"))
    valid_to = models.DateField(_("gælder til og med"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("adgang efter lovområde"), _("adgang efter lovområde")
        constraints = [
            models.UniqueConstraint(fields=["area", "audience", "valid_from"], name="eoj_lawpolicy_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")), name="eoj_lawpolicy_order"
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="eoj_lawpolicy_has_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.get_area_display()}"


class Said(models.Model):
    """What a report says of a resource; the columns of a version and of what stands."""

    patient = models.ForeignKey(Patient, models.PROTECT, db_index=False, verbose_name=_("borger"))
    sor = models.CharField(_("organisation (SOR)"), max_length=20)
    type = models.CharField(_("ressource"), max_length=20)
    resource_id = models.CharField(_("ressourcens id"), max_length=64)
    report = models.ForeignKey(Report, models.PROTECT, db_index=False, verbose_name=_("rapport"))
    profile = models.CharField(_("profil"), max_length=64)
    effective = models.DateTimeField(_("gældende fra"))
    reported = models.DateTimeField(_("rapporteret"))
    invalid = models.BooleanField(_("fejlregistreret"))
    state = models.CharField(_("tilstand"), max_length=24)
    code = models.CharField(_("kode"), max_length=36, blank=True)
    area = models.CharField(_("lovområde"), max_length=16, blank=True)
    recorded = models.CharField(_("oprettet"), max_length=35, blank=True)
    ended = models.CharField(_("slut"), max_length=35, blank=True)
    level = models.SmallIntegerField(_("niveau"), null=True)
    refs = models.JSONField(_("henvisninger"), default=list)
    detail = models.JSONField(_("øvrigt"), default=dict)
    digest = models.CharField("sha256", max_length=64)

    class Meta:
        abstract = True


class Version(Said):
    """One resource in one report. All are kept, also those that say nothing new: order of arrival must not matter."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("version"), _("versioner")
        constraints = [
            models.UniqueConstraint(fields=[*KEY, "report"], name="eoj_version_once"),
        ]
        indexes = [models.Index(fields=["report"], name="eoj_version_report")]


class Standing(Said):
    """What stands of a resource now: its newest version, and what only all of them together can tell."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, db_index=False, verbose_name=_("version"))
    hidden = models.BooleanField(_("skjult"))
    created = models.CharField(_("først oprettet"), max_length=35, blank=True)
    changed = models.DateTimeField(_("senest ændret"))
    arrived = models.DateTimeField(_("ændringen modtaget"))
    since = models.DateTimeField(_("ikke længere aktuel fra"), null=True)
    levels = models.JSONField(_("niveauer"), default=list)

    class Meta:
        verbose_name, verbose_name_plural = _("aktuel oplysning"), _("aktuelle oplysninger")
        constraints = [
            models.UniqueConstraint(fields=KEY, name="eoj_standing_once"),
            models.CheckConstraint(condition=Q(hidden=True) | Q(invalid=False), name="eoj_standing_invalid_hidden"),
        ]
