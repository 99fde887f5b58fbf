"""From one recording to the next: header and picture together, the newest wish wins, and the log says what was seen."""

from collections import Counter
from functools import partial
from typing import Any

from playwright.sync_api import Page, Request, Route, expect

from demo.clients import SAMPLES, Sender, variation
from demo.running import Running
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import context_of, is_seen, opened, picture, rows
from sundhedsjournal.tests.stack import ask, count, eventually

SAMPLE = SAMPLES / "ekg" / "emil-2023-02-06-first.json"
VIEWED, FOLDER, FETCHED = "ekg_recording.viewed", "ekg_folder.viewed", "ekg_image.fetched"

# At every frame: which recording the header, the address of the pane and the picture in it belong to, and whether the
# picture can be seen.
SAMPLE_FRAMES = """() => {
  globalThis.frames_seen = [];
  const look = () => {
    const pane = document.getElementById("laesepanel");
    const image = pane.querySelector(".sheet img");
    const own = pane.dataset.adresse.split("/").at(-2);
    const seen = Boolean(image) && getComputedStyle(image).visibility === "visible";
    const shown = seen && image.complete ? image.currentSrc.split("/side/")[0].split("/").at(-1) : "";
    frames_seen.push([own, shown, document.getElementById("optagelse").innerText, seen]);
    requestAnimationFrame(look);
  };
  look();
}"""


def folder_of(demo: Running, cpr: str, recordings: int, *, drawn: bool = True) -> None:
    """So many recordings of one citizen."""
    with Sender(demo.at) as sender:
        for n in range(recordings):
            at = f"2019-{n // 28 + 1:02}-{n % 28 + 1:02}T08:15:00+01:00"
            assert sender.post(variation(SAMPLE, cpr=cpr, at=at, note=f"Optagelse {n}.")).status_code == 201
    if drawn:
        eventually(lambda: count(demo, "SELECT count(*) FROM ekg_recording WHERE preview = 'pending'") == 0, 240)


def watched(page: Page) -> list[tuple[str, str]]:
    """From now on: what is asked of the record, as ("pane" | "picture", recording)."""
    asked: list[tuple[str, str]] = []

    def note(request: Request) -> None:
        parts = request.url.split("?")[0].split("/ekg/")[-1].split("/")
        if "/ekg/" in request.url and len(parts[0]) == 36 and "klar" not in parts:
            asked.append(("picture" if "side" in parts else "pane", parts[0]))

    page.on("request", note)
    return asked


def recording(page: Page) -> str:
    return str(page.locator("#laesepanel").get_attribute("data-adresse")).split("/")[-2]


def trail(demo: Running, context: str) -> Counter[tuple[str, str]]:
    """What the log holds of this context, by action and recording."""
    sql = "SELECT action, entity FROM audit_event WHERE context = %s AND outcome = 0"
    return Counter((action, entity.removeprefix("Recording/")) for action, entity in ask(demo, sql, context))


def was_logged(demo: Running, context: str, what: tuple[str, str]) -> bool:
    return trail(demo, context)[what] == 1


def test_fifty_presses_in_three_seconds_end_at_the_last_and_never_mix_two_recordings(
    screen: NewScreen, demo: Running, newcomer: str
) -> None:
    folder_of(demo, newcomer, 32)
    page = screen().open_cpr(newcomer)
    assert is_seen(picture(page))
    order = rows(page).evaluate_all("(rows) => rows.map((row) => row.href.split('/').at(-2))")
    page.evaluate(SAMPLE_FRAMES)
    asked = watched(page)
    # Forty older and ten newer ones: past the end and back.
    for n in range(50):
        page.keyboard.press("j" if n < 40 else "k")
        page.wait_for_timeout(45)
    wanted = order[len(order) - 1 - 10]
    expect(page.locator(f'#laesepanel[data-adresse*="{wanted}"]')).to_be_attached()
    assert is_seen(picture(page))
    page.wait_for_load_state("networkidle")
    assert recording(page) == wanted

    frames: list[Any] = page.evaluate("frames_seen")
    assert len(frames) > 20
    mixed = [frame for frame in frames if frame[1] not in ("", frame[0])]
    assert not mixed, mixed
    # What the server has recorded as seen was on the screen, and what was paged past was not asked for.
    panes = [id_ for kind, id_ in asked if kind == "pane"]
    shown = {frame[0] for frame in frames}
    assert set(panes) <= shown
    assert len(panes) < 45
    seen = trail(demo, context_of(page))
    assert {entity for (action, entity), n in seen.items() if action == VIEWED} == set(panes)
    assert Counter(panes) == Counter({entity: n for (action, entity), n in seen.items() if action == VIEWED})


