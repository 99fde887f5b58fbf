"""A delivery too large for memory: its reports are judged and stored some hundred at a time, each by itself.

It may be broken off and begun again: the reports that it has stored are passed over.
"""

import logging
import mmap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from django.conf import settings
from django.db import transaction

from eoj import batches, models
from eoj import report as reading
from eoj.batches import Batch, Inner, inside
from fhir.bundle import Finding, Handling, Judgement, Rejected, Severity
from fhir.judging import OTHER_ID
from fhir.large_blobs import mapped
from fhir.models import Delivery
from fhir.parse import from_json
from fhir.splitting import split

log = logging.getLogger(__name__)
CHUNK = 300
"""Reports of one transaction: a quarter of a second for whoever sends the same citizen's."""
BEHIND = 8_000_000
"""Bytes of the map that may lie behind."""
SIGN = 5
"""Seconds between two signs of life."""
TOLD = 1000
"""Issues of the answer."""
MORE = Finding(
    "too-many-findings", Severity.INFORMATION, "Bundle", "Flere rapporter er i karantæne, end der er vist her."
)
SINGLE = "Kun en samling af rapporter (IncrementalDelivery) må fylde så meget."


def store(delivery: Delivery, alive: Callable[[], None]) -> Judgement:
    """Accepted when any of its reports is; raises Rejected when its bytes are no document, or hold only one."""
    with mapped(delivery.sha256) as data:
        passing = _Passing(data, alive)
        whole = split(data, passing.passed)
        frame = from_json(whole.frame, settings.FHIR_MAX_DEPTH)
        if not reading.is_incremental(frame):
            raise Rejected(SINGLE, "Bundle.meta.profile", "too-large")
        if frame.get("id") != delivery.address:
            raise Rejected(OTHER_ID, "Bundle.id", "bundle-id")
        told = list(reading.read_incremental_frame(frame))
        if any(each.severity in (Severity.FATAL, Severity.ERROR) for each in told):
            return Judgement(Handling.REFUSED, tuple(told))
        done = frozenset(models.Report.objects.filter(delivery=delivery).values_list("pk", flat=True))
        accepted = 0
        for start in range(0, len(whole.places), CHUNK):
            batch, known = _batch(data, whole.places[start : start + CHUNK], start, done)
            with transaction.atomic():
                stored, again = batches.store(delivery, batch)
                for inner in (*batch.refused, *again):
                    batches.quarantine(delivery, inner)
            accepted += known + len(batch.reports) - len(again)
            told += [*(each.findings[0] for each in batch.refused), *stored]
            log.info("%s: %s of %s reports", delivery.ref, min(start + CHUNK, len(whole.places)), len(whole.places))
            passing.passed(whole.places[min(start + CHUNK, len(whole.places)) - 1][1])
    if len(told) > TOLD:
        told[TOLD:] = [MORE]
    return Judgement(Handling.ACCEPTED if accepted else Handling.REFUSED, tuple(told))


class _Passing:
    """Going through the map: a sign of life every few seconds, and what lies behind gives its memory back."""

    def __init__(self, data: mmap.mmap, alive: Callable[[], None]) -> None:
        self.data, self.alive, self.at, self.freed = data, alive, 0.0, 0

    def passed(self, place: int) -> None:
        if place < self.freed:
            self.freed = 0
        if place - self.freed >= BEHIND:
            self.data.madvise(mmap.MADV_DONTNEED, 0, place - place % mmap.PAGESIZE)
            self.freed = place
        if (now := time.monotonic()) - self.at >= SIGN:
            self.at = now
            self.alive()


def _batch(data: mmap.mmap, places: tuple[tuple[int, int], ...], start: int, done: frozenset[str]) -> tuple[Batch, int]:
    """Some reports, judged; and how many of them this delivery has stored before."""
    reports, trees, refused, known = {}, {}, [], 0
    for number, (begin, end) in enumerate(places, start):
        raw = data[begin:end]
        try:
            tree = from_json(raw, settings.FHIR_MAX_DEPTH)
        except Rejected as fault:
            told = Finding(fault.rule, Severity.ERROR, inside(number, "Bundle"), fault.sentence)
            refused.append(Inner(number, {}, (told,), raw))
            continue
        if tree.get("id") in done:
            known += 1
            continue
        judgement = batches.judged(tree)
        if judgement.document is None or judgement.handling is Handling.REFUSED:
            refused.append(Inner(number, tree, tuple(_placed(number, judgement)), raw))
        else:
            reports[number], trees[number] = judgement.document, tree
    return Batch(reports, trees, tuple(refused), True), known


def _placed(number: int, judgement: Judgement) -> Iterator[Finding]:
    for each in judgement.findings:
        yield replace(each, path=inside(number, each.path))
