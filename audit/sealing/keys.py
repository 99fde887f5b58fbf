"""The file of keys that sign the log: its path is AUDIT_KEY, and the sequencer alone reads it. Imports no Django.

One key a line, the oldest first: when it was made, then a note signer's key as Go's sumdb/note writes it. A key that
has had its time leaves its verifier key behind, so that what it signed can be verified for ever.
"""

import base64
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import checkpoint

TOGETHER = timedelta(days=30)
"""How long a key goes on signing beside the one that follows it."""
PRIVATE = "PRIVATE+KEY+"


class BadKeys(ValueError):
    """The key file cannot be used; the message says why and holds nothing of a key."""


@dataclass(frozen=True)
class SigningKey:
    """One line: `private` is None when the key has had its time."""

    made: datetime
    name: str
    vkey: str
    private: Ed25519PrivateKey | None

    def line(self) -> str:
        told = self.vkey if self.private is None else _written(self.name, self.vkey, self.private)
        return f"{self.made.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {told}\n"


@dataclass(frozen=True)
class Keys:
    """Every key of the log, the newest last."""

    all: tuple[SigningKey, ...]

    @property
    def origin(self) -> str:
        """The log's name: that of the newest key."""
        return self.all[-1].name

    @property
    def vkeys(self) -> list[str]:
        """What verifies anything the log has signed."""
        return [key.vkey for key in self.all]

    def signing(self, now: datetime) -> list[SigningKey]:
        """The keys that sign now: the newest, and for thirty days those that one of the same name followed."""
        newest = self.all[-1]
        found = [
            key
            for key, following in zip(self.all, self.all[1:], strict=False)
            if key.private and key.name == newest.name and following.made + TOGETHER > now
        ]
        return [*found, newest]

    def lines(self, body: str, now: datetime) -> list[str]:
        """The signature lines under a checkpoint."""
        return [checkpoint.sign(body, key.name, key.private) for key in self.signing(now) if key.private]


def read(path: Path) -> Keys:
    """The keys in a file that only its owner can read."""
    try:
        if path.stat().st_mode & 0o077:
            raise BadKeys(f"{path}: andre kan læse den (chmod 600)")
        lines = path.read_text().splitlines()
    except OSError as error:
        raise BadKeys(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadKeys(f"{path}: det er ikke en fil med nøgler") from error
    try:
        found = tuple(_key(line) for line in lines if line.strip() and not line.startswith("#"))
    except (ValueError, IndexError):
        raise BadKeys(f"{path}: det er ikke en fil med nøgler") from None
    if not found or found[-1].private is None:
        raise BadKeys(f"{path}: der er ingen nøgle at underskrive med")
    return Keys(found)


def make(path: Path, name: str, now: datetime) -> Keys:
    """A file with a first key; FileExistsError when there is one."""
    if path.exists():
        raise FileExistsError(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _write(path, Keys((_new(name, now),)))


def rotate(path: Path, now: datetime, name: str = "") -> Keys:
    """A new key at the end; with another name, of another log. Keys whose time is over lose their private half."""
    had = read(path)
    newest = _new(name or had.origin, now)
    grown = Keys((*had.all, newest))
    kept = {key.vkey for key in grown.signing(now)}
    return _write(path, Keys(tuple(key if key.vkey in kept else _public(key) for key in grown.all)))


def _public(key: SigningKey) -> SigningKey:
    return SigningKey(key.made, key.name, key.vkey, None)


def _new(name: str, now: datetime) -> SigningKey:
    private = Ed25519PrivateKey.generate()
    return SigningKey(now, name, checkpoint.vkey(name, private), private)


def _key(line: str) -> SigningKey:
    made, told = line.split()
    moment = datetime.strptime(made, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if not told.startswith(PRIVATE):
        return SigningKey(moment, checkpoint.key(told).name, told, None)
    name, _number, code = told.removeprefix(PRIVATE).split("+", 2)
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(code, validate=True)[1:])
    return SigningKey(moment, name, checkpoint.vkey(name, private), private)


def _written(name: str, vkey: str, private: Ed25519PrivateKey) -> str:
    number = checkpoint.key(vkey).id.hex()
    return f"{PRIVATE}{name}+{number}+{base64.b64encode(bytes([1]) + private.private_bytes_raw()).decode()}"


def _write(path: Path, keys: Keys) -> Keys:
    """Whole or not at all: a power cut leaves the file that was."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("".join(key.line() for key in keys.all))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return keys
