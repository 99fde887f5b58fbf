"""The limited process that makes one PDF: `python -m exports.child`, started by exports.paper alone.

Our own HTML is set first. Then every file and socket is out of reach, and only then is a file of somebody else's opened
(ADR 0008). Imports no Django.
"""

import contextlib
import os
import resource
import shutil
import sys
import tempfile

from exports import joining, setting
from exports.paper import LENGTH, SECONDS

MEMORY = 1 << 30
"""Address space in bytes; setting a page takes a tenth of it."""
WRITTEN = 2 << 20
"""The largest file that may be written: WeasyPrint unpacks the fonts into a folder, which is removed again."""


def main() -> None:
    """One job, from standard input to standard output."""
    html, *appended = _parts(sys.stdin.buffer.read())
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, int(SECONDS.total_seconds()))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, WRITTEN)
    scratch = tempfile.tempdir = tempfile.mkdtemp(prefix="export-")
    try:
        alone = setting.pdf(html.decode(), hidden="joined")
        fronts = setting.pdf(html.decode(), hidden="alone") if appended else b""
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 3)
    made = alone
    if appended:
        # The file is the cause of whatever goes wrong here, and stays out.
        with contextlib.suppress(Exception):
            made = joining.joined(fronts, appended)
    sys.stdout.buffer.write(made)
    sys.stdout.flush()
    os._exit(0)  # what a library has to say at the end is of no interest


def _parts(sent: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(sent):
        (size,) = LENGTH.unpack_from(sent, at)
        parts.append(sent[at + LENGTH.size : at + LENGTH.size + size])
        at += LENGTH.size + size
    return parts


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
