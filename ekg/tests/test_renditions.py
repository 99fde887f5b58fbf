"""WebP and 300 dots per inch: made by the worker after what a reader needs first, and never missed when they fail."""

import errno
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.test import Client

from access.tests.cast import JENS, NANCY, launched
from audit.models import AuditEvent
from ekg import pdf, preview, renditions, tasks
from ekg.models import PageImage, Recording
from ekg.pdf_pool import POOL, ReadersBusy
from ekg.tests import hostile_pdfs as make
from ekg.tests import making
from ekg.tests.making import deliver, document, held, recording
from ekg.tests.reading import OLD_BROWSER, Ask, asking, by_pdfium, shown
from fhir import blobs

pytestmark = pytest.mark.django_db
STEPS = ["fhir.blobs.read", "ekg.pdf.pack", "fhir.blobs.put", "ekg.renditions._mine"]


class Killed(BaseException):
    """What stands in for kill -9: nothing after it runs."""


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the doorbell was rung for; it always answers."""
    heard: list[Any] = []

    def ring(task: str, about: object) -> bool:
        heard.append((task, about))
        return True

    monkeypatch.setattr(renditions, "ring", ring)
    return heard


@pytest.fixture
def ask(client: Client) -> Ask:
    return asking(client, launched(client, "holm", NANCY))


def stored(name: str = "one", data: bytes | None = None) -> Recording:
    data = make.sheet() if data is None else data
    deliver(document(name, recording(pdf=data, pdf_sha256=making.sha256(data))))
    assert preview.make(held(name).pk)
    return held(name)


def work() -> None:
    while renditions.sweep_once():
        pass


def wait() -> None:
    """Let every wait be over."""
    PageImage.objects.filter(next_try__isnull=False).update(next_try=Now() - timedelta(minutes=5))


def made(kind: str) -> list[int]:
    """The resolutions that there are bytes of."""
    return sorted(PageImage.objects.filter(format=kind).exclude(sha256="").values_list("dpi", flat=True))


def damage(image: PageImage) -> None:
    with open(storages["private"].path(blobs.path_of(image.sha256)), "rb+") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))


# ── WebP ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_page_is_shown_as_png_until_its_webp_is_made(ask: Ask) -> None:
    one = stored()
    assert ask(one)["Content-Type"] == "image/png"
    work()
    answer = ask(one)
    assert answer["Content-Type"] == "image/webp"
    assert {"Accept", "HX-Request"} <= set(answer["Vary"].split(", "))
    assert answer["Cache-Control"] == "no-store"
    assert (made("png"), made("webp")) == ([75, 150], [75, 150])


def test_who_does_not_name_webp_gets_png(ask: Ask) -> None:
    one = stored()
    work()
    for accept in (OLD_BROWSER, "*/*", ""):
        assert ask(one, accept=accept)["Content-Type"] == "image/png"


def test_the_newest_recording_is_packed_first(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[bytes] = []
    for name in ("old", "new"):
        stored(name)
    pack = pdf.pack

    def heard(png: bytes) -> bytes:
        order.append(png)
        return pack(png)

    monkeypatch.setattr(pdf, "pack", heard)
    work()
    newest = [blobs.read(image.sha256) for image in held("new").images.filter(format="png").order_by("dpi")]
    assert order[:2] == newest


def test_packing_again_packs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    work()
    monkeypatch.setattr(pdf, "pack", lambda png: pytest.fail("packed again"))
    wait()
    assert renditions.sweep_once() == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_at_any_step_leaves_a_lease_that_runs_out(
    step: str, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    one = stored()

    def die(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(step, die)
        with pytest.raises(Killed):
            renditions.sweep_once()
    assert made("webp") == []
    assert ask(one)["Content-Type"] == "image/png"
    assert renditions._claim(PageImage.objects.filter(dpi=75)) is None, "the lease still runs"
    wait()
    work()
    assert made("webp") == [75, 150]


def test_a_full_disk_costs_an_attempt_and_leaves_the_png(monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    one = stored()

    def full(data: bytes, sha256: str | None = None) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(blobs, "put", full)
        assert renditions.sweep_once() == 0
    assert ask(one)["Content-Type"] == "image/png"
    wait()
    work()
    assert ask(one)["Content-Type"] == "image/webp"


def test_a_picture_that_takes_every_worker_down_is_given_up(monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    one = stored()

    def die(png: bytes) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(pdf, "pack", die)
        for _ in range(10):
            wait()
            with pytest.raises(Killed):
                renditions.sweep_once()
        wait()
        assert renditions.sweep_once() == 0
    assert not PageImage.objects.filter(next_try__isnull=False).exists()
    assert ask(one)["Content-Type"] == "image/png"


def test_a_picture_too_large_for_webp_stays_a_png(ask: Ask) -> None:
    one = stored(data=make.sheet(page=b"/MediaBox[0 0 14400 300]"))
    wait()
    work()
    wait()
    work()
    assert made("webp") == [75], "at 150 it is wider than WebP can be"
    assert ask(one)["Content-Type"] == "image/png"
    assert ask(one, dpi=75)["Content-Type"] == "image/webp"


def test_who_lost_the_lease_while_packing_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    pack = pdf.pack

    def slowly(png: bytes) -> bytes:
        monkeypatch.setattr(pdf, "pack", pack)
        wait()
        work()  # another worker, meanwhile
        return pack(png)

    monkeypatch.setattr(pdf, "pack", slowly)
    renditions.sweep_once()
    assert made("webp") == [75, 150]


def test_a_damaged_webp_is_not_shown_and_the_png_is(ask: Ask) -> None:
    one = stored()
    work()
    damage(PageImage.objects.get(format="webp", dpi=150))
    assert shown(ask(one)).tobytes() == by_pdfium(make.sheet(), 1, 150).tobytes()
    damage(PageImage.objects.get(format="png", dpi=150))
    assert ask(one).status_code == 500


# ── 300 dots per inch ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_closer_look_is_drawn_by_the_worker_once_it_is_asked_for(ask: Ask, rung: list[Any]) -> None:
    one = stored()
    for _ in range(3):
        answer = ask(one, dpi=300)
        assert (answer.status_code, answer.content, answer["Retry-After"]) == (202, b"", "1")
        assert answer["Cache-Control"] == "no-store"
    assert rung == [("ekg.tasks.fine", one.pk)], "rung once"
    tasks.fine(str(one.pk))
    answer = ask(one, dpi=300)
    assert answer["Content-Type"] == "image/png"
    assert shown(answer).tobytes() == by_pdfium(make.sheet(), 1, 300).tobytes()
    work()
    assert ask(one, dpi=300)["Content-Type"] == "image/webp"


def test_nothing_is_drawn_in_a_request(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    one = stored()
    monkeypatch.setattr(POOL, "run", lambda *args, **more: pytest.fail("drawn"))
    for dpi in (75, 150, 300):
        ask(one, dpi=dpi)


def test_what_a_reader_waits_for_comes_before_any_packing(ask: Ask) -> None:
    old = stored("old")
    stored("new")
    ask(old, dpi=300)
    claimed = renditions._claim(PageImage.objects.all())
    assert claimed is not None
    assert (claimed.recording_id, claimed.dpi, claimed.format) == (old.pk, 300, "png")


def test_the_sweep_draws_it_when_the_broker_is_gone(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "ring", lambda task, about: False)
    one = stored()
    assert ask(one, dpi=300).status_code == 202
    work()
    assert ask(one, dpi=300).status_code == 200


def test_a_closer_look_that_fails_is_given_up_and_then_there_is_none(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    one = stored()
    ask(one, dpi=300)

    def fails(*args: object) -> None:
        raise pdf.RenderFailed("for meget")

    with monkeypatch.context() as patched:
        patched.setattr(pdf, "render", fails)
        for _ in range(2):
            wait()
            renditions.make_fine(one.pk)
    assert ask(one, dpi=300).status_code == 404
    assert ask(one).status_code == 200


def test_the_largest_page_stays_within_its_limits_at_300() -> None:
    (page,) = pdf.render(make.sheet(page=b"/MediaBox[0 0 14400 14400]"), 1, (300,)).pictures
    assert 15_000_000 < page.width * page.height < 16_100_000
    with pytest.raises((pdf.RenderFailed, ReadersBusy)):  # the latter where others had the processor
        pdf.render(make.slow_groups(), 1, (300,))
    assert POOL.peak < 512 << 10


def test_there_are_three_resolutions_and_no_others(ask: Ask, rung: list[Any]) -> None:
    one = stored()
    for dpi in (0, 1, 72, 149, 301, 600, 10**30):
        assert ask(one, dpi=dpi).status_code == 404
    for number in (0, 2, 10**30):
        assert ask(one, number, 300).status_code == 404
    assert rung == []
    assert not PageImage.objects.filter(dpi=300).exists()


def test_only_who_may_see_a_recording_may_have_it_drawn(client: Client, rung: list[Any]) -> None:
    one = stored()
    elsewhere = asking(client, launched(client, "holm", JENS))
    assert elsewhere(one, dpi=300).status_code == 404
    Recording.objects.update(status="withdrawn", withdrawn_at=Now())
    assert asking(client, launched(client, "holm", NANCY))(one, dpi=300).status_code == 404
    assert rung == []


def test_a_picture_asked_for_is_recorded_also_while_it_is_made(ask: Ask) -> None:
    one = stored()
    answer = ask(one, dpi=300)
    line = AuditEvent.objects.get(pk=answer["X-Audit-Id"])
    assert (line.action, line.entity, line.outcome) == ("ekg_image.fetched", one.ref, 0)


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"dpi": 149}, "kind_known"),
        ({"dpi": 0}, "kind_known"),
        ({"format": "jpeg"}, "kind_known"),
        ({"format": "gif"}, "kind_known"),
        ({"sha256": ""}, "whole"),
        ({"width": 0}, "whole"),
        ({"next_try": Now()}, "whole"),
        ({"width_mm": 0}, "on_paper"),
        ({"dpi": 75}, "once"),
    ],
)
def test_the_database_itself_refuses_a_picture_that_contradicts_itself(fields: dict[str, Any], constraint: str) -> None:
    stored()
    with pytest.raises(IntegrityError, match=f"ekg_pageimage_{constraint}"), transaction.atomic():
        PageImage.objects.filter(format="png").update(**fields)
