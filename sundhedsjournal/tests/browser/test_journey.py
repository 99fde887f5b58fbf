"""From the button in the EPJ to the EKG, its original, and out again."""

import io

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from samples.personas import PATIENTS
from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import RECORD, context_of, is_seen, opened, picture, rows
from sundhedsjournal.tests.stack import count, eventually


def has_pink_paper(page: Page) -> bool:
    """Whether the grid of EKG paper is on the screen."""
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        pixels = shot.convert("RGB").resize((144, 90)).tobytes()
    colours = zip(pixels[0::3], pixels[1::3], pixels[2::3], strict=True)
    return sum(r > 200 and 15 < r - g < 120 and abs(g - b) < 25 for r, g, b in colours) > 1000


@pytest.mark.parametrize("door", ["ticket", "smart"])
@pytest.mark.pdf_in_tab
def test_a_clinician_goes_from_a_button_in_the_epj_to_the_newest_ekg_an_older_one_and_its_pdf(
    screen: NewScreen, door: str
) -> None:
    holm = screen()
    page = holm.press("nancy", door=door)

    # Who is signed in at the EPJ is not asked again, by neither door.
    expect(page).to_have_url(RECORD)
    expect(page.get_by_role("banner")).to_contain_text("Læge Anna Holm")

    # The newest recording is on the screen without a click.
    assert opened(page) == "20.11.2026 kl. 14.32"
    assert is_seen(picture(page))
    expect(picture(page)).to_be_in_viewport(ratio=0.99)
    expect(page.get_by_role("region", name="Borger")).to_contain_text("Nancy Ann Berggren")
    expect(page.locator(".comment")).to_contain_text("Elektroder V1 og V2 er byttet om.")

    # An older one: the same document stays, the address changes, focus stays where the reader is.
    page.evaluate("window.same = true")
    older = rows(page).nth(1)
    older.click()
    expect(page.locator("#optagelse")).to_have_text("03.06.2026 kl. 09.10")
    expect(page.get_by_role("status").filter(has_text="Viser optagelse 2 af 15")).to_be_attached()
    expect(older).to_be_focused()
    expect(older).to_have_attribute("aria-current", "true")
    assert page.url.endswith(older.get_attribute("href") or "none")
    assert is_seen(picture(page))
    assert page.evaluate("window.same"), "the page was loaded anew"

    # The address alone leads there too, and Back leads back.
    page.reload()
    assert opened(page) == "03.06.2026 kl. 09.10"
    page.go_back()
    expect(page.locator("#optagelse")).to_have_text("20.11.2026 kl. 14.32")

    # The original, in a tab of its own.
    link = page.get_by_role("link", name="Åbn original PDF")
    with holm.context.expect_page() as coming:
        link.click()
    pdf = coming.value
    assert pdf.url.endswith("/original.pdf")
    assert pdf.evaluate("document.contentType") == "application/pdf"
    eventually(lambda: has_pink_paper(pdf), 10)  # the browser's own viewer shows it, sandboxed as it is
    policy = holm.context.request.get(pdf.url).headers["content-security-policy"]
    assert {"default-src 'none'", "sandbox"} <= {part.strip() for part in policy.split(";")}
    pdf.close()

    # What was looked at is on its way to MinLog, or there: at the end all of it is, once.
    looks = "SELECT count(*) FROM minlog_outbox o JOIN audit_event e ON e.id = o.event_id WHERE e.context = %s"
    here = context_of(page)
    assert count(holm.demo, looks, here) >= 3
    eventually(lambda: count(holm.demo, f"{looks} AND o.state <> 'acked'", here) == 0)
    assert "Åbnede EKG som original · Læge Anna Holm" in httpx.get(f"{holm.demo.at.epj}/minlog/").text

    # Out: what was open is gone, also for who kept the address.
    kept = page.url
    page.get_by_role("button", name="Luk journalen").click()
    expect(page.get_by_role("heading", name="Journalen er lukket")).to_be_visible()
    holm.watch.expected |= {410}
    again = page.goto(kept)
    assert again is not None
    assert again.status == 410
    assert "Berggren" not in page.content()


def test_a_typed_cpr_number_and_enter_do_the_same_as_the_button(screen: NewScreen) -> None:
    holm, jens = screen(), PATIENTS["jens"]
    page = holm.desk()
    page.get_by_label("CPR-nummer").fill(jens.cpr_dashed)
    page.get_by_label("CPR-nummer").press("Enter")
    page.wait_for_url(RECORD)
    expect(page.get_by_role("region", name="Borger")).to_contain_text(jens.name)
    assert opened(page) == "12.03.2026 kl. 09.10"


def test_what_is_no_cpr_number_is_answered_with_a_sentence(screen: NewScreen) -> None:
    holm = screen()
    holm.watch.expected |= {422}
    page = holm.desk()
    page.get_by_label("CPR-nummer").fill("310299-9996")
    page.get_by_label("CPR-nummer").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Skriv et CPR-nummer på ti cifre")
    field = page.get_by_label("CPR-nummer")
    expect(field).to_have_value("310299-9996")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "/launch" not in page.url


def test_two_patients_in_two_tabs_are_never_mixed(screen: NewScreen) -> None:
    holm = screen()
    first = holm.open("nancy")
    second = holm.press("jens")
    expect(second.get_by_role("heading", name="Bekræft opslag")).to_be_visible()
    expect(second.get_by_role("main")).to_contain_text("Jens Mikkel Thorsen")
    expect(second.get_by_role("main")).not_to_contain_text("Berggren")
    holm.arrive(second)
    assert context_of(first) != context_of(second)
    assert first.title() != second.title(), "the tabs cannot be told apart"

    for tab, older in ((first, "03.06.2026 kl. 09.10"), (second, "05.11.2024 kl. 07.48")):
        rows(tab).nth(1).click()
        expect(tab.locator("#optagelse")).to_have_text(older)
    for tab, name, other in ((first, "Berggren", "Thorsen"), (second, "Thorsen", "Berggren")):
        tab.reload()
        assert other not in tab.content()
        expect(tab.get_by_role("region", name="Borger")).to_contain_text(name)
        expect(tab.get_by_role("region", name="Borger")).to_contain_text("en anden borgers journal åben")
        assert is_seen(picture(tab))

    # One recording's address below the other patient's context is nobody's.
    holm.watch.expected |= {404}
    crossed = first.url.replace(context_of(first), context_of(second))
    answer = second.goto(crossed)
    assert answer is not None
    assert answer.status == 404
    assert "Berggren" not in second.content()
