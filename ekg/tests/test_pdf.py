"""What the inspector says of PDF files, good and hostile, each read in a limited process."""

import random
import re
import time
from collections.abc import Callable

import pytest

from ekg import pdf
from ekg.pdf_pool import POOL
from ekg.tests import hostile_pdfs as make
from fhir.bundle import Severity

MB = 1 << 20
LIMIT_KB = 512 << 10
SECONDS = 10
SENTENCE = re.compile(r"[A-ZÆØÅ][^%(<>]{10,}\.")
"""Calm words, and nothing of the file in them."""

ACTION = b"/OpenAction<</S/%s>>"
ANNOTATION = make.BOX + b"/Annots[<</Type/Annot/Rect[0 0 9 9]%s>>]"
NAMES = b"/Names<</%s<</Names[(a)5 0 R]>>>>"
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<>>"


def with_form(*form: bytes) -> bytes:
    return make.sheet(make.stream(b"/N Do", flate=True), resources=b"/XObject<</N 5 0 R>>", more=form)


def jpeg(data: bytes) -> bytes:
    """The body of an image that is a JPEG."""
    return b"<</Filter/DCTDecode/Length %d>>stream\n%b\nendstream" % (len(data), data)


UNREADABLE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing at all": ("payload-not-pdf", lambda: b""),
    "a picture": ("payload-not-pdf", lambda: b"\x89PNG\r\n\x1a\n" + bytes(999)),
    "a version that does not exist": ("payload-pdf-version", lambda: make.sheet(version=b"9.9")),
    "a version 1.10": ("payload-pdf-version", lambda: make.sheet(version=b"1.10")),
    "a version in the catalogue that does not exist": (
        "payload-pdf-version",
        lambda: make.sheet(catalogue=b"/Version/9.9"),
    ),
    "a password": ("payload-encrypted", lambda: make.encrypted("reader", "owner")),
    "encryption without a password": ("payload-encrypted", lambda: make.encrypted("", "owner")),
    "one bit changed in the drawing": ("payload-damaged", make.flipped),
    "half a drawing": ("payload-damaged", make.cut_short),
    "half a file": ("payload-damaged", lambda: make.cut_file(0.5)),
    "a file that lost its end": ("payload-damaged", lambda: make.cut_file(0.97)),
    "a plain drawing that stops between numbers": (
        "payload-damaged",
        lambda: make.sheet(make.stream(make.DRAWING[:5003])),
    ),
    "a packed drawing that stops between numbers": (
        "payload-damaged",
        lambda: make.sheet(make.stream(make.DRAWING[:5003], flate=True)),
    ),
    "a text that never closes": (
        "payload-damaged",
        lambda: make.sheet(make.stream(b"BT /F1 9 Tf (a ( b) Tj ET " + make.DRAWING[:900] + b" S", flate=True)),
    ),
    "an operator that does not exist": (
        "payload-damaged",
        lambda: make.sheet(make.stream(make.DRAWING.replace(b"100 l", b"100 \xec", 1))),
    ),
    "a form cut short": (
        "payload-damaged",
        lambda: with_form(make.stream(b"0 0 m 9 9 l S 5 ", FORM, flate=True)),
    ),
    "a form that is not there": ("payload-damaged", lambda: with_form()),
    "an image cut short": (
        "payload-damaged",
        lambda: make.image(b"<</Length 5/Filter/FlateDecode>>stream\nx\x9c\1\2\3\nendstream", 9, 9),
    ),
    "a JPEG cut short": ("payload-damaged", lambda: make.image(jpeg(make.photo()[:-400]), 90, 90)),
    "a JPEG without its picture": ("payload-damaged", lambda: make.image(jpeg(make.photo()[:20]), 90, 90)),
    "a JPEG that is none": ("payload-damaged", lambda: make.image(jpeg(b"GIF89a" + bytes(90)), 90, 90)),
    "no pages": ("payload-damaged", lambda: make.pages(0)),
    "a page that draws nothing": ("payload-damaged", lambda: make.sheet(make.stream(b" "))),
    "a page tree in a ring": ("payload-damaged", make.cyclic_tree),
    "a page tree 1,000 deep": ("payload-damaged", lambda: make.deep_tree(1_000)),
    "a page tree 200,000 deep": ("payload-damaged", lambda: make.deep_tree(200_000)),
    "arrays 400,000 deep": ("payload-damaged", lambda: make.sheet(catalogue=b"/X " + b"[" * 400_000 + b"]" * 400_000)),
    "51 pages": ("payload-too-many-pages", lambda: make.pages(51)),
    "10,000 pages": ("payload-too-many-pages", lambda: make.pages(10_000)),
    "a page of 100 metres": ("payload-page-size", lambda: make.sheet(page=b"/MediaBox[0 0 283465 283465]")),
    "a page of 100 metres by its unit": ("payload-page-size", lambda: make.sheet(page=make.BOX + b"/UserUnit 400")),
    "a page without height": ("payload-page-size", lambda: make.sheet(page=b"/MediaBox[0 0 595 0]")),
    "a drawing of 10 GB": ("payload-limits", lambda: make.sheet(make.bomb(10_240 * MB))),
    "a drawing of 10 GB packed three times": ("payload-limits", lambda: make.sheet(make.bomb(10_240 * MB, 3))),
    "an image of 10 GB": ("payload-limits", lambda: make.image(make.bomb(10_240 * MB), 100, 100)),
    "an image of 10 GB packed three times": ("payload-limits", lambda: make.image(make.bomb(10_240 * MB, 3), 100, 100)),
    "a catalogue in an object stream of 10 GB": ("payload-damaged", lambda: make.object_stream_bomb(10_240 * MB)),
    "300,000 objects": ("payload-limits", lambda: make.sheet(more=[b"<</A 1>>"] * 300_000)),
    "a drawing of 30,000,000 tokens": (
        "payload-limits",
        lambda: make.sheet(make.stream(b"0 0 m " * 10_000_000, flate=True)),
    ),
}

