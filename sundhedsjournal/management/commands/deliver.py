"""manage.py deliver FILE…: sends documents and reports to the running server as the demo sender, a JSON line a file."""

import contextlib
import http.client
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from joserfc import jwt
from joserfc.jwk import ECKey

from fhir.bundle import TRANSACTION, Handling, Rejected
from fhir.judging import parse
from fhir.outcome import HANDLING, RULE

ISSUER = "https://sender.demo.invalid"
PATIENCE = 60
"""Seconds to wait for an answer; to a report those besides in which the server itself may wait (FHIR_LARGE_WAIT)."""
REFUSALS = (400, 409, 413, 415, 422)
MUNICIPAL = "gateway"
"""In every canonical that KL has given a profile of the gateway."""
"""Answers about the document itself: it was delivered, and nothing of it is shown."""


class Command(BaseCommand):
    help = "Sender dokumenter til den kørende server og skriver svaret på hver som en linje JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        key, failed = _key(), 0
        with contextlib.closing(_Server()) as server:
            for file in options["files"]:
                told = _delivered(server, key, file)
                failed += "error" in told
                self.stdout.write(json.dumps(told, ensure_ascii=False))
                self.stdout.flush()
        if failed:
            raise CommandError(f"{failed} af {len(options['files'])} filer blev ikke leveret.")


def _delivered(server: "_Server", key: ECKey, file: Path) -> dict[str, Any]:
    """What became of one file; `error` when it was not delivered, which a refusal with reasons is not."""
    told: dict[str, Any] = {"file": str(file), "status": None, "handling": None, "issues": []}
    try:
        raw = file.read_bytes()
    except OSError as error:
        return told | {"error": error.strerror}
    xml = raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    media = f"application/fhir+{'xml' if xml else 'json'}"
    method, path = _address(raw, media)
    try:
        status, body = server.send(method, path, raw, media, _token(key))
    except (OSError, http.client.HTTPException) as error:
        return told | {"error": f"{settings.SITE_URL} svarer ikke ({type(error).__name__}). Kører make demo?"}
    outcomes = list(_outcomes(body))
    told |= {"status": status, "handling": _handling(outcomes) or ("refused" if status in REFUSALS else None)}
    told["issues"] = [said for each in outcomes for issue in each.get("issue", ()) if (said := _issue(issue))["rule"]]
    delivered = status < 300 or status in REFUSALS
    return told if delivered else told | {"error": f"Serveren svarede {status}."}


def _address(raw: bytes, media: str) -> tuple[str, str]:
    """PUT to its own id for a municipal report, POST for all else."""
    try:
        tree = parse(raw, media, settings.FHIR_MAX_DEPTH)
    except Rejected:  # the server says what is wrong with it
        return "POST", "/fhir/Bundle"
    profiles = (tree.get("meta") or {}).get("profile") if isinstance(tree.get("meta"), dict) else None
    if tree.get("type") == "collection" or MUNICIPAL in str(profiles):
        return "PUT", f"/fhir/Bundle/{quote(str(tree.get('id') or '-'), safe='')}"
    return "POST", "/fhir" if tree.get("type") == TRANSACTION else "/fhir/Bundle"


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
    rule = next((each.get("code", "") for each in details.get("coding", ()) if each.get("system") == RULE), "")
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

    def close(self) -> None:
        self.connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        return kind(self.address.netloc, timeout=PATIENCE)

    def send(self, method: str, path: str, raw: bytes, content_type: str, token: str) -> tuple[int, dict[str, Any]]:
        headers = {
            "Authorization": f"Bearer {token}", "Content-Type": content_type, "Accept": "application/fhir+json",
        }  # fmt: skip
        try:
            return self._send(method, path, raw, headers)
        except (http.client.HTTPException, ConnectionResetError, BrokenPipeError):
            self.connection.close()
            self.connection = self._connect()
            return self._send(method, path, raw, headers)

    def _send(self, method: str, path: str, raw: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.connection.timeout = PATIENCE + (settings.FHIR_LARGE_WAIT if method == "PUT" else 0)
        if self.connection.sock is not None:
            self.connection.sock.settimeout(self.connection.timeout)
        self.connection.request(method, path, raw, headers)
        answer = self.connection.getresponse()
        try:
            return answer.status, json.loads(answer.read())
        except ValueError:
            return answer.status, {}
