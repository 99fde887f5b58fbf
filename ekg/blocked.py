"""Which of a citizen's recordings this user may not see: one answer for list, page, picture, PDF and news alike.

Versions of one recording stand together: what a hidden one has replaced is hidden too, so that no list shows something
outdated as if it stood, and no mark points to what is not there (docs/adr/0023).
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from access.consent import Span
from access.gate import Grant

MADE = """
    SELECT r.id, r.organisation_sor, o.sor IS NOT NULL, r.started::text, r.ended::text, r.replaced_by_id
    FROM ekg_recording r LEFT JOIN organisations_organisation o ON o.sor = r.organisation_sor
    WHERE r.patient_id = %s"""


def hidden(grant: Grant) -> frozenset[UUID]:
    """The ids of all that is hidden from this user: no query for those from whom nothing is, or everything."""
    consent = grant.consent
    if not consent.hides_something or consent.hides_all:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(MADE, [grant.patient_id])
        rows = cursor.fetchall()
    newer = {id_: replaced_by for id_, *_, replaced_by in rows}
    itself = {
        id_ for id_, sor, known, started, ended, _ in rows
        if consent.hides_course(sor, _course(started, ended), known=known)
    }  # fmt: skip
    return frozenset(id_ for id_ in newer if itself.intersection(_on_from(id_, newer)))


def _on_from(start: UUID, newer: Mapping[UUID, UUID | None]) -> list[UUID]:
    """A recording and all that came in its place."""
    chain: list[UUID] = []
    at: UUID | None = start
    while at is not None and at not in chain:
        chain.append(at)
        at = newer.get(at)
    return chain


def _course(started: str | None, ended: str | None) -> Span:
    """The Danish days of a recording: one, unless it lasts past midnight; none when the document does not say."""
    first = _day(started)
    return Span(first, _day(ended) or first)


def _day(said: str | None) -> date | None:
    return timezone.localtime(datetime.fromisoformat(said)).date() if said else None
