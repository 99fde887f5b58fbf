"""The user whom a login tells of: made at the first, brought up to date at every one."""

import hashlib
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from access.doors import Door
from access.models import Issuer, Role, User
from access.oidc.claims import Login
from access.oidc.failing import Failed
from access.registering import register_citizen
from audit.record import safe
from patients.registry import patient_for

RESPONSIBLE = ("sub", "name", "cpr", "authorisation_id")
"""What the session calls what is known of the person behind an assistant: the words of the claim."""


def known(issuer: Issuer, login: Login) -> User:
    """Who this is here; raises Failed for whom the issuer may not name, and for whom the house has shut out."""
    found = User.objects.filter(issuer=issuer.issuer, subject=login.subject).first()
    if found is not None and not found.is_active:
        raise Failed("user-inactive")
    if found is not None and (found.is_staff or found.is_superuser or found.role == Role.OPERATOR):
        raise Failed("user-role")  # who runs the house has a password of the house
    return _citizen(issuer, login, found) if issuer.door == Door.CITIZEN else _staff(issuer, login, found)


def kept(issuer: Issuer, login: Login) -> dict[str, Any]:
    """What the session remembers of a login: no token, and no citizen's CPR number.

    The responsible person's own goes along, since there may be no user to keep it with; it ends with the session.
    """
    responsible = login.on_behalf_of
    return {
        "issuer": issuer.pk,
        "auth_time": login.auth_time,
        "acr": login.acr,
        "sid": login.sid,
        "organization": dict([login.organisation]) if login.organisation else None,
        "authorisation_id": login.authorisation,
        "on_behalf_of": dict(zip(RESPONSIBLE, responsible, strict=True)) if responsible else None,
        "national_role": login.national_role,
        "powers": [
            {
                "giver": str(patient_for(power.giver_cpr).pk),
                "giver_name": power.giver_name,
                "privileges": list(power.privileges),
                "expires": power.expires,
            }
            for power in login.powers
        ],
    }


def _staff(issuer: Issuer, login: Login, found: User | None) -> User:
    if login.role not in issuer.roles or (found is not None and found.role == Role.CITIZEN):
        raise Failed("user-role")
    told: dict[str, Any] = {
        "title": login.title,
        "first_name": login.given_name,
        "last_name": login.family_name,
        "role": login.role,
        "authorised": login.authorised,
    }
    if login.cpr:  # a login that leaves it out does not take it away: blocks aim by it
        told["professional_cpr"] = login.cpr
    with transaction.atomic():
        user = found or _made(issuer.issuer, login.subject, told)
        User.objects.filter(pk=user.pk).update(**told)
    user.refresh_from_db()
    return user


def _made(issuer: str, subject: str, told: dict[str, Any]) -> User:
    """Two tabs may come with somebody new at once: one row."""
    first = {"username": username(issuer, subject), "password": make_password(None), **told}
    return User.objects.get_or_create(issuer=issuer, subject=subject, defaults=first)[0]


def _citizen(issuer: Issuer, login: Login, found: User | None) -> User:
    """A citizen stays the same patient: a number that has changed is for a person to look into."""
    patient = patient_for(login.cpr)
    if found is not None and (found.role != Role.CITIZEN or found.patient_id != patient.pk):
        raise Failed("user-role" if found.role != Role.CITIZEN else "citizen-changed")
    other = User.objects.filter(issuer=issuer.issuer, patient=patient).exclude(subject=login.subject)
    if other.exists():
        raise Failed("citizen-changed")
    return register_citizen(
        issuer.issuer,
        login.subject,
        name=f"{login.given_name} {login.family_name}".strip(),
        cpr=login.cpr,
        username=found.username if found else username(issuer.issuer, login.subject),
    )


def username(issuer: str, subject: str) -> str:
    """A name that is nobody else's: the issuer's own when it is free and says nothing about a person."""
    said = safe(subject, "subject")[:100]
    if not User.objects.filter(username=said).exists():
        return said
    whole = f"{issuer} {subject}".encode()
    return f"{said}-{hashlib.sha256(whole).hexdigest()[:8]}"
