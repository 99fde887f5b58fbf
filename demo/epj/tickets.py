"""The EPJ's server asks Sundhedsjournal for a ticket, and to close what it opened: signed by it (private_key_jwt)."""

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


class NotDone(Exception):
    """Sundhedsjournal did not do it; the sentence is for the person at the desk."""


def ticket_for(
    user: User, cpr: str, name: str, session_ref: str, landing: str = "", *, journal: str, key: ECKey
) -> str:
    """A one-time ticket for this user and patient from the Sundhedsjournal at this address; raises NotDone."""
    return str(_asked(PATH, wish(user, cpr, name, session_ref, landing), "ticket", journal=journal, key=key))


def close(ref: str, *, journal: str, key: ECKey) -> int:
    """Close what was opened under this name, and say how many were open; raises NotDone."""
    return int(_asked(f"/api/contexts/{ref}/close", {}, "closed", journal=journal, key=key))


def wish(user: User, cpr: str, name: str, session_ref: str, landing: str = "") -> dict[str, Any]:
    """Who opens whose record, from where, and what to show first; the reference is of this one opening."""
    asked = {"landing": landing} if landing else {}
    return asked | {
        "user_iss": STAFF.url,
        "user_sub": user.id,
        "org": {"sor": user.sor},
        "patient_cpr": cpr,
        "patient_name": name,
        "epj_session_ref": session_ref,
    }


def _asked(path: str, body: dict[str, Any], answer: str, *, journal: str, key: ECKey) -> Any:
    headers = {"Authorization": f"Bearer {assertion(journal + path, key)}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{journal}{path}", json.dumps(body).encode(), headers)  # noqa: S310 a setting
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as told:  # noqa: S310
            return json.load(told)[answer]
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise NotDone(f"Sundhedsjournalen afviste opslaget. {_why(refusal)}") from refusal
    except (OSError, ValueError, KeyError) as error:
        raise NotDone("Sundhedsjournalen svarer ikke lige nu. Prøv igen om lidt.") from error


def assertion(url: str, key: ECKey) -> str:
    """Half a minute, one use, one address."""
    now = int(time.time())
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": url, "jti": str(uuid.uuid4())}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims | {"iat": now, "exp": now + 30}, key)


def own_key(var: Path) -> ECKey:
    """The EPJ's private key, as `manage.py demo_data` made it; raises NotDone without one."""
    try:
        return ECKey.import_key(json.loads((var / "keys" / "epj.json").read_text()))
    except OSError as error:
        raise NotDone("Demo-EPJ'en har ingen nøgle. Start demoen med make demo.") from error


def _why(refusal: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(refusal)["error_description"])
    except (OSError, ValueError, KeyError):
        return f"(HTTP {refusal.code})"
