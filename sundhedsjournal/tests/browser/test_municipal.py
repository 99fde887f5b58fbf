"""Municipal data in a browser: who sees what, descriptions by every means, timeline, no scripts, 320 px, paper."""

import re
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Locator, Page, expect

from demo.clients import Sender
from demo.running import Running
from eoj.tests.reports import condition, plan, report
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_narrow import TELEPHONE, fits
from sundhedsjournal.tests.browser.test_override import overridden
from terminology.fsiii import Kind, shipped

INFO = "Vis beskrivelse af Indkøb"
A4 = [595, 842]
FACTS = """(rows) => rows.map((row) => [
  row.querySelector("h4").textContent,
  ...[...row.querySelectorAll("dt, dd")].map((each) =>
    each.matches("dt") ? `${each.textContent}:` : `${each.matches("dd + dd") ? "·" : ""}${each.textContent}`),
].join(""))"""
"""Each row's name with everything that its popover holds about it."""


def tab(page: Page) -> Page:
    page.get_by_role("link", name=re.compile("^Kommunale data")).click()
    expect(page.get_by_role("heading", level=1, name="Kommunale data")).to_be_visible()
    return page


def about(page: Page) -> tuple[Locator, Locator]:
    """The button of one row, and its description."""
    button = page.get_by_role("button", name=INFO).first
    return button, page.locator(f"#{button.get_attribute('popovertarget')}")


def test_a_doctor_sees_what_the_health_act_opens(screen: NewScreen) -> None:
    page = tab(screen().open("jens"))
    expect(page.get_by_role("heading", name=re.compile("^Helbredstilstande"))).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^Funktionsevnetilstande"))).not_to_be_visible()
    expect(page.get_by_text("Cirkulationsproblemer").first).to_be_visible()
    expect(page.get_by_text("Vises ikke her:")).to_be_visible()


@pytest.mark.parametrize("door", ["ticket", "smart"])
def test_a_nurse_lands_on_municipal_data_and_finds_no_way_to_the_ekgs(screen: NewScreen, door: str) -> None:
    page = screen().open("ingrid", "dahl", door=door)
    expect(page).to_have_url(re.compile("/kommune/$"))
    expect(page.get_by_role("heading", name=re.compile("^Funktionsevnetilstande"))).to_be_visible()
    expect(page.get_by_role("navigation", name="Journalens dele").get_by_role("link")).to_have_text(
        ["Oversigt", re.compile("^Kommunale data"), "Hent igen"]
    )
    assert page.locator("a[href*='/ekg/']").count() == 0


def test_a_nurse_who_overrides_a_block_comes_back_to_municipal_data(screen: NewScreen) -> None:
    page = screen().open("sigridur", "dahl")
    for fra in ("", "?fra=ekg", "?fra=kommune"):
        page.goto(re.sub("kommune/.*", f"vaerdispring/{fra}", page.url))
        page.get_by_role("button", name="Annullér").click()
        expect(page).to_have_url(re.compile("/kommune/$"))
    overridden(page)
    expect(page).to_have_url(re.compile("/kommune/$"))
    assert page.locator("a[href*='/ekg/']").count() == 0
    page.get_by_role("button", name="Afslut nu").click()
    expect(page).to_have_url(re.compile("/kommune/$"))


