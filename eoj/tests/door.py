"""A municipality that reports through the real door; for the tests of this room."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey

from fhir.registering import register_sender

ISSUER = "https://gateway.test.invalid"
JSON, XML = "application/fhir+json", "application/fhir+xml"


@dataclass(frozen=True)
class Answer:
    """What the door said."""

    status: int
    tree: dict[str, Any]

    @property
    def handling(self) -> str:
        return str(self.tree["extension"][0]["valueCode"])

    @property
    def rules(self) -> list[str]:
        return [each["code"] for issue in self.tree["issue"] for each in issue["details"].get("coding", ())]

    @property
    def codes(self) -> list[str]:
        return [issue["code"] for issue in self.tree["issue"]]


def municipality(name: str = "gateway") -> Callable[..., Answer]:
    """Register a sender, and give what puts a report (a tree or bytes) to its own id, or to another."""
    key = ECKey.generate_key("P-256", {"kid": name})
    register_sender(f"{ISSUER}/{name}", name, "Kommunal gateway", ["eoj"], key.as_dict(private=False), rate="60000/min")

    def put(body: Any, to: str | None = None, media: str = JSON, headers: Mapping[str, str] | None = None) -> Answer:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        address = to or (body["id"] if isinstance(body, dict) else orjson.loads(raw)["id"])
        now = int(time.time())
        claims = {"iss": f"{ISSUER}/{name}", "sub": name, "aud": settings.FHIR_AUDIENCE, "iat": now, "exp": now + 99}
        token = jwt.encode({"alg": "ES256", "kid": name}, claims, key)
        client: Any = Client(raise_request_exception=False)
        path, bearer = f"/fhir/Bundle/{address}", f"Bearer {token}"
        told = {"HTTP_AUTHORIZATION": bearer, "HTTP_ACCEPT": JSON, **(headers or {})}
        answer = client.generic("PUT", path, raw, content_type=media, **told)
        return Answer(answer.status_code, orjson.loads(answer.content))

    return put
