"""What is new to the reader, as the overview words it."""

from dataclasses import dataclass

FEW = 3
"""So many of the newest are named; the rest stand on their own page."""


@dataclass(frozen=True)
class Item:
    """One of the newest, and the way to it."""

    url: str
    name: str
    said: str
    note: str = ""
    warning: str = ""
    """What to beware of before it is opened."""


@dataclass(frozen=True)
class News:
    """What has come to one part since the reader last saw it."""

    url: str
    """Of the part."""
    count: int
    words: str
    """How many are new, or that none are; never that none are while something is blocked."""
    since: str
    """What follows the words; "" for somebody who has never looked."""
    items: tuple[Item, ...] = ()
