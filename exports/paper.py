"""HTML of ours, and PDF files that follow it, made into one PDF in a limited process of its own. Imports no Django.

The process is started for one file: WeasyPrint takes a second to come up, and a file is asked for by somebody who
expects to wait. It ends with its parent (its input closes), after SECONDS, or when it has answered.
"""

import struct
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

SECONDS = timedelta(seconds=45)
ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)}
LENGTH = struct.Struct(">I")


class NotMade(Exception):
    """No file came out; says why in one line for the log, with nothing of the content."""


def made(html: str, appended: Sequence[bytes] = ()) -> bytes:
    """The PDF; appended files that are broken, locked or more than paper are left out (exports.joining)."""
    parts = [html.encode(), *appended]
    sent = b"".join(LENGTH.pack(len(part)) + part for part in parts)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "exports.child"], input=sent, capture_output=True, env=ENVIRONMENT, cwd="/",
            timeout=SECONDS.total_seconds(),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotMade("too slow") from None
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise NotMade(f"ended with {done.returncode}: {done.stderr[-200:].decode('ascii', 'replace')}")
    return done.stdout
