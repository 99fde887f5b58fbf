"""Loads many reports: a first load, a national night. Set-based throughout; safe to break off and run again.

Each report becomes what it would have become alone at the door: a delivery with its bytes, its answer and its audit
rows, or a place in quarantine. What the sender has delivered before is passed over, so that a second run goes on where
the first ended. A chunk that cannot be written is written report by report, and the one that fails goes to quarantine.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.actions import Action
from audit.record import record_many
from eoj import applying
from eoj.batches import KNOWN, First, firsts, judged, tried
from eoj.ingest import EOJ
from eoj.item import Report
from fhir import blobs
from fhir.authentication import actor_of
from fhir.bundle import REPORT, TAKEN, Handling, Rejected
from fhir.judging import Document, Verdict, parse, refused
from fhir.models import Delivery, Sender
from fhir.receiving import COLUMNS, FIELDS, FINDINGS
from fhir.storing import put_down, refusal
from patients import registry

JSON = "application/fhir+json"
FAILED = Rejected("Der skete en fejl hos os, og rapporten er ikke lagt på plads.", "Bundle", "care-report-failed")
CHUNK = 500
"""Reports of one transaction: some 6,000 resources, and half a second for whoever waits for one of their citizens."""


@dataclass(frozen=True)
class Progress:
    """What has become of the reports so far."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    known: int = 0
    resources: int = 0

    def __add__(self, more: "Progress") -> "Progress":
        return Progress(*(mine + new for mine, new in zip(_values(self), _values(more), strict=True)))


def load(lines: Iterable[bytes], sender: Sender) -> Iterator[Progress]:
    """Load reports, one JSON Bundle a line, a chunk at a time; gives the sum after each chunk."""
    source, done = iter(lines), Progress()
    while chunk := list(islice(source, CHUNK)):
        done += _chunk([line for raw in chunk if (line := raw.strip())], sender)
        yield done


def _values(progress: Progress) -> tuple[int, ...]:
    return progress.read, progress.accepted, progress.quarantined, progress.known, progress.resources


@dataclass(frozen=True)
class Line:
    """One report on its way: its bytes, and what is made of them."""

    sha256: str
    raw: bytes
    address: str
    verdict: Verdict
    report: Report | None


def _chunk(raws: Sequence[bytes], sender: Sender) -> Progress:
    named = {hashlib.sha256(raw).hexdigest(): raw for raw in raws}
    held = Delivery.objects.filter(sender=sender, sha256__in=list(named)).values_list("sha256", flat=True)
    for sha256 in held:
        del named[sha256]
    lines = [_line(sha256, raw) for sha256, raw in named.items()]
    blobs.put_many(named)
    told = _together(sender, lines)
    if told is None:
        told = sum((_alone(sender, line) for line in lines), Progress())
    return Progress(len(raws), known=len(raws) - len(lines)) + told


def _line(sha256: str, raw: bytes) -> Line:
    return tried(partial(_judged, sha256, raw)) or Line(sha256, raw, "", refusal(FAILED), None)


def _judged(sha256: str, raw: bytes) -> Line:
    try:
        tree = parse(raw, JSON, settings.FHIR_MAX_DEPTH)
    except Rejected as fault:
        return Line(sha256, raw, "", refusal(fault), None)
    judgement = tried(partial(judged, tree))
    address = str(tree.get("id", ""))[:64]
    if judgement is None:
        return Line(sha256, raw, address, refusal(FAILED), None)
    if judgement.document is None:
        return Line(sha256, raw, address, refused(judgement), None)
    verdict = Verdict(Handling.ACCEPTED, judgement.findings, "", (Document(EOJ, judgement),))
    return Line(sha256, raw, address, verdict, judgement.document)


def _together(sender: Sender, lines: Sequence[Line]) -> Progress | None:
    """All of these or, when one of them cannot be written, none."""
    return tried(partial(_stored, sender, lines))


def _alone(sender: Sender, line: Line) -> Progress:
    """One report by itself, in quarantine when it fails again; what fails then is no report's fault."""
    told = _together(sender, [line])
    return told or _stored(sender, [replace(line, verdict=refusal(FAILED), report=None)])


@transaction.atomic
def _stored(sender: Sender, lines: Sequence[Line]) -> Progress:
    patients = registry.patients_for(line.report.cpr for line in lines if line.report)
    held = firsts(line.report.id for line in lines if line.report)
    deliveries, reports = [], []
    for line in lines:
        report, verdict = line.report, line.verdict
        first = held.get(report.id) if report else None
        if report and first and not first.same(report, line.sha256):
            verdict = refusal(Rejected(KNOWN, "Bundle.id", TAKEN))
        deliveries.append(delivery := _delivery(sender, line, verdict))
        if report and not first:
            held[report.id] = First(report.digest, line.address, line.sha256)
            reports.append((delivery, report))
    applying.copy("fhir_delivery", COLUMNS, map(_columns, deliveries))
    write(reports, patients)
    actor = actor_of(sender)
    stored = [each for each in deliveries if each.state == Delivery.State.STORED]
    refused_ones = [each for each in deliveries if each.state == Delivery.State.QUARANTINED]
    record_many(Action.DOCUMENT_RECEIVED, actor, [(None, each.ref) for each in stored], str(Handling.ACCEPTED))
    record_many(Action.DOCUMENT_REJECTED, actor, [(None, each.ref) for each in refused_ones])
    record_many(Action.EOJ_STORED, actor, [(patients[report.cpr], delivery.ref) for delivery, report in reports])
    resources = sum(len(report.items) for _delivery, report in reports)
    return Progress(accepted=len(stored), quarantined=len(refused_ones), resources=resources)


def write(reports: Sequence[tuple[Delivery, Report]], patients: Mapping[str, UUID]) -> None:
    """The load step: reports that are checked and new, as rows, in the caller's transaction."""
    applying.copy("eoj_report", REPORTED, (_reported(delivery, report, patients) for delivery, report in reports))
    rows = (applying.row(patients[report.cpr], report, item) for _, report in reports for item in report.items)
    applying.keep_many(rows)


REPORTED = ("id", "digest", "delivery_id", "patient_id", "sor", "timestamp", "received_at", "deceased")


def _reported(delivery: Delivery, report: Report, patients: Mapping[str, UUID]) -> tuple[Any, ...]:
    patient = patients[report.cpr]
    return (report.id, report.digest, delivery.pk, patient, report.sor, report.timestamp, delivery.received_at,
            report.deceased)  # fmt: skip


def _delivery(sender: Sender, line: Line, verdict: Verdict) -> Delivery:
    now, quarantined = timezone.now(), verdict.refused
    delivery = Delivery(
        pk=uuid7(),
        sender=sender,
        sha256=line.sha256,
        size=len(line.raw),
        content_type=JSON,
        door=REPORT,
        address=line.address,
        kind=EOJ.name,
        state=Delivery.State.QUARANTINED if quarantined else Delivery.State.STORED,
        received_at=now,
        stored_at=None if quarantined else now,
    )
    put_down(delivery, verdict)
    return delivery


def _columns(delivery: Delivery) -> list[Any]:
    values = [getattr(delivery, field.attname) for field in FIELDS]
    values[FINDINGS] = FIELDS[FINDINGS].get_db_prep_save(delivery.findings, connection)
    return values
