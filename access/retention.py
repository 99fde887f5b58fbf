"""Forgets what launches leave behind; the audit keeps its own lines."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from access.models import Launch, LoginTransaction, PatientContext, UsedAssertion

LAUNCHES = timedelta(days=1)
CONTEXTS = timedelta(days=90)


def forget() -> None:
    """Launches and sign-ins under way after a day, contexts after ninety, the rest when it is over."""
    now = timezone.now()
    Launch.objects.filter(expires__lt=now - LAUNCHES).delete()
    LoginTransaction.objects.filter(expires__lt=now - LAUNCHES).delete()
    PatientContext.objects.filter(expires__lt=now - CONTEXTS).delete()
    UsedAssertion.objects.filter(expires__lt=now).delete()
    SessionStore.clear_expired()
