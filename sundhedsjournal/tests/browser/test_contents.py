"""What a source sent is shown whole, as it was sent, and with what there is to say about it."""

import json

import pytest
from playwright.sync_api import Page, expect

from demo.clients import SAMPLES, Sender, variation
from demo.running import Running
from sundhedsjournal.tests.browser.screen import Screen, is_seen, opened, picture, rows
from sundhedsjournal.tests.stack import connect, count, eventually

MARKUP = (
    'Før <script>document.title = "ramt"</script> <img src="/ramt.png" onerror="alert(1)"> <b>fed</b> &amp; &lt;i&gt; '
    "{{ grant }} {% url 'x' %} ]]> -->"
)

DRAWN = """
  SELECT count(*) FROM ekg_recording r JOIN patients_patient p ON p.id = r.patient_id
  WHERE p.cpr = %s AND preview = 'ready'"""
UNDRAW = """
  WITH theirs AS (UPDATE ekg_recording r SET preview = 'failed', preview_next_try = NULL FROM patients_patient p
                  WHERE p.id = r.patient_id AND p.cpr = %s RETURNING r.id)
  DELETE FROM ekg_pageimage WHERE recording_id IN (SELECT id FROM theirs)"""


def note_in(sample: str) -> str:
    """The note of a sample, as its source wrote it."""
    resources = (entry["resource"] for entry in json.loads((SAMPLES / "ekg" / sample).read_text())["entry"])
    return next(str(each["note"][0]["text"]) for each in resources if each["resourceType"] == "Observation")


def is_whole(page: Page) -> bool:
    """Whether no part of the comment is cut off by its own box."""
    return bool(
        page.locator(".comment .verbatim").evaluate(
            "(note) => note.scrollHeight <= note.clientHeight + 1 || getComputedStyle(note).display === 'inline'"
        )
    )


def test_a_comment_with_markup_is_shown_as_the_text_it_is(reader: Screen, demo: Running, newcomer: str) -> None:
    with Sender(demo.at) as sender:
        raw = variation(SAMPLES / "ekg" / "emil-2023-02-06-first.json", cpr=newcomer, note=MARKUP)
        assert sender.post(raw).status_code == 201
    asked = []
    reader.context.on("request", lambda request: asked.append(request.url))
    page = reader.open_cpr(newcomer)
    note = page.locator(".comment .verbatim")
    assert note.text_content() == MARKUP
    assert note.locator("*").count() == 0
    expect(rows(page).first).to_contain_text('<img src="/ramt.png" onerror="alert(1)">')
    assert "ramt" not in page.title()
    assert not [url for url in asked if "ramt" in url]


