"""What our recordings tell of who treats whom; access.relation.rules asks (RELATION_EVIDENCE)."""

from datetime import datetime

from django.db.models import Max
from django.db.models.functions import Coalesce

from access.models import OrganisationSystem
from access.relation.question import Question
from ekg.models import Recording


def last_recorded(question: Question) -> datetime | None:
    """When the asking unit last recorded an EKG of this patient; what was withdrawn tells nothing."""
    if question.organisation_system != OrganisationSystem.SOR:
        return None
    theirs = Recording.objects.filter(patient=question.patient, organisation_sor=question.organisation_id)
    told = theirs.exclude(status=Recording.Status.WITHDRAWN).aggregate(last=Max(Coalesce("started", "received_at")))
    last: datetime | None = told["last"]
    return last
