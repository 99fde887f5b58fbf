"""manage.py deliver FILE…: posts documents to the running server as the demo sender, one JSON line a file."""

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from joserfc import jwt
from joserfc.jwk import ECKey

from fhir.bundle import Handling
from fhir.outcome import HANDLING

ISSUER = "https://sender.demo.invalid"


class Command(BaseCommand):
    help = "Sender dokumenter til den kørende server og skriver svaret på hver som en linje JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        key, server, failed = _key(), _Server(), 0
        for file in options["files"]:
            told = _delivered(server, key, file)
            failed += "error" in told
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        if failed:
            raise CommandError(f"{failed} af {len(options['files'])} filer blev ikke leveret.")


def _delivered(server: "_Server", key: ECKey, file: Path) -> dict[str, Any]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        return {"file": str(file), "status": None, "handling": None, "issues": [], "error": error.strerror}
    xml = raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    path = "/fhir" if not xml and _is_transaction(raw) else "/fhir/Bundle"
    try:
        status, body = server.post(path, raw, f"application/fhir+{'xml' if xml else 'json'}", _token(key))
    except OSError as error:
        sentence = f"{settings.SITE_URL} svarer ikke ({type(error).__name__}). Kører make demo?"
        return {"file": str(file), "status": None, "handling": None, "issues": [], "error": sentence}
    outcomes = list(_outcomes(body))
    said = {
        "file": str(file),
        "status": status,
        "handling": _handling(outcomes),
        "issues": [_issue(issue) for each in outcomes for issue in each.get("issue", ())],
    }
    return said if status < 500 and status not in (401, 403, 429) else {**said, "error": f"HTTP {status}"}


def _is_transaction(raw: bytes) -> bool:
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return isinstance(tree, dict) and tree.get("type") == "transaction"


def _outcomes(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answer itself, or those of the entries in a transaction-response."""
    if body.get("resourceType") == "Bundle":
        yield from (entry["response"]["outcome"] for entry in body.get("entry", ()) if "outcome" in entry["response"])
    else:
        yield body


def _handling(outcomes: list[dict[str, Any]]) -> str | None:
    """The worst that any of them says."""
    said = [ext.get("valueCode") for one in outcomes for ext in one.get("extension", ()) if ext.get("url") == HANDLING]
    return max(said, key=list(Handling).index, default=None)


def _issue(issue: dict[str, Any]) -> dict[str, str]:
    details = issue.get("details", {})
    rule = next((coding.get("code", "") for coding in details.get("coding", ())), "")
    return {"rule": rule, "severity": issue.get("severity", ""), "text": details.get("text", "")}


def _key() -> ECKey:
    file = Path(settings.VAR) / "keys" / "demo-sender.json"
    try:
        return ECKey.import_key(json.loads(file.read_text()))
    except OSError:
        raise CommandError(f"{file} findes ikke: start make demo først, eller sæt SJ_VAR.") from None


def _token(key: ECKey) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "demo-sender", "aud": settings.FHIR_AUDIENCE, "iat": now, "exp": now + 120}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims | {"jti": uuid.uuid4().hex}, key)


class _Server:
    """One kept-alive connection; a closed one is opened again once."""

    def __init__(self) -> None:
        self.address = urlsplit(settings.SITE_URL)
        self.connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        return kind(self.address.netloc, timeout=60)

    def post(self, path: str, raw: bytes, content_type: str, token: str) -> tuple[int, dict[str, Any]]:
        headers = {
            "Authorization": f"Bearer {token}", "Content-Type": content_type, "Accept": "application/fhir+json",
        }  # fmt: skip
        try:
            return self._post(path, raw, headers)
        except (http.client.HTTPException, ConnectionResetError, BrokenPipeError):
            self.connection.close()
            self.connection = self._connect()
            return self._post(path, raw, headers)

    def _post(self, path: str, raw: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.connection.request("POST", path, raw, headers)
        answer = self.connection.getresponse()
        try:
            return answer.status, json.loads(answer.read())
        except ValueError:
            return answer.status, {}
