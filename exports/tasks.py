"""What the worker does when the doorbell rings."""

from celery import shared_task

from exports import making


@shared_task(name="exports.tasks.make")  # type: ignore[untyped-decorator]
def make(export_id: str) -> None:
    """Make one file."""
    making.make(export_id)
