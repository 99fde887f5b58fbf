"""The EPJ's server asks Sundhedsjournal for a launch ticket, signed with the EPJ's own key (private_key_jwt)."""

import json
import time
import urllib.error
import urllib.request
import uuid

from django.conf import settings
from joserfc import jwt
from joserfc.jwk import ECKey

from samples.personas import User

CLIENT = ISSUER = "demo-epj"


class NoTicket(Exception):
    """Sundhedsjournal gave no ticket; the sentence is for the person at the desk."""


def ticket_for(user: User, cpr: str, name: str) -> str:
    """A one-time ticket for this user and patient; raises NoTicket."""
    url = f"{settings.JOURNAL}/api/launch-tickets"
    asked = {
        "user_iss": ISSUER, "user_sub": user.id, "org": {"sor": user.sor}, "patient_cpr": cpr, "patient_name": name,
        "epj_session_ref": uuid.uuid4().hex,
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {_assertion(url)}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(asked).encode(), headers)  # noqa: S310 the address is a setting
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return str(json.load(answer)["ticket"])
    except urllib.error.HTTPError as error:
        raise NoTicket(f"Sundhedsjournalen afviste opslaget (HTTP {error.code}).") from error
    except (OSError, ValueError, KeyError) as error:
        raise NoTicket("Sundhedsjournalen svarer ikke lige nu. Prøv igen om lidt.") from error


def _assertion(audience: str) -> str:
    key = ECKey.import_key(json.loads((settings.VAR / "keys" / "epj.json").read_text()))
    now = int(time.time())
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": audience, "iat": now, "exp": now + 45, "jti": uuid.uuid4().hex}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)
