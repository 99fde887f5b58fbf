"""References inside a Bundle: what each entry is, and what a reference points to. Pure: imports no Django.

A reference is resolved by resource type and id (so by its last two words, whatever server they name), else by fullUrl.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from fhir.tree import references, text, values


@dataclass(frozen=True, eq=False)
class Entry:
    """One resource of the Bundle; compared by identity, since two may claim the same id."""

    number: int
    path: str
    resource: dict[str, Any]
    type: str
    id: str
    full_url: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as it stands in the document; `entry` is what it points to, None when nothing in the Bundle."""

    path: str
    said: str
    holder: Entry
    entry: Entry | None
    contained: bool = False
    """Points to a resource inside its holder."""


@dataclass(frozen=True)
class Index:
    """The entries of a Bundle, and every reference in them."""

    entries: tuple[Entry, ...]
    by_key: dict[str, Entry] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    """`Type/id` of resources that occur more than once."""

    def of(self, type_: str) -> list[Entry]:
        """The entries of a resource type, in their order."""
        return [entry for entry in self.entries if entry.type == type_]

    def resolve(self, said: Any) -> Entry | None:
        """The entry that a literal reference names, None when it is no string or names nothing here."""
        if not isinstance(said, str) or not said or said.startswith("#"):
            return None
        plain = said.partition("/_history/")[0]
        return self.by_key.get("/".join(plain.split("/")[-2:])) or self.by_key.get(plain)

    def references(self) -> list[Reference]:
        """Every literal reference in the Bundle, contained resources included."""
        return [
            Reference(
                path,
                said,
                entry,
                None if said.startswith("#") else self.resolve(said),
                _is_contained(entry, said),
            )
            for entry in self.entries
            for path, said in references(entry.resource, entry.path)
        ]


def index(bundle: dict[str, Any], path: str = "Bundle") -> Index:
    """Index the entries that hold a resource; tolerates anything in the tree."""
    entries = tuple(
        Entry(
            number,
            f"{path}.entry[{number}].resource",
            entry["resource"],
            text(entry, "resource", "resourceType"),
            text(entry, "resource", "id"),
            text(entry, "fullUrl"),
        )
        for number, entry in enumerate(values(bundle, "entry"))
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
    )
    counts = Counter(f"{entry.type}/{entry.id}" for entry in entries if entry.type and entry.id)
    by_key: dict[str, Entry] = {}
    for entry in entries:
        if entry.full_url:
            by_key.setdefault(entry.full_url, entry)
    by_key.update({f"{entry.type}/{entry.id}": entry for entry in reversed(entries) if entry.type and entry.id})
    return Index(entries, by_key, frozenset(key for key, count in counts.items() if count > 1))


def _is_contained(entry: Entry, said: str) -> bool:
    """Whether `#id` names a resource that its holder contains; `#` alone is the holder itself."""
    return said == "#" or (
        said.startswith("#") and any(text(one, "id") == said[1:] for one in values(entry.resource, "contained"))
    )
