"""Reads an IHE MHD 4.2 ITI-65 transaction (Minimal Metadata): which documents, with which metadata. Pure: no Django.

Source: IHE MHD 4.2 §2:3.65.4.1 and the profiles Minimal.ProvideBundle, Minimal.SubmissionSet, Patch.Parameters.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from fhir.bundle import DocumentMetadata, Finding, Severity, Tree
from fhir.reference import STATUSES, Resources, content, error, identifier_of, metadata, warning
from fhir.tree import first, text, values

PROFILE = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD."
SOURCE_ID = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId"
MOST = 100
"""Documents in one transaction: it is stored as a whole, so its size bounds the time that rows stay locked."""
TAKEN = ("List", "DocumentReference", "Binary", "Patient", "Parameters")
METHODS = {"Parameters": ("PATCH",)}


@dataclass(frozen=True)
class Item:
    """One DocumentReference (or patch of one): its place in the transaction, its metadata, the document's own bytes."""

    entry: int
    metadata: DocumentMetadata
    content: bytes | None = None
    """None: metadata that came alone, for a document we hold."""


@dataclass(frozen=True)
class Submission:
    """What a transaction asks for. An error among the findings refuses all of it."""

    findings: tuple[Finding, ...]
    items: tuple[Item, ...]
    types: tuple[str, ...]
    """The resource type of every entry, in the order of the request."""

    @property
    def refused(self) -> bool:
        return any(finding.severity in (Severity.FATAL, Severity.ERROR) for finding in self.findings)


@dataclass
class _Reading:
    """What the reading of one transaction has come to."""

    resources: Resources
    found: list[Finding]
    has_binary: bool
    used: set[str] = field(default_factory=set)
    """The names by which DocumentReferences called the Binaries they brought."""


def read(tree: Tree) -> Submission:
    """The submission in a transaction Bundle, with everything that is wrong with it; never raises."""
    entries = values(tree, "entry")
    if len(entries) > 4 * MOST:
        return Submission((error("Bundle.entry", "Bundle.entry", "Transaktionen har for mange dele."),), (), ())
    resources = {name: each for entry in entries for name, each in _names(entry)}
    types = tuple(_type(entry) for entry in entries)
    reading = _Reading(resources, [*_bundle(tree), *_submission_set(entries)], "Binary" in types)
    items = [item for number, entry in enumerate(entries) if (item := _entry(number, entry, reading))]
    for number, entry in enumerate(entries):
        if types[number] == "Binary" and not any(name in reading.used for name, _ in _names(entry)):
            sentence = "Ingen DocumentReference peger på dette dokument."
            reading.found.append(error("XDSMissingDocumentMetadata", f"Bundle.entry[{number}].resource", sentence))
    if not 0 < len(items) <= MOST:
        sentence = f"Transaktionen skal have mindst én og højst {MOST} DocumentReference."
        reading.found.append(error("XDSMissingDocumentMetadata", "Bundle.entry", sentence))
    return Submission(tuple(reading.found), tuple(items), types)


def _bundle(tree: Tree) -> Iterator[Finding]:
    if not any(str(each).startswith(PROFILE) for each in values(first(tree, "meta"), "profile")):
        yield warning(
            "Minimal.ProvideBundle.meta.profile", "Bundle.meta.profile", "Bundlen nævner ikke sin MHD-profil."
        )


def _submission_set(entries: list[Any]) -> Iterator[Finding]:
    """Exactly one; its lesser faults are told, since no one is served by losing a good document over them."""
    lists = [(number, entry["resource"]) for number, entry in enumerate(entries) if _is_submission_set(entry)]
    if len(lists) != 1:
        yield error(
            "Minimal.ProvideBundle.entry:SubmissionSet", "Bundle.entry", "Der skal være præcis én SubmissionSet."
        )
        return
    number, resource = lists[0]
    path = f"Bundle.entry[{number}].resource"
    wanted = {
        "identifier": bool(values(resource, "identifier")),
        "status": text(resource, "status") == "current",
        "mode": text(resource, "mode") == "working",
        "date": bool(text(resource, "date")),
        "extension:sourceId": any(text(each, "url") == SOURCE_ID for each in values(resource, "extension")),
    }
    for name, met in wanted.items():
        if not met:
            sentence = f"SubmissionSet mangler {name} eller har en anden værdi end profilens."
            yield warning(f"Minimal.SubmissionSet.{name}", f"{path}.{name.partition(':')[0]}", sentence)
    listed = {text(each, "item", "reference") for each in values(resource, "entry")}
    for place, entry in enumerate(entries):
        if _type(entry) == "DocumentReference" and not listed & {name for name, _ in _names(entry)}:
            sentence = "SubmissionSet nævner ikke dette dokument."
            yield warning("Minimal.SubmissionSet.entry", f"Bundle.entry[{place}]", sentence)


