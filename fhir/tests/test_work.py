"""What the worker and the sweep do with deliveries that wait."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from fhir import blobs, work
from fhir.bundle import Rejected
from fhir.models import Delivery
from fhir.sweep import sweep_once
from fhir.tests.letters import letter
from fhir.tests.packages import package
from fhir.work import again, process


@pytest.fixture
def waiting(post, letters, settings):
    """A large delivery, accepted and left to the worker."""
    settings.FHIR_INLINE_BELOW = 10
    assert post(letter()).status == 201
    return Delivery.objects.get()


def due(**changes: Any) -> None:
    Delivery.objects.update(next_try=timezone.now() - timedelta(seconds=1), **changes)


def test_a_large_document_is_acknowledged_and_waits(waiting, letters):
    assert (waiting.state, waiting.attempts, letters.kept) == ("received", 0, [])
    assert waiting.next_try - waiting.received_at == timedelta(seconds=1)


def test_the_doorbell_rings_after_the_commit(post, letters, settings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post(letter("small"))
        settings.FHIR_INLINE_BELOW = 10
        post(letter("large"))
        assert letters.rung == letters.followed == []
    small, large = Delivery.objects.order_by("received_at")
    assert (letters.followed, letters.rung) == ([str(small.pk)], [str(large.pk)])


def test_the_worker_stores_it_once(waiting, letters, events, post):
    assert process(waiting.pk, [letters])
    assert not process(waiting.pk, [letters]), "a message that comes twice finds nothing to do"
    assert len(letters.kept) == 1
    stored = Delivery.objects.get()
    assert (stored.state, stored.stored_at is not None, stored.next_try) == ("stored", True, None)
    assert [action for action, _, _ in events()] == ["document.received", "document.stored"]
    assert post(letter()).content.decode() == waiting.answer


def test_two_workers_on_one_delivery_store_it_once(waiting, letters):
    second = []

    def other_worker():
        second.append(process(waiting.pk, [letters]))

    letters.on_store = other_worker
    assert process(str(waiting.pk), [letters])
    assert (second, len(letters.kept)) == ([False], 1)


def test_a_transaction_waits_whole(post, letters, settings):
    settings.FHIR_INLINE_BELOW = 10
    first = post(package(identifier=None), to="/fhir")
    assert (first.status, letters.kept) == (200, [])
    assert process(Delivery.objects.get().pk, [letters])
    given = letters.kept[0][1].entry_uuid
    assert first.tree["entry"][1]["response"]["location"] == f"DocumentReference/{given.removeprefix('urn:uuid:')}"


def test_a_poisonous_delivery_is_tried_five_times_and_then_given_up(waiting, letters, events, post):
    def fail():
        raise ZeroDivisionError("2512489996")

    letters.on_store = fail
    assert process(waiting.pk, [letters])
    assert not process(waiting.pk, [letters]), "the next try waits"
    tries = 1
    while Delivery.objects.filter(state="received").exists():
        due()
        assert process(waiting.pk, [letters])
        tries += 1
    dead = Delivery.objects.get()
    assert (tries, dead.state, dead.reason) == (5, "dead", "ZeroDivisionError")
    assert events()[-1] == ("document.given_up", "zerodivisionerror", 8)
    letters.on_store = None
    Delivery.objects.update(sha256="0" * 64)
    assert post(letter("other")).status == 201, "and others go on"


def test_a_try_that_kills_its_worker_counts_too(waiting, letters):
    class Killed(BaseException):
        pass

    def die():
        raise Killed

    letters.on_store = die
    for _ in range(5):
        with pytest.raises(Killed):
            process(waiting.pk, [letters])
        due()
    assert process(waiting.pk, [letters])
    assert Delivery.objects.values_list("state", "reason").get() == ("dead", "killed")


def test_a_house_that_is_down_gives_up_nothing(waiting, letters):
    def fail():
        raise OperationalError("database is gone")

    letters.on_store = fail
    for _ in range(8):
        due()
        process(waiting.pk, [letters])
    assert Delivery.objects.values_list("state", "attempts").get() == ("received", 0)


def test_a_second_try_comes_within_half_a_minute(waiting, letters):
    letters.on_store = lambda: 1 / 0
    process(waiting.pk, [letters])
    now = timezone.now()
    assert Delivery.objects.filter(next_try__gt=now, next_try__lt=now + timedelta(seconds=30)).exists()
    assert work.PAUSES[0] < 30


def test_bytes_that_are_gone_end_as_damaged(waiting, letters, events, monkeypatch):
    def gone(name):
        raise blobs.Damaged(name)

    monkeypatch.setattr(blobs, "read", gone)
    due(attempts=4)
    process(waiting.pk, [letters])
    assert events()[-1] == ("document.damaged", "damaged", 8)


def test_the_sweep_works_when_no_bell_was_heard(waiting, letters):
    assert sweep_once([letters]) == 0, "the worker has a moment first"
    due()
    assert sweep_once([letters]) == 1
    assert (len(letters.kept), sweep_once([letters])) == (1, 0)


def test_the_sweep_rings_again_for_what_it_has_no_time_for(waiting, letters, monkeypatch):
    for number in range(6):
        copy = Delivery.objects.get(pk=waiting.pk)
        copy.pk, copy.sha256, copy._state.adding = uuid.uuid4(), f"{number}" * 64, True
        copy.save()
    due()
    monkeypatch.setattr("fhir.sweep.BUDGET", -1)
    assert (sweep_once([letters]), len(letters.rung), letters.kept) == (7, 7, [])
    assert sweep_once([letters]) == 0, "those that were rung for have a moment"


def test_what_the_tables_refuse_goes_to_quarantine(waiting, letters, post):
    def refuse():
        raise Rejected("Metadata gælder en anden borger.", "DocumentReference.subject", "patient-identity")

    letters.on_store = refuse
    process(waiting.pk, [letters])
    held = Delivery.objects.get()
    assert (held.state, held.status, held.reason) == ("quarantined", 422, "patient-identity")
    assert post(letter()).rules == ["patient-identity"]


def test_quarantine_can_be_judged_again_by_newer_rules(post, letters, monkeypatch, events):
    assert post(letter("refused")).status == 422
    held = Delivery.objects.get()
    assert again(held)
    assert not again(held), "once is enough"
    process(held.pk, [letters])
    assert Delivery.objects.get().state == "quarantined", "the rules are the same"
    monkeypatch.setattr("fhir.tests.letters.WORDS", {})
    again(held)
    process(held.pk, [letters])
    assert (Delivery.objects.get().state, len(letters.kept)) == ("stored", 1)
    assert post(letter("refused")).status == 201, "and a repeat hears of it"


def test_what_was_given_up_can_be_tried_again(waiting, letters):
    Delivery.objects.update(state="dead", next_try=None, reason="ZeroDivisionError", attempts=5)
    assert again(waiting)
    assert process(waiting.pk, [letters])
    assert Delivery.objects.values_list("state", "reason").get() == ("stored", "")
