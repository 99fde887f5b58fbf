"""What the pages look like: exact pixels, true size, bounded memory."""

import io

import pypdfium2
import pytest
from PIL import Image

from ekg import pdf
from ekg.pdf_pool import POOL
from ekg.tests import hostile_pdfs as make

GREY = make.stream(b"0 0 m 500 800 l S 0.5 g 100 100 50 50 re f", flate=True)


def render(data: bytes, dpi: int = 150) -> tuple[pdf.Picture, ...]:
    """Every page."""
    first = pdf.render(data, 1, (dpi,))
    rest = (pdf.render(data, number, (dpi,)) for number in range(2, first.pages + 1))
    return tuple(picture for drawn in (first, *rest) for picture in drawn.pictures)


def picture(page: pdf.Picture) -> Image.Image:
    image = Image.open(io.BytesIO(page.data))
    image.load()
    assert image.size == (page.width, page.height)
    return image


def by_pdfium(data: bytes, dpi: int = 150) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    image: Image.Image = document[0].render(scale=dpi / 72).to_pil().convert("RGB")
    document.close()
    return image


def test_a_page_is_painted_to_the_pixel_at_150_dots_per_inch() -> None:
    (page,) = render(make.sheet())
    image = picture(page)
    assert (page.width, page.height) == (1240, 1755)
    assert (page.width_mm, page.height_mm) == (209.9, 297.04)
    assert image.format == "PNG"
    assert image.mode == "RGB"
    assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    assert image.tobytes() == by_pdfium(make.sheet()).tobytes()


def test_a_page_without_colour_becomes_a_grey_image_of_the_same_pixels() -> None:
    data = make.sheet(GREY)
    image = picture(render(data)[0])
    assert image.mode == "L"
    assert image.convert("RGB").tobytes() == by_pdfium(data).tobytes()


def test_the_size_on_paper_does_not_depend_on_the_dots_per_inch() -> None:
    fine, coarse = render(make.sheet(), dpi=200)[0], render(make.sheet(), dpi=72)[0]
    assert (coarse.width, coarse.height) == (595, 842)
    assert fine.width == 1653
    assert (fine.width_mm, fine.height_mm) == (coarse.width_mm, coarse.height_mm)


def test_a_turned_page_is_painted_turned() -> None:
    (page,) = render(make.sheet(page=make.BOX + b"/Rotate 90"))
    assert (page.width, page.height) == (1755, 1240)
    assert page.width_mm == 297.04


def test_a_page_in_larger_units_is_painted_at_its_true_size() -> None:
    (page,) = render(make.sheet(page=b"/MediaBox[0 0 297.5 421]/UserUnit 2"))
    assert (page.width, page.height) == (1240, 1755)
    assert page.width_mm == 209.9


def test_every_page_is_painted_in_order() -> None:
    pages = render(make.pages(12), dpi=36)
    assert len(pages) == 12
    assert {(page.width, page.height) for page in pages} == {(298, 421)}


def test_the_largest_page_gets_fewer_dots_instead_of_more_memory() -> None:
    (page,) = render(make.sheet(GREY, page=b"/MediaBox[0 0 14400 14400]"))
    assert 15_000_000 < page.width * page.height < 16_100_000
    assert page.width_mm == pytest.approx(5080)
    assert picture(page).info["dpi"][0] == pytest.approx(20, abs=0.5)
    assert POOL.peak < 512 << 10


def test_a_mended_file_is_painted_like_the_whole_one() -> None:
    whole = render(make.sheet())
    assert render(make.broken_xref()) == whole
    assert render(make.sheet(make.stream(make.DRAWING, length=9))) == whole
    assert render(b"\n" + make.sheet()) == whole


def test_a_filled_field_is_painted_and_its_script_is_not_run() -> None:
    appearance = make.stream(b"0 0 50 50 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 50 50]/Resources<<>>")
    script = b"/AA<</O<</S/JavaScript/JS(this.getField\\('a'\\).value = 'changed')>>>>"
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[100 100 150 150]/F 4/AP<</N 6 0 R>>%s>>" % script
    data = make.sheet(
        GREY, catalogue=b"/AcroForm<</Fields[5 0 R]>>", page=make.BOX + b"/Annots[5 0 R]", more=[field, appearance]
    )
    assert [finding.rule for finding in pdf.inspect(data).findings] == ["payload-active-content"]
    image = picture(render(data, dpi=72)[0])
    assert image.getpixel((120, 842 - 120)) == 0


def test_forms_that_draw_each_other_without_end_are_given_up() -> None:
    assert pdf.inspect(make.laughing_forms()).readable
    with pytest.raises(pdf.RenderFailed, match="mere tid eller hukommelse"):
        render(make.laughing_forms())
    assert POOL.peak < 512 << 10


def test_dots_per_inch_have_bounds() -> None:
    for dpi in (0, 35, 601):
        with pytest.raises(ValueError, match="dpi"):
            render(make.sheet(), dpi=dpi)
