"""OperationOutcome: our answer to a source, naming every finding (the notice MedCom asks for). Pure: no Django."""

from collections.abc import Iterable
from typing import Any

from fhir.bundle import TAKEN, Finding, Handling, Severity, Tree

HANDLING = "urn:sundhedsjournal:handling"
"""Extension on OperationOutcome: show, disclaimer, error or refused; for reports accepted, refused or duplicate."""
RULE = "urn:sundhedsjournal:rule"
"""Coding system of issue.details: the name that the standard itself gives the rule."""
CODES = {
    Severity.FATAL: "structure",
    Severity.ERROR: "invariant",
    Severity.WARNING: "business-rule",
    Severity.INFORMATION: "informational",
}
SAID = {
    Handling.ACCEPTED: "Rapporten er modtaget.",
    Handling.DUPLICATE: "Der findes allerede en rapport med dette id.",
    Handling.SHOW: "Dokumentet er modtaget. Der er ingen fejl i det.",
    Handling.DISCLAIMER: "Dokumentet er modtaget og vises med forbehold.",
    Handling.ERROR: "Dokumentet er modtaget, men indholdet kan ikke vises.",
    Handling.REFUSED: "Dokumentet er afvist.",
}


def outcome(handling: Handling, findings: Iterable[Finding], told: str = "") -> Tree:
    """Every finding as an issue, worst first, and a sentence on what happens to the document."""
    ordered = sorted(findings, key=lambda finding: list(Severity).index(finding.severity))
    issues = [issue(finding) for finding in ordered]
    if handling not in (Handling.REFUSED, Handling.DUPLICATE) or not issues:
        issues.append(_issue("information", "informational", told or SAID[handling]))
    return {
        "resourceType": "OperationOutcome",
        "extension": [{"url": HANDLING, "valueCode": str(handling)}],
        "issue": issues,
    }


def failure(code: str, rule: str, sentence: str, where: str = "") -> Tree:
    """An answer to a request that never became a delivery; `code` is of FHIR's IssueType."""
    return {"resourceType": "OperationOutcome", "issue": [_issue("fatal", code, sentence, rule, where)]}


def issue(finding: Finding) -> dict[str, Any]:
    """One finding as OperationOutcome.issue."""
    code = "duplicate" if finding.rule == TAKEN else CODES[finding.severity]
    told = _issue(str(finding.severity), code, finding.text, finding.rule)
    return told | ({"expression": [finding.path]} if finding.path else {})


def _issue(severity: str, code: str, sentence: str, rule: str = "", where: str = "") -> dict[str, Any]:
    coding = {"coding": [{"system": RULE, "code": rule}]} if rule else {}
    told: dict[str, Any] = {"severity": severity, "code": code, "details": {**coding, "text": sentence}}
    return told | ({"diagnostics": where} if where else {})
