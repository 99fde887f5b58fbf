"""How an EKG document becomes recordings. The door calls this kind of document through `fhir.bundle.Kind`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.actions import Action
from audit.record import record
from ekg import metadata as xds
from ekg import pdf
from ekg.document import EkgDocument, EkgRecording, read
from ekg.inserting import insert
from ekg.models import Recording
from ekg.versions import Standing, key, names, replace, standing
from fhir import blobs
from fhir.authentication import actor_of
from fhir.bundle import DOCUMENT, DocumentMetadata, Finding, Handling, Judgement, Rejected, Severity, Tree
from fhir.doorbell import ring
from fhir.models import Delivery, Sender
from patients import registry
from patients.models import Patient

EARLIEST, LATEST = 1900, 2200
"""Years outside these are a slip of the source; neither PostgreSQL's driver nor local time can hold the extremes."""
HINTS = ("11524-6", "ekg-recording", "Elektrokardiogram", "medcom-observation-value-attachment-extension")
"""Any of these in a Composition or an Observation makes it worth judging as an EKG, whatever else is wrong."""

REUSED = (
    Finding(
        "document-id-reused",
        Severity.INFORMATION,
        "Composition.identifier",
        "Dokumentets identifikation er brugt før til et dokument med et andet indhold.",
    ),
)
"""EKG.md §7: told to the source, and changes nothing else."""


class Ekg:
    """MedCom EKG Recording."""

    name = "ekg"
    door = DOCUMENT
    profiles: tuple[str, ...] = ("http://medcomfhir.dk/ig/ekg/StructureDefinition/medcom-ekg-recording-bundle",)

    def recognises(self, tree: Mapping[str, Any]) -> bool:
        """Whether to judge it as an EKG: a wrong code is a finding, so only what is surely something else is not."""
        resources = [each for each in _resources(tree) if each.get("resourceType") in ("Composition", "Observation")]
        surely_other = any(each["resourceType"] == "Composition" for each in resources)
        return not surely_other or any(hint in said for said in _strings(resources) for hint in HINTS)

    def read(self, tree: Tree) -> Judgement:
        """Judge the document by the rules of the standard, its PDF in a process with limits."""
        return read(tree, inspect=pdf.inspect)

    def store(self, delivery: Delivery, judgement: Judgement, metadata: DocumentMetadata | None) -> Sequence[Finding]:
        """Store a judged document inside the caller's transaction; returns what only the tables could tell of it.

        Raises Rejected when the metadata names another citizen than the document does.
        """
        document: EkgDocument = judgement.document
        if metadata and metadata.cpr not in ("", document.cpr):
            raise Rejected(
                "Metadata og dokument gælder ikke samme borger.", "DocumentReference.subject", "patient-identity"
            )
        for each in document.recordings:
            if each.pdf:
                blobs.put(each.pdf, each.pdf_sha256)  # before the row: a row never points to bytes that are not there
        rows = _rows(delivery, judgement, metadata)
        patient = registry.patient_for(document.cpr, lock=True)
        folder = standing(patient.pk, rows)
        fresh = [] if folder.held else [row.pk for row in rows if row.preview == Recording.Preview.PENDING]
        delivery.brought = [*(delivery.brought or ()), *fresh]
        if folder.held:
            _again(patient, rows[0], delivery, metadata)
            return ()
        _store(patient, rows, folder)
        return REUSED if folder.reused else ()

    def enqueue(self, delivery_id: str) -> None:
        """Ring for the worker; the sweep does without."""
        ring("ekg.tasks.process", delivery_id)

    def stored(self, delivery: Delivery) -> None:
        """Ring for the previews of what this delivery brought: `store` has remembered it when it has just been here."""
        waiting = delivery.brought
        if waiting is None:
            pending = Recording.objects.filter(delivery=delivery, preview=Recording.Preview.PENDING)
            waiting = list(pending.values_list("pk", flat=True))
        for recording_id in waiting:
            ring("ekg.tasks.preview", recording_id)

    def update(self, sender_id: UUID, metadata: DocumentMetadata) -> Sequence[str]:
        """Apply metadata that came alone; returns the ids of the recordings it names, or raises Rejected."""
        return xds.update(sender_id, metadata, actor_of(Sender.objects.select_related("issuer").get(pk=sender_id)))


