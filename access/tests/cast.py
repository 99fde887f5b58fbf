"""People who are launched and signed in through the real doors; for the tests of every room above."""

import functools
import json
import time
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey

from access.doors import Door
from access.models import CareOf, Issuer, LaunchClient, Role, User
from access.models.issuers import STAFF_ROLES
from access.registering import register_care, register_citizen, register_client, register_issuer, register_user
from access.tests.provider import ACR, CLIENTS, STAFF, provider
from access.tests.provider import CITIZENS as BORGER
from patients.registry import patient_for

EPJ, SYSTEM = "test-epj", "XMO"
ISSUER, LOGINS = provider().staff, provider().citizens
UNIT = "999000000000210"
WHY = {"formaal": "treatment"}
"""What is answered on "Bekræft opslag"."""
WORDS = WHY | {"begrundelse": "Set i vagten efter aftale."}
"""The same where no treatment relation is known."""
NANCY, JENS = "2512489996", "1404619935"
EMIL, KAREN = "1209179943", "0102559952"
"""A child of nine years, and somebody who has a guardian."""
TICKETS = "/api/launch-tickets"
PEOPLE = {
    "holm": ("Læge", "Anna Holm", Role.CLINICIAN),
    "kvist": ("Læge", "Signe Kvist", Role.CLINICIAN),
    "krogh": ("Sygeplejerske", "Mette Krogh", Role.MUNICIPAL),
    "lund": ("Sekretær", "Ida Lund", Role.ASSISTANT),
    "kontrol": ("", "Kaj Kontrol", Role.LOG_CONTROLLER),
    "drift": ("", "Dagny Rift", Role.OPERATOR),
}
CITIZENS = {
    "nancy": ("Nancy Ann Berggren", NANCY),
    "jens": ("Jens Mikkel Thorsen", JENS),
    "maria": ("Maria Vang Kjær", "0304869914"),
    "bent": ("Bent Ole Friis", "1806399971"),
    "lise": ("Lise Thorsen Holt", "2211909926"),
    "emil": ("Emil Vang Kjær", EMIL),
}


@functools.cache
def key(curve: str = "P-256") -> ECKey:
    """The EPJ's private key: one for the whole run."""
    return ECKey.generate_key(curve, {"kid": f"epj-{curve}"})


def epj(**changed: Any) -> LaunchClient:
    """The registered EPJ of the tests."""
    asked: dict[str, Any] = {"user_issuer": ISSUER, **changed}
    client = register_client(EPJ, SYSTEM, key().as_dict(private=False), **asked)
    issuers()
    return client


def issuers(**changed: Any) -> tuple[Issuer, Issuer]:
    """Where the staff and the citizens of the tests sign in; `changed` is of the staff's."""
    asked: dict[str, Any] = {"acr_values": [ACR], "roles": STAFF_ROLES, **changed}
    staff = register_issuer(ISSUER, "Regionens login", Door.STAFF, CLIENTS[STAFF], **asked)
    citizens = register_issuer(LOGINS, "MitID", Door.CITIZEN, CLIENTS[BORGER], acr_values=[ACR])
    return staff, citizens


def person(username: str) -> User:
    """Somebody the EPJ knows."""
    title, name, role = PEOPLE[username]
    return register_user(ISSUER, username, title=title, name=name, role=role)


def citizen(username: str) -> User:
    """Somebody who looks at what is her or his own."""
    name, cpr = CITIZENS[username]
    return register_citizen(LOGINS, username, name=name, cpr=cpr, username=username)


def claims(username: str, **changed: Any) -> dict[str, Any]:
    """What the issuer says of somebody; a claim changed to None is left out."""
    title, name, role = PEOPLE[username]
    given, _, family = name.rpartition(" ")
    told = {
        "sub": username,
        "given_name": given,
        "family_name": family,
        "title": title,
        "role": str(role),
        "authorised": role == Role.CLINICIAN,
        "organization": {"sor": UNIT},
        "sid": f"sid-{username}",
    }
    return told | changed


def citizen_claims(username: str, **changed: Any) -> dict[str, Any]:
    """What the issuer says of a citizen."""
    name, cpr = CITIZENS[username]
    given, _, family = name.rpartition(" ")
    return {"sub": username, "given_name": given, "family_name": family, "cpr": cpr, "sid": f"sid-{username}"} | changed


def came_back(client: Client, answer: Any, who: Mapping[str, Any]) -> Any:
    """The browser follows our redirect to the issuer, signs in there as `who`, and comes back to our callback."""
    assert answer.status_code == 303, answer.status_code
    return client.get(provider().authorize(answer["Location"], who), headers={"Sec-Fetch-Site": "cross-site"})


