"""Who talks to a running demo from outside: a sender of documents, a clinician, and a citizen, at no browser."""

import json
import re
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
        self.http = httpx.Client(base_url=at.site, timeout=30, limits=httpx.Limits(max_connections=None))

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def token(self, **changed: Any) -> str:
        now = int(time.time())
        who = {"iss": "https://sender.demo.invalid", "sub": "demo-sender", "aud": f"{self.at.site}/fhir"}
        claims: dict[str, Any] = {"iat": now, "exp": now + 240, "jti": uuid.uuid4().hex} | who | changed
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    def post(self, raw: bytes, path: str = "/fhir/Bundle", kind: str = "application/fhir+json") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": kind}
        return self.http.post(path, content=raw, headers=headers)

    def put(self, report: dict[str, Any]) -> httpx.Response:
        """A municipal report, to its own id."""
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/fhir+json"}
        return self.http.put(f"/fhir/Bundle/{report['id']}", content=orjson.dumps(report), headers=headers, timeout=120)


class Clinician:
    """Somebody whose EPJ opens a citizen's record: ticket, launch, sign-in, and then pages."""

    def __init__(self, at: Place, user: str, cpr: str) -> None:
        self.at, self.user, self.cpr, self.key = at, user, cpr, _key(at, "epj")
        self.http = httpx.Client(base_url=at.site, timeout=30, follow_redirects=True)
        self.context = self.launch_again()

    def __enter__(self) -> "Clinician":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ticket(self) -> str:
        """A one-time ticket, as the EPJ's server asks for it."""
        now, url = int(time.time()), f"{self.at.site}/api/launch-tickets"
        claims = {"iss": "demo-epj", "sub": "demo-epj", "aud": url, "iat": now, "exp": now + 50}
        claims["jti"] = uuid.uuid4().hex
        signed = jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)
        asked = {
            "user_iss": "demo-epj", "user_sub": self.user, "org": {"sor": "999000000000210"}, "patient_cpr": self.cpr,
            "patient_name": "Test Person", "epj_session_ref": uuid.uuid4().hex,
        }  # fmt: skip
        answer = httpx.post(url, json=asked, headers={"Authorization": f"Bearer {signed}"})
        assert answer.status_code in {200, 201}, answer.text
        return str(answer.json()["ticket"])

    def launch_again(self, ticket: str = "") -> str:
        """Press the button once more, with a ticket of its own unless one is given; returns the new context."""
        vouched = {"Sec-Fetch-Site": "same-origin"}
        answer = self.http.post("/launch/ticket", data={"ticket": ticket or self.ticket()}, headers=vouched)
        if "/k/" not in str(answer.url):  # not signed in yet
            form = {"csrfmiddlewaretoken": self.http.cookies.get("sj_csrf") or ""}
            answer = self.http.post(f"{answer.url}log-ind/", data=form, headers={"Referer": self.at.site})
        assert answer.status_code == 200, f"{answer.url}: {answer.status_code}"
        return answer.url.path.split("/")[2]

    def path(self, path: str) -> str:
        return f"/k/{self.context}/{path}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(self.path(path), headers=headers)

    def newest(self, what: str) -> str:
        """The path of something of the newest recording: original.pdf, side/1.png."""
        found = re.search(r"/ekg/([0-9a-f-]{36})/", self.get("ekg/").text)
        assert found, "the folder is empty"
        return self.path(f"ekg/{found[1]}/{what}")

    @property
    def cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items() if name.startswith("sj"))


class Citizen:
    """A citizen who signs in and looks at what is his or her own."""

    def __init__(self, at: Place, persona: str) -> None:
        self.at = at
        self.http = httpx.Client(base_url=at.site, timeout=30, follow_redirects=True)
        self.http.get("/borger/")
        form = {"csrfmiddlewaretoken": self.http.cookies.get("sj_csrf") or "", "username": f"borger-{persona}"}
        answer = self.http.post("/borger/log-ind/", data=form, headers={"Referer": at.site})
        assert answer.status_code == 200, f"{answer.url}: {answer.status_code}"
        self.context = answer.url.path.split("/")[2]

    def __enter__(self) -> "Citizen":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def path(self, path: str) -> str:
        return f"/borger/{self.context}/{path}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(self.path(path), headers=headers)


def variation(sample: Path, **changed: Any) -> bytes:
    """A new document out of a sample: own identifiers, and what else the caller changes (at, cpr, note)."""
    tree = deepcopy(orjson.loads(sample.read_bytes()))
    tree["id"] = str(uuid.uuid4())
    tree["identifier"]["value"] = f"urn:uuid:{uuid.uuid4()}"
    for entry in tree["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Composition":
            resource["identifier"]["value"] = f"urn:uuid:{uuid.uuid4()}"
            if "at" in changed:
                resource["event"][0]["period"] = {"start": changed["at"], "end": changed["at"]}
        if resource["resourceType"] == "Observation":
            resource["identifier"][0]["value"] = f"urn:uuid:{uuid.uuid4()}"
            if "note" in changed:
                resource["note"] = [{"text": changed["note"]}]
            if "at" in changed:
                resource["effectivePeriod"] = {"start": changed["at"], "end": changed["at"]}
                resource.pop("effectiveDateTime", None)
        if resource["resourceType"] == "Patient" and "cpr" in changed:
            resource["identifier"][0]["value"] = changed["cpr"]
    return orjson.dumps(tree)


SAMPLES = ROOT / "samples"
