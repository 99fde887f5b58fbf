"""Appends the pages of PDF files to one of ours, unchanged, and nothing but the pages. Imports no Django.

Runs in the limited process. What a page is drawn with (content, resources, boxes) is copied byte for byte; of
annotations what is seen of them; everything that could happen is left behind. Then the result is searched once more,
and a file that has smuggled anything in is refused as a whole.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


PAGE = _names(
    "/Type /Parent /MediaBox /CropBox /BleedBox /TrimBox /ArtBox /Rotate /UserUnit /Resources /Contents /Group /Annots"
)
ANNOTATION = _names(
    "/Type /Subtype /Rect /AP /AS /F /BS /BE /Border /C /IC /CA /OC /QuadPoints /InkList /L /LE /Vertices /RD /DA /Q"
    " /Contents"
)
UNSEEN = _names("/Link /Popup /FileAttachment /Sound /Movie /Screen /RichMedia /3D")
ACTIONS = _names(
    "/JavaScript /Launch /URI /GoToR /GoToE /SubmitForm /ImportData /ResetForm /Rendition /Movie /Sound"
    " /RichMediaExecute /GoTo3DView /Named"
)
KEYS = _names("/JS /JavaScript /AA /OpenAction /EF /EmbeddedFiles /XFA /AcroForm /RichMediaContent")
ELSEWHERE = _names("/F /FFilter /Ref /OPI")
"""Of a stream: its bytes, or what it shows, are in another file."""
CLAIM = "{http://www.aiim.org/pdfua/ns/id/}"


class Refused(Exception):
    """The file stays out."""


def joined(fronts: bytes, originals: Sequence[bytes]) -> bytes:
    """Our pages, then theirs; raises Refused, or whatever qpdf raises for a file that it cannot read."""
    with pikepdf.open(io.BytesIO(fronts)) as whole:
        ours = len(whole.pages)
        for data in originals:
            _append(whole, data)
        if len(whole.pages) == ours:
            raise Refused("no pages")
        with whole.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as said:
            for claim in [key for key in said if key.startswith(CLAIM)]:
                del said[claim]  # pages of somebody else's are not tagged, and a claim that they are would be false
        out = io.BytesIO()
        whole.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    with pikepdf.open(io.BytesIO(out.getvalue())) as made:
        if any(_is_active(each) for each in made.objects):
            raise Refused("more than paper")
    return out.getvalue()


def _append(whole: pikepdf.Pdf, data: bytes) -> None:
    with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as original:
        if original.is_encrypted:
            raise Refused("locked")
        layers = original.Root.get("/OCProperties")
        if layers is not None:
            if "/OCProperties" in whole.Root:
                raise Refused("layers of two files")
            whole.Root["/OCProperties"] = whole.copy_foreign(whole_object(original, layers))
        for page in original.pages:
            whole.pages.append(page)
            _strip(whole, whole.pages[-1].obj)


def whole_object(pdf: pikepdf.Pdf, thing: pikepdf.Object) -> pikepdf.Object:
    """Only indirect objects can be copied from file to file."""
    return thing if thing.is_indirect else pdf.make_indirect(thing)


def _strip(whole: pikepdf.Pdf, page: pikepdf.Object) -> None:
    for key in set(page.keys()) - PAGE:
        del page[key]
    seen = [_shown(each) for each in page.get("/Annots", []) if isinstance(each, pikepdf.Dictionary)]
    if "/Annots" in page:
        del page["/Annots"]
    if kept := [each for each in seen if each is not None]:
        page["/Annots"] = whole.make_indirect(pikepdf.Array([whole.make_indirect(each) for each in kept]))


def _shown(annotation: pikepdf.Dictionary) -> pikepdf.Dictionary | None:
    """What is seen of it; None where nothing is, or where it plays something."""
    if str(annotation.get("/Subtype")) in UNSEEN:
        return None
    kept = {key: value for key, value in annotation.items() if key in ANNOTATION}
    if str(annotation.get("/Subtype")) == "/Widget":
        if "/AP" not in annotation:
            return None
        kept["/Subtype"] = pikepdf.Name("/Stamp")  # the field's looks; readers hide a field that is in no form
    return pikepdf.Dictionary(kept)


def _is_active(thing: Any) -> bool:
    return any(_acts(each) for each in _parts(thing))


def _acts(thing: Any) -> bool:
    if isinstance(thing, pikepdf.Stream) and any(key in ELSEWHERE for key in thing.keys()):  # noqa: SIM118
        return True
    said = set(thing.keys())
    action = thing.get("/S")
    return bool(said & KEYS) or (isinstance(action, pikepdf.Name) and str(action) in ACTIONS)


def _parts(thing: Any) -> Iterator[Any]:
    """The dictionaries and streams in an object, down to the next object."""
    pending = [thing]
    while pending:
        part = pending.pop()
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            yield part
            children = [part[key] for key in part.keys()]  # noqa: SIM118
        elif isinstance(part, pikepdf.Array):
            children = list(part)
        else:
            continue
        pending += [
            child for child in children
            if isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect
        ]  # fmt: skip
