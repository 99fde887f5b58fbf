"""What the pages of a review say, ready to print, and where they are."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.units import Unit
from patients import cpr
from patients.models import Patient
from reviews import drawing, weeks, worklist
from reviews.marking import OPEN_CASE, Unmarkable
from reviews.models import DAYS, LookUp, Review
from reviews.scope import Scope
from reviews.weeks import Half
from reviews.worklist import Item

VERDICTS = [
    (LookUp.Mark.REVIEWED.value, gettext_lazy("Gennemgået: opslaget er i orden")),
    (OPEN_CASE, gettext_lazy("Spurgt: opret en sag, og vent på svaret")),
    (LookUp.Outcome.JUSTIFIED.value, gettext_lazy("Spurgt og besvaret: opslaget er begrundet")),
    (LookUp.Outcome.NOT_JUSTIFIED.value, gettext_lazy("Spurgt og besvaret: opslaget er ikke begrundet")),
]


def address(review: UUID, number: int = 0) -> str:
    if number:
        return reverse("admin:reviews_lookup_view", args=[review, number])
    return reverse("admin:reviews_review_change", args=[review])


def title(review: Review) -> str:
    """Uge 47, 2026 · Østfjord Universitetshospital."""
    year, week, _day = review.week.isocalendar()
    return _("Uge %(week)s, %(year)s · %(organisation)s") % {
        "week": week, "year": year, "organisation": review.organisation_name
    }  # fmt: skip


def half_words(half: Half) -> str:
    """2. halvår 2026."""
    return _("%(number)s. halvår %(year)s") % {"number": half.number, "year": half.year}


def days(review: Review) -> str:
    """16.11.2026–22.11.2026."""
    return f"{review.week:%d.%m.%Y}–{review.week + timedelta(days=DAYS - 1):%d.%m.%Y}"


# ── the draw ────────────────────────────────────────────────────────────────────────────────────────────────────────
def draw(mine: Scope, asked: Mapping[str, str]) -> dict[str, Any]:
    covers = drawing.covers(mine.mine, timezone.now())
    unfinished = [cover for cover in reversed(covers) if not cover.draws and cover.whole]
    first = unfinished[0] if unfinished else covers[0]
    return {
        "choices": mine.choices,
        "unit": asked.get("organisation") or mine.choices[0][0],
        "halves": [(cover.half.written, half_words(cover.half), cover) for cover in covers],
        "half": asked.get("halvaar") or first.half.written,
        "why": asked.get("grund", ""),
    }


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────────────
def asked(query: Mapping[str, str]) -> tuple[str, int]:
    """Which look-ups, and after which number; what is not known is taken as not asked."""
    shown = query.get("vis", "")
    return (shown if shown in worklist.SHOWN else ""), number(query.get("efter"))


def number(said: str | None) -> int:
    """A number of a form or an address; 0 for anything else."""
    return int(said) if said and len(said) <= 9 and said.isascii() and said.isdecimal() else 0


def worklist_address(review: Review, shown: str, after: int) -> str:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in (("vis", shown), ("efter", after)) if value})
    return f"{address(review.pk)}?{query.urlencode()}" if query else address(review.pk)


def back(review: Review, form: Mapping[str, str]) -> str:
    """Where in the list a form was sent from."""
    return worklist_address(review, *asked(form))


def worklist_page(review: Review, query: Mapping[str, str]) -> dict[str, Any]:
    shown, after = asked(query)
    found, more = worklist.page(review, shown, after) if review.is_ready else ([], False)
    return _of(review) | {
        "items": found,
        "shown": shown,
        "after": after,
        "filters": [
            (str(words), worklist_address(review, key, 0), key == shown) for key, (words, _q) in worklist.SHOWN.items()
        ],
        "first": worklist_address(review, shown, 0) if after else "",
        "next": worklist_address(review, shown, found[-1].lookup.number) if more else "",
        "free": sum(not item.lookup.mark for item in found),
        "progress": worklist.progress(review),
    }


def rest(review: Review, free: list[Item], form: Mapping[str, str]) -> dict[str, Any]:
    shown, after = asked(form)
    return _of(review) | {"items": free, "shown": shown, "after": after, "back": back(review, form)}


def lookup(
    review: Review,
    item: Item,
    patient: Patient | None,
    said: Mapping[str, str],
    fault: Unmarkable | None,
    *,
    full_cpr: bool,
) -> dict[str, Any]:
    """One look-up, what has been said of it, and what the form that was sent says instead."""
    kept = item.lookup
    now = {
        "vurdering": kept.outcome or (OPEN_CASE if kept.case else kept.mark),
        "spoergsmaal": kept.question,
        "begrundelse": kept.text,
        "svar": kept.answer,
        "version": str(kept.version),
    }
    number = patient.cpr if patient else ""
    before = (kept.number - 1) // worklist.AT_ONCE * worklist.AT_ONCE
    return _of(review) | {
        "item": item,
        "patient": worklist.patient_name(kept, patient),
        "cpr": cpr.written(number) if full_cpr else cpr.masked(number),
        "full_cpr": full_cpr,
        "verdicts": VERDICTS,
        "questions": LookUp.Question.choices,
        "said": now | {"efter": str(before)} | dict(said.items()),
        "fault": fault,
        "next": address(review.pk, kept.number + 1) if kept.number < review.size else "",
        "previous": address(review.pk, kept.number - 1) if kept.number > 1 else "",
        "list": f"{worklist_address(review, '', before)}#opslag-{kept.number}",
        "may_mark": review.closed is None,
    }


def _of(review: Review) -> dict[str, Any]:
    unit = Unit(review.organisation_system, review.organisation_id)
    return {
        "review": review,
        "name": title(review),
        "here": address(review.pk),
        "half": half_words(Half(review.year, review.half)),
        "days": days(review),
        "unit": unit,
        "copied": DAYS,
        "week": weeks.named(review.week),
    }
