"""Where the rules put what they find. Pure: imports no Django."""

from fhir.bundle import Finding, Handling, Severity

LIMIT = 200
"""Findings kept of one document; a hostile one could have a million."""
WORST = (Handling.SHOW, Handling.DISCLAIMER, Handling.ERROR, Handling.REFUSED)
MEANS = {
    Severity.FATAL: Handling.ERROR,
    Severity.ERROR: Handling.DISCLAIMER,
    Severity.WARNING: Handling.SHOW,
    Severity.INFORMATION: Handling.SHOW,
}
"""What a finding does to the document when its rule says nothing else."""
YIELDS = {"ele-1": {"min", "txt-2"}, "dom-6": {"min"}, "type": {"zulu"}}
"""Kind of rule → the kinds that say the same of the same element, only better."""


class Findings:
    """A growing list of findings, and the worst handling they ask for."""

    def __init__(self) -> None:
        self.handling = Handling.SHOW
        self.ceiling = Handling.REFUSED
        """The worst that the resource being checked can do to the document (a stray resource: a disclaimer)."""
        self._found: list[Finding] = []
        self._more = False

    def add(
        self, rule: str, path: str, text: str, severity: Severity = Severity.ERROR, handling: Handling | None = None
    ) -> None:
        """Note a finding; its handling is that of the severity unless the rule names one."""
        handling = min(handling or MEANS[severity], self.ceiling, key=WORST.index)
        if handling in (Handling.ERROR, Handling.REFUSED):
            severity = Severity.FATAL
        self.reach(handling)
        if len(self._found) < LIMIT:
            self._found.append(Finding(rule, severity, path, text))
        else:
            self._more = True

    def reach(self, handling: Handling) -> None:
        """Make the handling at least as bad as this."""
        self.handling = max(self.handling, handling, key=WORST.index)

    def all(self) -> tuple[Finding, ...]:
        """What was found, each thing once: where two rules say the same of one element, the telling one stays."""
        kinds: dict[str, set[str]] = {}
        for finding in self._found:
            kinds.setdefault(finding.path, set()).add(_kind(finding.rule))
        kept: dict[tuple[str, str], Finding] = {}
        for finding in self._found:
            kind = _kind(finding.rule)
            if not YIELDS.get(kind, set()) & kinds[finding.path]:
                same = (kind if kind in {"min", "max"} else finding.rule, finding.path)
                if same not in kept or _SEVERITIES.index(finding.severity) < _SEVERITIES.index(kept[same].severity):
                    kept[same] = finding
        return tuple(kept.values()) + ((_MORE,) if self._more else ())

    def __bool__(self) -> bool:
        return bool(self._found)


_SEVERITIES = tuple(Severity)


def _kind(rule: str) -> str:
    """The last word of a rule's name: `min` of `Composition.status:min`, `ele-1` of `ele-1`."""
    return "zulu" if rule == "medcom-datetime-has-time-offset-zulu" else rule.rpartition(":")[2]


_MORE = Finding("too-many-findings", Severity.INFORMATION, "Bundle", "Der er flere fejl, end der er vist her.")
