"""Many clients and workers at the same time, in a database of the test's own: here commits are real."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from django.core.management import call_command

from audit.tests.conftest import Scratch, empty_database
from fhir.models import Delivery
from fhir.registering import register_sender
from fhir.sweep import sweep_once
from fhir.tests.conftest import ISSUER, call
from fhir.tests.letters import Letters, letter
from fhir.work import process

__all__ = ["empty_database"]


@pytest.fixture
def alone(empty_database: Scratch, key: Any) -> Scratch:
    with empty_database.entered():
        call_command("migrate", database="owner", verbosity=0)
        register_sender(ISSUER, "lab-1", "Laboratoriet", ["letter"], key.as_dict(private=False), rate="1000000/min")
    return empty_database


@pytest.fixture
def sender(alone: Scratch) -> None:
    """The one in the test's own database; `token` asks for it."""


def at_once(scratch: Scratch, number: int, do: Callable[[int], Any]) -> list[Any]:
    def inside(which: int) -> Any:
        with scratch.entered():
            return do(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(inside, range(number)))


def test_eight_clients_with_the_same_documents_store_each_once_and_hear_the_same(alone, token, letters: Letters):
    bearer, raws = token(), [orjson.dumps(letter(f"letter {number}")) for number in range(10)]

    def client(which: int) -> list[tuple[int, bytes]]:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {bearer}", "CONTENT_TYPE": "application/fhir+json"}
        order = raws[which:] + raws[:which]
        answers = {raw: call("POST", "/fhir/Bundle", raw, **headers) for raw in order}
        return [(answers[raw].status_code, answers[raw].content) for raw in raws]

    heard = at_once(alone, 8, client)
    assert [status for status, _ in heard[0]] == [201] * 10
    assert all(each == heard[0] for each in heard)
    with alone.entered():
        assert Delivery.objects.filter(state="stored").count() == Delivery.objects.count() == 10


def test_many_workers_and_sweeps_on_the_same_deliveries_store_each_once(alone, token, letters: Letters, settings):
    settings.FHIR_INLINE_BELOW = 10
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token()}", "CONTENT_TYPE": "application/fhir+json"}
    with alone.entered():
        for number in range(6):
            raw = orjson.dumps(letter(f"letter {number}"))
            assert call("POST", "/fhir/Bundle", raw, **headers).status_code == 201
        waiting = list(Delivery.objects.values_list("pk", flat=True))

    def worker(which: int) -> int:
        if which % 2:
            return sum(process(pk, [letters]) for pk in waiting)
        return sweep_once([letters])

    at_once(alone, 8, worker)
    assert sorted(kept.title for kept, _ in letters.kept) == [f"letter {number}" for number in range(6)]
    with alone.entered():
        assert Delivery.objects.filter(state="stored", attempts=1).count() == 6
