"""Private bytes under the name of their own sha256: written once, whole or not at all, checked when read."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages


class Damaged(Exception):
    """The bytes under this name are gone or not the ones that were put there; never serve them."""


def put(data: bytes, sha256: str | None = None) -> str:
    """Store `data` so that it survives a crash, and return its sha256; a second put of the same bytes is free.

    Raises OSError (ENOSPC, EDQUOT, EIO …) with nothing left under the final name.
    """
    name = sha256 or hashlib.sha256(data).hexdigest()
    store = storage()
    if isinstance(store, FileSystemStorage):
        _write(Path(store.path(path_of(name))), data, store)
    elif not store.exists(path_of(name)):
        store.save(path_of(name), ContentFile(data))
    return name


def put_many(named: Mapping[str, bytes]) -> None:
    """Store many at once, by their sha256: written under other names, one sync of the disk, then renamed, and again.

    A crash leaves each whole or not at all, as `put` does, at two syncs for all of them.
    """
    store = storage()
    if not isinstance(store, FileSystemStorage):
        for name, data in named.items():
            put(data, name)
        return
    drafts: list[tuple[Path, Path]] = []
    try:
        for name, data in named.items():
            target = Path(store.path(path_of(name)))
            if not target.exists():
                make_folder(target.parent, Path(store.base_location), store.directory_permissions_mode or 0o700)
                draft = target.with_name(f".{name}.{secrets.token_hex(4)}")
                drafts.append((draft, target))
                draft.touch(store.file_permissions_mode or 0o600)
                draft.write_bytes(data)
        os.sync()
        for draft, target in drafts:
            draft.rename(target)
        os.sync()
    except BaseException:
        for draft, _target in drafts:
            draft.unlink(missing_ok=True)
        raise


def read(sha256: str) -> bytes:
    """The bytes put under this name; raises Damaged when they are missing or differ."""
    try:
        with storage().open(path_of(sha256)) as file:
            data = bytes(file.read())
    except FileNotFoundError as error:
        raise Damaged(sha256) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Damaged(sha256)
    return data


def storage() -> Storage:
    return storages["private"]


def path_of(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _write(target: Path, data: bytes, store: FileSystemStorage) -> None:
    """Write under another name, fsync, rename, fsync the folder: a crash leaves the whole file or none."""
    try:
        if target.stat().st_size == len(data):
            sync(target.parent)  # whoever wrote it may not have come this far yet
            return
    except FileNotFoundError:
        pass
    make_folder(target.parent, Path(store.base_location), store.directory_permissions_mode or 0o700)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, store.file_permissions_mode or 0o600)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        os.rename(draft, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
    sync(target.parent)


def make_folder(folder: Path, root: Path, mode: int) -> None:
    """Make the folders that are missing, and their names durable in the folder above."""
    if folder.is_dir():
        return
    if folder != root:
        make_folder(folder.parent, root, mode)
    folder.mkdir(mode=mode, parents=folder == root, exist_ok=True)
    sync(folder.parent)


def sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
