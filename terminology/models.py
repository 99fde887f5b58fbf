"""FSIII as it was imported: one release a published version, one entry a concept in it; nothing is ever taken out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from terminology.fsiii import Concept, Kind, Law

UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


class Release(models.Model):
    """A version of the catalogue as one file said it; the one that took effect last is the one in effect."""

    version = models.CharField(_("version"), max_length=40, unique=True)
    source = models.CharField(_("fil"), max_length=200)
    sha256 = models.CharField("sha256", max_length=64, unique=True)
    imported_at = models.DateTimeField(_("indlæst"), auto_now_add=True)
    effective_at = models.DateTimeField(_("i kraft fra"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("FSIII-katalog"), _("FSIII-kataloger")
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="terminology_release_hash"),
            models.CheckConstraint(condition=~Q(version=""), name="terminology_release_named"),
            models.UniqueConstraint(fields=["effective_at"], name="terminology_release_in_effect"),
        ]

    def __str__(self) -> str:
        return self.version


class Entry(models.Model):
    """What a release says of one concept; `fsiii.Concept` says what the columns mean."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="entries", verbose_name=_("katalog"))
    key = models.CharField(_("nøgle"), max_length=36)
    legacy = models.CharField(_("ældre nøgle"), max_length=100, blank=True)
    kind = models.CharField(_("art"), max_length=30)
    name = models.CharField(_("navn"), max_length=300)
    parent = models.CharField(_("overbegreb"), max_length=36, blank=True)
    law = models.CharField(_("lov"), max_length=20, blank=True)
    paragraph = models.CharField(_("paragraf"), max_length=60, blank=True)
    retiring = models.BooleanField(_("udgående"), default=False)
    description = models.TextField(_("beskrivelse"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("FSIII-begreb"), _("FSIII-begreber")
        constraints = [
            models.UniqueConstraint(fields=["release", "key"], name="terminology_entry_once"),
            models.UniqueConstraint(
                fields=["release", "legacy"], condition=~Q(legacy=""), name="terminology_legacy_once"
            ),
            models.CheckConstraint(condition=Q(key__regex=UUID), name="terminology_entry_uuid"),
            models.CheckConstraint(condition=~Q(name=""), name="terminology_entry_named"),
        ]
        indexes = [models.Index(fields=["key"], name="terminology_entry_key")]

    def __str__(self) -> str:
        return self.name

    @property
    def concept(self) -> Concept:
        """The row as the rest of the product knows it."""
        kind, law = Kind(self.kind), Law(self.law)
        return Concept(self.key, self.legacy, kind, self.name, self.parent, law, self.paragraph, self.retiring)
