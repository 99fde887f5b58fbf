"""What a delivery is and what we make of it, before anything is stored: bytes in, verdict out. Pure: no Django."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

from fhir import mhd
from fhir.bundle import (
    DOCUMENT,
    REPORT,
    TRANSACTION,
    DocumentMetadata,
    Finding,
    Handling,
    Judgement,
    Kind,
    LargeKind,
    Rejected,
    Severity,
    Tree,
    Validator,
)
from fhir.findings import LIMIT, WORST
from fhir.parse import from_json, from_xml
from fhir.reference import code, error, warning
from fhir.tree import first, text, values

WRONG_DOOR = "wrong-door"
OTHER_ID = "Rapportens id er ikke det, der står i adressen."
OTHER_DOOR = {
    (DOCUMENT, "transaction"): "Dette er en transaktion (ITI-65); send den til /fhir i stedet.",
    (TRANSACTION, "document"): "Dette er et dokument; send det til /fhir/Bundle i stedet.",
    (REPORT, "document"): "Dette er et dokument; send det med POST til /fhir/Bundle i stedet.",
    (REPORT, "transaction"): "Dette er en transaktion (ITI-65); send den med POST til /fhir i stedet.",
}


class NotAllowed(Exception):
    """The sender may not deliver this kind of document; carries the kind's name."""


@dataclass(frozen=True)
class Rules:
    """What a delivery is judged by: the kinds of document, what the sender may send, an outside validator, limits."""

    kinds: Sequence[Kind]
    allowed: Collection[str]
    max_depth: int
    validate: Validator | None = None


@dataclass(frozen=True)
class Document:
    """One document of a delivery; `entry` is its place in the transaction, -1 when it came alone."""

    kind: Kind
    judgement: Judgement
    metadata: DocumentMetadata | None = None
    entry: int = -1


@dataclass(frozen=True)
class Verdict:
    """What we make of a delivery. Refused: nothing of it is stored, `reason` says why as a code."""

    handling: Handling
    findings: tuple[Finding, ...]
    reason: str = ""
    documents: tuple[Document, ...] = ()
    updates: tuple[mhd.Item, ...] = ()
    types: tuple[str, ...] = ()
    """Transactions: the resource type of each entry of the request."""
    own: tuple[Finding, ...] = ()
    """Transactions: the findings of the transaction itself, its documents' apart: both have a Bundle.entry[0]."""

    @property
    def refused(self) -> bool:
        return self.handling in (Handling.REFUSED, Handling.DUPLICATE)


def judge(raw: bytes, content_type: str, door: str, rules: Rules, address: str = "") -> Verdict:
    """Judge what was delivered at a door; raises Rejected when the bytes are no document at all, or NotAllowed.

    `address` is the id in the address of a report, which must be its own.
    """
    tree = parse(raw, content_type, rules.max_depth)
    bundle_type = text(tree, "type")
    if text(tree, "resourceType") != "Bundle":
        return _refusal("bundle-expected", "Det leverede er ikke en FHIR Bundle.", "resourceType")
    if (door, bundle_type) in OTHER_DOOR:
        return _refusal(WRONG_DOOR, OTHER_DOOR[door, bundle_type], "Bundle.type")
    if door == REPORT and text(tree, "id") != address:
        return _refusal("bundle-id", OTHER_ID, "Bundle.id")
    if door == TRANSACTION:
        return _transaction(tree, rules)
    document = _document(tree, raw, content_type, rules, door)
    if isinstance(document, Verdict):
        return document
    judgement = document.judgement
    if judgement.handling is Handling.REFUSED:
        return refused(judgement)
    return Verdict(judgement.handling, judgement.findings, "", (document,))


def parse(raw: bytes, content_type: str, max_depth: int) -> Tree:
    """Bytes as a tree, by the format that was declared."""
    return (from_xml if content_type.endswith("xml") else from_json)(raw, max_depth)


def _document(tree: Tree, raw: bytes, content_type: str, rules: Rules, door: str = DOCUMENT) -> Document | Verdict:
    kind = next((each for each in rules.kinds if each.door == door and each.recognises(tree)), None)
    if kind is None:
        sentence = "Vi modtager ikke denne slags dokument."
        return _refusal("document-type-unknown", sentence, "Bundle.entry[0].resource")
    if kind.name not in rules.allowed:
        raise NotAllowed(kind.name)
    judgement = kind.read(tree)
    if rules.validate is not None:
        judgement = _joined(judgement, rules.validate(raw, content_type))
    return Document(kind, judgement)


