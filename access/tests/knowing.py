"""What the rooms above would know: when the unit that asks last told something of the patient."""

from datetime import datetime

from access.relation.question import Question

SEEN: list[datetime] = []


def last_seen(question: Question) -> datetime | None:
    return SEEN[-1] if SEEN else None
