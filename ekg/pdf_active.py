"""What a PDF can do besides being seen: scripts, programs, addresses, other files.

Runs in the limited child and imports no Django. None of it happens here (pages are painted without scripts), but the
reader is told, because the file is not the plain recording that the standard describes.
"""

import re
from collections.abc import Iterator
from typing import Any

import pikepdf

SCRIPT = "Filen indeholder JavaScript. Det køres ikke."
LAUNCH = "Filen beder om at starte et program. Det sker ikke."
ADDRESS = "Filen vil selv åbne en adresse eller en anden fil. Det sker ikke."
FORM = "Filen vil sende eller hente formulardata. Det sker ikke."
FILES = "Filen har andre filer vedhæftet. De vises ikke."
MEDIA = "Filen indeholder lyd, video eller 3D. Det afspilles ikke."
XFA = "Filen indeholder en XFA-formular. Den vises ikke, og indhold kan mangle."

_ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Launch": LAUNCH,
    "/SubmitForm": FORM,
    "/ImportData": FORM,
    "/GoToE": FILES,
    "/Rendition": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/RichMediaExecute": MEDIA,
    "/GoTo3DView": MEDIA,
}
_KEYS = {"/JS": SCRIPT, "/JavaScript": SCRIPT, "/EF": FILES, "/EmbeddedFiles": FILES, "/XFA": XFA}
_SUBTYPES = {
    "/FileAttachment": FILES,
    "/RichMedia": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Screen": MEDIA,
    "/3D": MEDIA,
}
_OPENING = frozenset({"/URI", "/GoToR"})

_HINT = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|GoToE|Rendition|Movie|Sound|RichMedia|RichMediaExecute|GoTo3DView"
    rb"|EF|EmbeddedFiles|XFA|FileAttachment|Screen|3D|OpenAction|AA)(?![A-Za-z0-9])"
)


def sentences(thing: Any) -> Iterator[str]:
    """One Danish sentence for each kind of activity in an object and what lies directly in it."""
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Array) or not _HINT.search(thing.unparse(resolved=True)):
        return
    pending = [thing]
    while pending:
        part = pending.pop()
        if isinstance(part, pikepdf.Dictionary):
            yield from _in_dictionary(part)
            children = list(part.as_dict().values())
        else:
            children = list(part)
        pending += [
            child
            for child in children
            if isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect
        ]


def _in_dictionary(part: Any) -> Iterator[str]:
    action, subtype = part.get("/S"), part.get("/Subtype")
    if isinstance(action, pikepdf.Name) and str(action) in _ACTIONS:
        yield _ACTIONS[str(action)]
    if isinstance(subtype, pikepdf.Name) and str(subtype) in _SUBTYPES:
        yield _SUBTYPES[str(subtype)]
    for key, sentence in _KEYS.items():
        if key in part:
            yield sentence
    more = part.get("/AA")
    opening = [part.get("/OpenAction"), *(more.as_dict().values() if isinstance(more, pikepdf.Dictionary) else ())]
    if any(isinstance(start, pikepdf.Dictionary) and str(start.get("/S")) in _OPENING for start in opening):
        yield ADDRESS
