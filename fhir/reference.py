"""Reads one DocumentReference of an ITI-65 transaction: XDS metadata as FHIR spells it. Pure: imports no Django.

Sources: IHE MHD 4.2 Minimal DocumentReference; DK XDS metadata profile 2.0.0-rc; FHIR R4 DocumentReference. Rules carry
IHE's error codes (ITI TF-3, table 4.2.4.1-2) where one fits, otherwise the element that the MHD profile constrains.
A finding of severity error refuses the whole transaction; a warning is told, and changes nothing.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from fhir.bundle import DocumentMetadata, Finding, Severity, Tree
from fhir.tree import first, text, values

CPR = "urn:oid:1.2.208.176.1.2"
SNOMED = "http://snomed.info/sct"
MEDIA_TYPES = ("application/fhir+json", "application/fhir+xml")
STATUSES = ("current", "superseded", "entered-in-error")
URLS = {
    "urn:oid:2.16.840.1.113883.6.1": "http://loinc.org",
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "urn:oid:2.16.840.1.113883.5.25": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
}
"""Code systems that XDS metadata names by OID and FHIR by URL: the same system (EKG-QUESTIONS A4)."""
NOT_PROCESSED = {
    "transforms": "PartialTransformContentNotProcessed",
    "appends": "PartialAppendContentNotProcessed",
    "signs": "PartialSignContentNotProcessed",
}
LITERAL = re.compile(r"(?:.*/)?(DocumentReference|Bundle)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
Resources = Mapping[str, Any]
"""The resources of the transaction by every name that a reference may call them: fullUrl and Type/id."""


def metadata(resource: Any, path: str, resources: Resources) -> DocumentMetadata:
    """What the DocumentReference says, with findings on it; `path` is its FHIRPath in the transaction."""
    found: list[Finding] = []
    status, unique_id = text(resource, "status"), text(resource, "masterIdentifier", "value")
    if status not in STATUSES:
        found.append(error("DocumentReference.status", f"{path}.status", "Status er ukendt eller mangler."))
    if not unique_id:
        sentence = "Dokumentets uniqueId (masterIdentifier) mangler."
        found.append(warning("XDSMissingDocumentMetadata", f"{path}.masterIdentifier", sentence))
    content = values(resource, "content")
    if len(content) != 1:
        found.append(
            error("DocumentReference.content", f"{path}.content", "Der skal være præcis ét indhold (content).")
        )
    named = patients(resource, resources)
    if len(named) > 1:
        sentence = "Metadata nævner to forskellige borgere."
        found.append(error("XDSPatientIdDoesNotMatch", f"{path}.subject", sentence))
    if not named:
        sentence = "Metadata nævner ikke borgerens CPR-nummer."
        found.append(warning("XDSMissingDocumentMetadata", f"{path}.subject", sentence))
    context = first(resource, "context")
    return DocumentMetadata(
        unique_id=unique_id,
        entry_uuid=_entry_uuid(resource),
        status=status,
        cpr=min(named, default=""),
        facility_type=code(first(context, "facilityType"), SNOMED),
        practice_setting=code(first(context, "practiceSetting"), SNOMED),
        format_code=text(resource, "content", "format", "code"),
        content_type=media_type(text(resource, "content", "attachment", "contentType")),
        replaces=_replaces(resource, path, resources, found),
        findings=tuple(found),
        type_code=code(first(resource, "type")),
    )


def content(resource: Any, binary: Tree, path: str, found: list[Finding]) -> bytes:
    """The document's own bytes: strict base64, and what the metadata measured of them."""
    attachment, where = first(resource, "content", "attachment"), f"{path}.content[0].attachment"
    if not text(resource, "masterIdentifier", "value"):
        sentence = "Et nyt dokument skal have et uniqueId."
        found.append(error("XDSMissingDocumentMetadata", f"{path}.masterIdentifier", sentence))
    media = media_type(text(attachment, "contentType"))
    if media not in MEDIA_TYPES or media_type(text(binary, "contentType")) not in ("", media):
        sentence = "contentType skal være application/fhir+json eller application/fhir+xml, ens i metadata og Binary."
        found.append(error("InvalidDocumentContent", f"{where}.contentType", sentence))
    document = _decoded(text(binary, "data"))
    if not document:
        found.append(error("InvalidDocumentContent", where, "Dokumentets base64 kan ikke læses, eller det er tomt."))
        return document
    size, digest = first(attachment, "size"), text(attachment, "hash")
    if size is not None and str(size) != str(len(document)):
        found.append(
            error("XDSRepositoryMetadataError", f"{where}.size", "Dokumentets størrelse passer ikke med size.")
        )
    if digest and not _same_hash(digest, document):
        found.append(error("XDSRepositoryMetadataError", f"{where}.hash", "Dokumentets indhold passer ikke med hash."))
    return document


