"""Who talks to a running demo from outside: a sender of documents, a clinician, and a citizen, at no browser."""

import json
import re
import time
import uuid
from copy import deepcopy
from pathlib import Path
from typing import Any, Self

import httpx
import orjson
from joserfc import jwt
from joserfc.jwk import ECKey

from demo.stack import ROOT, Place
from samples.personas import USERS

VOUCHED = {"Sec-Fetch-Site": "same-origin"}
"""No click-through page: what a browser says of a form on one's own site."""


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


class Epj:
    """The EPJ's server: asks for tickets, and closes what was opened with them."""

    def __init__(self, at: Place) -> None:
        self.at, self.key = at, _key(at, "epj")

    def ticket(self, user: str, cpr: str, sor: str = "") -> str:
        """A one-time ticket, for the user's own unit unless another is named."""
        asked = {
            "user_iss": f"{self.at.epj}/o", "user_sub": user, "org": {"sor": sor or USERS[user].sor},
            "patient_cpr": cpr, "patient_name": "Test Person", "epj_session_ref": uuid.uuid4().hex,
        }  # fmt: skip
        return str(self._post("/api/launch-tickets", asked)["ticket"])

    def close(self, session_ref: str) -> None:
        """Close what was opened in this session of the EPJ."""
        self._post(f"/api/contexts/{session_ref}/close", {})

    def _post(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        now, url = int(time.time()), f"{self.at.site}{path}"
        claims: dict[str, Any] = {"iss": "demo-epj", "sub": "demo-epj", "aud": url, "jti": uuid.uuid4().hex}
        claims |= {"iat": now, "exp": now + 50}
        signed = jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)
        answer = httpx.post(url, json=asked, headers={"Authorization": f"Bearer {signed}"})
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())


class Person:
    """Somebody at no browser, who follows redirects, keeps cookies, and sends the forms that stand in the way."""

    def __init__(self, at: Place, name: str) -> None:
        self.at, self.name = at, name
        self.http = httpx.Client(base_url=at.site, timeout=30, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def send(self, page: httpx.Response, to: str = "", **values: str) -> httpx.Response:
        """The form on this page, as the browser of the page's own site sends it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        form = {"csrfmiddlewaretoken": token[1] if token else ""} | values
        return self.http.post(to or page.url, data=form, headers=VOUCHED)

    def signed_in(self, answer: httpx.Response) -> httpx.Response:
        """Say who one is, where the identity provider asks."""
        if answer.url.path.endswith("/authorize/"):
            answer = self.send(answer, person=self.name)
        assert answer.status_code == 200, f"{answer.url}: {answer.status_code}"
        return answer


class Clinician(Person):
    """Somebody whose EPJ opens a citizen's record: by a ticket or by SMART, with a login, and then pages."""

    def __init__(self, at: Place, user: str, cpr: str, door: str = "ticket") -> None:
        super().__init__(at, user)
        self.cpr = cpr
        self.context = self.launch_again() if door == "ticket" else self.launch_by_smart()

    def ticket(self) -> str:
        """A one-time ticket, as the EPJ's server asks for it."""
        return Epj(self.at).ticket(self.name, self.cpr)

    def launch_again(self, ticket: str = "") -> str:
        """Press the button once more, with a ticket of its own unless one is given; returns the new context."""
        answer = self.http.post("/launch/ticket", data={"ticket": ticket or self.ticket()}, headers=VOUCHED)
        return _context(self.signed_in(answer))

    def launch_by_smart(self) -> str:
        """The other button: from the EPJ's desk, where one is signed in from then on, to a new context."""
        desk = self.http.get(f"{self.at.epj}/")
        return _context(self.signed_in(self.send(desk, user=self.name, cpr=self.cpr, door="smart")))

    def path(self, path: str) -> str:
        return f"/k/{self.context}/{path}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(self.path(path), headers=headers)

    def newest(self, what: str) -> str:
        """The path of something of the newest recording: original.pdf, side/1/150."""
        found = re.search(r"/ekg/([0-9a-f-]{36})/", self.get("ekg/").text)
        assert found, "the folder is empty"
        return self.path(f"ekg/{found[1]}/{what}")

    @property
    def cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items() if name.startswith("sj"))


class Citizen(Person):
    """A citizen who signs in and looks at what is his or her own."""

    def __init__(self, at: Place, persona: str) -> None:
        super().__init__(at, persona)
        page = self.http.get("/borger/")
        issuer = re.search(r'name="issuer"\s+value="(\d+)"', page.text)
        assert issuer, "there is no way to sign in"
        answer = self.signed_in(self.send(page, "/borger/log-ind/", issuer=issuer[1]))
        self.context = _context(answer)

    def path(self, path: str) -> str:
        return f"/borger/{self.context}/{path}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(self.path(path), headers=headers)


def _context(answer: httpx.Response) -> str:
    """Of the record that has been opened."""
    door, context = answer.url.path.split("/")[1:3]
    assert door in {"k", "borger"}, f"{answer.url}: no record is open"
    return context


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
