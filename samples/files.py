"""Where the committed samples are, and what the demo sends: `raw`, `tree`, `manifest`, for tests, demo and docs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Delivery:
    """One line of manifest.json: what to send where, and what the door should answer."""

    file: str
    url: str
    content_type: str
    patient: str
    status: int
    handling: str

    @property
    def body(self) -> bytes:
        return raw(self.file)


def raw(name: str) -> bytes:
    """The bytes of a committed sample, such as `ekg/jens-2026-03-12-v1.json`."""
    return (FOLDER / name).read_bytes()


def tree(name: str) -> dict[str, Any]:
    """The same as plain JSON."""
    found: dict[str, Any] = json.loads(raw(name))
    return found


def manifest() -> tuple[Delivery, ...]:
    """What `make demo` sends, in order."""
    return tuple(Delivery(**line) for line in json.loads(raw("manifest.json")))
