"""Pages of somebody else's behind ours: unchanged to the byte and to the pixel, and nothing but the pages."""

import io
from collections.abc import Callable
from datetime import timedelta

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from ekg.tests import hostile_pdfs as make
from exports import joining, paper

FRONT = (
    '<!DOCTYPE html><html lang="da"><head><title>Forside</title></head><body><h1>Forside</h1>'
    '<p class="joined">Sider følger.</p><p class="alone">Ingen sider.</p></body></html>'
)
BOXES = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
STAMP = b"<</Type/Annot/Subtype/Stamp/Rect[50 50 250 150]/F 4/AP<</N 6 0 R>>>>"
APPEARANCE = make.stream(b"1 0 0 rg 0 0 200 100 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 200 100]")
PLAIN: dict[str, Callable[[], bytes]] = {
    "a sheet": make.sheet,
    "unpacked": lambda: make.sheet(make.stream(make.DRAWING)),
    "three pages": lambda: make.pages(3),
    "turned": lambda: make.sheet(page=make.BOX + b"/Rotate 90"),
    "cropped": lambda: make.sheet(page=make.BOX + b"/CropBox[33.3 71 501.7 777.7]"),
    "in large units": lambda: make.sheet(page=b"/MediaBox[0 0 297.5 421]/UserUnit 2"),
    "what all pages inherit": lambda: inherited(),
    "a hidden layer": lambda: layered(),
    "a stamp": lambda: make.sheet(page=make.BOX + b"/Annots[5 0 R]", more=[STAMP, APPEARANCE]),
}
SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
ACTIVE: dict[str, bytes] = {
    "a script when it opens": make.sheet(catalogue=b"/OpenAction" + SCRIPT),
    "a program when it opens": make.sheet(catalogue=b"/OpenAction<</S/Launch/F(calc.exe)>>"),
    "scripts by name": make.sheet(catalogue=b"/Names<</JavaScript<</Names[(a)" + SCRIPT + b"]>>>>"),
    "an attached file": make.sheet(
        catalogue=b"/Names<</EmbeddedFiles<</Names[(a)<</F(a.exe)/EF<</F 5 0 R>>>>]>>>>", more=[make.stream(b"MZ")]
    ),
    "a script of the page": make.sheet(page=make.BOX + b"/AA<</O" + SCRIPT + b">>"),
    "a link": make.sheet(page=make.BOX + b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://x.example)>>>>]"),
    "a stamp with a script": make.sheet(
        page=make.BOX + b"/Annots[<</Subtype/Stamp/Rect[50 50 250 150]/F 4/AP<</N 5 0 R>>/A" + SCRIPT + b">>]",
        more=[APPEARANCE],
    ),
    "a file pinned to the page": make.sheet(
        page=make.BOX + b"/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]/FS<</F(a)/EF<</F 5 0 R>>>>>>]",
        more=[make.stream(b"MZ")],
    ),
    "a filled field that calculates": make.sheet(
        catalogue=b"/AcroForm<</Fields[5 0 R]>>",
        page=make.BOX + b"/Annots[5 0 R]",
        more=[
            b"<</Subtype/Widget/FT/Tx/T(b)/V(x)/F 4/Rect[50 50 250 150]/AP<</N 6 0 R>>/AA<</C" + SCRIPT + b">>>>",
            APPEARANCE,
        ],
    ),
    "a form that sends itself": make.sheet(
        catalogue=b"/AcroForm<</Fields[5 0 R]>>",
        page=make.BOX + b"/Annots[5 0 R]",
        more=[b"<</Subtype/Widget/FT/Btn/T(b)/Rect[0 0 9 9]/A<</S/SubmitForm/F(http://x.example)>>>>"],
    ),
}
SMUGGLED: dict[str, bytes] = {
    "in the resources": make.sheet(resources=b"/Properties<</P<</S/JavaScript/JS(x)>>>>"),
    "a picture from another file": make.sheet(
        resources=b"/XObject<</X 5 0 R>>",
        more=[make.stream(b"", b"/Subtype/Image/Width 1/Height 1/F(/etc/passwd)")],
    ),
    "behind the annotation's looks": make.sheet(
        page=make.BOX + b"/Annots[<</Subtype/Stamp/Rect[0 0 9 9]/AP<</N 5 0 R>>>>]",
        more=[make.stream(b"", b"/Subtype/Form/BBox[0 0 9 9]/PieceInfo<</P<</S/Launch/F(calc.exe)>>>>")],
    ),
}
FORBIDDEN = (
    b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/EmbeddedFile", b"/EF", b"/AA", b"/SubmitForm", b"/URI",
    b"/AcroForm", b"calc.exe", b"x.example", b"app.alert", b"MZ",
)  # fmt: skip


def inherited() -> bytes:
    return make.file(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 842 595]/Rotate 180" + make.RESOURCES % b"" + b">>",
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
            make.stream(make.DRAWING, flate=True),
        ]
    )


