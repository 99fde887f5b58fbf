#!/usr/bin/env python3
"""Verifies on any machine what the log of Sundhedsjournal gives out. Needs Python 3.11 and `cryptography` alone.

    python3 verify_audit.py PROOF KEYS                        a row stands in the log (file, or letters from paper)
    python3 verify_audit.py --print PROOF KEYS                the same, and the letters that carry it over on paper
    python3 verify_audit.py --consistency OLD NEW PROOF KEYS  the log of NEW begins with the whole log of OLD
    python3 verify_audit.py --folder FOLDER KEYS              each checkpoint in a folder continues the one before

KEYS is a text file of verifier keys, one a line, that did not come with what is verified. docs/audit.md tells how it is
used. Formats: RFC 6962 (tree), C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof, tlog-witness.
Exit code: 0 it holds, 1 it does not hold, 2 it cannot be read.

One file that imports nothing of the product, so that it can be read whole and carried anywhere.
"""

import argparse
import base64
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    print("The Python package `cryptography` is missing: without it no signature can be verified.")
    sys.exit(2)

LARGEST = 1 << 20
NUMBER = "(0|[1-9][0-9]{0,18})"
SALT = 16
LOG, WITNESS = 1, 4
CRUD = {"C": "created", "R": "read", "U": "changed", "D": "deleted", "E": "searched or done"}
OUTCOME = {"0": "success", "4": "refused (4)", "8": "failed (8)", "12": "failed (12)"}
LETTERS = re.compile(r"([0-9]{1,3}) ?/ ?([0-9]{1,3})\s+([A-Za-z0-9 \t]{4,200})")
MISREAD = str.maketrans("018", "OIB")
"""Digits that are no part of the alphabet, for the letters they are taken for."""
NOT_SHOWN = "It does not show who sat at the screen, nor that the log tells of everything that was done."


class Unreadable(Exception):
    """Exit code 2."""


class Broken(Exception):
    """Exit code 1."""


@dataclass(frozen=True)
class Key:
    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    text: str
    """What is signed."""
    lines: tuple[tuple[str, bytes], ...]
    """Signature lines: a key's name, and bytes of which the first four number the key."""


@dataclass(frozen=True)
class Proof:
    leaf: bytes
    index: int
    path: list[bytes]
    note: str


# ---- reading --------------------------------------------------------------------------------------------------------


def content(path: str) -> str:
    try:
        with open(path, "rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"{shown(path)}: {error.strerror}") from error
    if len(raw) > LARGEST:
        raise Unreadable(f"{shown(path)} is larger than any proof.")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"{shown(path)} is not text.") from error


