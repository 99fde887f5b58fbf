"""Who signs in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class Role(models.TextChoices):
    """What a person is to the house; `access.matrix` says what each may open."""

    CLINICIAN = "clinician", _("Autoriseret sundhedsperson")
    ASSISTANT = "assistant", _("Medhjælp")
    MUNICIPAL = "municipal", _("Kommunalt plejepersonale")
    LOG_CONTROLLER = "log-controller", _("Logkontrollant")
    OPERATOR = "operator", _("Drift")
    CITIZEN = "citizen", _("Borger")


class User(AbstractUser):
    """A person who signs in; `issuer` and `subject` identify the person at an identity provider.

    A citizen is one patient, and is nothing else here: who also works with records has a user of that kind beside it,
    and who comes by two issuers is a user of each.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issuer = models.CharField(_("udsteder"), max_length=200, blank=True)
    subject = models.CharField(_("id hos udstederen"), max_length=200, blank=True)
    title = models.CharField(_("titel"), max_length=60, blank=True)
    authorised = models.BooleanField(_("autoriseret"), default=False)
    """Whether the issuer says that the person has an authorisation as a health professional."""
    professional_cpr = models.CharField(max_length=10, blank=True, editable=False)
    """Of somebody at work: asked with at the services of treatment relation and consent, and never shown.

    What a citizen blocks from a professional is blocked from every user of the same number.
    """
    role = models.CharField(_("rolle"), max_length=20, choices=Role.choices, default=Role.CLINICIAN)
    patient = models.ForeignKey(
        "patients.Patient",
        verbose_name=_("borger"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    single_keys = models.BooleanField(_("genveje med én tast"), default=True)
    """Whether the pages listen to shortcuts of a single key (WCAG 2.1.4)."""
    failed_sign_ins = models.PositiveSmallIntegerField(_("mislykkede login i træk"), default=0)
    failed_at = models.DateTimeField(_("seneste mislykkede login"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("bruger"), _("brugere")
        indexes = [
            models.Index(
                fields=["professional_cpr"], condition=~models.Q(professional_cpr=""), name="access_user_professional"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], condition=~models.Q(subject=""), name="access_user_identity_once"
            ),
            models.UniqueConstraint(fields=["issuer", "patient"], name="access_user_patient_once"),
            models.CheckConstraint(
                condition=models.Q(issuer="", subject="") | (~models.Q(issuer="") & ~models.Q(subject="")),
                name="access_user_identity_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(role=Role.CITIZEN, patient__isnull=False, is_staff=False, is_superuser=False)
                | (~models.Q(role=Role.CITIZEN) & models.Q(patient=None)),
                name="access_user_citizen_is_a_patient",
            ),
        ]

    @property
    def display_name(self) -> str:
        """Læge Anna Holm."""
        return f"{self.title} {self.get_full_name() or self.username}".strip()
