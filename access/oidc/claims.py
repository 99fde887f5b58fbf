"""What the claims of an ID token say of a person, as values that can be trusted in form. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from access.oidc.failing import Failed
from access.ticket_request import CONTROL, ORGANISATIONS
from patients import cpr

PRIVILEGES = 20
GIVERS = 50
AUTHORISATION = 20
LATEST = 2**53
"""Seconds since 1970 beyond which no number is a time."""


@dataclass(frozen=True)
class Power:
    """A fuldmagt: who gave it, to what, until when (seconds since 1970)."""

    giver_cpr: str
    giver_name: str
    privileges: tuple[str, ...]
    expires: int


class Responsible(NamedTuple):
    """Who is responsible for what somebody else does."""

    subject: str
    name: str
    cpr: str
    """"" when it is not told, as the next."""
    authorisation: str


@dataclass(frozen=True)
class Login:
    """A person as an issuer has just told of him or her."""

    subject: str
    acr: str
    auth_time: int
    """0 when the issuer does not say: nobody knows then how old the login is."""
    sid: str
    given_name: str
    family_name: str
    cpr: str
    """The professional's own, or the citizen's."""
    title: str = ""
    role: str = ""
    authorised: bool = False
    organisation: tuple[str, str] | None = None
    """Register and number."""
    authorisation: str = ""
    """The number of the authorisation as a health professional."""
    on_behalf_of: Responsible | None = None
    national_role: str = ""
    powers: tuple[Power, ...] = ()


def of_staff(told: Mapping[str, Any]) -> Login:
    """Somebody at work; raises Failed."""
    return Login(
        **_common(told),
        cpr=_cpr(told.get("cpr"), "cpr") if "cpr" in told else "",
        title=_text(told, "title", 60),
        role=_text(told, "role", 20),
        authorised=told.get("authorised") is True,
        authorisation=_text(told, "authorisation_id", AUTHORISATION),
        organisation=_organisation(told["organization"]) if "organization" in told else None,
        on_behalf_of=_responsible(told["on_behalf_of"]) if "on_behalf_of" in told else None,
        national_role=_text(told, "national_role", 100),
    )


def of_citizen(told: Mapping[str, Any]) -> Login:
    """A citizen, with what others have given leave to; raises Failed."""
    powers = told.get("powers", [])
    if not isinstance(powers, list) or len(powers) > GIVERS:
        raise Failed("claim-powers")
    number = _cpr(told.get("cpr"), "cpr")
    return Login(**_common(told), cpr=number, powers=tuple(_power(power) for power in powers))


def _common(told: Mapping[str, Any]) -> dict[str, Any]:
    subject = _text(told, "sub", 200)
    if not subject:
        raise Failed("claim-sub")
    return {
        "subject": subject,
        "acr": _text(told, "acr", 200),
        "auth_time": int(told.get("auth_time") or 0),
        "sid": _text(told, "sid", 200),
        "given_name": _text(told, "given_name", 150),
        "family_name": _text(told, "family_name", 150),
    }


def _power(told: Any) -> Power:
    if not isinstance(told, dict):
        raise Failed("claim-powers")
    privileges, expires = told.get("privileges"), told.get("expires")
    if not isinstance(privileges, list) or len(privileges) > PRIVILEGES:
        raise Failed("claim-powers")
    if not all(isinstance(one, str) and len(one) <= 40 for one in privileges):
        raise Failed("claim-powers")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or not 0 <= expires < LATEST:
        raise Failed("claim-powers")
    number = _cpr(told.get("giver_cpr"), "powers")
    return Power(number, _text(told, "giver_name", 300), tuple(privileges), int(expires))


def _organisation(told: Any) -> tuple[str, str]:
    if not isinstance(told, dict) or len(told) != 1:
        raise Failed("claim-organization")
    ((system, number),) = told.items()
    form = ORGANISATIONS.get(system)
    if form is None or not isinstance(number, str) or not form.fullmatch(number):
        raise Failed("claim-organization")
    return system, number


def _responsible(told: Any) -> Responsible:
    if not isinstance(told, dict) or not (subject := _text(told, "sub", 200)):
        raise Failed("claim-on_behalf_of")
    number = _cpr(told["cpr"], "on_behalf_of") if "cpr" in told else ""
    return Responsible(subject, _text(told, "name", 300), number, _text(told, "authorisation_id", AUTHORISATION))


def _cpr(value: Any, claim: str) -> str:
    if not isinstance(value, str) or not cpr.is_valid(value):
        raise Failed(f"claim-{claim}")
    return value


def _text(told: Mapping[str, Any], claim: str, longest: int) -> str:
    value = told.get(claim, "")
    if not isinstance(value, str) or len(value) > longest or CONTROL.search(value):
        raise Failed(f"claim-{claim}")
    return value.strip()
