"""What an EPJ's server sends to open a patient's record. Pure.

{"user_sub", "user_iss", "org": {"sor" | "ydernummer" | "cvr": number}, "patient_cpr", "patient_name",
"epj_session_ref", "landing": "oversigt" | "ekg" | "kommune"}
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from audit.check import looks_personal
from patients import cpr

FIELDS = {"user_sub", "user_iss", "org", "patient_cpr", "patient_name", "epj_session_ref", "landing"}
OPTIONAL = {"patient_name", "landing"}
OVERVIEW = "oversigt"
LANDINGS = (OVERVIEW, "ekg", "kommune")
"""What the record may be asked to open with: the overview, or a part (access.matrix)."""
ORGANISATIONS = {
    "sor": re.compile(r"[0-9]{3,20}"),
    "ydernummer": re.compile(r"[0-9]{6}"),
    "cvr": re.compile(r"[0-9]{8}"),
}
SESSION_REF = re.compile(r"[A-Za-z0-9._-]{8,40}")
HANDLE = re.compile(r"[0-9a-f]{64}")
"""The SHA-256 of a SMART launch: an EPJ's name of what it has opened so."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no name holds; the signs that turn the direction of writing would show another one."""


class Rejected(Exception):
    """The request cannot be used: `field` says where, the sentence why; what was sent is never repeated."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(field)
        self.field, self.sentence = field, sentence


@dataclass(frozen=True)
class TicketRequest:
    """Who opens whose record, from which unit, in which session of the EPJ."""

    user_issuer: str
    user_subject: str
    organisation_system: str
    organisation_id: str
    cpr: str
    patient_name: str
    session_ref: str
    landing: str = ""
    """One of LANDINGS, "" when nothing was asked."""


def read(raw: bytes) -> TicketRequest:
    """The request as values that can be trusted in form; raises Rejected at the first that cannot."""
    try:
        body = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Rejected("", "Indholdet er ikke gyldig JSON.") from error
    if not isinstance(body, dict):
        raise Rejected("", "Indholdet skal være et JSON-objekt.")
    for field in sorted(set(body) - FIELDS):
        raise Rejected(field if field.isidentifier() else "", "Feltet kendes ikke.")
    for field in sorted(FIELDS - OPTIONAL - set(body)):
        raise Rejected(field, "Feltet mangler.")
    system, number = _organisation(body["org"])
    number_is_cpr = isinstance(body["patient_cpr"], str) and cpr.is_valid(body["patient_cpr"])
    if not number_is_cpr:
        raise Rejected("patient_cpr", "Feltet skal være et CPR-nummer: ti cifre uden bindestreg.")
    session_ref = body["epj_session_ref"]
    if not is_session_ref(session_ref):
        sentence = "Feltet skal være 8-40 tegn af A-Z a-z 0-9 . _ - og må ikke ligne et CPR-nummer."
        raise Rejected("epj_session_ref", sentence)
    if "landing" in body and body["landing"] not in LANDINGS:
        raise Rejected("landing", f"Feltet skal være et af {', '.join(LANDINGS)}, eller udelades.")
    return TicketRequest(
        user_issuer=_text(body, "user_iss", 200),
        user_subject=_text(body, "user_sub", 200),
        organisation_system=system,
        organisation_id=number,
        cpr=body["patient_cpr"],
        patient_name=_text(body, "patient_name", 300, required=False),
        session_ref=session_ref,
        landing=body.get("landing", ""),
    )


def is_session_ref(value: object) -> bool:
    """Whether this can be the EPJ's name of its own session: it goes into URLs, logs and the audit."""
    return isinstance(value, str) and bool(SESSION_REF.fullmatch(value)) and not looks_personal(value)


def is_ref(value: str) -> bool:
    """Whether this can be an EPJ's name of something that it has opened, by either door."""
    return is_session_ref(value) or bool(HANDLE.fullmatch(value))


def _organisation(org: Any) -> tuple[str, str]:
    if not isinstance(org, dict) or len(org) != 1 or not set(org) <= set(ORGANISATIONS):
        raise Rejected("org", "Feltet skal være et objekt med netop én af sor, ydernummer og cvr.")
    ((system, number),) = org.items()
    # The log takes no number that could be a person's: better refused here than at the door.
    if not isinstance(number, str) or not ORGANISATIONS[system].fullmatch(number) or looks_personal(number):
        raise Rejected(f"org.{system}", "Nummeret har ikke den rigtige form.")
    return system, number


def _text(body: dict[str, Any], field: str, longest: int, *, required: bool = True) -> str:
    value = body.get(field, "")
    if not isinstance(value, str) or len(value) > longest or CONTROL.search(value):
        raise Rejected(field, f"Feltet skal være tekst på højst {longest} tegn uden styretegn.")
    if required and not value.strip():
        raise Rejected(field, "Feltet er tomt.")
    return value.strip()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
