"""A recording as a PDF, through the door: asked for, made by the worker, fetched by who asked, and gone."""

import errno
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
import time_machine
from django.core.files.storage import FileSystemStorage
from django.db.models.functions import Now
from django.test import Client, TestCase
from django.utils import timezone

from access.tests.blocks import block, override
from access.tests.cast import JENS, NANCY, launched, own
from audit.models import AuditEvent
from ekg.models import Recording
from ekg.tests import making
from exports import asking, files, paper, tasks
from exports import making as work
from exports.models import Export
from fhir import blobs
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db
NOTE = "Elektroderne V1 og V2 er byttet om."


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the doorbell was rung for; it always answers."""
    heard: list[Any] = []

    def ring(*said: object) -> bool:
        heard.append(said)
        return True

    for room in (asking, work):
        monkeypatch.setattr(room, "ring", ring)
    return heard


@pytest.fixture
def one(rung: list[Any]) -> Recording:
    return making.one(making.document("one", making.recording(note=NOTE)))


@pytest.fixture
def base(client: Client, one: Recording) -> str:
    """Where the recording is, for a doctor who has it open."""
    return f"/k/{launched(client, 'holm', NANCY)}/ekg/{one.pk}/"


def asked(client: Client, base: str, **said: str) -> str:
    """The page of the file that has been asked for."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = client.post(f"{base}pdf/", said)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def made(client: Client, base: str, **said: str) -> str:
    """The same, when the worker has made it."""
    page = asked(client, base, **said)
    tasks.make(page.rstrip("/").rpartition("/")[2])
    return page


def said(answer: Any) -> str:
    return words(check_page(answer))


