"""XDS metadata that came with a document, or later and alone (ITI-65): facility, status, and whose place it takes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actions import Action
from audit.record import Actor, record
from ekg.models import Recording
from ekg.versions import by, key, names, next_change, replace
from fhir.bundle import DocumentMetadata, Rejected
from patients import registry
from patients.models import Patient

ENTERED_IN_ERROR, SUPERSEDED = "entered-in-error", "superseded"


def describe(recording: Recording, metadata: DocumentMetadata, at: datetime) -> set[str]:
    """Set on the recording what the metadata adds, and name the fields that changed; saves nothing.

    A status only ever goes forwards (current, replaced, withdrawn): metadata that arrives late, or once more, must
    never make an outdated recording look current.
    """
    said: dict[str, object] = {
        "facility_type": metadata.facility_type or recording.facility_type,
        "practice_setting": metadata.practice_setting or recording.practice_setting,
        "entry_uuid": key(metadata.entry_uuid) or recording.entry_uuid,
        "names": names(recording, metadata.unique_id, metadata.entry_uuid),
        "replaces": sorted({*recording.replaces, *map(key, metadata.replaces)} - {""}),
    }
    if metadata.status == ENTERED_IN_ERROR and recording.status != Recording.Status.WITHDRAWN:
        said |= {"status": Recording.Status.WITHDRAWN, "withdrawn_at": at}
    elif metadata.status == SUPERSEDED and recording.status == Recording.Status.CURRENT:
        said |= {"status": Recording.Status.REPLACED, "replaced_at": at}
    changed = {name for name, value in said.items() if getattr(recording, name) != value}
    for name in changed:
        setattr(recording, name, said[name])
    return changed


def apply(
    patient: Patient, document: Sequence[Recording], metadata: DocumentMetadata, sender_id: UUID, actor: Actor
) -> None:
    """Apply metadata to the held recordings of one document, under the patient's lock; each change is recorded."""
    at, change = timezone.now(), next_change(patient.pk)
    for recording in document:
        changed = describe(recording, metadata, at)
        if not changed:
            continue
        recording.change = change
        recording.save(update_fields=[*changed, "change"])
        withdrawn = "withdrawn_at" in changed
        if withdrawn and named_at(recording) == patient.name_as_of:
            forget_name(patient)
        action = Action.EKG_WITHDRAWN if withdrawn else Action.EKG_METADATA_UPDATED
        record(action, actor=actor, patient=patient.pk, entity=recording.ref, reason=recording.status)
    for recording in replace(document, sender_id, at, change):
        record(Action.EKG_REPLACED, actor=actor, patient=patient.pk, entity=recording.ref)


def update(sender_id: UUID, metadata: DocumentMetadata, actor: Actor) -> list[str]:
    """Apply metadata that came alone to the one document it names; raises Rejected when none fits, or several do."""
    with transaction.atomic():
        found = _document(sender_id, metadata)
        patient = registry.patient_for(found[0].patient.cpr, lock=True)
        found = _document(sender_id, metadata)  # once more: now nothing can change between looking and writing
        apply(patient, found, metadata, sender_id, actor)
        return [str(each.pk) for each in found]


def _document(sender_id: UUID, metadata: DocumentMetadata) -> list[Recording]:
    held = Recording.objects.filter(by(sender_id)).select_related("patient", "delivery").order_by("position")
    said = [key(name) for name in (metadata.entry_uuid, metadata.unique_id) if name]
    found = next((rows for name in said if (rows := list(held.filter(names__contains=[name])))), [])
    if not found:
        raise Rejected(
            "Vi har ikke modtaget et dokument med dette uniqueId eller entryUUID fra afsenderen.",
            "DocumentReference.masterIdentifier",
            "document-unknown",
        )
    fitting = [each for each in found if metadata.cpr in ("", each.patient.cpr)]
    if not fitting:
        raise Rejected(
            "Metadata og det dokument, de nævner, gælder ikke samme borger.",
            "DocumentReference.subject",
            "patient-identity",
        )
    if len({(each.document_id, each.content_sha256) for each in fitting}) > 1:
        raise Rejected(
            "Flere dokumenter fra afsenderen har dette uniqueId; angiv dokumentets entryUUID.",
            "DocumentReference.masterIdentifier",
            "document-ambiguous",
        )
    return fitting


def named_at(recording: Recording) -> datetime:
    """When the document named its patient; never later than it arrived, so that a wrong year cannot pin a name."""
    return min(recording.composed_at or recording.received_at, recording.received_at)


def forget_name(patient: Patient) -> None:
    """When the document that gave the name is withdrawn: the newest that stands names the patient, or none does."""
    standing = Recording.objects.filter(patient=patient).exclude(status=Recording.Status.WITHDRAWN)
    newest = max(standing.exclude(patient_name=""), key=named_at, default=None)
    name, as_of = (newest.patient_name, named_at(newest)) if newest else ("", None)
    Patient.objects.filter(pk=patient.pk).update(name=name, name_as_of=as_of)
