"""The worker's part: a received delivery is stored, once, or given up after five tries. Safe to run anywhere."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from audit.actions import Action
from audit.record import SYSTEM, NotRecorded, Outcome, record
from fhir import blobs
from fhir.bundle import Handling, Kind, Rejected
from fhir.errors import place
from fhir.judging import Document, NotAllowed, Verdict, judge, large_kind, refused
from fhir.models import Delivery
from fhir.receiving import as_code, tell
from fhir.storing import OPEN, Done, carry_out, put_down, refusal, rules_for

log = logging.getLogger(__name__)
TRIES = 5
LEASE = timedelta(seconds=25)
"""How soon a large delivery whose worker was killed is taken up again."""
NOT_ALLOWED = Rejected("Afsenderen må ikke levere denne slags dokument.", "", "kind-not-allowed")
PAUSES = [5, 15, 60, 300, 900]
"""Seconds from the beginning of one try to the next: also how soon a try that was killed is repeated."""
CLAIM = """
    UPDATE fhir_delivery SET attempts = attempts + 1,
        next_try = now() + make_interval(secs => (%s::float[])[least(attempts + 1, %s)])
    WHERE id = (
        SELECT id FROM fhir_delivery
        WHERE id = %s AND state = 'received' AND (attempts = 0 OR next_try <= now()) FOR UPDATE SKIP LOCKED
    )
    RETURNING attempts, size
"""
"""Counted and committed before the try: what kills its worker is counted too."""


def process(delivery_id: UUID | str, kinds: Sequence[Kind]) -> bool:
    """Work on one received delivery; False when there was nothing to do, or another is at it."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [PAUSES, len(PAUSES), str(delivery_id)])
        claimed = cursor.fetchone()
    if claimed is None:
        return False
    attempts, size = claimed
    if attempts > TRIES:
        _give_up(delivery_id, "killed")
        return True
    try:
        if size > settings.FHIR_MAX_BODY:
            _finish_large(delivery_id, kinds)
            return True
        with transaction.atomic():
            waiting = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
                "sender__issuer"
            )
            delivery = waiting.filter(pk=delivery_id, state=Delivery.State.RECEIVED).first()
            if delivery is None:
                return False
            _finish(delivery, kinds)
    except Exception as error:
        # Of any kind, on purpose: one delivery that cannot be stored must not stop the others.
        log.error("delivery %s, try %s: %s", delivery_id, attempts, place(error))
        if isinstance(error, OperationalError | InterfaceError | NotRecorded | OSError):
            # The house is down or full, and no delivery is to blame: such a try does not count.
            Delivery.objects.filter(pk=delivery_id, state=Delivery.State.RECEIVED).update(attempts=attempts - 1)
        elif attempts >= TRIES:
            _give_up(delivery_id, type(error).__name__)
    return True


def again(delivery: Delivery) -> bool:
    """Let a quarantined or dead delivery be judged and stored anew by the worker; False when it is neither now."""
    held = Delivery.objects.filter(pk=delivery.pk, state__in=[Delivery.State.QUARANTINED, Delivery.State.DEAD])
    changes = {"state": Delivery.State.RECEIVED, "attempts": 0, "next_try": timezone.now()}
    return bool(held.update(**changes))


def _finish(delivery: Delivery, kinds: Sequence[Kind]) -> None:
    """Judge once more (the rules may be newer than the first judgement), store, and say so on the row."""
    promised = delivery.status < 300 and delivery.status != OPEN
    first = (delivery.status, delivery.answer) if promised else None
    verdict, done = _judged(delivery, kinds), None
    if not verdict.refused:
        try:
            with transaction.atomic():
                done = carry_out(delivery, verdict, kinds)
        except Rejected as fault:
            verdict = refusal(fault)
    _settle(delivery, verdict, done, first)


def _finish_large(delivery_id: UUID | str, kinds: Sequence[Kind]) -> None:
    """The same for what is too large for memory: its kind stores it in transactions of its own; this is the last."""
    delivery = Delivery.objects.select_related("sender__issuer").get(pk=delivery_id)
    try:
        kind = large_kind(delivery.door, rules_for(delivery.sender, kinds))
        judgement = kind.store_large(delivery, partial(_hold, delivery_id))
        is_refused = judgement.handling is Handling.REFUSED
        document = Document(kind, judgement)
        verdict = refused(judgement) if is_refused else Verdict(judgement.handling, judgement.findings, "", (document,))
    except Rejected as fault:
        verdict = refusal(fault)
    except NotAllowed:
        verdict = refusal(NOT_ALLOWED)
    with transaction.atomic():
        waiting = Delivery.objects.select_for_update().filter(pk=delivery_id, state=Delivery.State.RECEIVED)
        if waiting.exists():
            _settle(delivery, verdict)


def _hold(delivery_id: UUID | str) -> None:
    """No other worker takes it up while we are alive."""
    held = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.RECEIVED)
    held.update(next_try=timezone.now() + LEASE)


def _settle(
    delivery: Delivery, verdict: Verdict, done: Done | None = None, first: tuple[int, str] | None = None
) -> None:
    put_down(delivery, verdict, done)
    if first and not verdict.refused:
        delivery.status, delivery.answer = first  # what was promised when it came is what a repeat hears
    delivery.state = Delivery.State.QUARANTINED if verdict.refused else Delivery.State.STORED
    delivery.next_try, delivery.stored_at = None, None if verdict.refused else timezone.now()
    delivery.save()
    record(
        Action.DOCUMENT_REJECTED if verdict.refused else Action.DOCUMENT_STORED,
        actor=SYSTEM,
        outcome=Outcome.MINOR if verdict.refused else Outcome.SUCCESS,
        reason=as_code(verdict.reason or verdict.handling),
        entity=delivery.ref,
    )
    if not verdict.refused:
        transaction.on_commit(partial(tell, delivery, verdict))


def _judged(delivery: Delivery, kinds: Sequence[Kind]) -> Verdict:
    raw = blobs.read(delivery.sha256)
    try:
        return judge(raw, delivery.content_type, delivery.door, rules_for(delivery.sender, kinds), delivery.address)
    except Rejected as fault:
        return refusal(fault)
    except NotAllowed:
        return refusal(NOT_ALLOWED)


def _give_up(delivery_id: UUID | str, reason: str) -> None:
    """A dead letter: it stays in the table with the reason, and an administrator can let it be tried again."""
    damaged = reason == blobs.Damaged.__name__
    with transaction.atomic():
        waiting = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.RECEIVED)
        if waiting.update(state=Delivery.State.DEAD, next_try=None, reason=reason[:100]):
            action = Action.DOCUMENT_DAMAGED if damaged else Action.DOCUMENT_GIVEN_UP
            entity = f"Delivery/{delivery_id}"
            record(action, actor=SYSTEM, outcome=Outcome.SERIOUS, reason=as_code(reason), entity=entity)
