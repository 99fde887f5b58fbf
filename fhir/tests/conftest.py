"""A registered sender, tokens to attack with, and one way to post."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, Key

from fhir.models import Sender
from fhir.registering import register_sender
from fhir.tests.addresses import LETTERS
from fhir.tests.letters import Letters

ISSUER = "https://issuer.test"


@pytest.fixture(autouse=True)
def only_the_door(settings: Any) -> None:
    settings.ROOT_URLCONF = "fhir.tests.addresses"


@pytest.fixture
def letters() -> Letters:
    """The kind of document behind the door, as new."""
    LETTERS.__init__()  # type: ignore[misc]
    return LETTERS


@pytest.fixture(scope="session")
def key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256", "use": "sig"})


@pytest.fixture
def sender(db: None, key: ECKey) -> Sender:
    return register_sender(ISSUER, "lab-1", "Laboratoriet", ["letter"], key.as_dict(private=False), rate="1000000/min")


@pytest.fixture
def token(sender: Sender, key: ECKey, settings: Any) -> Callable[..., str]:
    """A good token; claims and header can be changed, None removes one."""

    def make(header: dict[str, Any] | None = None, signed_by: Key | None = None, **changes: Any) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": "lab-1", "aud": settings.FHIR_AUDIENCE, "iat": now, "exp": now + 300} | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "ES256", "kid": "k1"} | (header or {})
        return jwt.encode(head, claims, signed_by or key, algorithms=[head["alg"]])

    return make


def call(method: str, path: str, body: Any = b"", **environ: Any) -> Any:
    """A request with any WSGI environment."""
    client: Any = Client(raise_request_exception=False)
    return client.generic(method, path, body, **environ)


@dataclass(frozen=True)
class Answer:
    status: int
    tree: dict[str, Any]
    headers: Any
    content: bytes

    @property
    def handling(self) -> str:
        return str(self.tree["extension"][0]["valueCode"])

    @property
    def rules(self) -> list[str]:
        """The names of the rules that the issues carry."""
        return [each["code"] for issue in self.tree["issue"] for each in issue["details"].get("coding", ())]

    @property
    def sentence(self) -> str:
        return str(self.tree["issue"][0]["details"]["text"])


@pytest.fixture
def post(token: Callable[..., str], letters: Letters) -> Callable[..., Answer]:
    """Post a tree or bytes as a good sender; keyword arguments become WSGI headers."""

    def send(
        body: Any,
        to: str = "/fhir/Bundle",
        media: str = "application/fhir+json",
        bearer: str | None = None,
        **headers: Any,
    ) -> Answer:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"HTTP_AUTHORIZATION": f"Bearer {bearer or token()}"} | headers
        told = {name: value for name, value in headers.items() if value is not None}
        response = call("POST", to, raw, **({"CONTENT_TYPE": media} | told))
        is_json = "json" in response["Content-Type"]
        return Answer(
            response.status_code, orjson.loads(response.content) if is_json else {}, response, response.content
        )

    return send


@pytest.fixture
def events(db: None) -> Callable[[], list[tuple[str, str, int]]]:
    """What the audit holds: action, reason, outcome, in order."""

    def read() -> list[tuple[str, str, int]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT action, reason, outcome FROM audit_event ORDER BY id")
            return list(cursor.fetchall())

    return read
