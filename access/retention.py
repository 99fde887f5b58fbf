"""Forgets what launches leave behind; the audit keeps its own lines."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from access.consent import overriding
from access.models import (
    AccessReason,
    Case,
    Launch,
    LoginTransaction,
    PatientContext,
    RelationAnswer,
    UsedAssertion,
    UsedLogoutToken,
)

LAUNCHES = timedelta(days=1)
CONTEXTS = timedelta(days=90)
REASONS = timedelta(days=5 * 366)
"""What people wrote and log controllers judged stays as long as the log (five years)."""


def forget() -> None:
    """Launches and logins under way after a day, contexts after ninety, reasons and closed cases after five years."""
    now = timezone.now()
    overriding.sweep_once()
    Launch.objects.filter(expires__lt=now - LAUNCHES).delete()
    LoginTransaction.objects.filter(expires__lt=now - LAUNCHES).delete()
    PatientContext.objects.filter(expires__lt=now - CONTEXTS).delete()
    RelationAnswer.objects.filter(asked__lt=now - LAUNCHES).delete()
    Case.objects.filter(closed_at__lt=now - REASONS).delete()
    AccessReason.objects.filter(created__lt=now - REASONS).delete()
    UsedAssertion.objects.filter(expires__lt=now).delete()
    UsedLogoutToken.objects.filter(expires__lt=now).delete()
    SessionStore.clear_expired()
