"""People who are launched and signed in through the real doors; for the tests of every room above."""

import functools
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client, override_settings
from joserfc import jwt
from joserfc.jwk import ECKey

from access.models import LaunchClient, Role, User
from access.registering import register_citizen, register_client, register_user

EPJ, ISSUER, SYSTEM = "test-epj", "https://epj.test.invalid", "XMO"
UNIT = "999000000000210"
WHY = {"formaal": "treatment"}
"""What is answered on "Bekræft opslag"."""
NANCY, JENS = "2512489996", "1404619935"
TICKETS = "/api/launch-tickets"
PEOPLE = {
    "holm": ("Læge", "Anna Holm", Role.CLINICIAN),
    "kvist": ("Læge", "Signe Kvist", Role.CLINICIAN),
    "krogh": ("Sygeplejerske", "Mette Krogh", Role.MUNICIPAL),
    "drift": ("", "Dagny Rift", Role.OPERATOR),
}
CITIZENS = {"nancy": ("Nancy Ann Berggren", NANCY), "jens": ("Jens Mikkel Thorsen", JENS)}
LOGINS = "https://login.test.invalid"


@functools.cache
def key(curve: str = "P-256") -> ECKey:
    """The EPJ's private key: one for the whole run."""
    return ECKey.generate_key(curve, {"kid": f"epj-{curve}"})


def epj(**changed: Any) -> LaunchClient:
    """The registered EPJ of the tests."""
    asked: dict[str, Any] = {"user_issuer": ISSUER, **changed}
    return register_client(EPJ, SYSTEM, key().as_dict(private=False), **asked)


def person(username: str) -> User:
    """Somebody the EPJ knows."""
    title, name, role = PEOPLE[username]
    return register_user(ISSUER, username, title=title, name=name, role=role)


def citizen(username: str) -> User:
    """Somebody who looks at what is her or his own."""
    name, cpr = CITIZENS[username]
    return register_citizen(LOGINS, username, name=name, cpr=cpr, username=username)


def own(client: Client, username: str) -> str:
    """The id of the context that a citizen has open in this browser after signing in there."""
    citizen(username)
    with override_settings(DEMO=True):  # the demo's button: citizens have no other way in yet
        answer = client.post("/borger/log-ind/", {"username": username})
    assert answer.status_code == 303, answer.status_code
    parts = urlsplit(answer["Location"]).path.split("/")
    assert parts[1] == "borger", parts
    return parts[2]


def assertion(path: str, signed_by: ECKey | None = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
    """A client assertion for a path of ours; a claim changed to None is left out."""
    now = int(time.time())
    claims = {
        "iss": EPJ,
        "sub": EPJ,
        "aud": f"{settings.SITE_URL}{path}",
        "iat": now,
        "exp": now + 30,
        "jti": str(uuid.uuid4()),
    } | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    head = {"alg": "ES256", **(header or {})}
    return jwt.encode(head, kept, signed_by or key(), algorithms=[head["alg"]])


def wish(username: str, cpr: str, **changed: Any) -> dict[str, Any]:
    """What the EPJ's server asks for; a field changed to None is left out."""
    asked = {
        "user_iss": ISSUER,
        "user_sub": username,
        "org": {"sor": UNIT},
        "patient_cpr": cpr,
        "patient_name": "Nancy Ann Berggren" if cpr == NANCY else "",
        "epj_session_ref": str(uuid.uuid4()),
    } | changed
    return {name: value for name, value in asked.items() if value is not None}


def ask_ticket(asked: object, bearer: str | None = None) -> Any:
    """POST a request for a ticket as the EPJ's server does."""
    bearer = assertion(TICKETS) if bearer is None else bearer
    return Client().post(
        TICKETS, json.dumps(asked), content_type="application/json", headers={"Authorization": f"Bearer {bearer}"}
    )


def ticket(username: str, cpr: str, **changed: Any) -> str:
    """A fresh ticket, in the name of somebody registered."""
    if not LaunchClient.objects.filter(client_id=EPJ).exists():
        epj()
    person(username)
    answer = ask_ticket(wish(username, cpr, **changed))
    assert answer.status_code == 200, answer.content
    return str(json.loads(answer.content)["ticket"])


def arrived(client: Client, a_ticket: str) -> str:
    """Bring a ticket in from the EPJ's page; returns where the browser is sent."""
    answer = client.post("/launch/ticket", {"ticket": a_ticket}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303, answer.status_code
    return str(answer["Location"])


def launched(client: Client, username: str, cpr: str, **changed: Any) -> str:
    """The id of a context opened in this browser: ticket, launch, and sign-in or click where one is asked for."""
    path = arrived(client, ticket(username, cpr, **changed))
    answer = client.get(path, headers={"Sec-Fetch-Site": "cross-site"})
    if answer.status_code == 200 and str(client.session.get("_auth_user_id", "")) == "":
        with override_settings(DEMO=True):  # the demo's button: no password to hash
            client.post(f"{path}log-ind/")
        answer = client.get(path, headers={"Sec-Fetch-Site": "same-origin"})
    elif answer.status_code == 200:
        answer = client.post(f"{path}aabn/", WHY)
    assert answer.status_code == 303, answer.status_code
    parts = urlsplit(answer["Location"]).path.split("/")
    assert parts[1] == "k", parts
    return parts[2]
