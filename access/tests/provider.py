"""An identity provider and FHIR server on a real socket of this machine, which can break one rule at a time.

One for each process of tests: `provider()`. The browser's part is a function: `authorize(url, who)` is told where our
site sends the browser, signs `who` in, and returns where the browser is sent back to.
"""

import base64
import contextlib
import functools
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from access.oidc import discovery

STAFF, CITIZENS = "/o", "/borgerlogin"
CLIENTS = {STAFF: "sundhedsjournal", CITIZENS: "sundhedsjournal-borger"}
ACR = "https://data.gov.dk/concept/core/nsis/Substantial"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
Json = dict[str, Any]


@functools.cache
def rsa_key() -> RSAKey:
    """The issuers' key: one for the whole run."""
    return RSAKey.generate_key(2048, {"kid": "issuer-1", "use": "sig", "alg": "RS256"})


@dataclass
class Wrong:
    """What this provider does otherwise than it should; all empty: nothing."""

    metadata: Json = field(default_factory=dict)
    discovery: str = ""
    """redirect | huge | html | down"""
    callback: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    sign: Callable[[Json, Json], str] | None = None
    """(header, claims) → the ID token, instead of what would be signed."""
    token: Json = field(default_factory=dict)
    """What the token endpoint says beside or instead."""
    patient: Json = field(default_factory=dict)


class Provider:
    """Issuers at /o and /borgerlogin, patients at /fhir."""

    def __init__(self) -> None:
        self.wrong = Wrong()
        self.keys: list[RSAKey | ECKey] = [rsa_key()]
        self.codes: dict[str, Json] = {}
        self.tokens: dict[str, str] = {}
        self.patients: dict[str, Json] = {}
        self.launches: dict[str, str] = {}
        """The EPJ's own launches: opaque → id of the patient."""
        self.context: list[Json] = []
        self.asked: list[str] = []
        """Paths that were asked for over the wire."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def staff(self) -> str:
        return self.url + STAFF

    @property
    def citizens(self) -> str:
        return self.url + CITIZENS

    @property
    def fhir(self) -> str:
        return f"{self.url}/fhir"

    @contextlib.contextmanager
    def breaking(self, **how: Any) -> Iterator[None]:
        """Break these rules, and no others, for a while."""
        self.wrong = Wrong(**how)
        if self.wrong.metadata or self.wrong.discovery:
            discovery.forget()
        try:
            yield
        finally:
            self.wrong = Wrong()
            discovery.forget()

    # ── the browser's part ──────────────────────────────────────────────────────────────────────────────────────────
    def authorize(self, url: str, who: Mapping[str, Any]) -> str:
        """Where the browser is sent back to when `who` has signed in there, as a path of our site."""
        parts = urlsplit(url)
        path = parts.path.removesuffix("/authorize")
        asked = dict(parse_qsl(parts.query, strict_parsing=True))
        assert f"{parts.scheme}://{parts.netloc}" == self.url, url
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENTS[path])
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
        code = secrets.token_urlsafe(16)
        self.codes[code] = {"path": path, "asked": asked, "who": dict(who), "at": int(time.time())}
        back = {"code": code, "state": asked["state"], "iss": self.url + path} | self.wrong.callback
        to = urlsplit(asked["redirect_uri"])
        return f"{to.path}?{urlencode({name: value for name, value in back.items() if value is not None})}"

    # ── what is answered over the wire ──────────────────────────────────────────────────────────────────────────────
    def metadata(self, path: str) -> Json:
        issuer = self.url + path
        told = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "authorization_response_iss_parameter_supported": True,
        }
        if path == CITIZENS:
            told["end_session_endpoint"] = f"{issuer}/logout"
        return told | self.wrong.metadata

    def changed(self, path: str, form: Mapping[str, str]) -> tuple[int, Json]:
        """The token endpoint: the code once, from its own client, with the verifier of its own challenge."""
        held = self.codes.pop(form.get("code", ""), None)
        if held is None or held["path"] != path or form.get("grant_type") != "authorization_code":
            return 400, {"error": "invalid_grant"}
        asked = held["asked"]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != asked["redirect_uri"] or not self._is_client(path, form):
            return 400, {"error": "invalid_client"}
        access_token = secrets.token_urlsafe(16)
        told = {"access_token": access_token, "token_type": "Bearer", "expires_in": 60}
        told["id_token"] = self.id_token(held, access_token)
        if "launch" in asked:
            told["patient"] = self.tokens[access_token] = self.launches.get(asked["launch"], "")
            told["fhirContext"] = self.context
        return 200, told | self.wrong.token

    def id_token(self, held: Json, access_token: str) -> str:
        now, issuer = int(time.time()), self.url + held["path"]
        claims = {
            "iss": issuer,
            "aud": CLIENTS[held["path"]],
            "iat": now,
            "exp": now + 60,
            "auth_time": held["at"],
            "nonce": held["asked"]["nonce"],
            "acr": ACR,
            "at_hash": _half_hash(access_token),
        }
        claims |= held["who"] | self.wrong.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        key = self.keys[0]
        header = {"alg": str(key.get("alg")), "kid": key.kid, "typ": "JWT"} | self.wrong.header
        return self.wrong.sign(header, kept) if self.wrong.sign else signed(kept, key, header)

    def logout_token(self, path: str = STAFF, **changed: Any) -> str:
        """What the issuer sends when it ends a login; a claim changed to None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.url + path,
            "aud": CLIENTS[path],
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(8),
            "events": {LOGOUT: {}},
        } | changed
        header = {"alg": "RS256", "kid": rsa_key().kid, "typ": "logout+jwt"}
        return signed({name: value for name, value in claims.items() if value is not None}, rsa_key(), header)

    def _is_client(self, path: str, form: Mapping[str, str]) -> bool:
        """private_key_jwt, proven with the keys that our site publishes."""
        claims = jwt.decode(form.get("client_assertion", ""), _our_keys(), algorithms=["ES384"]).claims
        mine = {"iss": CLIENTS[path], "sub": CLIENTS[path], "aud": f"{self.url}{path}/token"}
        return bool(claims["jti"]) and mine.items() <= claims.items() and claims["exp"] <= time.time() + 60