EKG = Ekg()


def _again(patient: Patient, same: Recording, delivery: Delivery, metadata: DocumentMetadata | None) -> None:
    """The same document once more (as XML after JSON, from a second sender): no new recording, its metadata counts."""
    held = Recording.objects.filter(
        patient=patient, document_id=same.document_id, content_sha256=same.content_sha256
    ).select_related("delivery")
    document = list(held.order_by("position"))
    if all(delivery.sender_id not in (each.sender_id, *each.also_sent_by) for each in document):
        for each in document:
            each.also_sent_by.append(delivery.sender_id)
            each.save(update_fields=["also_sent_by"])
    if metadata:
        xds.apply(patient, document, metadata, delivery.sender_id, actor_of(delivery.sender))


def _store(patient: Patient, rows: list[Recording], folder: Standing) -> None:
    for row in rows:
        row.patient, row.change = patient, folder.change
    insert(rows)
    first = rows[0]
    replaced: list[Recording] = []
    if folder.awaited or first.replaces:
        replaced = replace(rows, first.sender_id, timezone.now(), folder.change)
    if first.status != Recording.Status.WITHDRAWN:
        registry.remember_name(patient, first.patient_name, xds.named_at(first))
    actor = actor_of(first.delivery.sender)
    for row in rows:
        record(Action.EKG_STORED, actor=actor, patient=patient.pk, entity=row.ref, reason=row.handling)
    for row in replaced:
        record(Action.EKG_REPLACED, actor=actor, patient=patient.pk, entity=row.ref)


def _rows(delivery: Delivery, judgement: Judgement, metadata: DocumentMetadata | None) -> list[Recording]:
    document: EkgDocument = judgement.document
    rows = [_row(delivery, judgement, document, each) for each in document.recordings]
    for position, row in enumerate(rows):
        row.position, row.names = position, names(row)
        if metadata:
            xds.describe(row, metadata, timezone.now())
    return rows


def _row(delivery: Delivery, judgement: Judgement, document: EkgDocument, said: EkgRecording) -> Recording:
    handling = judgement.handling
    if handling is Handling.ERROR and said.pdf:
        handling = Handling.DISCLAIMER  # the payload of another recording of the document is the unreadable one
    worst_first = sorted(judgement.findings, key=lambda finding: list(Severity).index(finding.severity))
    return Recording(
        delivery=delivery,
        sender_id=delivery.sender_id,
        document_id=key(document.document_id),
        content_sha256=document.content_sha256,
        bundle_id=key(document.bundle_id),
        observation_identifier=said.observation_identifier,
        started=_instant(said.started),
        ended=_instant(said.ended),
        composed_at=_instant(document.composed_at),
        organisation_sor=said.organisation_sor,
        organisation_name=said.organisation_name,
        author_name=said.author_name,
        author_role=said.author_role,
        patient_name=document.patient_name,
        note=said.note,
        narrative="" if said.pdf else said.narrative,
        pdf_sha256=said.pdf_sha256 if said.pdf else "",
        pdf_size=len(said.pdf or b""),
        pages=said.pages if said.pdf else 0,
        handling=handling,
        findings=[{"rule": each.rule, "severity": each.severity, "text": each.text} for each in worst_first],
        received_at=delivery.received_at,
        preview=Recording.Preview.PENDING if said.pdf else Recording.Preview.NONE,
    )


def _instant(said: datetime | None) -> datetime | None:
    if said is None or not EARLIEST <= said.year <= LATEST:
        return None
    return said if timezone.is_aware(said) else timezone.make_aware(said)


def _resources(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    entries = tree.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield resource


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _strings(child)
