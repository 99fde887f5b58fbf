"""The limited child that reads PDF files: `python -m ekg.pdf_worker`, one job at a time over the socket on file 0.

Started and spoken to by ekg.pdf_pool alone. Before the first byte of a file is looked at, the child has no memory
above its limit, no file or socket it could open, no file it could write, and no environment. It ends when its parent
does: at the next read of an empty socket, and in the midst of a job by the signal that the socket's hang-up raises.
Imports no Django.
"""

import contextlib
import fcntl
import gc
import json
import os
import re
import resource
import signal
import time
from typing import Any

import pikepdf

from ekg import pdf_inspection, pdf_packing, pdf_rendering, pdf_scan, pdf_text, printed
from ekg.pdf_findings import DAMAGED, Inspection
from ekg.pdf_frames import HEAD, LENGTH, LIMITS, PACK, READY, RENDER

MEMORY = 480 << 20
"""Address space in bytes; real memory is always less. A child that has read an ordinary EKG has 60 MB and uses 40."""
DECODED = 128 << 20
"""What qpdf may decode one stream to; most streams it never sees (ekg.pdf_streams)."""
JOBS = 1000
"""Files per child: whatever a library leaks, it leaks for this long."""
TIRED = 160 << 10
"""A child that has once used this much memory (kB) goes after its answer."""


def main() -> None:
    """Serve jobs until the parent is gone or the child is worn."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    status = os.open("/proc/self/status", os.O_RDONLY)
    _warm_up()
    _limit()
    _send(READY)
    for job in range(1, JOBS + 1):
        head = _receive(HEAD.size)
        if not head:
            return
        command, page, *dpis, seconds, size = HEAD.unpack(head)
        data = _receive(size)
        _watch(seconds)
        answer, pictures = _pack(data) if command == PACK else _do(command, data, page, list(filter(None, dpis)))
        _watch(0)
        peak = _peak(status)
        leaving = job == JOBS or peak > TIRED
        text = json.dumps({**answer, "cpu": time.process_time(), "peak": peak, "leaving": leaving}).encode()
        _send(b"".join((LENGTH.pack(len(text)), text, *pictures)))
        if leaving:
            return


def _warm_up() -> None:
    """Import and run once all that a job needs, while files can still be opened."""
    _pack(_do(RENDER, BLANK, 1, [72])[1][0])
    gc.freeze()


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(what, (most, most))
    pikepdf.settings.set_qpdf_limits(
        doc_max_warnings=1000,
        max_stream_filters=8,
        flate_max_memory=DECODED,
        run_length_max_memory=DECODED,
        png_max_memory=DECODED,
        tiff_max_memory=DECODED,
        dct_max_memory=DECODED,
    )


def _watch(seconds: int) -> None:
    """Die by signal after so many seconds of clock or processor, or when the parent hangs up; 0 ends the watch."""
    flags = fcntl.fcntl(0, fcntl.F_GETFL) & ~os.O_ASYNC
    fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_ASYNC if seconds else flags)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    used = int(time.process_time()) + 1
    soft = used + seconds if seconds else resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _do(command: bytes, data: bytes, number: int, dpis: list[int]) -> tuple[dict[str, Any], list[bytes]]:
    found = pdf_inspection.inspect(data)
    pictures: list[pdf_rendering.Picture] = []
    said, failure = printed.Printed(), ""
    if found.readable:
        try:
            plain = pdf_rendering.mended(data) if found.repaired else data
            if pdf_rendering.count(plain) != found.pages:
                found.error("payload-damaged", DAMAGED)
            elif command == RENDER:
                scan = _scan(plain, number, found)
                pictures = [scan] if scan else pdf_rendering.paint(plain, number, dpis, found.units)
                said = said if scan else printed.read(pdf_text.lines(plain, number))
        except pdf_rendering.PageFailed as reason:
            failure = str(reason)
        except MemoryError:
            found.error("payload-limits", LIMITS)
        except Exception:  # as in the inspection: the file is the cause, and stays unread
            found.error("payload-damaged", DAMAGED)
    answer = {
        "readable": found.readable,
        "pages": found.pages,
        "findings": list(found.remarks),
        "failure": failure,
        "printed": [sorted(said.speeds), sorted(said.gains), sorted(said.cprs)],
        "painted": [(len(picture.data), *picture[1:]) for picture in pictures],
    }
    return answer, [picture.data for picture in pictures]


def _scan(data: bytes, number: int, found: Inspection) -> pdf_rendering.Picture | None:
    try:
        return pdf_scan.scanned(data, number, found.units[number - 1])
    except Exception:  # all that is odd about a page is reason to paint it
        return None


def _pack(png: bytes) -> tuple[dict[str, Any], list[bytes]]:
    try:
        webp = pdf_packing.webp(png)
    except Exception as reason:  # a side over 16,383 pixels, no memory left: the PNG stays
        return {"failure": type(reason).__name__, "painted": []}, []
    return {"failure": "", "painted": [(len(webp),)]}, [webp]


def _peak(status: int) -> int:
    """The most real memory used, in kB. Not ru_maxrss: that keeps the figure of the parent from before exec."""
    line = re.search(rb"VmHWM:\s*(\d+)", os.pread(status, 4096, 0))
    return int(line[1]) if line else 0


def _receive(size: int) -> bytes:
    """Exactly so many bytes, or none when the parent has gone."""
    parts = bytearray()
    while len(parts) < size:
        part = os.read(0, min(size - len(parts), 1 << 20))
        if not part:
            return b""
        parts += part
    return bytes(parts)


def _send(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(0, view) :]


BLANK = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Resources<<>>/Contents 4 0 R>>\nendobj\n"
    b"4 0 obj\n<</Length 12>>\nstream\n0 0 9 9 re f\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
)

if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        main()
