"""What our recordings tell of who treats whom; access.relation.rules asks (RELATION_EVIDENCE)."""

from datetime import datetime

from django.db import connection

from access.models import OrganisationSystem
from access.relation.question import Question

# Raw, since every opening of a record waits for it, and the ORM takes six times its CPU.
LAST = """
SELECT max(coalesce(started, received_at)) FROM ekg_recording
WHERE patient_id = %s AND organisation_sor = %s AND status <> 'withdrawn'
"""


def last_recorded(question: Question) -> datetime | None:
    """When the asking unit last recorded an EKG of this patient; what was withdrawn tells nothing."""
    if question.organisation_system != OrganisationSystem.SOR:
        return None
    with connection.cursor() as cursor:
        cursor.execute(LAST, [question.patient, question.organisation_id])
        row = cursor.fetchone()
    last: datetime | None = row[0] if row else None
    return last
