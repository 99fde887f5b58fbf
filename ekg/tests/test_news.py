"""What a reader has not seen before is marked, counted and said since when: by the trail, per reader and citizen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.tests.blocks import block, override
from access.tests.cast import NANCY, launched, own
from ekg.tests import making
from ekg.tests.making import STARTED, deliver, document, held, metadata
from ekg.tests.test_blocked import SECRET, gone, without
from fhir.models import Delivery
from organisations.models import Organisation
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)
SINCE = "Ny siden dit seneste opslag 12.10.2026"
Open = Callable[..., str]


@contextmanager
def days_ago(days: float) -> Iterator[None]:
    with time_machine.travel(NOW - timedelta(days=days), tick=False):
        yield


@pytest.fixture
def look(client: Client) -> Open:
    """A fresh launch of Nancy by somebody (or the same record again), each at a browser of her own; the page."""

    def ask(who: str = "holm", context: str = "", path: str = "", **headers: str) -> Any:
        browser = client if who == "holm" else CheckingClient()
        context = context or launched(browser, who, NANCY)
        return browser.get(f"/k/{context}/ekg/{path}", headers=headers)

    return ask


def sent(name: str, days: float, **said: Any) -> None:
    """A document that came so many days ago; what it shows was recorded on one day."""
    with days_ago(days):
        told = metadata(f"urn:uuid:{name}", **said.pop("told", {}))
        deliver(document(name, replace(making.recording(), **said)), told)


def marked(response: Any) -> list[str]:
    """The rows that are marked, as a person hears them."""
    root = check_page(response)
    rows = [words(a) for div in root.iterfind(".//div[@class='rows']") for a in div.iter("a")]
    return [row for row in rows if "siden dit seneste opslag" in row]


def badge(response: Any) -> str:
    """What the tab of EKGs says of news; "" for nothing."""
    (tab,) = [a for a in check_page(response).iter("a") if words(a).startswith("EKG ") or words(a) == "EKG"]
    return next((words(span) for span in tab.iter("span") if span.get("class") == "new"), "")


def pane(response: Any) -> str:
    return words(next(check_page(response).iter("article")))


def test_what_came_since_the_last_look_is_new_in_list_tab_and_pane(look: Any) -> None:
    sent("old", 30, started=STARTED - timedelta(days=9))
    with days_ago(2):
        assert marked(look()) == []
    sent("first", 1, started=STARTED)
    with days_ago(0.9):
        page = look()
        assert badge(page) == "1 ny"
    sent("second", 0.5, started=STARTED - timedelta(days=1))
    with days_ago(2):
        sent("third", 0.4, started=STARTED - timedelta(days=2))
    with days_ago(0):
        page = look("kvist")
        assert marked(page) == [], "nothing is new to somebody who has never looked"
        page = look()
        assert len(marked(page)) == 2
        assert badge(page) == "2 nye"
        assert all("Ny siden dit seneste opslag 13.10.2026" in row for row in marked(page))
        assert "siden dit" not in pane(page), "the newest recording was seen yesterday"


def test_the_mark_says_since_when_and_the_opened_recording_says_it_too(look: Any) -> None:
    sent("old", 30, started=STARTED - timedelta(days=9))
    with days_ago(2):
        look()
    sent("new", 1, started=STARTED)
    with days_ago(0):
        page = look()
    assert [SINCE in row for row in marked(page)] == [True]
    assert pane(page).startswith(f"12.03.2026 kl. 09.10 {SINCE} ")


def test_paging_in_the_same_record_leaves_the_marks_and_the_next_launch_takes_them(look: Any, client: Client) -> None:
    sent("old", 30, started=STARTED - timedelta(days=9))
    with days_ago(2):
        look()
    sent("new", 1, started=STARTED)
    with days_ago(0):
        context = launched(client, "holm", NANCY)
        for _ in range(2):
            assert len(marked(look(context=context))) == 1
        part = look(context=context, path=f"{held('new').pk}/", **{"HX-Request": "true"})
        assert SINCE in pane(part)
        assert len(marked(look(context=context, path=f"{held('old').pk}/"))) == 1
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert marked(look()) == []
        assert badge(look()) == ""


def test_a_version_with_another_comment_is_news_and_the_same_document_again_is_not(look: Any) -> None:
    sent("one", 30, note="Normalt.")
    with days_ago(2):
        look()
    sent("one", 1.5, note="Normalt.")
    with days_ago(1.4):
        assert marked(look()) == []
    sent("two", 1, note="V1 og V2 er byttet om.", told={"replaces": ("urn:uuid:one",)})
    with days_ago(0):
        page = look()
    assert ["V1 og V2 er byttet om." in row for row in marked(page)] == [True]
    assert badge(page) == "1 ny", "the version that was replaced is not counted"


def test_what_is_withdrawn_is_no_news(look: Any) -> None:
    sent("old", 30)
    with days_ago(2):
        look()
    sent("new", 1, started=STARTED - timedelta(days=1))
    with days_ago(0.5):
        making.update(metadata("urn:uuid:new", status="entered-in-error"))
    with days_ago(0):
        assert badge(look()) == ""


def test_a_document_that_waited_is_new_to_who_looked_while_it_waited(look: Any) -> None:
    sent("old", 30)
    sent("large", 3, started=STARTED - timedelta(days=1))
    Delivery.objects.filter(pk=held("large").delivery_id).update(
        state="stored", next_try=None, stored_at=NOW - timedelta(days=1)
    )
    with days_ago(2):
        look()
    with days_ago(0):
        assert badge(look()) == "1 ny"


def test_what_was_put_in_place_while_the_page_was_made_is_new(look: Any) -> None:
    sent("old", 30)
    sent("beside", 2, started=STARTED - timedelta(days=1))
    with time_machine.travel(NOW - timedelta(days=2) + timedelta(seconds=3), tick=False):
        look()
    with days_ago(0):
        assert badge(look()) == "1 ny"


def test_somebody_elses_look_and_a_look_at_something_else_count_for_nothing(look: Any, client: Client) -> None:
    sent("old", 30)
    with days_ago(3):
        look()
    sent("new", 2, started=STARTED - timedelta(days=1))
    with days_ago(1):
        look("kvist")
        context = launched(client, "holm", NANCY)
        client.get(f"/k/{context}/kommune/")
        client.get(f"/k/{context}/ekg/{held('new').pk}/original.pdf")
    with days_ago(0):
        assert badge(look()) == "1 ny"


def test_a_citizen_is_told_what_is_new_to_her(client: Client) -> None:
    sent("old", 30)
    with days_ago(2):
        client.get(f"/borger/{own(client, 'nancy')}/ekg/")
    sent("new", 1, started=STARTED - timedelta(days=1))
    with days_ago(0):
        browser = CheckingClient()
        page = browser.get(f"/borger/{own(browser, 'nancy')}/ekg/")
    assert badge(page) == "1 ny"
    assert [SINCE in row for row in marked(page)] == [True]


def test_a_page_with_blocked_news_is_the_page_without_them_also_after_a_look_on_a_ground(
    look: Any, client: Client
) -> None:
    Organisation.objects.create(sor=SECRET, name="Hemmelig Klinik")
    sent("old", 30)
    with days_ago(2):
        look()
    sent("secret", 1, started=STARTED - timedelta(days=1), organisation_sor=SECRET)
    sent("open", 1, started=STARTED - timedelta(days=2))
    with days_ago(0.5):
        block("organisation", sor=SECRET)
        context = launched(client, "holm", NANCY)
        assert override(client, context).status_code == 303
        assert badge(look(context=context)) == "2 nye"
    sent("last", 0.4, started=STARTED - timedelta(days=3))
    with days_ago(0):
        context = launched(client, "holm", NANCY)
        with_them = without(look(context=context))
        gone(held("secret"))
        assert with_them == without(look(context=context))
    assert with_them.count('<span class="new">') == 2, "the tab, and the row that came after the last look"


@pytest.mark.parametrize("fragment", [False, True])
def test_news_costs_one_query_however_many_there_are(look: Any, client: Client, fragment: bool) -> None:
    sent("old", 30)
    with days_ago(2):
        look()
    headers = {"HX-Request": "true"} if fragment else {}

    def cost(context: str) -> int:
        look(context=context, path=f"{held('old').pk}/", **headers)
        with CaptureQueriesContext(connection) as asked:
            look(context=context, path=f"{held('old').pk}/", **headers)
        return len(asked)

    with days_ago(0):
        context = launched(client, "holm", NANCY)
        none = cost(context)
    for number in range(50):
        sent(f"new-{number}", 1, started=STARTED - timedelta(days=number))
    with days_ago(0):
        assert cost(context) == none
