"""Asking about a treatment relation, once for each opening, before anything is opened (design: S3, A1).

A call to an outside source has its own event, committed before it, whose id is the reference the source is given. The
answer is kept for a few minutes: between a page that asks why and the press on "Åbn" the source is not asked again.
"""

import logging
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from access import actors, purposes
from access.contexts import Opening
from access.models import Role
from access.relation import answers, port
from access.relation.question import Level, Question, Relation, Unavailable
from audit.actions import Action
from audit.record import record
from patients.models import Patient

log = logging.getLogger(__name__)


class Denied(Exception):
    """This record may not be opened by this user; `code` is for the audit."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask(opening: Opening, request: HttpRequest) -> Relation:
    """What is known of the relation, now or since a moment ago; raises Denied. Not inside a transaction."""
    if kept := answers.find(opening, request):
        return kept
    question = _question(opening, request)
    try:
        found = port.relation(question)
    except Unavailable as fault:
        log.error("treatment relation not asked: %s", fault.code)
        found = _without(opening, question, fault)
    answers.keep(opening, request, found)
    return found


def take(opening: Opening, request: HttpRequest) -> Relation:
    """The answer that was got for this opening; it opens nothing more. Raises Denied when nobody asked."""
    if (taken := answers.take(opening, request)) is None:
        raise Denied("relation-not-asked")
    return taken


def _without(opening: Opening, question: Question, fault: Unavailable) -> Relation:
    """Nobody answered: a clinician whose own system has vouched for the launch goes on, and nobody else."""
    if opening.audience == Role.CLINICIAN and question.vouched:
        return Relation(Level.UNVERIFIED, fault.code, question.reference)
    raise Denied("relation-unavailable")


def _question(opening: Opening, request: HttpRequest) -> Question:
    now = timezone.now()
    unit, client = f"{opening.organisation_system}:{opening.organisation_id}", opening.client
    question = Question(
        patient=opening.patient,
        cpr="",
        professional_cpr=opening.user.professional_cpr,
        audience=opening.audience,
        organisation_system=opening.organisation_system,
        organisation_id=opening.organisation_id,
        vouched=client is not None and not {unit, "*"} & set(client.unvouched),
        launched=client is not None,
        since=now,
        until=now + timedelta(seconds=settings.CONTEXT_MAX),
    )
    if not port.is_outside(question):
        return question
    number = Patient.objects.only("cpr").get(pk=opening.patient).cpr
    return replace(question, cpr=number, reference=_told(opening, request))


def _told(opening: Opening, request: HttpRequest) -> UUID:
    """The event of the question, before the question."""
    return record(
        Action.RELATION_ASKED,
        actor=actors.of_user(opening.user, request, actors.unit(opening)),
        patient=opening.patient,
        correlation=opening.correlation,
        purpose=purposes.of(opening.audience),
        request_id=actors.request_id(request),
    )
