"""How municipal reports become what stands. The door calls this kind through `fhir.bundle.Kind`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from eoj import batches, large
from eoj import report as reading
from eoj.batches import KIND, KNOWN, NONE, NONE_ACCEPTED, Batch, Inner, inside, judged
from eoj.profiles import BASES, BUNDLES
from fhir.bundle import REPORT, TAKEN, DocumentMetadata, Finding, Handling, Judgement, Rejected, Severity, Tree
from fhir.doorbell import ring
from fhir.models import Delivery


class Eoj:
    """KL Gateway care delivery report, alone or in an incremental delivery."""

    name = KIND
    door = REPORT
    profiles = tuple(BASES[0] + each for each in BUNDLES)

    def recognises(self, tree: Mapping[str, Any]) -> bool:
        """Whether to judge it as a municipal report."""
        return reading.recognises(tree)

    def read(self, tree: Tree) -> Judgement:
        """Judge the report; of an incremental delivery, each report by itself: one bad citizen stops nobody else."""
        if reading.is_incremental(tree):
            return _incremental(tree)
        judgement = judged(tree)
        if judgement.document is None:
            return replace(judgement, handling=Handling.REFUSED)
        return Judgement(Handling.ACCEPTED, judgement.findings, Batch({0: judgement.document}, {}))

    def store(self, delivery: Delivery, judgement: Judgement, metadata: DocumentMetadata | None) -> Sequence[Finding]:
        """Store the reports inside the caller's transaction; raises Rejected when not one can be."""
        batch: Batch = judgement.document
        told, taken = batches.store(delivery, batch)
        if taken and len(taken) == len(batch.reports):
            if not batch.incremental:
                raise Rejected(KNOWN, "Bundle.id", TAKEN)
            raise Rejected(NONE, "Bundle.entry", NONE_ACCEPTED, (*judgement.findings, *told))
        for inner in (*batch.refused, *taken):
            batches.quarantine(delivery, inner)
        return told

    def store_large(self, delivery: Delivery, alive: Callable[[], None]) -> Judgement:
        """A night's delivery, some hundred reports at a time."""
        return large.store(delivery, alive)

    def enqueue(self, delivery_id: str) -> None:
        """Ring for the worker; the sweep does without."""
        ring("eoj.tasks.process", delivery_id)

    def stored(self, delivery: Delivery) -> None:
        """Nothing follows."""

    def update(self, sender_id: Any, metadata: DocumentMetadata) -> Sequence[str]:
        """Reports have no metadata of their own."""
        raise Rejected("Dokumentet kendes ikke her.", "DocumentReference", "document-unknown")


EOJ = Eoj()


def _incremental(tree: Tree) -> Judgement:
    findings, reports, trees, refused = list(reading.read_incremental_frame(tree)), {}, {}, []
    if any(each.severity in (Severity.FATAL, Severity.ERROR) for each in findings):
        return Judgement(Handling.REFUSED, tuple(findings))
    for number, inner in enumerate(reading.inner_reports(tree)):
        judgement = judged(inner)
        if judgement.document is None or judgement.handling is Handling.REFUSED:
            refused.append(Inner(number, inner, judgement.findings))
        else:
            reports[number], trees[number] = judgement.document, inner
        findings += [replace(each, path=inside(number, each.path)) for each in judgement.findings]
    if not reports:
        return Judgement(Handling.REFUSED, tuple(findings))
    return Judgement(Handling.ACCEPTED, tuple(findings), Batch(reports, trees, tuple(refused), True))
