"""Carries out a verdict inside the caller's transaction: the kinds store their documents, the row says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid5

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

from fhir import replies
from fhir.bundle import DOCUMENT, REPORT, TAKEN, DocumentMetadata, Finding, Handling, Kind, Rejected, Severity, Tree
from fhir.judging import Document, Rules, Verdict
from fhir.mhd import Item
from fhir.models import Delivery, Sender
from fhir.reference import error

STORED = {DOCUMENT: 201}
OPEN = 202
"""What is received, and whose answer is not final."""
REFUSED = {Handling.REFUSED: 422, Handling.DUPLICATE: 409}


def rules_for(sender: Sender, kinds: Sequence[Kind]) -> Rules:
    """What this sender's deliveries are judged by."""
    return Rules(kinds, sender.kinds, settings.FHIR_MAX_DEPTH, _validate if settings.FHIR_VALIDATOR else None)


def _validate(raw: bytes, content_type: str) -> Sequence[Finding]:
    """The outside validator's findings; one that fails is told of, and stops nothing."""
    try:
        found: Sequence[Finding] = import_string(settings.FHIR_VALIDATOR)(raw, content_type)
    except Exception:
        text = "Den officielle validering kunne ikke gennemføres."
        return [Finding("outside-validator", Severity.INFORMATION, "", text)]
    return found


@dataclass(frozen=True)
class Done:
    """What carrying out came to: the answer, and every finding, those of the tables included."""

    answer: Tree
    findings: tuple[Finding, ...]


def carry_out(delivery: Delivery, verdict: Verdict, kinds: Sequence[Kind]) -> Done:
    """Store the documents and apply the updates of an accepted delivery.

    Raises Rejected (with its path in the transaction) when the tables say no.
    """
    more: dict[int, Sequence[Finding]] = {}
    for each in verdict.documents:
        more[each.entry] = each.kind.store(delivery, each.judgement, _known(delivery, each))
    for item in verdict.updates:
        _update(delivery, item, kinds)
    told = tuple(finding for found in more.values() for finding in found)
    return Done(_answer(delivery, verdict, more), (*verdict.findings, *told))


def put_down(delivery: Delivery, verdict: Verdict, done: Done | None = None) -> None:
    """Write the verdict and the answer to it on the row."""
    delivery.handling, delivery.reason = verdict.handling, verdict.reason[:100]
    delivery.kind = delivery.kind or next((document.kind.name for document in verdict.documents), "")
    delivery.status = REFUSED.get(verdict.handling) or STORED.get(delivery.door, 200)
    delivery.findings = as_json(done.findings if done else verdict.findings)
    delivery.answer = orjson.dumps(done.answer if done else _answer(delivery, verdict, {})).decode()


def refusal(fault: Rejected) -> Verdict:
    """A fault that showed first when storing, as a verdict."""
    handling = Handling.DUPLICATE if fault.rule == TAKEN else Handling.REFUSED
    return Verdict(handling, fault.findings or (error(fault.rule, fault.where, fault.sentence),), fault.rule)


def as_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Findings as the row keeps them."""
    return [
        {"rule": each.rule, "severity": str(each.severity), "path": each.path, "text": each.text} for each in findings
    ]


def _answer(delivery: Delivery, verdict: Verdict, more: replies.More) -> Tree:
    if verdict.refused or delivery.door in (DOCUMENT, REPORT):
        return replies.to_document(verdict, more)
    return replies.to_transaction(verdict, _locations(delivery, verdict), more)


def _known(delivery: Delivery, document: Document) -> DocumentMetadata | None:
    """The metadata with an entryUUID: MHD lets the recipient give one, and the location we answer with names it."""
    said = document.metadata
    if said is None or said.entry_uuid:
        return said
    return replace(said, entry_uuid=f"urn:uuid:{uuid5(delivery.pk, str(document.entry))}")


def _locations(delivery: Delivery, verdict: Verdict) -> dict[int, str]:
    """What the entries of a transaction became."""
    became: dict[int, str] = {}
    for number, kind in enumerate(verdict.types):
        if kind == "Binary" or (kind == "List" and "List" not in verdict.types[:number]):
            became[number] = f"{kind}/{delivery.pk}" + (f".{number}" if kind == "Binary" else "")
    for document in verdict.documents:
        known = _known(delivery, document)
        if known is not None:
            became[document.entry] = f"DocumentReference/{known.entry_uuid.removeprefix('urn:uuid:')}"
    return became


def _update(delivery: Delivery, item: Item, kinds: Sequence[Kind]) -> None:
    """Let the kind that holds the document take the metadata; which it is, only the kinds can say."""
    fault: Rejected | None = None
    for kind in kinds:
        if kind.door == DOCUMENT and kind.name in delivery.sender.kinds:
            try:
                kind.update(delivery.sender_id, item.metadata)
            except Rejected as said:
                fault = said
            else:
                delivery.kind = delivery.kind or kind.name
                return
    if fault is None:
        raise Rejected("Afsenderen må ikke levere denne slags dokument.", "DocumentReference", "kind-not-allowed")
    raise Rejected(
        fault.sentence, fault.where.replace("DocumentReference", f"Bundle.entry[{item.entry}].resource", 1), fault.rule
    )
