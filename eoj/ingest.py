"""How municipal reports become what stands. The door calls this kind through `fhir.bundle.Kind`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.actions import Action
from audit.record import record_many
from eoj import applying, models
from eoj import report as reading
from eoj.item import Report
from fhir import blobs
from fhir.authentication import actor_of
from fhir.bundle import REPORT, TAKEN, DocumentMetadata, Finding, Handling, Judgement, Rejected, Severity, Tree
from fhir.doorbell import ring
from fhir.judging import refused
from fhir.models import Delivery
from fhir.receiving import insert
from fhir.storing import put_down
from patients import registry
from terminology.registry import current

KNOWN = "Der findes allerede en rapport med dette id. Den første gælder; en rettelse sendes som en ny rapport."


@dataclass(frozen=True)
class Inner:
    """One report of an incremental delivery that was not accepted, with what is wrong with it."""

    entry: int
    tree: Tree
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Batch:
    """What one delivery brings: a report alone, or the reports of an incremental delivery by their entry."""

    reports: Mapping[int, Report]
    trees: Mapping[int, Tree]
    refused: tuple[Inner, ...] = ()
    incremental: bool = False


class Eoj:
    """KL Gateway care delivery report, alone or in an incremental delivery."""

    name = "eoj"
    door = REPORT
    profile = "http://fhir.kl.dk/gateway/StructureDefinition/klgateway-care-delivery-report"

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
        """Store the reports inside the caller's transaction; raises Rejected when the id is another report's."""
        batch: Batch = judgement.document
        told, taken = _stored(delivery, batch)
        if taken and len(taken) == len(batch.reports):
            raise Rejected(KNOWN, "Bundle.id", TAKEN)
        for inner in (*batch.refused, *taken):
            _quarantine(delivery, inner)
        return told

    def enqueue(self, delivery_id: str) -> None:
        """Ring for the worker; the sweep does without."""
        ring("eoj.tasks.process", delivery_id)

    def stored(self, delivery: Delivery) -> None:
        """Nothing follows."""

    def update(self, sender_id: Any, metadata: DocumentMetadata) -> Sequence[str]:
        """Reports have no metadata of their own."""
        raise Rejected("Dokumentet kendes ikke her.", "DocumentReference", "document-unknown")


EOJ = Eoj()


def judged(tree: Tree) -> Judgement:
    """Judge one report by the catalogue and the settings of now."""
    return reading.read(tree, current(), after_transition=settings.EOJ_AFTER_TRANSITION)


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
        findings += [replace(each, path=_inside(number, each.path)) for each in judgement.findings]
    if not reports:
        return Judgement(Handling.REFUSED, tuple(findings))
    return Judgement(Handling.ACCEPTED, tuple(findings), Batch(reports, trees, tuple(refused), True))


def _inside(entry: int, path: str) -> str:
    return f"Bundle.entry[{entry}].resource" + path.removeprefix("Bundle")


def _stored(delivery: Delivery, batch: Batch) -> tuple[list[Finding], list[Inner]]:
    """Write the reports that are new, each citizen's rows locked first, always in the same order."""
    patients = registry.patients_for(report.cpr for report in batch.reports.values())
    ids = [report.id for report in batch.reports.values()]
    held = {row.pk: row for row in models.Report.objects.filter(pk__in=ids).select_related("delivery")}
    told, taken, fresh = [], [], []
    for entry, report in batch.reports.items():
        first = held.get(report.id)
        if first is None:
            held[report.id] = _row(delivery, report, patients[report.cpr])
            fresh.append((report, held[report.id]))
        elif not _same(first, report, delivery, batch.incremental):
            finding = Finding(TAKEN, Severity.ERROR, _inside(entry, "Bundle.id"), KNOWN)
            taken.append(Inner(entry, batch.trees.get(entry, {}), (finding,)))
            told.append(finding)
    models.Report.objects.bulk_create([row for _, row in fresh])
    for report, row in fresh:
        applying.keep(row.patient_id, report)
    applying.stand([row.pk for _, row in fresh])
    told_of = [(row.patient_id, delivery.ref) for _, row in fresh]
    record_many(Action.EOJ_STORED, actor_of(delivery.sender), told_of)
    return told, taken


def _same(first: models.Report, report: Report, delivery: Delivery, incremental: bool) -> bool:
    """Whether the id stands for this content; of a report that came alone, for these very bytes."""
    alone = not incremental and first.delivery.address == report.id
    return first.delivery.sha256 == delivery.sha256 if alone else first.digest == report.digest


def _row(delivery: Delivery, report: Report, patient: UUID) -> models.Report:
    return models.Report(
        id=report.id,
        digest=report.digest,
        delivery=delivery,
        patient_id=patient,
        sor=report.sor,
        timestamp=report.timestamp,
        received_at=delivery.received_at,
        deceased=report.deceased,
    )


def _quarantine(delivery: Delivery, inner: Inner) -> None:
    """A delivery of its own for a report that was not accepted, so that it can be seen, and processed again."""
    raw = orjson.dumps(inner.tree)
    kept = Delivery(
        pk=uuid7(),
        sender=delivery.sender,
        sha256=blobs.put(raw),
        size=len(raw),
        content_type="application/fhir+json",
        door=REPORT,
        address=str(inner.tree.get("id", ""))[:64],
        kind=Eoj.name,
        state=Delivery.State.QUARANTINED,
        received_at=timezone.now(),
    )
    verdict = refused(Judgement(Handling.REFUSED, inner.findings))
    put_down(kept, replace(verdict, handling=Handling.DUPLICATE) if verdict.reason == TAKEN else verdict)
    insert(kept)
