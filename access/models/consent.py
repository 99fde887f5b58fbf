"""What citizens have blocked from staff, and when staff overrode it."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from access.models.cases import AccessReason
from access.models.people import User

NOBODY = Q(issuer="", subject="")
NOWHERE = Q(sor="", include_sub_units=False)
NEVER = Q(data_from=None, data_to=None)


class Block(models.Model):
    """One thing that a citizen keeps from staff (spærring). It is ended, never changed or deleted (the database)."""

    class Kind(models.TextChoices):
        PERSON = "person", _("en bestemt person")
        ORGANISATION = "organisation", _("oplysninger fra et sted")
        PERIOD = "period", _("oplysninger fra en periode")
        ALL = "all", _("alle oplysninger")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey("patients.Patient", models.PROTECT, verbose_name=_("borger"), related_name="+")
    kind = models.CharField(_("art"), max_length=12, choices=Kind.choices)
    # Of a person: as an identity provider names one.
    issuer = models.CharField(_("udsteder"), max_length=200, blank=True)
    subject = models.CharField(_("id hos udstederen"), max_length=200, blank=True)
    # Of an organisation.
    sor = models.CharField(_("organisation (SOR)"), max_length=20, blank=True)
    include_sub_units = models.BooleanField(_("også underliggende enheder"), default=False)
    # Of a period: the days of the data, both included; without an end it goes on.
    data_from = models.DateField(_("oplysninger fra"), null=True, blank=True)
    data_to = models.DateField(_("oplysninger til og med"), null=True, blank=True)

    valid_from = models.DateTimeField(_("gælder fra"), default=timezone.now)
    valid_until = models.DateTimeField(_("gælder til"), null=True, blank=True)
    created = models.DateTimeField(_("oprettet"), default=timezone.now)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name=_("oprettet af"), related_name="+"
    )
    """None when it was taken in by command, as in the demo."""
    ended = models.DateTimeField(_("ophævet"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("spærring"), _("spærringer")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person", issuer__gt="", subject__gt="") & NOWHERE & NEVER
                | Q(kind="organisation", sor__regex=r"^[0-9]{3,20}$") & NOBODY & NEVER
                | Q(kind="period", data_from__isnull=False) & NOBODY & NOWHERE
                | Q(kind="all") & NOBODY & NOWHERE & NEVER,
                name="access_block_whole",
            ),
            models.CheckConstraint(
                condition=Q(data_to=None) | Q(data_to__gte=F("data_from")), name="access_block_period_order"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="access_block_valid_order"
            ),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(ended__gte=F("created")), name="access_block_ended_later"
            ),
        ]
        indexes = [models.Index(fields=["patient"], condition=Q(ended=None), name="access_block_standing")]

    def __str__(self) -> str:
        return f"Block/{self.pk}"


class Override(models.Model):
    """Once that a user saw what is blocked (værdispring): one context, for a while, on one ground."""

    class Ground(models.TextChoices):
        CONSENTED = "patient-consented", _("Borgeren har givet samtykke")
        UNREACHABLE = "patient-unreachable", _("Væsentligt hensyn til borgeren, som ikke kan kontaktes")
        PUBLIC = "public-interest", _("Åbenbar almen interesse")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    context = models.CharField(_("borgerkontekst"), max_length=22)
    """Its id as a plain value: contexts are forgotten after ninety days, this is not."""
    patient = models.ForeignKey("patients.Patient", models.PROTECT, verbose_name=_("borger"), related_name="+")
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("bruger"), related_name="+")
    role = models.CharField(_("rolle"), max_length=20)
    organisation = models.CharField(_("organisation"), max_length=40)
    correlation = models.CharField(_("korrelations-id"), max_length=40)
    ground = models.CharField(_("grund"), max_length=20, choices=Ground.choices)
    reason = models.OneToOneField(
        AccessReason, models.SET_NULL, null=True, editable=False, verbose_name=_("begrundelse"), related_name="+"
    )
    started = models.DateTimeField(_("begyndt"))
    ends = models.DateTimeField(_("udløber"))
    ended_at = models.DateTimeField(_("slut"), null=True, blank=True)
    """When it stopped showing anything; None until that has been recorded."""

    class Meta:
        verbose_name, verbose_name_plural = _("værdispring"), _("værdispring")
        constraints = [
            models.UniqueConstraint(fields=["context"], condition=Q(ended_at=None), name="access_override_one_open"),
            models.CheckConstraint(condition=Q(ends__gt=F("started")), name="access_override_ends_later"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started"), ended_at__lte=F("ends")),
                name="access_override_ended_within",
            ),
            models.CheckConstraint(
                condition=Q(ground__in=["patient-consented", "patient-unreachable", "public-interest"]),
                name="access_override_ground_known",
            ),
        ]
        indexes = [models.Index(fields=["ends"], condition=Q(ended_at=None), name="access_override_open")]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """How the audit names this row."""
        return f"Override/{self.pk}"