def text(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    with pypdfium2.PdfDocument(answer.content) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def over(**of: Any) -> None:
    """Let every wait be over."""
    Export.objects.filter(state="pending", **of).update(next_try=Now() - timedelta(minutes=5))


def actions() -> list[str]:
    return list(AuditEvent.objects.filter(action__startswith="ekg_pdf").order_by("id").values_list("action", flat=True))


def kept() -> list[str]:
    """The files that lie there."""
    store = blobs.storage()
    return store.listdir("exports")[1] if store.exists("exports") else []


def test_who_asks_gets_the_front_page_and_the_original_behind_it(client: Client, base: str, one: Recording) -> None:
    page = made(client, base)
    assert "Filen er klar." in said(client.get(page))
    answer = client.get(f"{page}ekg.pdf")
    front, sheet = text(answer)
    for told in (
        "EKG 12.03.2026 kl. 09.10", "Nancy Ann Berggren", "251248-••••", f"Kommentar til tolkning: {NOTE}",
        "Lægehuset Nord", "af Læge Anna Holm", "Åbnet fra XMO", "EKG-deling, hentet kl.",
        "De næste sider er den originale PDF fra kilden, uændret.",
    ):  # fmt: skip
        assert told in front
    assert "251248-9996" not in front
    assert "TESTPERSON" in sheet
    assert answer["Content-Disposition"] == 'attachment; filename="ekg-2026-03-12-0910.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    assert b"Nancy" not in answer.content[-2000:]
    assert actions() == ["ekg_pdf.asked", "ekg_pdf.made", "ekg_pdf.awaited", "ekg_pdf.fetched"]
    lines = AuditEvent.objects.filter(action__startswith="ekg_pdf")
    assert {(line.entity, line.patient_ref) for line in lines} == {(one.ref, one.patient_id)}


def test_the_full_number_stands_on_it_only_when_it_is_asked_for_and_the_log_says_so(client: Client, base: str) -> None:
    assert "251248-9996" in text(client.get(f"{made(client, base, cpr='fuldt')}ekg.pdf"))[0]
    asking_ = AuditEvent.objects.get(action="ekg_pdf.asked")
    assert '"full"' in str(asking_.event).replace("'", '"')


def test_the_page_says_that_it_is_being_made_and_asks_until_it_is(client: Client, base: str, rung: list[Any]) -> None:
    page = asked(client, base)
    export = Export.objects.get()
    assert rung == [("exports.tasks.make", export.pk)]
    waiting = client.get(page)
    assert "PDF'en laves …" in said(waiting)
    assert {a.get("href") for a in check_page(waiting).iter("a") if words(a) == "Prøv igen"} == {""}
    assert client.get(f"{page}klar/").status_code == 204
    assert client.get(f"{page}ekg.pdf").status_code == 404
    tasks.make(str(export.pk))
    answer = client.get(f"{page}klar/")
    assert answer.status_code == 200
    assert "Hent filen" in said(answer)
    assert "Nancy" not in answer.content.decode()


def test_a_double_click_is_one_job_and_a_later_wish_another(client: Client, base: str, rung: list[Any]) -> None:
    assert asked(client, base) == asked(client, base)
    assert len(rung) == 1
    assert Export.objects.count() == 1
    assert asked(client, base, cpr="fuldt") != asked(client, base)
    tasks.make(str(Export.objects.order_by("id")[0].pk))
    asked(client, base)
    assert Export.objects.count() == 3


def test_nobody_else_finds_it(client: Client, base: str, one: Recording) -> None:
    page = made(client, base)
    tail = page.partition(f"{one.pk}/")[2]
    other = making.one(making.document("two", making.recording()))
    again, colleague, citizen = CheckingClient(), CheckingClient(), CheckingClient()
    places = {
        "another session's": (again, f"/k/{launched(again, 'holm', NANCY)}/ekg/{one.pk}/{tail}"),
        "another user's": (colleague, f"/k/{launched(colleague, 'kvist', NANCY)}/ekg/{one.pk}/{tail}"),
        "the citizen's own": (citizen, f"/borger/{own(citizen, 'nancy')}/ekg/{one.pk}/{tail}"),
        "another context of the same": (client, f"/k/{launched(client, 'holm', NANCY)}/ekg/{one.pk}/{tail}"),
        "another recording": (client, page.replace(str(one.pk), str(other.pk))),
        "another address": (colleague, page),
        "one that never was": (client, f"{base}pdf/{uuid4()}/"),
    }
    for whose, (browser, address) in places.items():
        for rest in ("", "klar/", "ekg.pdf"):
            assert browser.get(address + rest).status_code == 404, (whose, rest)
    assert client.get(f"{page}ekg.pdf").status_code == 200


def test_another_patient_in_the_same_browser_does_not_find_it(client: Client, base: str, one: Recording) -> None:
    page = made(client, base)
    jens = f"/k/{launched(client, 'holm', JENS)}/ekg/{one.pk}/"
    assert client.get(page.replace(base, jens) + "ekg.pdf").status_code == 404


def test_it_is_gone_after_an_hour_and_the_sweep_throws_it_away(client: Client, base: str, settings: Any) -> None:
    settings.CONTEXT_IDLE = settings.SESSION_IDLE = 3 * 3600
    page = made(client, base)
    assert len(kept()) == 1
    start = timezone.now()
    with time_machine.travel(start + timedelta(minutes=59), tick=False):
        assert client.get(f"{page}ekg.pdf").status_code == 200
        assert work.sweep_once() == 0
    with time_machine.travel(start + timedelta(minutes=61), tick=False):
        assert client.get(f"{page}ekg.pdf").status_code == 404
        assert client.get(page).status_code == 404
        assert len(kept()) == 1
        assert work.sweep_once() == 1
    assert kept() == []
    assert not Export.objects.exists()


def test_what_it_is_made_of_is_forgotten_once_it_is_made(client: Client, base: str) -> None:
    asked(client, base)
    export = Export.objects.get()
    assert NOTE in export.html
    tasks.make(str(export.pk))
    export.refresh_from_db()
    assert (export.html, export.appended) == ("", [])


def test_what_is_blocked_by_now_is_not_given_out(client: Client, base: str) -> None:
    page = made(client, base)
    block("all")
    for rest in ("", "klar/", "ekg.pdf"):
        assert client.get(page + rest).status_code == 404
    override(client, base.split("/")[2])
    assert client.get(f"{page}ekg.pdf").status_code == 200, "during an override"


def test_what_is_withdrawn_by_now_is_not_given_out(client: Client, base: str) -> None:
    page = made(client, base)
    Recording.objects.update(status="withdrawn", withdrawn_at=timezone.now())
    for rest in ("", "klar/", "ekg.pdf"):
        assert client.get(page + rest).status_code == 404


def test_what_is_blocked_cannot_be_asked_for(client: Client, base: str) -> None:
    block("all")
    assert client.post(f"{base}pdf/").status_code == 404
    assert not Export.objects.exists()


def test_asking_takes_a_token_and_a_post(base: str, client: Client) -> None:
    assert client.get(f"{base}pdf/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(f"{base}pdf/").status_code == 403
    assert not Export.objects.exists()


def test_nothing_is_asked_for_that_cannot_be_recorded(
    client: Client, base: str, rung: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **more: Any) -> None:
        from audit.record import NotRecorded

        raise NotRecorded

    monkeypatch.setattr("access.visit.record", broken)
    assert client.post(f"{base}pdf/").status_code == 503
    assert (Export.objects.count(), rung) == (0, [])


def test_a_file_that_is_gone_or_changed_is_not_given_out(client: Client, base: str) -> None:
    page = made(client, base)
    export = Export.objects.get()
    store = blobs.storage()
    assert isinstance(store, FileSystemStorage)
    with open(store.path(export.file), "ab") as file:
        file.write(b"x")
    assert client.get(f"{page}ekg.pdf").status_code == 404
    files.remove(export.file)
    assert client.get(f"{page}ekg.pdf").status_code == 404


def test_one_record_has_only_so_many_at_once(client: Client, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST", 1)
    asked(client, base)
    answer = client.post(f"{base}pdf/", {"cpr": "fuldt"})
    assert answer.status_code == 429
    assert "Der er bestilt for mange PDF'er." in said(answer)


# ── what goes wrong on the way ──────────────────────────────────────────────────────────────────────────────────────
class Killed(BaseException):
    """What stands in for kill -9: nothing after it runs."""


@pytest.mark.parametrize("step", ["exports.paper.made", "exports.files.put", "exports.making.record"])
def test_a_worker_that_dies_at_any_step_leaves_a_lease_that_runs_out(
    step: str, client: Client, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: object, **more: object) -> None:
        raise Killed

    page = asked(client, base)
    export = str(Export.objects.get().pk)
    with monkeypatch.context() as patched:
        patched.setattr(step, die)
        with pytest.raises(Killed):
            work.make(export)
    assert work.make(export) is False, "the lease still runs"
    assert "PDF'en laves …" in said(client.get(page))
    over()
    assert work.make(export) is True
    assert client.get(f"{page}ekg.pdf").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        work.sweep_once()
    assert kept() == [], "also what the first attempt left"


def test_a_full_disk_is_said_calmly_and_leaves_nothing(
    client: Client, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    page = asked(client, base)
    export = str(Export.objects.get().pk)
    monkeypatch.setattr(paper, "made", lambda *parts: b"%PDF-1.7 made")
    monkeypatch.setattr(FileSystemStorage, "_save", full)
    for _ in range(4):
        over()
        assert work.make(export) is False
    over()
    assert work.make(export) is False
    answer = client.get(page)
    assert answer.status_code == 200
    assert "Filen kan ikke laves lige nu." in said(answer)
    assert client.get(f"{page}klar/").status_code == 200
    assert client.get(f"{page}ekg.pdf").status_code == 404
    assert kept() == []
    assert Export.objects.get().html == ""


def test_what_takes_every_worker_down_is_given_up(client: Client, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*args: object) -> None:
        raise Killed

    asked(client, base)
    export = str(Export.objects.get().pk)
    monkeypatch.setattr(paper, "made", die)
    for _ in range(4):
        over()
        with pytest.raises(Killed):
            work.make(export)
    over()
    assert work.make(export) is False
    assert Export.objects.get().state == "dead"


def test_who_lost_the_lease_while_working_does_no_harm(
    client: Client, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = asked(client, base)
    export = str(Export.objects.get().pk)
    making_ = paper.made

    def slowly(*args: Any) -> bytes:
        monkeypatch.setattr(paper, "made", making_)
        over()
        assert work.make(export) is True  # another worker, meanwhile
        return making_(*args)

    monkeypatch.setattr(paper, "made", slowly)
    work.make(export)
    assert client.get(f"{page}ekg.pdf").status_code == 200
    assert len(kept()) == 1
    assert actions().count("ekg_pdf.made") == 1


def test_the_sweep_rings_again_and_works_itself_when_nobody_hears(
    client: Client, base: str, rung: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = asked(client, base)
    over()
    assert work.sweep_once() == 1
    assert len(rung) == 2
    monkeypatch.setattr(work, "ring", lambda *said: False)
    over()
    work.sweep_once()
    assert client.get(f"{page}ekg.pdf").status_code == 200


def test_an_original_that_is_broken_leaves_the_front_page_which_says_so(client: Client, rung: list[Any]) -> None:
    broken = b"%PDF-1.7\nnothing that a reader could make sense of\n%%EOF"
    one = making.one(making.document("one", making.recording(note=NOTE, pdf=broken, pdf_sha256=making.sha256(broken))))
    base = f"/k/{launched(client, 'holm', NANCY)}/ekg/{one.pk}/"
    (front,) = text(client.get(f"{made(client, base)}ekg.pdf"))
    assert NOTE in front
    assert "Den originale PDF kan ikke sættes ind her." in front
    assert "De næste sider" not in front


def test_a_document_without_a_pdf_is_a_front_page(client: Client, rung: list[Any]) -> None:
    said_ = making.recording(pdf=None, pdf_sha256="", pages=0, narrative="Sinusrytme.")
    one = making.one(making.document("one", said_))
    base = f"/k/{launched(client, 'holm', NANCY)}/ekg/{one.pk}/"
    (front,) = text(client.get(f"{made(client, base)}ekg.pdf"))
    assert "Sinusrytme." in front
    assert "Dokumentet indeholder ingen PDF." in front


def test_a_citizen_gets_it_too_in_words_for_citizens(client: Client, one: Recording) -> None:
    base = f"/borger/{own(client, 'nancy')}/ekg/{one.pk}/"
    front = text(client.get(f"{made(client, base)}ekg.pdf"))[0]
    assert f"Kommentar fra personalet: {NOTE}" in front
    assert "Formål" not in front
