"""What fails around the door: nothing is acknowledged that is not on disk and in the audit."""

import errno
import os
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from uuid_utils.compat import uuid7

from fhir import blobs
from fhir.models import Delivery
from fhir.tests.letters import letter


@pytest.fixture
def stored_files(settings):
    def files():
        root = settings.STORAGES["private"]["OPTIONS"]["location"]
        return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []

    return files


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 503)])
def test_a_full_or_failing_disk_is_told_before_anything_is_acknowledged(
    post, monkeypatch, events, stored_files, number, status
):
    def fail(handle):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr("fhir.blobs.os.fsync", fail)
        answer = post(letter())
    assert answer.status == status
    assert stored_files() == [], "no half file, under any name"
    assert Delivery.objects.count() == 0
    assert ("document.received", "show", 0) not in events()
    assert post(letter()).status == 201, "and the door recovers when space returns"


def test_no_audit_no_answer(post, monkeypatch, letters):
    def refuse(*_):
        raise OperationalError("audit is gone")

    monkeypatch.setattr("audit.record._insert", refuse)
    answer = post(letter())
    assert (answer.status, answer.tree["issue"][0]["code"]) == (503, "transient")
    assert answer.headers["Retry-After"]
    assert Delivery.objects.count() == 0


def test_no_audit_no_401_either(post, monkeypatch):
    def refuse(*_):
        raise OperationalError("audit is gone")

    monkeypatch.setattr("audit.record._insert", refuse)
    assert post(letter(), bearer="a.b.c").status == 503


def test_a_database_that_is_gone_is_503(post, monkeypatch, letters):
    def fail():
        raise OperationalError("server closed the connection")

    letters.on_store = fail
    answer = post(letter())
    assert answer.status == 503
    assert Delivery.objects.count() == 0


def test_a_fault_in_storing_keeps_the_document_for_the_worker(post, letters, caplog):
    def fail():
        letters.on_store = None
        raise ValueError("the note says 2512489996")

    letters.on_store = fail
    assert post(letter()).status == 201
    assert Delivery.objects.get().state == "received"
    assert "2512489996" not in caplog.text, "what an error says may be what a document says"
    assert "ValueError" in caplog.text


def test_a_fault_in_judging_is_ours_and_stores_nothing(post, letters, events):
    def fail():
        raise KeyError("x")

    letters.on_read = fail
    assert post(letter()).status == 500
    assert Delivery.objects.count() == 0
    assert events() == [("document.rejected", "keyerror", 8)]


def test_a_silent_doorbell_is_not_noticed(post, letters, monkeypatch, django_capture_on_commit_callbacks):
    def fail(delivery):
        raise ConnectionError("no broker")

    monkeypatch.setattr(letters, "stored", fail)
    with django_capture_on_commit_callbacks(execute=True):
        assert post(letter()).status == 201


def test_bytes_that_changed_on_disk_are_never_served(settings):
    name = blobs.put(b"curve")
    path = settings.STORAGES["private"]["OPTIONS"]["location"] / name[:2] / name[2:4] / name
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.write_bytes(b"cUrve")
    with pytest.raises(blobs.Damaged):
        blobs.read(name)
    path.unlink()
    with pytest.raises(blobs.Damaged):
        blobs.read(name)


def test_bytes_are_written_once(monkeypatch):
    name = blobs.put(b"curve")
    monkeypatch.setattr("fhir.blobs.os.write", lambda *_: pytest.fail("written twice"))
    assert blobs.put(b"curve") == name
    assert blobs.read(name) == b"curve"


def test_storage_without_files_works_too(settings):
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = settings.STORAGES | {"private": memory}
    name = blobs.put(b"curve")
    assert blobs.put(b"curve") == name
    assert blobs.read(name) == b"curve"


def test_the_database_itself_refuses_half_a_delivery(post):
    post(letter())
    wrong: list[dict[str, Any]] = [
        {"state": "received"}, {"state": "quarantined"}, {"stored_at": None}, {"handling": "perhaps"}, {"sha256": "x"},
        {"content_type": "text/html"}, {"door": "window"}, {"status": 422},
    ]  # fmt: skip
    for change in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.update(**change)
    first = Delivery.objects.get()
    first.pk, first._state.adding = uuid7(), True
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)