def large_kind(door: str, rules: Rules) -> LargeKind:
    """The kind that takes what is too large to be judged at this door; raises NotAllowed."""
    kind = next(cast(LargeKind, each) for each in rules.kinds if each.door == door and hasattr(each, "store_large"))
    if kind.name not in rules.allowed:
        raise NotAllowed(kind.name)
    return kind


def _joined(judgement: Judgement, more: Sequence[Finding]) -> Judgement:
    """An outside validator's findings beside ours: an error among them costs a document its clean bill, no more."""
    errors = any(finding.severity in (Severity.FATAL, Severity.ERROR) for finding in more)
    handling = Handling.DISCLAIMER if errors and judgement.handling is Handling.SHOW else judgement.handling
    return replace(judgement, handling=handling, findings=(*judgement.findings, *more))


def _transaction(tree: Tree, rules: Rules) -> Verdict:
    if text(tree, "type") != TRANSACTION:
        return _refusal("Minimal.ProvideBundle.type", "Bundle.type er ikke transaction.", "Bundle.type")
    submission = mhd.read(tree)
    if submission.refused:
        worst = next(each for each in submission.findings if each.severity in (Severity.FATAL, Severity.ERROR))
        return Verdict(Handling.REFUSED, submission.findings[:LIMIT], worst.rule, types=submission.types)
    own, found, handling = list(submission.findings), list(submission.findings), Handling.SHOW
    documents: list[Document] = []
    for item in submission.items:
        if item.content is None:
            continue
        part = _part(item, rules)
        found.extend(part.findings)
        own.extend(part.own)
        if part.refused:
            return Verdict(Handling.REFUSED, tuple(found[-LIMIT:]), part.reason, types=submission.types)
        handling = max(handling, part.handling, key=WORST.index)
        documents.extend(part.documents)
    updates = tuple(item for item in submission.items if item.content is None)
    return Verdict(handling, tuple(found[:LIMIT]), "", tuple(documents), updates, submission.types, tuple(own[:LIMIT]))


def _part(item: mhd.Item, rules: Rules) -> Verdict:
    """One document inside a transaction, held against its metadata."""
    here = f"Bundle.entry[{item.entry}].resource"
    assert item.content is not None
    try:
        tree = parse(item.content, item.metadata.content_type, rules.max_depth)
    except Rejected as fault:
        sentence = f"{fault.sentence} ({fault.where})" if fault.where else fault.sentence
        return _refusal("InvalidDocumentContent", sentence, f"{here}.content[0].attachment")
    document = _document(tree, item.content, item.metadata.content_type, rules)
    if isinstance(document, Verdict):
        return document
    judgement = document.judgement
    if judgement.handling is Handling.REFUSED:
        return refused(judgement)
    cpr = getattr(judgement.document, "cpr", "")
    if item.metadata.cpr and cpr and item.metadata.cpr != cpr:
        sentence = "Metadata og dokument gælder ikke samme borger."
        return _refusal("XDSPatientIdDoesNotMatch", sentence, f"{here}.subject")
    own = tuple(_differences(tree, item.metadata, here))
    held = Document(document.kind, judgement, item.metadata, item.entry)
    return Verdict(judgement.handling, (*judgement.findings, *own), "", (held,), own=own)


def _differences(tree: Tree, metadata: DocumentMetadata, here: str) -> Iterator[Finding]:
    """Where metadata and document disagree without harm: told, and the metadata's uniqueId stays the key."""
    resources = [first(entry, "resource") for entry in values(tree, "entry")]
    composition = next((each for each in resources if text(each, "resourceType") == "Composition"), None)
    identifier = text(composition, "identifier", "value")
    if identifier and identifier != metadata.unique_id:
        sentence = "uniqueId i metadata er ikke dokumentets identifikation."
        yield warning("uniqueId-differs", f"{here}.masterIdentifier", sentence)
    if metadata.type_code and metadata.type_code != code(first(composition, "type")):
        yield warning("typeCode-differs", f"{here}.type", "typeCode i metadata er ikke dokumentets type.")


def refused(judgement: Judgement) -> Verdict:
    """A document that its kind refuses; the reason is the first of the worst findings."""
    worst = sorted(judgement.findings, key=lambda finding: list(Severity).index(finding.severity))
    return Verdict(Handling.REFUSED, judgement.findings, worst[0].rule if worst else "refused")


def _refusal(rule: str, sentence: str, path: str) -> Verdict:
    return Verdict(Handling.REFUSED, (error(rule, path, sentence),), rule)
