"""What a log controller says of a look-up: each mark with its event, and nobody's over somebody else's unawares."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from access import cases, units, words
from access.models import User
from access.reasons import LONGEST, SHORTEST
from audit.actions import Action
from audit.record import Actor, record, record_many
from reviews.models import LookUp, Review

OPEN_CASE = "case"
"""The answer is waited for; otherwise it is given with the question (LookUp.Outcome)."""


class Unmarkable(Exception):
    """The form says too little; the sentence is for who filled it in, about this field."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.sentence, self.field = sentence, field


class Overtaken(Exception):
    """Somebody else has marked it, or closed the review, since the page was fetched."""


@dataclass(frozen=True)
class By:
    """Who marks, in the words of the database and of the audit."""

    user: User
    actor: Actor
    request_id: str


@dataclass(frozen=True)
class Said:
    """What a form says of one look-up."""

    mark: str
    question: str = ""
    text: str = ""
    outcome: str = ""
    answer: str = ""

    @property
    def code(self) -> str:
        """Of the event: what was said, and never the words."""
        return self.outcome or self.mark


REVIEWED = Said(LookUp.Mark.REVIEWED)


def posted(form: Mapping[str, str]) -> Said:
    """Raises Unmarkable."""
    verdict = form.get("vurdering", "")
    if verdict == LookUp.Mark.REVIEWED:
        return REVIEWED
    if verdict not in (OPEN_CASE, *LookUp.Outcome.values):
        raise Unmarkable(_("Vælg en vurdering af opslaget."), "vurdering")
    question = form.get("spoergsmaal", "")
    if question not in LookUp.Question.values:
        raise Unmarkable(_("Vælg, hvad der er spurgt om."), "spoergsmaal")
    text = _words(form, "begrundelse", _("Skriv på mindst 10 tegn, hvad der er spurgt om."))
    if verdict == OPEN_CASE:
        return Said(LookUp.Mark.QUERIED, question, text)
    answer = _words(form, "svar", _("Skriv svaret på mindst 10 tegn."))
    return Said(LookUp.Mark.QUERIED, question, text, verdict, answer)


def _words(form: Mapping[str, str], field: str, missing: str) -> str:
    text = form.get(field, "").replace("\0", "").replace("\r\n", "\n").strip()
    if words.length(text) < SHORTEST:
        raise Unmarkable(missing, field)
    if len(text) > LONGEST:
        raise Unmarkable(_("Skriv højst 2000 tegn."), field)
    return text


def mark(review: Review, lookup: LookUp, seen_version: int, said: Said, by: By) -> None:
    """Say it, unless somebody has said something since; raises Overtaken."""
    with transaction.atomic():
        _still_open(review)
        kept = LookUp.objects.select_for_update().get(pk=lookup.pk)
        if kept.version != seen_version:
            raise Overtaken
        _alone_with(kept)
        _take_back(kept, by)
        case = _case(review, kept, said, by) if said.mark == LookUp.Mark.QUERIED and not said.outcome else None
        changes: dict[str, object] = {
            "mark": said.mark,
            "question": said.question,
            "text": said.text,
            "outcome": said.outcome,
        }
        changes |= {"answer": said.answer, "case": case, "marked": timezone.now(), "marked_by": by.user}
        LookUp.objects.filter(pk=kept.pk).update(**changes, version=F("version") + 1)
        record(
            Action.REVIEW_LOOKUP_MARKED,
            actor=by.actor,
            patient=kept.patient_ref,
            entity=str(kept),
            reason=said.code,
            request_id=by.request_id,
            extra={"question": said.question} if said.question else {},
        )


def mark_rest(review: Review, numbers: list[int], by: By) -> int:
    """Call those of these that nobody has marked reviewed; returns how many they were."""
    with transaction.atomic():
        _still_open(review)
        free = LookUp.objects.select_for_update().filter(review=review, number__in=numbers, mark="").order_by("number")
        found = list(free.only("pk", "patient_ref"))
        LookUp.objects.filter(pk__in=[each.pk for each in found]).update(
            mark=LookUp.Mark.REVIEWED, marked=timezone.now(), marked_by=by.user, version=F("version") + 1
        )
        about = [(each.patient_ref, str(each)) for each in found]
        record_many(Action.REVIEW_LOOKUP_MARKED, by.actor, about, REVIEWED.code)
    return len(found)


def close(review: Review, by: By) -> bool:
    """Close it when every look-up is marked; False when one is not."""
    with transaction.atomic():
        _still_open(review)
        if not review.is_ready or LookUp.objects.filter(review=review, mark="").exists():
            return False
        Review.objects.filter(pk=review.pk).update(closed=timezone.now(), closed_by=by.user)
        told = {"lookups": str(review.size)}
        record(Action.REVIEW_CLOSED, actor=by.actor, entity=str(review), request_id=by.request_id, extra=told)
    return True


def _still_open(review: Review) -> None:
    """Nobody closes it while somebody marks: both take the review's row first."""
    if not Review.objects.select_for_update(of=("self",)).filter(pk=review.pk, closed=None).exists():
        raise Overtaken


def _alone_with(lookup: LookUp) -> None:
    """Two reviews may hold the same look-up, a hospital's and its ward's: one at a time opens or withdraws its case."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"case {lookup.event}"])


def _take_back(lookup: LookUp, by: By) -> None:
    """The case that an earlier mark has made, unless another review asks about the same; raises Unmarkable."""
    if lookup.case is None or LookUp.objects.filter(case=lookup.case).exclude(pk=lookup.pk).exists():
        return
    if not cases.withdrawn(lookup.case, by.user, by.actor, by.request_id):
        raise Unmarkable(_("Sagen om opslaget er afgjort. Markeringen kan ikke ændres mere."), "vurdering")


def _case(review: Review, lookup: LookUp, said: Said, by: By) -> UUID:
    system, _colon, number = lookup.organisation.rpartition(":")
    case = cases.asked(
        lookup.event,
        by.actor,
        by.request_id,
        context=lookup.context,
        user_id=lookup.actor_ref,
        patient_id=lookup.patient_ref,
        organisation_system=system or "sor",
        organisation_id=number,
        organisation_name=units.names([lookup.organisation])[lookup.organisation],
        level=lookup.relation,
        ground=lookup.override_ground or lookup.ground,
        question=said.text,
    )
    return case.pk
