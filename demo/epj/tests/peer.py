"""The other side: a Sundhedsjournal as far as the EPJ can see it, and a browser between the two."""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from sundhedsjournal.tests.pages import check_page

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SMART = "openid fhirUser launch patient/Patient.r"


@dataclass
class Journal:
    """Answers for a ticket with `status` and `body`, and publishes `keys`."""

    keys: list[ECKey]
    sent: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    body: bytes = b'{"ticket": "one-ticket", "expires_in": 60}'
    url: str = ""

    def start(self) -> ThreadingHTTPServer:
        journal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.path == "/login/jwks.json"
                published = KeySet([*journal.keys]).as_dict(private=False)
                self._answer(200, json.dumps(published).encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                journal.sent.append({"path": self.path, "bearer": self.headers["Authorization"], **json.loads(body)})
                self._answer(journal.status, journal.body)

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


class Browser:
    """A browser at the EPJ: it checks every page, sends forms as they stand, and stops before leaving the site."""

    def __init__(self, epj: str, journal: Journal) -> None:
        self.epj, self.journal = epj, journal
        self.http = httpx.Client(base_url=epj, timeout=20)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, url: str) -> httpx.Response:
        return self._checked(self.http.get(url))

    def send(self, page: httpx.Response, **values: str) -> httpx.Response:
        """The form on this page, filled in."""
        token = check_page(page).find(".//input[@name='csrfmiddlewaretoken']").get("value")
        form = {"csrfmiddlewaretoken": token} | values
        return self._checked(self.http.post(page.url, data=form, headers={"Origin": self.epj}))

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.headers.get("content-type", "").startswith("text/html") and answer.content:
            check_page(answer)
        return answer


@dataclass
class Client:
    """Sundhedsjournal as a relying party of one issuer."""

    issuer: str
    client_id: str
    journal: Journal
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def redirect_uri(self) -> str:
        return f"{self.journal.url}/login/callback"

    def question(self, scope: str = "openid", **changed: str | None) -> str:
        """An authorisation request as an address; a parameter changed to None is left out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": scope,
            "state": "a-state", "nonce": "a-nonce", "code_challenge": challenge, "code_challenge_method": "S256",
        } | changed  # fmt: skip
        return f"{self.issuer}/authorize/?{urlencode({k: v for k, v in asked.items() if v is not None})}"

    def assertion(self, key: ECKey | None = None, alg: str = "ES384", **changed: Any) -> str:
        now, key = int(time.time()), key or self.journal.keys[-1]
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": f"{self.issuer}/token/", "iat": now}
        claims |= {"exp": now + 60, "jti": secrets.token_urlsafe(16)} | changed
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": alg, "kid": key.kid}, kept, key, algorithms=[alg])

    def exchange(self, code: str, **changed: str | None) -> httpx.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier, "client_id": self.client_id, "client_assertion_type": ASSERTION,
            "client_assertion": self.assertion(),
        } | changed  # fmt: skip
        told = {name: value for name, value in form.items() if value is not None}
        return httpx.post(f"{self.issuer}/token/", data=told)

    def claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """Of the ID token, proven by the issuer's published keys, found by its metadata."""
        metadata = httpx.get(f"{self.issuer}/.well-known/openid-configuration").json()
        keys = KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).json())
        return jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims

    def signed_in(self, answer: httpx.Response) -> dict[str, Any]:
        """The token response for the code in this redirect."""
        told = self.answered(answer)
        got = self.exchange(told["code"])
        assert got.status_code == 200, got.text
        return dict(got.json())

    def answered(self, answer: httpx.Response) -> dict[str, str]:
        """What a redirect says; whose it is has been checked."""
        assert answer.status_code == 302, answer.status_code
        to = urlsplit(answer.headers["Location"])
        assert f"{to.scheme}://{to.netloc}{to.path}" == self.redirect_uri
        told = {name: values[0] for name, values in parse_qs(to.query).items()}
        assert (told["state"], told["iss"]) == ("a-state", self.issuer)
        return told
