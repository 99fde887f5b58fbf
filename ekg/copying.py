"""Asks for a recording as a file, and gives it out: what may be seen is asked again each time."""

from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone

from access.gate import Grant
from audit.actions import Action
from ekg.copies import alone
from ekg.kept import pdf_sha256
from ekg.opened import Opened
from exports import asking
from exports.asking import TooMany

__all__ = ["TooMany", "ask", "state", "take"]


def ask(grant: Grant, opened: Opened, full_cpr: bool) -> UUID:
    """Queue the file: its front page is written now, by what this reader may see, and set in type by the worker."""
    copy = alone(opened, timezone.now(), full_cpr)
    html = render_to_string("ekg/print_front.html", {"grant": grant, "copy": copy, "opened": opened})
    sha256 = pdf_sha256(grant, opened.row.id)
    wanted, appended = "cpr" if full_cpr else "", [sha256] if sha256 else []
    return asking.ask(_whose(grant), _about(opened.row.id), wanted, html, appended, Action.EKG_PDF_MADE)


def state(grant: Grant, recording_id: UUID, export_id: UUID) -> str:
    """pending | ready | dead; Http404 for everybody else's."""
    return asking.state(_whose(grant), _about(recording_id), export_id)


def take(grant: Grant, recording_id: UUID, export_id: UUID) -> bytes:
    return asking.take(_whose(grant), _about(recording_id), export_id)


def _whose(grant: Grant) -> asking.Whose:
    return asking.Whose(grant.context_id, grant.user_id, grant.patient_id)


def _about(recording_id: UUID) -> str:
    return f"Recording/{recording_id}"
