"""The register of custody and guardianship that we keep ourselves: rows that a load or two administrators put there."""

from datetime import date
from uuid import UUID

from django.db.models import Q

from access.models import Audience, CareOf
from access.models.relatives import COUNTS
from access.relatives.port import Relation


def relations(holder: UUID, today: date) -> list[Relation]:
    """In one query; two rows of the same kind about the same person are one relation."""
    valid = Q(valid_until=None) | Q(valid_until__gte=today)
    rows = CareOf.objects.filter(COUNTS, valid, holder=holder, valid_from__lte=today).select_related("patient")
    found = {(row.kind, row.patient_id): row for row in rows.order_by("kind", "pk")}
    return [
        Relation(Audience(row.kind), row.patient_id, row.patient.cpr, row.patient_name, row.valid_until)
        for row in found.values()
    ]
