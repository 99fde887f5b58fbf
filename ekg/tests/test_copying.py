"""A recording as a PDF, through the door: asked for, made by the worker, fetched by who asked, and gone."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
import pypdfium2
import pytest
import time_machine
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from access.tests.blocks import block
from access.tests.cast import JENS, NANCY, launched, own
from audit.models import AuditEvent
from ekg.models import Recording
from ekg.tests import making
from ekg.tests.disclaimed import ACTIVE
from exports import files, paper, tasks
from exports import making as exporting
from exports.models import Export
from fhir import blobs
from fhir.bundle import Handling
from sundhedsjournal import sweepers
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db
NOTE = "Elektroderne V1 og V2 er byttet om."
