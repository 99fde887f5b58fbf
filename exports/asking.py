"""What a view does with an export: ask for one, look how far it is, take it. The caller has been through the gate.

An export belongs to one open record, and so to one user, one session and one door: `Whose` carries what the gate knows.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404
from django.utils import timezone

from audit.actions import Action
from exports import files
from exports.models import Export
from fhir.doorbell import ring

log = logging.getLogger(__name__)
KEPT = timedelta(hours=1)
"""So long it can be fetched: long enough for a slow printer, too short for an archive."""
MOST = 20
"""So many files one open record has at once: a mistake may not fill the disk."""


class TooMany(Exception):
    """This record has as many files as it may have."""


@dataclass(frozen=True)
class Whose:
    """The open record that it is for."""

    context: str
    user: UUID
    patient: UUID


def ask(whose: Whose, entity: str, wanted: str, html: str, appended: Sequence[str], made: Action) -> UUID:
    """Queue a file and return its id; the one that is being made already, when it is asked for twice.

    `html` is a whole document of ours, `appended` the sha256 of the PDF files that follow it, page by page. Elements of
    the class `joined` are for when they do, those of the class `alone` for when they cannot.
    """
    now = timezone.now()
    asked = Export(
        context=whose.context, user=whose.user, patient=whose.patient, entity=entity, wanted=wanted, html=html,
        appended=list(appended), made_action=made.value, next_try=Now(), created_at=now, expires_at=now + KEPT,
    )  # fmt: skip
    with transaction.atomic():
        if of(whose).count() >= MOST:
            raise TooMany
        Export.objects.bulk_create([asked], ignore_conflicts=True)
        standing = of(whose).filter(entity=entity, wanted=wanted, state=Export.State.PENDING)
        found = standing.values_list("pk", flat=True).first() or asked.pk
        if found == asked.pk:
            transaction.on_commit(partial(ring, "exports.tasks.make", found))
    return found


def state(whose: Whose, entity: str, export_id: UUID) -> str:
    """pending | ready | dead; raises Http404 for one that is another's, about something else, or over."""
    found = of(whose).filter(pk=export_id, entity=entity).values_list("state", flat=True).first()
    if found is None:
        raise Http404
    return found


def take(whose: Whose, entity: str, export_id: UUID) -> bytes:
    """The file; raises Http404 like `state`, and when there is none yet, or none any more."""
    kept = of(whose).filter(pk=export_id, entity=entity, state=Export.State.READY)
    name, sha256 = kept.values_list("file", "sha256").first() or ("", "")
    if not name:
        raise Http404
    try:
        return files.read(name, sha256)
    except files.Gone:
        log.error("export.gone export=%s", export_id)
        raise Http404 from None


def of(whose: Whose) -> QuerySet[Export]:
    """What this reader has in this open record, as long as it lasts."""
    mine = Export.objects.filter(context=whose.context, user=whose.user, patient=whose.patient)
    return mine.filter(expires_at__gt=timezone.now())
