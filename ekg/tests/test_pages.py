import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.files.storage import storages
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from lxml import etree

from access.tests.cast import JENS, NANCY, launched
from audit.models import AuditEvent
from ekg import pages, preview, queries
from ekg.models import PageImage, Recording
from ekg.tests import making
from ekg.tests.making import HOSPITAL, OUT_OF_HOURS, PRACTICE, STARTED, deliver, document, held, metadata
from fhir import blobs
from fhir.bundle import Finding, Handling, Severity
from sundhedsjournal.tests.pages import check_page, words

pytestmark = pytest.mark.django_db

NOTE = "V1 og V2 er byttet om."
FAULT = Finding("rule", Severity.ERROR, "Organization.name", "Navn på den afsendende enhed mangler.")
EMPTY = "Ingen EKG-optagelser er delt for denne borger."


@pytest.fixture
def context(client: Client) -> str:
    return launched(client, "holm", NANCY)


@pytest.fixture
def get(client: Client, context: str) -> Callable[..., Any]:
    """A GET below the folder, as a browser's or (fragment=True) as htmx's."""

    def ask(path: str = "", *, fragment: bool = False) -> Any:
        return client.get(f"/k/{context}/ekg/{path}", headers={"HX-Request": "true"} if fragment else {})

    return ask


def text(response: Any, css_class: str = "") -> str:
    """What a person reads on the page, or in its first element of a class; templates lie unread."""
    root = check_page(response)
    etree.strip_elements(root, "template", with_tail=False)
    if not css_class:
        return words(root)
    return words(next(root.iterfind(f".//*[@class='{css_class}']")))


def title(response: Any) -> str:
    return words(next(check_page(response).iter("title")))


def links(response: Any, name: str) -> list[str]:
    return [a.get("href") for a in check_page(response).iter("a") if words(a).startswith(name)]


def rows(response: Any) -> list[str]:
    root = check_page(response)
    return [words(a) for div in root.iterfind(".//div[@class='rows']") for a in div.iter("a")]


def drawn(recording: Recording) -> None:
    """As if the worker had drawn one page of A4."""
    image = blobs.put(b"\x89PNG picture")
    PageImage.objects.create(
        recording=recording, number=1, sha256=image, size=12, width=1754, height=1240, width_mm=297, height_mm=210
    )
    Recording.objects.filter(pk=recording.pk).update(preview="ready", preview_next_try=None)


def events() -> list[tuple[str, str, int]]:
    """What has been recorded since the launch: action, entity, outcome."""
    found = AuditEvent.objects.filter(action__startswith="ekg_").order_by("recorded", "id")
    return list(found.values_list("action", "entity", "outcome"))


def test_the_folder_opens_with_the_newest_recording_on_the_screen(get: Any) -> None:
    deliver(document("old", making.recording(started=STARTED - timedelta(days=400), note="Gammel.")))
    deliver(document("new", making.recording(note=NOTE, ended=STARTED + timedelta(seconds=10))))
    drawn(held("new"))
    page = get()
    assert text(page, "recording").startswith("12.03.2026 kl. 09.10 Kilden oplyser ikke hvor · Lægehuset Nord")
    assert "Viser optagelse 1 af 2" in text(page)
    assert "Kommentar til tolkning: V1 og V2 er byttet om." in text(page, "comment")
    assert "Optaget 12.03.2026 kl. 09.10.00 til 09.10.10" in text(page, "facts")
    assert "Udfærdiget af Lone Marie Brandt · sygeplejerske" in text(page, "facts")
    (image,) = check_page(page).iter("img")
    assert image.get("src") == f"{page.request['PATH_INFO']}{held('new').pk}/side/1/150"
    assert (image.get("fetchpriority"), image.get("width"), image.get("height")) == ("high", "1754", "1240")
    assert "Kurven kan ikke gengives som tekst" in image.get("alt")


def test_the_list_has_years_newest_first_and_says_where_each_was_recorded(get: Any) -> None:
    deliver(document("a", making.recording(started=STARTED)), metadata("urn:uuid:a", facility_type=HOSPITAL))
    deliver(
        document("b", making.recording(started=STARTED - timedelta(days=100))),
        metadata("urn:uuid:b", facility_type=PRACTICE),
    )
    deliver(
        document("c", making.recording(started=STARTED - timedelta(days=101), note=NOTE)),
        metadata("urn:uuid:c", facility_type=OUT_OF_HOURS),
    )
    page = get()
    assert [words(h3) for h3 in check_page(page).iter("h3")] == ["2026", "2025"]
    assert rows(page) == [
        "12.03.2026 kl. 09.10 Hospital · Lægehuset Nord",
        "02.12.2025 kl. 09.10 Almen praksis · Lægehuset Nord",
        "01.12.2025 kl. 09.10 Lægevagt · Lægehuset Nord Kommentar til tolkning: V1 og V2 er byttet om.",
    ]
    assert "Optaget på hospital" in text(page, "facts")
    assert "Optaget hos lægevagt" in text(get(f"{held('c').pk}/"), "facts")


