"""The key with which this site proves who it is at a token endpoint (private_key_jwt, ES384)."""

import contextlib
import functools
import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from joserfc.jwk import ECKey

CURVE, ALGORITHM = "P-384", "ES384"


def signing_key() -> ECKey:
    """The key that signs: the first in the file OIDC_KEY; it holds one key, or {"keys": […]} while one is changed."""
    return _held()[0]


def public_keys() -> dict[str, Any]:
    """The public halves, for the issuers to fetch."""
    return {"keys": [key.as_dict(private=False) for key in _held()]}


def _held() -> tuple[ECKey, ...]:
    file = Path(settings.OIDC_KEY)
    if not file.exists():
        _make(file)
    return _read(file, file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=2)
def _read(file: Path, changed: int) -> tuple[ECKey, ...]:
    told = json.loads(file.read_text())
    keys = tuple(ECKey.import_key(key) for key in told.get("keys", [told]))
    if any(key.curve_name != CURVE or not key.is_private or not key.kid for key in keys):
        raise ValueError(f"{file}: every key must be private, on {CURVE}, and have a kid.")
    return keys


def _make(file: Path) -> None:
    """Two processes may make it at once: the first to link its file has made it."""
    key = ECKey.generate_key(CURVE, {"use": "sig", "alg": ALGORITHM})
    made = {**key.as_dict(private=True), "kid": key.thumbprint()}
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent) as fresh:
        json.dump(made, fresh)
        fresh.flush()
        with contextlib.suppress(FileExistsError):
            os.link(fresh.name, file)
