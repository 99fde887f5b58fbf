"""Proofs as files: what `verify_audit.py` reads on another machine. Pure."""

import base64
from collections.abc import Sequence


def of_row(leaf_data: bytes, index: int, path: Sequence[bytes], note: str) -> str:
    """That a row stands in the log (C2SP tlog-proof, extension .tlog-proof); the row itself travels as extra data."""
    extra = base64.b64encode(leaf_data).decode()
    return f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex {index}\n{_lines(path)}\n{note}"


def of_growth(old: int, path: Sequence[bytes], note: str) -> str:
    """That the tree of a checkpoint begins with its first `old` leaves, unchanged.

    It is what a C2SP tlog-witness is sent, so that one text serves the witness and the folder of published checkpoints;
    in the folder, `old` is the size that was published before.
    """
    return f"old {old}\n{_lines(path)}\n{note}"


def _lines(path: Sequence[bytes]) -> str:
    return "".join(f"{base64.b64encode(each).decode()}\n" for each in path)