DISCLAIMED: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "a broken table of places": ("payload-repaired", "fejl i sin opbygning", make.broken_xref),
    "bytes before the header": ("payload-repaired", "fejl i sin opbygning", lambda: b"\xef\xbb\xbf" + make.sheet()),
    "a wrong length of a drawing": (
        "payload-repaired",
        "fejl i sin opbygning",
        lambda: make.sheet(make.stream(make.DRAWING, length=9)),
    ),
    "a font that is not there": (
        "payload-part-missing",
        "mangler en skrifttype",
        lambda: make.sheet(make.stream(make.DRAWING.replace(b"/F1", b"/F9"))),
    ),
    "a damaged profile": (
        "payload-part-damaged",
        "En del af filen",
        lambda: make.sheet(catalogue=b"/X 5 0 R", more=[make.stream(b"x\x9c123", b"/Filter/FlateDecode")]),
    ),
    "a script on opening": (
        "payload-active-content",
        "JavaScript",
        lambda: make.sheet(catalogue=ACTION % b"JavaScript/JS(x)"),
    ),
    "a script by an escaped name": (
        "payload-active-content",
        "JavaScript",
        lambda: make.sheet(catalogue=ACTION % b"Java#53cript/JS(x)"),
    ),
    "a script in the name tree": (
        "payload-active-content",
        "JavaScript",
        lambda: make.sheet(catalogue=NAMES % b"JavaScript", more=[b"<</S/JavaScript/JS(x)>>"]),
    ),
    "a script in a stream of its own": (
        "payload-active-content",
        "JavaScript",
        lambda: make.sheet(catalogue=ACTION % b"JavaScript/JS 5 0 R", more=[make.stream(b"app.alert(1)")]),
    ),
    "a program to start": (
        "payload-active-content",
        "starte et program",
        lambda: make.sheet(page=ANNOTATION % b"/Subtype/Link/A<</S/Launch/F(cmd.exe)>>"),
    ),
    "an address on opening": (
        "payload-active-content",
        "åbne en adresse",
        lambda: make.sheet(catalogue=ACTION % b"URI/URI(http://example.invalid)"),
    ),
    "an address when a page opens": (
        "payload-active-content",
        "åbne en adresse",
        lambda: make.sheet(page=make.BOX + b"/AA<</O<</S/URI/URI(http://example.invalid)>>>>"),
    ),
    "a form to send": (
        "payload-active-content",
        "formulardata",
        lambda: make.sheet(page=ANNOTATION % b"/Subtype/Link/A<</S/SubmitForm/F(http://example.invalid)>>"),
    ),
    "a file inside": (
        "payload-active-content",
        "andre filer",
        lambda: make.sheet(
            catalogue=NAMES % b"EmbeddedFiles", more=[b"<</Type/Filespec/F(a)/EF<</F 6 0 R>>>>", make.stream(b"MZ")]
        ),
    ),
    "a film": ("payload-active-content", "video", lambda: make.sheet(page=ANNOTATION % b"/Subtype/RichMedia")),
    "an XFA form": (
        "payload-active-content",
        "XFA",
        lambda: make.sheet(catalogue=b"/AcroForm<</Fields[]/XFA 5 0 R>>", more=[make.stream(b"<xdp/>")]),
    ),
}

