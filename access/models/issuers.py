"""Who may say who somebody is, and the sign-ins that are under way there."""

from typing import Any

from django.contrib.sessions.models import Session
from django.db import models
from django.utils.translation import gettext_lazy as _

from access.doors import Door
from access.models.clients import LaunchClient
from access.models.contexts import HASH
from access.models.launches import Launch
from access.models.people import Role

ALGORITHMS = ("ES256", "PS256", "RS256")
STAFF_ROLES = (Role.CLINICIAN, Role.ASSISTANT, Role.MUNICIPAL, Role.LOG_CONTROLLER)
"""What an issuer can make of somebody; operators have a password of the house, and citizens another kind of issuer."""


def _jsonb(template: str, **fields: str) -> models.Func:
    named = {name: models.F(field) for name, field in fields.items()}
    return models.Func(*named.values(), template=template, output_field=models.BooleanField())


def _within(field: str, *allowed: str) -> Any:
    held = ", ".join(f'"{one}"' for one in allowed)
    return _jsonb(f"'[{held}]'::jsonb @> %(expressions)s", value=field)


def _some(field: str) -> Any:
    return _jsonb("%(expressions)s <> '[]'::jsonb", value=field)


class Issuer(models.Model):
    """An identity provider (OpenID Connect) that this site trusts, for staff or for citizens; it holds no secret."""

    issuer = models.CharField(_("udsteder"), max_length=200)
    """Its URL, exactly as its tokens and its metadata say it."""
    name = models.CharField(_("navn"), max_length=100)
    door = models.CharField(
        _("dør"), max_length=10, choices=[(Door.STAFF.value, _("Personale")), (Door.CITIZEN.value, _("Borgere"))]
    )
    client_id = models.CharField(_("vores klient-id"), max_length=200)
    algorithms = models.JSONField(_("signaturalgoritmer"))
    roles = models.JSONField(_("roller"), default=list, blank=True)
    acr_values = models.JSONField(_("sikringsniveauer"))
    """Those that are good enough, word for word; a name that does not stand here is never taken for higher."""
    max_age = models.PositiveIntegerField(_("højeste alder for et login i sekunder"), null=True, blank=True)
    launches = models.BooleanField(_("åbner journaler (SMART)"), default=False)
    launch_client = models.ForeignKey(
        LaunchClient, verbose_name=_("åbner som"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    fhir_base = models.CharField(_("FHIR-server"), max_length=200, blank=True)
    hosts = models.JSONField(
        _("andre værter for nøgler og tokens"),
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
    )
    """Hosts beside its own where its metadata may place its endpoints and keys."""
    active = models.BooleanField(_("aktiv"), default=True)
    created = models.DateTimeField(_("oprettet"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("loginudsteder"), _("loginudstedere")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "door"], name="access_issuer_once_a_door"),
            models.UniqueConstraint(fields=["issuer", "client_id"], name="access_issuer_client_once"),
            models.UniqueConstraint(
                fields=["fhir_base"], condition=models.Q(launches=True), name="access_issuer_fhir_base_once"
            ),
            models.CheckConstraint(
                condition=models.Q(_some("algorithms"), _within("algorithms", *ALGORITHMS)),
                name="access_issuer_algorithms_known",
            ),
            models.CheckConstraint(condition=models.Q(_some("acr_values")), name="access_issuer_acr_required"),
            models.CheckConstraint(
                condition=models.Q(_within("roles", *STAFF_ROLES))
                & (models.Q(door=Door.STAFF.value) | models.Q(door=Door.CITIZEN.value, roles=[])),
                name="access_issuer_roles_of_staff",
            ),
            models.CheckConstraint(
                condition=models.Q(launches=False)
                | models.Q(launches=True, door=Door.STAFF.value, launch_client__isnull=False, fhir_base__gt=""),
                name="access_issuer_launches_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LoginTransaction(models.Model):
    """One sign-in on its way to an issuer and back, found by its `state`, bound to one browser, used once."""

    class Kind(models.TextChoices):
        TICKET = "ticket"
        SMART = "smart"
        STAFF = "staff"
        CITIZEN = "citizen"
        AGAIN = "again"
        """Somebody who is signed in proves it once more."""

    state_sha256 = models.CharField(primary_key=True, max_length=64, editable=False)
    browser_sha256 = models.CharField(max_length=64)
    """Of the secret in the transaction's own cookie."""
    nonce = models.CharField(max_length=64)
    verifier = models.CharField(max_length=128)
    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE)
    door = models.CharField(max_length=10, choices=Kind.choices)
    launch = models.ForeignKey(Launch, null=True, on_delete=models.CASCADE)
    """What the ticket door opened."""
    smart_launch = models.CharField(max_length=2000, blank=True)
    """The EPJ's own word for it, at the SMART door."""
    next_path = models.CharField(max_length=500, blank=True)
    created = models.DateTimeField()
    expires = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state_sha256__regex=HASH, browser_sha256__regex=HASH),
                name="access_logintransaction_hash_only",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(used_at__lt=models.F("expires")),
                name="access_logintransaction_used_in_time",
            ),
            models.CheckConstraint(
                condition=models.Q(door="ticket", launch__isnull=False, smart_launch="")
                | models.Q(door="smart", launch=None, smart_launch__gt="")
                | models.Q(door__in=["staff", "citizen", "again"], launch=None, smart_launch=""),
                name="access_logintransaction_door_whole",
            ),
        ]


class IssuedSession(models.Model):
    """Which login a browser session came from, so that the issuer can end it; it goes when the session goes."""

    session = models.OneToOneField(Session, primary_key=True, on_delete=models.CASCADE, related_name="+")
    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE)
    subject = models.CharField(max_length=200)
    sid = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["issuer", "subject"], name="access_issuedsession_subject")]


class UsedLogoutToken(models.Model):
    """A logout token that has ended sessions: the same one does nothing more."""

    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE)
    jti = models.CharField(max_length=255)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "jti"], name="access_usedlogouttoken_jti_once")]
