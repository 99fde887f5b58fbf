"""What the worker does when the doorbell rings for a municipal report."""

from celery import shared_task

from eoj.ingest import EOJ
from fhir import work


@shared_task(name="eoj.tasks.process")  # type: ignore[untyped-decorator]
def process(delivery_id: str) -> None:
    """Store one received delivery."""
    work.process(delivery_id, (EOJ,))