CLEAN: dict[str, Callable[[], bytes]] = {
    "a plain sheet": make.sheet,
    "a sheet that is not packed": lambda: make.sheet(make.stream(make.DRAWING)),
    "50 pages": lambda: make.pages(50),
    "a form": lambda: with_form(make.stream(b"0 0 m 9 9 l S", FORM)),
    "a form that draws itself": make.form_of_itself,
    "a drawing in two parts": lambda: make.sheet(
        b"[5 0 R 6 0 R]", more=[make.stream(make.DRAWING, flate=True), make.stream(b"0 0 m 9 9 l S")]
    ),
    "texts with parentheses, arrays and marks": lambda: make.sheet(
        make.stream(
            rb"/P <</MCID 0 /L(x)>> BDC BT /F1 9 Tf [(a(b)c) -20 <0a0b>] TJ (\)\\) Tj ET EMC [3 1] 0 d", flate=True
        )
    ),
    "an image in the drawing": lambda: make.sheet(
        make.stream(b"q 9 0 0 9 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \0\xff\0\xff EI Q", flate=True)
    ),
    "a JPEG": lambda: make.image(jpeg(make.photo() + b"\r\n"), 90, 90),
    "an operator of the future, announced": lambda: make.sheet(make.stream(b"BX 1 2 future EX 0 0 m 9 9 l S")),
    "a title with the word of a script": lambda: make.sheet(catalogue=b"/Title(/JavaScript /AA)"),
    "an opening at the first page": lambda: make.sheet(catalogue=b"/OpenAction[3 0 R/Fit]"),
    "a link to the maker": lambda: make.sheet(
        page=ANNOTATION % b"/Subtype/Link/A<</S/URI/URI(http://example.invalid)>>"
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_nothing_of_a_file_is_shown_that_carries(name: str) -> None:
    rule, build = UNREADABLE[name]
    data, start = build(), time.monotonic()
    report = pdf.inspect(data)
    assert time.monotonic() - start < SECONDS
    assert not report.readable
    errors = {finding.rule for finding in report.findings if finding.severity == Severity.ERROR}
    assert errors == {rule}
    assert all(SENTENCE.fullmatch(finding.text) for finding in report.findings)
    assert POOL.peak < LIMIT_KB
    with pytest.raises(pdf.RenderFailed, match=r"\.$"):
        pdf.render(data)


@pytest.mark.parametrize("name", DISCLAIMED)
def test_a_file_is_shown_with_a_disclaimer_that_carries(name: str) -> None:
    rule, words, build = DISCLAIMED[name]
    report = pdf.inspect(build())
    assert report.readable
    assert [(finding.rule, finding.severity) for finding in report.findings] == [(rule, Severity.WARNING)]
    assert words in report.findings[0].text
    assert SENTENCE.fullmatch(report.findings[0].text)
    assert report.findings[0].path == "Observation.extension.value.data"


@pytest.mark.parametrize("name", CLEAN)
def test_there_is_nothing_to_say_of(name: str) -> None:
    report = pdf.inspect(CLEAN[name]())
    assert (report.readable, report.findings) == (True, ())
    assert report.pages == (50 if name == "50 pages" else 1)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"])
def test_every_version_of_pdf_is_read(version: str) -> None:
    assert pdf.inspect(make.sheet(version=version.encode())).findings == ()


def test_no_single_bit_of_a_packed_drawing_changes_unseen() -> None:
    data, dice = make.sheet(), random.Random(8)
    start, end = data.index(b"stream\n") + 7, data.index(b"\nendstream")
    for _ in range(60):
        changed = bytearray(data)
        changed[dice.randrange(start, end)] ^= 1 << dice.randrange(8)
        assert not pdf.inspect(bytes(changed)).readable


def test_no_cut_goes_unseen() -> None:
    data, dice = make.sheet(make.stream(make.DRAWING)), random.Random(9)
    for _ in range(60):
        assert pdf.inspect(data[: dice.randrange(len(data) - 8)]).findings


def test_no_random_damage_ends_a_process() -> None:
    dice = random.Random(10)
    originals = [make.sheet(), make.sheet(make.stream(make.DRAWING[:2000])), make.image(make.stream(bytes(81)), 9, 9)]
    pdf.warm()
    before = POOL.pids()
    for turn in range(300):
        data = bytearray(originals[turn % 3])
        for _ in range(dice.randrange(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        report = pdf.inspect(bytes(data))
        assert report.readable or report.findings
    assert POOL.pids() == before
