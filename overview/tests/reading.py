"""The overview as its tests read it."""

from collections.abc import Mapping
from typing import Any

from sundhedsjournal.tests.pages import check_page, words


def parts(response: Any) -> Mapping[str, str]:
    """Its sections by their headings, as a person reads them."""
    assert response.status_code == 200, response.status_code
    root = check_page(response)
    sections = [each for each in root.iter("section") if "box" in (each.get("class") or "").split()]
    return {words(next(each.iter("h2"))): words(each) for each in sections}


def sources(response: Any) -> str:
    return words(next(check_page(response).iter("footer")))


def tabs(response: Any) -> list[str]:
    """As they stand, the current one with a mark."""
    (nav,) = [each for each in check_page(response).iter("nav") if each.get("class") == "tabs"]
    links = [a for ul in nav.iter("ul") for a in ul.iter("a")]
    return [("*" if a.get("aria-current") == "page" else "") + words(a) for a in links]


def links(response: Any, section: str = "") -> Mapping[str, str]:
    """Text → address of the links of a section, or of the page's own content."""
    root = check_page(response)
    within = root.find(f".//section[@aria-labelledby='{section}']") if section else root.find(".//main")
    return {words(a): str(a.get("href")) for a in within.iter("a")}
