"""The report on a closed review: figures and deviations, no citizen, no name but the controllers'."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from access import naming, units
from access.models import Case, User
from exports import paper
from reviews import pages, weeks, wording, worklist
from reviews.models import LookUp, Review

MOST = 1000
"""So many deviations are listed one by one; what is beyond is counted, and the report says so."""


@dataclass(frozen=True)
class Deviation:
    """A look-up that somebody was asked about."""

    number: int
    when: str
    role: str
    place: str
    question: str
    answer: str


def pdf(review: Review, by: User) -> bytes:
    """As it stands now: a case that is answered after the end is told as answered. Raises exports.paper.NotMade."""
    return paper.made(html(review, by))


def html(review: Review, by: User) -> str:
    progress = worklist.progress(review)
    queried = LookUp.objects.filter(review=review, mark=LookUp.Mark.QUERIED).order_by("number")
    items = worklist.items(queried[:MOST])
    told = {
        "review": review,
        "name": pages.title(review),
        "half": pages.half_words(weeks.Half(review.year, review.half)),
        "days": pages.days(review),
        "progress": progress,
        "answers": sorted(_answers(review).items()),
        "places": _places(review),
        "counts": _counts(review),
        "controllers": _controllers(review),
        "deviations": [
            Deviation(
                item.lookup.number, item.when, item.role, item.place, item.lookup.get_question_display(), item.answer
            )
            for item in items
        ],
        "beyond": max(progress.queried - MOST, 0),
        "draws": Review.objects.filter(
            organisation_system=review.organisation_system, organisation_id=review.organisation_id,
            year=review.year, half=review.half,
        ).order_by("number"),
        "made": timezone.now(),
        "by": by.display_name,
    }  # fmt: skip
    return render_to_string("reviews/report.html", told)


def _answers(review: Review) -> Counter[str]:
    """What became of the questions, each answer with how many have it."""
    queried = LookUp.objects.filter(review=review, mark=LookUp.Mark.QUERIED).order_by()
    given = queried.exclude(outcome="").values_list("outcome").annotate(Count("pk"))
    found = Counter({str(LookUp.Outcome(outcome).label): count for outcome, count in given})
    cases = Case.objects.filter(pk__in=queried.exclude(case=None).values("case"))
    for state, outcome, count in cases.order_by().values_list("state", "outcome").annotate(Count("pk")):
        is_open = state == Case.State.OPEN
        found[_("Sagen venter på svar") if is_open else str(Case.Outcome(outcome).label)] += count
    return found


def _counts(review: Review) -> dict[str, int]:
    """What the look-ups were."""
    return LookUp.objects.filter(review=review).aggregate(
        people=Count("actor_ref", distinct=True),
        patients=Count("patient_ref", distinct=True),
        overrides=Count("pk", filter=Q(override=True)),
        unsure=Count("pk", filter=Q(relation__in=["C", "D", "E", "unverified"])),
    )


def _places(review: Review) -> list[tuple[str, int, int]]:
    """Unit by unit: look-ups, and how many of them were asked about."""
    rows = LookUp.objects.filter(review=review).order_by().values("organisation")
    asked = Count("pk", filter=Q(mark=LookUp.Mark.QUERIED))
    counted = list(rows.annotate(count=Count("pk"), asked=asked).values_list("organisation", "count", "asked"))
    names = units.names(each for each, _all, _asked in counted)
    return sorted((names.get(each, each), count, queried) for each, count, queried in counted)


def _controllers(review: Review) -> list[tuple[str, int, str]]:
    """Who marked how many, and from when to when."""
    marked = worklist.controllers(review)
    names = naming.staff(marked)
    return sorted((names.get(user, "–"), count, _span(*times)) for user, (count, *times) in marked.items())


def _span(first: datetime, last: datetime) -> str:
    return " – ".join(dict.fromkeys(wording.moment(each) for each in (first, last)))