def test_an_empty_folder_says_none_and_a_filter_that_finds_nothing_does_not(get: Any) -> None:
    assert EMPTY in text(get())
    deliver(document(), metadata(facility_type=HOSPITAL))
    filtered = get("?kilde=praksis")
    assert "Listen viser kun optagelser fra almen praksis." in text(filtered)
    assert "Ingen EKG" not in text(filtered)
    assert "0 af 1 EKG-optagelse" in text(filtered)
    assert EMPTY not in text(get())


def test_the_filter_stays_on_the_way_to_the_next_recording(get: Any) -> None:
    for days, (name, place) in enumerate([("a", HOSPITAL), ("b", PRACTICE), ("c", HOSPITAL), ("d", OUT_OF_HOURS)]):
        made = document(name, making.recording(started=STARTED - timedelta(days=days)))
        deliver(made, metadata(f"urn:uuid:{name}", facility_type=place))
    page = get("?kilde=hospital")
    assert [row[:10] for row in rows(page)] == ["12.03.2026", "10.03.2026"]
    assert links(page, "Ældre") == [f"{page.request['PATH_INFO']}{held('c').pk}/?kilde=hospital"]
    assert "Viser optagelse 2 af 2" in text(get(f"{held('c').pk}/?kilde=hospital"))
    assert len(rows(get("?kilde=andre"))) == 1
    assert len(rows(get("?kilde=vrøvl"))) == 4
    assert len(rows(get(f"{held('b').pk}/?kilde=hospital"))) == 4, "a filter gives way to the recording that is open"


