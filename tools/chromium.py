"""Finds the Chromium that browser tests drive: the system's, else Playwright's own; prints its path.

Its headless shell is the same engine without a screen, for three quarters of the processor time; it shows no PDF.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find(*, headless: bool = False) -> str:
    """The path of an executable, "" when there is none; `headless`: its shell will do, and is taken first."""
    for name in ((SHELL,) if headless else ()) + NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else ""


if __name__ == "__main__":
    found = find()
    print(found)
    sys.exit(0 if found else 1)
