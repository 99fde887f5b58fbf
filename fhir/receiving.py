"""What the door does with the bytes of a known sender: answered before? judged, kept, stored, recorded, answered.

One transaction holds the row, what the kinds store, and the audit: a success means all of it is on disk, and everything
else means that none of it is. Small documents are stored at once; large ones wait as `received` for the worker, and the
senders of large reports with them.
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.actions import Action
from audit.record import Actor, NotRecorded, Outcome, record
from fhir import blobs
from fhir.bundle import REPORT, Handling, Kind, Rejected
from fhir.errors import place
from fhir.judging import WRONG_DOOR, Verdict, judge, large_kind
from fhir.models import Delivery, Sender
from fhir.reading import Body
from fhir.storing import OPEN, carry_out, put_down, refusal, rules_for

log = logging.getLogger(__name__)
LOOK = 0.2
"""Seconds between two looks at whether a large delivery is done."""
GRACE = timedelta(seconds=1)
"""How long the worker has before the sweep looks at a received delivery."""
ANEW = (WRONG_DOOR, "document-unknown", "kind-not-allowed")
"""Refusals that depend on more than the bytes: a repeat is judged again."""
STATE = Delivery.State
ANSWERED = ("id", "status", "answer", "state", "reason", "address")
FIRST = f"SELECT {', '.join(ANSWERED)} FROM fhir_delivery WHERE sender_id = %s AND sha256 = %s"  # noqa: S608
FIELDS = Delivery._meta.concrete_fields
COLUMNS = [str(field.column) for field in FIELDS]
FINDINGS = COLUMNS.index("findings")
CHANGED = ", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS if name not in ("id", "sender_id", "sha256"))
INSERT = (
    f"INSERT INTO fhir_delivery ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608
    f" ON CONFLICT (sender_id, sha256) DO UPDATE SET {CHANGED}"
    " WHERE fhir_delivery.id = EXCLUDED.id AND fhir_delivery.state = 'quarantined'"
)
"""A new row; or, with the id of a quarantined one, that row judged anew. Nothing when the bytes are there already."""


@dataclass(frozen=True)
class Call:
    """One request: who calls, at which door, with what."""

    sender: Sender
    actor: Actor
    door: str
    body: Body
    request_id: str
    address: str = ""
    """The id in the address of a report."""


@dataclass(frozen=True)
class Reply:
    """What is answered: HTTP status, the JSON of the resource, and which delivery and audit row it is about."""

    status: int
    text: str
    delivery_id: UUID
    audit_id: UUID


def receive(call: Call, kinds: Sequence[Kind]) -> Reply:
    """Answer a delivery; raises Rejected or NotAllowed when nothing of it is kept."""
    first = _first(call)
    if first is not None and not (first.state == STATE.QUARANTINED and first.reason in ANEW):
        return _repeat(call, first)
    pk = first.pk if first else uuid7()
    rules = rules_for(call.sender, kinds)
    if call.body.is_kept:
        return _kept_large(call, pk, large_kind(call.door, rules))
    verdict = judge(call.body.raw, call.body.content_type, call.door, rules, call.address)
    blobs.put(call.body.raw, call.body.sha256)
    if verdict.refused:
        return _keep(call, _delivery(pk, call, verdict, STATE.QUARANTINED), verdict)
    if len(call.body.raw) >= settings.FHIR_INLINE_BELOW and not verdict.updates:
        reply = _left(call, pk, verdict)
        return _awaited(reply) if reply.status == OPEN else reply
    try:
        return _keep(call, _delivery(pk, call, verdict, STATE.STORED), verdict, kinds)
    except Rejected as fault:
        verdict = refusal(fault)
        return _keep(call, _delivery(pk, call, verdict, STATE.QUARANTINED), verdict)
    except (OperationalError, InterfaceError, NotRecorded, OSError):
        raise
    except Exception as error:
        # A fault of ours in storing: the bytes are safe and judged, so the worker tries again, and at last gives up.
        log.error("storing failed: %s", place(error))
        return _left(call, pk, verdict)


def _left(call: Call, pk: UUID, verdict: Verdict) -> Reply:
    """Left to the worker. Whether the id of a report is taken only storing tells, so its answer is no promise yet."""
    delivery = _delivery(pk, call, verdict, STATE.RECEIVED)
    if call.door == REPORT:
        delivery.status = OPEN
    return _keep(call, delivery, verdict)


def _kept_large(call: Call, pk: UUID, kind: Kind) -> Reply:
    """Too large to be judged here: the worker reads it piece by piece, and its answer is waited for."""
    verdict = Verdict(Handling.ACCEPTED, (), "")
    delivery = _delivery(pk, call, verdict, STATE.RECEIVED)
    delivery.kind, delivery.status = kind.name, OPEN
    reply = _keep(call, delivery, verdict)
    _rung(partial(kind.enqueue, str(reply.delivery_id)))
    return _awaited(reply)


def _awaited(reply: Reply) -> Reply:
    """The answer when it is final; the one that says so (202) when that takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < settings.FHIR_LARGE_WAIT:
        found = Delivery.objects.filter(pk=reply.delivery_id).values_list("state", "status", "answer").get()
        if found[0] != STATE.RECEIVED:
            return replace(reply, status=found[1], text=found[2])
        time.sleep(LOOK)
    return reply


