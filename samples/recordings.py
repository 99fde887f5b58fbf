"""What the samples contain: one `Recording` for each table of recordings.toml. Pure, but for reading that file."""

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from samples.hearts import HEARTS
from samples.ids import uuid
from samples.rhythm import Rhythm

TABLE = Path(__file__).with_suffix(".toml")
DENMARK = ZoneInfo("Europe/Copenhagen")
Deviation = Literal["", "no-organisation-name", "broken-pdf", "cpr-too-short"]


@dataclass(frozen=True)
class Author:
    """The person who recorded: a role as code or as text, or neither (then no PractitionerRole is sent)."""

    given: tuple[str, ...]
    family: str
    role_code: str = ""
    role_text: str = ""

    @property
    def name(self) -> str:
        return " ".join((*self.given, self.family))


@dataclass(frozen=True)
class Recording:
    """One document; `patient` and `place` are ids of personas and organisations, `at` is Danish local time."""

    patient: str
    what: str
    at: datetime
    place: str
    heart: Rhythm
    statement: str
    note: str = ""
    author: Author | None = None
    paper: Literal["3x4", "6x2", "6x2-fast", "two-pages", "scan", "a5"] = "3x4"
    """How the sheet looks; `6x2-fast` runs at 50 mm/s, the others at 25; `a5` is smaller than the others."""
    seconds: int = 10
    """How long it took; 0: the source knows one time only."""
    rendition: Literal["json", "xml"] = "json"
    door: Literal["mhd", "plain"] = "mhd"
    replaces: str = ""
    assembled: datetime | None = None
    deviation: Deviation = ""
    """The one thing that is wrong with the document, if anything is."""

    @property
    def name(self) -> str:
        return f"{self.patient}-{self.at:%Y-%m-%d}-{self.what}"

    @property
    def start(self) -> datetime:
        return self.at.replace(tzinfo=DENMARK)

    @property
    def end(self) -> datetime | None:
        return self.start + timedelta(seconds=self.seconds) if self.seconds else None

    @property
    def sent(self) -> datetime:
        """When the source put the document together."""
        return (self.assembled or self.at + timedelta(minutes=9, seconds=20)).replace(tzinfo=DENMARK)

    @property
    def handling(self) -> str:
        """What a viewer should do with it, in the words of `fhir.bundle.Handling`."""
        wrong = {"no-organisation-name": "disclaimer", "broken-pdf": "error", "cpr-too-short": "refused"}
        return wrong.get(self.deviation, "show")


@cache
def recordings() -> tuple[Recording, ...]:
    """Every document of the samples, in the order of the table."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    authors = {name: Author(tuple(who.pop("given")), **who) for name, who in table["author"].items()}
    return tuple(_recording(line, authors) for line in table["recording"])


def _recording(line: dict[str, Any], authors: dict[str, Author]) -> Recording:
    about_heart = {key: line.pop(key) for key in ("rate", "noise", "arms_swapped", "swapped") if key in line}
    named = f"{line['patient']}-{line['at']:%Y-%m-%d}-{line['what']}"
    seed = int(uuid("heart", line.get("replaces", named))[:6], 16)  # a corrected document shows the same curves
    heart = replace(HEARTS[line.pop("heart")], seed=seed, **about_heart)
    author = authors[line.pop("author")] if "author" in line else None
    return Recording(heart=heart, author=author, **line)
