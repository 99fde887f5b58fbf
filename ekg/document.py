"""Reads a MedCom EKG document: what it holds, and every rule that it breaks. Pure: imports no Django.

`read(tree, inspect)` takes the JSON tree that `fhir.parse` gives and answers with a `Judgement` (EKG.md §8):
SHOW · DISCLAIMER (it breaks a rule, and is shown) · ERROR (there is nothing to show of a recording, but the patient is
certain) · REFUSED (no document, or the patient is not certain). It never raises for bad content and never stops at the
first finding. The rules: `ekg.profiles` and `ekg.invariants` (MedCom), `ekg.text_rules` and `ekg.identity` (the guide's
text), `fhir.structure` (base FHIR).
"""

from dataclasses import dataclass
from datetime import datetime

from ekg import identity, people, rules
from ekg.observations import recorded
from ekg.payload import Payload, payload
from ekg.pdf_report import Inspector, PdfReport
from ekg.times import Span
from fhir import second_opinion, structure
from fhir.bundle import Handling, Judgement, Tree
from fhir.findings import Findings
from fhir.fingerprint import fingerprint
from fhir.narrative import parse
from fhir.primitives import moment
from fhir.references import Entry, Index, index
from fhir.tree import first, text

__all__ = ["EkgDocument", "EkgRecording", "PdfReport", "read"]

DEPTH = 64


@dataclass(frozen=True)
class EkgRecording:
    """One Observation of the document; without a `pdf` to show, `narrative` has its words."""

    observation_identifier: str
    started: datetime | None
    ended: datetime | None
    organisation_sor: str
    organisation_name: str
    author_name: str
    author_role: str
    note: str
    pdf: bytes | None
    pdf_sha256: str
    pages: int
    narrative: str = ""


@dataclass(frozen=True)
class EkgDocument:
    """One document, with at least one recording; strings are as sent, "" where the document says nothing."""

    document_id: str
    bundle_id: str
    bundle_identifier: str
    profile_version: str
    content_sha256: str
    """Hex; the same for the JSON and the XML rendition."""
    cpr: str
    patient_name: str
    birth_date: str | None
    gender: str | None
    title: str
    composed_at: datetime | None
    recordings: tuple[EkgRecording, ...]


def read(tree: Tree, inspect: Inspector) -> Judgement:
    """Judge a document; `inspect` says what is in a PDF."""
    out = Findings()
    if not isinstance(tree, dict) or tree.get("resourceType") != "Bundle":
        out.add("ekg-bundle", "Resource", "Det modtagne er ikke et FHIR-dokument (Bundle).", handling=Handling.REFUSED)
        return Judgement(out.handling, out.all())
    if structure.too_deep(tree, DEPTH):
        out.add("ekg-depth", "Bundle", "Dokumentet har for mange niveauer inden i hinanden.", handling=Handling.REFUSED)
        return Judgement(out.handling, out.all())
    bundle = index(tree)
    composition = rules.composition(bundle, out)
    patient = identity.patient(composition, bundle, out)
    observations = recorded(composition, bundle)
    narratives: structure.Narratives = {}
    rules.check(tree, bundle, composition, patient, observations, out)
    structure.check(tree, "Bundle", "Bundle", out, narratives)
    hashes: dict[str, str] = {}
    payloads = [payload(observation, inspect, hashes, out) for observation in observations]
    document = None
    if composition is not None and patient is not None and out.handling is not Handling.REFUSED:
        recordings = _recordings(composition, bundle, list(zip(observations, payloads, strict=True)))
        document = _document(tree, composition, patient, recordings, fingerprint(tree, narratives, hashes))
    found = out.all()
    if found:
        found += second_opinion.findings(bundle.entries, {finding.path for finding in found})
    return Judgement(out.handling, found, document)


def _recordings(composition: Entry, bundle: Index, found: list[tuple[Entry, Payload]]) -> tuple[EkgRecording, ...]:
    """A recording for each Observation; when there is none, one that has the document's own words."""
    event = Span.of_period(first(composition.resource, "event", "period"))
    author_name, author_role = people.author(composition, bundle)
    recordings = []
    for entry, shown in found or [(composition, Payload())]:
        span = Span.of_observation(entry.resource)
        sor, organisation_name = people.organisation(people.sender(composition, entry, bundle))
        recordings.append(
            EkgRecording(
                observation_identifier=text(entry.resource, "identifier", "value") if found else "",
                started=span.start or event.start,
                ended=span.end if span.start else event.end,
                organisation_sor=sor,
                organisation_name=organisation_name,
                author_name=author_name,
                author_role=author_role,
                note=people.note(entry.resource),
                pdf=shown.pdf,
                pdf_sha256=shown.sha256 if shown.pdf is not None else "",
                pages=shown.pages,
                narrative="" if shown.pdf is not None else parse(text(entry.resource, "text", "div")).text,
            )
        )
    return tuple(recordings)


def _document(
    tree: Tree, composition: Entry, patient: Entry, recordings: tuple[EkgRecording, ...], content_sha256: str
) -> EkgDocument:
    name, birth_date, gender = people.official(patient)
    return EkgDocument(
        document_id=text(composition.resource, "identifier", "value"),
        bundle_id=text(tree, "id"),
        bundle_identifier=text(tree, "identifier", "value"),
        profile_version=text(composition.resource, "meta", "profile").rpartition("|")[2]
        if "|" in text(composition.resource, "meta", "profile")
        else "",
        content_sha256=content_sha256,
        cpr=identity.cpr(patient),
        patient_name=name,
        birth_date=birth_date,
        gender=gender,
        title=text(composition.resource, "title"),
        composed_at=moment(first(composition.resource, "date")),
        recordings=recordings,
    )
