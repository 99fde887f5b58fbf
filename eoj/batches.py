"""What one delivery brings, and how it is written: reports that are new, that are here already, that are wrong."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar
from uuid import UUID

import orjson
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.actions import Action
from audit.record import NotRecorded, record_many
from eoj import applying, models
from eoj import report as reading
from eoj.item import Report
from fhir import blobs
from fhir.authentication import actor_of
from fhir.bundle import REPORT, TAKEN, Finding, Handling, Judgement, Severity, Tree
from fhir.errors import place
from fhir.judging import Verdict, refused
from fhir.models import Delivery
from fhir.receiving import GRACE, insert
from fhir.storing import OPEN, put_down
from patients import registry
from terminology.registry import current

log = logging.getLogger(__name__)
T = TypeVar("T")
KIND = "eoj"
KNOWN = "Der findes allerede en rapport med dette id. Den første gælder; en rettelse sendes som en ny rapport."
NOT_YET = "Rapporten er modtaget, men endnu ikke lagt på plads."
NONE = "Ingen af leveringens rapporter kunne modtages."
NONE_ACCEPTED = "care-delivery-none-accepted"


@dataclass(frozen=True)
class Inner:
    """One report of an incremental delivery that was not accepted, with what is wrong with it."""

    entry: int
    tree: Tree
    findings: tuple[Finding, ...]
    raw: bytes = b""
    """As it came, where that is known."""


@dataclass(frozen=True)
class Batch:
    """What one delivery brings: a report alone, or the reports of an incremental delivery by their entry."""

    reports: Mapping[int, Report]
    trees: Mapping[int, Tree]
    refused: tuple[Inner, ...] = ()
    incremental: bool = False


def judged(tree: Tree) -> Judgement:
    """Judge one report by the catalogue and the settings of now."""
    return reading.read(tree, current(), after_transition=settings.EOJ_AFTER_TRANSITION)


def inside(entry: int, path: str) -> str:
    """The path within the delivery of a path within one of its reports."""
    return f"Bundle.entry[{entry}].resource" + path.removeprefix("Bundle")


Stored = tuple[list[Finding], list[Inner]]
"""What there is to tell, and the reports whose id is another one's."""


def store(delivery: Delivery, batch: Batch) -> Stored:
    """Write the reports that are new. Of many, one that cannot be written is left to the worker and stops nobody."""
    if not batch.incremental:
        return _written(delivery, batch)
    if (whole := _tried(delivery, batch)) is not None:
        return whole
    told, taken = list[Finding](), list[Inner]()
    for entry, report in batch.reports.items():
        part = _tried(delivery, replace(batch, reports={entry: report}))
        if part is None:
            part = [_left(delivery, entry, batch.trees[entry])], []
        told += part[0]
        taken += part[1]
    return told, taken


def _tried(delivery: Delivery, batch: Batch) -> Stored | None:
    def written() -> Stored:
        with transaction.atomic():
            return _written(delivery, batch)

    return tried(written)


def tried(work: Callable[[], T]) -> T | None:
    """What it gives; None when it failed in a way that nobody foresaw, and the house itself is not down."""
    try:
        return work()
    except (OperationalError, InterfaceError, NotRecorded, OSError):
        raise
    except Exception as error:
        log.error("storing failed: %s", place(error))
        return None


def _written(delivery: Delivery, batch: Batch) -> Stored:
    patients = registry.patients_for(report.cpr for report in batch.reports.values())
    held = firsts(report.id for report in batch.reports.values())
    told, taken, fresh = [], [], []
    for entry, report in batch.reports.items():
        if report.id not in held:
            held[report.id] = First(report.digest, delivery.address, delivery.sha256)
            fresh.append((report, _row(delivery, report, patients[report.cpr])))
        elif not held[report.id].same(report, delivery.sha256, batch.incremental):
            finding = Finding(TAKEN, Severity.ERROR, inside(entry, "Bundle.id"), KNOWN)
            taken.append(Inner(entry, batch.trees.get(entry, {}), (finding,)))
            told.append(finding)
    models.Report.objects.bulk_create([row for _, row in fresh])
    applying.keep_many(applying.row(row.patient_id, report, item) for report, row in fresh for item in report.items)
    told_of = [(row.patient_id, delivery.ref) for _, row in fresh]
    record_many(Action.EOJ_STORED, actor_of(delivery.sender), told_of)
    return told, taken


class First(NamedTuple):
    """What an id stands for: the content that came first under it, and the delivery that brought it."""

    digest: str
    address: str
    sha256: str

    def same(self, report: Report, sha256: str, incremental: bool = False) -> bool:
        """Whether it stands for this report, delivered by these bytes; of one that came alone, for the very bytes."""
        alone = not incremental and self.address == report.id
        return self.sha256 == sha256 if alone else self.digest == report.digest


def firsts(ids: Iterable[str]) -> dict[str, First]:
    """Of those of these ids that are taken, what they stand for."""
    found = models.Report.objects.filter(pk__in=list(ids))
    rows = found.values_list("pk", "digest", "delivery__address", "delivery__sha256")
    return {row[0]: First(*row[1:]) for row in rows}


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


def quarantine(delivery: Delivery, inner: Inner) -> None:
    """A delivery of its own for a report that was not accepted, so that it can be seen, and processed again."""
    kept = _own(delivery, inner.tree, inner.raw or orjson.dumps(inner.tree), Delivery.State.QUARANTINED)
    verdict = refused(Judgement(Handling.REFUSED, inner.findings))
    put_down(kept, replace(verdict, handling=Handling.DUPLICATE) if verdict.reason == TAKEN else verdict)
    insert(kept)


def _left(delivery: Delivery, entry: int, tree: Tree) -> Finding:
    """A delivery of its own, received and tried as any other, for a report that we failed to write; what to tell."""
    kept = _own(delivery, tree, orjson.dumps(tree), Delivery.State.RECEIVED)
    put_down(kept, Verdict(Handling.ACCEPTED, (), ""))
    kept.status, kept.next_try = OPEN, kept.received_at + GRACE
    insert(kept)
    return Finding("care-report-not-stored-yet", Severity.INFORMATION, inside(entry, "Bundle"), NOT_YET)


def _own(delivery: Delivery, tree: Tree, raw: bytes, state: Delivery.State) -> Delivery:
    return Delivery(
        pk=uuid7(),
        sender=delivery.sender,
        sha256=blobs.put(raw),
        size=len(raw),
        content_type="application/fhir+json",
        door=REPORT,
        address=str(tree.get("id", ""))[:64],
        kind=KIND,
        state=state,
        received_at=timezone.now(),
    )
