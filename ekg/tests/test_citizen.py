"""The folder behind the citizens' door: their words, their addresses, and what is hidden from holders of custody."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from access.models import User
from access.tests.cast import (
    EMIL,
    JENS,
    KAREN,
    NANCY,
    chosen,
    citizen_signs_in,
    custody,
    guardianship,
    launched,
    own,
    power,
)
from audit.models import AuditEvent
from ekg import hiding, queries
from ekg.models import PageImage, Recording
from ekg.tests import making
from ekg.tests.making import STARTED, deliver, document, held, metadata
from fhir import blobs
from fhir.bundle import Handling
from sundhedsjournal.tests.pages import CheckingClient, check_page, words

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
STAFF_WORDS = re.compile(r"denne borger|Kontrollér|journalsystem|Åbnet fra")
NOW = STARTED + timedelta(days=30)


def text(response: Any) -> str:
    return words(check_page(response))


def drawn(name: str) -> Recording:
    """As if the worker had drawn one page."""
    PageImage.objects.create(
        recording=held(name), number=1, sha256=blobs.put(name.encode()), size=4, width=1754, height=1240,
        width_mm=297, height_mm=210,
    )  # fmt: skip
    Recording.objects.filter(pk=held(name).pk).update(preview="ready", preview_next_try=None)
    return held(name)


def emils(name: str, **said: Any) -> Recording:
    deliver(document(name, making.recording(observation_identifier=f"urn:uuid:{name}", **said), cpr=EMIL))
    return drawn(name)


def parent() -> tuple[CheckingClient, str]:
    custody()
    client = CheckingClient()
    citizen_signs_in(client, "maria")
    return client, f"/borger/{chosen(client, 'custody', EMIL)}/ekg/"


# ── one's own ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_citizen_reads_her_own_ekgs_in_words_for_her(client: Client) -> None:
    deliver(document("old", making.recording(started=STARTED - timedelta(days=400))))
    deliver(document("new", making.recording(note="V1 og V2 er byttet om.")))
    base = f"/borger/{own(client, 'nancy')}/ekg/"
    drawn("new")
    page = client.get(base)
    shown = text(page)
    for said in (
        "Du ser dine egne data.", "2 EKG-optagelser", "12.03.2026 kl. 09.10",
        "Kommentar fra personalet: V1 og V2 er byttet om.",
        "Lægen vurderer dit EKG. Tal med din læge, hvis du er i tvivl om resultatet.",
    ):  # fmt: skip
        assert said in shown
    assert not STAFF_WORDS.search(shown)
    event = AuditEvent.objects.get(pk=page["X-Audit-Id"])
    assert (event.purpose, event.actor_role, event.entity) == ("PATRQT", "citizen", f"Recording/{held('new').pk}")


def test_every_link_of_the_folder_stays_behind_the_citizens_door(client: Client) -> None:
    deliver(document("old", making.recording(started=STARTED - timedelta(days=400))))
    deliver(document("one"))
    deliver(document("two", making.recording()), metadata("urn:uuid:two", replaces=("urn:uuid:one",)))
    one, two = held("one"), drawn("two")
    context = own(client, "nancy")
    base = f"/borger/{context}/ekg/"
    pages = [
        client.get(base), client.get(f"{base}?kilde=andre"), client.get(f"{base}{one.pk}/"),
        client.get(f"{base}{two.pk}/", headers=HTMX), client.get(f"{base}nyt/0/", headers=HTMX),
        client.get(f"{base}{two.pk}/klar/", headers=HTMX),
    ]  # fmt: skip
    for page in pages:
        assert page.status_code == 200
        found = re.findall(r'(?:href|action|src|hx-post|hx-get)="(/[^"]*)"', page.content.decode())
        ways = [way for way in found if not way.startswith(("/static/", "/indstillinger/")) and way != "/log-ud/"]
        assert ways
        assert [way for way in ways if not way.startswith(f"/borger/{context}/")] == []
    for rest in (f"{two.pk}/side/1/150", f"{two.pk}/original.pdf"):
        assert client.get(base + rest).status_code == 200
        assert client.get(f"/k/{context}/ekg/{rest}").status_code == 404


def test_a_document_with_faults_and_an_empty_folder_speak_to_the_citizen(client: Client) -> None:
    base = f"/borger/{own(client, 'nancy')}/ekg/"
    assert "Ingen EKG-optagelser er delt om dig." in text(client.get(base))
    deliver(document("one"), handling=Handling.DISCLAIMER)
    page = text(client.get(base))
    assert "Tal med lægen, hvis du er i tvivl." in page
    assert not STAFF_WORDS.search(page)


def test_another_s_recording_is_not_there(client: Client) -> None:
    deliver(document("his", cpr=JENS))
    base = f"/borger/{own(client, 'nancy')}/ekg/"
    for rest in ("", "klar/", "original.pdf", "side/1/150"):
        assert client.get(f"{base}{held('his').pk}/{rest}").status_code == 404


# ── acting for another ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_parent_reads_the_child_s_ekg(client: Client) -> None:
    emils("one")
    browser, base = parent()
    page = browser.get(base)
    for said in ("Du ser dit barns data.", "1 EKG-optagelse", "Tal med lægen, hvis du er i tvivl om resultatet."):
        assert said in text(page)
    event = AuditEvent.objects.get(pk=page["X-Audit-Id"])
    assert (event.purpose, event.actor_role) == ("FAMRQT", "custody")
    assert event.actor_ref == User.objects.get(username="maria").pk
    assert browser.get(f"{base}{held().pk}/original.pdf").status_code == 200


# ── hidden from holders of custody ──────────────────────────────────────────────────────────────────────────────────
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


def everything(browser: CheckingClient, base: str, shown: Recording) -> dict[str, tuple[int, bytes]]:
    """Every answer of the folder, as the reader's browser gets it but for the token of its forms."""
    got: dict[str, tuple[int, bytes]] = {}
    version = re.search(r"nyt/(\d+)/", browser.get(base).content.decode())
    assert version
    for rest in (
        "", "?alle=1", "?kilde=andre", f"{shown.pk}/", f"{shown.pk}/klar/", f"{shown.pk}/side/1/150",
        f"{shown.pk}/original.pdf", f"{shown.pk}/udskriv/", f"nyt/{version[1]}/", "nyt/0/",
    ):  # fmt: skip
        answer = browser.get(base + rest)
        got[rest] = answer.status_code, TOKEN.sub(b"", answer.content)
    got["fragment"] = 200, TOKEN.sub(b"", browser.get(f"{base}{shown.pk}/", headers=HTMX).content)
    return got


