"""The words the door and the kinds of document share: findings, judgements, metadata. Pure: imports no Django."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

Tree = dict[str, Any]
"""A FHIR resource as plain JSON: what orjson gives, or what `fhir.xml` makes of the XML rendition."""


class Handling(StrEnum):
    """What a viewer does with a document (MedCom governance for FHIR validation §2.2, read in ADR 0006).

    Reports are accepted, refused, or duplicates: another content under an id that is taken.
    """

    ACCEPTED = "accepted"
    SHOW = "show"
    DISCLAIMER = "disclaimer"
    ERROR = "error"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


DOCUMENT, TRANSACTION, REPORT = "document", "transaction", "report"
"""The three doors: POST /fhir/Bundle, POST /fhir, and PUT /fhir/Bundle/<id>."""
TAKEN = "duplicate"
"""The rule that a report breaks whose id stands for another content."""


class Severity(StrEnum):
    """FHIR IssueSeverity, ordered from worst to mildest."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True)
class Finding:
    """One deviation: the standard's own name of the rule, the FHIRPath of the element, and a Danish sentence."""

    rule: str
    severity: Severity
    path: str
    text: str


class Rejected(ValueError):
    """The bytes are no document at all: a Danish sentence, and where in the bytes (line, column or element).

    `findings` is all there is to tell, where that is more than one thing.
    """

    def __init__(
        self, sentence: str, where: str = "", rule: str = "structure", findings: Sequence[Finding] = ()
    ) -> None:
        super().__init__(sentence)
        self.sentence, self.where, self.rule, self.findings = sentence, where, rule, tuple(findings)


@dataclass(frozen=True)
class Judgement:
    """What a kind's reader made of a document; `document` is the kind's own frozen dataclass, None when refused."""

    handling: Handling
    findings: tuple[Finding, ...]
    document: Any = None


@dataclass(frozen=True)
class DocumentMetadata:
    """XDS metadata of one document as an ITI-65 DocumentReference carries it (DK XDS metadata profile 2.0.0-rc)."""

    unique_id: str
    entry_uuid: str = ""
    status: str = "current"
    """current | superseded | entered-in-error, as DocumentReference.status says."""
    cpr: str = ""
    facility_type: str = ""
    practice_setting: str = ""
    format_code: str = ""
    content_type: str = ""
    replaces: tuple[str, ...] = ()
    """Identifiers (uniqueId, entryUUID or our own id) of documents that this one replaces."""
    findings: tuple[Finding, ...] = field(default=())
    type_code: str = ""


class Kind(Protocol):
    """A kind of document the door can receive; passed in by urls.py, since the door imports none of them."""

    name: str
    door: str
    """DOCUMENT (which also comes in transactions) or REPORT."""
    profiles: tuple[str, ...]
    """The canonical URLs of its profiles, as the CapabilityStatement names them."""

    def recognises(self, tree: Mapping[str, Any]) -> bool:
        """Whether this document is of the kind (by its type code or its profile, before any rule is checked)."""
        ...

    def read(self, tree: Tree) -> Judgement:
        """Judge the document; never raises for bad content."""
        ...

    def store(self, delivery: Any, judgement: Judgement, metadata: DocumentMetadata | None) -> Sequence[Finding]:
        """Store a judged document, inside the caller's transaction; returns findings that only the tables could give.

        It takes the judgement, not the delivery's: a transaction may bring several documents, each with its own.
        """
        ...

    def enqueue(self, delivery_id: str) -> None:
        """Ring the worker's doorbell for a received delivery; called after commit, may fail."""
        ...

    def stored(self, delivery: Any) -> None:
        """Follow-up after a commit that stored (previews); may fail, the sweep repeats it."""
        ...

    def update(self, sender_id: Any, metadata: DocumentMetadata) -> Sequence[str]:
        """Apply metadata to documents already held, inside the caller's transaction; returns the ids touched.

        Raises Rejected when none fits; with the rule `document-unknown`, a repeat is judged anew.
        """
        ...


class LargeKind(Kind, Protocol):
    """A kind that can also take what is too large for memory; only the door for reports lets that in."""

    def store_large(self, delivery: Any, alive: Callable[[], None]) -> Judgement:
        """Judge and store, piece by piece, a delivery whose bytes are in private storage. Safe to run again.

        `alive` is to be called at least every ten seconds. Raises Rejected when the bytes are no document at all.
        """
        ...


Validator = Callable[[bytes, str], Sequence[Finding]]
"""The port of an official outside validator: raw bytes and content type in, findings out."""
