"""What the EPJ keeps: patients it has opened, launches it has made, and what each authorisation code stands for."""

import secrets
from datetime import timedelta
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from oauth2_provider.models import AccessToken

LAUNCH_SECONDS = 120
"""From the button at the desk to the authorisation request: redirects only, and a sign-in at most."""


def opaque() -> str:
    """A random word that says nothing."""
    return secrets.token_urlsafe(24)


class Patient(models.Model):
    """Somebody whose record is open at the desk, under the id that FHIR knows; no name for who is on no list."""

    objects: ClassVar[models.Manager["Patient"]] = models.Manager()
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    cpr = models.CharField(max_length=10, unique=True)
    given = models.CharField(max_length=100, blank=True)
    family = models.CharField(max_length=100, blank=True)


class Launch(models.Model):
    """A press on "Åbn med SMART": this user, this patient, from this unit; good for one sign-in and two minutes.

    `intent` says what is wanted first, in the words of Sundhedsjournal; "" for what it opens with itself.
    """

    objects: ClassVar[models.Manager["Launch"]] = models.Manager()
    id = models.CharField(primary_key=True, max_length=40, default=opaque, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    sor = models.CharField(max_length=20)
    intent = models.CharField(max_length=20, blank=True)
    created = models.DateTimeField(default=timezone.now)
    used = models.DateTimeField(null=True)

    @classmethod
    def waiting(cls, launch_id: str) -> "Launch | None":
        """The launch of this id, unless it is used or too old."""
        oldest = timezone.now() - timedelta(seconds=LAUNCH_SECONDS)
        return cls.objects.filter(pk=launch_id, used=None, created__gt=oldest).select_related("user").first()

    def use(self) -> bool:
        """Whether this was the one time that it could be used."""
        return bool(type(self).objects.filter(pk=self.pk, used=None).update(used=timezone.now()))


class Authorisation(models.Model):
    """What an authorisation code was given for, beside what django-oauth-toolkit keeps of it."""

    objects: ClassVar[models.Manager["Authorisation"]] = models.Manager()
    code = models.CharField(max_length=255, unique=True)
    auth_time = models.PositiveBigIntegerField()
    sid = models.CharField(max_length=64, blank=True)
    launch = models.OneToOneField(Launch, null=True, on_delete=models.CASCADE)
    access_token = models.OneToOneField(AccessToken, null=True, on_delete=models.CASCADE)


class UsedAssertion(models.Model):
    """The id of a client's assertion, which works once."""

    objects: ClassVar[models.Manager["UsedAssertion"]] = models.Manager()
    client_id = models.CharField(max_length=100)
    jti = models.CharField(max_length=128)
    expires = models.PositiveBigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client_id", "jti"], name="epj_usedassertion_jti_once")]
