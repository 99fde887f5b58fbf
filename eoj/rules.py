"""The named rules of the KL Gateway guide, beyond the tables of its profiles. Pure: imports no Django.

Source: the invariants of hl7dk/kl-gateway 1.2.0 and after, by their own names (EOJ.md §2, §4, §9), dk-core's `cpr` and
`min-digits-sor`, and FHIR R4's con-3, con-5 and per-1. Rules of the guide's text carry names of ours, `care-report-…`.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from eoj.profiles import (
    CITIZEN,
    COMPLETED,
    CONDITION,
    ENCOUNTER,
    FOLLOW_UP,
    GENERAL_ENCOUNTER,
    GOAL,
    MATTER_OF_INTEREST,
    OWN_OBSERVATION,
    PLANNED,
)
from eoj.seen import Seen, Whole
from fhir.bundle import Severity
from fhir.findings import Findings
from fhir.primitives import moment
from fhir.tree import first, present, text
from patients.cpr import is_valid
from terminology.fsiii import Kind

SOR_CODE = re.compile(r"[0-9]{11,20}")
HOME_CARE = Kind.FUNCTION_CONDITION
SEVERITY = "klgateway-severity-mandatory-in-home-care-not-allowed-in-nursing"
PERIOD_END = "klgateway-deceased-planned-intervention-period-end"
W, I = Severity.WARNING, Severity.INFORMATION  # noqa: E741
STATUSES = {
    ENCOUNTER: {"planned", "entered-in-error"},
    GENERAL_ENCOUNTER: {"planned", "finished", "entered-in-error"},
    COMPLETED: {"completed", "entered-in-error"},
    MATTER_OF_INTEREST: {"final", "entered-in-error"},
    OWN_OBSERVATION: {"final", "entered-in-error"},
}
"""The statuses that the guide's text has a use for; base FHIR's others are odd, not wrong."""


def check(seen: Seen, whole: Whole) -> None:
    """The rules of one resource's profile."""
    for rule in RULES.get(seen.profile, ()):
        rule(seen, whole)
    allowed, status = STATUSES.get(seen.profile), seen.resource.get("status")
    if allowed is not None and isinstance(status, str) and status not in allowed:
        whole.out.add("care-report-status", f"{seen.path}.status", "Status er ikke en, som vejledningen bruger.", W)


def citizens(seen: Sequence[Seen], out: Findings) -> Seen | None:
    """The report's one citizen."""
    found = [each for each in seen if each.type == "Patient"]
    if not found:
        out.add("care-report-one-citizen", "Bundle.entry", "Rapporten angiver ikke, hvilken borger den handler om.")
        return None
    for further in found[1:]:
        out.add("care-report-one-citizen", further.path, "Rapporten handler om mere end én borger.")
    return found[0]


def unique(seen: Sequence[Seen], out: Findings) -> None:
    """No two resources of a type have the same id (C-6: one of them would be lost)."""
    counts = Counter(each.key for each in seen)
    if len(counts) < len(seen):
        for each in seen:
            if counts[each.key] > 1 and each.key:
                counts[each.key] = 0
                out.add("care-report-id-unique", f"{each.path}.id", "Flere oplysninger i rapporten har det samme id.")


def _citizen(seen: Seen, whole: Whole) -> None:
    patient, out = seen.resource, whole.out
    number = first(patient, "identifier", "value")
    if number is not None and not (isinstance(number, str) and is_valid(number)):
        out.add("cpr", f"{seen.path}.identifier[0].value", "Borgerens CPR-nummer er ikke et gyldigt CPR-nummer.")
    sor = first(patient, "managingOrganization", "identifier", "value")
    if sor is not None and not (isinstance(sor, str) and SOR_CODE.fullmatch(sor)):
        out.add("min-digits-sor", f"{seen.path}.managingOrganization.identifier.value",
                "SOR-koden skal være et tal med mindst 11 cifre.")  # fmt: skip
    if whole.deceased:
        where = f"{seen.path}.deceased"
        out.add("data-about-deceased-citizen-warning", where, "Rapporten handler om en død borger.", W)
    if whole.after_transition and not present(patient, "deceasedBoolean"):
        out.add(f"{CITIZEN}:Patient.deceased[x]:deceasedBoolean:min", f"{seen.path}.deceased",
                "Det er ikke angivet, om borgeren er død.")  # fmt: skip


