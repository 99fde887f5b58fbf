"""What the workers do when the doorbell rings for a municipal report, or for a gateway to fetch from."""

from celery import shared_task

from eoj import pulling
from eoj.ingest import EOJ
from fhir import work


@shared_task(name="eoj.tasks.process")  # type: ignore[untyped-decorator]
def process(delivery_id: str) -> None:
    """Store one received delivery."""
    work.process(delivery_id, (EOJ,))


@shared_task(name="eoj.tasks.pull")  # type: ignore[untyped-decorator]
def pull(gateway_id: str) -> None:
    """Fetch from one gateway, if it is due; in a queue of its own, since it may take hours."""
    pulling.pull(gateway_id)
