"""How many statements a page costs: all that go to the database, those below Django's own counter too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client

from access.tests.cast import NANCY, launched
from ekg.tests.making import STARTED, deliver, document, recording

pytestmark = pytest.mark.django_db

MOST = 12
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Every statement of a block, as psycopg is asked to run it."""
    said: list[str] = []
    run = psycopg.Cursor.execute

    def noting(cursor: Any, query: Any, *args: Any, **named: Any) -> Any:
        said.append(str(query))
        return run(cursor, query, *args, **named)

    @contextmanager
    def counting() -> Iterator[list[str]]:
        said.clear()
        yield said

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    return counting


def test_a_record_of_five_hundred_recordings_costs_as_many_statements_as_one_of_one(
    client: Client, counted: Any
) -> None:
    cost: dict[str, dict[int, int]] = {}
    made = 0
    for size in (1, 2, 50, 500):
        for number in range(made, size):
            deliver(document(f"r{number}", replace(recording(), started=STARTED + timedelta(days=number), note="Ja.")))
        made = size
        here = f"/k/{launched(client, 'holm', NANCY)}/"
        folder = client.get(f"{here}ekg/").context
        newest, *older = [row.id for row in folder["view"].rows]
        pages = {"overview": here, "folder": f"{here}ekg/", "recording": f"{here}ekg/{newest}/"}
        pages |= {"fragment": pages["recording"]}
        if older:
            pages |= {"compare": f"{here}ekg/{newest}/?med={older[0]}"}
            pages |= {"compare fragment": pages["compare"]}
        for name, path in pages.items():
            headers = FRAGMENT if "fragment" in name else {}
            client.get(path, headers=headers)  # what is kept between requests is there from now on
            with counted() as said:
                assert client.get(path, headers=headers).status_code == 200
            assert len(said) <= MOST, (name, said)
            cost.setdefault(name, {})[size] = len(said)
    assert all(len(set(each.values())) == 1 for each in cost.values()), cost
    assert cost["fragment"][500] <= cost["folder"][500]
