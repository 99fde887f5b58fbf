"""Who signs in, how a patient was launched, and the open patient contexts."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

HASH = r"^[0-9a-f]{64}$"
OPAQUE = r"^[A-Za-z0-9_-]{22}$"


class Role(models.TextChoices):
    """What a person is to the house; `access.matrix` says what each may open."""

    CLINICIAN = "clinician", _("Autoriseret sundhedsperson")
    ASSISTANT = "assistant", _("Medhjælp")
    MUNICIPAL = "municipal", _("Kommunalt plejepersonale")
    LOG_CONTROLLER = "log-controller", _("Logkontrollant")
    OPERATOR = "operator", _("Drift")


class OrganisationSystem(models.TextChoices):
    """Which register an organisation's number stands in."""

    SOR = "sor", _("SOR")
    YDERNUMMER = "ydernummer", _("Ydernummer")
    CVR = "cvr", _("CVR")


class User(AbstractUser):
    """A person who signs in; `issuer` and `subject` identify the person at an identity provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issuer = models.CharField(_("udsteder"), max_length=200, blank=True)
    subject = models.CharField(_("id hos udstederen"), max_length=200, blank=True)
    title = models.CharField(_("titel"), max_length=60, blank=True)
    role = models.CharField(_("rolle"), max_length=20, choices=Role.choices, default=Role.CLINICIAN)
    failed_sign_ins = models.PositiveSmallIntegerField(_("mislykkede login i træk"), default=0)
    failed_at = models.DateTimeField(_("seneste mislykkede login"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("bruger"), _("brugere")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], condition=~models.Q(subject=""), name="access_user_identity_once"
            ),
            models.CheckConstraint(
                condition=models.Q(issuer="", subject="") | (~models.Q(issuer="") & ~models.Q(subject="")),
                name="access_user_identity_whole",
            ),
        ]

    @property
    def display_name(self) -> str:
        """Læge Anna Holm."""
        return f"{self.title} {self.get_full_name() or self.username}".strip()


class LaunchClient(models.Model):
    """A system that may launch (an EPJ): its public keys, and the issuer whose users it may name."""

    client_id = models.CharField(_("klient-id"), max_length=100, unique=True)
    name = models.CharField(_("navn"), max_length=100)
    jwks = models.JSONField(_("offentlige nøgler"))
    user_issuer = models.CharField(_("udsteder af brugere"), max_length=200)
    organisations = models.JSONField(_("tilladte organisationer"), default=list, blank=True)
    """["sor:999000000000210", …]; an empty list means any."""
    active = models.BooleanField(_("aktiv"), default=True)
    created = models.DateTimeField(_("oprettet"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("journalsystem"), _("journalsystemer")
        constraints = [
            models.CheckConstraint(
                condition=models.Func(
                    models.F("jwks"),
                    template="NOT jsonb_path_exists(%(expressions)s, '$.**.d')",
                    output_field=models.BooleanField(),
                ),
                name="access_launchclient_keys_public",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UsedAssertion(models.Model):
    """An assertion that a client has used; the same one never works twice."""

    client = models.ForeignKey(LaunchClient, on_delete=models.CASCADE)
    jti = models.CharField(max_length=128)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "jti"], name="access_usedassertion_jti_once")]


class LaunchTicket(models.Model):
    """What an EPJ's server asked for: one user, one patient, one use, within a minute; a hash is kept, no ticket."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(LaunchClient, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT)
    patient_name = models.CharField(max_length=300, blank=True)
    organisation_system = models.CharField(max_length=10, choices=OrganisationSystem.choices)
    organisation_id = models.CharField(max_length=20)
    organisation_name = models.CharField(max_length=300)
    correlation_id = models.CharField(max_length=40)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=HASH), name="access_launchticket_hash_only"),
            models.CheckConstraint(
                condition=models.Q(expires__gt=models.F("created")), name="access_launchticket_expires_later"
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(used_at__lt=models.F("expires")),
                name="access_launchticket_used_in_time",
            ),
        ]


class PatientContext(models.Model):
    """One patient opened by one user in one browser session; its id stands in every URL of that record."""

    class Closed(models.TextChoices):
        USER = "user", _("lukket af brugeren")
        SIGNED_OUT = "signed-out", _("brugeren loggede ud")
        SIGNED_IN_AGAIN = "signed-in-again", _("nyt login i samme browser")
        SESSION_ENDED = "session-ended", _("sessionen udløb")
        EPJ = "epj", _("lukket af journalsystemet")
        OPERATOR = "operator", _("lukket af driften")
        SUPERSEDED = "superseded", _("afløst af en ny åbning")

    id = models.CharField(primary_key=True, max_length=22, editable=False)
    session_key_hash = models.CharField(max_length=64)
    user = models.ForeignKey(User, verbose_name=_("bruger"), on_delete=models.PROTECT, related_name="+")
    organisation_system = models.CharField(max_length=10, choices=OrganisationSystem.choices)
    organisation_id = models.CharField(_("organisation"), max_length=20)
    organisation_name = models.CharField(_("organisationens navn"), max_length=300)
    audience = models.CharField(_("rolle ved åbning"), max_length=20, choices=Role.choices)
    patient = models.ForeignKey(
        "patients.Patient", verbose_name=_("borger"), on_delete=models.PROTECT, related_name="+"
    )
    patient_name = models.CharField(max_length=300, blank=True)
    """As the launch gave it."""
    on_behalf_of = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(LaunchClient, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("åbnet fra"), max_length=100)
    correlation_id = models.CharField(_("korrelations-id"), max_length=40)
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


class Launch(models.Model):
    """A redeemed ticket on its way to a context, bound to one browser by a cookie of its own."""

    id = models.CharField(primary_key=True, max_length=22, editable=False)
    secret_sha256 = models.CharField(max_length=64)
    ticket = models.OneToOneField(LaunchTicket, on_delete=models.CASCADE)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    context = models.OneToOneField(PatientContext, null=True, on_delete=models.CASCADE)
    """The one context it became; from then on it opens nothing more."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id__regex=OPAQUE), name="access_launch_id_opaque"),
            models.CheckConstraint(condition=models.Q(secret_sha256__regex=HASH), name="access_launch_hash_only"),
        ]
