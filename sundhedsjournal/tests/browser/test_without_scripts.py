"""Everything works with plain links and whole pages; scripts only spare the reader the flash."""

import re

import pytest
from playwright.sync_api import expect

from sundhedsjournal.tests.browser.conftest import NewScreen
from sundhedsjournal.tests.browser.screen import is_seen, opened, picture, rows


@pytest.mark.pdf_in_tab
def test_a_browser_without_scripts_reads_pages_filters_reveals_and_closes(screen: NewScreen) -> None:
    holm = screen(java_script_enabled=False)
    page = holm.open("nancy")
    assert opened(page) == "20.11.2026 kl. 14.32"
    assert is_seen(picture(page))

    rows(page).nth(1).click()
    assert opened(page) == "03.06.2026 kl. 09.10"
    page.get_by_role("link", name="Ældre optagelse").click()
    assert opened(page) == "14.01.2026 kl. 10.05"
    expect(page.locator(".paging")).to_contain_text("Viser optagelse 3 af 15")

    page.get_by_role("link", name="Almen praksis", exact=True).click()
    expect(page.get_by_role("heading", level=2, name=re.compile(r"\d+ af 15 EKG-optagelser"))).to_be_visible()
    for where in page.locator(".rows .where").all_inner_texts():
        assert where.startswith("Almen praksis")
    page.get_by_role("link", name="Ældre optagelse").click()
    assert "kilde=praksis" in page.url
    page.get_by_role("link", name="Alle", exact=True).click()

    link = page.get_by_role("link", name="Åbn original PDF")
    with holm.context.expect_page() as coming:
        link.click()
    with coming.value as pdf:
        assert pdf.evaluate("document.contentType") == "application/pdf"

    page.get_by_role("button", name="Vis CPR-nummer").click()
    expect(page.get_by_role("main")).to_contain_text("251248-9996")
    page.get_by_role("link", name="Tilbage til journalen").click()
    assert "251248-9996" not in page.content()

    page.get_by_role("button", name="Luk journalen").click()
    expect(page.get_by_role("heading", name="Journalen er lukket")).to_be_visible()
    page.get_by_role("button", name="Log ud").click()
    expect(page.get_by_role("heading", name="Du er logget ud")).to_be_visible()


def test_with_scripts_the_cpr_number_comes_and_goes_in_the_banner(screen: NewScreen) -> None:
    """The number is on the screen for as long as it is asked for, in a page that is not loaded again when it goes."""
    holm = screen()
    page = holm.open("nancy")
    page.get_by_role("button", name="Vis CPR-nummer").click()
    expect(page.get_by_text("251248-9996").first).to_be_visible()
    page.get_by_role("link", name="Skjul CPR-nummer").click()
    expect(page.get_by_text("251248-9996")).to_have_count(0)
    expect(page.get_by_role("button", name="Vis CPR-nummer")).to_be_visible()
