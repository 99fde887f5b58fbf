"""What a sheet says of its scale and of whose it is, on the page and in the audit."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test import Client

from access.tests.cast import JENS, NANCY, launched, own
from audit.models import AuditEvent
from ekg import preview, queries
from ekg.models import Recording
from ekg.tests import hostile_pdfs as make
from ekg.tests import making
from ekg.tests.making import deliver, document, held, recording
from ekg.tests.reading import sample
from ekg.tests.scans import two_pages
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db
BAND = "CPR-nummeret på arket er ikke borgerens. Kontrollér, at optagelsen hører til borgeren."
OWN_BAND = "CPR-nummeret på arket er et andet, end optagelsen er sendt med."
MARK = "Andet CPR-nummer på arket"
EMILS = "120917-9943"


def printed(*texts: str, at: int = 760, mode: int = 0, page: bytes = make.BOX) -> bytes:
    """A sheet that says this, one line each."""
    lines = b"".join(
        b"BT %d Tr /F1 12 Tf 30 %d Td (%s) Tj ET\n" % (mode, at - 20 * number, text.encode("latin-1"))
        for number, text in enumerate(texts)
    )
    return make.sheet(make.stream(b"0 0 m 500 800 l S\n" + lines), page=page)


def stored(data: bytes, name: str = "one", pages: int = 1, **said: Any) -> Recording:
    deliver(document(name, recording(pdf=data, pdf_sha256=making.sha256(data), pages=pages), **said))
    assert preview.make(held(name).pk)
    return held(name)


@pytest.fixture
def get(client: Client) -> Callable[..., Any]:
    context = launched(client, "holm", NANCY)
    return lambda path="": client.get(f"/k/{context}/ekg/{path}")


def said(page: Any, css_class: str = "") -> str:
    root = check_page(page)
    return words(root if not css_class else next(root.iterfind(f".//*[@class='{css_class}']")))


# ── the scale ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["25 mm/s 10 mm/mV"], "Skala i kilden: 25 mm/s · 10 mm/mV"),
        (["12,5 mm/s", "2.5 mm/mV"], "Skala i kilden: 12,5 mm/s · 2,5 mm/mV"),
        (["50 mm/s"], "Skala i kilden: 50 mm/s. Forstærkningen fremgår ikke af kilden."),
        (["10 mm/mV"], "Skala i kilden: 10 mm/mV. Papirhastigheden fremgår ikke af kilden."),
        (["25 mm/s", "50 mm/s"], "Skalaen fremgår ikke af kilden"),
        ([], "Skalaen fremgår ikke af kilden"),
    ],
)
def test_the_page_says_the_scale_of_the_sheet_or_that_it_says_none(get: Any, texts: list[str], shown: str) -> None:
    stored(printed(*texts))
    page = get()
    assert said(page, "hint scale") == shown
    assert "Billedet er en gengivelse. Originalen er PDF-filen." in said(page)


def test_the_scale_is_there_for_who_compares(get: Any) -> None:
    one = queries.recording(making.grant(), stored(sample("emil-2026-11-18-fainted")).pk)
    assert (one.speed, one.gain) == (Decimal(50), Decimal(10))


def test_pages_of_different_scale_have_none_and_a_silent_page_does_not_count() -> None:
    both = io.BytesIO()
    with pikepdf.new() as joined:
        for data in (printed("25 mm/s 10 mm/mV"), printed("50 mm/s 10 mm/mV")):
            with pikepdf.open(io.BytesIO(data)) as part:
                joined.pages.extend(part.pages)
        joined.save(both)
    one = stored(both.getvalue(), pages=2)
    assert (one.speed, one.gain) == (None, Decimal(10))
    assert stored(sample("ingrid-2026-05-19-two-pages"), "two", pages=2).speed == Decimal(25)
    assert stored(two_pages(), "three", pages=2).speed is None


def test_a_scan_and_the_words_a_machine_saw_in_one_have_no_scale() -> None:
    assert stored(sample("ingrid-2019-10-14-scanned")).speed is None
    assert stored(printed("25 mm/s 10 mm/mV", f"CPR {EMILS}", mode=3), "ocr").speed is None
    assert not Recording.objects.filter(printed_cpr_differs=True).exists()


def test_no_scale_is_said_of_what_is_not_shown(get: Any) -> None:
    deliver(document())
    assert "Skala" not in said(get())


def test_a_scale_is_positive() -> None:
    deliver(document())
    for field in ("speed", "gain"):
        with pytest.raises(IntegrityError, match="ekg_recording_scale_positive"), transaction.atomic():
            Recording.objects.update(**{field: 0})


# ── another citizen's number ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: sample("emil-2026-11-18-fainted"), id="another citizen's sheet"),
        pytest.param(lambda: printed(f"CPR {EMILS}"), id="printed"),
        pytest.param(lambda: printed("Patient-ID: 1209179943", at=100), id="called one, at the foot"),
        pytest.param(lambda: printed(EMILS, at=400, page=make.BOX + b"/CropBox[0 0 595 420]"), id="cropped"),
        pytest.param(lambda: printed(EMILS, at=100, page=make.BOX + b"/Rotate 180"), id="upside down"),
    ],
)
def test_a_sheet_of_somebody_else_is_marked_where_it_is_shown(get: Any, data: Callable[[], bytes]) -> None:
    one = stored(data())
    page = get(f"{one.pk}/")
    assert BAND in said(page)
    assert said(page, "rows").endswith(MARK)
    assert "1209179943" not in page.content.decode()
    assert EMILS not in page.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: printed("CPR 251248-9996"), id="her own"),
        pytest.param(lambda: printed("CPR 2512489996"), id="without its hyphen"),
        pytest.param(lambda: printed(f"251248-9996 {EMILS}"), id="hers beside another"),
        pytest.param(lambda: printed(EMILS, at=300), id="far from the head"),
        pytest.param(lambda: printed(EMILS, at=700, page=make.BOX + b"/Rotate 180"), id="at the foot, upside down"),
        pytest.param(lambda: printed(EMILS, at=760, page=make.BOX + b"/CropBox[0 0 595 420]"), id="cut away"),
        pytest.param(lambda: printed("CPR 991299-9999"), id="no number"),
        pytest.param(lambda: printed("1209179943"), id="ten digits of something"),
        pytest.param(lambda: printed(), id="nothing"),
    ],
)
def test_a_sheet_that_may_well_be_hers_is_not(get: Any, data: Callable[[], bytes]) -> None:
    page = get(f"{stored(data()).pk}/")
    assert BAND not in said(page)
    assert MARK not in said(page)


def test_finding_it_leaves_one_line_and_every_look_says_it(get: Any) -> None:
    one = stored(printed(f"CPR {EMILS}"))
    found = AuditEvent.objects.get(action="ekg_printed_cpr.differs")
    assert (found.entity, found.patient_ref, found.actor_kind) == (one.ref, one.patient_id, "system")
    for path in ("", f"{one.pk}/", f"{one.pk}/side/1/150", f"{one.pk}/side/1/300", f"{one.pk}/original.pdf"):
        line = AuditEvent.objects.get(pk=get(path)["X-Audit-Id"])
        assert line.entity == one.ref, path
        assert "printed_cpr" in str(line.event), path
        assert "differs" in str(line.event), path


def test_an_ordinary_look_says_nothing_of_it(get: Any) -> None:
    one = stored(printed("CPR 251248-9996"))
    assert not AuditEvent.objects.filter(action="ekg_printed_cpr.differs").exists()
    for path in ("", f"{one.pk}/", f"{one.pk}/side/1/150", f"{one.pk}/original.pdf"):
        assert "printed_cpr" not in str(AuditEvent.objects.get(pk=get(path)["X-Audit-Id"]).event)


def test_the_other_number_is_kept_nowhere(get: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        one = stored(printed(f"CPR {EMILS}"))
        get(f"{one.pk}/")
    assert "1209179943" not in caplog.text
    assert EMILS not in caplog.text
    with connection.cursor() as cursor:
        for table in ("ekg_recording", "ekg_pageimage", "audit_event", "patients_patient"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ~ '120917-?9943'")
            assert cursor.fetchone() == (0,), table


def test_an_open_page_hears_of_the_mark_and_of_nothing_else_that_is_drawn() -> None:
    deliver(document("one", recording(pdf=(data := printed(f"CPR {EMILS}")), pdf_sha256=making.sha256(data))))
    deliver(document("two"))
    before = queries.version(making.grant())
    preview.make(held("two").pk)
    assert queries.version(making.grant()) == before
    preview.make(held("one").pk)
    assert queries.version(making.grant()) == before + 1
    Recording.objects.update(preview="pending", preview_next_try=Now(), preview_attempts=0)
    preview.make(held("one").pk)
    assert queries.version(making.grant()) == before + 1, "drawn once more, it is no news"
    assert AuditEvent.objects.filter(action="ekg_printed_cpr.differs").count() == 1


def test_a_citizen_is_told_in_words_for_her() -> None:
    stored(printed(f"CPR {EMILS}"))
    browser = CheckingClient()
    page = browser.get(f"/borger/{own(browser, 'nancy')}/ekg/")
    assert OWN_BAND in said(page)
    assert BAND not in said(page)


def test_the_folder_of_another_citizen_knows_nothing_of_it(client: Client) -> None:
    stored(printed(f"CPR {EMILS}"))
    context = launched(client, "holm", JENS)
    assert MARK not in said(client.get(f"/k/{context}/ekg/"))