def _decoded(data: str) -> bytes:
    """Strict base64; FHIR lets white space stand in it, and nothing else (regex of base64Binary in R4)."""
    try:
        return base64.b64decode("".join(data.split()) if " " in data or "\n" in data else data, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _same_hash(said: str, content: bytes) -> bool:
    """FHIR: base64 of the 20 bytes of SHA-1. XDS writes the same hash in hexadecimal, and both spellings are met."""
    digest = hashlib.sha1(content, usedforsecurity=False)
    spelled = digest.hexdigest()
    forms = {base64.b64encode(digest.digest()).decode(), base64.b64encode(spelled.encode()).decode()}
    return said in forms or said.lower() == spelled


def patients(resource: Any, resources: Resources) -> set[str]:
    """Every CPR number that subject and sourcePatientInfo lead to (contained, in the transaction, or by identifier)."""
    named: set[str] = set()
    for reference in (first(resource, "subject"), first(resource, "context", "sourcePatientInfo")):
        target = text(reference, "reference")
        if target.startswith("#"):
            held = [each for each in values(resource, "contained") if text(each, "id") == target[1:]]
            patient = held[0] if held else None
        else:
            patient = resources.get(target)
        for identifier in (*values(patient, "identifier"), *values(reference, "identifier")):
            if text(identifier, "system").removeprefix("urn:oid:") == CPR.removeprefix("urn:oid:"):
                named.add(text(identifier, "value").replace("-", ""))
    return named - {""}


def code(concept: Any, system: str = "") -> str:
    """The code of a CodeableConcept, of the wanted system when it has one; a code we do not know is kept."""
    codings = values(concept, "coding")
    wanted = [each for each in codings if url(text(each, "system")) == system]
    return next((text(each, "code") for each in (*wanted, *codings) if text(each, "code")), "")


def url(system: str) -> str:
    """The URL of a code system that may be named by its OID."""
    return URLS.get(system, system)


def media_type(value: str) -> str:
    """A media type without parameters: `application/fhir+json; charset=utf-8` → `application/fhir+json`."""
    return value.partition(";")[0].strip().lower()


def identifier_of(reference: str) -> str:
    """The identifier that a literal reference to a document of ours stands for: our locations end in the entryUUID."""
    literal = LITERAL.fullmatch(reference)
    if literal is None:
        return reference
    return f"urn:uuid:{literal[2].lower()}" if UUID.fullmatch(literal[2]) else literal[2]


def _entry_uuid(resource: Any) -> str:
    """MHD: identifier of use `official` is the entryUUID; a lone urn:uuid without use counts too."""
    said = [each for each in values(resource, "identifier") if text(each, "value").startswith("urn:uuid:")]
    official = [each for each in said if text(each, "use") == "official"]
    unmarked = [each for each in said if not text(each, "use")]
    return text((official or unmarked or [None])[0], "value")


def _replaces(resource: Any, path: str, resources: Resources, found: list[Finding]) -> tuple[str, ...]:
    replaced: list[str] = []
    for number, relation in enumerate(values(resource, "relatesTo")):
        kind, target = text(relation, "code"), first(relation, "target")
        if kind == "replaces":
            literal = text(target, "reference")
            here = text(resources.get(literal), "masterIdentifier", "value")
            held = here or (identifier_of(literal) if literal else "")
            names = {text(target, "identifier", "value"), held} - {""}
            replaced.extend(sorted(names))
            if not names:
                sentence = "Det fremgår ikke, hvilket dokument der erstattes."
                found.append(error("XDSReplaceFailed", f"{path}.relatesTo[{number}].target", sentence))
        else:
            sentence = "Denne slags forbindelse mellem dokumenter gemmes ikke."
            rule = NOT_PROCESSED.get(kind, "XDSExtraMetadataNotSaved")
            found.append(warning(rule, f"{path}.relatesTo[{number}].code", sentence))
    return tuple(replaced)


def error(rule: str, path: str, sentence: str) -> Finding:
    """A finding that refuses the transaction."""
    return Finding(rule, Severity.ERROR, path, sentence)


def warning(rule: str, path: str, sentence: str) -> Finding:
    """A finding that is told and changes nothing."""
    return Finding(rule, Severity.WARNING, path, sentence)
