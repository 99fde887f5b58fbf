"""Our answer to a delivery: an OperationOutcome, or a transaction-response with one for each entry. Pure: no Django.

Source: FHIR R4 http.html §3.1.0.11.2; IHE MHD 4.2 §2:3.65.4.2: one entry for each of the request, in its order.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fhir.bundle import Finding, Handling, Tree
from fhir.judging import Verdict
from fhir.outcome import outcome

TOLD = {
    "List": "Indsendelsen er modtaget.",
    "Patient": "Borgeren er læst, men gemmes kun sammen med dokumentet.",
    "Binary": "Dokumentet er modtaget.",
}
ENTRY = re.compile(r"Bundle\.entry\[(\d+)\](?:\.|$)")
UPDATED = "Oplysningerne om dokumentet er opdateret."
More = Mapping[int, Sequence[Finding]]
"""What storing told of the documents, by their entry (-1: a document that came alone)."""


def to_document(verdict: Verdict, more: More) -> Tree:
    """The answer to a document, stored or refused."""
    return outcome(verdict.handling, (*verdict.findings, *more.get(-1, ())))


def to_transaction(verdict: Verdict, locations: Mapping[int, str], more: More) -> Tree:
    """The answer to a transaction that was carried out; `locations` names what its entries became."""
    documents = {document.entry: document.judgement for document in verdict.documents}
    whole = verdict.types.index("List") if "List" in verdict.types else 0
    entries: list[dict[str, Any]] = []
    for number, kind in enumerate(verdict.types):
        said = [each for each in verdict.own if _place(each, whole) == number]
        if number in documents:
            judgement = documents[number]
            told = outcome(judgement.handling, (*judgement.findings, *said, *more.get(number, ())))
        else:
            told = outcome(Handling.SHOW, said, TOLD.get(kind, UPDATED))
        created = {"location": locations[number]} if number in locations else {}
        response = {"status": "201" if created else "200", **created, "outcome": told}
        entries.append({"response": response})
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def _place(finding: Finding, whole: int) -> int:
    """The entry that a finding of the transaction is about; those of the whole are told with the submission set."""
    entry = ENTRY.match(finding.path)
    return int(entry[1]) if entry else whole