@pytest.mark.parametrize("later", [True, False], ids=["newer", "older"])
def test_a_hidden_recording_does_not_exist_for_a_parent_byte_for_byte(later: bool) -> None:
    with time_machine.travel(NOW, tick=False):
        shown = emils("shown")
        browser, base = parent()
        before = everything(browser, base, shown)
        secret = emils("secret", note="Fortrolig", started=STARTED + timedelta(days=1 if later else -1))
        assert "2 EKG-optagelser" in text(browser.get(base))
        hiding.put(secret, True)
        assert everything(browser, base, shown) == before
        for rest in ("", "klar/", "side/1/150", "original.pdf", "udskriv/"):
            there, nowhere = (browser.get(f"{base}{pk}/{rest}") for pk in (secret.pk, uuid4()))
            assert there.status_code == nowhere.status_code == 404
            assert there.content == nowhere.content


def test_what_came_before_leaves_no_gap_in_what_a_parent_s_page_counts() -> None:
    """The folder's own number counts every change there ever was: a parent's page has another."""
    hiding.put(emils("secret"), True)
    shown = emils("shown")
    browser, base = parent()
    version = re.search(r"nyt/(\d+)/", browser.get(base).content.decode())
    assert version
    assert version[1] == str(queries.version(making.grant(EMIL, "custody")))
    assert shown.change == 2
    assert version[1] != "2"


def test_the_folder_s_news_reach_a_parent_only_when_they_are_the_parent_s() -> None:
    shown = emils("shown")
    browser, base = parent()
    seen = re.search(r"nyt/\d+/", browser.get(base).content.decode())
    assert seen
    secret = emils("secret")
    hiding.put(secret, True)
    assert browser.get(base + seen[0]).status_code == 204
    hiding.put(secret, False)
    assert browser.get(base + seen[0]).status_code == 200
    hiding.put(shown, True)
    assert browser.get(base + seen[0]).status_code == 200


