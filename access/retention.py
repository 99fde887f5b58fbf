"""Forgets what launches leave behind; the audit keeps its own lines."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from access.models import AccessReason, Case, LaunchTicket, PatientContext, RelationAnswer, UsedAssertion

TICKETS = timedelta(days=1)
CONTEXTS = timedelta(days=90)
REASONS = timedelta(days=5 * 366)
"""What people wrote and log controllers judged stays as long as the log (five years)."""


def forget() -> None:
    """Tickets after a day, contexts after ninety, reasons and closed cases after five years, the rest when over."""
    now = timezone.now()
    LaunchTicket.objects.filter(expires__lt=now - TICKETS).delete()
    PatientContext.objects.filter(expires__lt=now - CONTEXTS).delete()
    RelationAnswer.objects.filter(asked__lt=now - TICKETS).delete()
    Case.objects.filter(closed_at__lt=now - REASONS).delete()
    AccessReason.objects.filter(created__lt=now - REASONS).delete()
    UsedAssertion.objects.filter(expires__lt=now).delete()
    SessionStore.clear_expired()