def test_a_description_opens_by_pointer_and_by_keyboard_and_stays(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    button, words = about(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    button.hover()
    expect(words).to_be_visible()
    words.hover()
    page.mouse.move(5, 5)
    expect(words).to_be_visible()
    page.keyboard.press("Escape")
    expect(words).not_to_be_visible()

    button.focus()
    page.keyboard.press("Enter")
    expect(words).to_be_visible()
    expect(words.get_by_text("Registreret af")).to_be_visible()
    page.keyboard.press("Tab")
    expect(words.get_by_role("button", name="Luk")).to_be_focused()
    page.keyboard.press("Enter")
    expect(words).not_to_be_visible()
    expect(button).to_be_focused()
    assert asked == [], "a description is in the page"


def test_a_description_opens_by_touch(screen: NewScreen) -> None:
    page = screen(**TELEPHONE, has_touch=True).open("ingrid", "dahl")
    button, words = about(page)
    button.tap()
    expect(words).to_be_in_viewport(ratio=0.99)
    fits(page)


@pytest.mark.parametrize(
    "query", ["", "?vis=alle", "?vis=alle&visning=tidslinje", "?q=zzz", "?q=zzz&visning=tidslinje"]
)
def test_the_tab_has_no_barrier_and_fits(screen: NewScreen, query: str) -> None:
    page = screen(reduced_motion="reduce").open("ingrid", "dahl")
    page.goto(f"{page.url}{query}")
    clean(page)
    if "tidslinje" not in query and "zzz" not in query:
        about(page)[0].click()
        clean(page)
        page.keyboard.press("Escape")
    page.set_viewport_size({"width": 320, "height": 640})
    fits(page)


LABELLED = """(form) => [...form.querySelectorAll("label")].map((label) => {
  const [mine, its] = [label, label.control].map((each) => each.getBoundingClientRect());
  return mine.top < its.bottom && its.top < mine.bottom && mine.right <= its.left;
})"""
"""Whether each label stands on the line of its field."""


def test_a_label_stays_beside_its_field(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    for width in (1440, 700, 360, 320):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.locator(".filter").evaluate(LABELLED) == [True, True], width
        fits(page)


def test_where_nothing_is_found_the_page_says_so_and_leads_back(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    for form in ("Liste", "Tidslinje"):
        page.get_by_role("link", name=form).click()
        page.get_by_label("Søg").fill("findes ikke")
        page.get_by_role("button", name="Vis", exact=True).click()
        expect(page.locator(".care .state[role=status]")).to_contain_text("Intet passer til søgningen.")
        expect(page.locator(":is(.panel, .timeline, #tabel)")).to_have_count(0)
        page.get_by_role("link", name="Vis alle 14").click()
        expect(page.get_by_label("Søg")).to_have_value("")
        expect(page.locator(".panel li" if form == "Liste" else "#tabel tbody tr")).to_have_count(14)


def test_what_is_new_is_marked_and_says_since_when(screen: NewScreen, demo: Running, newcomer: str) -> None:
    with Sender(demo.at) as sender:
        assert sender.put(report(condition("I7.1", id="luft"), cpr=newcomer, id="ny-1")).status_code == 200
        tab(screen().open_cpr(newcomer))
        assert sender.put(report(condition("I2.1", id="krop"), cpr=newcomer, id="ny-2")).status_code == 200
    page = tab(screen(reduced_motion="reduce").open_cpr(newcomer))
    expect(page.locator(".panel li", has=page.locator(".new"))).to_have_count(1)
    for query in ("", "?visning=tidslinje"):
        page.goto(page.url.partition("?")[0] + query)
        expect(page.locator(".since")).to_have_text(re.compile(r"^Ny siden dit seneste opslag [\d.]+ kl\. [\d.]+$"))
        expect(page.get_by_text("Ny siden dit seneste opslag").and_(page.locator(".new"))).to_have_count(1)
        clean(page)


BEYOND = """(svg) => [...svg.querySelectorAll("text")].filter((text) => {
  const { x, width } = text.getBBox();
  return x + width > (x < 400 ? 400 : 1400);
}).map((text) => text.textContent)"""
"""The words of the picture that reach into its bars or out of it."""


def test_no_name_is_drawn_over_a_bar(screen: NewScreen, demo: Running, newcomer: str) -> None:
    longest = sorted(shipped(), key=lambda each: -len(each.name))
    plans = [each for each in longest if each.kind is Kind.INTERVENTION][:25]
    states = [each for each in longest if each.kind is Kind.HEALTH_CONDITION][:12]
    told = [plan(each.key, "2024-01-01", id=f"p-{n}") for n, each in enumerate(plans)]
    told += [condition(each.key, id=f"c-{n}", recorded="2024-01-01") for n, each in enumerate(states)]
    gone = [condition(each.key, id=f"c-{n}", recorded="2024-01-01", focus=False) for n, each in enumerate(states)]
    home = {"cpr": newcomer, "sor": "999000000000530"}
    with Sender(demo.at) as sender:
        assert sender.put(report(*told, **home, id="lang-1")).status_code == 200
        assert sender.put(report(*gone, **home, timestamp="2026-03-14T20:00:00Z", id="lang-2")).status_code == 200
    page = screen().open_cpr(newcomer, "dahl")
    page.goto(f"{page.url}?vis=alle&visning=tidslinje")
    expect(page.locator(".timeline rect.bar")).to_have_count(37)
    assert page.locator(".timeline svg").evaluate(BEYOND) == []


def test_the_timeline_says_in_its_table_what_it_draws(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    page.get_by_role("link", name=re.compile("^Alle")).click()
    listed = page.locator(".panel li").count()
    page.get_by_role("link", name="Tidslinje").click()
    expect(page.locator(".timeline svg")).to_be_visible()
    expect(page.locator("#tabel tbody tr")).to_have_count(listed)
    expect(page.locator(".timeline rect.bar")).to_have_count(listed)


def test_without_scripts_filter_search_and_descriptions_work(screen: NewScreen) -> None:
    page = screen(java_script_enabled=False).open("ingrid", "dahl")
    page.get_by_label("Søg").fill("indkøb")
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(page.locator(".panel li")).to_have_count(1)
    button, words = about(page)
    button.click()
    expect(words).to_be_visible()


def packed(text: str) -> str:
    """Without white space: a line ends on paper where there is no more room."""
    return "".join(text.split())


def paper(page: Page) -> list[str]:
    """What each sheet says, when the page is printed."""
    page.emulate_media(media="print", color_scheme="dark")
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as document:
        landscape = page.locator(".timeline").count() == 1
        sheets: list[Any] = list(document)
        for sheet in sheets:
            assert sorted(map(round, sheet.get_size())) == A4
            assert (sheet.get_width() > sheet.get_height()) is landscape
            picture = sheet.render(scale=0.3).to_pil().convert("L")
            assert picture.getpixel((2, 2)) == 255, "paper is white, whatever the screen"
            assert picture.getextrema()[0] < 120, "and its letters are dark"
        return [sheet.get_textpage().get_text_range() for sheet in sheets]


def test_on_paper_every_row_says_what_its_popover_holds(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    page.goto(f"{page.url}?vis=alle&periode=3")
    facts = page.locator(".panel li").evaluate_all(FACTS)
    page.locator(".panel summary").first.click()
    about(page)[0].click()
    sheets = paper(page)

    said = packed(" ".join(sheets))
    assert len(facts) == 14
    assert any("Niveaunu:2Moderate" in packed(fact) for fact in facts)
    for fact in facts:
        assert packed(fact) in said
    assert packed("Vist: Alle (14) · Periode: Seneste 3 år") in said
    for told in ("Ingrid Bach Østergaard", "270550-••••", "Horsens Kommune, seneste rapport 14.04.2026 kl. 18.55"):
        assert all(packed(told) in packed(sheet) for sheet in sheets), told
    printed = r"Udskrevet \d\d\.\d\d\.\d{4} kl\. \d\d\.\d\d af Hjemmesygeplejerske Lone Dahl"
    assert all(re.search(printed, sheet) for sheet in sheets)
    for control in ("Udskriv\r", "Tidslinje", "Luk", "Vis CPR", "Søg", "Dit opslag"):
        assert control not in " ".join(sheets), control

    page.emulate_media(media="screen")
    expect(page.locator(".panel details").first).not_to_have_attribute("open")


HANGING = """(rows) => rows.flatMap((row) => {
  const left = row.querySelector("p").getClientRects()[0].left;
  return [...row.querySelectorAll("dt, dd")].flatMap((each) => [...each.getClientRects()])
    .filter((line) => line.width > 0 && line.left < left - 1).map((line) => [row.id, line.left, left]);
})"""
"""The lines of facts that stand to the left of their row."""


def test_on_paper_a_long_line_of_facts_hangs_below_its_row(screen: NewScreen, demo: Running, newcomer: str) -> None:
    local = ("L-1", "Bad og hårvask med støtte hver anden dag om morgenen, og hjælp til at klæde sig på bagefter " * 3)
    told = plan("H1.1", id="bad", local=local), condition("J3.8", 2, id="gaa")
    with Sender(demo.at) as sender:
        put = sender.put(report(*told, cpr=newcomer, sor="999000000000530", id="papir-linje"))
    assert put.status_code == 200
    page = screen(viewport={"width": 720, "height": 900}).open_cpr(newcomer, "dahl")
    page.emulate_media(media="print")
    rows = page.locator(".panel li")
    assert max(rows.locator("dd").evaluate_all("(all) => all.map((each) => each.getClientRects().length)")) > 2
    assert rows.evaluate_all(HANGING) == []


def test_without_scripts_what_is_folded_is_printed_too(screen: NewScreen) -> None:
    page = screen(java_script_enabled=False).open("ingrid", "dahl")
    expect(page.get_by_role("button", name="Udskriv")).not_to_be_visible()
    names = page.locator(".panel details").first.locator("li > p").all_inner_texts()
    page.locator(".panel summary").first.click()
    expect(page.locator(".panel li").first).not_to_be_visible()
    said = " ".join(paper(page))
    for name in names:
        assert name.split("\n")[0] in said


def test_paper_holds_nothing_that_the_law_keeps_from_a_doctor(screen: NewScreen, demo: Running, newcomer: str) -> None:
    told = condition("I7.1", id="luft"), condition("J2.1", 3, id="hus"), plan("H1.8", reasons=("luft", "hus"))
    with Sender(demo.at) as sender:
        assert sender.put(report(*told, cpr=newcomer, id="papir-laege")).status_code == 200
    page = tab(screen().open_cpr(newcomer))
    base = page.url
    for query in ("", "?vis=alle&visning=tidslinje"):
        page.goto(f"{base}{query}")
        said = " ".join(paper(page))
        assert "Respirationsproblemer" in said
        assert "Vises ikke her:" in said
        for code in ("J2.1", "H1.8"):
            hidden = shipped().find(code)
            assert hidden is not None
            assert hidden.name not in said
        assert "Hænger sammen" not in said


def test_the_timeline_is_printed_with_its_table(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    page.goto(f"{page.url}?vis=alle&visning=tidslinje")
    rows = page.locator("#tabel tbody tr").all_inner_texts()
    labels = page.locator(".timeline svg text").all_text_contents()
    said = packed(" ".join(paper(page)))
    assert len(rows) == 14
    for told in (*rows, *labels):
        assert packed(told) in said
    assert "Vissomtabel" not in said


def test_a_button_prints(screen: NewScreen) -> None:
    page = screen().open("ingrid", "dahl")
    page.evaluate("window.print = () => { document.title = 'Udskrives' }")  # headless has no dialog to look at
    page.get_by_role("button", name="Udskriv").click()
    expect(page).to_have_title("Udskrives")


def test_the_last_row_of_a_long_list_can_be_reached(screen: NewScreen) -> None:
    page = screen(viewport={"width": 1280, "height": 570}).open("ingrid", "dahl")
    last = page.locator(".panel").first.locator("li").last
    expect(last).not_to_be_in_viewport()
    page.mouse.move(300, 400)
    page.mouse.wheel(0, 3000)
    expect(last).to_be_in_viewport()
    expect(page.locator(".banner .name")).to_be_in_viewport()
