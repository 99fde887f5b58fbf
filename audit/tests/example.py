"""A small log, sealed as the sequencer seals, always the same bytes: docs/audit.md shows it, tests take it apart.

`python -m audit.tests.example` writes docs/audit/ anew.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import checkpoint, merkle, proof, tiles
from audit.event import Actor, Event, Facts, Outcome, Shape
from audit.leaf import canonical, leaf_data
from audit.resource import IHE_EVENT, REST_EVENT, REST_SUBTYPE, audit_event

ORIGIN = "journal.example.dk/log"
FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "audit"


def seed(name: str) -> bytes:
    return sha256(f"docs/audit {name}".encode()).digest()


@dataclass
class Log:
    """Leaves, the tree over them, and a key that signs."""

    leaves: list[bytes]
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(seed("key")))
    origin: str = ORIGIN

    def __post_init__(self) -> None:
        found = {(level, n): raw for level, n, raw in tiles.filled(0, self.leaves, _nothing)}
        self.hash_at = tiles.reader(lambda level, n: found.get((level, n)), lambda first, last: self.leaves[first:last])

    @property
    def vkey(self) -> str:
        return checkpoint.vkey(self.origin, self.key)

    def note(self, size: int, *more: str) -> str:
        body = checkpoint.body(self.origin, size, merkle.root_at(size, self.hash_at))
        return checkpoint.note(body, [checkpoint.sign(body, self.origin, self.key), *more])

    def proof(self, data: bytes, index: int, size: int, *more: str) -> str:
        return proof.of_row(data, index, merkle.inclusion(index, size, self.hash_at), self.note(size, *more))

    def growth(self, old: int, new: int) -> str:
        return proof.of_growth(old, merkle.consistency(old, new, self.hash_at), self.note(new))


def row() -> dict[str, Any]:
    """A doctor looks at an EKG."""
    recorded = datetime(2026, 11, 20, 8, 14, 3, 120_000, tzinfo=UTC)
    facts = Facts((REST_EVENT, "rest"), ((REST_SUBTYPE, "read"), (IHE_EVENT, "ITI-68")), "R", Shape.READ)
    doctor = Actor(
        "user", "https://idp.example.dk", "holm", uuid.UUID("6f0f3a52-4a8e-5c3b-9a57-0c2d4f1be8a1"), "clinician",
        "999000000000014", "192.0.2.10", responsible="birk",
    )  # fmt: skip
    patient, recording = uuid.UUID(bytes=seed("patient")[:16]), uuid.UUID(bytes=seed("recording")[:16])
    event = Event(
        uuid.UUID("019a9f5e-6a30-7c11-8d42-3b7f90c2e6d5"), recorded, "ekg_recording.viewed", facts, doctor,
        Outcome.SUCCESS, "", patient, f"Recording/{recording}", "k3Jv9Qw2", "epj-20261120-0417", "TREAT", "r-8c21",
    )  # fmt: skip
    return {
        "id": event.id, "recorded": recorded, "action": event.action, "type": facts.type[1],
        "subtype": [code for _, code in facts.subtypes], "crud": facts.crud, "outcome": 0, "reason": "",
        "actor_kind": doctor.kind, "actor_issuer": doctor.issuer, "actor_subject": doctor.subject,
        "actor_ref": doctor.ref, "actor_role": doctor.role, "actor_organisation": doctor.organisation,
        "actor_network": doctor.network, "patient_ref": patient, "entity": event.entity, "context": event.context,
        "correlation": event.correlation, "purpose": event.purpose, "request_id": event.request_id, "txid": 48_213,
        "event": audit_event(event, "https://journal.example.dk"),
    }  # fmt: skip


def log(data: bytes, at: int = 417, size: int = 1000) -> Log:
    """A log in which one leaf is known, and the others are anything."""
    leaves = [seed(str(number)) for number in range(size)]
    leaves[at] = merkle.leaf_hash(data)
    return Log(leaves)


def files(data: bytes | None = None) -> dict[str, str]:
    """What lies in docs/audit/, by its name; for another row when one is given."""
    data = data or leaf_data(seed("salt")[:16], canonical(row()))
    made = log(data)
    published = {f"checkpoints/000/000/{size // 1000:03}/{size % 1000:03}": size for size in (200, 600, 1000)}
    return {
        "log.vkey": f"# The log of {ORIGIN}, for exercise\n{made.vkey}\n",
        "row.tlog-proof": made.proof(data, 417, 600),
        **{
            name: made.growth(old, size)
            for old, (name, size) in zip((0, *published.values()), published.items(), strict=False)
        },
    }


def _nothing(level: int, n: int) -> bytes:
    raise LookupError((level, n))


if __name__ == "__main__":
    for name, text in files().items():
        place = FOLDER / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