def test_only_one_request_is_on_its_way_and_the_newest_wish_comes_next(screen: NewScreen) -> None:
    page = screen().open("nancy")
    order = rows(page).evaluate_all("(rows) => rows.map((row) => row.href.split('/').at(-2))")
    asked = watched(page)
    held: list[Route] = []
    page.route(f"**/ekg/{order[1]}/", lambda route: held.append(route))
    for _ in range(6):
        page.keyboard.press("j")
    page.wait_for_timeout(300)
    assert [each for each in asked if each[0] == "pane"] == [("pane", order[1])]
    assert recording(page) == order[0], "nothing is shown before it has come"
    held[0].continue_()
    expect(page.locator(f'#laesepanel[data-adresse*="{order[6]}"]')).to_be_attached()
    assert [id_ for kind, id_ in asked if kind == "pane"] == [order[1], order[6]]


def test_the_log_tells_what_was_seen_from_what_was_fetched_ahead(screen: NewScreen, demo: Running) -> None:
    page = screen().open("nancy")
    order = rows(page).evaluate_all("(rows) => rows.map((row) => row.href.split('/').at(-2))")
    assert is_seen(picture(page))
    page.wait_for_load_state("networkidle")
    context = context_of(page)
    # Nothing is fetched ahead before the reader has opened one.
    assert trail(demo, context)[FETCHED, order[1]] == 0
    for n in (1, 2):
        page.keyboard.press("j")
        expect(page.locator(f'#laesepanel[data-adresse*="{order[n]}"]')).to_be_attached()
        ahead = FETCHED, order[n + 1]
        eventually(partial(was_logged, demo, context, ahead))
    page.keyboard.press("k")
    expect(page.locator(f'#laesepanel[data-adresse*="{order[1]}"]')).to_be_attached()
    page.wait_for_load_state("networkidle")

    seen = trail(demo, context)
    assert seen[FOLDER, order[0]] == 1
    assert {id_: seen[VIEWED, id_] for id_ in order if seen[VIEWED, id_]} == {order[1]: 2, order[2]: 1}
    assert {id_: seen[FETCHED, id_] for id_ in order if seen[FETCHED, id_]} == dict.fromkeys(order[:4], 1)
    assert seen[VIEWED, order[3]] == 0, "what was fetched ahead and never shown was not seen"


def test_a_neighbour_that_is_in_memory_is_shown_without_asking_for_its_picture(screen: NewScreen) -> None:
    page = screen().open("nancy")
    order = rows(page).evaluate_all("(rows) => rows.map((row) => row.href.split('/').at(-2))")
    with page.expect_request_finished(lambda request: f"{order[2]}/side/1/" in request.url):
        page.keyboard.press("j")
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    asked = watched(page)
    page.keyboard.press("j")
    expect(page.locator("#optagelse")).to_have_text("14.01.2026 kl. 10.05")
    assert is_seen(picture(page))
    own = recording(page)
    page.wait_for_load_state("networkidle")
    assert ("pane", own) in asked
    assert ("picture", own) not in asked


def test_a_picture_that_is_late_leaves_its_place_empty_and_says_so(screen: NewScreen) -> None:
    page = screen().open("nancy")
    assert is_seen(picture(page))
    order = rows(page).evaluate_all("(rows) => rows.map((row) => row.href.split('/').at(-2))")
    held: list[Route] = []
    page.route(f"**/{order[1]}/side/**", lambda route: held.append(route))
    page.evaluate(SAMPLE_FRAMES)
    page.keyboard.press("j")
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    expect(page.locator(".sheet")).to_contain_text("Henter EKG …")
    place = page.locator(".sheet img").bounding_box()
    assert not page.locator(".sheet img").is_visible()
    for route in held:
        route.continue_()
    expect(page.locator(".sheet img")).to_be_visible()
    assert page.locator(".sheet").get_by_text("Henter EKG").count() == 0
    assert page.locator(".sheet img").bounding_box() == place, "nothing jumps when it comes"
    assert all(frame[1] in ("", frame[0]) for frame in page.evaluate("frames_seen"))


def test_paging_goes_on_past_what_is_listed(screen: NewScreen, demo: Running, newcomer: str) -> None:
    """The list is cut at a hundred: from there on the pane's own links lead, one after another."""
    folder_of(demo, newcomer, 104, drawn=False)
    page = screen().open_cpr(newcomer)
    expect(rows(page)).to_have_count(100)
    rows(page).last.click()
    expect(page.locator("#status")).to_have_text("Viser optagelse 100 af 104")
    for _ in range(3):
        page.keyboard.press("j")
    expect(page.locator("#status")).to_have_text("Viser optagelse 103 af 104")
    page.keyboard.press("End")
    expect(page.locator("#status")).to_have_text("Viser optagelse 104 af 104")
    page.keyboard.press("k")
    expect(page.locator("#status")).to_have_text("Viser optagelse 103 af 104")
    page.keyboard.press("Home")
    expect(page.locator("#status")).to_have_text("Viser optagelse 1 af 104")
    assert opened(page) == rows(page).first.locator(".when").inner_text()
