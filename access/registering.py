"""Registers launching systems, issuers that people sign in at, users, citizens, who looks after whom, and blocks."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from access import assertion
from access.doors import Door
from access.models import Block, CareOf, Issuer, LaunchClient, Role, User
from patients.registry import patient_for

HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


def register_client(
    client_id: str,
    name: str,
    public_jwk: Mapping[str, Any],
    *,
    user_issuer: str,
    organisations: Sequence[str] = (),
    shared_workstation: bool = False,
    unvouched: Sequence[str] | None = None,
    asks_purpose: bool | None = None,
) -> LaunchClient:
    """Make or update a system that may launch users of `user_issuer`; its other keys stay, but for one of the same kid.

    `organisations` as "sor:<number>"; none given means any. `unvouched` are units whose launches are no evidence of a
    treatment relation; these two stay as they are when not given. Raises ValueError for a private or weak key.
    """
    key = dict(public_jwk)
    assertion.public_key(key)
    known = LaunchClient.objects.filter(client_id=client_id).first()
    others = [held for held in (known.jwks if known else []) if held.get("kid") != key.get("kid")]
    asked: dict[str, Any] = {
        "name": name,
        "jwks": [*others, key],
        "user_issuer": user_issuer,
        "organisations": list(organisations),
        "shared_workstation": shared_workstation,
        "active": True,
    }
    asked |= {} if unvouched is None else {"unvouched": list(unvouched)}
    asked |= {} if asks_purpose is None else {"asks_purpose": asks_purpose}
    return LaunchClient.objects.update_or_create(client_id=client_id, defaults=asked)[0]


def register_issuer(
    issuer: str,
    name: str,
    door: Door,
    client_id: str,
    *,
    acr_values: Sequence[str],
    algorithms: Sequence[str] = ("ES256", "PS256", "RS256"),
    roles: Sequence[Role] = (),
    max_age: int | None = None,
    launch_client: LaunchClient | None = None,
    fhir_base: str = "",
    hosts: Sequence[str] | None = None,
) -> Issuer:
    """Make or update an identity provider, found by its URL and door; with `fhir_base` and `launch_client` it launches.

    `roles` are what it may make of its users, for staff only; `acr_values` are the levels that are good enough, word
    for word. `hosts` are those beside its own where its metadata may place endpoints and keys; they stay as they are
    when not given. The database refuses what does not fit together.
    """
    if wrong := [host for host in hosts or () if not HOST.fullmatch(host)]:
        raise ValueError(f"A host is a name in small letters, without scheme, port or path: {wrong[0]}")
    asked: dict[str, Any] = {
        "name": name,
        "client_id": client_id,
        "algorithms": list(algorithms),
        "roles": [str(role) for role in roles],
        "acr_values": list(acr_values),
        "max_age": max_age,
        "launches": bool(fhir_base),
        "launch_client": launch_client,
        "fhir_base": fhir_base.rstrip("/"),
        "active": True,
    }
    asked |= {} if hosts is None else {"hosts": list(hosts)}
    return Issuer.objects.update_or_create(issuer=issuer, door=door, defaults=asked)[0]


def register_user(
    issuer: str,
    subject: str,
    *,
    name: str,
    title: str = "",
    username: str = "",
    role: Role = Role.CLINICIAN,
    is_admin: bool = False,
    password: str | None = None,
) -> User:
    """Make or update the person whom `issuer` calls `subject`; without a password there is no signing in by one."""
    given, _, family = name.rpartition(" ")
    asked = {
        "username": username or subject,
        "title": title,
        "first_name": given,
        "last_name": family,
        "role": Role.OPERATOR if is_admin else role,
        "is_staff": is_admin,
        "is_superuser": is_admin,
        "is_active": True,
    }
    user, made = User.objects.update_or_create(issuer=issuer, subject=subject, defaults=asked)
    if password is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
    elif made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def register_citizen(issuer: str, subject: str, *, name: str, cpr: str, username: str) -> User:
    """Make or update the citizen whom `issuer` calls `subject`: one patient, without a password.

    Every login does, and so it never lets in again whom the administration has switched off.
    """
    given, _, family = name.rpartition(" ")
    asked = {
        "username": username,
        "first_name": given,
        "last_name": family,
        "role": Role.CITIZEN,
        "patient": patient_for(cpr),
    }
    user, made = User.objects.update_or_create(issuer=issuer, subject=subject, defaults=asked)
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def register_care(
    kind: str, holder_cpr: str, cpr: str, *, source: str, since: date, name: str = "", until: date | None = None
) -> CareOf:
    """Make or update what an authority says: whose custody or guardianship this is, of whom, and how long.

    It counts at once, whoever had entered the same before.
    """
    told = {"valid_until": until, "patient_name": name, "source": source}
    by_register = {"entered_by": None, "confirmed_by": None, "confirmed_at": None}
    return CareOf.objects.update_or_create(
        kind=kind,
        holder=patient_for(holder_cpr),
        patient=patient_for(cpr),
        valid_from=since,
        defaults=told | by_register,
    )[0]


def register_block(cpr: str, kind: Block.Kind, **said: Any) -> Block:
    """Make a block of this citizen, unless the very same one stands already."""
    return Block.objects.get_or_create(patient=patient_for(cpr), kind=kind, ended=None, **said)[0]