def test_a_folder_of_hidden_recordings_is_an_empty_one() -> None:
    with time_machine.travel(NOW, tick=False):
        browser, base = parent()
        empty = TOKEN.sub(b"", browser.get(base).content)
        hiding.put(emils("secret"), True)
        assert TOKEN.sub(b"", browser.get(base).content) == empty
        assert "Ingen EKG-optagelser er delt om denne person." in text(browser.get(base))


def test_everybody_else_sees_what_is_hidden_from_custody(client: Client) -> None:
    deliver(document("karens", making.recording(), cpr=KAREN))
    secret, karens = emils("secret"), drawn("karens")
    for one in (secret, karens):
        hiding.put(one, True)
    doctor, guardian, proxy = CheckingClient(), CheckingClient(), CheckingClient()
    guardianship()  # of somebody who is of age: nobody else has a guardian
    citizen_signs_in(guardian, "bent")
    citizen_signs_in(proxy, "lise", powers=[power(KAREN, "Karen Margrethe Dam", "se_ekg")])
    for browser, base, one in (
        (doctor, f"/k/{launched(doctor, 'holm', EMIL)}/ekg/", secret),
        (guardian, f"/borger/{chosen(guardian, 'guardian', KAREN)}/ekg/", karens),
        (proxy, f"/borger/{chosen(proxy, 'proxy', KAREN)}/ekg/", karens),
    ):
        assert "1 EKG-optagelse" in text(browser.get(base))
        assert browser.get(f"{base}{one.pk}/original.pdf").status_code == 200


def version_of(old: str, new: str) -> Recording:
    """A document that takes the place of another one."""
    one = making.recording(observation_identifier=f"urn:uuid:{old}")
    deliver(document(new, one, cpr=EMIL), metadata(f"urn:uuid:{new}", replaces=(f"urn:uuid:{old}",)))
    return drawn(new)


def test_a_new_version_of_what_is_hidden_is_hidden_too() -> None:
    hiding.put(emils("one"), True)
    version_of("one", "two")
    version_of("two", "three")
    assert set(Recording.objects.values_list("hidden_from_custody", flat=True)) == {True}
    browser, base = parent()
    assert "Ingen EKG-optagelser er delt om denne person." in text(browser.get(base))


def test_hiding_one_version_hides_them_all_and_the_other_recordings_of_the_document() -> None:
    emils("one")
    first, second = (making.recording(observation_identifier=f"urn:uuid:{name}") for name in ("one", "other"))
    told = metadata("urn:uuid:two", replaces=("urn:uuid:one",))
    deliver(document("two", first, second, cpr=EMIL), told)
    emils("alone")
    assert len(hiding.put(held("two", 1), True)) == 3
    assert not held("alone").hidden_from_custody
    assert len(hiding.put(held("one"), False)) == 3
    assert not Recording.objects.filter(hidden_from_custody=True).exists()


def test_an_administrator_hides_and_shows_and_each_row_leaves_a_line(client: Client) -> None:
    emils("one")
    version_of("one", "two")
    client.force_login(User.objects.create_superuser("drift", password="x"))
    for action, event, hidden in (
        ("hide_from_custody", "ekg_custody.hidden", True),
        ("show_to_custody", "ekg_custody.shown", False),
    ):
        answer = client.post(
            reverse("admin:ekg_recording_changelist"), {"action": action, "_selected_action": [str(held("two").pk)]}
        )
        assert answer.status_code == 302
        assert set(Recording.objects.values_list("hidden_from_custody", flat=True)) == {hidden}
        lines = AuditEvent.objects.filter(action=event)
        assert {line.entity for line in lines} == {f"Recording/{held(name).pk}" for name in ("one", "two")}
        assert {line.patient_ref for line in lines} == {held("one").patient_id}


def test_the_folder_costs_a_parent_one_query_more_however_long_it_is(django_assert_num_queries: Any) -> None:
    emils("one")
    browser, base = parent()
    browser.get(base)
    # session; context with patient and user; the register; the list; the last look; the recording
    with django_assert_num_queries(5):
        browser.get(base)
    for number in range(20):
        hiding.put(emils(f"more-{number}"), bool(number % 2))
    with django_assert_num_queries(5):
        browser.get(base)


def test_nancy_is_somebody_else(client: Client) -> None:
    """Hiding is about one citizen's document; the next citizen's stands."""
    deliver(document("hers", cpr=NANCY))
    hiding.put(emils("his"), True)
    assert not held("hers").hidden_from_custody
