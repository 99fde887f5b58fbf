"""The open records."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models.clients import LaunchClient, OrganisationSystem
from access.models.people import Role, User
from access.relation.question import Level

HASH = r"^[0-9a-f]{64}$"
OPAQUE = r"^[A-Za-z0-9_-]{22}$"
MANUAL = "manual"
"""The source of a record that somebody opened by typing a CPR number: no system launched it."""


LEVELS = [
    (Level.A_PLUS.value, _("A+ direkte")),
    (Level.A.value, _("A samme tid og sted")),
    (Level.B_PLUS.value, _("B+ samme sted")),
    (Level.B.value, _("B generel")),
    (Level.C.value, _("C historisk")),
    (Level.D.value, _("D kan ikke afklares nu")),
    (Level.E.value, _("E kan ikke afklares")),
    (Level.UNVERIFIED.value, _("ikke kontrolleret")),
]
KNOWN_LEVELS = [value for value, _words in LEVELS]


class Audience(models.TextChoices):
    """What the user is to a record; `access.matrix` says what each may open. Staff are what their role says."""

    CLINICIAN = Role.CLINICIAN.value, Role.CLINICIAN.label
    ASSISTANT = Role.ASSISTANT.value, Role.ASSISTANT.label
    MUNICIPAL = Role.MUNICIPAL.value, Role.MUNICIPAL.label
    CITIZEN = Role.CITIZEN.value, Role.CITIZEN.label
    CUSTODY = "custody", _("Forældremyndighedsindehaver")
    GUARDIAN = "guardian", _("Værge")
    PROXY = "proxy", _("Fuldmagtshaver")
    LOG_CONTROLLER = Role.LOG_CONTROLLER.value, Role.LOG_CONTROLLER.label
    OPERATOR = Role.OPERATOR.value, Role.OPERATOR.label


CITIZENS = (Audience.CITIZEN, Audience.CUSTODY, Audience.GUARDIAN, Audience.PROXY)
"""Those who come in by the citizens' door: nobody launched what they open."""


class PatientContext(models.Model):
    """One patient opened by one user in one browser session; its id stands in every URL of that record."""

    class Closed(models.TextChoices):
        USER = "user", _("lukket af brugeren")
        SIGNED_OUT = "signed-out", _("brugeren loggede ud")
        SIGNED_IN_AGAIN = "signed-in-again", _("nyt login i samme browser")
        SESSION_ENDED = "session-ended", _("sessionen udløb")
        EPJ = "epj", _("lukket af journalsystemet")
        ISSUER = "issuer", _("brugeren loggede ud hos udstederen")
        OPERATOR = "operator", _("lukket af driften")
        SUPERSEDED = "superseded", _("afløst af en ny åbning")
        EXPIRED = "expired", _("udløbet, og åbnet igen")

    id = models.CharField(primary_key=True, max_length=22, editable=False)
    session_key_hash = models.CharField(max_length=64)
    user = models.ForeignKey(User, verbose_name=_("bruger"), on_delete=models.PROTECT, related_name="+")
    organisation_system = models.CharField(max_length=10, choices=OrganisationSystem.choices, blank=True)
    organisation_id = models.CharField(_("organisation"), max_length=20, blank=True)
    organisation_name = models.CharField(_("organisationens navn"), max_length=300, blank=True)
    audience = models.CharField(_("rolle ved åbning"), max_length=20, choices=Audience.choices)
    patient = models.ForeignKey(
        "patients.Patient", verbose_name=_("borger"), on_delete=models.PROTECT, related_name="+"
    )
    patient_name = models.CharField(max_length=300, blank=True)
    """As the launch, or the citizen's own login, gave it."""
    client = models.ForeignKey(LaunchClient, null=True, on_delete=models.PROTECT, related_name="+")
    """None when no system launched it: a citizen's own, and what staff looked up by a CPR number."""
    source = models.CharField(_("åbnet fra"), max_length=100, blank=True)
    correlation_id = models.CharField(_("korrelations-id"), max_length=40)
    relation = models.CharField(
        _("behandlingsrelation"), max_length=12, choices=LEVELS, blank=True, default="", db_default=""
    )
    relation_reference = models.UUIDField(_("reference for behandlingsrelation"), null=True)
    """The audit event that the outside source was given as its reference."""
    ground = models.CharField(_("oplyst grund"), max_length=32, blank=True, default="", db_default="")
    """What was chosen on the page that asks; "" when nothing was asked."""
    opened = models.DateTimeField(_("åbnet"))
    last_seen = models.DateTimeField(_("sidst brugt"))
    expires = models.DateTimeField(_("udløber"))
    closed_at = models.DateTimeField(_("lukket"), null=True)
    closed_reason = models.CharField(_("grund til lukning"), max_length=20, choices=Closed.choices, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("borgerkontekst"), _("borgerkontekster")
        constraints = [
            models.CheckConstraint(condition=models.Q(id__regex=OPAQUE), name="access_patientcontext_id_opaque"),
            models.CheckConstraint(
                condition=models.Q(session_key_hash__regex=HASH), name="access_patientcontext_session_hash"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_reason="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(closed_reason="")),
                name="access_patientcontext_closed_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    audience__in=CITIZENS,
                    client=None,
                    organisation_system="",
                    organisation_id="",
                    organisation_name="",
                    source="",
                )
                | (
                    ~models.Q(audience__in=CITIZENS)
                    & (models.Q(client__isnull=False, source__gt="") | models.Q(client=None, source=MANUAL))
                    & models.Q(organisation_id__gt="")
                    & models.Q(organisation_system__in=OrganisationSystem.values)
                ),
                name="access_patientcontext_launched_or_own",
            ),
            models.CheckConstraint(
                condition=models.Q(relation="") | models.Q(relation__in=KNOWN_LEVELS),
                name="access_patientcontext_relation_known",
            ),
            models.UniqueConstraint(
                fields=["session_key_hash", "patient", "audience"],
                condition=models.Q(audience__in=CITIZENS, closed_at=None),
                name="access_patientcontext_own_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["session_key_hash"], condition=models.Q(closed_at=None), name="access_context_session_open"
            ),
            models.Index(
                fields=["client", "correlation_id"], condition=models.Q(closed_at=None), name="access_context_epj_open"
            ),
        ]

    def __str__(self) -> str:
        return self.id
