"""What a login said, signed, beside who somebody is: it lives as long as the session, and only in it.

`on_behalf_of`, `authorisation_id` and `national_role` come with the login of staff, `powers` with that of citizens
(design: Z4). A responsible person need never have signed in here, so there is no user to point to: the issuer is the
user's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone

from access.matrix import Part
from access.models import User

PARTS: Mapping[str, frozenset[Part]] = {
    "se_journal": frozenset({Part.EKG, Part.MUNICIPAL}),
    "se_ekg": frozenset({Part.EKG}),
    "se_kommune": frozenset({Part.MUNICIPAL}),
    "se_log": frozenset({Part.LOG}),
}
"""What the privileges of a fuldmagt open of the record; the log is opened by its own privilege alone."""


@dataclass(frozen=True)
class Responsible:
    """On whose behalf an assistant works."""

    subject: str
    name: str
    cpr: str = ""
    """As the service of consent knows the person; "" when the login did not tell it."""
    authorisation: str = ""


@dataclass(frozen=True)
class Power:
    """A fuldmagt that holds at this moment."""

    giver: UUID
    giver_name: str
    privileges: frozenset[str]

    @property
    def parts(self) -> frozenset[Part]:
        return frozenset[Part]().union(*(PARTS.get(each, frozenset()) for each in self.privileges))


def responsible(request: HttpRequest, user: User) -> Responsible | None:
    """On whose behalf this user works, when it is the one who is signed in."""
    told = _told(request, user).get("on_behalf_of") or {}
    rest = (str(told.get(name) or "") for name in ("name", "cpr", "authorisation_id"))
    return Responsible(str(told["sub"]), *rest) if told.get("sub") else None


def authorisation(request: HttpRequest, user: User) -> str:
    """The number of the user's own authorisation as a health professional, "" when the login did not tell it."""
    return str(_told(request, user).get("authorisation_id") or "")


def national_role(request: HttpRequest, user: User) -> str:
    """The national role that the user acts in, "" for none."""
    return str(_told(request, user).get("national_role") or "")


def powers(request: HttpRequest, user: User) -> list[Power]:
    """Every fuldmagt that has not expired; those of one giver are one, in the order of the login."""
    now = timezone.now().timestamp()
    held: dict[UUID, Power] = {}
    for each in _told(request, user).get("powers") or ():
        giver = UUID(each["giver"])
        if now < each["expires"] and giver != user.patient_id:
            before = held[giver].privileges if giver in held else frozenset()
            held[giver] = Power(giver, str(each["giver_name"]), before.union(each["privileges"]))
    return list(held.values())


def _told(request: HttpRequest, user: User) -> Mapping[str, Any]:
    """The session, when it is this user's; another's says nothing of this one."""
    session: Any = getattr(request, "session", {})
    return session if session.get(SESSION_KEY) == str(user.pk) else {}