def decoded(text: str) -> bytes:
    """Base64 in its one form: no other letters give the same bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Unreadable("Something that should be base64 is not.") from error
    if base64.b64encode(raw).decode() != text:
        raise Unreadable("Something that should be base64 is not in its one form.")
    return raw


def hashes(lines: list[str]) -> list[bytes]:
    path = [decoded(line) for line in lines]
    if len(path) > 64 or any(len(each) != 32 for each in path):
        raise Unreadable("The path is not made of hashes.")
    return path


def key(line: str) -> Key:
    name, _, rest = line.partition("+")
    number, _, code = rest.partition("+")
    raw = decoded(code)
    if not (name.isprintable() and re.fullmatch(r"[^\s+]+", name)) or len(raw) != 33 or raw[0] not in (LOG, WITNESS):
        raise Unreadable("The file of keys holds a line that is no verifier key.")
    found = Key(name, raw[0], raw[1:])
    if found.id.hex() != number:
        raise Unreadable(f"The key of {shown(name)} is mistyped: its number does not fit it.")
    return found


def keys(path: str) -> list[Key]:
    lines = [line.strip() for line in content(path).removeprefix("\ufeff").splitlines()]
    found = [key(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise Unreadable(f"{shown(path)} holds no verifier key.")
    return found


def checkpoint(note: str) -> Checkpoint:
    text, gap, below = note.rpartition("\n\n")
    head, lines = text.split("\n"), below.split("\n")
    if not gap or len(head) != 3 or lines.pop() or not 1 <= len(lines) <= 64:
        raise Unreadable("This is no checkpoint.")
    origin, size, root = head
    signed = [re.fullmatch(r"— ([^\s+]+) (\S+)", line) for line in lines]
    if not re.fullmatch(r"[^\s+]+", origin) or not re.fullmatch(NUMBER, size) or not all(signed):
        raise Unreadable("This is no checkpoint.")
    found = tuple((each[1], decoded(each[2])) for each in signed if each)
    if len(decoded(root)) != 32 or any(len(raw) < 5 for _, raw in found) or not note.replace("\n", "").isprintable():
        raise Unreadable("This is no checkpoint.")
    return Checkpoint(origin, int(size), decoded(root), text + "\n", found)


def proof(text: str) -> Proof:
    if "\r" in text:
        raise Unreadable("The ends of its lines were changed on the way. Send it packed (zip), or as letters on paper.")
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 3:
        raise Unreadable("This is no proof of a row.")
    extra, index = re.fullmatch(r"extra (\S+)", lines[1]), re.fullmatch(f"index {NUMBER}", lines[2])
    if not extra or not index:
        raise Unreadable("This is no proof of a row of this log: the row or its number is missing.")
    return Proof(decoded(extra[1]), int(index[1]), hashes(lines[3:]), note)


def growth(text: str) -> tuple[int, list[bytes], str]:
    """A proof of growth: the old size, the path, and the note of the new checkpoint."""
    head, gap, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    old = re.fullmatch(f"old {NUMBER}", first)
    if not gap or not old:
        raise Unreadable("This is no proof of growth.")
    return int(old[1]), hashes(lines), note


def carried(text: str) -> Checkpoint:
    """The checkpoint in a file: it lies there alone, or a proof of a row or of growth carries it."""
    if text.startswith("c2sp.org/"):
        return checkpoint(proof(text).note)
    return checkpoint(growth(text)[2] if text.startswith("old ") else text)


# ---- verifying ------------------------------------------------------------------------------------------------------


def signers(found: Checkpoint, known: list[Key]) -> list[str]:
    """Who has signed, in words, the log first; Broken when a known key's signature is wrong or the log's is missing."""
    logs: list[str] = []
    witnesses: list[str] = []
    unknown = 0
    for name, raw in found.lines:
        by = next((each for each in known if (each.name, each.id) == (name, raw[:4])), None)
        if by is None:
            unknown += 1
            continue
        message, signature, when = found.text, raw[4:], ""
        if by.kind == WITNESS:
            seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message, when = f"cosignature/v1\ntime {seconds}\n{message}", f", who saw it at {instant(seconds)}"
        elif by.name != found.origin:
            raise Broken(f"The checkpoint of {found.origin} bears the signature of another log.")
        try:
            Ed25519PublicKey.from_public_bytes(by.public).verify(signature, message.encode())
        except (InvalidSignature, ValueError) as error:
            raise Broken(f"The signature of {name} is wrong: the checkpoint has been changed.") from error
        (witnesses if by.kind == WITNESS else logs).append(f"{name} (key {by.id.hex()}){when}")
    if not logs:
        raise Broken(f"No key in your file has signed for the log {found.origin}.")
    counted = f"{unknown} more by keys that are not in your file: they count for nothing"
    return logs + witnesses + ([counted] if unknown else [])


def instant(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def stands(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Whether the leaf is number `index` of the tree: RFC 9162 §2.1.3.2."""
    place, last, found = index, size - 1, leaf
    if index >= size:
        return False
    for beside in path:
        if not last:
            return False
        if place & 1 or place == last:
            found = node(beside, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, beside)
        place, last = place >> 1, last >> 1
    return not last and found == root


def continues(old: Checkpoint, new: Checkpoint, path: list[bytes]) -> bool:
    """Whether the new tree begins with the whole of the old one: RFC 9162 §2.1.4.2."""
    if old.size >= new.size or not old.size:
        begun = old.root == (new.root if old.size else sha256().digest())
        return begun and not path and (old.size == new.size or not old.size)
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    steps = iter(path if place else [old.root, *path])
    was = now = next(steps, b"")
    for beside in steps:
        if not last:
            return False
        if place & 1 or place == last:
            was, now = node(beside, was), node(beside, now)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            now = node(now, beside)
        place, last = place >> 1, last >> 1
    return not last and (was, now) == (old.root, new.root)


def refuse(number: str) -> Any:
    raise ValueError(number)


def row(leaf: bytes) -> dict[str, Any]:
    """The row in a leaf; Broken unless written in the one form of the log, so that what is shown is what counts."""
    try:
        told = json.loads(leaf[SALT:].decode(), parse_float=refuse, parse_constant=refuse)
        written = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:
        raise Broken("What the log holds there is no row.") from error
    if written != leaf[SALT:] or not isinstance(told, dict):
        raise Broken("What the log holds there is not written as the log writes rows.")
    return told


# ---- paper ----------------------------------------------------------------------------------------------------------