def layered() -> bytes:
    """Half of the drawing lies on a layer that its maker has turned off."""
    hidden = make.DRAWING + b"/OC /L BDC 0 0 1 rg 100 300 300 200 re f EMC\n"
    return make.sheet(
        make.stream(hidden),
        catalogue=b"/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]/Order[5 0 R]>>>>",
        resources=b"/Properties<</L 5 0 R>>",
        more=[b"<</Type/OCG/Name(Lag)>>"],
        version=b"1.5",
    )


def rendered(data: bytes, first: int = 0) -> list[object]:
    with pypdfium2.PdfDocument(data) as document:
        document.init_forms()
        return [document[n].render(scale=1.5).to_pil() for n in range(first, len(document))]


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def contents(page: pikepdf.Page) -> list[bytes]:
    said = page.obj["/Contents"]
    return [each.read_raw_bytes() for each in (said if isinstance(said, pikepdf.Array) else [said])]


@pytest.fixture(scope="module")
def front() -> bytes:
    return paper.made(FRONT)


@pytest.mark.parametrize("name", PLAIN)
def test_each_page_is_the_original_to_the_byte_and_to_the_pixel(front: bytes, name: str) -> None:
    original = PLAIN[name]()
    made = joining.joined(front, [original])
    with opened(original) as theirs, opened(made) as ours:
        assert len(ours.pages) == 1 + len(theirs.pages)
        for page, copy in zip(theirs.pages, list(ours.pages)[1:], strict=True):
            assert contents(page) == contents(copy)
            for box in BOXES:
                inherited = theirs.Root.Pages.get(box)
                assert str(copy.obj.get(box)) == str(page.obj.get(box, inherited)), box
            resources = page.obj["/Resources"] if "/Resources" in page.obj else theirs.Root.Pages["/Resources"]
            assert resources.keys() == copy.obj["/Resources"].keys()
    for one, other in zip(rendered(original), rendered(made, 1), strict=True):
        assert one.size == other.size  # type: ignore[attr-defined]
        assert ImageChops.difference(one, other).getbbox() is None  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ACTIVE)
def test_what_a_file_could_do_stays_behind_and_what_is_seen_comes_along(front: bytes, name: str) -> None:
    made = joining.joined(front, [ACTIVE[name]])
    with opened(made) as ours:
        out = io.BytesIO()
        ours.save(
            out, stream_decode_level=pikepdf.StreamDecodeLevel.all, object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
    assert not [word for word in FORBIDDEN if word in out.getvalue().replace(front, b"")]
    (one,), (other,) = rendered(ACTIVE[name]), rendered(made, 1)
    assert ImageChops.difference(one, other).getbbox() is None  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SMUGGLED)
def test_a_file_that_smuggles_something_in_is_refused_as_a_whole(front: bytes, name: str) -> None:
    with pytest.raises(joining.Refused):
        joining.joined(front, [SMUGGLED[name]])


@pytest.mark.parametrize(
    "original",
    [
        pytest.param(make.encrypted("", "owner"), id="locked for its owner"),
        pytest.param(make.encrypted("secret", "owner"), id="locked"),
        pytest.param(b"%PDF-1.7\nnothing\n%%EOF", id="broken"),
        pytest.param(ACTIVE["a link"][:400], id="cut"),
        pytest.param(SMUGGLED["in the resources"], id="smuggling"),
    ],
)
def test_what_cannot_be_put_in_leaves_our_page_which_says_so(original: bytes) -> None:
    made = paper.made(FRONT, [original])
    with pypdfium2.PdfDocument(made) as document:
        assert len(document) == 1
        words = document[0].get_textpage().get_text_range()
    assert "Ingen sider." in words
    assert "Sider følger." not in words


def test_our_page_is_tagged_danish_named_and_carries_its_fonts() -> None:
    for made in (paper.made(FRONT), paper.made(FRONT, [make.sheet()])):
        with opened(made) as pdf:
            assert str(pdf.Root["/Lang"]) == "da"
            assert pdf.Root["/MarkInfo"]["/Marked"]
            assert "/StructTreeRoot" in pdf.Root
            assert pdf.Root["/ViewerPreferences"]["/DisplayDocTitle"]
            assert str(pdf.docinfo["/Title"]) == "Forside"
            fonts = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/FontName" in each]
            names = [str(each["/FontName"]) for each in fonts if "/FontFile2" in each or "/FontFile3" in each]
            assert any("IBM-Plex-Sans" in name for name in names), names
            said = pdf.Root["/Metadata"].read_bytes()
        # Only what is tagged throughout may say that it is.
        assert (b"pdfuaid:part" in said) is (len(rendered(made)) == 1)


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="file:///etc/passwd">',
        '<img src="data:image/png;base64,AAAA">',
        '<link rel="stylesheet" href="https://x.example/y.css">',
        "<style>@import url(file:///etc/passwd); body { background: url(http://x.example/z) }</style>",
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
    ],
)
def test_no_address_is_fetched_for_a_page_of_ours(html: str) -> None:
    with pytest.raises(paper.NotMade):
        paper.made(FRONT.replace("</body>", f"{html}</body>"))


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "SECONDS", timedelta(seconds=0.1))
    with pytest.raises(paper.NotMade, match="too slow"):
        paper.made(FRONT)
