"""Loads many reports: a first load, a national night. Set-based throughout; safe to break off and run again.

Each report becomes what it would have become alone at the door: a delivery with its bytes, its answer and its audit
rows, or a place in quarantine. What the sender has delivered before is passed over, so that a second run goes on where
the first ended.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.actions import Action
from audit.record import Actor, record_many, safe
from eoj import applying, models
from eoj.ingest import KNOWN, Eoj, judged
from eoj.item import Report
from fhir import blobs
from fhir.bundle import REPORT, TAKEN, Handling, Judgement, Rejected
from fhir.judging import Document, Verdict, parse
from fhir.models import Delivery, Sender
from fhir.receiving import COLUMNS, FIELDS, FINDINGS
from fhir.storing import put_down, refusal
from patients import registry

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
    while chunk := [line for raw in islice(source, CHUNK) if (line := raw.strip())]:
        done += _chunk(chunk, sender)
        yield done


def _values(progress: Progress) -> tuple[int, ...]:
    return progress.read, progress.accepted, progress.quarantined, progress.known, progress.resources


def _chunk(raws: Sequence[bytes], sender: Sender) -> Progress:
    named = {hashlib.sha256(raw).hexdigest(): raw for raw in raws}
    held = Delivery.objects.filter(sender=sender, sha256__in=list(named)).values_list("sha256", flat=True)
    for sha256 in held:
        del named[sha256]
    judgements = {sha256: _judged(raw) for sha256, raw in named.items()}
    blobs.put_many(named)
    with transaction.atomic():
        told = _stored(sender, named, judgements)
    return Progress(len(raws), known=len(raws) - len(named)) + told


def _judged(raw: bytes) -> Judgement | Verdict:
    try:
        return judged(parse(raw, "application/fhir+json", settings.FHIR_MAX_DEPTH))
    except Rejected as fault:
        return refusal(fault)


def _stored(sender: Sender, named: dict[str, bytes], judgements: dict[str, Judgement | Verdict]) -> Progress:
    found: dict[str, Report] = {
        sha256: judgement.document
        for sha256, judgement in judgements.items()
        if isinstance(judgement, Judgement) and judgement.document is not None
    }
    patients = registry.patients_for(report.cpr for report in found.values())
    taken = set(models.Report.objects.filter(pk__in=[r.id for r in found.values()]).values_list("pk", flat=True))
    deliveries, reports = [], []
    for sha256, raw in named.items():
        report = found.get(sha256)
        if report is not None and report.id in taken:
            judgements[sha256] = refusal(Rejected(KNOWN, "Bundle.id", TAKEN))
            report = None
        delivery = _delivery(sender, sha256, raw, judgements[sha256], report)
        deliveries.append(delivery)
        if report is not None:
            taken.add(report.id)
            reports.append((delivery, report))
    _copy("fhir_delivery", COLUMNS, map(_columns, deliveries))
    _copy("eoj_report", REPORTED, (_reported(delivery, report, patients) for delivery, report in reports))
    rows = (applying.row(patients[report.cpr], report, item) for _delivery, report in reports for item in report.items)
    _copy("eoj_version", ("id", *applying.SAID), rows)
    applying.stand([report.id for _delivery, report in reports])
    actor = Actor("sender", safe(sender.issuer.url, "issuer"), safe(sender.subject, "subject"), sender.pk)
    refused = [each for each in deliveries if each.state == Delivery.State.QUARANTINED]
    record_many(Action.EOJ_STORED, actor, [(patients[report.cpr], delivery.ref) for delivery, report in reports])
    record_many(Action.DOCUMENT_REJECTED, actor, [(None, each.ref) for each in refused])
    resources = sum(len(report.items) for _delivery, report in reports)
    return Progress(accepted=len(reports), quarantined=len(refused), resources=resources)


REPORTED = ("id", "digest", "delivery_id", "patient_id", "sor", "timestamp", "received_at", "deceased")


def _reported(delivery: Delivery, report: Report, patients: dict[str, Any]) -> tuple[Any, ...]:
    patient = patients[report.cpr]
    return (report.id, report.digest, delivery.pk, patient, report.sor, report.timestamp, delivery.received_at,
            report.deceased)  # fmt: skip


def _delivery(
    sender: Sender, sha256: str, raw: bytes, judgement: Judgement | Verdict, report: Report | None
) -> Delivery:
    now = timezone.now()
    delivery = Delivery(
        pk=uuid7(),
        sender=sender,
        sha256=sha256,
        size=len(raw),
        content_type="application/fhir+json",
        door=REPORT,
        address=report.id if report else "",
        kind=Eoj.name,
        state=Delivery.State.STORED if report else Delivery.State.QUARANTINED,
        received_at=now,
        stored_at=now if report else None,
    )
    put_down(delivery, _verdict(judgement))
    return delivery


def _verdict(judgement: Judgement | Verdict) -> Verdict:
    if isinstance(judgement, Verdict):
        return judgement
    if judgement.document is None:
        rule = judgement.findings[0].rule if judgement.findings else "refused"
        return Verdict(Handling.REFUSED, judgement.findings, rule)
    return Verdict(Handling.ACCEPTED, judgement.findings, "", (Document(Eoj(), judgement),))


def _columns(delivery: Delivery) -> list[Any]:
    values = [getattr(delivery, field.attname) for field in FIELDS]
    values[FINDINGS] = FIELDS[FINDINGS].get_db_prep_save(delivery.findings, connection)
    return values


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table, in the caller's transaction."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