def _condition(seen: Seen, whole: Whole) -> None:
    resource, out = seen.resource, whole.out
    code = seen.code
    if code is not None:
        has_level, home_care = present(resource, "severity"), code.kind is HOME_CARE
        if home_care and not has_level:
            out.add(SEVERITY, f"{seen.path}.severity", "En funktionsevnetilstand skal have et niveau.")
        elif has_level and not home_care:
            out.add(SEVERITY, f"{seen.path}.severity", "En helbredstilstand må ikke have et niveau.")
    verification = seen.one("verification-status")
    wrong = verification is not None and verification.key == "entered-in-error"
    status = present(resource, "clinicalStatus")
    if wrong and status:  # the note of 2024 asks for it, base FHIR forbids it (P-11)
        out.add("con-5", f"{seen.path}.clinicalStatus", "En fejlregistreret tilstand bør ikke have en status.", I)
    elif not wrong and not status and present(resource, "category"):
        out.add("con-3", f"{seen.path}.clinicalStatus", "En tilstand i fokus bør have en status.", W)


def _period(seen: Seen, whole: Whole) -> None:
    """per-1; days are compared when both ends are days, moments when both are moments."""
    period = seen.resource.get("period")
    if not isinstance(period, dict) or "end" not in period:
        return
    start, end = text(period, "start"), text(period, "end")
    earlier, later = moment(start), moment(end)
    days = len(start) == len(end) == 10 and start > end
    if days or (earlier is not None and later is not None and earlier > later):
        whole.out.add("per-1", f"{seen.path}.period", "Perioden slutter, før den begynder.")


def _planned(seen: Seen, whole: Whole) -> None:
    if whole.after_transition and whole.deceased and not present(first(seen.resource, "period"), "end"):
        whole.out.add(PERIOD_END, f"{seen.path}.period.end", "Når borgeren er død, skal indsatsen have en slutdato.")


def _follow_up(seen: Seen, whole: Whole) -> None:
    out, focus = whole.out, f"{seen.path}.focus"
    if text(seen.resource, "status") not in ("final", "entered-in-error"):
        out.add("gateway-care-follow-up-1", f"{seen.path}.status",
                "En opfølgnings status skal være endelig eller fejlregistreret.")  # fmt: skip
    if whole.after_transition:
        if any(key.startswith("CarePlan/") for key in seen.refs):
            out.add(f"{FOLLOW_UP}:Observation.focus:target", focus, "En opfølgning må kun henvise til tilstande.")
        if Kind.HEALTH_CONDITION in whole.kinds(seen, "Condition"):
            out.add("care-report-follow-up-home-care", focus, "Opfølgning indberettes kun om funktionsevne.", W)


def _goal(seen: Seen, whole: Whole) -> None:
    if any(kind is not HOME_CARE for kind in whole.kinds(seen, "Condition")):
        whole.out.add("klgateway-adresses-must-be-home-care-condition", f"{seen.path}.addresses",
                      "Et mål må kun handle om en funktionsevnetilstand.")  # fmt: skip


def _own(seen: Seen, whole: Whole) -> None:
    """The invariant compares the older codes alone; their uuid twins mean the same (P-04)."""
    question, answer = seen.code, seen.one("own-answers")
    if answer is not None and question is not None:
        performance = question.kind is Kind.OWN_PERFORMANCE_QUESTION
        if (answer.kind is Kind.OWN_PERFORMANCE) is not performance:
            whole.out.add("klgateway-citizen-observation-code-and-value-must-match", f"{seen.path}.value",
                          "Borgerens svar passer ikke til spørgsmålet.")  # fmt: skip
    if any(kind not in (HOME_CARE, Kind.FUNCTION_AREA) for kind in whole.kinds(seen, "Condition", "Observation")):
        whole.out.add("klgateway-focus-must-be-home-care-condition-or-area", f"{seen.path}.focus",
                      "Borgerens egen vurdering må kun handle om funktionsevne.")  # fmt: skip


RULES: dict[str, tuple[Callable[[Seen, Whole], None], ...]] = {
    CITIZEN: (_citizen,),
    CONDITION: (_condition,),
    PLANNED: (_period, _planned),
    ENCOUNTER: (_period,),
    GENERAL_ENCOUNTER: (_period,),
    FOLLOW_UP: (_follow_up,),
    GOAL: (_goal,),
    OWN_OBSERVATION: (_own,),
}
"""Profile → its named rules."""
