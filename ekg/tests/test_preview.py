from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from ekg import pdf, preview, queries, tasks
from ekg.ingest import EKG
from ekg.models import PageImage, Recording
from ekg.tests import making
from ekg.tests.making import deliver, document, held, recording
from fhir import blobs
from samples import files

pytestmark = pytest.mark.django_db
BROKEN = b"%PDF-1.7\nnothing that a reader could make sense of\n%%EOF"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the doorbell was rung for; it always answers."""
    heard: list[Any] = []

    def ring(task: str, about: object) -> bool:
        heard.append((task, about))
        return True

    monkeypatch.setattr(preview, "ring", ring)
    return heard


def wait() -> None:
    """Let every wait be over."""
    Recording.objects.filter(preview="pending").update(preview_next_try=Now() - timedelta(minutes=5))


def drawn() -> int:
    """How many pages there is something to see of."""
    return PageImage.objects.filter(dpi=150, format="png").count()


def stored(data: bytes | None = None) -> Recording:
    said = recording(pdf=data, pdf_sha256=making.sha256(data)) if data else recording()
    deliver(document("one", said))
    return held()


def test_every_page_is_drawn_and_the_recording_is_ready() -> None:
    judgement = EKG.read(files.tree("ekg/ingrid-2026-05-19-two-pages.json"))
    deliver(document("one", recording(pdf=judgement.document.recordings[0].pdf, pages=2, pdf_sha256=(
        judgement.document.recordings[0].pdf_sha256))))  # fmt: skip
    tasks.preview(str(held().pk))
    pages = queries.recording(making.grant(), held().pk).pages
    assert [page.number for page in pages] == [1, 2]
    images = [queries.page_image(making.grant(), held().pk, number, 150).data for number in (1, 2)]
    assert images[0] != images[1]
    for image, kept in zip(images, PageImage.objects.filter(dpi=150, format="png").order_by("number"), strict=True):
        assert image.startswith(b"\x89PNG\r\n\x1a\n")
        assert kept.size == len(image)
        assert int.from_bytes(image[16:20], "big") == kept.width
        assert int.from_bytes(image[20:24], "big") == kept.height
    assert held().preview == "ready"
    assert held().preview_next_try is None


def test_a_drawn_recording_leaves_one_line_in_the_audit() -> None:
    preview.make(stored().pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT entity, patient_ref, actor_kind FROM audit_event WHERE action = 'ekg_preview.made'")
        assert cursor.fetchall() == [(held().ref, held().patient_id, "system")]


def test_drawing_twice_draws_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert preview.make(stored().pk) is True
    monkeypatch.setattr(pdf, "render", lambda *args: pytest.fail("drawn again"))
    assert preview.make(held().pk) is False
    assert drawn() == 1


def test_an_unknown_recording_and_one_without_pdf_are_nothing_to_draw() -> None:
    deliver(document("one", recording(pdf=None, pdf_sha256="", pages=0)))
    assert preview.make(held().pk) is False
    assert preview.make(held().delivery_id) is False


def test_a_file_that_cannot_be_painted_is_given_up_at_the_second_try() -> None:
    broken = stored(BROKEN)
    assert preview.make(broken.pk) is False
    assert held().preview == "pending"
    wait()
    assert preview.make(broken.pk) is False
    assert queries.preview(making.grant(), broken.pk) == "failed"
    assert queries.original(making.grant(), broken.pk)[0] == BROKEN
    wait()
    assert preview.make(broken.pk) is False
    assert held().preview_attempts == 2


def test_a_file_that_cannot_be_read_is_tried_five_times_with_growing_waits() -> None:
    lost = stored()
    Recording.objects.update(pdf_sha256="0" * 64)
    waits = []
    for _ in range(5):
        wait()
        assert preview.make(lost.pk) is False
        due = held().preview_next_try
        waits.append(due is not None and due)
    assert held().preview == "failed"
    assert held().preview_attempts == 5
    assert waits[4] is False
    assert all(waits[:4])


def test_busy_readers_are_not_the_files_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*args: Any) -> None:
        raise pdf.ReadersBusy("busy")

    stored()
    with monkeypatch.context() as patched:
        patched.setattr(pdf, "render", busy)
        for _ in range(2):
            wait()
            preview.make(held().pk)
    wait()
    assert preview.make(held().pk) is True


def test_nobody_tries_again_before_the_wait_is_over() -> None:
    stored(BROKEN)
    preview.make(held().pk)
    assert preview.make(held().pk) is False
    assert held().preview_attempts == 1


class Killed(BaseException):
    """What stands in for kill -9: nothing after it runs."""


def die(*args: object) -> None:
    raise Killed


@pytest.mark.parametrize("step", ["fhir.blobs.read", "ekg.pdf.render", "fhir.blobs.put", "ekg.preview.record"])
def test_a_worker_that_dies_at_any_step_leaves_a_lease_that_runs_out(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored()
    with monkeypatch.context() as patched:
        patched.setattr(step, lambda *args, **more: die())
        with pytest.raises(Killed):
            preview.make(held().pk)
    assert PageImage.objects.count() == 0
    assert preview.make(held().pk) is False, "the lease still runs"
    assert held().preview == "pending"
    Recording.objects.update(preview_next_try=Now())
    assert preview.make(held().pk) is True
    assert drawn() == 1


def test_the_lease_is_shorter_than_half_a_minute() -> None:
    assert timedelta(seconds=30) > preview.LEASE + preview.PATIENCE


def test_a_file_that_takes_every_worker_down_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    monkeypatch.setattr(pdf, "render", die)
    for _ in range(5):
        wait()
        with pytest.raises(Killed):
            preview.make(held().pk)
    wait()
    assert preview.make(held().pk) is False
    assert held().preview == "failed"


def test_who_lost_the_lease_while_drawing_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    render = pdf.render

    def slowly(*args: Any) -> Any:
        monkeypatch.setattr(pdf, "render", render)
        wait()
        assert preview.make(held().pk) is True  # another worker, meanwhile
        return render(*args)

    monkeypatch.setattr(pdf, "render", slowly)
    assert preview.make(held().pk) is True
    assert drawn() == 1
    assert held().preview == "ready"


def test_a_slow_failure_does_not_undo_another_workers_success(monkeypatch: pytest.MonkeyPatch) -> None:
    stored()
    render = pdf.render

    def fails_late(*args: Any) -> Any:
        monkeypatch.setattr(pdf, "render", render)
        wait()
        assert preview.make(held().pk) is True
        raise pdf.RenderFailed("for sent")

    monkeypatch.setattr(pdf, "render", fails_late)
    preview.make(held().pk)
    assert held().preview == "ready"


# ── the sweep ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_sweep_rings_for_what_nobody_draws_and_leaves_the_doorbell_its_time(rung: list[Any]) -> None:
    stored()
    assert preview.sweep_once() == 0, "the doorbell has only just been rung"
    wait()
    assert preview.sweep_once() == 1
    assert preview.sweep_once() == 0, "rung again a moment ago"
    assert rung == [("ekg.tasks.preview", held().pk)]
    assert preview.make(held().pk) is True, "who answers the doorbell may begin at once"


def test_the_sweep_draws_itself_when_the_broker_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "ring", lambda task, about: False)
    stored()
    wait()
    assert preview.sweep_once() == 1
    assert held().preview == "ready"


def test_the_sweep_takes_the_longest_waiting_and_no_more_than_it_is_told(rung: list[Any]) -> None:
    for number in range(3):
        deliver(document(str(number)))
    wait()
    Recording.objects.filter(pk=held("2").pk).update(preview_next_try=Now() - timedelta(hours=1))
    assert preview.sweep_once(limit=1) == 1
    assert rung == [("ekg.tasks.preview", held("2").pk)]


def test_the_sweep_leaves_ready_failed_and_leased_recordings_alone(rung: list[Any]) -> None:
    for name in ("ready", "failed", "leased"):
        deliver(document(name))
    preview.make(held("ready").pk)
    Recording.objects.filter(pk=held("failed").pk).update(preview="failed", preview_next_try=None)
    Recording.objects.filter(pk=held("leased").pk).update(preview_next_try=Now() + preview.LEASE)
    assert preview.sweep_once() == 0
    assert rung == []


def test_images_are_kept_under_their_own_hash() -> None:
    preview.make(stored().pk)
    for image in PageImage.objects.filter(format="png"):
        assert making.sha256(blobs.read(image.sha256)) == image.sha256
