"""Who signs in here, and what an ID token says about each."""

import time
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User as Account
from django.utils import timezone

from demo.epj.issuers import CITIZENS, FHIR_BASE, STAFF, Issuer
from patients import cpr
from samples import personas
from samples.personas import PATIENTS, USERS, Citizen, User

OF_AGE = 15
"""Below that nobody has a login of one's own."""
DAY = 24 * 3600
Person = User | Citizen


def offered(issuer: Issuer) -> Sequence[Person]:
    """Who may sign in at this issuer today."""
    if issuer is STAFF:
        return [user for user in USERS.values() if not user.admin]
    today = timezone.localdate()
    return [one for one in personas.CITIZENS.values() if (cpr.age(one.cpr, today) or 0) >= OF_AGE]


def named(issuer: Issuer, id: str) -> Person | None:
    """The one of them with this id."""
    return next((one for one in offered(issuer) if one.id == id), None)


def account(issuer: Issuer, person: Person) -> Account:
    """The row that stands for the person in the tables of django-oauth-toolkit; nobody has a password."""
    return Account.objects.get_or_create(username=f"{issuer.path}:{person.id}")[0]


def behind(account: Account) -> Person:
    """The person for whom such a row stands."""
    path, _, id = account.username.partition(":")
    return USERS[id] if path == STAFF.path else personas.CITIZENS[id]


def subject(person: Person) -> str:
    """Staff under the name that they sign in with; citizens under one that says nothing."""
    return (
        person.id if isinstance(person, User) else str(uuid.uuid5(uuid.NAMESPACE_URL, f"{CITIZENS.path}/{person.id}"))
    )


def claims(person: Person) -> dict[str, Any]:
    """What is signed about a person, beside the claims of the token itself."""
    given, _, family = person.name.rpartition(" ")
    told: dict[str, Any] = {"sub": subject(person), "given_name": given, "family_name": family, "cpr": person.cpr}
    if isinstance(person, Citizen):
        return told | {"given_name": person.given, "family_name": person.family, "powers": _powers(person)}
    told |= {"title": person.title, "role": person.role, "authorised": person.authorised}
    told |= {"organization": {"sor": person.sor}, "fhirUser": f"{FHIR_BASE}/Practitioner/{person.id}"}
    if person.on_behalf_of:
        responsible = USERS[person.on_behalf_of]
        told["on_behalf_of"] = {"sub": subject(responsible), "name": responsible.display, "cpr": responsible.cpr}
    return told


def _powers(citizen: Citizen) -> list[dict[str, Any]]:
    return [
        {
            "giver_cpr": PATIENTS[power.giver].cpr,
            "giver_name": PATIENTS[power.giver].name,
            "privileges": list(power.privileges),
            "expires": int(time.time()) + power.days * DAY,
        }
        for power in citizen.powers
    ]
