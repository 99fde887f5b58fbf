"""What municipal reports tell of who cares for whom; access.relation.rules asks (RELATION_EVIDENCE)."""

from datetime import datetime

from django.db.models import Max

from access.models import OrganisationSystem, Role
from access.relation.question import Question
from eoj.models import Report
from organisations import register


def last_reported(question: Question) -> datetime | None:
    """When the own municipality of care staff last reported on this citizen; of nobody else's is it evidence."""
    if question.audience != Role.MUNICIPAL or question.organisation_system != OrganisationSystem.SOR:
        return None
    reports = Report.objects.filter(patient=question.patient).order_by()
    told = dict(reports.values("sor").annotate(last=Max("timestamp")).values_list("sor", "last"))
    known = register.lookup_many({question.organisation_id, *told})
    mine = known.get(question.organisation_id)
    own = {question.organisation_id}
    if mine is not None and mine.municipality_code:
        own |= {sor for sor in told if sor in known and known[sor].municipality_code == mine.municipality_code}
    return max((when for sor, when in told.items() if sor in own), default=None)
