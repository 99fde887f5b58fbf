"""Documents made up field by field, and what the door does with them once they are judged."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from access import matrix
from access.consent import PERMIT, Decision
from access.gate import Grant
from audit.record import SYSTEM
from ekg.document import EkgDocument, EkgRecording
from ekg.ingest import EKG
from ekg.models import Recording
from fhir.bundle import DocumentMetadata, Finding, Handling, Judgement
from fhir.models import Delivery, Issuer, Sender
from patients.models import Patient
from samples import files

NANCY, JENS = "2512489996", "1105529951"
STARTED = datetime(2026, 3, 12, 8, 10, tzinfo=UTC)
HOSPITAL, PRACTICE, OUT_OF_HOURS = "22232009", "394761003", "550661000005105"


def sender(name: str = "praksis") -> Sender:
    """A registered sender; the same name is the same sender."""
    issuer, _ = Issuer.objects.get_or_create(
        url="https://udsteder.example", defaults={"algorithms": ["ES256"], "jwks": {"keys": []}}
    )
    return Sender.objects.get_or_create(issuer=issuer, subject=name, defaults={"name": name, "kinds": ["ekg"]})[0]


def delivery(by: Sender, handling: Handling = Handling.SHOW) -> Delivery:
    """A delivery as the door leaves it for storing."""
    return Delivery.objects.create(
        sender=by,
        sha256=hashlib.sha256(str(Delivery.objects.count()).encode()).hexdigest(),
        size=1,
        content_type="application/fhir+json",
        door="document",
        kind="ekg",
        state="received",
        handling=handling,
        status=201,
        answer="{}",
        next_try=Now(),
        received_at=timezone.now(),
    )


@cache
def pdf() -> bytes:
    """A real EKG on paper, out of a sample; it bears Nancy's CPR number."""
    judged = EKG.read(files.tree("ekg/nancy-2023-08-29-routine.json"))
    found: bytes = judged.document.recordings[0].pdf
    return found


def recording(**said: Any) -> EkgRecording:
    """One recording with a readable PDF, or as `said`."""
    made = EkgRecording(
        observation_identifier="urn:uuid:observation",
        started=STARTED,
        ended=None,
        organisation_sor="999000000000016",
        organisation_name="Lægehuset Nord",
        author_name="Lone Marie Brandt",
        author_role="sygeplejerske",
        note="",
        pdf=(data := pdf()),
        pdf_sha256=hashlib.sha256(data).hexdigest(),
        pages=1,
        narrative="",
    )
    return replace(made, **said)


def document(name: str = "one", *recordings: EkgRecording, **said: Any) -> EkgDocument:
    """A document whose identifier and content are told by its name."""
    made = EkgDocument(
        document_id=f"urn:uuid:{name}",
        bundle_id=f"bundle-{name}",
        bundle_identifier=f"urn:uuid:bundle-{name}",
        profile_version="2.0",
        content_sha256=hashlib.sha256(name.encode()).hexdigest(),
        cpr=NANCY,
        patient_name="Nancy Ann Berggren",
        birth_date="1948-12-25",
        gender="female",
        title="Elektrokardiogram-12-aflednings",
        composed_at=STARTED + timedelta(minutes=5),
        recordings=recordings or (recording(),),
    )
    return replace(made, **said)


def metadata(unique_id: str = "urn:uuid:one", **said: Any) -> DocumentMetadata:
    return DocumentMetadata(unique_id=unique_id, **said)


def deliver(
    made: EkgDocument,
    told: DocumentMetadata | None = None,
    *,
    by: str = "praksis",
    handling: Handling = Handling.SHOW,
    findings: tuple[Finding, ...] = (),
) -> tuple[Finding, ...]:
    """Store it as the door does, in one transaction; returns the findings that storing adds."""
    with transaction.atomic():
        return tuple(EKG.store(delivery(sender(by), handling), Judgement(handling, findings, made), told))


def one(made: EkgDocument, told: DocumentMetadata | None = None) -> Recording:
    """The one recording that delivering the document makes."""
    deliver(made, told)
    return Recording.objects.get(content_sha256=made.content_sha256)


def update(told: DocumentMetadata, *, by: str = "praksis") -> list[str]:
    """Metadata that comes alone (ITI-65)."""
    return list(EKG.update(sender(by).pk, told))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def held(name: str = "one", position: int = 0) -> Recording:
    return Recording.objects.get(document_id=f"urn:uuid:{name}", position=position)


def grant(cpr: str = NANCY, audience: str = "clinician", consent: Decision = PERMIT) -> Grant:
    """Leave to read this citizen's record; in the product only the gate makes one."""
    patient = Patient.objects.get_or_create(cpr=cpr)[0]
    nobody: Any = None  # queries show the same to whoever the gate let in
    rights = matrix.rights(audience)
    made = Grant("context", patient.pk, uuid4(), SYSTEM, "correlation", nobody, "clinician", audience, rights, "")
    return replace(made, consent=consent)
