"""Signed tree heads: C2SP tlog-checkpoint in a C2SP signed note, Ed25519. Pure.

A checkpoint says: the log called `origin` had `size` leaves, and this root. The log's keys bear its name; they sign the
text itself. A witness bears a name of its own and signs the text with the time it saw it (C2SP tlog-cosignature).
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 1, 4
"""The kinds of signature we know, by the byte that C2SP gives them."""
MOST = 64
"""Signatures a note may have: two of the log while keys change, the rest witnesses."""
NAME = re.compile(r"[^\s+\x00-\x1f\x7f\ud800-\udfff]+")
SIZE = re.compile("0|[1-9][0-9]{0,18}")
LINE = re.compile(r"— (\S+) (\S+)")


class Untrusted(ValueError):
    """The note is no checkpoint, or no key that we know has signed it."""


@dataclass(frozen=True)
class Signature:
    """One signature line: whose it claims to be, and the bytes after the key's number."""

    name: str
    key: bytes
    signature: bytes


@dataclass(frozen=True)
class Checkpoint:
    """What a note says; `signatures` are claims after `read`, and verified after `verify`."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...] = ()


@dataclass(frozen=True)
class Key:
    """A verifier key: who may sign, and how."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """The C2SP form: name+id+base64."""
        return f"{self.name}+{self.id.hex()}+{_text(bytes([self.kind]) + self.public)}"


def vkey(name: str, private_key: Ed25519PrivateKey, kind: int = LOG) -> str:
    """The verifier key that belongs to a private key."""
    return str(Key(_named(name), kind, private_key.public_key().public_bytes_raw()))


def key(vkey: str) -> Key:
    """A verifier key read from its C2SP form."""
    name, _, rest = vkey.partition("+")
    number, _, code = rest.partition("+")
    raw = _bytes(code)
    found = Key(_named(name), raw[0] if raw else 0, raw[1:])
    if found.kind not in (LOG, WITNESS) or len(found.public) != 32 or found.id.hex() != number:
        raise Untrusted("not a verifier key")
    return found


def body(origin: str, size: int, root: bytes) -> str:
    """The text that is signed."""
    if size < 0 or len(root) != 32:
        raise ValueError("a checkpoint has a size and a root of 32 bytes")
    return f"{_named(origin)}\n{size}\n{_text(root)}\n"


def sign(body: str, name: str, private_key: Ed25519PrivateKey) -> str:
    """The log's signature line under a body."""
    signer = key(vkey(name, private_key))
    return f"— {signer.name} {_text(signer.id + private_key.sign(body.encode()))}\n"


def cosign(body: str, name: str, private_key: Ed25519PrivateKey, seconds: int) -> str:
    """A witness's signature line under a body, with the time (seconds since 1970) it says it saw it."""
    witness = key(vkey(name, private_key, WITNESS))
    signature = private_key.sign(_witnessed(seconds, body))
    return f"— {witness.name} {_text(witness.id + seconds.to_bytes(8, 'big') + signature)}\n"


def note(body: str, lines: Iterable[str]) -> str:
    """Body and signature lines as one signed note."""
    return f"{body}\n{''.join(lines)}"


def read(note: str) -> Checkpoint:
    """What a note claims, its signatures unverified; Untrusted when it is no checkpoint."""
    text, gap, below = note.rpartition("\n\n")
    head, lines = text.split("\n"), below.split("\n")
    if not gap or len(head) != 3 or lines.pop() or not 1 <= len(lines) <= MOST:
        raise Untrusted("not a checkpoint")
    origin, size, root = head
    if not SIZE.fullmatch(size) or len(_bytes(root)) != 32:
        raise Untrusted("not a checkpoint")
    return Checkpoint(_named(origin), int(size), _bytes(root), tuple(map(_signature, lines)))


def verify(note: str, keys: Iterable[str]) -> Checkpoint:
    """The checkpoint with the signatures of known keys, the log's own among them; raises Untrusted.

    Signatures of unknown keys are left out; a wrong one of a known key makes the whole note untrusted.
    """
    claimed = read(note)
    known = {(each.name, each.id): each for each in map(key, keys)}
    signed = note[: note.rindex("\n\n") + 1]
    found = tuple(each for each in claimed.signatures if (each.name, each.key) in known)
    kinds = {known[each.name, each.key].kind for each in found if _holds(each, known[each.name, each.key], signed)}
    if LOG not in kinds:
        raise Untrusted("no key of this log has signed")
    return replace(claimed, signatures=found)


def _holds(signature: Signature, by: Key, signed: str) -> bool:
    """True for a signature that counts; raises Untrusted for a wrong one."""
    message, raw = signed.encode(), signature.signature
    if by.kind == WITNESS:
        message, raw = _witnessed(int.from_bytes(raw[:8], "big"), signed), raw[8:]
    elif by.name != signed.partition("\n")[0]:
        raise Untrusted("signed by a key of another log")
    try:
        Ed25519PublicKey.from_public_bytes(by.public).verify(raw, message)
    except (InvalidSignature, ValueError) as error:
        raise Untrusted("a signature does not hold") from error
    return True


def _witnessed(seconds: int, signed: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{signed}".encode()


def _signature(line: str) -> Signature:
    parts = LINE.fullmatch(line)
    raw = _bytes(parts[2]) if parts else b""
    if parts is None or len(raw) < 5:
        raise Untrusted("not a signature line")
    return Signature(_named(parts[1]), raw[:4], raw[4:])


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Untrusted("not a name")
    return name


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    """Base64 in its one form: bits that a decoder would ignore are refused, so that no byte can be changed unseen."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Untrusted("not base64") from error
    if _text(raw) != text:
        raise Untrusted("not base64 in its one form")
    return raw
