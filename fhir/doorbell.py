"""Rings for the worker. Only a doorbell: what there is to do stands in the database, and the sweep finds it there."""

import logging
import os
from pathlib import Path

from celery import current_app
from django.conf import settings

log = logging.getLogger(__name__)


def ring(task: str, identifier: object) -> bool:
    """Send the task to the broker and say whether that went well; never raises."""
    try:
        _folders()
        said = str(identifier)
        shown = {"argsrepr": said, "kwargsrepr": ""}  # what logs would show: Celery's own rendering costs a tenth more
        current_app.send_task(task, args=[said], retry=False, ignore_result=True, **shown)
    except Exception as error:
        # Of any kind, on purpose: kombu's transports raise their own, and a lost ring costs one sweep at most.
        log.warning("doorbell.silent task=%s error=%s", task, type(error).__name__)
        return False
    return True


def _folders() -> None:
    """kombu's filesystem transport expects its folders; a wiped state folder must not silence it for good."""
    told = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for folder in {told[name] for name in ("data_folder_in", "data_folder_out", "control_folder") if told.get(name)}:
        if not os.path.isdir(folder):
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
