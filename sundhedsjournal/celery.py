"""The Celery application: the executor. The queue of record is the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sundhedsjournal.settings")
app = Celery("sundhedsjournal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["ekg", "eoj", "exports"])
