"""The key that hides what waits for MinLog from whoever reads the database: AES-256-GCM, the key in a file beside it.

The file holds one key a line (32 bytes, base64). The first hides; all of them can open, so a key is changed by a new
line before the others, and taken away when no row names it any more. A person makes the file: what a server would make
where a share is not mounted, nobody else would have, and the looks that it hid could never be sent.
"""

import base64
import binascii
import contextlib
import functools
import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

BYTES, NONCE = 32, 12


class NoKey(Exception):
    """The file holds no key that can be used, or not the one that is asked for; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def current() -> str:
    """The name of the key that hides: what the row holds. It says nothing of the key."""
    return next(iter(_held()))


def hidden(*contents: tuple[bytes, bytes]) -> tuple[str, list[bytes]]:
    """The key's name, and nonce and ciphertext of each (content, about).

    What it is about, the row and column, must be told again to open it: so it cannot be moved.
    """
    name, key = next(iter(_held().items()))
    nonces = [os.urandom(NONCE) for _ in contents]
    return name, [nonce + key.encrypt(nonce, *each) for nonce, each in zip(nonces, contents, strict=True)]


def show(hidden: bytes, about: bytes, key_id: str) -> bytes:
    """What was hidden; raises NoKey when the key is gone or the row has been tampered with."""
    if (key := _held().get(key_id)) is None:
        raise NoKey("key-unknown")
    try:
        return key.decrypt(hidden[:NONCE], hidden[NONCE:], about)
    except (InvalidTag, ValueError):
        raise NoKey("content-damaged") from None


def added() -> str:
    """Put a new key before the others; returns its name."""
    file = Path(settings.MINLOG_KEY)
    if not file.exists():
        return begun()
    _held()
    _write(file, _fresh() + file.read_text(), instead=True)
    return current()


def begun() -> str:
    """The first key, made unless there is one; its name. For whoever sets up a house, never for what serves it."""
    file = Path(settings.MINLOG_KEY)
    try:
        if not file.exists():
            _write(file, _fresh(), instead=False)
    except OSError:
        raise NoKey("key-unreadable") from None
    return current()


def names() -> list[str]:
    """The names of all keys, the one that hides first."""
    return list(_held())


def _held() -> dict[str, AESGCM]:
    file = Path(settings.MINLOG_KEY)
    try:
        return _read(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        raise NoKey("key-missing") from None
    except OSError:
        raise NoKey("key-unreadable") from None


@functools.lru_cache(maxsize=2)
def _read(file: Path, changed: int) -> dict[str, AESGCM]:
    try:
        keys = [base64.b64decode(line, validate=True) for line in file.read_text().split()]
    except (binascii.Error, ValueError):
        raise NoKey("key-unreadable") from None
    if not keys or any(len(key) != BYTES for key in keys):
        raise NoKey("key-unreadable")
    return {hashlib.sha256(key).hexdigest()[:8]: AESGCM(key) for key in keys}


def _fresh() -> str:
    return base64.b64encode(os.urandom(BYTES)).decode() + "\n"


def _write(file: Path, content: str, *, instead: bool) -> None:
    """Whole or not at all; where two processes make the first key at once, the first to link its file has made it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent, delete=False) as made:
        made.write(content)
        made.flush()
        os.fsync(made.fileno())
    try:
        if instead:
            os.replace(made.name, file)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(made.name, file)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(made.name)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # rows that need the key must not outlive its name
    finally:
        os.close(folder)
