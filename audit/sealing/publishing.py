"""Copies of the checkpoints outside the database: a folder of files that are written once. Imports no Django.

checkpoints/000/000/012/345 is the checkpoint of 12 345 rows, with the proof that it continues the one published before
it; witnessed/<witness>/000/000/012/345 is what a witness has signed of it; keys/0001.vkeys and onwards are the verifier
keys, each file with all of them so far.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

PART = re.compile(r"\d{3}")
DEPTH = 4


class Conflict(Exception):
    """A file that was written once says something else than what should be written."""


class Folder:
    """The folder AUDIT_PUBLISH; put it on another machine's disk, or on storage that lets nobody overwrite."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints, self.keys = path / "checkpoints", path / "keys"

    def newest(self) -> int | None:
        """The largest size published; None when there is none."""
        return next(_descending(self.checkpoints, DEPTH), None)

    def sizes(self) -> list[int]:
        return sorted(_descending(self.checkpoints, DEPTH))

    def read(self, size: int) -> str | None:
        """What is published for this size: proof and note."""
        try:
            return self.place(size).read_text()
        except FileNotFoundError:
            return None

    def note(self, size: int) -> str | None:
        """The note alone."""
        text = self.read(size)
        return None if text is None else text.partition("\n\n")[2]

    def publish(self, size: int, text: str) -> None:
        write_once(self.place(size), text)

    def cosigned(self, size: int, witness: str, lines: str) -> None:
        """What a witness has answered to a checkpoint."""
        write_once(_below(self.path / "witnessed" / _name(witness), size), lines)

    def witnessed(self, witness: str) -> int | None:
        """The largest size that a witness has seen."""
        return next(_descending(self.path / "witnessed" / _name(witness), DEPTH), None)

    def publish_keys(self, vkeys: Sequence[str]) -> None:
        """The keys as they are now, in a new file when they are others than in the last."""
        if vkeys and list(vkeys) != self.vkeys():
            number = len(self._key_files()) + 1
            write_once(self.keys / f"{number:04}.vkeys", "".join(f"{vkey}\n" for vkey in vkeys))

    def vkeys(self) -> list[str]:
        files = self._key_files()
        return files[-1].read_text().split() if files else []

    def _key_files(self) -> list[Path]:
        return sorted(self.keys.glob("[0-9]*.vkeys")) if self.keys.is_dir() else []

    def place(self, size: int) -> Path:
        return _below(self.checkpoints, size)


def write_once(path: Path, text: str) -> None:
    """The file is there whole and on the disk, or not at all; what lies there already is never overwritten."""
    _make(path.parent)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # what a power cut left
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        if path.read_text() != text:
            raise Conflict(str(path)) from None
    finally:
        part.unlink(missing_ok=True)
    _sync(path.parent)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _name(witness: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "_", witness).strip("_.")


def _below(folder: Path, size: int) -> Path:
    digits = f"{size:012}"
    return folder.joinpath(*(digits[first : first + 3] for first in range(0, 12, 3)))


def _descending(folder: Path, depth: int, above: int = 0) -> Iterator[int]:
    """Sizes, the largest first: a folder that a crash left empty is passed over."""
    names = (
        sorted((each.name for each in folder.iterdir() if PART.fullmatch(each.name)), reverse=True)
        if (folder.is_dir())
        else []
    )
    for name in names:
        number = above * 1000 + int(name)
        if depth > 1:
            yield from _descending(folder / name, depth - 1, number)
        else:
            yield number
