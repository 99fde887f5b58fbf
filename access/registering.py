"""Registers a launching system, its users, citizens and what they have blocked; safe to run again."""

from collections.abc import Mapping, Sequence
from typing import Any

from access import assertion
from access.models import Block, LaunchClient, Role, User
from patients.registry import patient_for


def register_client(
    client_id: str,
    name: str,
    public_jwk: Mapping[str, Any],
    *,
    user_issuer: str,
    organisations: Sequence[str] = (),
) -> LaunchClient:
    """Make or update a system that may launch users of `user_issuer`; its other keys stay, but for one of the same kid.

    `organisations` as "sor:<number>"; none given means any. Raises ValueError for a private or weak key.
    """
    key = dict(public_jwk)
    assertion.public_key(key)
    known = LaunchClient.objects.filter(client_id=client_id).first()
    others = [held for held in (known.jwks if known else []) if held.get("kid") != key.get("kid")]
    asked = {
        "name": name,
        "jwks": [*others, key],
        "user_issuer": user_issuer,
        "organisations": list(organisations),
        "active": True,
    }
    return LaunchClient.objects.update_or_create(client_id=client_id, defaults=asked)[0]


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
    """Make or update the citizen whom `issuer` calls `subject`: one patient, without a password."""
    given, _, family = name.rpartition(" ")
    asked = {
        "username": username,
        "first_name": given,
        "last_name": family,
        "role": Role.CITIZEN,
        "patient": patient_for(cpr),
        "is_active": True,
    }
    user, made = User.objects.update_or_create(issuer=issuer, subject=subject, defaults=asked)
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def register_block(cpr: str, kind: Block.Kind, **said: Any) -> Block:
    """Make a block of this citizen, unless the very same one stands already."""
    return Block.objects.get_or_create(patient=patient_for(cpr), kind=kind, ended=None, **said)[0]
