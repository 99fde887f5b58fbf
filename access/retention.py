"""Forgets what launches leave behind; the audit keeps its own lines."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from access.models import LaunchTicket, PatientContext, UsedAssertion

TICKETS = timedelta(days=1)
CONTEXTS = timedelta(days=90)


def forget() -> None:
    """Tickets and their launches after a day, contexts after ninety, the rest when it is over."""
    now = timezone.now()
    LaunchTicket.objects.filter(expires__lt=now - TICKETS).delete()
    PatientContext.objects.filter(expires__lt=now - CONTEXTS).delete()
    UsedAssertion.objects.filter(expires__lt=now).delete()
    SessionStore.clear_expired()
