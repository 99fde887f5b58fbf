"""Answers about treatment relations on their way to a context: kept by `asking`, found again, and used up once.

Raw, since Django's ORM takes five to ten times the CPU for each, and every launch waits for them.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from uuid_utils.compat import uuid7

from access import sessions
from access.contexts import Opening
from access.relation.question import Level, Relation

KEY = ("session_key_hash", "user_id", "patient_id", "organisation_system", "organisation_id", "correlation_id")
"""What makes it the same opening: nothing of it comes from the browser."""
TOLD = "level, evidence, reference, followed_up"
NEWEST = f"""
FROM access_relationanswer WHERE {" AND ".join(f"{name} = %({name})s" for name in KEY)}
  AND used_at IS NULL AND asked > %(fresh)s ORDER BY asked DESC LIMIT 1
"""
FIND = f"SELECT {TOLD} {NEWEST}"
TAKE = f"""
UPDATE access_relationanswer SET used_at = %(now)s
WHERE id = (SELECT id {NEWEST}) AND used_at IS NULL RETURNING {TOLD}
"""  # noqa: S608 the names are the constants above
KEEP = f"""
INSERT INTO access_relationanswer (id, asked, {", ".join(KEY)}, {TOLD})
VALUES (%(id)s, %(now)s, {", ".join(f"%({name})s" for name in KEY)},
  %(level)s, %(evidence)s, %(reference)s, %(followed_up)s)
"""  # noqa: S608 likewise


def find(opening: Opening, request: HttpRequest) -> Relation | None:
    """The newest answer for this opening that is fresh and unused."""
    return _one(FIND, opening, request)


def take(opening: Opening, request: HttpRequest) -> Relation | None:
    """The same, used up: of two who come at once, one gets it."""
    return _one(TAKE, opening, request)


def keep(opening: Opening, request: HttpRequest, found: Relation) -> None:
    values: dict[str, Any] = {"id": uuid7(), "now": timezone.now(), "level": found.level, "evidence": found.evidence}
    values |= {"reference": found.reference, "followed_up": found.followed_up}
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {**_key(opening, request), **values})


def _one(sql: str, opening: Opening, request: HttpRequest) -> Relation | None:
    now = timezone.now()
    fresh = {"now": now, "fresh": now - timedelta(seconds=settings.LAUNCH_TTL)}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**_key(opening, request), **fresh})
        row = cursor.fetchone()
    return Relation(Level(row[0]), *row[1:]) if row else None


def _key(opening: Opening, request: HttpRequest) -> Mapping[str, Any]:
    """The values of KEY."""
    return {
        "session_key_hash": sessions.key_hash(request),
        "user_id": opening.user.pk,
        "patient_id": opening.patient,
        "organisation_system": opening.organisation_system,
        "organisation_id": opening.organisation_id,
        "correlation_id": opening.correlation,
    }
