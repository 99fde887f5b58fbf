"""Forgets what launches leave behind; the audit keeps its own lines."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from access.consent import overriding
from access.models import AccessReason, LaunchTicket, PatientContext, UsedAssertion

TICKETS = timedelta(days=1)
CONTEXTS = timedelta(days=90)
REASONS = timedelta(days=5 * 365)


def forget() -> None:
    """Tickets and their launches after a day, contexts after ninety, reasons after five years, the rest once over."""
    now = timezone.now()
    overriding.sweep_once()
    AccessReason.objects.filter(created__lt=now - REASONS).delete()
    LaunchTicket.objects.filter(expires__lt=now - TICKETS).delete()
    PatientContext.objects.filter(expires__lt=now - CONTEXTS).delete()
    UsedAssertion.objects.filter(expires__lt=now).delete()
    SessionStore.clear_expired()
