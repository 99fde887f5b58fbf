"""Copies the look-ups of a drawn week out of the log, a day at a time, each day and the note of it in one transaction.

The week is over and the log's rows never change, so whoever copies, and whenever, copies the same.
"""

import time
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from access.units import Unit
from audit import lookups
from reviews import scope, weeks
from reviews.models import DAYS, Review
from reviews.weeks import WEEK

AT_ONCE = 2.0
"""Seconds that the request which draws goes on copying; what is left then, the sweep does."""
PATIENCE = "60s"
"""What a day may take: of a whole region it is a million lines."""
COLUMNS = (
    "event", "context", "actor_ref", "role", "organisation", "responsible", "patient_ref", "begun",
    "ended", "seen", "ground", "relation", "override", "override_ground",
)  # fmt: skip
BLANK = {"number": "0", "version": "0"} | dict.fromkeys(("mark", "question", "text", "outcome", "answer"), "''")
COPY = f"""
INSERT INTO reviews_lookup AS kept (review_id, {", ".join(COLUMNS)}, {", ".join(BLANK)})
SELECT %(review)s, event, context, actor_ref, role, organisation, responsible, patient_ref,
  begun, ended, seen, ground, relation, override, override_ground, {", ".join(BLANK.values())}
FROM ({lookups.AT_WORK}) AS found
ON CONFLICT (review_id, context) DO UPDATE SET ended = greatest(kept.ended, excluded.ended),
  seen = ARRAY(SELECT DISTINCT unnest(kept.seen || excluded.seen)),
  override = kept.override OR excluded.override,
  override_ground = CASE WHEN kept.override_ground = '' THEN excluded.override_ground ELSE kept.override_ground END
"""  # noqa: S608 the names are the constants above
"""A look-up that goes on past midnight is met on both days, and is one."""
NUMBER = """
UPDATE reviews_lookup AS kept SET number = ordered.number FROM (
  SELECT id, row_number() OVER (ORDER BY begun, id) AS number FROM reviews_lookup WHERE review_id = %s
) AS ordered WHERE kept.id = ordered.id"""


def take(review: UUID, seconds: float = AT_ONCE) -> None:
    """Copy days for about so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and take_day(review):
        continue


def take_day(review: UUID) -> bool:
    """Copy the next day, unless all are copied or somebody is at it; says whether one was."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # No row is locked: until the first is written the transaction has no number, so while the log is read,
            # which may take a minute, no event waits to be sealed.
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"review {review}"])
            found = Review.objects.filter(pk=review, days__lt=DAYS).first() if cursor.fetchone()[0] else None
            if found is None:
                return False
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
            day = found.week + (WEEK / DAYS) * found.days
            units = scope.as_events_write(Unit(found.organisation_system, found.organisation_id))
            asked = lookups.at_work(units, weeks.begins(day), weeks.begins(day + WEEK / DAYS))
            cursor.execute(COPY, asked | {"review": review})
            if found.days == DAYS - 1:
                cursor.execute(NUMBER, [review])
                Review.objects.filter(pk=review).update(size=cursor.rowcount)
        Review.objects.filter(pk=review).update(days=F("days") + 1)
    return True


def sweep_once() -> int:
    """Copy a day of each review that nobody is copying."""
    waiting = Review.objects.filter(days__lt=DAYS).order_by("drawn").values_list("pk", flat=True)
    return sum(take_day(review) for review in waiting)
