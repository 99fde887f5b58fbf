"""The bytes of exports, in private storage under the export's own name: unlike a blob's, they can be thrown away."""

import contextlib
import hashlib
from uuid import UUID

from django.core.files.base import ContentFile

from fhir import blobs


class Gone(Exception):
    """The file is not there, or not the one that was made."""


def put(name: str, data: bytes) -> str:
    """Store anew under this name and return the sha256; raises OSError (ENOSPC …) with nothing left behind."""
    remove(name)  # what an attempt that died has left
    try:
        kept = blobs.storage().save(name, ContentFile(data))
    except BaseException:
        with contextlib.suppress(OSError):
            remove(name)
        raise
    if kept != name:
        remove(kept)
        raise OSError(f"{name} stands in the way")
    return hashlib.sha256(data).hexdigest()


def read(name: str, sha256: str) -> bytes:
    """The bytes that were put; raises Gone."""
    try:
        with blobs.storage().open(name) as file:
            data = bytes(file.read())
    except OSError as error:
        raise Gone(name) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Gone(name)
    return data


def remove(name: str) -> None:
    """It is gone afterwards, whether it was there or not."""
    blobs.storage().delete(name)


def name_of(export_id: UUID, attempt: int) -> str:
    """One for each attempt: who has lost its lease overwrites nobody's file."""
    return f"exports/{export_id}-{attempt}.pdf"