def signed(claims: Json, key: Any, header: Json) -> str:
    """A signed token, whatever it says."""
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


@functools.cache
def provider() -> Provider:
    """The one of this process."""
    return Provider()


@functools.cache
def _our_keys() -> KeySet:
    return KeySet.import_key_set(json.loads(Client().get("/login/jwks.json").content))


def _half_hash(access_token: str) -> str:
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, of: Provider, *args: Any) -> None:
        self.of = of
        super().__init__(*args)

    def log_message(self, *args: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.of.asked.append(path)
        if path.endswith("/.well-known/openid-configuration"):
            self._discovery(path.removesuffix("/.well-known/openid-configuration"))
        elif path.endswith("/jwks"):
            self._json(200, {"keys": [key.as_dict(private=False) for key in self.of.keys]})
        elif path.startswith("/fhir/Patient/"):
            self._patient(path.removeprefix("/fhir/Patient/"))
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        self.of.asked.append(path)
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(raw).items()}
        self._json(*self.of.changed(path.removesuffix("/token"), form))

    def _discovery(self, path: str) -> None:
        how = self.of.wrong.discovery
        if how == "redirect":
            self.send_response(302)
            self.send_header("Location", f"{self.of.url}/elsewhere/.well-known/openid-configuration")
            self.end_headers()
        elif how == "down":
            self._json(503, {})
        elif how == "html":
            self._bytes(200, b"<html>")
        else:
            self._json(200, self.of.metadata(path) | ({"padding": "x" * 1_000_000} if how == "huge" else {}))

    def _patient(self, patient_id: str) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.of.tokens.get(token) != patient_id or patient_id not in self.of.patients:
            self._json(403, {"resourceType": "OperationOutcome"})
        else:
            self._json(200, self.of.patients[patient_id] | self.of.wrong.patient)

    def _json(self, status: int, told: Json) -> None:
        self._bytes(status, json.dumps(told).encode())

    def _bytes(self, status: int, raw: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # who has read enough hangs up
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
