"""The look-ups of a review as its controllers read them: a page of them, or one; names of staff, and no patient's."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import naming, reasons, units
from access.models import Case, PatientContext, Role, User
from patients.models import Patient
from reviews import wording
from reviews.models import LookUp, Review

AT_ONCE = 50
SHOWN = {
    "": (gettext_lazy("Alle"), Q()),
    "umarkeret": (gettext_lazy("Ikke markeret"), Q(mark="")),
    "spurgt": (gettext_lazy("Spurgt"), Q(mark=LookUp.Mark.QUERIED)),
    "vaerdispring": (gettext_lazy("Værdispring"), Q(override=True)),
}


@dataclass(frozen=True)
class Progress:
    """How far it is."""

    size: int
    reviewed: int
    queried: int

    @property
    def marked(self) -> int:
        return self.reviewed + self.queried

    @property
    def left(self) -> int:
        return self.size - self.marked


@dataclass(frozen=True)
class Item:
    """One look-up, ready to print."""

    lookup: LookUp
    who: str
    role: str
    on_behalf_of: str
    place: str
    marked_by: str
    case: Case | None

    @property
    def when(self) -> str:
        """16.11.2026 kl. 8.05–8.11."""
        begun, ended = timezone.localtime(self.lookup.begun), timezone.localtime(self.lookup.ended)
        until = f"{ended:%H.%M}" if begun.date() == ended.date() else wording.moment(ended)
        from_ = wording.moment(begun)
        return from_ if from_.endswith(until) else f"{from_}–{until}"

    @cached_property
    def patient(self) -> str:
        """4F7K2B: the same person has the same tag throughout a review, and another in the next."""
        said = f"{self.lookup.review_id}/{self.lookup.patient_ref}"
        return base64.b32encode(hashlib.sha256(said.encode()).digest())[:6].decode()

    @property
    def what(self) -> str:
        return wording.seen(wording.things(self.lookup.seen))

    @property
    def why(self) -> str:
        return wording.why(self.lookup.ground, self.lookup.relation)

    @property
    def override(self) -> str:
        """Why a block was overridden; "" when none was."""
        if not self.lookup.override:
            return ""
        said = self.lookup.override_ground
        return reasons.words(said) if said else _("Grunden fremgår ikke af loggen")

    @property
    def state(self) -> str:
        """What has been said of it."""
        if not self.lookup.mark:
            return _("Ikke markeret")
        if self.lookup.mark == LookUp.Mark.REVIEWED:
            return str(LookUp.Mark.REVIEWED.label)
        question = f"{LookUp.Mark.QUERIED.label}: {self.lookup.get_question_display()}"
        return f"{question} – {self.answer}"

    @property
    def answer(self) -> str:
        if self.lookup.outcome:
            return self.lookup.get_outcome_display()
        if self.case is None:
            return _("sagen er ikke gemt længere")
        return _("sagen venter på svar") if self.case.state == Case.State.OPEN else self.case.get_outcome_display()


def progress(review: Review) -> Progress:
    marks = LookUp.Mark
    told = LookUp.objects.filter(review=review).aggregate(
        reviewed=Count("pk", filter=Q(mark=marks.REVIEWED)), queried=Count("pk", filter=Q(mark=marks.QUERIED))
    )
    return Progress(review.size, told["reviewed"], told["queried"])


def page(review: Review, shown: str, after: int) -> tuple[list[Item], bool]:
    """The look-ups after this number, and whether there are more."""
    found = LookUp.objects.filter(SHOWN[shown][1], review=review, number__gt=after).order_by("number")
    kept = list(found[: AT_ONCE + 1])
    return items(kept[:AT_ONCE]), len(kept) > AT_ONCE


def one(review: Review, number: int) -> Item | None:
    found = items(LookUp.objects.filter(review=review, number=number))
    return found[0] if found else None


def patient_name(lookup: LookUp, patient: Patient | None) -> str:
    """By the banner's rule, as long as the context is kept: a masked name is not replaced by another source's."""
    launched = PatientContext.objects.filter(pk=lookup.context).values_list("patient_name", flat=True).first()
    return launched or (patient.name if patient else "") or _("Navn ikke oplyst")


def numbered(review: Review, numbers: Iterable[int]) -> QuerySet[LookUp]:
    """Those of these that nobody has marked."""
    return LookUp.objects.filter(review=review, number__in=numbers, mark="").order_by("number")


def items(lookups: Iterable[LookUp]) -> list[Item]:
    """With the names that registers know: four queries, however many there are."""
    found = list(lookups)
    names = naming.staff(key for each in found for key in (each.actor_ref, each.marked_by_id) if key)
    places = units.names(each.organisation for each in found)
    others = _responsible([each for each in found if each.responsible])
    cases = Case.objects.in_bulk([each.case for each in found if each.case])
    return [
        Item(
            each,
            names.get(each.actor_ref, _("Ukendt medarbejder")),
            wording.role(each.role),
            others.get((each.actor_ref, each.responsible), each.responsible),
            places.get(each.organisation, ""),
            names.get(each.marked_by_id, "") if each.marked_by_id else "",
            cases.get(each.case) if each.case else None,
        )
        for each in found
    ]


def _responsible(lookups: list[LookUp]) -> dict[tuple[UUID, str], str]:
    """What those are called on whose behalf somebody acted: of the same issuer, and perhaps never here themselves."""
    if not lookups:
        return {}
    issuers = dict(User.objects.filter(pk__in={each.actor_ref for each in lookups}).values_list("pk", "issuer"))
    known = User.objects.filter(issuer__in=set(issuers.values()), subject__in={each.responsible for each in lookups})
    names = {(user.issuer, user.subject): user.display_name for user in known.exclude(role=Role.CITIZEN)}
    asked = {(each.actor_ref, each.responsible) for each in lookups}
    return {(actor, who): names.get((issuers.get(actor, ""), who), who) for actor, who in asked}


def controllers(review: Review) -> dict[UUID, tuple[int, datetime, datetime]]:
    """Who has marked how many, and when first and last."""
    told = LookUp.objects.filter(review=review, marked_by__isnull=False).order_by().values("marked_by")
    rows = told.annotate(count=Count("pk"), first=Min("marked"), last=Max("marked"))
    return {row["marked_by"]: (row["count"], row["first"], row["last"]) for row in rows}
