"""What was said about treatment relations: answers on their way to a context, and notifications that came later."""

from django.db import models
from uuid_utils.compat import uuid7

from access.models.clients import OrganisationSystem
from access.models.contexts import HASH, KNOWN_LEVELS, LEVELS
from access.models.people import User


class RelationAnswer(models.Model):
    """One answer for one opening, so that a page with a question in between does not have the source asked twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session_key_hash = models.CharField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    patient = models.ForeignKey("patients.Patient", on_delete=models.CASCADE, related_name="+")
    organisation_system = models.CharField(max_length=10, choices=OrganisationSystem.choices)
    organisation_id = models.CharField(max_length=20)
    correlation_id = models.CharField(max_length=40)
    level = models.CharField(max_length=12, choices=LEVELS)
    evidence = models.CharField(max_length=40)
    reference = models.UUIDField(null=True)
    followed_up = models.BooleanField()
    asked = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(session_key_hash__regex=HASH), name="access_answer_session_hash"),
            models.CheckConstraint(condition=models.Q(level__in=KNOWN_LEVELS), name="access_answer_level_known"),
        ]
        indexes = [
            models.Index(
                fields=["session_key_hash"], condition=models.Q(used_at=None), name="access_answer_session_unused"
            )
        ]


class RelationInbox(models.Model):
    """How far the notifications of the national service are fetched: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    offset = models.PositiveBigIntegerField(default=0)
    """The number of the newest that was kept."""
    next_try = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="access_relationinbox_one")]


class RelationNotification(models.Model):
    """A notification as it came; its number makes it the same one however often it is fetched."""

    number = models.PositiveBigIntegerField(primary_key=True)
    reference = models.UUIDField()
    level = models.CharField(max_length=12, choices=LEVELS)
    received = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(level__in=KNOWN_LEVELS), name="access_notification_level_known")
        ]