def _first(call: Call) -> Delivery | None:
    """What these bytes from this sender became, if they have come before; raw, since every request asks."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, [call.sender.pk, call.body.sha256])
        row = cursor.fetchone()
    return Delivery(**dict(zip(ANSWERED, row, strict=True))) if row else None


def _repeat(call: Call, first: Delivery) -> Reply:
    """The same bytes from the same sender get their first answer; to the same address, that is."""
    if call.address != first.address:
        raise Rejected("Rapporten er leveret før, til en anden adresse.", "Bundle.id", "bundle-id")
    row = record(Action.DOCUMENT_REPEATED, actor=call.actor, entity=first.ref, request_id=call.request_id)
    reply = Reply(first.status, first.answer, first.pk, row)
    return _awaited(reply) if first.status == OPEN and first.state == STATE.RECEIVED else reply


def _delivery(pk: UUID, call: Call, verdict: Verdict, state: Delivery.State) -> Delivery:
    now = timezone.now()
    delivery = Delivery(
        pk=pk,
        sender=call.sender,
        sha256=call.body.sha256,
        size=call.body.size,
        content_type=call.body.content_type,
        door=call.door,
        address=call.address,
        state=state,
        received_at=now,
        stored_at=now if state == STATE.STORED else None,
        next_try=now + GRACE if state == STATE.RECEIVED else None,
    )
    put_down(delivery, verdict)
    return delivery


def _keep(call: Call, delivery: Delivery, verdict: Verdict, kinds: Sequence[Kind] | None = None) -> Reply:
    """Row, audit and (given the kinds) the content in one transaction; of two requests at once, one keeps it."""
    with transaction.atomic():
        if not insert(delivery):
            first = _first(call)
            if first is None:
                raise OperationalError("the delivery that was here is gone")
            return _repeat(call, first)
        if kinds is not None:
            before = delivery.answer, delivery.kind
            put_down(delivery, verdict, carry_out(delivery, verdict, kinds))
            if before != (delivery.answer, delivery.kind):
                told = {"answer": delivery.answer, "findings": delivery.findings, "kind": delivery.kind}
                Delivery.objects.filter(pk=delivery.pk).update(**told)
        row = record(
            Action.DOCUMENT_REJECTED if verdict.refused else Action.DOCUMENT_RECEIVED,
            actor=call.actor,
            outcome=Outcome.MINOR if verdict.refused else Outcome.SUCCESS,
            reason=as_code(verdict.reason or verdict.handling),
            entity=delivery.ref,
            request_id=call.request_id,
        )
        if not verdict.refused:
            transaction.on_commit(partial(tell, delivery, verdict))
    return Reply(delivery.status, delivery.answer, delivery.pk, row)


def insert(delivery: Delivery) -> bool:
    """Write the row unless the sender's bytes are there already; waits for whoever is writing them just now."""
    values = [getattr(delivery, field.attname) for field in FIELDS]
    values[FINDINGS] = FIELDS[FINDINGS].get_db_prep_save(delivery.findings, connection)  # the driver takes no bare list
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        return bool(cursor.rowcount)


def tell(delivery: Delivery, verdict: Verdict) -> None:
    """Ring the doorbells after a commit: they only save time, so whatever they say is swallowed."""
    for kind in {document.kind.name: document.kind for document in verdict.documents}.values():
        if delivery.state == STATE.STORED:
            _rung(partial(kind.stored, delivery))
        else:
            _rung(partial(kind.enqueue, str(delivery.pk)))


def _rung(doorbell: Callable[[], None]) -> None:
    try:
        doorbell()
    except Exception as error:
        log.warning("doorbell silent: %s", place(error))


def as_code(reason: str) -> str:
    """A rule's name as the audit takes codes."""
    return re.sub(r"[^a-z0-9._-]+", "-", reason.lower()).strip("-._")[:64]
