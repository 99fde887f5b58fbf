"""What the worker does when the doorbell rings; Celery's Django fix-up closes the connections of a task's thread."""

from uuid import UUID

from celery import shared_task

from ekg import preview as previews
from ekg import renditions
from ekg.ingest import EKG
from fhir import work


@shared_task(name="ekg.tasks.process")  # type: ignore[untyped-decorator]
def process(delivery_id: str) -> None:
    """Store one received document."""
    work.process(delivery_id, (EKG,))


@shared_task(name="ekg.tasks.preview")  # type: ignore[untyped-decorator]
def preview(recording_id: str) -> None:
    """Draw the pages of one recording."""
    previews.make(recording_id)


@shared_task(name="ekg.tasks.fine")  # type: ignore[untyped-decorator]
def fine(recording_id: str) -> None:
    """Draw closely the pages of one recording that somebody looks at."""
    renditions.make_fine(UUID(recording_id))
