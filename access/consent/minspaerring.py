"""Consent verification by a service shaped like MinSpærring; what of its shape is inferred stands in ADR 0023.

A question goes by POST, so no address holds a CPR number. ConsentOverride is true or absent, never false (ACCESS.md
9e). It names people by their CPR numbers and the unit by its SOR number: a block on a person is one on a CPR number,
and whoever asked without it would be told that nothing is blocked. So without them nothing is asked. Whatever is not
a plain answer in time is Unknown: nothing is shown then.
"""

from datetime import date
from typing import Any

import orjson
from django.conf import settings

from access.consent.decision import DENY, PERMIT, Decision, NotAsked, Question, Span, Unknown
from access.consent.register import partial
from access.outside import NoAnswer, ask

SOR = "sor"
"""The one register of units of ours that HSUID has a confirmed name for."""
LARGEST = 64_000
"""Bytes of an answer: a citizen has a handful of blocks."""


def decide(question: Question) -> Decision:
    """Ask the service; raises Unknown."""
    body = asked(question)
    try:
        told = orjson.loads(_answer(body))
        return understood(told)
    except NoAnswer as none:
        raise Unknown(none.why.value) from none
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unknown("unreadable") from error


def asked(question: Question) -> dict[str, Any]:
    """The question in the names of HSUID; raises NotAsked.

    Who works on nobody's behalf is responsible too, as the public client has it.
    """
    acting, responsible = question.acting, question.responsible or question.acting
    if not acting.cpr:
        raise NotAsked("consent-user-unknown")
    if not responsible.cpr:
        raise NotAsked("consent-responsible-unknown")
    if question.organisation_system != SOR:
        raise NotAsked("consent-unit-unknown")
    body: dict[str, Any] = {
        "UserType": "nsi:HealthcareProfessional",
        "ActingUserCivilRegistrationNumber": acting.cpr,
        "ResponsibleUserCivilRegistrationNumber": responsible.cpr,
        "OrgUsingID": {"NameFormat": f"nsi:{SOR}", "value": question.organisation_id},
        "CitizenCivilRegistrationNumber": question.cpr,
    }
    if responsible.authorisation:
        body["ResponsibleUserAuthorizationCode"] = responsible.authorisation
    if question.override:
        body["ConsentOverride"] = True
    return body


def understood(told: dict[str, Any]) -> Decision:
    """positive, negative, or data-specific with a warning and what to leave out; anything else raises ValueError."""
    match told["consent"]:
        case "positive":
            return PERMIT
        case "negative":
            return DENY
        case "data-specific" if told["warning"] and told["filters"]:
            return _filtered(told["filters"])
    raise ValueError("consent")


def _filtered(filters: list[dict[str, Any]]) -> Decision:
    organisations: dict[str, bool] = {}
    periods: list[Span] = []
    for each in filters:
        if set(each) == {"sor", "includeSubUnits"} and _is_number(each["sor"]) and each["includeSubUnits"] in (0, 1):
            organisations[each["sor"]] = each["includeSubUnits"] or organisations.get(each["sor"], False)
        elif set(each) == {"from", "to"} and any(each.values()):
            periods.append(_period(_day(each["from"]), _day(each["to"])))
        else:
            # A filter that we do not know would let through what it was meant to keep.
            raise ValueError("filter")
    return partial(organisations, periods)


def _is_number(sor: str) -> bool:
    return sor.isascii() and sor.isdecimal()


def _period(first: date | None, last: date | None) -> Span:
    if first and last and last < first:
        raise ValueError("a period that ends before it begins meets no day")
    return Span(first, last)


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _answer(body: dict[str, Any]) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = ask(
        "POST",
        settings.CONSENT_SOURCE,
        seconds=settings.CONSENT_TIMEOUT,
        largest=LARGEST,
        content=orjson.dumps(body),
        headers=headers,
    )
    if answer.status != 200:
        raise ValueError("status")
    return answer.body
