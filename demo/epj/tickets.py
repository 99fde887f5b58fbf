"""The EPJ's server asks Sundhedsjournal for a launch ticket, signed with the EPJ's own key (private_key_jwt)."""

import json
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from demo.epj.issuers import STAFF
from samples.personas import User

CLIENT = "demo-epj"
PATH = "/api/launch-tickets"
PATIENCE = 5
"""Seconds."""


class NoTicket(Exception):
    """Sundhedsjournal gave no ticket; the sentence is for the person at the desk."""


def ticket_for(user: User, cpr: str, name: str, landing: str = "", *, journal: str, key: ECKey) -> str:
    """A one-time ticket for this user and patient from the Sundhedsjournal at this address; raises NoTicket."""
    headers = {"Authorization": f"Bearer {assertion(journal, key)}", "Content-Type": "application/json"}
    body = json.dumps(wish(user, cpr, name, landing)).encode()
    request = urllib.request.Request(f"{journal}{PATH}", body, headers)  # noqa: S310 the address is a setting
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return str(json.load(answer)["ticket"])
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise NoTicket(f"Sundhedsjournalen afviste opslaget. {_why(refusal)}") from refusal
    except (OSError, ValueError, KeyError) as error:
        raise NoTicket("Sundhedsjournalen svarer ikke lige nu. Prøv igen om lidt.") from error


def wish(user: User, cpr: str, name: str, landing: str = "") -> dict[str, Any]:
    """Who opens whose record, from where, and what to show first; the reference is of this one opening."""
    asked = {"landing": landing} if landing else {}
    return asked | {
        "user_iss": STAFF.url,
        "user_sub": user.id,
        "org": {"sor": user.sor},
        "patient_cpr": cpr,
        "patient_name": name,
        "epj_session_ref": str(uuid.uuid4()),
    }


def assertion(journal: str, key: ECKey) -> str:
    """Half a minute, one use, one address."""
    now = int(time.time())
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": f"{journal}{PATH}", "jti": str(uuid.uuid4())}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims | {"iat": now, "exp": now + 30}, key)


def own_key(var: Path) -> ECKey:
    """The EPJ's private key, as `manage.py demo_data` made it; raises NoTicket without one."""
    try:
        return ECKey.import_key(json.loads((var / "keys" / "epj.json").read_text()))
    except OSError as error:
        raise NoTicket("Demo-EPJ'en har ingen nøgle. Start demoen med make demo.") from error


def _why(refusal: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(refusal)["error_description"])
    except (OSError, ValueError, KeyError):
        return f"(HTTP {refusal.code})"
