"""Who talks to a running demo from outside: a sender of documents, and a clinician with a browser's patience."""

import json
import time
import uuid
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import orjson
from joserfc import jwt
from joserfc.jwk import ECKey

from demo.stack import ROOT, Place


def _key(at: Place, name: str) -> ECKey:
    return ECKey.import_key(json.loads((at.var / "keys" / f"{name}.json").read_text()))


class Sender:
    """The demo sender: posts documents with a bearer token of its own."""

    def __init__(self, at: Place) -> None:
        self.at, self.key = at, _key(at, "demo-sender")
        self.http = httpx.Client(base_url=at.site, timeout=30)

    def token(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {"iss": "https://sender.demo.invalid", "sub": "demo-sender", "aud": f"{self.at.site}/fhir"}
        claims |= {"iat": now, "exp": now + 240, "jti": uuid.uuid4().hex} | changed
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    def post(self, raw: bytes, path: str = "/fhir/Bundle", kind: str = "application/fhir+json") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": kind}
        return self.http.post(path, content=raw, headers=headers)


def variation(sample: Path, **changed: Any) -> bytes:
    """A new document out of a sample: own identifiers, and what else the caller changes (minutes, cpr, note)."""
    tree = deepcopy(orjson.loads(sample.read_bytes()))
    tree["id"] = str(uuid.uuid4())
    tree["identifier"]["value"] = f"urn:uuid:{uuid.uuid4()}"
    for entry in tree["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Composition":
            resource["identifier"]["value"] = f"urn:uuid:{uuid.uuid4()}"
        if resource["resourceType"] == "Observation":
            resource["identifier"][0]["value"] = f"urn:uuid:{uuid.uuid4()}"
            if "note" in changed:
                resource["note"] = [{"text": changed["note"]}]
        if resource["resourceType"] == "Patient" and "cpr" in changed:
            resource["identifier"][0]["value"] = changed["cpr"]
    return orjson.dumps(tree)


SAMPLES = ROOT / "samples"
