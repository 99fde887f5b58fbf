"""The paper: zoomed, moved and measured in millimetres, by every kind of hand, and never tinted."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import Screen, is_seen, opened, picture, rows
from sundhedsjournal.tests.browser.test_accessibility import clean
from sundhedsjournal.tests.browser.test_budget import SHIFT
from sundhedsjournal.tests.stack import eventually

FULL = 96 / 25.4
CENTRE = "() => journal.viewer(document.querySelector('#laesepanel .paper')).centre"
PX_PER_MM = "() => journal.viewer(document.querySelector('#laesepanel .paper')).pxPerMm"


@pytest.fixture
def page(reader: Screen) -> Page:
    """The newest recording of Nancy, its picture seen."""
    page = reader.open("nancy")
    assert is_seen(picture(page))
    return page


def near(found: float, wanted: float, by: float = 0.5) -> bool:
    return abs(found - wanted) <= by


def test_what_is_in_the_middle_stays_there_while_it_grows(page: Page) -> None:
    page.locator("#zoom-fuld").click()
    before = page.evaluate(CENTRE)
    for _ in range(3):
        page.locator("#zoom-ind").click()
    after = page.evaluate(CENTRE)
    assert near(after["x"], before["x"])
    assert near(after["y"], before["y"])
    assert near(page.evaluate(PX_PER_MM), 2 * FULL, 0.01)


def test_the_wheel_with_ctrl_grows_the_paper_around_the_pointer_and_nothing_else(page: Page) -> None:
    page.locator("#zoom-fuld").click()
    box = page.locator(".paper").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 4
    at = f"() => journal.viewer(document.querySelector('#laesepanel .paper')).at({x}, {y})"
    before, ratio = page.evaluate(at), page.evaluate("devicePixelRatio")
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    expect(page.locator("#zoom-tal")).not_to_have_text("100 %")
    assert page.evaluate(PX_PER_MM) > FULL
    after = page.evaluate(at)
    assert near(after["x"], before["x"])
    assert near(after["y"], before["y"])
    assert page.evaluate("devicePixelRatio") == ratio


def test_the_paper_is_moved_by_button_by_arrow_key_and_by_hand(page: Page) -> None:
    for _ in range(4):
        page.locator("#zoom-ind").click()
    for button, axis, sign in (
        ("Flyt udsnittet til højre", "x", 1),
        ("Flyt udsnittet til venstre", "x", -1),
        ("Flyt udsnittet ned", "y", 1),
        ("Flyt udsnittet op", "y", -1),
    ):
        before = page.evaluate(CENTRE)[axis]
        page.get_by_role("button", name=button).click()
        assert (page.evaluate(CENTRE)[axis] - before) * sign > 5, button

    box = page.locator(".paper").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    before = page.evaluate(CENTRE)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 100, middle[1] - 50)
    page.mouse.up()
    after, scale = page.evaluate(CENTRE), page.evaluate(PX_PER_MM)
    assert near(after["x"] - before["x"], 100 / scale)
    assert near(after["y"] - before["y"], 50 / scale)

    page.locator(".paper").focus()
    when = opened(page)
    for key, axis, sign in (
        ("ArrowRight", "x", 1),
        ("ArrowDown", "y", 1),
        ("ArrowLeft", "x", -1),
        ("ArrowUp", "y", -1),
    ):
        # Away from what still glides, and from every edge.
        page.evaluate("journal.viewer(document.querySelector('#laesepanel .paper')).moveTo({ x: 148, y: 105 })")
        before = page.evaluate(CENTRE)[axis]
        for _ in range(3):
            page.keyboard.press(key)
        page.wait_for_function(f"(before) => ({CENTRE})().{axis} * {sign} > before * {sign} + 1", arg=before)
    assert opened(page) == when


def test_what_is_zoomed_stays_so_on_the_next_recording(page: Page) -> None:
    for _ in range(4):
        page.locator("#zoom-ind").click()
    page.get_by_role("button", name="Flyt udsnittet til højre").click()
    before = page.evaluate(CENTRE), page.evaluate(PX_PER_MM)
    page.keyboard.press("j")
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    after = page.evaluate(CENTRE), page.evaluate(PX_PER_MM)
    assert near(after[0]["x"], before[0]["x"])
    assert near(after[0]["y"], before[0]["y"])
    assert near(after[1], before[1], 0.01)


def test_the_width_is_remembered_by_the_server_for_this_browser(screen: NewScreen) -> None:
    holm = screen(viewport={"width": 1440, "height": 700})
    page = holm.open("nancy")

    def width() -> Any:
        return picture(page).evaluate("(image) => image.clientWidth / image.closest('.paper').clientWidth")

    assert width() < 0.9
    with page.expect_response("**/indstillinger/skaerm/"):
        page.locator("#zoom-bredde").click()
    assert width() > 0.9
    page.reload()
    assert width() > 0.9, "before any script, by the style sheet"
    assert page.evaluate(SHIFT) <= 0.02
    page.keyboard.press("j")
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    assert width() > 0.9
    with page.expect_response("**/indstillinger/skaerm/"):
        page.locator("#zoom-side").click()
    page.reload()
    assert width() < 0.9


@pytest.mark.parametrize(("against", "millimetres"), [("plastikkort", 85.6), ("lineal", 100.0)], ids=["card", "ruler"])
def test_twenty_five_millimetres_are_as_long_as_the_reader_has_measured(
    screen: NewScreen, against: str, millimetres: float
) -> None:
    """A screen of 4.2 points a millimetre: the reader makes the bar as long as the card, and 1:1 is right."""
    holm = screen()
    page = holm.open("nancy")
    one = page.locator("#zoom-1")
    expect(one.get_by_text("mål skærmen først")).to_be_visible()
    one.click()
    step = page.get_by_role("dialog", name="Mål din skærm")
    expect(step).to_be_visible()
    clean(page)
    step.get_by_label(re.compile(against)).check()
    points = step.get_by_label("Bjælkens længde i punkter")
    points.fill(str(round(millimetres * 4.2) - 12))
    for button in ("+10", "+1", "+1"):
        step.get_by_role("button", name=button, exact=True).click()
    bar = step.locator("#bjaelke").bounding_box()
    assert bar
    assert near(bar["width"], round(millimetres * 4.2), 0.1)
    with page.expect_response("**/indstillinger/skaerm/"):
        points.press("Enter")
    expect(step).to_be_hidden()
    expect(one).to_be_focused()

    def length() -> Any:
        return page.locator(".sheet img").evaluate(
            "(image) => image.getBoundingClientRect().width * 25 / parseFloat(image.closest('.sheet').dataset.mm)"
        )

    wanted = 25 * round(millimetres * 4.2) / millimetres
    assert near(length(), wanted, 0.05)
    page.reload()
    expect(one.get_by_text("i millimeter")).to_be_visible()
    page.keyboard.press("1")
    assert near(length(), wanted, 0.05)
    # On another screen nobody has measured yet.
    page.get_by_role("button", name="Mål skærmen igen").click()
    expect(step).to_be_visible()
    page.keyboard.press("Escape")
    elsewhere = screen(storage_state=holm.context.storage_state(), screen={"width": 2560, "height": 1440})
    other = elsewhere.context.new_page()
    other.goto(page.url)
    expect(other.locator("#zoom-1").get_by_text("mål skærmen først")).to_be_visible()


def test_closer_than_150_percent_a_finer_picture_takes_its_place_without_a_jump(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#zoom-fuld").click()
    page.wait_for_timeout(300)
    assert not [url for url in asked if url.endswith("/300")]
    for _ in range(3):
        page.locator("#zoom-ind").click()
    before = page.locator(".sheet img").bounding_box()
    page.wait_for_function("() => document.querySelector('.sheet img').currentSrc.endsWith('/300')", timeout=30_000)
    assert page.locator(".sheet img").bounding_box() == before
    assert page.locator(".sheet img").evaluate("(image) => image.naturalWidth") > 3000


def test_the_finer_picture_is_sent_once_and_not_asked_for_again_when_it_is_refused(reader: Screen) -> None:
    page = reader.open("nancy")
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if answer.url.endswith("/300") else None)
    # Not drawn yet at the first question, and ready at the next one, whoever asks it.
    fine = re.sub(r"\d+$", "300", str(picture(page).evaluate("(image) => image.currentSrc")))
    eventually(lambda: page.context.request.get(fine).status == 200)
    page.route("**/side/1/300", lambda route: route.fulfill(status=202, headers={"Retry-After": "1"}), times=1)
    page.locator("#zoom-fuld").click()
    for _ in range(3):
        page.locator("#zoom-ind").click()
    expect(page.locator(".sheet img[data-fin=ja]")).to_be_attached(timeout=30_000)
    assert answers[0] == 202
    assert answers.count(200) == 1

    reader.watch.expected.add(403)
    page.route("**/side/1/300", lambda route: route.fulfill(status=403))
    answers.clear()
    page.keyboard.press("j")
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    page.wait_for_timeout(2500)
    assert answers == [403]


def test_every_page_of_a_document_is_there_with_a_link_to_it(reader: Screen) -> None:
    page = reader.open("ingrid")
    sheets = page.locator(".sheet")
    expect(sheets).to_have_count(2)
    for n in (1, 2):
        expect(sheets.nth(n - 1)).to_contain_text(f"Side {n} af 2")
        assert is_seen(sheets.nth(n - 1).locator("img"))
    page.get_by_role("link", name="Side 2", exact=True).click()
    expect(sheets.nth(1)).to_be_in_viewport(ratio=0.8)
    page.get_by_role("link", name="Side 1", exact=True).click()
    expect(sheets.nth(0)).to_be_in_viewport(ratio=0.8)
    page.keyboard.press("j")
    expect(page.locator("#optagelse")).to_have_text("14.10.2019 kl. 11.02")


@pytest.mark.parametrize(
    "how", [{"color_scheme": "dark"}, {"forced_colors": "active"}, {"color_scheme": "light"}], ids=str
)
def test_the_curve_is_shown_as_it_was_drawn_in_every_theme(page: Page, how: Any) -> None:
    page.emulate_media(**how)
    for element in ("img", ".sheet", ".paper", ".recording", ".pane", "body"):
        style = page.locator(f"#laesepanel {element}, {element}").first.evaluate(
            "(at) => ['filter', 'mixBlendMode', 'opacity', 'backdropFilter'].map((name) => getComputedStyle(at)[name])"
        )
        assert style == ["none", "normal", "1", "none"], element
    drawn = "(image) => getComputedStyle(image).backgroundColor"
    assert picture(page).evaluate(drawn) == "rgb(255, 255, 255)"
    expect(page.locator("#zoom-ind")).to_be_visible()
    assert page.locator("#zoom-ind").evaluate("(at) => getComputedStyle(at).borderTopStyle") == "solid"


def test_nothing_moves_by_itself_for_who_wants_no_motion(page: Page) -> None:
    """The reader of these tests has asked for reduced motion."""
    page.keyboard.press("j")
    page.locator("#zoom-ind").click()
    assert page.evaluate("document.getAnimations().length") == 0


def test_fingers_scroll_the_paper_and_press_every_button(screen: NewScreen) -> None:
    holm = screen(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page = holm.open("nancy")
    rows(page).nth(1).tap()
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    page.locator("#aeldre").tap()
    expect(page.locator("#optagelse")).to_have_text("14.01.2026 kl. 10.05")
    for _ in range(3):
        page.locator("#zoom-ind").tap()
    assert int(page.locator("#zoom-tal").inner_text().removesuffix(" %")) >= 100
    before = page.evaluate(CENTRE)["x"]
    page.get_by_role("button", name="Flyt udsnittet til højre").tap()
    assert page.evaluate(CENTRE)["x"] > before
    # A finger scrolls as it scrolls everything: nothing of ours stands in its way.
    assert page.locator(".paper").evaluate("(paper) => getComputedStyle(paper).touchAction") == "auto"
    for button in page.locator(".zoom .button:visible, .paging .button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44


def test_at_four_hundred_percent_everything_is_in_reach_in_one_column(screen: NewScreen) -> None:
    holm = screen(viewport={"width": 360, "height": 225}, reduced_motion="reduce")
    page = holm.open("nancy")
    rows(page).first.click()
    expect(page.locator(".folder.reading")).to_be_attached()
    page.locator("#zoom-ind").click()
    clean(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#zoom-1").click()
    step = page.get_by_role("dialog", name="Mål din skærm")
    save = step.get_by_role("button", name="Gem, og vis 1:1")
    save.scroll_into_view_if_needed()
    expect(save).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Tastaturgenveje")).to_be_in_viewport()
    clean(page)