def letters(text: str) -> Iterator[str]:
    """The proof as numbered lines of letters and the digits 2 to 7, each ending in four that check it."""
    found = proof(text)
    packed = len(found.leaf).to_bytes(4, "big") + found.leaf + found.index.to_bytes(8, "big")
    packed += bytes([len(found.path)]) + b"".join(found.path) + found.note.encode()
    signs = base64.b32encode(zlib.compress(packed, 9)).decode().rstrip("=")
    lines = [signs[first : first + 50] for first in range(0, len(signs), 50)]
    for number, line in enumerate(lines, 1):
        groups = " ".join(line[first : first + 5] for first in range(0, len(line), 5))
        yield f"{number:02}/{len(lines):02} {groups} {checking(number, len(lines), line)}"


def checking(number: int, of: int, line: str) -> str:
    return base64.b32encode(sha256(f"{number}/{of} {line}".encode()).digest())[:4].decode()


def from_letters(text: str) -> str:
    """The proof file that the letters on paper stand for; Unreadable names the lines that are mistyped or missing."""
    typed = list(filter(None, map(LETTERS.fullmatch, (line.strip() for line in text.splitlines()))))
    lines, wrong = {}, set()
    for number, of, said in (line.groups() for line in typed):
        signs = "".join(said.split()).upper().translate(MISREAD)
        lines[int(number)] = signs[:-4]
        if signs[-4:] != checking(int(number), int(of), signs[:-4]):
            wrong.add(int(number))
    if not typed:
        raise Unreadable("This is neither a proof of a row nor its letters from paper.")
    count = max(int(line[2]) for line in typed)
    wrong |= set(range(1, count + 1)) - lines.keys()
    if wrong:
        named = ", ".join(map(str, sorted(wrong)))
        raise Unreadable(f"Compare with the paper: these lines are mistyped or missing: {named}.")
    signs = "".join(lines[number] for number in sorted(lines))
    try:
        open_up = zlib.decompressobj()
        packed = open_up.decompress(base64.b32decode(signs + "=" * (-len(signs) % 8)), LARGEST)
        at = 4 + int.from_bytes(packed[:4], "big")
        leaf, index, count, rest = packed[4:at], packed[at : at + 8], packed[at + 8], packed[at + 9 :]
        path, note = [rest[32 * each : 32 * each + 32] for each in range(count)], rest[32 * count :].decode()
    except (ValueError, IndexError, zlib.error) as error:
        raise Unreadable("The letters are no proof.") from error
    told = [f"extra {base64.b64encode(leaf).decode()}", f"index {int.from_bytes(index, 'big')}"]
    told += [base64.b64encode(each).decode() for each in path]
    return "\n".join(["c2sp.org/tlog-proof@v1", *told, "", note])


# ---- words ----------------------------------------------------------------------------------------------------------