def signed_in(client: Client, username: str, next_path: str = "/", **changed: Any) -> Any:
    """Sign in without a launch, as staff; returns where the browser ends."""
    staff, _ = issuers()
    left = client.post("/log-ind/", {"issuer": staff.pk, "next": next_path})
    return came_back(client, left, claims(username, **changed))


def citizen_signs_in(client: Client, username: str, **changed: Any) -> str:
    """Sign in as a citizen; `changed` is what the login tells beside. Returns where the browser is sent."""
    _, citizens = issuers()
    left = client.post("/borger/log-ind/", {"issuer": citizens.pk})
    answer = came_back(client, left, citizen_claims(username, **changed))
    assert answer.status_code == 303, answer.status_code
    return str(urlsplit(answer["Location"]).path)


def told(client: Client, **said: Any) -> None:
    """Change what a signed login has left in the session: on_behalf_of, national_role."""
    session = client.session
    session.update(said)
    session.save()


def power(giver_cpr: str, name: str, *privileges: str, expires: float | None = None) -> dict[str, Any]:
    """A fuldmagt as the login tells of it; it lasts an hour."""
    lasts = int(time.time() + 3600 if expires is None else expires)
    return {"giver_cpr": giver_cpr, "giver_name": name, "privileges": list(privileges), "expires": lasts}


def own(client: Client, username: str, **changed: Any) -> str:
    """The id of the context that a citizen has open in this browser after signing in there."""
    sent = citizen_signs_in(client, username, **changed)
    return opened_at(client.post("/borger/")["Location"] if sent == "/borger/" else sent)


def chosen(client: Client, audience: str, cpr: str) -> str:
    """The id of the context that a citizen who is signed in here opens by choosing somebody."""
    answer = client.post("/borger/", {"person": f"{audience}.{patient_for(cpr).pk}"})
    assert answer.status_code == 303, answer.status_code
    return opened_at(answer["Location"])


def opened_at(location: str) -> str:
    """The context in the address of a citizen's page."""
    parts = urlsplit(location).path.split("/")
    assert parts[1] == "borger", parts
    return str(parts[2])


def custody(holder: str = "maria", child: str = EMIL, **changed: Any) -> CareOf:
    """The register says so: this citizen has custody of a child."""
    return _care("custody", holder, child, **{"name": "Emil Vang Kjær"} | changed)


def guardianship(holder: str = "bent", ward: str = KAREN, **changed: Any) -> CareOf:
    """The register says so: this citizen is somebody's guardian."""
    return _care("guardian", holder, ward, **{"name": "Karen Margrethe Dam"} | changed)


def _care(kind: str, holder: str, cpr: str, **changed: Any) -> CareOf:
    said: dict[str, Any] = {"source": "Prøve", "since": date(2020, 1, 1)} | changed
    return register_care(kind, CITIZENS[holder][1], cpr, **said)


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


def closed_by_epj(session_ref: str) -> Any:
    """The EPJ's server says that a session of its own is over."""
    path = f"/api/contexts/{session_ref}/close"
    return Client().post(path, headers={"Authorization": f"Bearer {assertion(path)}"})


def arrived(client: Client, a_ticket: str) -> str:
    """Bring a ticket in from the EPJ's page; returns where the browser is sent."""
    answer = client.post("/launch/ticket", {"ticket": a_ticket}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303, answer.status_code
    return str(answer["Location"])


def at_issuer(location: str) -> bool:
    """Whether the browser is being sent to the issuer."""
    return location.startswith(provider().url)


def launched(client: Client, username: str, cpr: str, **changed: Any) -> str:
    """The id of a context opened in this browser: ticket, launch, and sign-in or click where one is asked for."""
    path = arrived(client, ticket(username, cpr, **changed))
    answer = client.get(path, headers={"Sec-Fetch-Site": "cross-site"})
    if answer.status_code == 303 and at_issuer(answer["Location"]):
        back = came_back(client, answer, claims(username, organization=changed.get("org", {"sor": UNIT})))
        assert back["Location"] == path, back.status_code
        answer = client.get(path, headers={"Sec-Fetch-Site": "cross-site"})
    if answer.status_code == 200:
        answer = client.post(f"{path}aabn/", WHY)
    assert answer.status_code == 303, answer.status_code
    parts = urlsplit(answer["Location"]).path.split("/")
    assert parts[1] == "k", parts
    return parts[2]
