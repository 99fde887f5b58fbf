"""The systems that may launch, and what their assertions leave behind."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationSystem(models.TextChoices):
    """Which register an organisation's number stands in."""

    SOR = "sor", _("SOR")
    YDERNUMMER = "ydernummer", _("Ydernummer")
    CVR = "cvr", _("CVR")


class LaunchClient(models.Model):
    """A system that may launch (an EPJ): its public keys, and the issuer whose users it may name."""

    client_id = models.CharField(_("klient-id"), max_length=100, unique=True)
    name = models.CharField(_("navn"), max_length=100)
    jwks = models.JSONField(_("offentlige nøgler"))
    user_issuer = models.CharField(_("udsteder af brugere"), max_length=200)
    organisations = models.JSONField(_("tilladte organisationer"), default=list, blank=True)
    """["sor:999000000000210", …]; an empty list means any."""
    shared_workstation = models.BooleanField(_("delte arbejdspladser"), default=False)
    """Its users share machines: a session that it opened ends after a few minutes, and the screen is emptied."""
    unvouched = models.JSONField(
        _("enheder uden behandlingsrelation ved åbning"),
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text=_('En åbning herfra er ikke i sig selv tegn på en behandlingsrelation. "*" betyder alle enheder.'),
    )
    """["sor:999000000000230", …]"""
    asks_purpose = models.BooleanField(
        _("spørg om formålet"),
        default=False,
        db_default=False,
        help_text=_("Systemet oplyser ikke selv formålet, så brugeren bliver spurgt ved hver åbning."),
    )
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
