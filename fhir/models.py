"""Who may deliver documents, and every delivery: the queue of record and the quarantine in one table."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

ALGORITHMS = ("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "Ed25519", "EdDSA")
"""What an issuer may be allowed to sign with: asymmetric only, so that our copy of its keys can sign nothing."""
RATE = r"^[1-9][0-9]{0,8}/(sec|min|hour|day)$"
SCOPE = r"^(\*|[0-9]{3,20}|(ydernummer|cvr):[0-9]{4,8})$"
"""The whole log, or an organisation as the events of its users name it."""
SHA256 = r"^[0-9a-f]{64}$"


HOLDS_SECRET_KEY = Func(
    F("jwks"),
    Value("$.keys[*] ? (exists(@.d) || exists(@.k) || exists(@.p))"),
    function="jsonb_path_exists",
    output_field=models.BooleanField(),
)


class Issuer(models.Model):
    """One who signs senders' tokens; its public keys are registered here and are never fetched."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    url = models.CharField(_("udsteder (iss)"), max_length=300)
    algorithms = ArrayField(models.CharField(max_length=10), verbose_name=_("algoritmer"), default=list)
    jwks = models.JSONField(_("offentlige nøgler (JWKS)"), default=dict)
    active = models.BooleanField(_("aktiv"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("udsteder"), _("udstedere")
        constraints = [
            models.UniqueConstraint(fields=["url"], name="fhir_issuer_url_once"),
            models.CheckConstraint(condition=~Q(url=""), name="fhir_issuer_url_given"),
            models.CheckConstraint(
                condition=Q(algorithms__contained_by=list(ALGORITHMS)) & Q(algorithms__len__gte=1),
                name="fhir_issuer_algorithms_asymmetric",
                violation_error_message=_("Vælg mindst én asymmetrisk algoritme, fx ES256."),
            ),
            models.CheckConstraint(
                condition=~Q(HOLDS_SECRET_KEY),
                name="fhir_issuer_keys_public",
                violation_error_message=_("Kun offentlige nøgler registreres her."),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class Sender(models.Model):
    """A system that may deliver: which issuer speaks for it, which kinds of document, how many requests."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issuer = models.ForeignKey(Issuer, models.PROTECT, verbose_name=_("udsteder"))
    subject = models.CharField(_("emne (sub)"), max_length=300)
    name = models.CharField(_("navn"), max_length=300)
    kinds = ArrayField(models.CharField(max_length=50), verbose_name=_("dokumenttyper"), default=list, blank=True)
    reads_log = ArrayField(
        models.CharField(max_length=40, validators=[RegexValidator(SCOPE)]),
        verbose_name=_("læser loggen"),
        default=list,
        blank=True,
        help_text=_("* for hele loggen, eller organisationer, fx 999000000000210 (med underliggende) og cvr:12345678"),
    )
    """Of a log controller's system: whose events it may read (ADR 0034)."""
    rate = models.CharField(_("højeste antal"), max_length=20, default="600/min")
    active = models.BooleanField(_("aktiv"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("afsender"), _("afsendere")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="fhir_sender_subject_once"),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(name=""), name="fhir_sender_named"),
            models.CheckConstraint(
                condition=Q(kinds=[]) | Q(reads_log=[]),
                name="fhir_sender_delivers_or_reads",
                violation_error_message=_("Den, der leverer dokumenter, læser ikke loggen."),
            ),
            models.CheckConstraint(
                condition=Q(rate__regex=RATE),
                name="fhir_sender_rate_known",
                violation_error_message=_("Skriv antal og periode, fx 600/min (sec, min, hour eller day)."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_authenticated(self) -> bool:
        """What Django REST Framework asks of a request's user."""
        return True


class Delivery(models.Model):
    """What one sender delivered, once: its bytes lie in private storage, its judgement and our answer here."""

    class State(models.TextChoices):
        RECEIVED = "received", _("modtaget, ikke lagt på plads")
        STORED = "stored", _("lagt på plads")
        QUARANTINED = "quarantined", _("i karantæne")
        DEAD = "dead", _("opgivet")

    class Door(models.TextChoices):
        DOCUMENT = "document", _("dokumentet alene")
        TRANSACTION = "transaction", _("med metadata")
        REPORT = "report", _("kommunal rapport")

    class Judged(models.TextChoices):
        ACCEPTED = "accepted", _("modtaget")
        SHOW = "show", _("vises")
        DISCLAIMER = "disclaimer", _("vises med forbehold")
        ERROR = "error", _("kan ikke vises")
        DUPLICATE = "duplicate", _("id er brugt til andet")
        REFUSED = "refused", _("afvist")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sender = models.ForeignKey(Sender, models.PROTECT, verbose_name=_("afsender"))
    sha256 = models.CharField("sha256", max_length=64)
    size = models.PositiveBigIntegerField("bytes")
    content_type = models.CharField(_("format"), max_length=40)
    door = models.CharField(_("dør"), max_length=12, choices=Door)
    address = models.CharField(_("id i adressen"), max_length=64, blank=True)
    kind = models.CharField(_("dokumenttype"), max_length=50, blank=True)
    state = models.CharField(_("tilstand"), max_length=12, choices=State)
    handling = models.CharField(_("håndtering"), max_length=10, choices=Judged)
    findings = models.JSONField(_("fund"), default=list, blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP-svar"))
    # Text, not jsonb: a repeat gets the same bytes, and FHIR XML depends on the order that jsonb would lose.
    answer = models.TextField(_("svar"))
    reason = models.CharField(_("årsag"), max_length=100, blank=True)
    attempts = models.PositiveSmallIntegerField(_("forsøg"), default=0)
    next_try = models.DateTimeField(_("næste forsøg"), null=True, blank=True)
    received_at = models.DateTimeField(_("modtaget"))
    stored_at = models.DateTimeField(_("lagt på plads"), null=True, blank=True)

    brought: Sequence[UUID] | None = None
    """No column: what a kind has just stored of it and will follow up after the commit; None when nobody knows."""

    class Meta:
        verbose_name, verbose_name_plural = _("levering"), _("leveringer")
        constraints = [
            models.UniqueConstraint(fields=["sender", "sha256"], name="fhir_delivery_bytes_once"),
            models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="fhir_delivery_sha256_whole"),
            models.CheckConstraint(
                condition=Q(content_type__in=["application/fhir+json", "application/fhir+xml"]),
                name="fhir_delivery_content_type_known",
            ),
            models.CheckConstraint(
                condition=Q(door__in=["document", "transaction", "report"]), name="fhir_delivery_door_known"
            ),
            models.CheckConstraint(
                condition=Q(handling__in=["accepted", "show", "disclaimer", "error", "duplicate", "refused"]),
                name="fhir_delivery_handling_known",
            ),
            # What waits has a time to be tried; what is stored says when; what is kept back says why.
            models.CheckConstraint(
                condition=Q(state="received", next_try__isnull=False, stored_at=None)
                | Q(state="stored", next_try=None, stored_at__isnull=False)
                | Q(state__in=["quarantined", "dead"], next_try=None, stored_at=None) & ~Q(reason=""),
                name="fhir_delivery_state_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="stored", status__gte=300) & ~Q(state="quarantined", status__lt=400),
                name="fhir_delivery_status_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try"], name="fhir_delivery_due", condition=Q(state="received")),
            models.Index(fields=["-received_at"], name="fhir_delivery_newest"),
            models.Index(fields=["state", "-received_at"], name="fhir_delivery_waiting", condition=~Q(state="stored")),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """How the audit names this row."""
        return f"Delivery/{self.pk}"
