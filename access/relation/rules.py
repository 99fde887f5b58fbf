"""The relation as this house itself can tell it: from the launch, and from what the own unit has told of the patient.

What the unit has told is known to the rooms above, whose functions stand in RELATION_EVIDENCE.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from access.relation.question import Level, Question, Relation

Evidence = Callable[[Question], datetime | None]
"""When the asking unit last told something of this patient; None when never."""


def relation(question: Question) -> Relation:
    """The strongest that any rule gives; nothing found is E after a launch, RELATION_MANUAL_LEVEL without one."""
    found = [Relation(Level(settings.RELATION_LAUNCH_LEVEL), "launch")] if question.vouched else []
    rules: Sequence[Mapping[str, Any]] = settings.RELATION_EVIDENCE
    for rule in rules:
        known: Evidence = import_string(rule["known"])
        if (when := known(question)) is not None:
            recent = when >= question.since - timedelta(days=rule["days"])
            found.append(Relation(Level(rule["level"]) if recent else Level.C, rule["code"]))
    if not found:
        found = [Relation(Level.E if question.launched else Level(settings.RELATION_MANUAL_LEVEL), "none")]
    return min(found, key=lambda each: each.level.rank)
