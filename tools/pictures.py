"""Takes the README's pictures of a demo of its own, as a person with a browser sees it: python -m tools.pictures."""

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from demo.running import running_demo
from demo.stack import ROOT, Place
from samples.personas import PATIENTS
from tools import chromium

TO = ROOT / "docs" / "pictures"
PICTURES = {"folder": ("holm", "nancy"), "municipal": ("dahl", "ingrid")}
"""The name of each, who looks, and the patient of the samples whose record it shows."""


def take(page: Page, at: Place, user: str, patient: str) -> None:
    """From the button in the EPJ to the open record, with every picture of it there."""
    page.goto(f"{at.epj}/")
    page.get_by_label("Bruger").select_option(user)
    page.get_by_role("radio", name=re.compile(f"^{PATIENTS[patient].name}")).check()
    page.get_by_role("button", name="Åbn Sundhedsjournalen").click()
    page.wait_for_url("**/k/**", wait_until="networkidle")


def pack(file: Path) -> None:
    """256 colours are enough for a page and its paper, in a third of the bytes."""
    with Image.open(file) as shot:
        packed = shot.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    packed.save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


def main() -> None:
    TO.mkdir(exist_ok=True)
    with (
        running_demo() as demo,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"]) as browser,
    ):
        for name, (user, patient) in PICTURES.items():
            with browser.new_page(viewport={"width": 1440, "height": 900}, locale="da-DK") as page:
                take(page, demo.at, user, patient)
                page.screenshot(path=TO / f"{name}.png")
            pack(TO / f"{name}.png")


if __name__ == "__main__":
    main()