def test_a_long_comment_is_read_whole_with_its_lines_and_columns(reader: Screen) -> None:
    page = reader.open("farid")
    sent = note_in("farid-2026-10-21-long-note.json")
    assert "\t" in sent
    assert "\n" in sent
    note = page.locator(".comment .verbatim")
    assert note.text_content() == sent
    assert note.inner_text().splitlines() == sent.strip().splitlines()
    assert is_whole(page)
    for size in ((1440, 900), (1024, 700), (375, 667)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        if size[0] < 900:
            rows(page).first.click()
            expect(page.locator(".folder.reading")).to_be_attached()
        note.evaluate("(note) => note.scrollIntoView({ block: 'end' })")
        bottom = note.evaluate("(note) => note.getBoundingClientRect().bottom")
        assert bottom <= size[1], f"the end of the comment cannot be reached at {size}"
    # The list has its beginning, and says so.
    expect(rows(page).first).to_contain_text("…")


def test_a_replaced_version_can_be_reached_is_marked_and_leads_back(reader: Screen) -> None:
    page = reader.open("jens")
    assert opened(page) == "12.03.2026 kl. 09.10"
    expect(page.locator(".comment")).to_contain_text("højre og venstre arm var byttet om")
    expect(page.get_by_text("Erstattet")).to_have_count(0)  # not in the folder's default view

    page.get_by_role("link", name="Vis tidligere version").click()
    expect(page.get_by_role("note").first).to_contain_text("Erstattet: Dette er en tidligere version.")
    expect(page.get_by_role("note").first).to_contain_text("Den gældende version har en kommentar til tolkning:")
    expect(page.get_by_role("note").first).to_contain_text("højre og venstre arm var byttet om")
    assert is_seen(picture(page))
    assert page.title().startswith("Erstattet EKG")
    here = page.locator(".rows [aria-current=true]")
    expect(here).to_contain_text("Tidligere version")
    expect(here).to_contain_text("Erstattet")

    page.get_by_role("link", name="Vis den gældende version").click()
    expect(page.locator(".comment.old")).to_have_count(0)
    expect(page.locator(".comment")).to_contain_text("højre og venstre arm var byttet om")


def test_a_document_with_faults_is_shown_with_a_reservation(reader: Screen) -> None:
    page = reader.open("bent")
    reservation = page.get_by_role("note").first
    expect(reservation).to_contain_text("Forbehold: Dokumentet indeholder fejl.")
    expect(reservation).to_contain_text("Kontrollér den originale PDF.")
    expect(reservation).to_contain_text("Kilden har fået besked.")
    expect(rows(page).first).to_contain_text("Forbehold")
    assert is_seen(picture(page))


def test_a_broken_pdf_is_said_and_its_comment_can_still_be_read(reader: Screen) -> None:
    page = reader.open("grethe")
    expect(page.locator(".paper")).to_contain_text("Optagelsen kan ikke vises som billede.")
    assert picture(page).count() == 0
    expect(page.get_by_role("note").first).to_contain_text("Fejl: Dokumentet kan ikke behandles.")
    expect(page.get_by_text("Patienten ryster på højre arm. Elektroden sidder på overarmen.").last).to_be_visible()
    expect(rows(page).first).to_contain_text("Kan ikke vises")
    expect(page.locator(".narrative")).to_contain_text("EKG-optagelse")  # what the document says beside it


@pytest.mark.pdf_in_tab
def test_a_pdf_that_could_not_be_drawn_is_still_there_as_a_file(reader: Screen, demo: Running, newcomer: str) -> None:
    with Sender(demo.at) as sender:
        raw = variation(SAMPLES / "ekg" / "emil-2023-02-06-first.json", cpr=newcomer)
        assert sender.post(raw).status_code == 201
    eventually(lambda: count(demo, DRAWN, newcomer) == 1)
    with connect(demo) as database:
        database.execute(UNDRAW, (newcomer,))
    page = reader.open_cpr(newcomer)
    paper = page.locator(".paper")
    expect(paper).to_contain_text("Optagelsen kan ikke vises som billede.")
    with page.context.expect_page() as coming:
        paper.get_by_role("link", name="Åbn original PDF").click()
    assert coming.value.evaluate("document.contentType") == "application/pdf"


def test_a_picture_that_does_not_come_is_said_in_words(reader: Screen) -> None:
    reader.watch.offline = True
    reader.context.route("**/side/*/*", lambda route: route.abort("internetdisconnected"))
    page = reader.open("anna")
    expect(page.locator(".paper")).to_contain_text("Optagelsen kan ikke vises som billede.")
    expect(page.get_by_role("link", name="Åbn original PDF")).to_be_visible()
    rows(page).nth(1).click()
    expect(page.locator("#optagelse")).to_have_text("02.04.2025 kl. 15.20")
    expect(page.locator(".paper")).to_contain_text("Optagelsen kan ikke vises som billede.")


def test_a_citizen_without_ekgs_has_an_empty_folder_that_says_so(reader: Screen) -> None:
    page = reader.open("karen")
    empty = page.get_by_role("status").filter(has_text="Ingen EKG-optagelser er delt for denne borger.")
    expect(empty).to_be_visible()
    expect(empty).to_contain_text("Søgt i EKG-deling")


def test_a_filter_that_finds_nothing_is_not_taken_for_an_empty_folder(reader: Screen) -> None:
    page = reader.open("anna")
    page.goto(f"{page.url}?kilde=andre")
    expect(page.get_by_role("main")).not_to_contain_text("Ingen EKG-optagelser er delt")
    expect(page.get_by_role("main")).to_contain_text("Listen viser kun optagelser fra andre steder.")
    page.get_by_role("link", name="Vis alle").click()
    expect(rows(page)).to_have_count(2)


def test_a_protected_name_stays_masked(reader: Screen) -> None:
    page = reader.open("beskyttet")
    banner = page.get_by_role("region", name="Borger")
    expect(banner).to_contain_text("ADRESSEBESKYTTET")
    expect(banner).to_contain_text("Navne- og adressebeskyttet")
    assert is_seen(picture(page))


def test_a_document_of_several_pages_shows_them_all(reader: Screen) -> None:
    page = reader.open("ingrid")
    sheets = page.locator(".sheet img")
    expect(sheets).to_have_count(2)
    for number in (1, 2):
        sheets.nth(number - 1).scroll_into_view_if_needed()
        assert is_seen(sheets.nth(number - 1))
        expect(page.get_by_text(f"Side {number} af 2")).to_be_visible()


@pytest.mark.parametrize(
    ("patient", "words"),
    [
        ("sigridur", ["Kommune", "Lægevagt", "Hospital"]),
        ("farid", ["Kilden oplyser ikke hvor · Helseklinikken M/F Havlyd"]),
        ("nancy", ["Kilden oplyser ikke hvor", "Speciallægepraksis", "Almen praksis"]),
    ],
)
def test_where_a_recording_was_made_is_said_in_words(reader: Screen, patient: str, words: list[str]) -> None:
    page = reader.open(patient)
    for word in words:
        expect(page.locator(".rows .where", has_text=word).first).to_be_visible()