@pytest.mark.parametrize("kilde", ["", "praksis", "andre"])
@time_machine.travel(datetime(2026, 6, 1, 10, tzinfo=UTC), tick=False)
def test_the_pane_alone_says_of_every_recording_what_the_whole_page_says(
    get: Any, client: Client, context: str, kilde: str
) -> None:
    places = [HOSPITAL, PRACTICE, HOSPITAL, "", OUT_OF_HOURS, PRACTICE, HOSPITAL]
    with time_machine.travel(datetime(2026, 5, 1, 10, tzinfo=UTC), tick=False):
        client.get(f"/k/{launched(client, 'holm', NANCY)}/ekg/")  # what comes from now on is new
        for days, place in enumerate(places):
            made = making.recording(started=STARTED - timedelta(days=days // 2), organisation_sor="")
            deliver(document(f"n{days}", made), metadata(f"urn:uuid:n{days}", facility_type=place))
        deliver(document("v2", making.recording()), metadata("urn:uuid:v2", replaces=("urn:uuid:n2",)))
        deliver(document("none", making.recording()), metadata("urn:uuid:none", replaces=("urn:uuid:n6",)))
        making.update(metadata("urn:uuid:none", status="entered-in-error"))
        Recording.objects.filter(pk=held("n1").pk).update(preview="ready", preview_next_try=None)
    seen = set()
    for each in Recording.objects.exclude(status="withdrawn"):
        address = f"{each.pk}/?kilde={kilde}"
        answers = get(address), get(address, fragment=True)
        whole, alone = (check_page(answer).find(".//*[@id='laesepanel']") for answer in answers)
        for pane in (whole, alone):
            etree.strip_elements(pane, "title", "form", with_tail=False)
        assert etree.tostring(whole).split() == etree.tostring(alone).split()
        seen.add(alone.get("data-status"))
    assert len(seen) > 3
    assert "" in seen, "one that no list holds"


def test_a_note_is_shown_as_the_text_it_is(get: Any) -> None:
    note = "<script>alert(1)</script> & <b>fed</b>\n\t\"A\"  'B' *kursiv* \\n"
    deliver(document("one", making.recording(note=note)))
    root = check_page(get())
    (verbatim,) = root.iterfind(".//span[@class='verbatim long columns']")
    assert verbatim.text == note
    assert not list(verbatim)
    assert len([script for script in root.iter("script") if script.get("src") is None]) == 0


def test_a_note_of_1024_characters_is_whole_beside_the_recording_and_short_in_the_list(get: Any) -> None:
    note = " ".join(f"ord{number:04}" for number in range(128))
    deliver(document("one", making.recording(note=note)))
    page = get()
    assert note in text(page, "recording")
    assert note not in text(page, "rows")
    assert note[:100] in text(page, "rows")


def test_that_there_is_no_note_is_said(get: Any) -> None:
    deliver(document())
    assert text(get(), "comment none") == "Ingen kommentar til tolkning"


def test_a_document_with_faults_is_shown_with_a_reservation(get: Any) -> None:
    deliver(document(), handling=Handling.DISCLAIMER, findings=(FAULT,))
    page = get()
    assert text(page, "comment fault") == (
        "Forbehold: Dokumentet indeholder fejl. Optagelsen vises, som den er modtaget. Kontrollér den originale PDF. "
        "Fejl i dokumentet: Navn på den afsendende enhed mangler. Kilden har fået besked."
    )
    assert rows(page)[0].endswith("Forbehold")
    assert title(page).startswith("EKG med forbehold – Sundhedsjournal – ")


def test_many_faults_do_not_push_the_recording_off_the_screen(get: Any) -> None:
    faults = tuple(Finding("rule", Severity.ERROR, "", f"Fejl nummer {number}.") for number in range(9))
    deliver(document(), handling=Handling.DISCLAIMER, findings=faults)
    (details,) = check_page(get()).iter("details")
    assert words(details).startswith("6 fejl mere Fejl nummer 3.")


def test_what_cannot_be_shown_says_so_and_shows_what_the_document_tells(get: Any) -> None:
    broken = making.recording(pdf=None, pdf_sha256="", pages=0, narrative="Frekvens  71\n\tSinusrytme", note=NOTE)
    deliver(document("one", broken), handling=Handling.ERROR, findings=(FAULT,))
    page = get()
    assert "Fejl: Dokumentet kan ikke behandles." in text(page)
    assert "Optagelsen kan ikke vises som billede." in text(page, "state error")
    assert "Frekvens  71\n\tSinusrytme" in page.content.decode()
    assert NOTE in text(page, "comment")
    assert rows(page)[0].endswith("Kan ikke vises")
    assert links(page, "Åbn original PDF") == []
    assert list(check_page(page).iter("img")) == []


def test_a_page_waits_for_the_image_and_gets_it_when_it_is_drawn(get: Any) -> None:
    deliver(document())
    recording = held()
    assert "Henter EKG …" in text(get())
    assert get(f"{recording.pk}/klar/", fragment=True).status_code == 204
    preview.make(recording.pk)
    ready = get(f"{recording.pk}/klar/?kilde=praksis", fragment=True)
    (fetches,) = check_page(ready).iter("div")
    assert fetches.get("hx-get").endswith(f"/ekg/{recording.pk}/?kilde=praksis")
    assert len(list(check_page(get(f"{recording.pk}/", fragment=True)).iter("img"))) == 1


def test_an_image_that_could_not_be_drawn_leaves_the_original(get: Any) -> None:
    deliver(document())
    Recording.objects.update(preview="failed", preview_next_try=None)
    page = get()
    assert "Optagelsen kan ikke vises som billede." in text(page, "state error")
    assert set(links(page, "Åbn original PDF")) == {f"{page.request['PATH_INFO']}{held().pk}/original.pdf"}


def replaced() -> None:
    """Version 2, with a note, replaces version 1."""
    deliver(document("v1"), metadata("urn:uuid:v1"))
    corrected = making.recording(note=NOTE)
    deliver(document("v2", corrected), metadata("urn:uuid:v2", replaces=("urn:uuid:v1",)))


def test_a_replaced_recording_leaves_the_list_but_can_be_reached(get: Any) -> None:
    replaced()
    page = get()
    assert len(rows(page)) == 1
    assert "Version 2 – gældende. Vis tidligere version" in text(page, "facts")
    (before,) = links(page, "Vis tidligere version")
    assert before.endswith(f"/{held('v1').pk}/")
    old = get(f"{held('v1').pk}/")
    assert text(old, "comment old").startswith("Erstattet: Dette er en tidligere version. Den er erstattet af kilden ")
    assert text(old, "comment old").endswith(f"Den gældende version har en kommentar til tolkning: {NOTE}")
    assert links(old, "Vis den gældende version")[0].endswith(f"/{held('v2').pk}/")
    assert [row.split(" 2")[0] for row in rows(old)][1] == "Tidligere version Erstattet"
    assert "Tidligere version af optagelse 1 af 1" in text(old)
    assert "Ingen kommentar til tolkning i denne version" in text(old)
    assert title(old).startswith("Erstattet EKG – ")


def test_a_recording_replaced_by_nothing_is_still_found_below_the_list(get: Any) -> None:
    deliver(document(), metadata())
    making.update(metadata(status="superseded"))
    page = get()
    assert EMPTY not in text(page)
    (row,) = rows(page)
    assert row.startswith("Tidligere version Erstattet ")
    (link,) = links(page, "Tidligere version")
    assert "Kilden har ikke delt en ny version" in text(get(link.split("/ekg/")[1]))


def test_htmx_gets_the_reading_pane_alone_and_it_says_whose_it_is(get: Any, context: str) -> None:
    deliver(document())
    answer = get(f"{held().pk}/", fragment=True)
    (pane,) = check_page(answer)
    assert (pane.get("id"), pane.get("data-kontekst")) == ("laesepanel", context)
    assert rows(answer) == []
    assert "HX-Request" in answer["Vary"]
    whole = check_page(get(f"{held().pk}/"))
    assert [
        element.get("data-kontekst") for element in whole.iter("main", "section") if element.get("data-kontekst")
    ] == [
        context,
        context,
    ]


def test_neither_title_nor_address_tells_who_the_citizen_is(get: Any) -> None:
    deliver(document())
    page = get()
    assert re.fullmatch(r"EKG – Sundhedsjournal – [A-Z2-7]{4}", title(page))
    addresses = re.findall(r'(?:href|src|action|hx-get|hx-post)="([^"]*)"', page.content.decode())
    assert len(addresses) > 10
    assert not [address for address in addresses if "251248" in address or "berggren" in address.lower()]


def test_the_banner_says_whose_record_it_is_who_looks_and_why(get: Any) -> None:
    banner = text(get(), "banner")
    for said in ("Nancy Ann Berggren", "251248-••••", "kvinde", "Åbnet fra XMO · Formål: Aktuel behandling"):
        assert said in banner
    assert "2512489996" not in get().content.decode()


def test_a_document_in_another_name_says_so_beside_the_recording(get: Any) -> None:
    deliver(document("one", patient_name="nancy  ann BERGGREN"))
    assert "Navn i dokumentet" not in text(get())
    deliver(document("two", making.recording(started=STARTED + timedelta(days=1)), patient_name="Nancy Berg"))
    assert "Navn i dokumentet Nancy Berg" in text(get())


def test_beside_a_protected_name_no_other_is_written(client: Client) -> None:
    deliver(document("one", patient_name="Rigtige Navn"))
    hidden = launched(client, "holm", NANCY, patient_name="ADRESSEBESKYTTET ADRESSEBESKYTTET")
    page = client.get(f"/k/{hidden}/ekg/")
    assert "Navne- og adressebeskyttet" in text(page)
    assert "Rigtige Navn" not in text(page)


def test_every_answer_leaves_one_event_that_names_the_recording(get: Any) -> None:
    deliver(document())
    recording = held()
    drawn(recording)
    get()
    get(f"{recording.pk}/", fragment=True)
    get(f"{recording.pk}/side/1/150")
    get(f"{recording.pk}/original.pdf")
    get("nyt/0/")
    get(f"{recording.pk}/klar/")
    entity = f"Recording/{recording.pk}"
    assert events() == [
        ("ekg_folder.viewed", entity, 0),
        ("ekg_recording.viewed", entity, 0),
        ("ekg_image.fetched", entity, 0),
        ("ekg_original.opened", entity, 0),
    ]


def test_the_page_of_fifty_recordings_costs_as_many_queries_as_that_of_one(get: Any) -> None:
    def cost() -> int:
        get()  # the session's and the context's own once-a-minute writes are not the list's
        with CaptureQueriesContext(connection) as asked:
            assert get().status_code == 200
        return len(asked)

    deliver(document("first"))
    one = cost()
    for number in range(49):
        deliver(document(f"more-{number}", making.recording(started=STARTED - timedelta(days=30 * number))))
    assert cost() == one
    assert one <= 12


def test_the_image_is_a_png_that_no_cache_keeps(get: Any) -> None:
    deliver(document())
    drawn(held())
    image = get(f"{held().pk}/side/1/150")
    assert (image["Content-Type"], image.content) == ("image/png", b"\x89PNG picture")
    assert image["Cache-Control"] == "no-store"
    assert image["Content-Length"] == "12"
    assert get(f"{held().pk}/side/2/150").status_code == 404


def test_the_original_is_the_very_file_under_a_name_and_a_policy_of_its_own(get: Any) -> None:
    deliver(document())
    file = get(f"{held().pk}/original.pdf")
    assert file.content == making.pdf()
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == 'inline; filename="ekg-2026-03-12-0910.pdf"'
    assert file["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert file["Content-Security-Policy"].endswith("; sandbox")
    assert file["Cache-Control"] == "no-store"


def test_a_file_that_was_damaged_is_never_sent(get: Any, client: Client) -> None:
    deliver(document())
    path = storages["private"].path("/".join(re.findall(r"^(..)(..)", held().pdf_sha256)[0]) + f"/{held().pdf_sha256}")
    with open(path, "rb+") as file:
        file.write(b"X")
    client.raise_request_exception = False
    answer = get(f"{held().pk}/original.pdf")
    assert answer.status_code == 500
    assert "Filen er beskadiget hos os og bliver ikke vist." in text(answer)
    assert b"%PDF" not in answer.content


def test_an_open_page_is_told_of_news_in_words_that_tell_nothing(get: Any, context: str) -> None:
    assert get("nyt/0/", fragment=True).status_code == 204
    (asks,) = [div for div in check_page(get()).iter("div") if div.get("id") == "nyt"]
    assert (asks.get("hx-get"), asks.get("hx-trigger")) == (f"/k/{context}/ekg/nyt/0/", "every 25s")
    deliver(document("one", making.recording(note=NOTE)))
    news = get("nyt/0/", fragment=True)
    assert text(news) == "Der er kommet en ny optagelse, eller en optagelse er ændret. Vis mappen igen"
    assert links(news, "Vis") == [f"/k/{context}/ekg/"]
    assert get(f"nyt/{queries.version(making.grant())}/", fragment=True).status_code == 204


@pytest.mark.parametrize("path", ["", "klar/", "side/1/150", "original.pdf"])
def test_another_citizens_recording_is_not_there(client: Client, path: str) -> None:
    deliver(document())
    jens = launched(client, "holm", JENS)
    answer = client.get(f"/k/{jens}/ekg/{held().pk}/{path}")
    assert answer.status_code == 404
    assert "Lægehuset" not in answer.content.decode()


@pytest.mark.parametrize("path", [str(UUID(int=1)), "nyt/-1/", f"{UUID(int=0)}/side/0/150"])
def test_what_never_was_is_not_there_either(get: Any, path: str) -> None:
    assert get(path if "/" in path else f"{path}/").status_code == 404


def test_when_the_database_does_not_answer_nobody_reads_that_there_is_nothing(
    client: Client, context: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any) -> None:
        raise OperationalError("gone")

    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(f"/k/{context}/ekg/", headers=headers)
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert "EKG-deling svarer ikke lige nu. Vi ved ikke, om der findes EKG'er." in text(answer)
        assert "Prøv igen" in text(answer)
        assert "Ingen" not in text(answer)


def test_when_only_the_ekgs_do_not_answer_the_same_is_said(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any) -> None:
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr("ekg.queries.folder", away)
    for fragment in (False, True):
        answer = get(fragment=fragment)
        assert answer.status_code == 503
        assert "EKG-deling svarer ikke lige nu. Vi ved ikke, om der findes EKG'er." in text(answer)
        assert links(answer, "Prøv igen") == [""]


def test_a_long_list_shows_its_newest_rows_and_all_of_them_on_request(
    get: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST", 3)
    for number in range(5):
        deliver(document(f"n-{number}", making.recording(started=STARTED - timedelta(days=number))))
    page = get()
    assert [row[:10] for row in rows(page)[:3]] == ["12.03.2026", "11.03.2026", "10.03.2026"]
    assert "5 EKG-optagelser" in text(page)
    assert "De 3 nyeste vises. Vis alle 5" in text(page, "rows")
    (everything,) = links(page, "Vis alle 5")
    assert everything.endswith("/ekg/?alle=1")
    assert "nyeste vises" not in text(get("?alle=1"), "rows")
    assert len(rows(get("?alle=1"))) == 5
    assert len(rows(get(f"{held('n-4').pk}/"))) == 5, "a recording that is open stands in the list"
    assert "Viser optagelse 3 af 5" in text(get(f"{held('n-2').pk}/"))


@pytest.mark.parametrize("month", [1, 3, 7, 10])
def test_a_time_is_written_as_every_other_time_in_the_house(month: int) -> None:
    moment = datetime(2026, month, 29, 1, 5, tzinfo=UTC)
    assert pages.when(moment) == date_format(timezone.localtime(moment), "DATETIME_FORMAT")
