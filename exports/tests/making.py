"""Files that lie ready to be fetched."""

from datetime import timedelta

from django.utils import timezone

from access.models import PatientContext
from ekg.models import Recording
from exports import files
from exports.models import Export


def exported(one: Recording, context: str) -> str:
    """A file of it, made for whoever has this open."""
    user, name = PatientContext.objects.get(pk=context).user_id, "exports/one-1.pdf"
    made = Export.objects.create(
        context=context, user=user, patient=one.patient_id, entity=one.ref, made_action="ekg_pdf.made", state="ready",
        file=name, sha256=files.put(name, b"%PDF-"), created_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    return str(made.pk)
