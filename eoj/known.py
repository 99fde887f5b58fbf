"""Places in a report: what is in it, how a reference finds it, and how a place is written. Pure: imports no Django."""

from typing import Any

Where = Any
"""A FHIRPath, or (the place above, the element's name, its number in the list or None)."""


def written(where: Where) -> str:
    """The FHIRPath of a place."""
    parts: list[str] = []
    while not isinstance(where, str):
        where, name, number = where
        parts.append(f".{name}" if number is None else f".{name}[{number}]")
    return where + "".join(reversed(parts))


class Known:
    """What is in the report, and how to find it from a reference."""

    __slots__ = ("addresses", "profiles")

    def __init__(self) -> None:
        self.profiles: dict[str, str] = {}
        """`Type/id` → profile, "" when it has none that we know."""
        self.addresses: dict[str, str] = {}
        """fullUrl → `Type/id`."""

    def key(self, said: str) -> str:
        """`Type/id` of what a reference names, "" when that is not in the report."""
        if said in self.profiles:
            return said
        plain = said.partition("/_history/")[0]
        key = "/".join(plain.rsplit("/", 2)[-2:])
        return key if key in self.profiles else self.addresses.get(plain, "")
