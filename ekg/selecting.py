"""Runs our statements about recordings, as far as those exist for this reader."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.http import Http404

from access.gate import Grant
from ekg import blocked


def select(
    sql: str, grant: Grant, **parameters: UUID | int | list[UUID] | list[int] | list[str]
) -> list[tuple[Any, ...]]:
    """The rows of a statement of ekg.rows."""
    whose: dict[str, Any] = {"patient": grant.patient_id, "custody": grant.rights.withholds_from_custody}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**whose, **parameters})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def standing(sql: str, grant: Grant, recording_id: UUID, **parameters: int | list[int]) -> list[tuple[Any, ...]]:
    """The rows of one recording that stands, or Http404; what is blocked is looked for as long as what is not there."""
    unseen, found = blocked.hidden(grant), select(sql, grant, id=recording_id, **parameters)
    if not found or grant.consent.hides_all or recording_id in unseen:
        raise Http404
    return found
