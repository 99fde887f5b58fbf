"""Who signs in, how a patient was launched, and the open patient contexts."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in; `issuer` and `subject` identify the person at an identity provider."""

    issuer = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=200, blank=True)
