"""Whom to ask: our own rules, or the national service (RELATION_SOURCE)."""

from django.conf import settings

from access.models import Role
from access.relation import brs, rules
from access.relation.question import Question, Relation


def relation(question: Question) -> Relation:
    """The best relation known; raises Unavailable when an outside source does not answer."""
    return brs.relation(question) if is_outside(question) else rules.relation(question)


def is_outside(question: Question) -> bool:
    """Whether the answer comes over the network: the national service knows nothing of municipal care."""
    return settings.RELATION_SOURCE == "brs" and question.audience != Role.MUNICIPAL
