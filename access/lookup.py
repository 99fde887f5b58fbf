"""What the gate must know of a context: itself, its patient, what is blocked, and its user, in one raw query.

Django's ORM makes the same query in 2.3 ms of CPU, and asks for the user in another of about 0.9; this one takes 0.3
(docs/adr/0010). Every page, image and PDF pays it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from access.consent.register import HELD
from access.models import User

CONTEXT = (
    "id", "session_key_hash", "audience", "organisation_system", "organisation_id", "organisation_name", "patient_id",
    "patient_name", "source", "correlation_id", "last_seen", "expires", "closed_at", "closed_reason",
)  # fmt: skip
BESIDE = ("cpr", "document_name", "other_contexts", "blocks", "override_id", "override_ends", "responsible_issuer",
          "responsible_subject")  # fmt: skip
NEEDED = {
    "id", "username", "password", "is_active", "issuer", "subject", "title", "first_name", "last_name", "role",
    "patient_id", "authorised",
}  # fmt: skip
USER = tuple(field.attname for field in User._meta.concrete_fields if field.attname in NEEDED)
"""In the order of the model: `from_db` counts on it."""
SQL = f"""
SELECT {", ".join(f"c.{name}" for name in CONTEXT)}, p.cpr, p.name,
  EXISTS (SELECT 1 FROM access_patientcontext o WHERE o.session_key_hash = c.session_key_hash AND o.closed_at IS NULL
          AND o.id <> c.id AND o.expires > %(now)s AND o.last_seen > %(idle)s),
  coalesce(({HELD}), ''),
  v.id, v.ends, r.issuer, r.subject,
  {", ".join(f"u.{name}" for name in USER)}
FROM access_patientcontext c JOIN patients_patient p ON p.id = c.patient_id JOIN access_user u ON u.id = c.user_id
  LEFT JOIN access_user r ON r.id = c.on_behalf_of_id
  LEFT JOIN access_override v ON v.context = c.id AND v.ended_at IS NULL
WHERE c.id = %(context)s
"""  # noqa: S608 the names are the constants above


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
    cpr: str
    document_name: str
    """Of the newest accepted document."""
    other_contexts: bool
    """Whether its session has another patient open as well."""
    blocks: str
    """What the patient has blocked, in the form of access.consent.register; "" for nothing."""
    override_id: UUID | None
    """The override of it whose stop has not been recorded, and when it ends or ended."""
    override_ends: datetime | None
    responsible_issuer: str | None
    """On whose behalf somebody assists."""
    responsible_subject: str | None
    user: User


def opened(context_id: str) -> Opened | None:
    """The context of this id, whoever's it is."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"now": now, "idle": now - timedelta(seconds=settings.CONTEXT_IDLE), "context": context_id})
        row = cursor.fetchone()
    if row is None:
        return None
    told = dict(zip((*CONTEXT, *BESIDE), row, strict=False))
    return Opened(**told, user=User.from_db(connection.alias, USER, row[len(told) :]))