def _entry(number: int, entry: Any, reading: _Reading) -> Item | None:
    """Check that the entry is one we take and carry out; the item when it is about a document."""
    path = f"Bundle.entry[{number}]"
    reading.found.extend(_unfit(entry, path))
    match _type(entry):
        case "DocumentReference":
            item = _document(number, entry, f"{path}.resource", reading)
            reading.found.extend(item.metadata.findings)
            return item
        case "Parameters":
            return _patch(number, entry, path, reading)
    return None


def _unfit(entry: Any, path: str) -> Iterator[Finding]:
    kind, method = _type(entry), text(entry, "request", "method")
    if kind == "Bundle":
        sentence = "Dokumentet skal ligge i en Binary; en FHIR Bundle som dokument understøttes ikke."
        yield error("FHIRDocumentNotSupported", f"{path}.resource", sentence)
    elif kind not in TAKEN:
        sentence = "Denne slags ressource kan ikke leveres i en transaktion her."
        yield error("Minimal.ProvideBundle.entry", f"{path}.resource", sentence)
    elif kind == "List" and not _is_submission_set(entry):
        yield warning("PartialFolderContentNotProcessed", f"{path}.resource", "Mapper (Folder) gemmes ikke.")
    elif not method:
        yield warning("bdl-3", f"{path}.request", "request mangler; det er læst som POST.")
    elif method not in METHODS.get(kind, ("POST", "PUT")):
        sentence = "Denne handling (request.method) understøttes ikke her."
        yield error("Minimal.ProvideBundle.entry.request", f"{path}.request.method", sentence)


def _document(number: int, entry: Any, path: str, reading: _Reading) -> Item:
    """A document with its bytes when attachment.url leads to a Binary here, otherwise metadata that comes alone."""
    resource = first(entry, "resource")
    said, url = metadata(resource, path, reading.resources), text(resource, "content", "attachment", "url")
    if text(entry, "request", "method") == "PUT" and not said.entry_uuid:
        said = replace(said, entry_uuid=identifier_of(text(entry, "request", "url")))
    binary = reading.resources.get(url)
    if isinstance(binary, dict) and text(binary, "resourceType") == "Binary":
        reading.used.add(url)
        return Item(number, said, content(resource, binary, path, reading.found))
    where = f"{path}.content[0].attachment"
    if first(resource, "content", "attachment", "data") is not None:
        sentence = "Dokumentet skal ligge i en Binary, ikke i attachment.data."
        reading.found.append(error("DocumentReference.content.attachment.data", f"{where}.data", sentence))
    if reading.has_binary and (not url or url.startswith(("urn:uuid:", "Binary/"))):
        sentence = "Dokumentet, som attachment.url peger på, er ikke i transaktionen."
        reading.found.append(error("XDSMissingDocument", f"{where}.url", sentence))
    if not said.unique_id and not said.entry_uuid:
        sentence = "Det fremgår ikke, hvilket dokument metadata gælder."
        reading.found.append(error("XDSMissingDocumentMetadata", f"{path}.masterIdentifier", sentence))
    return Item(number, said)


def _patch(number: int, entry: Any, path: str, reading: _Reading) -> Item | None:
    """MHD's UpdateDocumentRefs: a FHIRPath patch of DocumentReference.status, aimed at the location we once gave."""
    parts = {text(each, "name"): each for each in values(first(entry, "resource", "parameter"), "part")}
    status = text(parts.get("value"), "valueCode")
    asked = (text(parts.get("type"), "valueCode"), text(parts.get("path"), "valueString"))
    target = identifier_of(text(entry, "request", "url"))
    if asked != ("replace", "DocumentReference.status") or status not in STATUSES:
        sentence = "Kun DocumentReference.status kan ændres på denne måde."
        reading.found.append(error("Patch.Parameters", f"{path}.resource.parameter", sentence))
        return None
    if not target.startswith("urn:uuid:"):
        sentence = "request.url skal være den DocumentReference, vi svarede med."
        reading.found.append(error("Patch.Parameters", f"{path}.request.url", sentence))
        return None
    return Item(number, DocumentMetadata("", target, status))


def _type(entry: Any) -> str:
    return text(entry, "resource", "resourceType")


def _is_submission_set(entry: Any) -> bool:
    codes = {text(each, "code") for each in values(first(entry, "resource", "code"), "coding")}
    return _type(entry) == "List" and "submissionset" in codes


def _names(entry: Any) -> Iterator[tuple[str, Any]]:
    """What a reference inside the transaction may call this entry's resource."""
    resource = first(entry, "resource")
    if text(entry, "fullUrl"):
        yield text(entry, "fullUrl"), resource
    if text(resource, "id"):
        yield f"{_type(entry)}/{text(resource, 'id')}", resource