def shown(value: object) -> str:
    """A value as it may stand on a screen: nothing in it can move the cursor or turn the writing around."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def responsible(told: dict[str, Any]) -> object:
    """On whose behalf: only the FHIR resource in the row says it."""
    try:
        for agent in told["event"]["agent"]:
            if agent["type"]["coding"][0]["code"] == "RESP":
                return agent["who"]["identifier"]["value"]
    except (LookupError, TypeError):
        pass
    return ""


def words(told: dict[str, Any]) -> Iterator[str]:
    """What a row says, one line a fact; facts that are empty are left out."""
    said = {
        "When": re.sub(r"^(.{10})T(.{15})Z$", r"\1 \2 UTC", shown(told.get("recorded", ""))),
        "Who": told.get("actor_kind"),
        "  identifier": told.get("actor_subject"),
        "  issued by": told.get("actor_issuer"),
        "  own id": told.get("actor_ref"),
        "  role": told.get("actor_role"),
        "  organisation": told.get("actor_organisation"),
        "  on behalf of": responsible(told),
        "  network": told.get("actor_network"),
        "What": f"{shown(told.get('action'))} ({CRUD.get(str(told.get('crud')), '?')})",
        "  thing": told.get("entity"),
        "  citizen": told.get("patient_ref"),
        "  purpose": told.get("purpose"),
        "Outcome": OUTCOME.get(str(told.get("outcome")), told.get("outcome")),
        "  reason": told.get("reason"),
        "Row": told.get("id"),
        "  context": told.get("context"),
        "  correlation": told.get("correlation"),
        "  request": told.get("request_id"),
    }
    for label, value in said.items():
        if value not in (None, ""):
            yield f"{label:<16}{shown(value)}"


# ---- the three questions --------------------------------------------------------------------------------------------


def of_row(path: str, known: list[Key], on_paper: bool, everything: bool) -> Iterator[str]:
    text = content(path)
    if not text.startswith("c2sp.org/"):
        text = from_letters(text)
    found = proof(text)
    head = checkpoint(found.note)
    by = signers(head, known)
    leaf = sha256(b"\0" + found.leaf).digest()
    if len(found.leaf) < SALT or not stands(leaf, found.index, head.size, found.path, head.root):
        raise Broken(f"The row is not what stands at number {found.index} in the log {head.origin}.")
    told = row(found.leaf)
    yield f"The proof holds. The log {head.origin} of {head.size} rows has this row at number {found.index} (from 0):"
    yield from ("", *words(told), "")
    yield from (f"Signed by       {each}" for each in by)
    yield NOT_SHOWN
    if everything:
        yield from ("", *map(shown, json.dumps(told, ensure_ascii=False, indent=2).splitlines()))
    if on_paper:
        yield from (
            "",
            "The same proof in letters, to be typed or scanned (docs/audit.md):",
            *letters(text),
        )


def of_growth(old_note: str, new_note: str, path: str, known: list[Key]) -> Iterator[str]:
    old, new = carried(content(old_note)), carried(content(new_note))
    size, steps, note = growth(content(path))
    for each in (old, new):
        signers(each, known)
    if old.origin != new.origin:
        raise Broken("The checkpoints are of two different logs.")
    if (size, checkpoint(note).text) != (old.size, new.text):
        raise Broken("The proof is of two other checkpoints.")
    if not continues(old, new, steps):
        raise Broken(f"The first {old.size} rows of the log of {new.size} rows are not the rows it had.")
    yield f"It holds: the log {new.origin} had {old.size} rows, has {new.size}, and the first {old.size} are unchanged."


def of_folder(folder: str, known: list[Key]) -> Iterator[str]:
    """Every published checkpoint, each with the proof that it continues the one before."""
    heads: dict[int, Checkpoint] = {}
    steps: dict[tuple[int, int], list[bytes]] = {}
    broken, unsure = [], []
    for path in sorted(files(folder)):
        try:
            text = content(path)
            head = carried(text)
            signers(head, known)
            grown = growth(text) if text.startswith("old ") else None
        except Unreadable as error:
            unsure.append(f"{shown(path)}: {error}")
            continue
        except Broken as error:
            broken.append(f"{shown(path)}: {error}")
            continue
        if heads.setdefault(head.size, head).text != head.text:
            broken.append(f"{shown(path)}: another checkpoint of {head.size} rows says something else.")
        elif grown:
            steps[grown[0], head.size] = grown[1]
    sizes = sorted(heads)
    for old, new in pairwise(sizes):
        if heads[old].origin != heads[new].origin:
            broken.append(f"The checkpoints of {old} and {new} rows are of two different logs.")
        elif (old, new) not in steps:
            unsure.append(f"No proof lies here that the log of {new} rows continues the log of {old}.")
        elif not continues(heads[old], heads[new], steps[old, new]):
            broken.append(f"The log of {new} rows does not continue the log of {old}.")
    if broken:
        raise Broken("\n".join(broken + unsure))
    if unsure or not sizes:
        raise Unreadable("\n".join(unsure) or f"{shown(folder)} holds no checkpoint.")
    first, last = heads[sizes[0]], heads[sizes[-1]]
    yield f"It holds: {len(sizes)} checkpoints of the log {last.origin}, from {first.size} rows to {last.size}."
    yield "Each is signed and continues the one before. Nothing here shows what came after the last of them."


def files(folder: str) -> Iterator[str]:
    def unreadable(error: OSError) -> None:
        raise Unreadable(f"{shown(folder)}: {error.strerror}") from error

    for here, _, names in os.walk(folder, onerror=unreadable):
        yield from (os.path.join(here, name) for name in names if not name.startswith("."))


def main(arguments: list[str]) -> int:
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    question = told.add_mutually_exclusive_group()
    question.add_argument("--consistency", action="store_true", help="two checkpoints and the proof between them")
    question.add_argument("--folder", action="store_true", help="a folder of published checkpoints")
    told.add_argument("--print", action="store_true", help="also write the letters that carry a proof over on paper")
    told.add_argument("--all", action="store_true", help="also write the whole row, with the FHIR resource in it")
    told.add_argument("files", nargs="+", metavar="FILE", help="what is verified, then the file of keys")
    asked = told.parse_args(arguments)
    if len(asked.files) != (4 if asked.consistency else 2):
        told.error("give what is verified, and last the file of verifier keys")
    given = asked.files
    try:
        known = keys(given[-1])
        if asked.consistency:
            answers = of_growth(given[0], given[1], given[2], known)
        elif asked.folder:
            answers = of_folder(given[0], known)
        else:
            answers = of_row(given[0], known, asked.print, asked.all)
        said, code = list(answers), 0
    except Broken as error:
        said, code = ["IT DOES NOT HOLD.", str(error)], 1
    except Unreadable as error:
        said, code = ["It cannot be read, so nothing is known of whether it holds.", str(error)], 2
    try:
        print("\n".join(said), flush=True)
    except BrokenPipeError:  # whoever reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
