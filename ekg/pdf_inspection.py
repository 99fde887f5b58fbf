"""The rules a PDF payload is held to, in the order of the standard's reading.

Runs in the limited child and imports no Django. Source: the implementer's order of checks for an EKG payload (magic,
version 1.0–1.7 or 2.0, at least one page, every drawing decoded and read to its end); the limits are ours (ADR 0008).
"""

import io
import math
import re
from typing import Any

import pikepdf

from ekg import pdf_active, pdf_content, pdf_streams
from ekg import pdf_findings as say
from ekg.pdf_findings import MAX_PAGES, Inspection
from ekg.pdf_frames import LIMITS

VERSIONS = frozenset({"1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"})
MAX_OBJECTS = 50_000
MAX_POINTS = 14_400.0
"""The longest side a page may have, 5.08 m: the limit of PDF itself (ISO 32000-1, annex C)."""


def inspect(data: bytes) -> Inspection:
    """Hold the bytes to every rule; never raises for bad bytes, but may end the process at its limits."""
    found = Inspection()
    start = data.find(b"%PDF-", 0, 1024 + 5)
    if start < 0:
        found.error("payload-not-pdf", say.NOT_PDF)
        return found
    if start > 0:
        found.warning("payload-repaired", say.REPAIRED)
    version = re.match(rb"(\d\.\d)(?!\d)", data[start + 5 : start + 10])
    if not version or version[1].decode() not in VERSIONS:
        found.error("payload-pdf-version", say.VERSION)
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            _document(pdf, found)
    except (MemoryError, RecursionError, pdf_streams.TooLarge):
        found.error("payload-limits", LIMITS)
    except Exception as error:  # odd structures surface as any error of the binding; the file is the cause
        if pdf_streams.over_limits(error):
            found.error("payload-limits", LIMITS)
        elif b"/Encrypt" in data:  # stands in the clear in every encrypted file
            found.error("payload-encrypted", say.ENCRYPTED)
        else:
            found.error("payload-damaged", say.DAMAGED)
    return found


def _document(pdf: pikepdf.Pdf, found: Inspection) -> None:
    if pdf.is_encrypted:
        found.error("payload-encrypted", say.ENCRYPTED)
        return
    catalogue_version = str(pdf.Root.get("/Version", "/1.7"))[1:]
    if catalogue_version not in VERSIONS:
        found.error("payload-pdf-version", say.VERSION)
    if int(pdf.trailer.get("/Size", 0)) > MAX_OBJECTS:
        raise pdf_streams.TooLarge
    found.pages = len(pdf.pages)
    if found.pages == 0:
        found.error("payload-damaged", say.NO_PAGES)
    elif found.pages > MAX_PAGES:
        found.error("payload-too-many-pages", say.TOO_MANY_PAGES)
    if not 0 < found.pages <= MAX_PAGES:
        return
    for number, page in enumerate(pdf.pages, start=1):
        _size(page, number, found)
    read: set[tuple[int, int]] = set()
    empty_pages = _drawings(pdf, found, read)
    _objects(pdf, found, read)
    mended = bool(pdf.get_warnings())
    if len(empty_pages) == found.pages:
        found.error("payload-damaged", say.DAMAGED if mended else say.EMPTY)
    elif empty_pages and mended:
        found.error("payload-damaged", _cut(empty_pages[0]))
    if mended and found.readable:
        found.warning("payload-repaired", say.REPAIRED)


def _size(page: pikepdf.Page, number: int, found: Inspection) -> None:
    unit = page.obj.get("/UserUnit", 1)
    found.units.append(float(unit))
    boxes = [page.mediabox, page.cropbox]
    for box in boxes:
        x1, y1, x2, y2 = (float(side) for side in box)
        sides = (abs(x2 - x1) * float(unit), abs(y2 - y1) * float(unit))
        if not all(math.isfinite(side) and 1 <= side <= MAX_POINTS for side in sides):
            found.error("payload-page-size", f"Side {number} har et format, der ikke kan vises.")


def _cut(number: int) -> str:
    return f"Indholdet på side {number} er beskadiget eller kan ikke læses til ende. Filen kan derfor ikke vises."


def _streams(scope: Any) -> list[Any]:
    if scope.kind != "page":
        return [scope.content]
    contents = scope.content.get("/Contents")
    if contents is None:
        return []
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def _drawings(pdf: pikepdf.Pdf, found: Inspection, read: set[tuple[int, int]]) -> list[int]:
    """Read all that the pages draw; returns the numbers of the pages that draw nothing."""
    empty = []
    for number, page in enumerate(pdf.pages, start=1):
        drawn = 0
        for scope in page.content_scopes():
            try:
                drawn += _drawing(scope, found, read)
            except pdf_streams.Damaged:
                found.error("payload-damaged", _cut(number))
                drawn += 1
        if not drawn:
            empty.append(number)
    return empty


def _drawing(scope: Any, found: Inspection, read: set[tuple[int, int]]) -> int:
    pieces, checksummed = [], True
    for stream in _streams(scope):
        read.add(stream.objgen)
        data, summed = pdf_streams.decoded(stream)
        pieces.append(data)
        checksummed = checksummed and summed
    if sum(map(len, pieces)) > pdf_streams.CONTENT_BYTES:
        raise pdf_streams.TooLarge
    drawing = b"\n".join(pieces)
    uses = pdf_content.read(drawing, checksummed)
    if uses.xobjects - _names(scope.resources, "/XObject"):
        raise pdf_streams.Damaged("missing part")
    if uses.fonts - _names(scope.resources, "/Font"):
        found.warning("payload-part-missing", say.FONT_MISSING)
    return 0 if drawing.isspace() else len(drawing)


def _names(resources: Any, kind: str) -> frozenset[str]:
    entries = None if resources is None else resources.get(kind)
    return frozenset() if entries is None else frozenset(name[1:] for name in entries.keys())  # noqa: SIM118


def _objects(pdf: pikepdf.Pdf, found: Inspection, read: set[tuple[int, int]]) -> None:
    """Decode every other stream, and look in all dictionaries for what a file can do besides being seen."""
    objects = pdf.objects
    if len(objects) > MAX_OBJECTS:
        raise pdf_streams.TooLarge
    for thing in objects:
        if not isinstance(thing, pikepdf.Stream):
            _active(thing, found)
            continue
        _active(thing.stream_dict, found)
        if thing.objgen in read:
            continue
        try:
            pdf_streams.verify(thing)
        except pdf_streams.Damaged:
            if thing.get("/Subtype") == "/Image":
                found.error("payload-damaged", "Et billede i filen er beskadiget. Filen kan derfor ikke vises.")
            else:
                found.warning("payload-part-damaged", say.PART_DAMAGED)
    _active(pdf.trailer, found)


def _active(thing: Any, found: Inspection) -> None:
    for sentence in pdf_active.sentences(thing):
        found.warning("payload-active-content", sentence)
