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
YIELDS = {
    "base ele-1": {"min", "txt-2"},
    "base dom-6": {"min"},
    "base type": {"medcom-datetime-has-time-offset-zulu"},
    "base max": {"profile max"},
}
"""Kind of rule → the kinds that say the same of the same element, only better."""


class Findings:
    """A growing list of findings, and the worst handling they ask for."""

    def __init__(self) -> None:
        self.handling = Handling.SHOW
        self.ceiling = Handling.REFUSED
        """The worst that the resource being checked can do to the document (a stray resource: a disclaimer)."""
        self.noted = 0
        """How many were added, kept or not."""
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
        self.noted += 1
        if len(self._found) < (2 * LIMIT if severity is Severity.FATAL else LIMIT):
            self._found.append(Finding(rule, severity, path, text))
        else:
            self._more = True

    def reach(self, handling: Handling) -> None:
        """Make the handling at least as bad as this."""
        self.handling = max(self.handling, handling, key=WORST.index)

    def all(self) -> tuple[Finding, ...]:
        """What was found, worst first, each thing once (of two rules that say the same, the telling one)."""
        kinds: dict[str, set[str]] = {}
        for finding in self._found:
            kinds.setdefault(finding.path, set()).update(_kinds(finding.rule))
        kept: dict[tuple[str, str], Finding] = {}
        for finding in self._found:
            kind = finding.rule.rpartition(":")[2]
            if YIELDS.get(f"base {kind}" if _of_base(finding.rule) else kind, set()) & kinds[finding.path]:
                continue
            same = (kind if kind == "min" else finding.rule, finding.path)
            if same not in kept or _weight(finding) > _weight(kept[same]):
                kept[same] = finding
        return (*sorted(kept.values(), key=_badness), *((_MORE,) if self._more else ()))

    def __bool__(self) -> bool:
        return bool(self._found)


_SEVERITIES = tuple(Severity)


def _badness(finding: Finding) -> int:
    return _SEVERITIES.index(finding.severity)


def _weight(finding: Finding) -> tuple[int, int]:
    """The worse of two findings stays; of two equally bad ones that whose rule names a slice or a profile."""
    return -_badness(finding), len(finding.rule)


def _kinds(rule: str) -> set[str]:
    """What a rule says of its element: `min` and `profile min` for `<profile>:Composition.status:min`."""
    kind = rule.rpartition(":")[2]
    return {kind} if _of_base(rule) else {kind, f"profile {kind}"}


def _of_base(rule: str) -> bool:
    """Whether base FHIR's definitions have the rule, rather than a profile."""
    return rule.count(":") < 2


_MORE = Finding("too-many-findings", Severity.INFORMATION, "Bundle", "Der er flere fejl, end der er vist her.")
