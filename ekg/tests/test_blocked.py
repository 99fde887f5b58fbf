"""Blocked recordings: a page with them is the page without them, byte for byte, whatever is asked for."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Block
from access.tests import blocks
from access.tests.blocks import block
from access.tests.cast import NANCY, launched
from audit.models import AuditEvent
from ekg.models import PageImage, Recording
from ekg.tests import making
from ekg.tests.making import HOSPITAL, PRACTICE, STARTED, deliver, document, held, metadata
from fhir import blobs
from organisations.models import Organisation
from sundhedsjournal.tests.pages import check_page, words

pytestmark = pytest.mark.django_db
OPEN, SECRET, UNKNOWN = "999000000000016", "999000000000110", "999000000000990"
DAY = STARTED.date()
NOTICE = "Borgeren har spærret nogle oplysninger."
EMPTY = "Ingen EKG-optagelser"
Get = Callable[..., Any]


@pytest.fixture(autouse=True)
def _registered() -> None:
    Organisation.objects.create(sor=OPEN, name="Lægehuset Nord")
    Organisation.objects.create(sor=SECRET, name="Hemmelig Klinik")


@pytest.fixture
def context(client: Client) -> str:
    return launched(client, "holm", NANCY)


@pytest.fixture
def get(client: Client, context: str) -> Get:
    def ask(path: str = "", *, fragment: bool = False) -> Any:
        return client.get(f"/k/{context}/ekg/{path}", headers={"HX-Request": "true"} if fragment else {})

    return ask


def stored(name: str, days: int = 0, sor: str = OPEN, **said: Any) -> Recording:
    """A recording made so many days before the newest, with a picture."""
    told: dict[str, Any] = {"started": STARTED - timedelta(days=days), "organisation_sor": sor}
    told["organisation_name"] = f"Sted {sor}"
    deliver(document(name, replace(making.recording(), **(told | said))), metadata(f"urn:uuid:{name}"))
    found = held(name)
    image = blobs.put(b"\x89PNG " + name.encode())
    PageImage.objects.create(
        recording=found, number=1, sha256=image, size=12, width=1754, height=1240, width_mm=297, height_mm=210
    )
    Recording.objects.filter(pk=found.pk).update(preview="ready", preview_next_try=None)
    return held(name)


def without(response: Any) -> str:
    """What was answered, but for what is new in every answer."""
    body: str = response.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", body)


def gone(*secret: Recording) -> None:
    """As if these had never come: neither they nor the numbers that they took."""
    for each in secret:
        PageImage.objects.filter(recording=each).delete()
    Recording.objects.filter(pk__in=[each.pk for each in secret]).update(replaced_by=None)
    Recording.objects.filter(pk__in=[each.pk for each in secret]).delete()
    for number, each in enumerate(Recording.objects.order_by("change"), start=1):
        Recording.objects.filter(pk=each.pk).update(change=number)


def by_place() -> Block:
    return block("organisation", sor=SECRET)


def by_period() -> Block:
    return block("period", data_from=DAY - timedelta(days=12), data_to=DAY - timedelta(days=8))


def part(get: Get, shown: Recording) -> str:
    return without(get(f"{shown.pk}/", fragment=True))


@pytest.mark.parametrize("path", ["", "klar/", "side/1/150", "original.pdf"])
def test_a_hidden_recording_takes_the_queries_of_one_that_never_was(get: Get, path: str) -> None:
    hidden, _shown = stored("secret", 10, SECRET), stored("open", 1)
    by_place()
    asked = []
    for recording in (hidden.pk, uuid4()):
        with CaptureQueriesContext(connection) as queries:
            assert get(f"{recording}/{path}").status_code == 404
        asked.append(len(queries))
    assert asked[0] == asked[1]


PATHS = ("", "?kilde=hospital", "?kilde=praksis", "?kilde=andre", "?alle=1")


@pytest.mark.parametrize("blocked", [by_place, by_period])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_with_hidden_recordings_is_the_page_without_them(
    get: Get, blocked: Callable[[], Block], path: str
) -> None:
    secret = [
        stored("secret-first", 10, SECRET, note="Hemmelig bemærkning"),
        stored("secret-second", 9, SECRET),
    ]
    shown = stored("open", 1)
    stored("older", 30)
    secret += [stored("secret-last", 11, SECRET)]
    blocked()
    with time_machine.travel(timezone.now(), tick=False):
        with_them = [without(get(path)), without(get(f"{shown.pk}/{path}")), part(get, shown)]
        gone(*secret)
        assert with_them == [without(get(path)), without(get(f"{shown.pk}/{path}")), part(get, shown)]
    page = with_them[0]
    assert NOTICE in page
    assert "Hemmelig" not in page
    assert SECRET not in page
    assert "2 EKG-optagelser" in page


def test_a_folder_of_hidden_recordings_alone_is_the_empty_folder_and_never_says_that_there_is_none(get: Get) -> None:
    secret = stored("secret", 10, SECRET)
    made = by_place()
    with time_machine.travel(timezone.now(), tick=False):
        hidden = without(get())
        gone(secret)
        assert hidden == without(get())
    assert EMPTY not in hidden
    assert hidden.count(NOTICE) == 2
    assert 'class="count"' not in hidden
    Block.objects.filter(pk=made.pk).update(ended=timezone.now())
    assert EMPTY in get().content.decode()


def test_partial_and_deny_say_the_same_of_a_folder_of_which_nothing_is_seen(get: Get) -> None:
    stored("secret", 10, SECRET)
    with time_machine.travel(timezone.now(), tick=False):
        made = by_place()
        partial = without(get())
        Block.objects.filter(pk=made.pk).update(ended=timezone.now())
        blocks.person("holm")
        assert without(get()) == partial


EVERY_WAY = ("{id}/", "{id}/klar/", "{id}/side/1/150", "{id}/side/2/150", "{id}/original.pdf")


@pytest.mark.parametrize("how", [by_place, by_period, lambda: block("all"), lambda: blocks.person("holm")])
@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("fragment", [False, True])
def test_every_way_to_a_hidden_recording_is_the_way_to_one_that_never_was(
    get: Get, way: str, how: Callable[[], Block], fragment: bool
) -> None:
    secret = stored("secret", 10, SECRET)
    assert get(way.format(id=secret.pk), fragment=fragment).status_code in {200, 204, 404}
    how()
    answers = [get(way.format(id=each), fragment=fragment) for each in (secret.pk, uuid4())]
    assert [each.status_code for each in answers] == [404, 404]
    assert without(answers[0]) == without(answers[1])
    told = [AuditEvent.objects.get(pk=each["X-Audit-Id"]) for each in answers]
    assert [(each.action, each.outcome, each.reason) for each in told] == [("access.refused", 4, "not-found")] * 2


def test_what_is_not_blocked_is_shown_whole_while_something_is(get: Get) -> None:
    stored("secret", 10, SECRET)
    shown = stored("open", 1)
    by_place()
    assert get(f"{shown.pk}/").status_code == 200
    assert get(f"{shown.pk}/side/1/150").content == b"\x89PNG open"
    assert get(f"{shown.pk}/original.pdf").status_code == 200


@pytest.mark.parametrize(
    ("said", "how"),
    [
        ({"organisation_sor": ""}, by_place),
        ({"organisation_sor": "", "organisation_name": "Hemmelig Klinik"}, by_place),
        ({"started": None}, by_period),
        ({"organisation_sor": UNKNOWN}, lambda: block("organisation", sor=SECRET, include_sub_units=True)),
        ({"started": STARTED - timedelta(days=13), "ended": STARTED - timedelta(days=11)}, by_period),
    ],
)
def test_what_does_not_say_where_or_when_is_hidden_by_what_turns_on_it(
    get: Get, said: dict[str, Any], how: Callable[[], Block]
) -> None:
    unplaced = stored("unplaced", 40, **said)
    assert get(f"{unplaced.pk}/").status_code == 200
    how()
    assert get(f"{unplaced.pk}/").status_code == 404
    assert words(check_page(get())).count("EKG-optagelse") == 0


@pytest.mark.parametrize("started", ["2025-07-01T22:30:00+00:00", "2025-07-02T21:59:59+00:00"])
def test_days_are_danish_days(get: Get, started: str) -> None:
    found = stored("night", started=datetime.fromisoformat(started))
    block("period", data_from=date(2025, 7, 2), data_to=date(2025, 7, 2))
    assert get(f"{found.pk}/").status_code == 404


# ── versions ────────────────────────────────────────────────────────────────────────────────────────────────────────
def replaced(old_days: int, new_days: int) -> tuple[Recording, Recording]:
    stored("old", old_days)
    told = replace(making.recording(), started=STARTED - timedelta(days=new_days), organisation_sor=OPEN)
    deliver(document("new", told), metadata("urn:uuid:new", replaces=("urn:uuid:old",)))
    assert held("old").status == "replaced"
    return held("old"), held("new")


def test_an_earlier_version_that_is_hidden_leaves_no_trace_at_the_later_one(get: Get) -> None:
    old, new = replaced(10, 1)
    assert "Vis tidligere version" in get(f"{new.pk}/").content.decode()
    by_period()
    with time_machine.travel(timezone.now(), tick=False):
        hidden = without(get(f"{new.pk}/"))
        gone(old)
        assert hidden == without(get(f"{new.pk}/"))
    assert "Vis tidligere version" not in hidden
    assert "1 – gældende" in hidden


def test_what_a_hidden_version_has_replaced_is_hidden_with_it(get: Get) -> None:
    old, new = replaced(1, 10)
    stored("open", 2)
    by_period()
    assert get(f"{old.pk}/").status_code == get(f"{new.pk}/").status_code == 404
    with time_machine.travel(timezone.now(), tick=False):
        hidden = without(get())
        gone(old, new)
        assert hidden == without(get())
    assert "Erstattet" not in hidden


# ── news ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def version(get: Get) -> str:
    found = re.search(r"ekg/(nyt/\d+/)", get().content.decode())
    assert found
    return found[1]


def test_a_hidden_recording_that_comes_is_no_news_and_one_that_is_seen_is(get: Get) -> None:
    stored("open", 1)
    by_place()
    page = version(get)
    assert get(page).status_code == 204
    stored("secret", 10, SECRET)
    assert version(get) == page
    assert get(page).status_code == 204
    stored("seen", 2)
    assert get(page).status_code == 200
    assert version(get) != page


def test_a_hidden_recording_that_is_replaced_or_withdrawn_is_no_news(get: Get) -> None:
    stored("open", 1)
    secret = stored("secret", 10, SECRET)
    by_place()
    page = version(get)
    Recording.objects.filter(pk=secret.pk).update(status="withdrawn", withdrawn_at=timezone.now(), change=99)
    assert get(page).status_code == 204


def test_the_folder_asks_about_news_during_an_override_in_a_way_that_ends_with_it(
    client: Client, get: Get, context: str
) -> None:
    stored("secret", 10, SECRET)
    by_place()
    assert blocks.override(client, context).status_code == 303
    page = get().content.decode()
    assert "Hemmelig" in page or SECRET in page
    assert "1 EKG-optagelse" in page
    assert re.search(r'hx-get="[^"]+/nyt/\d+/\?vaerdispring"', page)
    secret = held("secret")
    assert get(f"{secret.pk}/side/1/150").status_code == 200
    assert get(f"{secret.pk}/original.pdf").status_code == 200
    client.post(f"/k/{context}/vaerdispring/slut")
    assert get(f"{secret.pk}/side/1/150").status_code == 404


# ── what it costs ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", ["", "{id}/", "{id}/side/1/150", "{id}/original.pdf"])
def test_hidden_recordings_cost_as_many_queries_however_many_there_are(get: Get, path: str) -> None:
    shown = stored("open", 1)
    by_place()
    get(path.format(id=shown.pk))
    with CaptureQueriesContext(connection) as none:
        get(path.format(id=shown.pk))
    for number in range(10):
        stored(f"secret-{number}", 10 + number, SECRET)
    with CaptureQueriesContext(connection) as many:
        get(path.format(id=shown.pk))
    assert len(many) == len(none)


def test_what_is_recorded_at_hospitals_and_practices_is_counted_after_the_filter(get: Get) -> None:
    deliver(
        document("h", replace(making.recording(), organisation_sor=SECRET)),
        metadata("urn:uuid:h", facility_type=HOSPITAL),
    )
    deliver(
        document("p", replace(making.recording(), organisation_sor=OPEN)),
        metadata("urn:uuid:p", facility_type=PRACTICE),
    )
    by_place()
    assert "1 EKG-optagelse" in get().content.decode()
    assert "0 af 1 EKG-optagelse" in get("?kilde=hospital").content.decode()
