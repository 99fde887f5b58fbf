"""A small kind of document for tests of the door: it judges by one word in its title, and keeps what it is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fhir.bundle import DOCUMENT, DocumentMetadata, Finding, Handling, Judgement, Rejected, Severity, Tree
from fhir.tree import first, text

CPR = "2512489996"
WORDS = {"disclaimer": Severity.ERROR, "error": Severity.FATAL, "refused": Severity.FATAL}


@dataclass(frozen=True)
class Letter:
    cpr: str
    title: str


@dataclass
class Letters:
    """The kind; `on_read` and `on_store` are where a test lets something happen."""

    name: str = "letter"
    door: str = DOCUMENT
    profiles: tuple[str, ...] = ("http://example.org/letter",)
    kept: list[tuple[Letter, DocumentMetadata | None]] = field(default_factory=list)
    updated: list[DocumentMetadata] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    told: Sequence[Finding] = ()
    on_read: Any = None
    on_store: Any = None

    def recognises(self, tree: Mapping[str, Any]) -> bool:
        return text(tree, "entry", "resource", "resourceType") == "Composition"

    def read(self, tree: Tree) -> Judgement:
        if self.on_read:
            self.on_read()
        title = text(first(tree, "entry", "resource"), "title")
        cpr = text(first(tree, "entry", "resource"), "subject", "identifier", "value")
        handling = Handling(title) if title in WORDS else Handling.SHOW
        found = (
            (Finding(f"rule-{title}", WORDS[title], "Composition.title", "Titlen er forkert."),)
            if title in WORDS
            else ()
        )
        return Judgement(handling, found, None if handling is Handling.REFUSED else Letter(cpr, title))

    def store(self, delivery: Any, judgement: Judgement, metadata: DocumentMetadata | None) -> Sequence[Finding]:
        if self.on_store:
            self.on_store()
        self.kept.append((judgement.document, metadata))
        return self.told

    def enqueue(self, delivery_id: str) -> None:
        self.rung.append(delivery_id)

    def stored(self, delivery: Any) -> None:
        self.followed.append(str(delivery.pk))

    def update(self, sender_id: Any, metadata: DocumentMetadata) -> Sequence[str]:
        held = {str(known.entry_uuid) for _, known in self.kept if known} | {
            known.unique_id for _, known in self.kept if known
        }
        if not held & {metadata.unique_id, metadata.entry_uuid}:
            raise Rejected("Vi har ikke modtaget dokumentet.", "DocumentReference.masterIdentifier", "document-unknown")
        self.updated.append(metadata)
        return [metadata.unique_id or metadata.entry_uuid]


def letter(title: str = "hello", cpr: str = CPR, **more: Any) -> Tree:
    """A document Bundle of this kind."""
    composition = {
        "resourceType": "Composition",
        "id": "c1",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"},
        "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
        "title": title,
        "subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": cpr}},
    }
    return {"resourceType": "Bundle", "type": "document", "entry": [{"resource": composition | more}]}
