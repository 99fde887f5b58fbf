"""manage.py deliver FILE…: posts documents to the running server as the demo sender, one JSON line a file."""

import contextlib
import http.client
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from joserfc import jwt
from joserfc.jwk import ECKey

from fhir.bundle import Handling, Rejected
from fhir.judging import TRANSACTION, parse
from fhir.outcome import HANDLING, RULE

ISSUER = "https://sender.demo.invalid"
REFUSALS = (400, 413, 415, 422)
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
    media, path = f"application/fhir+{'xml' if xml else 'json'}", "/fhir/Bundle"
    with contextlib.suppress(Rejected):  # the server says what is wrong with it
        if parse(raw, media, settings.FHIR_MAX_DEPTH).get("type") == TRANSACTION:
            path = "/fhir"
    try:
        status, body = server.post(path, raw, media, _token(key))
    except (OSError, http.client.HTTPException) as error:
        return told | {"error": f"{settings.SITE_URL} svarer ikke ({type(error).__name__}). Kører make demo?"}
    outcomes = list(_outcomes(body))
    told |= {"status": status, "handling": _handling(outcomes) or ("refused" if status in REFUSALS else None)}
    told["issues"] = [said for each in outcomes for issue in each.get("issue", ()) if (said := _issue(issue))["rule"]]
    delivered = status < 300 or status in REFUSALS
    return told if delivered else told | {"error": f"Serveren svarede {status}."}


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
