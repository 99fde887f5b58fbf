"""Draws a week by chance, once; another draw of the same half-year takes a reason, and is seen as what it is."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from access import words
from access.reasons import LONGEST, SHORTEST
from access.units import Unit
from audit import lookups
from audit.actions import Action
from audit.record import record
from reviews import weeks
from reviews.marking import By
from reviews.models import Review
from reviews.weeks import Half


class CannotDraw(Exception):
    """Nothing is drawn; the sentence says why."""


@dataclass(frozen=True)
class Cover:
    """How one half-year of an organisation is covered."""

    half: Half
    whole: int
    """Weeks of it that can be drawn now."""
    is_over: bool
    draws: tuple[Review, ...]

    @cached_property
    def is_done(self) -> bool:
        return any(draw.closed for draw in self.draws)


def covers(unit: Unit, now: datetime) -> list[Cover]:
    """The half-year that we are in and the one before it, which is when a draw can still be made up for."""
    since = lookups.begins()
    this = weeks.half_of(timezone.localtime(now).date())
    halves = (this, this.before)
    draws = list(_draws(unit).filter(year__gte=halves[1].year).order_by("number"))
    return [
        Cover(
            half,
            len(weeks.whole(half, since, now)) if since else 0,
            half != this,
            tuple(draw for draw in draws if (draw.year, draw.half) == half),
        )
        for half in halves
    ]


def draw(unit: Unit, half: Half, why: str, by: By) -> Review:
    """One of the half-year's whole past weeks that are kept and not drawn yet; its event is in the same transaction."""
    now, since = timezone.now(), lookups.begins()
    this = weeks.half_of(timezone.localtime(now).date())
    if half not in (this, this.before):
        raise CannotDraw(_("Der kan trækkes en uge i dette halvår og i det forrige."))
    before = list(_draws(unit).filter(year=half.year, half=half.number))
    if before and words.length(why) < SHORTEST:
        raise CannotDraw(
            _("Der er allerede trukket en uge i halvåret. Skriv på mindst 10 tegn, hvorfor der trækkes igen.")
        )
    taken = {each.week for each in before}
    left = [week for week in (weeks.whole(half, since, now) if since else []) if week not in taken]
    if not left:
        raise CannotDraw(_("Loggen har ingen hel, afsluttet uge i halvåret, som ikke er trukket før."))
    drawn = Review(
        organisation_system=unit.system, organisation_id=unit.number, organisation_name=unit.name,
        year=half.year, half=half.number, number=len(before) + 1, why=why[:LONGEST] if before else "",
        week=left[secrets.randbelow(len(left))], candidates=len(left), drawn=now, drawn_by=by.user,
    )  # fmt: skip
    try:
        with transaction.atomic():
            _keep(drawn, half, by)
    except IntegrityError:
        raise CannotDraw(_("En anden har lige trukket en uge i samme halvår.")) from None
    return drawn


def _keep(drawn: Review, half: Half, by: By) -> None:
    drawn.save(force_insert=True)
    told = {"half": half.written, "week": weeks.named(drawn.week).lower(), "among": str(drawn.candidates)}
    told |= {"number": str(drawn.number)}
    record(Action.REVIEW_DRAWN, actor=by.actor, entity=str(drawn), request_id=by.request_id, extra=told)


def _draws(unit: Unit) -> QuerySet[Review]:
    return Review.objects.filter(organisation_system=unit.system, organisation_id=unit.number)
