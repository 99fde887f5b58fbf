"""Municipal care: the reports as they came, every version of every resource, whom we fetch from."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from eoj.item import Area
from eoj.policy import Audience, Leave
from fhir.models import Delivery, Sender
from patients.models import Patient


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
        (Audience.CUSTODY, _("Forældremyndighedsindehaver (ellers som borgeren)")),
        (Audience.GUARDIAN, _("Værge (ellers som borgeren)")),
        (Audience.PROXY, _("Fuldmagtshaver (ellers som borgeren)")),
        (Audience.CLINICIAN, _("Sundhedsperson i aktuel behandling")),
        (Audience.ASSISTANT, _("Medhjælp (ellers som sundhedspersonen)")),
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


class Version(models.Model):
    """One resource in one report. All are kept, also those that say nothing new: order of arrival must not matter.

    Nothing but a report's own transaction writes its rows, so they carry no foreign keys to be checked one by one.
    """

    pk = models.CompositePrimaryKey("patient_id", "sor", "type", "resource_id", "report_id")
    patient = models.ForeignKey(Patient, models.PROTECT, db_index=False, db_constraint=False, verbose_name=_("borger"))
    sor = models.CharField(_("organisation (SOR)"), max_length=20)
    type = models.CharField(_("ressource"), max_length=20)
    resource_id = models.CharField(_("ressourcens id"), max_length=64)
    report = models.ForeignKey(Report, models.PROTECT, db_index=False, db_constraint=False, verbose_name=_("rapport"))
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
        verbose_name, verbose_name_plural = _("version"), _("versioner")


ADDRESS = (
    r"^(https://[A-Za-z0-9.-]+|https?://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-])?$"
)
"""No user, no query, no slash at the end; without TLS only to this machine."""


class Gateway(models.Model):
    """One who answers what has changed since a time: where, how often, and how far we have come (ADR 0019)."""

    class Ending(models.TextChoices):
        """How a run can end, in a sentence for whoever looks after the running."""

        DONE = "done", _("Alt er hentet.")
        STOPPED = "stopped", _("Afbrudt hos os; næste kørsel fortsætter, hvor denne slap.")
        SENDER = "sender", _("Afsenderen er ikke aktiv eller må ikke levere kommunale rapporter.")
        TOKEN = "token", _("Adgangsbeviset til gatewayen kan ikke læses.")
        UNAUTHORISED = "unauthorised", _("Gatewayen afviste vores adgangsbevis.")
        UNTRUSTED = "untrusted", _("Gatewayens certifikat kan ikke godkendes.")
        UNREACHABLE = "unreachable", _("Gatewayen svarer ikke.")
        BUSY = "busy", _("Gatewayen kan ikke svare lige nu.")
        REFUSED = "refused", _("Gatewayen afviste forespørgslen.")
        REDIRECTED = "redirected", _("Gatewayen viste os videre til en anden adresse; dertil er intet sendt.")
        ELSEWHERE = "elsewhere", _("Næste side skulle ligge et andet sted end gatewayen; dertil er intet sendt.")
        ENDLESS = "endless", _("Gatewayen giver de samme sider igen og igen.")
        NOT_FHIR = "not-fhir", _("Gatewayen svarede med noget, der ikke er FHIR i JSON.")
        NOT_SEARCHSET = "not-searchset", _("Gatewayen svarede med noget andet end et søgeresultat.")
        TOO_LARGE = "too-large", _("En side fyldte mere, end vi tager imod: hent færre rapporter pr. side.")
        CLOCK = "clock", _("Gatewayens ur er mere end et døgn foran vores.")
        HOUSE = "house", _("Vi kunne ikke gemme det hentede; næste kørsel henter det igen.")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("navn"), max_length=100)
    base_url = models.CharField(_("adresse"), max_length=300, help_text=_("FHIR-adressen, fx https://gateway.dk/fhir"))
    sender = models.ForeignKey(
        Sender, models.PROTECT, verbose_name=_("afsender"), help_text=_("Den, hvis leveringer det hentede bliver.")
    )
    active = models.BooleanField(_("hentes efter planen"), default=True)
    daily_at = models.TimeField(_("hver dag kl."), null=True, blank=True)
    every_hours = models.PositiveSmallIntegerField(_("eller hver … time"), null=True, blank=True)
    count = models.PositiveSmallIntegerField(
        _("rapporter pr. side"), default=200, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    due = models.DateTimeField(_("hentes næste gang"), default=timezone.now, editable=False)
    rung = models.DateTimeField(_("kaldt"), null=True, editable=False)
    since = models.DateTimeField(_("hentet til og med"), null=True, editable=False)
    # Of the run that goes on, or was broken off:
    next_page = models.TextField(_("næste side"), blank=True, editable=False)
    until = models.DateTimeField(_("kørslens første svar"), null=True, editable=False)
    newest = models.DateTimeField(_("kørslens nyeste rapport"), null=True, editable=False)
    run = models.UUIDField(_("kørsel"), null=True, editable=False)
    lease = models.DateTimeField(_("optaget til"), null=True, editable=False)
    # Of the last one:
    started = models.DateTimeField(_("begyndt"), null=True, editable=False)
    finished = models.DateTimeField(_("slut"), null=True, editable=False)
    ending = models.CharField(_("udfald"), max_length=16, choices=Ending, blank=True, editable=False)
    told = models.JSONField(_("optælling"), default=dict, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("gateway"), _("gateways")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="eoj_gateway_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="eoj_gateway_named"),
            models.CheckConstraint(
                condition=Q(base_url__regex=ADDRESS),
                name="eoj_gateway_address",
                violation_error_message=_(
                    "Skriv en https-adresse uden skråstreg til sidst, fx https://gateway.dk/fhir."
                ),
            ),
            models.CheckConstraint(
                # Asked about NULL, a range is neither true nor false, which a check lets pass.
                condition=Q(daily_at=None, every_hours__isnull=False, every_hours__range=(1, 168))
                | Q(daily_at__isnull=False, every_hours=None),
                name="eoj_gateway_plan",
                violation_error_message=_("Vælg enten et klokkeslæt eller et antal timer (1 til 168)."),
            ),
            models.CheckConstraint(condition=Q(count__range=(1, 1000)), name="eoj_gateway_count"),
            models.CheckConstraint(
                condition=Q(run=None, lease=None) | Q(run__isnull=False, lease__isnull=False), name="eoj_gateway_claim"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """How the audit names this row."""
        return f"Gateway/{self.pk}"
