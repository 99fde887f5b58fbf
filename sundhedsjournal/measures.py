"""What the metrics page tells: each room counts for itself, in a query or two that never go through the log."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from django.db import connection

from audit import partitions
from audit.minlog import figures as owed
from audit.sealing import figures as sealing
from ekg import preview
from exports import making
from fhir import sweep

Values = Mapping[str, float | None]
"""By name, a label in braces after it; None for what cannot be told."""

TOLD = {
    "audit_partitions_missing": "Months, this and the next, that no partition takes",
    "audit_default_partition_in_use": "1 when events lie where no month takes them",
    "audit_seal_lag_seconds": "Age of the oldest event that no checkpoint covers; 0 when there is none",
    "audit_seal_waiting_rows": "Events that no checkpoint covers, counted to ten thousand",
    "audit_seal_signed_rows": "Events under the newest checkpoint",
    "audit_seal_published_rows": "Events under the newest checkpoint outside the database",
    "audit_seal_checkpoint_age_seconds": "Seconds since the newest checkpoint was signed",
    "minlog_waiting": "Looks that MinLog has not acknowledged",
    "minlog_oldest_seconds": "Age of the oldest of them; 0 when there is none",
    "minlog_dead": "Looks that were given up",
    "deliveries": "Deliveries that are not stored, by state",
    "previews_pending": "Recordings without pictures",
    "exports_pending": "Files that somebody waits for",
}


def months() -> Values:
    """The partitions of the log."""
    missing = partitions.missing(connection, datetime.now(UTC), 1)
    return {
        "audit_partitions_missing": len(missing),
        "audit_default_partition_in_use": partitions.default_in_use(connection),
    }


def seal() -> Values:
    """How far the seal is behind."""
    now = datetime.now(UTC)
    found = sealing.figures(now)
    return {
        "audit_seal_lag_seconds": found.lag,
        "audit_seal_waiting_rows": found.waiting,
        "audit_seal_signed_rows": found.signed,
        "audit_seal_published_rows": found.published,
        "audit_seal_checkpoint_age_seconds": (now - found.signed_at).total_seconds() if found.signed_at else None,
    }


def minlog() -> Values:
    """What MinLog is owed."""
    found = owed.figures()
    return {
        "minlog_waiting": found.pending + found.sending,
        "minlog_oldest_seconds": found.oldest_seconds,
        "minlog_dead": found.dead,
    }


def deliveries() -> Values:
    """What came in and is not in its place."""
    return {f'deliveries{{state="{state}"}}': count for state, count in sorted(sweep.waiting().items())}


def previews() -> Values:
    """What is to be drawn."""
    return {"previews_pending": preview.waiting()}


def exports() -> Values:
    """What is to be made."""
    return {"exports_pending": making.waiting()}


SOURCES: tuple[Callable[[], Values], ...] = (months, seal, minlog, deliveries, previews, exports)
