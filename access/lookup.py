"""What the gate must know of a context: itself, its patient, what is blocked, and its user, in one raw query.

Django's ORM makes the same query in 2.3 ms of CPU, and asks for the user in another of about 0.9; this one takes 0.3
(docs/adr/0010). Every page, image and PDF pays it. It is prepared, since planning it costs more than answering.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from access.consent.register import HELD
from access.models import MANUAL, User

CONTEXT = (
    "id", "session_key_hash", "audience", "organisation_system", "organisation_id", "organisation_name", "patient_id",
    "patient_name", "source", "correlation_id", "last_seen", "expires", "closed_at", "closed_reason",
    "relation", "ground",
)  # fmt: skip
BESIDE = ("cpr", "document_name", "other_contexts", "blocks", "override")
NEEDED = {
    "id", "username", "password", "is_active", "issuer", "subject", "title", "first_name", "last_name", "role",
    "patient_id", "authorised", "professional_cpr", "single_keys",
}  # fmt: skip
USER = tuple(field.attname for field in User._meta.concrete_fields if field.attname in NEEDED)
"""In the order of the model: `from_db` counts on it."""
SQL = f"""
SELECT {", ".join(f"c.{name}" for name in CONTEXT)}, p.cpr, p.name,
  EXISTS (SELECT 1 FROM access_patientcontext o WHERE o.session_key_hash = c.session_key_hash AND o.closed_at IS NULL
          AND o.id <> c.id AND o.expires > %(now)s AND o.last_seen > %(idle)s),
  coalesce(({HELD}), ''),
  (SELECT json_build_array(v.id, v.ends, v.ground)::text FROM access_override v
   WHERE v.context = c.id AND v.ended_at IS NULL),
  {", ".join(f"u.{name}" for name in USER)}
FROM access_patientcontext c JOIN patients_patient p ON p.id = c.patient_id JOIN access_user u ON u.id = c.user_id
WHERE c.id = %(context)s
"""  # noqa: S608 the names are the constants above


class Running(NamedTuple):
    """An override, when it ends or has ended, and the ground that was chosen."""

    id: UUID
    ends: datetime
    ground: str


@dataclass(frozen=True)
class Opened:
    """A context as it stands in this moment."""

    id: str
    session_key_hash: str
    audience: str
    """The role it was opened for."""
    organisation_system: str
    organisation_id: str
    organisation_name: str
    patient_id: UUID
    patient_name: str
    """As the launch or the citizen's login gave it."""
    source: str
    correlation_id: str
    last_seen: datetime
    expires: datetime
    closed_at: datetime | None
    closed_reason: str
    relation: str
    """The level of the treatment relation it was opened on; "" for a citizen."""
    ground: str
    """What was said when it was opened; "" when nothing was asked."""
    cpr: str
    document_name: str
    """Of the newest accepted document."""
    other_contexts: bool
    """Whether its session has another patient open as well."""
    blocks: str
    """What the patient has blocked, in the form of access.consent.register; "" for nothing."""
    override: Running | None
    """The override (værdispring) in it whose stop has not been recorded."""
    user: User

    @property
    def opened_from(self) -> str:
        """The launching system, for "Åbnet fra …" and "Åbn journalen igen fra …"."""
        return _("opslag på CPR-nummer") if self.source == MANUAL else self.source


def opened(context_id: str) -> Opened | None:
    """The context of this id, whoever's it is."""
    now = timezone.now()
    row = _row({"now": now, "idle": now - timedelta(seconds=settings.CONTEXT_IDLE), "context": context_id})
    if row is None:
        return None
    told = dict(zip((*CONTEXT, *BESIDE), row, strict=False))
    if told["override"]:
        override_id, ends, ground = orjson.loads(told["override"])
        told["override"] = Running(UUID(override_id), datetime.fromisoformat(ends), ground)
    return Opened(**told, user=User.from_db(connection.alias, USER, row[len(told) :]))


def _row(said: dict[str, object]) -> tuple[Any, ...] | None:
    """One prepared statement: planning it anew would cost the database more than answering it does.

    As in audit.record, what Django's own cursor would have looked after is done here.
    """
    connection.validate_no_broken_transaction()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        found: tuple[Any, ...] | None = (
            psycopg.Cursor(connection.connection).execute(SQL, said, prepare=True).fetchone()
        )
    return found
