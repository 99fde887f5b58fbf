"""What a log controller must look at, and the reasons that people wrote: kept apart from the log, which holds codes."""

from django.db import models
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from access.models.clients import OrganisationSystem
from access.models.contexts import LEVELS
from access.models.people import User

CODE = r"^[a-z][a-z0-9-]{0,31}$"


class AccessReason(models.Model):
    """Why a record was opened, or a block broken, in a person's own words. Read by log controllers alone.

    It names its context by value: the context is forgotten after ninety days, the reason after five years.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", _("åbning")
        OVERRIDE = "override", _("værdispring")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    context = models.CharField(_("kontekst"), max_length=22)
    kind = models.CharField(_("art"), max_length=10, choices=Kind.choices)
    ground = models.CharField(_("grund"), max_length=32)
    text = models.TextField(_("begrundelse"), blank=True)
    created = models.DateTimeField(_("oprettet"), db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("begrundelse"), _("begrundelser")
        indexes = [models.Index(fields=["context"], name="access_accessreason_context")]
        constraints = [
            models.CheckConstraint(condition=models.Q(ground__regex=CODE), name="access_accessreason_ground_code"),
            models.CheckConstraint(
                condition=models.Q(kind="opening")
                | models.Q(GreaterThanOrEqual(Length(Trim("text")), 10), kind="override"),
                name="access_accessreason_override_told",
            ),
        ]

    def __str__(self) -> str:
        return f"AccessReason/{self.pk}"


class Case(models.Model):
    """One thing to look at: who opened whose record, when, from which unit, and what made somebody ask."""

    class Kind(models.TextChoices):
        OVERRIDE = "override", _("Værdispring")
        FOLLOW_UP = "relation-follow-up", _("Behandlingsrelation følges op")
        NOTIFICATION = "relation-notification", _("Behandlingsrelation ikke fundet")
        UNVERIFIED = "relation-unverified", _("Behandlingsrelation ikke kontrolleret")
        MANUAL = "manual-lookup", _("Opslag på CPR-nummer")
        REVIEW = "review", _("Stikprøve")

    class State(models.TextChoices):
        OPEN = "open", _("åben")
        CLOSED = "closed", _("lukket")

    class Outcome(models.TextChoices):
        """The first two are the system's own; the last is said by the review that asked."""

        CONFIRMED = "confirmed", _("Behandlingsrelationen er fundet")
        NOT_CONFIRMED = "not-confirmed", _("Behandlingsrelationen blev ikke fundet inden fristen")
        JUSTIFIED = "justified", _("Gennemgået: opslaget er begrundet")
        NOT_JUSTIFIED = "not-justified", _("Gennemgået: opslaget er ikke begrundet")
        AWAITS_ANSWER = "awaits-answer", _("Afventer svar fra den, der slog op")
        WITHDRAWN = "withdrawn", _("Spørgsmålet er trukket tilbage")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("art"), max_length=24, choices=Kind.choices)
    context = models.CharField(_("kontekst"), max_length=22)
    user = models.ForeignKey(User, verbose_name=_("bruger"), on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(
        "patients.Patient", verbose_name=_("borger"), on_delete=models.PROTECT, related_name="+"
    )
    organisation_system = models.CharField(max_length=10, choices=OrganisationSystem.choices)
    organisation_id = models.CharField(_("organisation"), max_length=20)
    organisation_name = models.CharField(_("enhed"), max_length=300, blank=True)
    event = models.UUIDField(_("hændelse i loggen"))
    """The audit event that it is about: what an outside source was given as ExternalReferenceId."""
    level = models.CharField(_("niveau"), max_length=12, choices=LEVELS, blank=True)
    """Of the treatment relation, as last told."""
    ground = models.CharField(_("grund"), max_length=32, blank=True)
    reason = models.ForeignKey(
        AccessReason, verbose_name=_("begrundelse"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    question = models.TextField(_("spørgsmål"), blank=True, default="", db_default="")
    """What a log controller asks about; log controllers alone read it, and the answer."""
    answer = models.TextField(_("begrundelse for afgørelsen"), blank=True, default="", db_default="", max_length=2000)
    created = models.DateTimeField(_("oprettet"))
    due = models.DateTimeField(_("frist"))
    next_try = models.DateTimeField(_("spørges igen"), null=True)
    """When we ask about the relation again; None when nobody, or somebody else, does."""
    state = models.CharField(_("tilstand"), max_length=6, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(_("udfald"), max_length=20, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(_("lukket"), null=True)
    closed_by = models.ForeignKey(
        User, verbose_name=_("lukket af"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("sag"), _("sager")
        constraints = [
            models.UniqueConstraint(fields=["kind", "event"], name="access_case_once"),
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at=None, closed_by=None, outcome__in=["", "awaits-answer"])
                | (
                    models.Q(state="closed", closed_at__isnull=False)
                    & models.Q(outcome__in=["confirmed", "not-confirmed", "justified", "not-justified", "withdrawn"])
                ),
                name="access_case_closed_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["", "awaits-answer", "confirmed", "not-confirmed"])
                | models.Q(closed_by__isnull=False),
                name="access_case_judged_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(next_try=None) | models.Q(state="open"), name="access_case_asked_while_open"
            ),
            models.CheckConstraint(condition=models.Q(due__gt=models.F("created")), name="access_case_due_later"),
        ]
        indexes = [
            models.Index(fields=["state", "-created"], name="access_case_list"),
            models.Index(fields=["event"], name="access_case_event"),
            models.Index(fields=["next_try"], condition=models.Q(next_try__isnull=False), name="access_case_next_try"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """How the audit names this row."""
        return f"Case/{self.pk}"
