"""Private bytes that are too many for memory: written as they come, read through a map."""

import contextlib
import hashlib
import mmap
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from fhir.blobs import Damaged, make_folder, path_of, storage, sync


class Draft:
    """Bytes on their way; unless they are kept, nothing is left of them. Raises OSError (ENOSPC …) like `blobs.put`."""

    def __init__(self) -> None:
        self.store, self.path = storage(), None
        if isinstance(self.store, FileSystemStorage):
            root = Path(self.store.base_location)
            make_folder(root, root, self.store.directory_permissions_mode or 0o700)
            self.path = root / f".{secrets.token_hex(16)}"
            mode = self.store.file_permissions_mode or 0o600
            self.file: IO[bytes] = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b")
        else:
            self.file = tempfile.TemporaryFile()  # noqa: SIM115 closed on leaving

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        self.file.write(data)

    def keep(self, sha256: str) -> None:
        """Give the bytes their name, so that they survive a crash."""
        self.file.flush()
        if not isinstance(self.store, FileSystemStorage) or self.path is None:
            if not self.store.exists(path_of(sha256)):
                self.file.seek(0)
                self.store.save(path_of(sha256), File(self.file))
            return
        os.fsync(self.file.fileno())
        target = Path(self.store.path(path_of(sha256)))
        make_folder(target.parent, Path(self.store.base_location), self.store.directory_permissions_mode or 0o700)
        os.replace(self.path, target)
        sync(target.parent)


@contextlib.contextmanager
def mapped(sha256: str) -> Iterator[mmap.mmap]:
    """The bytes put under this name, as a map of the file; raises Damaged when they are missing or differ."""
    with contextlib.ExitStack() as open_files:
        try:
            stored = open_files.enter_context(storage().open(path_of(sha256)))
        except FileNotFoundError as error:
            raise Damaged(sha256) from error
        if isinstance(storage(), FileSystemStorage):
            file: Any = stored.file
        else:
            file = open_files.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(stored, file)
            file.flush()
        file.seek(0)
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise Damaged(sha256)
        yield open_files.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
