"""Small source files, joined into the one style sheet and the one script that a page asks for (ADR 0025)."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage

BUNDLES = {
    "css/klinik.css": [
        f"css/{part}.css"
        for part in (
            "tokens", "base", "frame", "folder", "paper", "states", "questions", "overview", "reading", "compare",
            "screens", "looks", "care",
        )
    ],
    "js/journal.js": [
        "vendor/htmx.org-2.0.11/htmx.min.js",
        *(
            f"js/{part}.js"
            for part in ("asking", "app", "sheet", "zoom", "pictures", "paging", "keys", "settings", "compare")
        ),
    ],
}  # fmt: skip
"""What is made of what, in this order. Each part is whole by itself, and stands in the folder of what it becomes."""


COMMENTS = {".css": re.compile(r"/\*.*?\*/", re.DOTALL), ".js": re.compile(r"^\s*//.*$", re.MULTILINE)}
"""Of a script only whole lines: what stands behind code could be part of a text."""


def joined(parts: Iterable[str]) -> str:
    """The parts one after another, without comments and indentation; what its author has packed stays as it is."""
    files = [settings.BASE_DIR / "static" / part for part in parts]
    return "\n".join(
        file.read_text() if ".min." in file.name else bare(file.read_text(), file.suffix) for file in files
    )


def bare(text: str, kind: str) -> str:
    """No line of ours begins inside a text (sundhedsjournal/tests/test_static.py)."""
    return "\n".join(line.strip() for line in COMMENTS[kind].sub("", text).splitlines() if line.strip())


class Finder(BaseFinder):
    """Hands the joined files to collectstatic beside those that exist."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        storage = InMemoryStorage()
        for name, parts in BUNDLES.items():
            storage.save(name, ContentFile(joined(parts).encode()))
            yield name, storage

    def find(self, path: str, find_all: bool = False, **_named: Any) -> Any:
        """Nothing: a joined file exists only once collected."""
        return []
